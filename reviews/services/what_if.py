"""What if: a program ranked as it would stand had something gone otherwise. Nothing is stored."""

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from projects import bottleneck
from projects.models import Goal, Program, Ranking
from projects.services.flows import engine_throughput, share, supplies_of
from projects.services.ranking import engine_program
from projects.time import day_after
from reviews import curves
from reviews.series import read_series
from reviews.services.forecasting import PROBABILITIES


@dataclass(frozen=True)
class Question:
    """What is asked of a delivery program, by ids. days: from today, of a goal's P50; targets: in the goal's unit."""

    finished: frozenset[int] = frozenset()
    days: Mapping[int, float] = field(default_factory=dict)
    targets: Mapping[int, float] = field(default_factory=dict)
    gone: frozenset[int] = frozenset()
    deadline: dt.date | None = None

    def __bool__(self) -> bool:
        return bool(self.finished or self.days or self.targets or self.gone or self.deadline)


@dataclass(frozen=True)
class SupplyQuestion:
    """What is asked of a throughput program, by ids of factors. times: what a capacity is multiplied by."""

    gone: frozenset[int] = frozenset()
    times: Mapping[int, float] = field(default_factory=dict)
    target: float | None = None

    def __bool__(self) -> bool:
        return bool(self.gone or self.times or self.target is not None)


@dataclass(frozen=True)
class Answer:
    """When it would be finished, and what would limit. A date of None is not within five years; `known` False: unknown.

    refused: names of goals whose moved target gives no forecast, with the reason.
    """

    known: bool
    p10: dt.date | None
    p50: dt.date | None
    p90: dt.date | None
    p_deadline: float | None
    p_never: float | None
    limits: str
    next: str
    finish: tuple[dt.date | None, ...]
    reasons: tuple[str, ...] = ()
    output: float | None = None
    refused: tuple[tuple[str, str], ...] = ()


def as_it_stands(ranking: Ranking) -> Answer:
    """The stored ranking, to compare with."""
    return Answer(
        known=ranking.known,
        p10=ranking.p10,
        p50=ranking.p50,
        p90=ranking.p90,
        p_deadline=ranking.p_deadline,
        p_never=ranking.p_never,
        limits=ranking.proposal["name"] if ranking.proposal else "",
        next=ranking.following["name"] if ranking.following else "",
        finish=tuple(day_after(ranking.as_of, days) for days in ranking.finish_days),
        output=ranking.flow["output"]["p50"][0] if ranking.flow and ranking.flow["output"]["p50"] else None,
    )


def open_goals(program: Program) -> list[Goal]:
    """The goals as the ranking reads them, done ones too: the others may wait for them."""
    goals = Goal.objects.active().filter(team__program=program).select_related("team", "outlook")
    return list(goals.prefetch_related("dependencies", "gates__factor").order_by("pk"))


def ask(program: Program, goals: Sequence[Goal], question: Question, today: dt.date) -> Answer:
    """Rank `program` as `question` has it. Ids that are not of this program are passed over."""
    there = {goal.pk for goal in goals}
    forecasts, refused = forecasts_of({pk: to for pk, to in question.targets.items() if pk in there}, goals, today)
    changes = bottleneck.Changes(
        finished=keys(question.finished & there),
        moved={str(pk): days for pk, days in question.days.items() if pk in there},
        forecasts=forecasts,
        gone=keys(question.gone),
        deadline=None if question.deadline is None else float((question.deadline - today).days),
    )
    model = engine_program(program, goals, {goal.pk: getattr(goal, "outlook", None) for goal in goals}, today)
    found = bottleneck.rank(bottleneck.changed(model, changes))
    return Answer(
        known=bool(found.finish),
        p10=day_after(today, found.p10),
        p50=day_after(today, found.p50),
        p90=day_after(today, found.p90),
        p_deadline=found.p_deadline,
        p_never=found.p_never,
        limits=found.proposal.name if found.proposal else "",
        next=found.next.name if found.next else "",
        finish=tuple(day_after(today, days) for days in found.finish),
        reasons=tuple(reason.text for reason in found.reasons),
        refused=refused,
    )


def keys(ids: Iterable[int]) -> frozenset[str]:
    return frozenset(map(str, ids))


def forecasts_of(
    targets: Mapping[int, float], goals: Sequence[Goal], today: dt.date
) -> tuple[dict[str, tuple[float, ...]], tuple[tuple[str, str], ...]]:
    """Remaining days of the goals whose target moves, and (name, reason) of those of which nothing can be said."""
    moved = [goal for goal in goals if goal.pk in targets]
    found: dict[str, tuple[float, ...]] = {}
    refused: list[tuple[str, str]] = []
    for read in read_series(moved, today) if moved else ():
        if read.series is None:
            refused.append((read.goal.name, "No datapoint yet."))
            continue
        try:
            made = curves.forecast(replace(read.series, target=targets[read.goal.pk]))
        except curves.CannotForecast as refusal:
            refused.append((read.goal.name, refusal.reason))
        else:
            found[str(read.goal.pk)] = tuple(made.finish_days(PROBABILITIES))
    return found, tuple(refused)


def ask_supplies(program: Program, question: SupplyQuestion, today: dt.date) -> Answer:
    """Rank a throughput program as `question` has it."""
    changes = bottleneck.SupplyChanges(
        gone=keys(question.gone),
        times={str(pk): by for pk, by in question.times.items()},
        target=question.target,
    )
    model = engine_throughput(program, supplies_of(program), today)
    found = bottleneck.rank_throughput(bottleneck.changed_supplies(model, changes))
    return Answer(
        known=bool(found.reached),
        p10=day_after(today, found.p10),
        p50=day_after(today, found.p50),
        p90=day_after(today, found.p90),
        p_deadline=found.p_deadline,
        p_never=share(found.reached, math.isinf),
        limits=found.proposal.name if found.proposal else "",
        next=found.next.name if found.next else "",
        finish=tuple(day_after(today, days) for days in found.reached),
        reasons=tuple(reason.text for reason in found.reasons),
        output=found.output.p50[0] if found.output.p50 else None,
    )
