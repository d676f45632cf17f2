"""The tables of projects as sheets: the columns of the page, in the order of the page."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping

from django.utils.translation import gettext as _

from projects import seals
from projects.board import Row
from projects.models import Event, Factor, Goal, Limit, Membership, Program, Team
from projects.rollup import FactorRow
from projects.sheets.files import SHARE, Cell, Head, Sheet, zone_head


def known(value: Cell | None) -> Cell:
    """The value, or the word: unknown is never 0 and never blank."""
    return _("unknown") if value is None else value


def or_none(value: Cell | None) -> Cell:
    return _("none") if value is None else value


def person(user, nobody: str) -> str:
    return user.get_username() if user else nobody


def finish_of(said) -> Cell:
    """The P50 finish of a ranking or an outlook."""
    if said is None or not said.known:
        return _("unknown")
    return said.p50 or _("not within 5 years")


def odds_of(said, deadline: dt.date | None) -> Cell:
    if deadline is None:
        return _("no deadline")
    return known(said.p_deadline if said and said.known else None)


def seal_head() -> Head:
    """Of a table over several programs: a file's name carries one history's newest seal only."""
    return Head(_("Sealed history"), width=20)


def sealed(heads: Mapping[int, seals.Head], program: int | None) -> Cell:
    head = heads.get(program) if program else None
    return head.short if head else _("none yet")


def verdict_words(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count) or _("none yet")


def board_sheet(rows: Iterable[tuple], today: dt.date, seen: Mapping[int, seals.Head]) -> Sheet:
    heads = [Head(_("Program"), width=32), Head(_("Newest data")), Head(_("Limiting factor"), width=32)]
    heads += [Head(_("Since")), Head(_("The model says"), width=32), Head(_("P50 finish")), Head(_("Deadline"))]
    heads += [Head(_("Odds of the deadline (0 to 1)"), SHARE), Head(_("Teams"), width=28)]
    heads += [Head(_("Share done (0 to 1)"), SHARE), Head(_("What to do"), width=40), seal_head()]
    found = (Row.of(row, today=today) for row in rows)
    return Sheet(_("Board"), heads, ([*_board_row(row), sealed(seen, row.program.pk)] for row in found))


def _board_row(row: Row) -> list[Cell]:
    program, ranking, limit = row.program, row.ranking, row.limit
    return [
        program.name,
        known(ranking.newest_data if ranking else None),
        limit.label if limit else str(Limit.State.UNKNOWN.label),
        known(limit.since if limit and limit.state != Limit.State.UNKNOWN else None),
        known(row.limiting.proposal),
        finish_of(ranking),
        or_none(program.deadline),
        odds_of(ranking, program.deadline),
        verdict_words(ranking.verdicts if ranking else {}),
        known(ranking.curve[-1][1] if ranking and ranking.curve else None),
        row.advice,
    ]


def teams_sheet(program: Program, rows: Iterable[dict]) -> Sheet:
    heads = [Head(_("Team"), width=28), Head(_("Verdict")), Head(_("Held back by"), width=32)]
    heads += [Head(_("Goals done")), Head(_("Goals")), Head(_("All deadlines met (0 to 1)"), SHARE)]
    return Sheet(
        _("Teams of %(name)s") % {"name": program},
        heads,
        (
            [
                row["team"].name,
                row["verdict"],
                row["held"].name if row["held"] else _("none"),
                known(row["done"]),
                row["goals"],
                known(row["p_deadline"]),
            ]
            for row in rows
        ),
    )


def goals_sheet(team: Team, goals: Iterable[Goal]) -> Sheet:
    heads = [Head(_("Goal"), width=36), Head(_("Verdict")), Head(_("Now")), Head(_("Target")), Head(_("Unit"))]
    heads += [Head(_("Observed")), Head(_("P50 finish")), Head(_("Deadline")), Head(_("Odds (0 to 1)"), SHARE)]
    heads += [Head(_("Gated by"), width=28), Head(_("Why"), width=60)]
    return Sheet(_("Goals of %(name)s") % {"name": team}, heads, map(_goal_row, goals))


def _goal_row(goal: Goal) -> list[Cell]:
    said = getattr(goal, "outlook", None)
    done = bool(said and said.verdict == "done")
    return [
        goal.name,
        said.verdict if said else "unknown",
        known(said.value if said else None),
        goal.target,
        goal.unit,
        known(said.value_on if said else None),
        _("done") if done else finish_of(said),
        or_none(goal.deadline),
        _("done") if done else odds_of(said, goal.deadline),
        ", ".join(gate.factor.name for gate in goal.gates.all()) or _("nothing"),
        said.reasons[0] if said and said.reasons else "",
    ]


def factors_sheet(rows: Iterable[FactorRow]) -> Sheet:
    heads = [Head(_("Factor"), width=36), Head(_("Part of"), width=28), Head(_("Kind"))]
    heads += [Head(_("Programs limited now")), Head(_("Days held")), Head(_("Goals gated"))]
    heads += [Head(_("Challenged")), Head(_("Facts as of"))]
    return Sheet(_("Factors"), heads, _factor_rows(list(rows)))


def _factor_rows(rows: list[FactorRow]) -> Iterator[list[Cell]]:
    wholes = {row.factor.parent_id for row in rows}
    names = dict(Factor.objects.filter(pk__in=wholes - {None}).values_list("pk", "name"))
    for row in rows:
        factor = row.factor
        yield [
            factor.name,
            names[factor.parent_id] if factor.parent_id else _("none"),
            factor.get_kind_display(),
            row.limiting,
            row.days,
            row.gated,
            factor.challenged_on or _("never"),
            known(factor.facts_as_of),
        ]


def archive_sheet(programs: Iterable[Program], seen: Mapping[int, seals.Head]) -> Sheet:
    heads = [Head(_("Program"), width=36), Head(zone_head(_("Archived")), width=22), seal_head()]
    rows = ([one.name, known(one.archived_at), sealed(seen, one.pk)] for one in programs)
    return Sheet(_("Archive"), heads, rows)


def members_sheet(program: Program, members: Iterable[Membership]) -> Sheet:
    heads = [Head(_("Person"), width=28), Head(_("Role"))]
    rows = ([member.user.get_username(), member.get_role_display()] for member in members)
    return Sheet(_("Members of %(name)s") % {"name": program}, heads, rows)


def history_sheet(program: Program, events: Iterable[Event]) -> Sheet:
    heads = [Head(zone_head(_("When")), width=22), Head(_("Who")), Head(_("What")), Head(_("Of what"), width=32)]
    heads += [Head(_("From and to"), width=48), Head(_("Memo"), width=48)]
    return Sheet(_("History of %(name)s") % {"name": program}, heads, map(_event_row, events))


def _event_row(event: Event) -> list[Cell]:
    who = person(event.by, _("the system"))
    return [event.at, who, event.verb, event.about, change_words(event.changes), event.memo]


def change_words(changes: dict) -> str:
    return "; ".join(f"{field}: {' → '.join(map(_side, sides))}" for field, sides in changes.items())


def _side(value) -> str:
    return "—" if value is None else str(value)
