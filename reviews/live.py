"""What the live page knows and how it follows: its state for the browser's scripts, and what is new since a cursor."""

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from django.db.models import Exists, Max, OuterRef
from django.utils import timezone

from projects.models import Engineer, Factor, Goal, Team, Verdict
from projects.time import today_in
from reviews.models import Datapoint, Review, Statement, Turn

REMEMBERED = dt.timedelta(weeks=26)  # how far back it is looked for what an engineer reports on
OFFERED = 20
FORECAST_WITHIN = dt.timedelta(seconds=2)


@dataclass(frozen=True)
class Row:
    """One line of the list of entries: a datapoint or a statement."""

    point: Datapoint | None = None
    said: Statement | None = None

    @property
    def uuid(self) -> str:
        return str(self.entry.uuid)

    @property
    def entry(self) -> Datapoint | Statement:
        return self.point or self.said  # type: ignore[return-value]  # one of the two

    @property
    def at(self) -> dt.datetime:
        return self.entry.recorded_at

    @property
    def said_at(self) -> dt.datetime:
        return self.entry.said_at or self.entry.recorded_at

    @property
    def mark(self) -> str:
        """Its origin: what was only said is live or late."""
        return self.point.origin if self.point else Datapoint.Origin.LATE if self.said.late else Datapoint.Origin.LIVE


class RosterTurn(Protocol):
    """A turn as `turns_of` reads it."""

    engineer: Engineer
    engineer_id: int
    team: Team
    team_id: int
    answered: bool


def turns_of(review: Review) -> list:
    """The roster in its order; `answered`: whether what stops the engineer was said in this turn."""
    asked = Statement.objects.in_force().filter(turn=OuterRef("pk")).exclude(kind=Statement.Kind.NOTHING_NEW)
    beside = Datapoint.objects.in_force().filter(turn=OuterRef("pk")).exclude(blocker="")
    turns = review.turns.select_related("engineer", "team")
    return list(turns.annotate(answered=Exists(asked) | Exists(beside)))


# ---- the list of entries ---------------------------------------------------------------------------------------------


def entries_of(review: Review) -> list[Row]:
    """What was said and stands, newest first."""
    return sorted(
        [*(Row(point=point) for point in _points(review)), *(Row(said=said) for said in _statements(review))],
        key=lambda row: row.at,
        reverse=True,
    )


def _points(review: Review):
    points = review.datapoints.in_force()
    return points.select_related("goal__team", "goal__outlook", "engineer", "factor", "recorded_by")


def _statements(review: Review):
    said = Statement.objects.in_force().filter(turn__review=review)
    return said.select_related("turn__engineer", "goal__team", "factor", "recorded_by")


@dataclass(frozen=True)
class Cursor:
    """Up to where a page has followed: the last rows it has, the roster it shows, and who is on it."""

    point: int
    said: int
    roster: str
    people: str = ""

    def __str__(self):
        return f"{self.point}.{self.said}.{self.roster}.{self.people}"


def read_cursor(text: str) -> Cursor:
    """The cursor that a page sends back; whatever it is not stands for "nothing yet"."""
    point, _dot, rest = text[:80].partition(".")
    said, _dot, rest = rest.partition(".")
    roster, _dot, people = rest.partition(".")
    if not (point.isdecimal() and said.isdecimal() and max(len(point), len(said)) < 19):
        return Cursor(0, 0, "")
    return Cursor(int(point), int(said), roster, people)


def cursor_of(review: Review, turns: Iterable[Turn]) -> Cursor:
    return Cursor(
        point=review.datapoints.aggregate(last=Max("pk"))["last"] or 0,
        said=Statement.objects.filter(turn__review=review).aggregate(last=Max("pk"))["last"] or 0,
        **_roster(review, turns),
    )


def _roster(review: Review, turns: Iterable[Turn]) -> dict[str, str]:
    shown = [(turn.pk, turn.state, turn.minutes, turn.absence) for turn in turns]
    return {"roster": _digest(review.state, shown), "people": _digest(*(turn.pk for turn in turns))}


def _digest(*shown) -> str:
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Changes:
    """What came after a cursor: rows to show, oldest first, and the keys of rows that no longer stand."""

    cursor: Cursor
    rows: list[Row]
    gone: list[str]
    goals: list[dict]  # the last value and memo of the goals concerned
    roster: bool
    people: bool  # whether somebody joined or left the roster


def changes_since(review: Review, cursor: Cursor, turns: Iterable[Turn]) -> Changes:
    """Rows have ascending ids within a review: whoever writes one holds the review's lock."""
    points = _forecast_already(
        review.datapoints.filter(pk__gt=cursor.point)
        .select_related(
            "goal__team", "goal__outlook", "engineer", "factor", "recorded_by", "supersedes", "superseded_by"
        )
        .order_by("pk")
    )
    said = list(
        Statement.objects.filter(turn__review=review, pk__gt=cursor.said)
        .select_related("turn__engineer", "goal__team", "factor", "recorded_by", "withdraws", "withdrawn_by")
        .order_by("pk")
    )
    rows = [Row(point=p) for p in points if not (p.withdrawn or p.quarantined_at or hasattr(p, "superseded_by"))]
    rows += [Row(said=s) for s in said if not (s.withdraws or hasattr(s, "withdrawn_by"))]
    gone = [str(p.supersedes.uuid) for p in points if p.supersedes]
    gone += [str(s.withdraws.uuid) for s in said if s.withdraws]
    now = Cursor(
        point=points[-1].pk if points else cursor.point,
        said=said[-1].pk if said else cursor.said,
        **_roster(review, turns),
    )
    goals = [{"id": p.goal_id, "memo": p.memo, "said": not p.withdrawn, **last_value(p.goal)} for p in points]
    rows.sort(key=lambda row: row.at)
    return Changes(now, rows, gone, goals, roster=now.roster != cursor.roster, people=now.people != cursor.people)


