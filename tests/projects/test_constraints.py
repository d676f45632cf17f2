"""What the database itself refuses, past every form and service: by bulk_create and by update of a queryset."""

import datetime as dt
import uuid
from collections.abc import Callable

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import Error, connection, transaction
from django.db.models import BaseConstraint, Model, UniqueConstraint
from django.utils import timezone

from projects.models import (
    AccessToken,
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
    Invitation,
    Layer,
    Limit,
    Membership,
    Program,
    ProgramRevision,
    PublicPrediction,
    RankingDay,
    RefusalCount,
    ReviewOdds,
    Revision,
    Seal,
    Seat,
    SuccessorPrediction,
    Supply,
    Team,
    WeeksOff,
)
from reviews.models import (
    ArchiveImport,
    AttentionEntry,
    AttentionLine,
    AttentionPlan,
    Cadence,
    Comment,
    Datapoint,
    Delivery,
    Finding,
    Forecast,
    ForecastScore,
    Heartbeat,
    Hook,
    InterventionEffect,
    JobRun,
    KeptName,
    Night,
    NightPart,
    Review,
    SlotChange,
    StatedDate,
    Statement,
    Subscription,
    Turn,
    Upload,
    UploadPiece,
    Watch,
)
from tests.factories import make_user

pytestmark = pytest.mark.django_db

DAY = dt.date(2026, 3, 2)
NAN, INF = float("nan"), float("inf")
NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
KEY = uuid.UUID(int=7)


