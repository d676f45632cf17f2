"""What the pages of goals and teams draw, as values for `projects.charts`: points, fans, how a finish moved."""

import datetime as dt
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.db.models import QuerySet, prefetch_related_objects
from django.utils.translation import gettext, ngettext

from projects import charts
from projects.look.chart_words import chart_words
from projects.look.dates import day as day_words
from projects.look.numbers import days, number, odds
from projects.models import Goal, Intervention, Revision
from projects.time import WEEK
from reviews import curves
from reviews.history import Said, Slip, predictions, slip
from reviews.points import PointRow, read_points
from reviews.series import GoalSeries, make_series, read_series
from reviews.services.expansion import pull_in
from reviews.services.forecasting import forecast_all

NEAREST, FARTHEST = 13 * WEEK, 104 * WEEK  # how far ahead the fan is drawn at least and at most
STEPS = 26
QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
SMALL_BACK, SMALL_AHEAD, SMALL_STEPS = 104 * WEEK, 52 * WEEK, 10  # small multiples: how far, and how finely the fan


class GoalPictures:
    """What a goal's page draws: every point with its state, the fan, how the finish moved, and the chart specs.

    Reading what they are made from takes five queries; nothing is computed until a template asks for it.
    """

    def __init__(self, goal: Goal, today: dt.date) -> None:
        self.goal, self.today = goal, today
        prefetch_related_objects([goal], "revisions", "team__weeks_off")
        self.points = read_points(goal)
        self.interventions = list(interventions_on(goal))

    @cached_property
    def newest_first(self) -> list[PointRow]:
        return self.points[::-1]

    @cached_property
    def standing(self) -> list[PointRow]:
        return [point for point in self.points if point.state == "in force"]

    @cached_property
    def read(self) -> GoalSeries:
        return make_series(self.goal, self.standing, self.today)

    @cached_property
    def forecast(self) -> curves.Forecast | None:
        found = forecast_all([self.read])[0]
        return found if isinstance(found, curves.Forecast) else None

    @cached_property
    def fan(self) -> list[charts.Band]:
        done = self.forecast is None or self.forecast.verdict == "done"
        return [] if self.forecast is None or done else fan_of(self.read, self.forecast, self.today)

    @cached_property
    def former(self) -> list[charts.Band]:
        """The curve from before the newest intervention that has begun, carried on to today, or to the last report."""
        newest = max((point.observed_on for point in self.standing), default=self.today)
        end = self.today if self.fan else newest
        begun = [one for one in self.interventions if one.started_on < end]
        return carried_on(self.goal, self.standing, begun[0].started_on, end) if begun else []

    @cached_property
    def spec(self) -> dict | None:
        goal, today = self.goal, self.today
        if not self.points:
            return None
        return charts.goal_fan(
            title=goal.name,
            unit=goal.unit,
            points=[drawn(point) for point in self.points if point.state != "undone"],
            targets=self.targets,
            deadlines=self.deadlines,
            fan=self.fan,
            former=self.former,
            marks=[mark_of(one) for one in self.interventions],
            today=today,
            start=goal.start if goal.start <= today else None,
            words=chart_words(),
            legend=False,
        )

    @cached_property
    def revisions(self) -> list[Revision]:
        return [revision for revision in self.goal.revisions.all() if revision.on <= self.today]

    @cached_property
    def targets(self) -> list[charts.Target]:
        return targets_of(self.goal, self.revisions, self.points[0].observed_on if self.points else self.today)

    @cached_property
    def deadlines(self) -> list[charts.Deadline]:
        return deadlines_of(self.goal, self.revisions)

    @cached_property
    def levels(self) -> list[dict]:
        return levels_of(self.points)

    @cached_property
    def expansion(self) -> dict | None:
        """What its outlook says of gas expansion, and what pulling the deadline in would do."""
        found = self.goal.outlook.expansion if hasattr(self.goal, "outlook") else None
        if not found:
            return None
        following = found["following"]
        share = following["finish_moved"] / following["deadline_moved"] if following else None
        return found | {"pull": pull_in(self.goal, self.today, share)}

    @cached_property
    def slip(self) -> dict:
        return slip_picture(self.goal, self.standing, self.today)


def interventions_on(goal: Goal) -> QuerySet[Intervention]:
    return Intervention.objects.standing().on_goal(goal).select_related("program", "goal", "factor", "by")


def mark_of(done: Intervention) -> charts.Mark:
    expected = gettext("%(days)s later") if done.expected_days < 0 else gettext("%(days)s earlier")
    return charts.Mark(
        day=done.started_on,
        label=str(done.get_type_display()),
        memo=done.memo,
        expected=expected % {"days": days(abs(done.expected_days))},
    )


def levels_of(points: Sequence[PointRow]) -> list[dict]:
    """The source levels that occur, nearest the work first, for the toggle; none where there is only one."""
    counted = Counter(point.level for point in points)
    words = dict(zip(charts.LEVELS, chart_words().levels, strict=True))
    present = [{"level": level, "word": words[level], "n": counted[level]} for level in charts.LEVELS if counted[level]]
    return present if len(present) > 1 else []


