"""What a digest says, sentence by sentence: the mail, its text part, the page and a channel say it in the same words.

Plain text: names, memos and blockers are other people's, and whoever prints them escapes them for where they go.
"""

from collections.abc import Callable

from django.contrib.humanize.templatetags.humanize import ordinal
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from projects.look.dates import day
from projects.look.numbers import days, number, odds, then_and_now
from projects.models import Verdict
from reviews.calibration import FEWEST
from reviews.digests.value import Alert, Change, Deadline, Digest, FellDue, Hours, Prediction, ProgramWeek, Surprise
from reviews.views.words import surprise_words

LONGEST_SUBJECT = 160
ARROW = "\u2192"


def subject(digest: Digest) -> str:
    """ "AI5: limiting factor is memory bandwidth, 3rd week, +12 days": of the worst, and how many others there are."""
    if not digest.programs:
        return _("Nothing to report: you follow no program")
    first = (digest.loud or digest.programs)[0]
    said = _("%(name)s: %(limits)s") % {"name": first.name, "limits": headline(first)}
    others = len(digest.programs) - 1
    if others:
        said += ngettext(" (and %(n)s more program)", " (and %(n)s more programs)", others) % {"n": others}
    if digest.late:
        said = _("Late: %(subject)s") % {"subject": said}
    return one_line(said)