class World:
    """One good row of each model, and what another good one is made of."""

    def __init__(self):
        self.user = make_user()
        self.program = Program.objects.create(name="Program", slug="program", start=DAY)
        self.team = Team.objects.create(program=self.program, name="Team")
        self.engineer = Engineer.objects.create(name="Ann")
        self.goal = self.make(Goal)
        self.other = self.make(Goal, name="Other")
        self.factor = self.make(Factor)
        self.source = self.make(Import)
        self.review = self.make(Review, state="scheduled", opened_at=None)
        self.gate = self.make(Gate)
        self.limit = self.make(Limit)
        self.layer = self.make(Layer)
        self.successorprediction = self.make(SuccessorPrediction, by_model=True)
        self.rankingday = self.make(RankingDay)
        self.membership = self.make(Membership)
        self.dependency = self.make(Dependency)
        self.datapoint = self.make(Datapoint, uuid=KEY)
        self.evidence = self.make(Evidence, reference="datapoint:1")
        self.turn = self.make(Turn)
        self.seat = self.make(Seat)
        self.forecast = self.make(Forecast)
        self.revision = self.make(Revision)
        self.weeks_off = self.make(WeeksOff)

    def fine(self, model: type[Model]) -> dict:
        """What a good row needs, beside the rows that are there."""
        day, at = DAY, timezone.now()
        return {
            Program: lambda: {"name": "Second", "slug": "second", "start": day},
            Team: lambda: {"program": self.program, "name": "Second"},
            Membership: lambda: {"program": self.program, "user": make_user(), "role": "viewer"},
            Goal: lambda: {
                "team": self.team,
                "name": "Goal",
                "baseline": 0,
                "target": 9,
                "direction": "up",
                "start": day,
                "deadline": day + dt.timedelta(days=9),
            },
            Dependency: lambda: {"goal": self.goal, "needs": self.other},
            Revision: lambda: {"goal": self.goal, "on": day, "old_target": 9, "new_target": 8, "memo": "Less will do"},
            Factor: lambda: {"name": "Vanes"},
            Gate: lambda: {"factor": self.factor, "goal": self.goal},
            Limit: lambda: {"program": self.program, "state": "unknown", "since": day, "memo": "Not looked yet"},
            Layer: lambda: {"limit": self.limit, "factor": self.factor, "since": day, "memo": "Three foundries"},
            SuccessorPrediction: lambda: {
                "limit": self.limit,
                "factor": self.factor,
                "window_from": day,
                "window_to": day,
                "probability": 0.5,
                "memo": "Seen coming",
            },
            RankingDay: lambda: {"program": self.program, "day": day},
            Evidence: lambda: {
                "program": self.program,
                "factor": self.factor,
                "kind": "note",
                "text": "Seen",
                "on": day,
            },
            Import: lambda: {"program": self.program, "file_name": "f.csv", "sha256": "0" * 64, "memo": "From f.csv"},
            Review: lambda: {"program": self.program, "state": "live", "scheduled_for": at, "opened_at": at},
            Turn: lambda: {"review": self.review, "engineer": self.engineer, "team": self.team},
            Datapoint: lambda: {
                "goal": self.goal,
                "level": "doer",
                "value": 3,
                "memo": "Three are done",
                "observed_on": day,
                "origin": "late",
                "uuid": uuid.uuid4(),
            },
            Forecast: lambda: {"goal": self.goal, "as_of": day, "verdict": "slow", "inputs_hash": "0", "engine": "e"},
            Seat: lambda: {"team": self.team, "engineer": self.engineer, "joined": day},
            WeeksOff: lambda: {"team": self.team, "first_day": day, "last_day": day, "reason": "Ice"},
            Claim: lambda: {"factor": self.factor, "question": "What limits it?", "says": "Permits", "source": "A"},
            ProgramRevision: lambda: {"program": self.program, "new_deadline": day, "memo": "The pad is late"},
            ReviewOdds: lambda: {"program": self.program, "at": NOON, "p": 0.2, "last_acceptable": day},
            Decision: lambda: {"program": self.program, "choice": "scope", "memo": "Half of it ships"},
            Intervention: lambda: {
                "program": self.program,
                "goal": self.goal,
                "type": "pilot",
                "started_on": day,
                "review_on": day + dt.timedelta(days=7),
                "expected_days": 7,
                "memo": "Two vanes first",
            },
            Invitation: lambda: {"program": self.program, "email": "ann@example.org", "role": "viewer"},
            AccessToken: lambda: {"user": self.user, "name": "Night", "digest": uuid.uuid4().hex, "ending": "abcd"},
            Supply: lambda: {
                "program": self.program,
                "factor": self.factor,
                "unit": "vanes",
                "need_low": 1,
                "need_high": 2,
                "memo": "Counted",
            },
            Capacity: lambda: {"supply": self.row(Supply), "on": day, "low": 1, "high": 2, "source": "The foundry"},
            ArchiveImport: lambda: {"program": self.elsewhere(), "memo": "From the other site"},
            KeptName: lambda: {
                "program": self.program,
                "concept": "c",
                "field": "by",
                "first": 1,
                "last": 1,
                "name": "A",
            },
            AttentionPlan: lambda: {"user": self.user, "week": day, "minutes": 60},
            AttentionLine: lambda: {"plan": self.row(AttentionPlan), "program": self.program},
            AttentionEntry: lambda: {
                "user": self.user,
                "program": self.program,
                "on": day,
                "minutes": 5,
                "memo": "Called them",
            },
            Cadence: lambda: {
                "program": self.program,
                "team": self.team,
                "weekdays": "TU",
                "at": dt.time(9),
                "minutes": 60,
                "zone": "UTC",
                "first_day": day,
            },
            SlotChange: lambda: {"cadence": self.row(Cadence), "day": day, "memo": "A holiday"},
            Comment: lambda: {"datapoint": self.datapoint, "text": "It was five", "from_engineer": True},
            Statement: lambda: {"turn": self.turn, "kind": "blocked", "text": "No foundry"},
            Heartbeat: lambda: {"part": "beat", "at": at},
            JobRun: lambda: {"key": uuid.uuid4().hex, "task": "refit", "state": "done", "finished_at": at},
            Night: lambda: {"on": day, "started_at": at},
            NightPart: lambda: {"night": self.row(Night), "program": self.program},
            PublicPrediction: lambda: {
                "program": self.program,
                "text": "A million vanes a month by 2030",
                "source": "An article",
                "stated_on": day,
                "due_on": day + dt.timedelta(days=900),
                "judged_by": "The foundries' own count",
            },
            InterventionEffect: lambda: {
                "intervention": self.make(Intervention),
                "goal": self.goal,
                "days": 5,
                "low": -3,
                "high": 9,
                "as_of": day,
                "judged_at": at,
            },
            StatedDate: lambda: {
                "program": self.program,
                "goal": self.goal,
                "day": day,
                "stated_on": day - dt.timedelta(days=9),
                "outcome": "met",
            },
            ForecastScore: lambda: {
                "goal": self.goal,
                "as_of": day,
                "horizon": 4,
                "due": day + dt.timedelta(weeks=4),
                "probability": 0.4,
                "came": True,
                "engine": "e",
            },
            UploadPiece: lambda: {"upload": self.upload(), "number": 1, "content": b"x"},
            Subscription: lambda: {"user": make_user(), "planned_to": day, "changed_at": at},
            Hook: lambda: {
                "program": self.program,
                "name": "#engines",
                "url": "https://chat.example.org/x",
                "planned_to": day,
                "changed_at": at,
            },
            Watch: lambda: {"subscription": self.row(Subscription), "program": self.program},
            Delivery: lambda: {
                "uuid": uuid.uuid4(),
                "kind": "digest",
                "channel": "mail",
                "user": self.user,
                "key": "week 2026-03-02",
                "due_at": at,
                "next_try": at,
            },
            RefusalCount: lambda: {"rule": "memo_blank", "week": day},
            Finding: lambda: {
                "rule": "r",
                "subject": "goal",
                "subject_id": 1,
                "says": "So it is",
                "found_at": at,
                "seen_at": at,
            },
            Seal: lambda: {"program": self.program, "number": 1, "event": self.event(), "at": at, "hash": "0" * 64},
        }[model]()

    def elsewhere(self) -> Program:
        return Program.objects.create(name=f"Elsewhere {uuid.uuid4()}", slug=uuid.uuid4().hex, start=DAY)

    def event(self) -> Event:
        return Event.objects.create(program=self.program, verb="said", subject="program", subject_id=self.program.pk)

    def upload(self) -> Upload:
        return Upload.objects.first() or Upload.objects.create(by=self.user, file_name="f.csv")

    def make(self, model: type[Model], **fields) -> Model:
        return model._default_manager.create(**self.fine(model) | fields)

    def row(self, model: type[Model]) -> Model:
        """The row of the model that is there already, made now where no other needed it."""
        name = {WeeksOff: "weeks_off", Import: "source"}.get(model, model.__name__.lower())
        if not hasattr(self, name):
            setattr(self, name, self.make(model))
        return getattr(self, name)


