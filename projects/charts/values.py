"""What every chart takes: its words, and the plain values it draws."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
LEVELS = ("doer", "lead", "manager", "relayed", "unknown")
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross")


def english_day(day: dt.date) -> str:
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return f"{day.day} {months[day.month - 1]} {day.year}"


def english_number(value: float) -> str:
    return f"{value:,.6g}"


@dataclass(frozen=True)
class Words:
    """What a chart says. English by default; `projects.look.chart_words` gives the reader's language."""

    day: Callable[[dt.date], str] = english_day
    number: Callable[[float], str] = english_number
    today: str = "today"
    target: str = "target"
    deadline: str = "deadline"
    former_deadline: str = "former deadline"
    intervention: str = "Intervention"
    expected: str = "Expected"
    middle: str = "middle forecast"
    band_half: str = "half of outcomes"
    band_most: str = "8 in 10 outcomes"
    value: str = "Value"
    reported: str = "Observed"
    level: str = "Source"
    origin: str = "Entered"
    who: str = "Engineer"
    memo: str = "Memo"
    state: str = "State"
    in_force: str = "in force"
    superseded: str = "corrected later"
    quarantined: str = "quarantined"
    set_on: str = "Set on"
    levels: tuple[str, ...] = LEVELS  # in the order of LEVELS
    origins: tuple[tuple[str, str], ...] = ()  # origin -> word, where the word is another
    never: str = "not within 5 years"
    unknown: str = "unknown"
    finish: str = "Finish"
    last_acceptable: str = "last acceptable"
    share_by: str = "{share} by {day}"
    fan_alt: str = "{title}: {n} values from {first} to {last}, the newest {value}."
    fan_alt_target: str = "The target is {target}."
    fan_alt_deadline: str = "The deadline is {day}."
    fan_alt_forecast: str = "On {day} the forecast lies between {low} and {high}, in the middle {middle}."
    predicted: str = "Predicted finish"
    said_in: str = "Forecast of"
    kind: str = "Forecast"
    issued: str = "issued in that week"
    replayed: str = "replayed from what was known then"
    already_done: str = "done"
    catches_up: str = "today catches up"
    no_deadline: str = "none"
    slip_alt: str = "{title}: the finish predicted in {n} weeks, from {first} to {last}."
    slip_alt_first: str = "At first {finish}."
    slip_alt_newest: str = "Now {finish}."
    slip_alt_never: str = "In {n} of these weeks not within 5 years."
    finish_alt: str = "When {title} is finished: {early} is early, {middle} the middle, {late} late."
    finish_alt_deadline: str = "The chance to finish by the deadline, {day}, is {share}."
    finish_alt_never: str = "The chance of not finishing within 5 years is {share}."
    supply: str = "Supply"
    allows: str = "Allows"
    binds: str = "Binds in"
    takes_over: str = "{name} takes over ({share})"
    supplies_alt: str = "{title}: the output that each supply allows: {names}."
    limits_alt: str = "{name} limits now."
    takeover_alt: str = "{name} takes over in {share} of the runs, about {day}."
    binds_alt: str = "{title}: which supply limits, and how likely, month by month."
    what: str = "What"
    when: str = "When"
    now: str = "now"
    probability: str = "Probability"
    review: str = "Review"
    odds: str = "Odds"
    odds_alt: str = (
        "Odds that {title} is done by its last acceptable date, as {n} reviews closed: {newest} on {day}. "
        "In {under} of them under {line}."
    )
    days_earlier: str = "Days earlier"
    at_least: str = "At least"
    at_most: str = "At most"
    unknown_end: str = "who knows how many"
    later_earlier: str = "days later  ←   → days earlier"
    effects_alt: str = "{title}: what {n} interventions brought, in days, each with its interval of 80 %."
    old_curve: str = "old curve carried on"
    said: str = "Said"
    came: str = "Came"
    band: str = "In order"
    forecasts: str = "Forecasts"
    of_goals: str = "Of goals"
    reliability_alt: str = "{title}: how often what was said with a probability came, over {n} forecasts."
    met: str = "met"
    missed: str = "missed"
    met_of: str = "{met} of {n} met, {least} to {most} is in order"
    met_alt: str = "{title}: {said}."
    ribbon_alt: str = "What limited {title} over {n} periods; now: {now}."
    ribbon_alt_next: str = "{what} is expected between {first} and {last}, {share}, says {by}."


@dataclass(frozen=True)
class Point:
    """A datapoint. `state` is "in force", "superseded" or "quarantined": these two are drawn hollow, off the line."""

    day: dt.date
    value: float
    level: str = "unknown"
    origin: str = ""
    engineer: str = ""
    memo: str = ""
    state: str = "in force"


@dataclass(frozen=True)
class Target:
    """The target in force from `day` on; a goal with revisions has several."""

    day: dt.date
    value: float


@dataclass(frozen=True)
class Deadline:
    """A stated deadline. Former ones are faint; `set_on` is when it was stated."""

    day: dt.date
    current: bool = True
    set_on: dt.date | None = None


@dataclass(frozen=True)
class Band:
    """The forecast of the value on a day: its quantiles."""

    day: dt.date
    p10: float
    p25: float
    p50: float
    p75: float
    p90: float


@dataclass(frozen=True)
class SlipWeek:
    """The finish as it was predicted on `day`: None is "not within 5 years", unless it was not `known` at all."""

    day: dt.date
    known: bool
    issued: bool = False  # then; else replayed now
    done: bool = False
    p10: dt.date | None = None
    p50: dt.date | None = None
    p90: dt.date | None = None
    deadline: dt.date | None = None  # in force then


@dataclass(frozen=True)
class SmallFan:
    """The course of a goal as shares of the way from its baseline (0) to its present target (1), on a shared scale."""

    points: Sequence[tuple[dt.date, float]]
    targets: Sequence[Target]
    first: dt.date
    last: dt.date
    today: dt.date
    fan: Sequence[Band] = ()
    deadline: dt.date | None = None
    label: str = ""  # the picture in words


@dataclass(frozen=True)
class Mark:
    """Something that was done: an intervention, with what its tooltip says."""

    day: dt.date
    label: str
    memo: str = ""
    expected: str = ""


def share_in_words(chance: float | None, words: Words) -> str:
    """Never 0 % or 100 %: a forecast is not over."""
    if chance is None:
        return words.unknown
    return "< 1 %" if chance < 0.01 else "> 99 %" if chance > 0.99 else f"{round(chance * 100)} %"