# ---- how the finish moved --------------------------------------------------------------------------------------------


def slip_picture(goal: Goal, standing: Sequence[PointRow], today: dt.date) -> dict:
    """Context of the card "How the finish moved": what was predicted by week, in a chart, in words and as a table."""
    said = predictions(goal, standing, today)
    known = sum(week.known for week in said)
    moved = slip(said)
    spec = None
    if known > 1:
        spec = charts.slip_chart(title=goal.name, weeks=[_slip_week(week) for week in said], words=chart_words())
        spec["description"] = f"{spec['description']} {slip_words(moved)}"
    return {
        "slip": moved if known else None,
        "slip_words": slip_words(moved) if known else "",
        "slip_weeks": list(reversed(said)),
        "slip_spec": spec,
        "slip_issued": sum(week.issued for week in said),
        "slip_unknown": len(said) - known,
        "slip_replayed": sum(week.known and not week.issued for week in said),
    }


def _slip_week(week: Said) -> charts.SlipWeek:
    return charts.SlipWeek(
        day=week.as_of,
        known=week.known,
        issued=week.issued,
        done=week.done,
        p10=week.p10,
        p50=week.p50,
        p90=week.p90,
        deadline=week.deadline,
    )


def slip_words(moved: Slip) -> str:
    """Whether today catches up with the finish, in one sentence."""
    if moved.done:
        return gettext("Done: the finish moves no more.")
    if moved.never:
        return ngettext(
            "Never arrives: the finish is not within 5 years now.",
            "Never arrives: the finish was not within 5 years in each of the last %(n)s weeks.",
            moved.never,
        ) % {"n": moved.never}
    if moved.pace is None:
        return gettext("Too few weeks with a dated finish to say how fast it moves.")
    pace = round(abs(moved.pace), 1)
    if moved.pace < 1 <= pace < 1.1:  # what is less than a week is not said as one
        pace = math.floor(abs(moved.pace) * 100) / 100
    how = {"n": number(pace), "over": moved.over}
    if moved.pace >= 1:
        return (
            ngettext(
                "Never arrives: the finish moves %(n)s week a week, over the last %(over)s weeks with a date.",
                "Never arrives: the finish moves %(n)s weeks a week, over the last %(over)s weeks with a date.",
                1 if how["n"] == "1" else 2,
            )
            % how
        )
    if abs(moved.pace) < 0.05:
        return gettext("The finish held still over the last %(over)s weeks with a date.") % how
    if moved.pace < 0:
        return (
            gettext(
                "The finish came nearer: moved %(n)s weeks a week earlier over the last %(over)s weeks with a date."
            )
            % how
        )
    return gettext("The finish moved %(n)s weeks a week over the last %(over)s weeks with a date.") % how


# ---- small multiples -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Panel:
    """One small chart of a team's page."""

    goal: Goal
    verdict: str
    fan: charts.SmallFan | None  # None: no datapoint yet
    value: float | None
    share: float | None


def small_multiples(goals: Sequence[Goal], today: dt.date) -> dict:
    """Panels in the order of `goals` (with their outlooks), all on one scale of time; six queries however many."""
    read = {series.goal.pk: series for series in read_series(goals, today)}
    found = dict(zip(read, forecast_all(list(read.values())), strict=True))
    first, last = _window(goals, list(read.values()), today)
    panels = []
    for goal in goals:
        outlook = getattr(goal, "outlook", None)
        verdict, series, forecast = outlook.verdict if outlook else "unknown", read[goal.pk], found[goal.pk]
        newest = series.points[-1].value if series.points else None
        drawn = None
        if series.points:
            drawn = _small_fan(series, forecast if isinstance(forecast, curves.Forecast) else None, first, last, today)
        share = None if newest is None else goal.share_done(newest)
        panels.append(Panel(goal=goal, verdict=verdict, fan=drawn, value=newest, share=share))
    return {"panels": panels, "first": first, "last": last}


def _window(goals: Sequence[Goal], read: Sequence[GoalSeries], today: dt.date) -> tuple[dt.date, dt.date]:
    """The days shown in every panel: of what was said the last two years, and up to a year ahead."""
    said = [point.observed_on for series in read for point in series.points]
    first = max(min([*said, today - NEAREST]), min(max([*said, today - SMALL_BACK]), today) - SMALL_BACK)
    ahead = [goal.deadline for goal in goals if goal.deadline]
    ahead += [goal.outlook.p50 for goal in goals if getattr(goal, "outlook", None) and goal.outlook.p50]
    return first, min(max([today + NEAREST, *(day + 2 * WEEK for day in ahead)]), today + SMALL_AHEAD)


