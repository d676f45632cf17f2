"""What the board reads: programs with their ranking and open limit, in a fixed number of queries."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import F, OuterRef, Prefetch, Q, Subquery
from django.utils.translation import gettext as _

from projects.models import Limit, Program
from projects.models.querysets import ProgramQuerySet

STALE_AFTER = dt.timedelta(days=21)
REVIEW_DUE_AFTER = dt.timedelta(days=7)
LONGEST_SEARCH = 200  # characters: SQLite refuses patterns and conditions beyond a size
HOPELESS = 0.05  # P(done by the last acceptable date) below which only a decision helps (M16)


def for_board(programs: ProgramQuerySet) -> ProgramQuerySet:
    """Active programs as rows of the board, worst first."""
    open_limit = Limit.objects.filter(program=OuterRef("pk"), until__isnull=True)
    return (
        programs.active()
        .select_related("ranking")
        .prefetch_related(
            Prefetch("limits", Limit.objects.filter(until__isnull=True).select_related("factor"), to_attr="open_limits")
        )
        .annotate(
            limit_name=Subquery(open_limit.values("factor__name")[:1]),
            limit_since=Subquery(open_limit.values("since")[:1]),
        )
        .order_by(F("ranking__severity").desc(nulls_last=True), "name")
    )


def search(programs: ProgramQuerySet, words: str) -> ProgramQuerySet:
    for word in words[:LONGEST_SEARCH].split():
        programs = programs.filter(Q(name__icontains=word) | Q(outcome__icontains=word) | Q(limit_name__icontains=word))
    return programs


@dataclass(frozen=True)
class Row:
    """What a row says beyond the stored values."""

    program: Program
    today: dt.date

    @property
    def limit(self) -> Limit | None:
        found: list[Limit] = getattr(self.program, "open_limits", [])
        return found[0] if found else None

    @property
    def ranking(self):
        return getattr(self.program, "ranking", None)

    @property
    def agrees(self) -> bool:
        """Whether the declared factor is what the model proposes, or gates it."""
        return proposal_agrees(self.limit, self.ranking)

    @property
    def stale(self) -> bool:
        newest = self.ranking and self.ranking.newest_data
        return bool(newest and self.today - newest > STALE_AFTER)

    @property
    def advice(self) -> str:
        return advice(self.limit, self.ranking, self.today)


def proposal_agrees(limit: Limit | None, ranking) -> bool:
    if not limit or not limit.factor or not ranking or not ranking.proposal:
        return False
    named = [line for line in (ranking.proposal, ranking.behind) if line]
    return any(
        (line["kind"] == "factor" and line["id"] == limit.factor_id)
        or line["name"].lower() == limit.factor.name.lower()
        for line in named
    )


def advice(limit: Limit | None, ranking, today: dt.date) -> str:
    """The next thing to do about a program, in a few words; the first that holds."""
    if not ranking or not ranking.newest_data:
        return _("Log the first datapoints")
    if ranking.p_last_acceptable is not None and ranking.p_last_acceptable < HOPELESS:
        return _("On this path it fails: change people, scope or path")
    if limit is None or limit.state == Limit.State.UNKNOWN:
        return _("Name the limiting factor")
    if limit.factor and ranking.proposal and not proposal_agrees(limit, ranking):
        return _("Look again: the model names something else")
    if today - ranking.newest_data > REVIEW_DUE_AFTER:
        return _("Hold a review")
    if limit.factor:
        return _("Attack the limiting factor")
    return _("Leave it alone")
