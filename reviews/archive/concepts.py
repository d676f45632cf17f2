"""What belongs to a program: one concept a file, in the order in which rows need each other.

Columns are taken from the models, so a new column travels by itself. A new model of a program needs its line in
`CONCEPTS`, or in `LEFT_OUT` with the reason; a new JSON column or loose id needs its codec in `CODECS`.
`tests/reviews/archive/test_complete.py` holds that.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.db import models
from django.db.models import Q, QuerySet

from projects.models import (
    Capacity,
    Claim,
    Decision,
    Dependency,
    Engineer,
    Event,
    Evidence,
    Factor,
    Gate,
    Goal,
    Import,
    Intervention,
    Layer,
    Limit,
    Membership,
    Outlook,
    Program,
    ProgramRevision,
    PublicPrediction,
    Ranking,
    RankingDay,
    ReviewOdds,
    Revision,
    Seat,
    SuccessorPrediction,
    Supply,
    Team,
    WeeksOff,
)
from reviews.archive.codecs import Account, Codec, LastKnown, Plain, Reference, Rests, Subject
from reviews.archive.shapes import Anything, Day, Id, Keys, Line, Many, Maybe, Number, Pair, Record, Shaped, Text, Whole
from reviews.models import (
    Cadence,
    Comment,
    Datapoint,
    Forecast,
    InterventionEffect,
    Review,
    SlotChange,
    Spell,
    Statement,
    Turn,
)

FORMAT = "limiting-factor-program"
VERSION = 1

# ---- which rows ------------------------------------------------------------------------------------------------------

Rows = Callable[[Program], QuerySet]


def of(model: type[models.Model], path: str) -> Rows:
    """The rows whose `path` leads to the program, in the order in which they were made."""
    return lambda program: model._default_manager.filter(**{path: program.pk}).order_by("pk")


def program_itself(program: Program) -> QuerySet:
    return Program.objects.filter(pk=program.pk)


def members(program: Program) -> QuerySet:
    """By name: that order is the same where other accounts have other ids."""
    return Membership.objects.filter(program=program).order_by("user__username")


def engineers(program: Program) -> QuerySet:
    """Who sits, was heard or was quoted here, or stands in its history."""
    seats = Seat.objects.filter(team__program=program).values("engineer")
    turns = Turn.objects.filter(review__program=program).values("engineer")
    quoted = Datapoint.objects.filter(goal__team__program=program, engineer__isnull=False).values("engineer")
    told = Event.objects.filter(program=program, engineer__isnull=False).values("engineer")
    found = Q(pk__in=seats) | Q(pk__in=turns) | Q(pk__in=quoted) | Q(pk__in=told)
    return Engineer.objects.filter(found).order_by("pk")


def factor_ids(program: Program) -> list[int]:
    """Factors that the program touches and what those are part of, what stands above first."""
    new: set[int] = set()
    for concept in CONCEPTS:
        for column in concept.model._meta.concrete_fields:
            if column.related_model is Factor and concept.model is not Factor and not concept.shared:
                named = concept.rows(program).filter(**{f"{column.name}__isnull": False}).order_by()
                new.update(named.values_list(column.name, flat=True).distinct())
    parents: dict[int, int | None] = {}
    while new:
        parents |= dict(Factor.objects.filter(pk__in=new).values_list("pk", "parent"))
        new = {parent for parent in parents.values() if parent and parent not in parents}
    return sorted(parents, key=lambda pk: (_depth(pk, parents), pk))


def _depth(pk: int, parents: dict[int, int | None]) -> int:
    above, depth = parents.get(pk), 0
    while above is not None and depth < len(parents):  # a circle of factors ends somewhere too
        above, depth = parents.get(above), depth + 1
    return depth


def factors(program: Program) -> QuerySet:
    ids = factor_ids(program)
    order = models.Case(*(models.When(pk=pk, then=n) for n, pk in enumerate(ids)), output_field=models.IntegerField())
    return Factor.objects.filter(pk__in=ids).order_by(order) if ids else Factor.objects.none()


def claims(program: Program) -> QuerySet:
    return Claim.objects.filter(factor__in=factor_ids(program)).order_by("pk")


def events(program: Program) -> QuerySet:
    """What happened in the program; that an archive was brought in happened to this installation."""
    return Event.objects.filter(program=program).exclude(subject="archiveimport").order_by("pk")


# ---- concepts --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Concept:
    """One kind of row and the file `<name>.jsonl` that holds it."""

    name: str
    model: type[models.Model]
    rows: Rows
    shared: bool = False  # it belongs to a factor, and so to whatever that factor limits elsewhere

    @property
    def file(self) -> str:
        return f"{self.name}.jsonl"

    def fields(self) -> list[models.Field]:
        """Every column but the key, the way to the program, and what is left out by name."""
        return [
            column
            for column in self.model._meta.concrete_fields
            if not column.primary_key
            and column.related_model is not Program
            and f"{self.model.__name__}.{column.name}" not in LEFT_OUT
        ]

    def codecs(self) -> dict[str, Codec]:
        return {column.name: codec_of(self, column) for column in self.fields()}


CONCEPTS = (
    Concept("program", Program, program_itself),
    Concept("memberships", Membership, members),
    Concept("teams", Team, of(Team, "program")),
    Concept("engineers", Engineer, engineers),
    Concept("seats", Seat, of(Seat, "team__program")),
    Concept("weeks_off", WeeksOff, of(WeeksOff, "team__program")),
    Concept("factors", Factor, factors),
    Concept("claims", Claim, claims, shared=True),
    Concept("goals", Goal, of(Goal, "team__program")),
    Concept("dependencies", Dependency, of(Dependency, "goal__team__program")),
    Concept("gates", Gate, of(Gate, "goal__team__program")),
    Concept("limits", Limit, of(Limit, "program")),
    Concept("layers", Layer, of(Layer, "limit__program")),
    Concept("predictions", SuccessorPrediction, of(SuccessorPrediction, "limit__program")),
    Concept("public_predictions", PublicPrediction, of(PublicPrediction, "program")),
    Concept("interventions", Intervention, of(Intervention, "program")),
    Concept("program_revisions", ProgramRevision, of(ProgramRevision, "program")),
    Concept("review_odds", ReviewOdds, of(ReviewOdds, "program")),
    Concept("decisions", Decision, of(Decision, "program")),
    Concept("supplies", Supply, of(Supply, "program")),
    Concept("capacities", Capacity, of(Capacity, "supply__program")),
    Concept("imports", Import, of(Import, "program")),
    Concept("revisions", Revision, of(Revision, "goal__team__program")),
    Concept("cadences", Cadence, of(Cadence, "program")),
    Concept("slot_changes", SlotChange, of(SlotChange, "cadence__program")),
    Concept("reviews", Review, of(Review, "program")),
    Concept("turns", Turn, of(Turn, "review__program")),
    Concept("spells", Spell, of(Spell, "turn__review__program")),
    Concept("statements", Statement, of(Statement, "turn__review__program")),
    Concept("datapoints", Datapoint, of(Datapoint, "goal__team__program")),
    Concept("comments", Comment, of(Comment, "datapoint__goal__team__program")),
    Concept("evidence", Evidence, of(Evidence, "program")),
    Concept("forecasts", Forecast, of(Forecast, "goal__team__program")),
    Concept("effects", InterventionEffect, of(InterventionEffect, "intervention__program")),
    Concept("outlooks", Outlook, of(Outlook, "goal__team__program")),
    Concept("ranking", Ranking, of(Ranking, "program")),
    Concept("ranking_days", RankingDay, of(RankingDay, "program")),
    Concept("events", Event, events),
)
BY_NAME = {concept.name: concept for concept in CONCEPTS}

LEFT_OUT = {
    "AccessToken": "the key of a person of this installation, which opens nothing elsewhere",
    "ArchiveImport": "says how the program came to this installation",
    "Subscription": "what a person of this installation is mailed; it stays with its person",
    "Hook": "the secret address of a channel; a copy elsewhere must not post there",
    "Delivery": "what was sent to whom from this installation; a copy must not send it again",
    "Watch": "what a person or channel of this installation was last told",
    "Subscription.programs": "a person's choice among the programs of this installation",
    "CalendarFeed": "the secret address of a person of this installation",
    "Invitation": "a mail address and a promise of this installation; who accepted it is a member",
    "Upload": "a file on its way in; what it became travels as an import",
    "UploadPiece": "a part of a file on its way in",
    "Seal": "a chain over the rows of this installation; its head stands in the manifest",
    "Finding": "what the audit of this installation found; it is found again elsewhere",
    "RefusalCount": "what was refused at the doors of this installation",
    "KeptName": "travels as the usernames that it keeps",
    "StatedDate": "judged again, from the goals, revisions and datapoints that travel",
    "ForecastScore": "judged again, from the forecasts and datapoints that travel",
    "AttentionPlan": "a person's week across all programs; it stays with its person",
    "AttentionLine": "a part of a person's plan for a week",
    "AttentionEntry": "a person's ledger of hours across all programs; it stays with its person",
    "Heartbeat": "says that the processes of this installation are at work",
    "JobRun": "what the workers of this installation did",
    "Night": "the nightly forecasts of all programs of this installation",
    "NightPart": "how far the nightly forecasts of this installation are",
    "Goal.needs": "its rows are the dependencies",
    "Program.members": "its rows are the memberships",
}

# ---- codecs ----------------------------------------------------------------------------------------------------------

# A membership is known by its account, so it has no number that lasts.
NUMBERED = {str(c.model._meta.model_name): c.name for c in CONCEPTS if c.name not in ("memberships", "events")}

DAYS = Many(Maybe(Number()))
CURVE = Many(Pair(Day(), Number()))
LINE = Line(
    {"goal": "goals", "factor": "factors"},
    Record(
        {
            "name": Text(),
            "relief_days": Number(),
            "criticality": Number(),
            "urgency": Maybe(Number()),
            "gated_by": Many(Id("factors")),
        }
    ),
)
VOTE = Record({"text": Text(), "votes": Whole()}, {"factor": Maybe(Id("factors"))})
TEAM = Record({"verdict": Text(), "holds_back": Maybe(Id("goals"))}, {"p_deadline": Maybe(Number())})

LAYER = Record({"id": Id("factors"), "name": Text()})
DECLARED = Record({}, {"limit": Id("limits"), "layers": Many(LAYER), "line": Maybe(LINE)})
GOAL = Record(
    {"name": Text(), "verdict": Text(), "p50": Maybe(Day()), "value": Maybe(Number())}, {"p_deadline": Maybe(Number())}
)
STOOD = Record({}, {"goals": Keys(Record({"verdict": Text()}), "goals"), "p_deadline": Maybe(Number())})
POINT = Record({"goal_id": Id("goals")})
SUMMARY = Record(
    {},
    {
        "turns": Many(Record({}, {"points": Many(POINT), "said": Many(Record())})),
        "deadlines": Many(POINT),
        "surprises": Many(POINT),
        "verdicts": Many(POINT),
        "blockers": Many(Record({}, {"factor": Maybe(Id("factors")), "by": Many(Text())})),
        "gaps": Many(Record()),
        "before": Record(),
        "after": Record(),
    },
)
BAND = Record(dict.fromkeys(("p10", "p50", "p90"), Many(Maybe(Number()))))
SUPPLY = Record({"factor": Id("factors"), "name": Text(), "binds": Many(Number()), "allows": BAND})
SUCCESSOR = Record({"factor": Id("factors"), "name": Text()}, {"chance": Number()})
FLOW = Record(
    {
        "output": BAND,
        "days": Many(Number()),
        "supplies": Many(SUPPLY),
        "crossings": Many(Record({"first": Id("factors"), "then": Id("factors")}, {"chance": Number()})),
        "successors": Many(SUCCESSOR),
        "eras": Many(Record({"factor": Id("factors"), "name": Text(), "start": Number(), "end": Number()})),
    },
)

MADE = Record(
    {},
    {
        "teams": Many(Id("teams")),
        "goals": Many(Id("goals")),
        "changes": Many(Record({"goal": Id("goals"), "field": Text()})),
        "counts": Keys(Whole()),
    },
)

CODECS: dict[str, Codec] = {
    "Import.made": Shaped(MADE),
    "Import.undone": Shaped(Record({}, {"kept": Many(Text())})),
    "Event.subject_id": Subject(NUMBERED),
    "Event.changes": Shaped(Keys(Anything())),
    "Evidence.reference": Rests({"datapoint": "datapoints", "statement": "statements"}),
    "Forecast.newest_datapoint": LastKnown("datapoints"),
    "Forecast.newest_revision": LastKnown("revisions"),
    "Forecast.reasons": Shaped(Many(Text())),
    "Forecast.finish_days": Shaped(DAYS),
    "Outlook.reasons": Shaped(Many(Text())),
    "Outlook.finish_days": Shaped(DAYS),
    "Outlook.curve": Shaped(CURVE),
    "Outlook.expansion": Shaped(Keys(Anything()), null=True),
    "Outlook.blocker_votes": Shaped(Many(VOTE)),
    "Review.before": Shaped(STOOD),
    "Review.summary": Shaped(SUMMARY, null=True),
    "Ranking.finish_days": Shaped(DAYS),
    "Ranking.lines": Shaped(Many(LINE)),
    "Ranking.proposal": Shaped(LINE, null=True),
    "Ranking.behind": Shaped(LINE, null=True),
    "Ranking.following": Shaped(LINE, null=True),
    "Ranking.called": Shaped(LINE, null=True),
    "Ranking.declared": Shaped(DECLARED),
    "RankingDay.proposal": Shaped(LINE, null=True),
    "RankingDay.behind": Shaped(LINE, null=True),
    "RankingDay.following": Shaped(LINE, null=True),
    "RankingDay.goals": Shaped(Keys(GOAL, "goals")),
    "Ranking.flow": Shaped(FLOW, null=True),
    "Ranking.reasons": Shaped(Many(Text())),
    "Ranking.left_out": Shaped(Many(Text())),
    "Ranking.verdicts": Shaped(Keys(Whole())),
    "Ranking.teams": Shaped(Keys(TEAM, "teams")),
    "Ranking.curve": Shaped(CURVE),
}
ANY_DAY = {"p10", "p50", "p90", "old_p50", "new_p50"}


def codec_of(concept: Concept, column: models.Field) -> Codec:
    special = CODECS.get(f"{concept.model.__name__}.{column.name}")
    if special:
        return special
    if not column.is_relation:
        return Plain(column, any_day=column.name in ANY_DAY)
    if is_account(column):
        return Account(null=column.null)
    named = next(other.name for other in CONCEPTS if other.model is column.related_model)
    return Reference(named, null=column.null, own=named == concept.name)


def is_account(column: models.Field) -> bool:
    return bool(column.is_relation and column.related_model._meta.label == settings.AUTH_USER_MODEL)
