"""What the audit's page shows, as values."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db.models import Count, Max, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from projects.access import WRITERS, factors_of, may_edit_factor, may_write, programs_of
from projects.memo import RULES as GATE
from projects.models import Factor, Goal, Program, RefusalCount, Team
from projects.time import WEEK, monday
from reviews.audit import BY_NAME, Rule, Traced, traceability
from reviews.models import Datapoint, Finding, Review
from reviews.services.audit import findings_of

WEEKS = 8  # of refusals
IN_QUARANTINE = Rule(
    "quarantined", _("In quarantine when it came here"), _("Release it, or leave it where it is."), lambda _scope: ()
)


@dataclass(frozen=True)
class Row:
    """A finding with its rule and where it is put right."""

    finding: Finding
    rule: Rule
    url: str


def rows(findings: Iterable[Finding]) -> list[Row]:
    found = list(findings)
    urls = _urls(found)
    return [
        Row(one, BY_NAME.get(one.rule, IN_QUARANTINE), urls.get((one.subject, one.subject_id), "")) for one in found
    ]


def _urls(findings: list[Finding]) -> dict[tuple[str, int], str]:
    """Where each subject has its page: one query for each kind of subject."""
    ids: dict[str, list[int]] = {}
    for one in findings:
        ids.setdefault(one.subject, []).append(one.subject_id)
    urls: dict[tuple[str, int], str] = {}
    for kind, model in {"goal": Goal, "team": Team, "factor": Factor, "program": Program, "review": Review}.items():
        for row in model.objects.filter(pk__in=ids.get(kind, [])) if kind in ids else ():
            urls[kind, row.pk] = row.get_absolute_url()
    if "datapoint" in ids:
        for row in Datapoint.objects.filter(pk__in=ids["datapoint"]).select_related("goal"):
            urls["datapoint", row.pk] = f"{row.goal.get_absolute_url()}#point-{row.pk}"
    return urls


def shown(user: User, asked: dict[str, str]) -> QuerySet[Finding]:
    """Findings as filtered: open ones where no state is asked for."""
    found = findings_of(user).filter(state=asked["state"] or Finding.State.OPEN)
    if asked["rule"]:
        found = found.filter(rule=asked["rule"])
    if asked["program"]:
        found = found.filter(program__slug=asked["program"])
    return found.select_related("program", "decided_by").order_by("rule", "-found_at", "pk")


def counts(user: User, program: str) -> dict[str, int]:
    """{state: findings}, of one program or of all."""
    found = findings_of(user).filter(**{"program__slug": program} if program else {})
    return dict(found.order_by().values_list("state").annotate(Count("pk")))


def traced(user: User, program: str) -> Traced:
    programs = programs_of(user).active()
    return traceability(programs.filter(slug=program) if program else programs)


def last_run(user: User):
    return findings_of(user).aggregate(last=Max("seen_at"))["last"]


@dataclass(frozen=True)
class Refused:
    """A rule of the memo gate: how often it refused an entry this week, and in each of the weeks before it."""

    title: str
    this_week: int
    before: list[int]


def refused() -> list[Refused]:
    """Each rule of the gate, or nothing where none refused anything in these weeks."""
    week = monday(timezone.now().date())
    counted = {(row.rule, row.week): row.count for row in RefusalCount.objects.filter(week__gt=week - WEEKS * WEEK)}
    weeks = [week - n * WEEK for n in range(WEEKS)]
    each = {rule: [counted.get((rule, day), 0) for day in weeks] for rule in GATE}
    found = [Refused(str(GATE[rule]), numbers[0], numbers[1:]) for rule, numbers in each.items()]
    return found if any(map(any, each.values())) else []


def may_decide(user: User, finding: Finding) -> bool:
    if finding.program:
        return may_write(user, finding.program)
    factor = factors_of(user).filter(pk=finding.subject_id).first()
    return bool(factor and may_edit_factor(user, factor))


def writes_somewhere(user: User) -> bool:
    return programs_of(user, WRITERS).exists()
