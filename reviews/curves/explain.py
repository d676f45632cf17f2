"""The reasons of a verdict in plain words, from the series itself and the probabilities that decided."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from .clock import Clock
from .series import Reason, Series, Verdict
from .verdicts import QUIET, SHRINKS, STANDS

WINDOW = 10  # weeks looked back on
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
Filled = Mapping[str, float | int | str | date | None]


@dataclass(frozen=True, slots=True)
class Judged:
    """What a verdict was decided on.

    p_shrink, p_grow: probability that the gap is smaller, or larger, by 2 % of the goal's size in 8 weeks.
    p_deadline: probability of meeting the deadline, None where there is none ahead. latest: what the newest point
    alone would say.
    """

    p_shrink: float
    p_grow: float
    p_deadline: float | None
    latest: Verdict


def explain(verdict: Verdict, judged: Judged, series: Series) -> tuple[Reason, ...]:
    """Reasons, the deciding one first."""
    if verdict is Verdict.DONE:
        return (_reached(series),)
    window = _Window(series)
    chance = _chance(verdict, judged)
    reasons = [window.grown() if verdict is Verdict.DIVERGING else window.quiet(), window.pace(), chance]
    if series.deadline is not None:
        deadline = _deadline(series.deadline, judged.p_deadline)
        reasons.insert(0 if verdict is Verdict.SLOW else 3, deadline)
    if judged.latest is not verdict and verdict is not Verdict.UNKNOWN:
        reasons.append(_held(verdict, judged.latest))
    return tuple(reasons)


class _Window:
    """The last ten working weeks of a series, week by week, each with the gap in force at its end."""

    def __init__(self, series: Series) -> None:
        clock = Clock.without(series.off)
        sign = 1.0 if series.direction == "up" else -1.0
        days = [clock.at(d.toordinal()) for d in series.dates]
        now = clock.at(series.as_of.toordinal())
        self.weeks = min(WINDOW, max((now - days[0]) // 7, 1))
        ends = [now - 7 * k for k in range(self.weeks, -1, -1)]
        at = [max(bisect_right(days, end) - 1, 0) for end in ends]
        changes = sorted((clock.at(d.toordinal()), old, new) for d, old, new in series.revisions if d <= series.as_of)
        targets = [_in_force(end, changes, series.target) for end in ends]
        targets[-1] = series.target
        # Halved twice so that the largest numbers there are do not overflow.
        self.gaps = [sign * (t / 4 - series.values[i] / 4) for i, t in zip(at, targets, strict=True)]
        self.moves = [a - b for a, b in zip(self.gaps, self.gaps[1:], strict=False)]
        self.inside = len(days) - 1 - at[0]  # points after the first day of the window
        self.points = tuple(range(at[0] + 1, len(days))) or (at[0],)
        self.target_moved = targets[-1] - targets[0] if targets[-1] != targets[0] else 0.0

    def quiet(self) -> Reason:
        still = sum(move == 0 for move in self.moves)
        back = sum(move < 0 for move in self.moves)
        n = self.inside
        text = f"no change in {still} of {_count(self.weeks, 'week')}"
        text += f", backwards in {back}" if back else ""
        return _reason(
            "weeks", text + f" ({_count(n, 'point')})", self.points, weeks=self.weeks, still=still, back=back, n=n
        )

    def pace(self) -> Reason:
        left, made = self.gaps[-1], self.gaps[0] - self.gaps[-1]
        weeks = left / made * self.weeks if made > 0 else None
        if weeks is None or weeks > 10_000:
            text = f"at the pace of {_count(self.weeks, 'week')} the {say(left, 4)} left would never be done"
            weeks = None
        else:
            text = f"at the pace of {_count(self.weeks, 'week')}, {say(weeks)} weeks for the {say(left, 4)} left"
        return _reason("pace", text, self.points, weeks=self.weeks, left=4 * left, needed=weeks)

    def grown(self) -> Reason:
        was, is_ = self.gaps[0], self.gaps[-1]
        n = self.inside
        way = "grew" if is_ > was else "went"
        text = (
            f"the gap {way} from {say(was, 4)} to {say(is_, 4)} in {_count(self.weeks, 'week')} ({_count(n, 'point')})"
        )
        text += f", the target itself moved by {say(self.target_moved)}" if self.target_moved else ""
        moved = self.target_moved
        return _reason("gap", text, self.points, weeks=self.weeks, was=4 * was, now=4 * is_, target_moved=moved, n=n)


def _in_force(day: int, changes: list[tuple[int, float, float]], now: float) -> float:
    past = [new for when, _, new in changes if when <= day]
    return past[-1] if past else changes[0][1] if changes else now


def _reached(series: Series) -> Reason:
    at = reached_at(series)
    value, when = series.values[at], series.dates[at]
    text = f"reached {say(value)} of {say(series.target)} on {spoken(when)}"
    return _reason(
        "reached", text, (at, len(series.dates) - 1)[: 1 + (at < len(series.dates) - 1)], value=value, day=when
    )


def reached_at(series: Series) -> int:
    """Index of the first point of the last stretch on which the target, as stated now, was met without a break."""
    up = series.direction == "up"
    at = len(series.values) - 1
    while at > 0 and (series.values[at - 1] >= series.target if up else series.values[at - 1] <= series.target):
        at -= 1
    return at


def spoken(day: date) -> str:
    """12 Mar 2026, whatever the locale of the process."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def _chance(verdict: Verdict, judged: Judged) -> Reason:
    if verdict is Verdict.DIVERGING:
        text = f"{_percent(judged.p_grow)} chance that the gap is wider by 2 % of the goal in 8 weeks"
        return _reason("p_grow", text, p=judged.p_grow)
    text = f"{_percent(judged.p_shrink)} chance that the gap shrinks by 2 % of the goal in 8 weeks"
    if verdict is Verdict.UNKNOWN:
        text += (
            f"; such chances prove right too seldom for a word: one is said from {_percent(SHRINKS)} up, or below "
            f"{_percent(STANDS)} after {QUIET} quiet weeks. A few more weeks will tell"
        )
    return _reason("p_shrink", text, p=judged.p_shrink)


def _deadline(deadline: date, p: float | None) -> Reason:
    if p is None:
        return _reason("deadline_past", f"the deadline, {spoken(deadline)}, is past", deadline=deadline)
    return _reason("p_deadline", f"{_percent(p)} chance of meeting {spoken(deadline)}", deadline=deadline, p=p)


def _held(verdict: Verdict, latest: Verdict) -> Reason:
    text = f"the newest point alone says {latest}; {verdict} stays until 2 of the last 3 points agree"
    return _reason("held", text, latest=str(latest), kept=str(verdict))


def _reason(code: str, text: str, points: tuple[int, ...] = (), **values: float | int | str | date | None) -> Reason:
    return Reason(code, values, text, points)


def _count(n: int, what: str) -> str:
    return f"{n} {what}" if n == 1 else f"{n} {what}s"


def _percent(p: float) -> str:
    return "under 1 %" if p < 0.01 else "over 99 %" if p > 0.99 else f"{100 * p:.0f} %"


def say(number: float, times: int = 1) -> str:
    """A number (x `times`) to three significant digits, as people write it."""
    if times * abs(number) >= 1e15 or 0 < times * abs(number) < 1e-4:
        return f"{times * number:.2e}" if abs(number) < 1e300 else "a huge number"
    number *= times
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"