def _forecast_already(points: Iterable[Datapoint]) -> list[Datapoint]:
    """Up to the first one whose forecast is still being made, so that a row comes with its verdict and value.

    One whose writer was cut off is not waited for.
    """
    ready = []
    for point in points:
        outlook = getattr(point.goal, "outlook", None)
        behind = outlook is None or outlook.basis < point.goal.data_version
        if behind and timezone.now() - point.recorded_at < FORECAST_WITHIN:
            break
        ready.append(point)
    return ready


# ---- what the scripts of the page know -------------------------------------------------------------------------------


def known_to_page(review: Review, turns: Iterable[RosterTurn], entries: Iterable[Row]) -> dict:
    """Goals with their last value and memo, what each engineer reports on, and what stopped them last time."""
    today = today_in(review.program.zone)
    goals = list(
        Goal.objects.active()
        .filter(team__program=review.program)
        .select_related("team", "outlook")
        .order_by("team__name", "name")
    )
    memos = _last_memos(goals)
    logged = {row.point.goal_id for row in entries if row.point}
    reports, stops = _habits(review, today)
    done = {goal.pk for goal in goals if hasattr(goal, "outlook") and goal.outlook.verdict == Verdict.DONE}
    of_team: dict[int, list[int]] = {}
    for goal in goals:
        of_team.setdefault(goal.team_id, []).append(goal.pk)
    return {
        "goals": [
            {
                "id": goal.pk,
                "name": goal.name,
                "unit": goal.unit,
                "team": goal.team.name,
                "memo": memos.get(goal.pk, ""),
                "said": goal.pk in logged,
                "done": goal.pk in done,
                **last_value(goal),
            }
            for goal in goals
        ],
        "engineers": [
            {
                "id": turn.engineer_id,
                "name": turn.engineer.name,
                "team": turn.team.name,
                "goals": sorted(
                    reports.get(turn.engineer_id) or of_team.get(turn.team_id, []), key=lambda pk: pk in done
                ),
                "stop": stops.get(turn.engineer_id, ""),
                "asked": turn.answered,
            }
            for turn in turns
        ],
    }


def last_value(goal: Goal) -> dict:
    outlook = getattr(goal, "outlook", None)
    value, on = (outlook.value, outlook.value_on) if outlook else (None, None)
    return {"value": value, "on": on.isoformat() if on else None}


def _last_memos(goals: Iterable[Goal]) -> dict[int, str]:
    spoken = Datapoint.objects.filter(goal__in=goals).exclude(memo="")
    last = spoken.order_by().values("goal").annotate(last=Max("pk")).values("last")
    return dict(Datapoint.objects.filter(pk__in=last).values_list("goal", "memo"))


def _habits(review: Review, today: dt.date) -> tuple[dict[int, list[int]], dict[int, str]]:
    """{engineer: goals they report on, the latest first} and {engineer: what stopped them last time}."""
    rows = (
        Datapoint.objects.in_force()
        .filter(goal__team__program=review.program, goal__archived_at=None, observed_on__gt=today - REMEMBERED)
        .filter(engineer__in=review.turns.values("engineer"))
        .order_by("-observed_on", "-pk")
        .values_list("engineer", "goal", "blocker", "factor__name", "recorded_at")
    )
    goals: dict[int, list[int]] = {}
    stops: dict[int, tuple[dt.datetime, str]] = {}
    for engineer, goal, blocker, factor, at in rows:
        held = goals.setdefault(engineer, [])
        if goal not in held:
            held.append(goal)
        if blocker:
            stops.setdefault(engineer, (at, factor or blocker))
    answers = (
        Statement.objects.in_force()
        .filter(turn__review__program=review.program, recorded_at__gt=timezone.now() - REMEMBERED)
        .exclude(kind=Statement.Kind.NOTHING_NEW)
        .order_by("pk")
        .values_list("turn__engineer", "text", "factor__name", "recorded_at")
    )
    for engineer, text, factor, at in answers:
        if engineer not in stops or stops[engineer][0] <= at:
            stops[engineer] = (at, factor or text)
    return goals, {engineer: text for engineer, (_at, text) in stops.items()}


def known_stops(review: Review) -> list[str]:
    """What can be named with a few letters: the program's factors, and what was named as stopping someone of late."""
    program = review.program
    factors = Factor.objects.filter(pk__in=program.limits.exclude(factor=None).values("factor"))
    factors |= Factor.objects.filter(pk__in=program.evidence.values("factor"))
    said = Datapoint.objects.in_force().filter(goal__team__program=program).exclude(blocker="")
    recent = said.order_by("-recorded_at").values_list("blocker", flat=True)[:100]
    names = [*factors.order_by("name").values_list("name", flat=True), *recent]
    return list(dict.fromkeys(names))[:OFFERED]