@pytest.fixture
def world() -> World:
    return World()


Fields = Callable[[World], dict]


def case(name: str, model: type[Model], fields: Fields, *, only_new: bool = False):
    return pytest.param(name, model, fields, only_new, id=f"{name}-{model.__name__}")


def at(hours: int = 0) -> dt.datetime:
    return timezone.now() + dt.timedelta(hours=hours)


def live_too(world: World) -> dict:
    world.make(Review)
    return {}


def superseded_too(world: World) -> dict:
    world.make(Datapoint, supersedes=world.datapoint)
    return {"supersedes": world.datapoint}


def there(model: type[Model]) -> Fields:
    """Nothing else than the row that is there."""

    def fields(world: World) -> dict:
        world.row(model)
        return {}

    return fields


def sealed_too(world: World) -> dict:
    world.make(Seal, program=None)
    return {"program": None}


def same_intervention(world: World) -> dict:
    return {"intervention": world.row(InterventionEffect).intervention}


def scored_already(world: World) -> dict:
    world.make(ForecastScore, forecast=world.forecast)
    return {"forecast": world.forecast, "as_of": BEFORE}


def own_date_already(world: World) -> dict:
    world.make(StatedDate, goal=None)
    return {"goal": None}


def another_rhythm(world: World) -> dict:
    world.make(Cadence, team=None)
    return {"team": None}


def in_one_slot(world: World) -> dict:
    slot = {"cadence": world.row(Cadence), "slot_on": DAY, "state": "scheduled", "opened_at": None}
    world.make(Review, **slot)
    return slot


def of_one_subscription(world: World) -> dict:
    first = {"subscription": world.row(Subscription), "key": "week 2026-03-09"}
    world.make(Delivery, **first)
    return first | {"user": make_user()}


def to_one_hook(world: World) -> dict:
    first = {"hook": world.row(Hook), "user": None, "channel": "hook"}
    world.make(Delivery, **first)
    return first


def watched_by_a_hook(world: World) -> dict:
    first = {"hook": world.row(Hook), "subscription": None}
    world.make(Watch, **first)
    return first


