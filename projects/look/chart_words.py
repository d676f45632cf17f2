"""The words of projects/charts in the reader's language, with days and numbers as every page prints them."""

from functools import lru_cache

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from projects.charts import Words
from projects.look.dates import day
from projects.look.numbers import number

COMMON = {  # of more than one chart
    "today": _("today"),
    "target": _("target"),
    "deadline": _("deadline"),
    "former_deadline": _("Former deadline"),
    "value": _("Value"),
    "never": _("not within 5 years"),
    "unknown": _("unknown"),
    "finish": _("Finish"),
    "last_acceptable": _("last acceptable"),
    "share_by": _("{share} by {day}"),
    "probability": _("Probability"),
    "what": _("What"),
    "when": _("When"),
    "now": _("now"),
}
GOAL = {  # the curve of a goal
    "intervention": _("Intervention"),
    "expected": _("Expected"),
    "middle": _("middle forecast"),
    "band_half": _("Half of outcomes"),
    "band_most": _("8 in 10 outcomes"),
    "reported": _("Day"),
    "level": _("Source"),
    "origin": _("Entered"),
    "who": _("Engineer"),
    "memo": _("Memo"),
    "state": _("State"),
    "in_force": _("in force"),
    "superseded": _("corrected later"),
    "quarantined": _("quarantined"),
    "set_on": _("Set on"),
    "fan_alt": _("{title}: {n} values from {first} to {last}, the newest {value}."),
    "fan_alt_target": _("The target is {target}."),
    "fan_alt_deadline": _("The deadline is {day}."),
    "fan_alt_forecast": _("On {day} the forecast lies between {low} and {high}, in the middle {middle}."),
}
SLIP = {  # how its finish moved
    "predicted": _("Predicted finish"),
    "said_in": _("Forecast of"),
    "kind": _("Forecast"),
    "issued": _("issued in that week"),
    "replayed": _("replayed from what was known then"),
    "already_done": _("done"),
    "catches_up": _("today catches up"),
    "no_deadline": _("none"),
    "slip_alt": _("{title}: the finish predicted in {n} weeks, from {first} to {last}."),
    "slip_alt_first": _("At first {finish}."),
    "slip_alt_newest": _("Now {finish}."),
    "slip_alt_never": _("In {n} of these weeks not within 5 years."),
}
FINISH = {  # when a program is finished
    "finish_alt": _("When {title} is finished: {early} is early, {middle} the middle, {late} late."),
    "finish_alt_deadline": _("The chance to finish by the deadline, {day}, is {share}."),
    "finish_alt_never": _("The chance of not finishing within 5 years is {share}."),
}
SUPPLIES = {  # the supplies of a program
    "supply": _("Supply"),
    "allows": _("Allows"),
    "binds": _("Binds in"),
    "takes_over": _("{name} takes over ({share})"),
    "supplies_alt": _("{title}: the output that each supply allows: {names}."),
    "limits_alt": _("{name} limits now."),
    "takeover_alt": _("{name} takes over in {share} of the runs, about {day}."),
    "binds_alt": _("{title}: which supply limits, and how likely, month by month."),
}
ODDS = {  # of the last acceptable date, review by review
    "review": _("Review"),
    "odds": _("Odds"),
    "odds_alt": _(
        "Odds that {title} is done by its last acceptable date, as {n} reviews closed: {newest} on {day}. "
        "In {under} of them under {line}."
    ),
}
RIBBON = {  # what limited a program
    "ribbon_alt": _("What limited {title} over {n} periods; now: {now}."),
    "ribbon_alt_next": _("{what} is expected between {first} and {last}, {share}, says {by}."),
}
CALIBRATION = {  # what interventions brought, and how good forecasts were
    "days_earlier": _("Days earlier"),
    "at_least": _("At least"),
    "at_most": _("At most"),
    "unknown_end": _("who knows how many"),
    "later_earlier": _("days later  ←   → days earlier"),
    "effects_alt": _("{title}: what {n} interventions brought, in days, each with its interval of 80 %."),
    "old_curve": _("old curve carried on"),
    "said": _("Said"),
    "came": _("Came"),
    "band": _("In order"),
    "forecasts": _("Forecasts"),
    "of_goals": _("Of goals"),
    "reliability_alt": _("{title}: how often what was said with a probability came, over {n} forecasts."),
    "met": _("met"),
    "missed": _("missed"),
    "met_of": _("{met} of {n} met, {least} to {most} is in order"),
    "met_alt": _("{title}: {said}."),
}
LEVELS = (_("doer"), _("lead"), _("manager"), _("relayed"), _("unknown"))
ORIGINS = {
    "live": _("in the review"),
    "late": _("after the review"),
    "import": _("by an import"),
    "api": _("by the API"),
}


def chart_words() -> Words:
    return _words(get_language())


@lru_cache(maxsize=8)
def _words(_language: str | None) -> Words:
    """Made once for a language, which is the active one: a page has many charts."""
    texts = COMMON | GOAL | SLIP | FINISH | SUPPLIES | ODDS | RIBBON | CALIBRATION
    return Words(
        day=lambda value: day(value, "long"),
        number=number,
        levels=tuple(str(word) for word in LEVELS),
        origins=tuple((origin, str(word)) for origin, word in ORIGINS.items()),
        **{name: str(text) for name, text in texts.items()},
    )
