"""What the page of calibration shows: counted in the database, so that it costs the same with many programs."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db.models import Case, Count, F, FloatField, IntegerField, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Cast, Floor, Least
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects import charts
from projects.look.chart_words import chart_words
from projects.models import Program
from reviews.calibration import FEWEST, Bias, Bin, Lateness, Score, Verdict, band, bias, judge, score
from reviews.calibration.reliability import BINS
from reviews.models import ForecastScore, StatedDate
from reviews.services.scores import OWN_DEADLINE

Programs = QuerySet[Program]
VERDICTS = {
    Verdict.TOO_FEW: gettext_lazy("Too few fell due: nothing can be said."),
    Verdict.OPTIMISTIC: gettext_lazy("Too optimistic: fewer were met than chance explains."),
    Verdict.IN_ORDER: gettext_lazy("In order: late about half the time is right."),
    Verdict.EASY: gettext_lazy("Too easy: more were met than chance explains. Pull them in."),
}
HORIZON_WORDS = {
    4: gettext_lazy("4 weeks ahead"),
    13: gettext_lazy("a quarter ahead"),
    26: gettext_lazy("half a year ahead"),
    52: gettext_lazy("a year ahead"),
    OWN_DEADLINE: gettext_lazy("by its deadline"),
}


# ---- deadlines -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Deadlines:
    """How many of the deadlines that fell due were met; those of which nobody knows are not among them."""

    imported: bool
    met: int
    due: int
    unknown: int

    @property
    def verdict(self) -> Verdict:
        return judge(self.met, self.due)

    @property
    def words(self) -> str:
        return str(VERDICTS[self.verdict])

    @property
    def band(self) -> tuple[int, int]:
        return band(self.due)

    @property
    def title(self) -> str:
        return _("Brought in with an import") if self.imported else _("Stated here")

    @property
    def spec(self) -> dict | None:
        """The dots, where there are enough to say something."""
        if self.verdict == Verdict.TOO_FEW:
            return None
        return charts.deadlines_met(title=self.title, met=self.met, due=self.due, band=self.band, words=chart_words())


def deadlines(programs: Programs) -> list[Deadlines]:
    """Those that were stated here, and those of imported histories; one query."""
    outcomes = StatedDate.Outcome
    rows = (
        StatedDate.objects.filter(program__in=programs)
        .values("imported")
        .annotate(
            met=Count("pk", filter=Q(outcome=outcomes.MET)),
            due=Count("pk", filter=~Q(outcome=outcomes.UNKNOWN)),
            unknown=Count("pk", filter=Q(outcome=outcomes.UNKNOWN)),
        )
        .order_by()
    )
    found = {row["imported"]: Deadlines(**row) for row in rows}
    return [found.get(imported, Deadlines(imported, 0, 0, 0)) for imported in (False, True)]


# ---- optimism of one owner of dates ----------------------------------------------------------------------------------


def bias_of(owner: User, programs: Programs) -> tuple[Bias | None, int]:
    """How late the dates that `owner` stated in `programs` turned out, and how many fell due (M20); one query.

    Whoever calls it must have made sure that the reader is that owner, or manages the program.
    """
    today = timezone.localdate()
    rows = StatedDate.objects.filter(program__in=programs, by=owner).exclude(outcome=StatedDate.Outcome.UNKNOWN)
    late = [
        Lateness(((finished or today) - day).days, open=finished is None)
        for day, finished in rows.order_by().values_list("day", "finished_on")
    ]
    return bias(late), len(late)


# ---- forecasts -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Horizon:
    """The score of what was said of one horizon, and its diagram."""

    weeks: int
    score: Score

    @property
    def label(self) -> str:
        return str(HORIZON_WORDS[self.weeks])

    @property
    def enough(self) -> bool:
        """Whether it speaks of enough goals: forecasts of one goal are no more evidence than the goal."""
        return self.score.goals >= FEWEST

    def spec(self, title: str) -> dict:
        bins = [charts.ReliableBin(one.said, one.share, *one.band, n=one.n, goals=one.goals) for one in self.score.bins]
        return charts.reliability(title=f"{title}, {self.label}", bins=bins, words=chart_words())


def horizons(programs: Programs) -> dict[bool, list[Horizon]]:
    """{replayed: its horizons}: what was really issued, and what would have been said of imported histories, apart."""
    seen = ForecastScore.objects.filter(goal__team__program__in=programs).annotate(replayed=Q(forecast__isnull=True))
    tenth = Least(Cast(Floor(F("probability") * BINS), IntegerField()), Value(BINS - 1))
    came = Case(When(came=True, then=1.0), default=0.0, output_field=FloatField())
    rows = (
        seen.annotate(tenth=tenth)
        .values("replayed", "horizon", "tenth")
        .annotate(
            n=Count("pk"),
            goals=Count("goal", distinct=True),
            hits=Count("pk", filter=Q(came=True)),
            said=Sum("probability"),
            squared=Sum(F("probability") * F("probability")),
            squares=Sum((F("probability") - came) * (F("probability") - came)),
        )
        .order_by("tenth")
    )
    goals = {
        (replayed, horizon): n
        for replayed, horizon, n in seen.values_list("replayed", "horizon")
        .annotate(n=Count("goal", distinct=True))
        .order_by()
    }
    of: dict[tuple[bool, int], list[dict]] = {}
    for row in rows:
        of.setdefault((bool(row["replayed"]), row["horizon"]), []).append(dict(row))
    found: dict[bool, list[Horizon]] = {False: [], True: []}
    for weeks in HORIZON_WORDS:
        for replayed in found:
            made = _score(of.get((replayed, weeks), []), goals.get((replayed, weeks), 0))
            if made:
                found[replayed].append(Horizon(weeks, made))
    return found


def _score(rows: Sequence[dict], goals: int) -> Score | None:
    return score(
        [Bin(row["n"], row["goals"], row["said"] / row["n"], row["hits"]) for row in rows],
        goals=goals,
        squares=sum(row["squares"] for row in rows),
        squared=sum(row["squared"] for row in rows),
    )


def chosen(found: Sequence[Horizon], asked: str) -> Horizon | None:
    """The horizon that was asked for, else the one with most behind it."""
    for one in found:
        if str(one.weeks) == asked:
            return one
    return max(found, key=lambda one: (one.score.goals, one.score.n), default=None)