BEFORE = DAY - dt.timedelta(days=1)
NUMBERS = [
    *[("goal_values_finite", Goal, field) for field in ("baseline", "target")],
    *[("revision_values_finite", Revision, field) for field in ("old_target", "new_target")],
    ("datapoint_value_finite", Datapoint, "value"),
]
MEMOS = [
    ("limit_memo_meant", Limit),
    ("layer_memo_meant", Layer),
    ("prediction_memo_meant", SuccessorPrediction),
    ("import_memo_meant", Import),
    ("revision_memo_meant", Revision),
    ("intervention_memo_meant", Intervention),
    ("decision_memo_meant", Decision),
    ("program_revision_memo_meant", ProgramRevision),
    ("supply_memo_meant", Supply),
    ("archive_import_memo_meant", ArchiveImport),
    ("attention_entry_memo_meant", AttentionEntry),
    ("slot_change_memo_meant", SlotChange),
]
CASES = [
    *[case(name, model, lambda w, f=field, v=value: {f: v}) for name, model, field in NUMBERS for value in (INF, -INF)],
    *[case(name, model, lambda w, f=field: {f: 1.1e300}) for name, model, field in NUMBERS],
    *[case("goal_need_finite", Goal, lambda w, v=value: {"need_per_unit": v}) for value in (INF, -INF)],
    *[case(name, model, lambda w, t=text: {"memo": t}) for name, model in MEMOS for text in ("", "   ", "\t\r\n ")],
    *[case("datapoint_memo_meant", Datapoint, lambda w, t=text: {"memo": t}) for text in ("", "   ", "\t\r\n ")],
    case("factor_name_meant", Factor, lambda w: {"name": "  "}),
    case("program_deadline_after_start", Program, lambda w: {"deadline": DAY}),
    case("program_deadline_after_start", Program, lambda w: {"deadline": BEFORE}),
    case("program_last_acceptable_after_start", Program, lambda w: {"last_acceptable": DAY}),
    case(
        "program_last_acceptable_after_deadline",
        Program,
        lambda w: {"deadline": DAY + dt.timedelta(days=9), "last_acceptable": DAY + dt.timedelta(days=8)},
    ),
    case("program_kind_known", Program, lambda w: {"kind": "hobby"}),
    case("program_name_unique", Program, lambda w: {"name": "PROGRAM"}, only_new=True),
    case("slug", Program, lambda w: {"slug": "program"}, only_new=True),
    case("team_name_unique", Team, lambda w: {"name": "TEAM"}, only_new=True),
    case("membership_once", Membership, lambda w: {"user": w.membership.user}, only_new=True),
    case("membership_role_known", Membership, lambda w: {"role": "emperor"}),
    case("goal_name_unique", Goal, lambda w: {"name": "gOAL"}, only_new=True),
    case("goal_target_off_baseline", Goal, lambda w: {"baseline": 9, "target": 9}),
    case("goal_direction_known", Goal, lambda w: {"direction": "left"}),
    case("goal_deadline_after_start", Goal, lambda w: {"deadline": DAY}),
    case("goal_deadline_after_start", Goal, lambda w: {"deadline": BEFORE}),
    case("goal_durations_in_order", Goal, lambda w: {"shortest_days": 9, "longest_days": 8}),
    case("goal_durations_in_order", Goal, lambda w: {"shortest_days": 9}),
    case("goal_durations_in_order", Goal, lambda w: {"longest_days": 9}),
    case("dependency_once", Dependency, lambda w: {}, only_new=True),
    case("dependency_not_on_itself", Dependency, lambda w: {"goal": w.goal, "needs": w.goal}),
    case("factor_name_unique", Factor, lambda w: {"name": "vANES"}, only_new=True),
    case("factor_not_its_own_part", Factor, lambda w: {"parent": w.factor, "pk": w.factor.pk}),
    case("gate_once", Gate, lambda w: {}, only_new=True),
    case("limit_one_open", Limit, lambda w: {}, only_new=True),
    case("limit_factor_or_word", Limit, lambda w: {"state": "factor"}),
    case("limit_factor_or_word", Limit, lambda w: {"state": "converged", "factor": w.factor}),
    case("limit_factor_or_word", Limit, lambda w: {"state": "perhaps"}),
    case("limit_in_order", Limit, lambda w: {"until": BEFORE}),
    case("layer_once", Layer, lambda w: {}, only_new=True),
    case("layer_in_order", Layer, lambda w: {"until": BEFORE}),
    case("prediction_of_the_model_once", SuccessorPrediction, lambda w: {"by_model": True}, only_new=True),
    case("prediction_of_one_thing", SuccessorPrediction, lambda w: {"factor": None}),
    case("prediction_of_one_thing", SuccessorPrediction, lambda w: {"goal": w.goal}),
    *[case("prediction_probability", SuccessorPrediction, lambda w, p=p: {"probability": p}) for p in (-0.1, 1.1)],
    case("prediction_window", SuccessorPrediction, lambda w: {"window_to": BEFORE}),
    case("prediction_outcome_known", SuccessorPrediction, lambda w: {"outcome": "maybe"}),
    case("prediction_outcome_known", SuccessorPrediction, lambda w: {"outcome": "open", "resolved_on": DAY}),
    case("ranking_once_a_day", RankingDay, lambda w: {}, only_new=True),
    case("on", Night, lambda w: {"on": w.row(Night).on}, only_new=True),
    case("night_part_once", NightPart, lambda w: {"program": w.row(NightPart).program}, only_new=True),
    case("night_part_state_matches", NightPart, lambda w: {"state": "claimed"}),
    case("night_part_state_matches", NightPart, lambda w: {"state": "done"}),
    case("night_part_state_matches", NightPart, lambda w: {"state": "perhaps"}),
    case("heartbeat_part_known", Heartbeat, lambda w: {"part": "web"}),
    case("key", JobRun, lambda w: {"key": w.row(JobRun).key}, only_new=True),
    case("job_run_state_known", JobRun, lambda w: {"state": "perhaps"}),
    case("job_run_finished_unless_running", JobRun, lambda w: {"state": "running"}),
    case("job_run_finished_unless_running", JobRun, lambda w: {"finished_at": None}),
    case("program_shocks_are_shares", Program, lambda w: {"team_shock": 0.5}),
    case("program_shocks_are_shares", Program, lambda w: {"team_shock": -0.1, "program_shock": 0.5}),
    case("program_shocks_are_shares", Program, lambda w: {"team_shock": 0.6, "program_shock": 0.5}),
    case("evidence_once_per_reference", Evidence, lambda w: {"reference": "datapoint:1"}, only_new=True),
    case("evidence_says_something", Evidence, lambda w: {"text": "  "}),
    case("review_one_live", Review, live_too, only_new=True),
    case("review_state_matches_times", Review, lambda w: {"state": "live", "opened_at": None}),
    case("review_state_matches_times", Review, lambda w: {"state": "live", "closed_at": at()}),
    case("review_state_matches_times", Review, lambda w: {"state": "closed", "closed_at": None}),
    case("review_state_matches_times", Review, lambda w: {"state": "closed", "opened_at": at(), "closed_at": at(-1)}),
    case("review_state_matches_times", Review, lambda w: {"state": "scheduled", "opened_at": at()}),
    case("turn_once", Turn, lambda w: {}, only_new=True),
    case("uuid", Datapoint, lambda w: {"uuid": KEY}, only_new=True),
    case("datapoint_level_said", Datapoint, lambda w: {"level": "unknown"}),
    case("datapoint_level_known", Datapoint, lambda w: {"level": "boss"}),
    case("datapoint_origin_matches_import", Datapoint, lambda w: {"origin": "import"}),
    case("datapoint_origin_matches_import", Datapoint, lambda w: {"origin": "late", "source": w.source}),
    case("datapoint_origin_matches_import", Datapoint, lambda w: {"origin": "guess"}),
    case("supersedes", Datapoint, superseded_too, only_new=True),
    case("forecast_once", Forecast, lambda w: {}, only_new=True),
    case("seat_open_once", Seat, lambda w: {}, only_new=True),
    case("seat_left_after_joined", Seat, lambda w: {"left": BEFORE}),
    case("weeks_off_in_order", WeeksOff, lambda w: {"last_day": BEFORE}),
    case("program_output_target_positive", Program, lambda w: {"output_target": 0}),
    case("program_output_target_positive", Program, lambda w: {"output_target": INF}),
    case("claim_once_per_source", Claim, there(Claim), only_new=True),
    case("claim_question_meant", Claim, lambda w: {"question": " "}),
    case("claim_says_something", Claim, lambda w: {"says": "\t"}),
    case("claim_source_meant", Claim, lambda w: {"source": ""}),
    *[
        case(f"{name}_odds_when_set", model, lambda w, p=p: {"odds_when_set": p})
        for name, model in (
            ("goal", Goal),
            ("program", Program),
            ("revision", Revision),
            ("program_revision", ProgramRevision),
        )
        for p in (-0.1, 1.1)
    ],
    *[
        case(f"{name}_on_the_way_whole", model, lambda w, f=fields: f)
        for name, model in (("goal", Goal), ("program", Program))
        for fields in ({"on_the_way": "Half of it"}, {"on_the_way_by": DAY}, {"on_the_way": " ", "on_the_way_by": DAY})
    ],
    case("review_odds_once", ReviewOdds, there(ReviewOdds), only_new=True),
    *[case("review_odds_probability", ReviewOdds, lambda w, p=p: {"p": p}) for p in (-0.1, 1.1)],
    case("review_odds_probability", ReviewOdds, lambda w: {"last_acceptable": None}),
    case("decision_choice_known", Decision, lambda w: {"choice": "pray"}),
    *[case("decision_probability", Decision, lambda w, p=p: {"p": p, "last_acceptable": DAY}) for p in (-0.1, 1.1)],
    case("decision_probability", Decision, lambda w: {"p": 0.5}),
    case("intervention_on_something", Intervention, lambda w: {"goal": None}),
    case("intervention_type_known", Intervention, lambda w: {"type": "pray"}),
    case("intervention_review_after_start", Intervention, lambda w: {"review_on": DAY}),
    case("intervention_effect_in_reach", Intervention, lambda w: {"expected_days": 3651}),
    case("invitation_open_once", Invitation, there(Invitation), only_new=True),
    case("invitation_role_known", Invitation, lambda w: {"role": "boss"}),
    case("accesstoken_name_meant", AccessToken, lambda w: {"name": " \t"}),
    case("accesstoken_name_once", AccessToken, lambda w: there(AccessToken)(w) | {"name": "NIGHT"}, only_new=True),
    case("digest", AccessToken, lambda w: {"name": "Day", "digest": w.row(AccessToken).digest}, only_new=True),
    case("supply_once", Supply, there(Supply), only_new=True),
    case("supply_need_in_order", Supply, lambda w: {"need_low": 0}),
    case("supply_need_in_order", Supply, lambda w: {"need_high": 0.5}),
    case("supply_need_in_order", Supply, lambda w: {"need_high": INF}),
    case("supply_beyond_finite", Supply, lambda w: {"beyond": -1}),
    case("supply_beyond_finite", Supply, lambda w: {"beyond": INF}),
    case("supply_growth_in_order", Supply, lambda w: {"growth_low": 5}),
    case("supply_growth_in_order", Supply, lambda w: {"growth_low": 5, "growth_high": 4}),
    case("supply_growth_in_order", Supply, lambda w: {"growth_low": -100, "growth_high": 4}),
    case("supply_unit_meant", Supply, lambda w: {"unit": " "}),
    case("capacity_once_a_day", Capacity, there(Capacity), only_new=True),
    case("capacity_in_order", Capacity, lambda w: {"low": -1}),
    case("capacity_in_order", Capacity, lambda w: {"high": 0}),
    case("capacity_in_order", Capacity, lambda w: {"high": INF}),
    case("capacity_source_meant", Capacity, lambda w: {"source": " "}),
    case("kept_name_in_order", KeptName, lambda w: {"last": 0}),
    case("attention_plan_once", AttentionPlan, there(AttentionPlan), only_new=True),
    case("attention_plan_fits_a_week", AttentionPlan, lambda w: {"minutes": 10_081}),
    case("attention_line_once", AttentionLine, there(AttentionLine), only_new=True),
    case("attention_expected_days_possible", AttentionLine, lambda w: {"expected_days": -1}),
    case("attention_expected_days_possible", AttentionLine, lambda w: {"expected_days": INF}),
    case("attention_entry_fits_a_day", AttentionEntry, lambda w: {"minutes": 0}),
    case("attention_entry_fits_a_day", AttentionEntry, lambda w: {"minutes": 1441}),
    case("cadence_one_open_per_program", Cadence, another_rhythm, only_new=True),
    case("cadence_one_open_per_team", Cadence, there(Cadence), only_new=True),
    case("cadence_minutes", Cadence, lambda w: {"minutes": 4}),
    case("cadence_weeks", Cadence, lambda w: {"every_weeks": 0}),
    case("cadence_weekdays", Cadence, lambda w: {"weekdays": " "}),
    case("slot_changed_once", SlotChange, there(SlotChange), only_new=True),
    case("review_once_a_slot", Review, in_one_slot, only_new=True),
    case("comment_meant", Comment, lambda w: {"text": "\n"}),
    case("statement_kind_known", Statement, lambda w: {"kind": "shrugged"}),
    case("statement_says_something", Statement, lambda w: {"text": " "}),
    case("subscription_weekday", Subscription, lambda w: {"weekday": 7}),
    case("subscription_hour", Subscription, lambda w: {"hour": 24}),
    case("subscription_pace", Subscription, lambda w: {"pace": "hourly"}),
    case("subscription_bound", Subscription, lambda w: {"bound": 0.0}),
    case("subscription_bound", Subscription, lambda w: {"bound": 1.0}),
    case("hook_once", Hook, there(Hook), only_new=True),
    case("hook_name_meant", Hook, lambda w: {"name": " "}),
    case("hook_weekday", Hook, lambda w: {"weekday": 7}),
    case("hook_hour", Hook, lambda w: {"hour": 24}),
    case("delivery_once_a_person", Delivery, there(Delivery), only_new=True),
    case("delivery_once_a_subscription", Delivery, of_one_subscription, only_new=True),
    case("delivery_once_a_hook", Delivery, to_one_hook, only_new=True),
    case("delivery_to_somebody", Delivery, lambda w: {"user": None}),
    case("delivery_to_somebody", Delivery, lambda w: {"channel": "hook"}),
    case("delivery_to_somebody", Delivery, lambda w: {"channel": "bird"}),
    case("delivery_kind_known", Delivery, lambda w: {"kind": "advert"}),
    case("delivery_key_meant", Delivery, lambda w: {"key": " "}),
    *[case("delivery_state_matches", Delivery, lambda w, s=s: {"state": s}) for s in ("claimed", "sent", "unknown")],
    case("delivery_state_matches", Delivery, lambda w: {"claim": KEY}),
    case("delivery_bounds_ordered", Delivery, lambda w: {"since": at(), "until": at(-1)}),
    case("delivery_bounds_ordered", Delivery, lambda w: {"since": at()}),
    case("effect_told_or_not", InterventionEffect, lambda w: {"cannot": "silent"}),
    case(
        "effect_told_or_not", InterventionEffect, lambda w: {"cannot": "mood", "days": None, "low": None, "high": None}
    ),
    case("effect_told_or_not", InterventionEffect, lambda w: {"low": None, "high": None}),
    case("effect_told_or_not", InterventionEffect, lambda w: {"goal": None}),
    case("effect_in_order", InterventionEffect, lambda w: {"high": -4}),
    case("intervention", InterventionEffect, same_intervention, only_new=True),
    case("stated_date_once", StatedDate, there(StatedDate), only_new=True),
    case("stated_date_of_program_once", StatedDate, own_date_already, only_new=True),
    case("stated_date_outcome_known", StatedDate, lambda w: {"outcome": "nearly"}),
    case("stated_date_before_its_day", StatedDate, lambda w: {"stated_on": DAY}),
    case("score_once_issued", ForecastScore, scored_already, only_new=True),
    case("score_once_replayed", ForecastScore, there(ForecastScore), only_new=True),
    *[case("score_probability", ForecastScore, lambda w, p=p: {"probability": p}) for p in (-0.1, 1.1)],
    case("score_due_after", ForecastScore, lambda w: {"due": DAY}),
    *[case("public_probability", PublicPrediction, lambda w, p=p: {"probability": p}) for p in (-0.1, 1.1)],
    case("public_due_after_stated", PublicPrediction, lambda w: {"due_on": DAY}),
    case("public_window_in_order", PublicPrediction, lambda w: {"due_from": DAY + dt.timedelta(days=901)}),
    case("public_outcome_with_memo", PublicPrediction, lambda w: {"outcome": "came"}),
    case("public_outcome_with_memo", PublicPrediction, lambda w: {"outcome": "came", "outcome_on": DAY}),
    case("public_outcome_with_memo", PublicPrediction, lambda w: {"outcome_on": DAY}),
    case("public_outcome_with_memo", PublicPrediction, lambda w: {"outcome": "so", "outcome_on": DAY}),
    case("public_text_meant", PublicPrediction, lambda w: {"text": " "}),
    case("public_source_meant", PublicPrediction, lambda w: {"source": "\n"}),
    case("public_judged_by_meant", PublicPrediction, lambda w: {"judged_by": ""}),
    case("watch_once_a_subscription", Watch, there(Watch), only_new=True),
    case("watch_once_a_hook", Watch, watched_by_a_hook, only_new=True),
    case("watch_of_one", Watch, lambda w: {"hook": w.row(Hook)}),
    case("watch_of_one", Watch, lambda w: {"subscription": None}),
    case("upload_piece_once", UploadPiece, there(UploadPiece), only_new=True),
    case("refusals_once_a_week", RefusalCount, there(RefusalCount), only_new=True),
    case("finding_once", Finding, there(Finding), only_new=True),
    case("finding_decided_with_reason", Finding, lambda w: {"state": "shrugged"}),
    case("finding_decided_with_reason", Finding, lambda w: {"state": "waived", "memo": "So be it"}),
    case("finding_decided_with_reason", Finding, lambda w: {"state": "waived", "waived_until": DAY, "memo": " "}),
    case("finding_decided_with_reason", Finding, lambda w: {"state": "quarantined", "memo": ""}),
    *[case("goal_bounds_finite", Goal, lambda w, v=v: {"lowest": v}) for v in (INF, -INF)],
    case("goal_bounds_finite", Goal, lambda w: {"highest": INF}),
    case("goal_bounds_in_order", Goal, lambda w: {"lowest": 9, "highest": 9}),
    case("seal_number_once", Seal, there(Seal), only_new=True),
    case("seal_number_once_without_program", Seal, sealed_too, only_new=True),
    case("event", Seal, lambda w: {"event": w.row(Seal).event, "number": 2}, only_new=True),
]


