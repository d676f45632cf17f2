"""Factors across programs (M4): what limits many is seen once, on top, with what its parts limit counted in."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import takewhile

from django.contrib.auth.models import User

from projects.access import factors_of, programs_of
from projects.models import Factor, Gate, Goal, Layer, Limit

Span = tuple[int, int]  # ordinals of days, the second one not in it


@dataclass
class FactorRow:
    """One factor in the tree, with what it and its parts did in the programs that the reader may see.

    programs: names of those limited now. others: how many more that the reader may not see. days: how long it limited,
    over all of them, a day in two programs counted twice. gated: goals that it gates itself. deepest: it is a part, it
    limits now, and none of its own parts does.
    """

    factor: Factor
    depth: int = 0
    programs: list[str] = field(default_factory=list)
    others: int = 0
    days: int = 0
    gated: int = 0
    stale: bool = False
    challenge_due: bool = False
    deepest: bool = False

    @property
    def limiting(self) -> int:
        return len(self.programs) + self.others


def factor_rows(user: User, today: dt.date) -> list[FactorRow]:
    """The factors of the reader as a tree, each level by programs limited, then by days held; six queries.

    A part stands under its whole. Whatever it limits counts for the whole too, once in each program.
    """
    factors = {factor.pk: factor for factor in factors_of(user)}
    parents = {pk: factor.parent_id for pk, factor in factors.items()}
    mine = dict(programs_of(user).active().values_list("pk", "name"))
    spans: dict[int, dict[int, list[Span]]] = defaultdict(lambda: defaultdict(list))
    now: dict[int, set[int]] = defaultdict(set)
    for factor, program, since, until in _periods():
        for one in _up(factor, parents):
            if until is None:
                now[one].add(program)
            if program in mine:
                spans[one][program].append((since.toordinal(), (until or today).toordinal()))
    goals = Goal.objects.active().filter(team__program__in=mine)
    gated: dict[int, int] = defaultdict(int)
    for factor in Gate.objects.filter(goal__in=goals).values_list("factor", flat=True):
        gated[factor] += 1
    rows = {
        pk: FactorRow(
            factor=factor,
            programs=sorted(mine[program] for program in now[pk] & mine.keys()),
            others=len(now[pk] - mine.keys()),
            days=sum(covered(periods) for periods in spans[pk].values()),
            gated=gated[pk],
            stale=factor.facts_stale(today),
            challenge_due=bool(now[pk] or gated[pk]) and factor.challenge_due(today),
        )
        for pk, factor in factors.items()
    }
    above = {parents[pk] for pk, row in rows.items() if row.limiting}
    for pk, row in rows.items():
        row.deepest = bool(row.limiting and parents[pk] and pk not in above)
    return _as_tree(rows)


def branch(row: FactorRow, rows: Sequence[FactorRow]) -> list[FactorRow]:
    """What is part of it, at every level, in the order of the tree that `factor_rows` gave."""
    after = rows[rows.index(row) + 1 :]
    return list(takewhile(lambda one: one.depth > row.depth, after))


def _periods() -> Iterable[tuple[int, int, dt.date, dt.date | None]]:
    """(factor, program, since, until) of each limit and layer of programs that are not archived; a layer ends with its
    limit at the latest."""
    limits = Limit.objects.filter(factor__isnull=False, program__archived_at__isnull=True)
    yield from limits.values_list("factor", "program", "since", "until")
    layers = Layer.objects.filter(limit__program__archived_at__isnull=True)
    for factor, program, since, until, end in layers.values_list(
        "factor", "limit__program", "since", "until", "limit__until"
    ):
        yield factor, program, since, min(filter(None, (until, end)), default=None)


def wholes(row: FactorRow, rows: dict[int, FactorRow]) -> list[FactorRow]:
    """The rows that it is part of, the widest first."""
    up = _up(row.factor.pk, {pk: one.factor.parent_id for pk, one in rows.items()})
    return [rows[pk] for pk in reversed(up[1:])]


def _up(factor: int, parents: dict[int, int | None]) -> list[int]:
    """The factor and all it is part of, as far as the reader sees it; each once."""
    found: list[int] = []
    step: int | None = factor
    while step is not None and step in parents and step not in found:
        found.append(step)
        step = parents[step]
    return found


def covered(spans: Sequence[Span]) -> int:
    """How many days lie in at least one of the spans."""
    total, reached = 0, 0
    for first, end in sorted(spans):
        first = max(first, reached)
        if end > first:
            total, reached = total + end - first, end
    return total


def _as_tree(rows: dict[int, FactorRow]) -> list[FactorRow]:
    below: dict[int | None, list[FactorRow]] = defaultdict(list)
    for row in rows.values():
        below[row.factor.parent_id if row.factor.parent_id in rows else None].append(row)
    found: list[FactorRow] = []
    waiting = [(row, 0) for row in sorted(below[None], key=_most_last)]
    left = dict(rows)
    while waiting or left:
        if not waiting:  # two people closed a ring at once: it hangs from nothing, and is listed all the same
            waiting = [(min(left.values(), key=lambda row: row.factor.name), 0)]
        row, depth = waiting.pop()
        if left.pop(row.factor.pk, None) is None:
            continue
        row.depth = depth
        found.append(row)
        waiting += [(part, depth + 1) for part in sorted(below[row.factor.pk], key=_most_last)]
    return found


def _most_last(row: FactorRow) -> tuple:
    """For a stack: what is taken first stands last."""
    return row.limiting, row.days, row.gated, [-ord(letter) for letter in row.factor.name.lower()]