def _small_fan(
    read: GoalSeries, forecast: curves.Forecast | None, first: dt.date, last: dt.date, today: dt.date
) -> charts.SmallFan:
    goal, way = read.goal, (read.goal.target - read.goal.baseline) or 1.0

    def share(value: float) -> float:
        return (value - goal.baseline) / way

    fan: list[charts.Band] = []
    if forecast and forecast.verdict != curves.Verdict.DONE:
        now = share(read.points[-1].value)
        fan.append(charts.Band(today, now, now, now, now, now))
        for k in range(1, SMALL_STEPS + 1):
            day = today + (last - today) * k // SMALL_STEPS
            fan.append(charts.Band(day, *sorted(share(forecast.value(day, q)) for q in QUANTILES)))
    revisions = [revision for revision in goal.revisions.all() if revision.on <= today]
    targets = targets_of(goal, revisions, read.points[0].observed_on)
    return charts.SmallFan(
        points=[(point.observed_on, share(point.value)) for point in read.points],
        targets=[charts.Target(max(target.day, first), share(target.value)) for target in targets],
        first=first,
        last=last,
        today=today,
        fan=fan,
        deadline=goal.deadline,
        label=_small_words(goal, read, forecast),
    )


def _small_words(goal: Goal, read: GoalSeries, forecast: curves.Forecast | None) -> str:
    newest = read.points[-1]
    said = [
        gettext("%(value)s on %(day)s of a target of %(target)s.")
        % {
            "value": number(newest.value, goal.unit),
            "day": day_words(newest.observed_on, "long"),
            "target": number(goal.target, goal.unit),
        }
    ]
    if forecast and forecast.verdict != curves.Verdict.DONE:
        finish = forecast.finish(0.5)
        when = day_words(finish, "long") if finish else gettext("not within 5 years")
        said.append(gettext("P50 finish: %(when)s.") % {"when": when})
        if goal.deadline:
            chance = odds(forecast.p_done_by(goal.deadline))
            day = day_words(goal.deadline, "long")
            said.append(gettext("%(chance)s by the deadline, %(day)s.") % {"chance": chance, "day": day})
    elif not forecast:
        said.append(gettext("No forecast."))
    return " ".join(said)


# ---- the parts of the curve ------------------------------------------------------------------------------------------


def drawn(point: PointRow) -> charts.Point:
    return charts.Point(
        day=point.observed_on,
        value=point.value,
        level=point.level,
        origin=point.origin_word,
        engineer=point.engineer or "",
        memo=point.memo,
        state="superseded" if point.state == "withdrawn" else point.state,
    )


def fan_of(read: GoalSeries, forecast: curves.Forecast, today: dt.date) -> list[charts.Band]:
    """The value ahead, to somewhat beyond the P75 finish and the deadline."""
    ends = [day for day in (forecast.finish(0.75), read.series.deadline if read.series else None) if day]
    reach = min(max([today + NEAREST, *(day + 4 * WEEK for day in ends)]), today + FARTHEST)
    days = sorted({today + (reach - today) * k // STEPS for k in range(1, STEPS + 1)})
    last = read.points[-1].value
    bands = [charts.Band(today, last, last, last, last, last)]
    for day in days:
        values = sorted(forecast.value(day, q) for q in QUANTILES)
        bands.append(charts.Band(day, *values))
    return bands


def carried_on(goal: Goal, standing: Sequence[PointRow], start: dt.date, end: dt.date) -> list[charts.Band]:
    """The value as it was to be expected from what was observed before `start`; nothing where that was too little."""
    read = make_series(goal, [point for point in standing if point.observed_on < start], start - dt.timedelta(days=1))
    found = forecast_all([read])[0]
    if not isinstance(found, curves.Forecast) or found.verdict == curves.Verdict.DONE:
        return []
    last, steps = read.points[-1].value, min((end - start).days, STEPS)
    days = sorted({start + (end - start) * k // steps for k in range(1, steps + 1)})
    ahead = [charts.Band(day, *sorted(found.value(day, q) for q in QUANTILES)) for day in days]
    return [charts.Band(start, last, last, last, last, last), *ahead]


def targets_of(goal: Goal, revisions: list[Revision], first: dt.date) -> list[charts.Target]:
    """The target as a staircase: what was in force at first, then each change."""
    moved = [revision for revision in revisions if revision.target_changed]
    before = moved[0].old_target if moved else goal.target
    begin = min(first, goal.start, *(revision.on for revision in moved)) if moved else min(first, goal.start)
    return [charts.Target(begin, before), *(charts.Target(revision.on, revision.new_target) for revision in moved)]


def deadlines_of(goal: Goal, revisions: list[Revision]) -> list[charts.Deadline]:
    """Former deadlines and the one that stands."""
    moved = [revision for revision in revisions if revision.deadline_changed]
    former: list[charts.Deadline] = []
    for before, revision in zip([None, *moved], moved, strict=False):
        if revision.old_deadline and revision.old_deadline != goal.deadline:
            former.append(
                charts.Deadline(revision.old_deadline, current=False, set_on=before.on if before else goal.start)
            )
    if goal.deadline:
        former.append(charts.Deadline(goal.deadline, set_on=moved[-1].on if moved else goal.start))
    return former