@pytest.mark.parametrize(("name", "model", "fields", "only_new"), CASES)
def test_no_such_row_is_made(world, name, model, fields, only_new):
    wrong = fields(world)
    if model is Limit and not only_new:
        wrong = {"until": DAY} | wrong  # a second one may be there, closed
    if model is Factor and "name" not in wrong:
        wrong = {"name": "Another"} | wrong
    if model is Goal and "name" not in wrong:
        wrong = {"name": "Another"} | wrong
    before = model._default_manager.count()
    row = model(**world.fine(model) | wrong)
    with pytest.raises(Error) as refused, transaction.atomic():
        model._default_manager.bulk_create([row])
    assert names(refused.value, name)
    assert model._default_manager.count() == before


@pytest.mark.parametrize(("name", "model", "fields", "only_new"), [one for one in CASES if not one.values[3]])
def test_no_row_becomes_so(world, name, model, fields, only_new):
    wrong = {field: value for field, value in fields(world).items() if field != "pk"}
    rows = model._default_manager.filter(pk=world.row(model).pk)
    before = rows.values().get()
    with pytest.raises(Error) as refused, transaction.atomic():
        rows.update(**wrong)
    assert names(refused.value, name)
    assert rows.values().get() == before


def declared() -> list[BaseConstraint]:
    models = [*apps.get_app_config("projects").get_models(), *apps.get_app_config("reviews").get_models()]
    return [constraint for model in models for constraint in model._meta.constraints]