def one_line(text: str) -> str:
    """As a header takes it: without line breaks, and not endless."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_SUBJECT else f"{line[: LONGEST_SUBJECT - 1]}…"


def headline(week: ProgramWeek) -> str:
    """ "limiting factor is memory bandwidth, 3rd week, +12 days" """
    parts = [limits(week)]
    if week.weeks and week.declared:
        parts.append(_("%(nth)s week") % {"nth": ordinal(week.weeks)})
    moved = by_how_much(week)
    return ", ".join([*parts, moved] if moved else parts)


def limits(week: ProgramWeek) -> str:
    if week.declared:
        return _("limiting factor is %(name)s") % {"name": week.path[-1]}
    if week.proposal:
        return _("limiting factor not named, the model proposes %(name)s") % {"name": week.proposal}
    return _("limiting factor: %(state)s") % {"state": week.factor.lower()}


def by_how_much(week: ProgramWeek) -> str:
    """How its P50 moved: "+12 days"; "" where it did not, or nobody knows."""
    if week.vanished:
        return _("no longer within 5 years")
    if not week.later:
        return ""
    sign = "+" if week.later > 0 else "\u2212"
    return f"{sign}{days(abs(week.later))}"


def factor(week: ProgramWeek) -> str:
    """ "Power ▸ Turbines, 3rd week. The model agrees." """
    said = " ▸ ".join(week.path) if week.declared else week.factor
    if week.weeks and week.declared:
        said = _("%(name)s, %(nth)s week") % {"name": said, "nth": ordinal(week.weeks)}
    if not week.declared and week.proposal:
        said = _("%(state)s. The model proposes %(name)s") % {"state": said, "name": week.proposal}
    elif week.agrees is False and week.proposal:
        said = _("%(said)s. The model names %(name)s") % {"said": said, "name": week.proposal}
    return said + "."


def worth(week: ProgramWeek) -> str:
    """What relief is worth, and what limits then."""
    said = []
    if week.relief_days is not None and week.relief_days >= 1:
        said.append(_("Relieved, it is worth %(days)s.") % {"days": days(week.relief_days)})
    if week.following and week.following not in (week.proposal, *week.path):
        said.append(_("Then %(name)s limits.") % {"name": week.following})
    return " ".join(said)


def finish(week: ProgramWeek) -> str:
    """When it is done, and how that moved."""
    if not week.known:
        return _("When it is done is unknown.")
    now = day(week.p50, "long") if week.p50 else _("not within 5 years")
    if not week.known_then:
        return _("P50 finish: %(now)s.") % {"now": now}
    if week.p50 and week.later:
        how = {"now": now, "days": days(abs(week.later))}
        said = (
            _("P50 finish: %(now)s, %(days)s later.") if week.later > 0 else _("P50 finish: %(now)s, %(days)s earlier.")
        )
        return said % how
    if bool(week.p50) != bool(week.p50_then):
        before = day(week.p50_then, "long") if week.p50_then else _("not within 5 years")
        return _("P50 finish: %(now)s; before, %(before)s.") % {"now": now, "before": before}
    return _("P50 finish: %(now)s, as before.") % {"now": now}


def deadline(one: Deadline) -> str:
    """ "Deadline 1 Mar 2027: 50 % when set, 24 % now; 31 % before" """
    how = {"name": one.name, "on": day(one.on, "long"), "odds": chances(one)}
    if one.name:
        return _("%(name)s, %(on)s: %(odds)s") % how
    return _("Deadline %(on)s: %(odds)s") % how


def chances(one: Deadline) -> str:
    """When it was set, then and now; once where the two are the same, or there was no then."""
    now, then = odds(one.now), odds(one.then)
    said = now if one.when_set is None else then_and_now(one.when_set, one.now)
    if one.then is None:
        return said
    if now == then:
        return _("%(odds)s, as before") % {"odds": said}
    return (
        f"{then} {ARROW} {now}"
        if one.when_set is None
        else _("%(said)s; %(then)s before") % {"said": said, "then": then}
    )


def change(one: Change) -> str:
    """ "Vanes: converging → stalled, 12 days later" """
    said = one.name
    if one.flipped:
        before, after = (str(Verdict(verdict).label).lower() for verdict in (one.before, one.after))
        said = f"{said}: {before} {ARROW} {after}"
    if one.later:
        how = {"said": said, "days": days(abs(one.later))}
        form = _("%(said)s, %(days)s later") if one.later > 0 else _("%(said)s, %(days)s earlier")
        return form % how
    return said if one.flipped else _("%(said)s, P50 came or went beyond 5 years") % {"said": said}


def surprise(one: Surprise) -> str:
    value = {"name": one.name, "value": number(one.value, one.unit), "on": day(one.on)}
    said = _("%(name)s: %(value)s on %(on)s.") % value
    return f"{said} {surprise_words(one.percentile)}"


def hours(one: Hours) -> str:
    how = {"hours": number(one.hours), "name": one.name, "factor": one.factor, "days": days(one.days)}
    if one.factor:
        return _("%(hours)s h on %(name)s: %(factor)s, worth %(days)s") % how
    return _("%(hours)s h on %(name)s, worth %(days)s") % how


def prediction(one: Prediction) -> str:
    stated = odds(one.probability) if one.probability is not None else _("no probability stated")
    how = {"name": one.name, "odds": stated, "by": one.by, "until": day(one.until, "long")}
    if one.public:
        return _("“%(name)s”, said %(by)s: %(odds)s. It is due on %(until)s and waits to be judged.") % how
    if one.by:
        return _("%(name)s limits next: %(odds)s, said %(by)s. The window ends on %(until)s.") % how
    return _("%(name)s limits next: %(odds)s. The window ends on %(until)s.") % how


def fell_due(one: FellDue) -> str:
    """ "Vanes: its deadline, 20 November 2026, was met." """
    how = {"name": one.name or _("The program"), "on": day(one.on, "long")}
    if one.met is None:
        return _("%(name)s: its deadline was %(on)s. Nothing was reported by then.") % how
    if one.met:
        return _("%(name)s: its deadline, %(on)s, was met.") % how
    return _("%(name)s: its deadline, %(on)s, was missed.") % how


def met_so_far(week: ProgramWeek) -> str:
    """ "7 of 15 met so far; about half is right." "" where nothing is known of any."""
    if not week.met_of:
        return ""
    said = _("%(met)s of %(of)s met so far") % {"met": week.met, "of": week.met_of}
    return _("%(said)s; about half is right.") % {"said": said} if week.met_of >= FEWEST else f"{said}."


def reviews(week: ProgramWeek) -> str:
    """ "1 review held, 1 missed, 12 values." """
    said = []
    if week.held:
        said.append(ngettext("%(n)s review held", "%(n)s reviews held", len(week.held)) % {"n": len(week.held)})
    if week.missed:
        said.append(ngettext("%(n)s review missed", "%(n)s reviews missed", len(week.missed)) % {"n": len(week.missed)})
    if week.entries:
        said.append(ngettext("%(n)s value came in", "%(n)s values came in", week.entries) % {"n": week.entries})
    return ", ".join(said) + "." if said else _("No review was held and no value came in.")


def quiet(week: ProgramWeek) -> str:
    """The one line of a program that has nothing to say, which says so."""
    said = [_("Nothing to decide."), factor(week)]
    own = [one for one in week.deadlines if not one.name]
    if own and own[0].now is not None:
        said.append(_("Odds of the deadline: %(odds)s.") % {"odds": chances(own[0])})
    return " ".join(said)


# ---- alerts ----------------------------------------------------------------------------------------------------------


def alert_subject(alert: Alert) -> str:
    how = {"name": alert.name, "now": alert.now, "odds": odds(alert.odds)}
    if alert.cause == "factor":
        return one_line(_("%(name)s: limiting factor is now %(now)s") % how)
    if alert.cause == "impossible":
        return one_line(_("%(name)s: success has become impossible on this path") % how)
    return one_line(_("%(name)s: odds of a deadline fell to %(odds)s") % how)


def alert(alert: Alert) -> str:
    """What happened, in one or two sentences."""
    how = {
        "was": alert.was,
        "now": alert.now,
        "of": alert.deadline_of,
        "on": day(alert.on, "long"),
        "then": odds(alert.then),
        "odds": odds(alert.odds),
        "bound": odds(alert.bound),
    }
    if alert.cause == "factor":
        return (
            _("What limits it changed from %(was)s to %(now)s.") if alert.was else _("%(now)s limits it now.")
        ) % how
    if alert.cause == "impossible":
        return _("The odds to be done by the last acceptable date, %(on)s, are %(odds)s. It asks for a decision.") % how
    if alert.deadline_of:
        return _("%(of)s: the odds of its deadline, %(on)s, fell from %(then)s to %(odds)s, below %(bound)s.") % how
    return _("The odds of its deadline, %(on)s, fell from %(then)s to %(odds)s, below %(bound)s.") % how


# ---- for a channel ---------------------------------------------------------------------------------------------------


def channel(digest: Digest, address: str, harmless: Callable[[str], str]) -> str:
    """A program's week in the few lines that a channel bears. `address`: of its page."""
    week = digest.programs[0]
    lines = [f"*{harmless(week.name)}*: {harmless(headline(week))}"]
    if week.asks:
        lines.append(_("Needs a decision: %(asks)s") % {"asks": harmless(week.asks)})
    if week.quiet:
        lines.append(harmless(quiet(week)))
    else:
        said = [factor(week), finish(week), *map(deadline, week.deadlines), *map(change, week.changes)]
        said += [*map(fell_due, week.due), *([met_so_far(week)] if week.due else [])]
        lines += [harmless(one) for one in [*said, *map(surprise, week.surprises), reviews(week)]]
    return "\n".join([*lines, address])


def channel_alert(told: Alert, address: str, harmless: Callable[[str], str]) -> str:
    lines = [f"*{harmless(alert_subject(told))}*", harmless(alert(told)), harmless(told.memo)]
    return "\n".join([*filter(None, lines), address])