def names(error: Error, constraint: str) -> bool:
    """SQLite names the columns of a unique constraint, PostgreSQL the constraint."""
    unique = any(one.name == constraint and isinstance(one, UniqueConstraint) for one in declared())
    return constraint in str(error) or (connection.vendor == "sqlite" and unique and "UNIQUE" in str(error))


@pytest.mark.parametrize(("_name", "model", "field"), NUMBERS)
def test_nan_is_no_number(world, _name, model, field):
    """SQLite keeps NaN as NULL, PostgreSQL sorts it above every number: neither is let in."""
    named = {"name": "Another"} if model is Goal else {}
    with pytest.raises(Error), transaction.atomic():
        model._default_manager.bulk_create([model(**world.fine(model) | named | {field: NAN})])
    with pytest.raises(Error), transaction.atomic():
        model._default_manager.filter(pk=world.row(model).pk).update(**{field: NAN})


def test_nan_is_no_need(world):
    """It may be unknown, and never a number that is none."""
    try:
        with transaction.atomic():
            Goal.objects.filter(pk=world.goal.pk).update(need_per_unit=NAN)
    except Error:
        assert connection.vendor == "postgresql"
    world.goal.refresh_from_db()
    assert world.goal.need_per_unit is None


# ---- what is let in ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        (Program, {"deadline": DAY + dt.timedelta(days=1), "last_acceptable": DAY + dt.timedelta(days=1)}),
        (Goal, {"name": "Edge", "baseline": -1e300, "target": 1e300}),
        (Goal, {"name": "Edge", "deadline": DAY + dt.timedelta(days=1)}),
        (Goal, {"name": "Edge", "deadline": None, "shortest_days": 5, "longest_days": 5}),
        (Limit, {"until": DAY}),
        (Limit, {"until": DAY, "state": "converged"}),
        (Evidence, {"text": "", "url": "https://example.org/a"}),
        (Evidence, {"reference": ""}),
        (Review, {"state": "closed", "opened_at": at(-1), "closed_at": at()}),
        (Seat, {"left": DAY, "joined": DAY}),
        (Datapoint, {"memo": "."}),
        (Datapoint, {"observed_on": DAY, "level": "relayed", "origin": "api"}),
    ],
)
def test_what_lies_just_inside(world, model, fields):
    model._default_manager.bulk_create([model(**world.fine(model) | fields)])


def test_an_imported_row_may_lack_memo_and_level(world):
    imported = {"source": world.source, "origin": "import", "level": "unknown", "memo": ""}
    Datapoint.objects.bulk_create([Datapoint(**world.fine(Datapoint) | imported)])
    Revision.objects.bulk_create([Revision(**world.fine(Revision) | {"memo": "", "source": world.source})])


def test_names_are_free_elsewhere(world):
    program = Program.objects.create(name="Elsewhere", slug="elsewhere", start=DAY)
    team = Team.objects.create(program=program, name=world.team.name)
    Goal.objects.create(**world.fine(Goal) | {"team": team})
    Limit.objects.create(**world.fine(Limit) | {"program": program})
    Review.objects.create(**world.fine(Review) | {"program": program})


# ---- the list is whole ---------------------------------------------------------------------------------------------


def test_every_constraint_has_its_case():
    """A new constraint without a row here fails."""
    assert {one.name for one in declared()} <= {one.values[0] for one in CASES}


def test_forms_hear_of_it_in_words(world):
    """The same conditions, asked before the database is."""
    goal = Goal(**world.fine(Goal) | {"name": "Late", "deadline": DAY})
    with pytest.raises(ValidationError, match="deadline must lie after the start"):
        goal.full_clean()
