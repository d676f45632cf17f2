"""Small plain functions that make rows for tests: each says what it needs, the rest has a default.

Rows are made through the services where there is one, so that a test starts from what the product itself would write.
"""

import datetime as dt
import itertools
import uuid

from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from projects.limiting import layers_of, path_of
from projects.models import (
    Engineer,
    Factor,
    Goal,
    Import,
    Intervention,
    Layer,
    Limit,
    Membership,
    Outlook,
    Program,
    PublicPrediction,
    Role,
    Seat,
    SuccessorPrediction,
    Supply,
    Team,
)
from projects.services.goals import create_goal
from projects.services.interventions import record_intervention
from projects.services.layers import drill_down
from projects.services.limits import declare_limit, find_or_make_factor
from projects.services.predictions import predict_successor
from projects.services.programs import create_program
from projects.services.public_predictions import file_public_prediction
from projects.services.supplies import Stated, create_supply
from projects.services.teams import create_team, seat_engineer
from projects.time import WEEK, monday
from reviews.digests.value import Alert, to_json
from reviews.imports.mapping import places_of
from reviews.imports.reader import check_series_file
from reviews.models import (
    AttentionEntry,
    Cadence,
    Datapoint,
    Delivery,
    Finding,
    Forecast,
    ForecastScore,
    Hook,
    InterventionEffect,
    JobRun,
    Review,
    StatedDate,
    Subscription,
    Turn,
    Upload,
)
from reviews.services.attention import log_minutes
from reviews.services.cadences import set_cadence
from reviews.services.datapoints import Entry, log_datapoint
from reviews.services.forecasting import refit_program
from reviews.services.imports import apply_file
from reviews.services.sending import digest_of
from reviews.services.sessions import close_review, start_review
from reviews.services.uploads import store_upload
from reviews.slots import Slot, slots_between

number = itertools.count(1)
STEADY = (0, 8, 17, 24, 33, 41, 50, 58)  # a goal of 100 that gets there


def today() -> dt.date:
    return timezone.now().date()


def later(years: float) -> dt.date:
    return today() + dt.timedelta(days=round(years * 365.25))


def make_user(name: str = "", *, may_create: bool = False, **fields) -> User:
    user = User.objects.create_user(name or f"person-{next(number)}", password="a long secret", **fields)
    if may_create:
        user.user_permissions.add(Permission.objects.get(codename="add_program", content_type__app_label="projects"))
    return user


def make_program(name: str = "", *, by: User | None = None, **fields) -> Program:
    fields.setdefault("start", today() - 26 * WEEK)
    return create_program(by=by, name=name or f"Program {next(number)}", **fields)


def join(program: Program, role: str = Role.MANAGER, user: User | None = None) -> User:
    """A member of `program`; a new account unless one is given."""
    user = user or make_user()
    Membership.objects.update_or_create(program=program, user=user, defaults={"role": role})
    return user


def make_team(program: Program | None = None, name: str = "", *, engineers: int = 0) -> Team:
    team = create_team(program=program or make_program(), name=name or f"Team {next(number)}", by=None)
    for _ in range(engineers):
        make_engineer(team)
    return team


def make_engineer(team: Team | None = None, name: str = "", *, user: User | None = None) -> Engineer:
    """An engineer, with a seat on `team` where one is given."""
    engineer = Engineer.objects.create(name=name or f"Engineer {next(number)}", user=user)
    if team:
        seat_engineer(team=team, engineer=engineer, joined=today() - 20 * WEEK, by=None)
    return engineer


def seat_of(engineer: Engineer) -> Seat:
    return Seat.objects.get(engineer=engineer, left=None)


def make_goal(team: Team | None = None, name: str = "", *, values=(), **fields) -> Goal:
    """A goal from 0 to 100 whose deadline lies ahead, with one of `values` a week, the last of them today.

    Its forecast is not made: `refit_program` does that for all goals at once.
    """
    fields = {
        "baseline": 0.0,
        "target": 100.0,
        "unit": "%",
        "start": today() - 20 * WEEK,
        "deadline": today() + 8 * WEEK,
    } | fields
    goal = create_goal(team=team or make_team(), name=name or f"Goal {next(number)}", by=None, **fields)
    for age, value in enumerate(reversed(values)):
        make_point(goal, value, observed_on=today() - age * WEEK)
    return goal


def make_point(goal: Goal, value: float = 10.0, **fields) -> Datapoint:
    """A datapoint as it stands in the table: no refit."""
    fields = {
        "level": Datapoint.Level.DOER,
        "memo": f"What happened, number {next(number)}.",
        "origin": Datapoint.Origin.LATE,
        "observed_on": today(),
    } | fields
    Goal.objects.filter(pk=goal.pk).update(data_version=goal.data_version + 1)
    goal.refresh_from_db(fields=["data_version"])
    return Datapoint.objects.create(goal=goal, value=value, **fields)


def make_entry(**fields) -> Entry:
    """What a browser sends of one thing said."""
    fields = {
        "uuid": uuid.uuid4(),
        "value": 10.0,
        "memo": f"What happened, number {next(number)}.",
        "level": Datapoint.Level.DOER,
        "observed_on": today(),
    } | fields
    return Entry(**fields)


def log(goal: Goal, value: float = 10.0, *, by: User | None = None, review: Review | None = None, **fields):
    """A datapoint through the service: refitted and ranked."""
    entry = make_entry(value=value, **fields)
    return log_datapoint(goal=goal, entry=entry, by=by or make_user(), review=review).datapoint


def make_finding(goal: Goal, **fields) -> Finding:
    """What the audit says of a value of `goal`."""
    point = Datapoint.objects.filter(goal=goal).last() or make_point(goal)
    now = timezone.now()
    fields = {"subject": "datapoint", "subject_id": point.pk, "points": [point.pk], "rule": "beyond_bound"} | fields
    says = f"{goal.name}: 120 % lies above 100 %, number {next(number)}."
    return Finding.objects.create(program=goal.team.program, says=says, found_at=now, seen_at=now, **fields)


def make_upload(program: Program | None = None, text: str = "", *, by: User | None = None, **fields) -> Upload:
    """A file that was uploaded, whose columns are to be named."""
    text = text or f"goal,date,value,target\nWalls,{today() - WEEK},1,10\nWalls,{today()},2,10\n"
    file = SimpleUploadedFile(fields.pop("name", "values.csv"), text.encode())
    return store_upload(file=file, by=by or make_user(), program=program, **fields)


def make_import(program: Program, rows: int = 3, *, goal: str = "src/team/goal", by: User | None = None) -> Import:
    """A file that was brought in: a goal with a value a week, the last of them today."""
    days = [today() - (rows - 1 - n) * WEEK for n in range(rows)]
    lines = [f"{goal},{day},{10 * n},100,up" for n, day in enumerate(days)]
    text = "\n".join(["series_id,date,value,target_value,direction", *lines])
    file = check_series_file("weeks.csv", text.encode(), today=today())
    apply_file(program=program, file=file, places=places_of(file.series, program.name), memo="Brought in", by=by)
    return Import.objects.filter(program=program).latest("pk")


def make_factor(name: str = "", **fields) -> Factor:
    factor = find_or_make_factor(name=name or f"Factor {next(number)}")
    if fields:
        Factor.objects.filter(pk=factor.pk).update(**fields)
        factor.refresh_from_db()
    return factor


def make_spent(program: Program, user: User | None = None, minutes: int = 30) -> AttentionEntry:
    """Minutes that somebody spent on `program` today."""
    memo = f"Called the foundry, number {next(number)}."
    user = user or make_user()
    return log_minutes(user=user, program=program, on=today(), minutes=minutes, memo=memo, uuid=uuid.uuid4())


def make_supply(program: Program, factor: Factor | str, *capacities: Stated, **fields) -> Supply:
    """What `program` gets of a factor: a unit of it a unit of output, unless said otherwise."""
    fields = {"need_low": 1.0, "need_high": 1.0, "unit": "units a year", "memo": "Counted on the floor."} | fields
    factor = make_factor(factor) if isinstance(factor, str) else factor
    return create_supply(program=program, factor=factor, capacities=capacities, by=None, **fields)


def declare(program: Program, factor: Factor | str | None, **fields) -> Limit:
    """What limits `program` from now on: a factor or its name; None says that nothing does."""
    if isinstance(factor, str):
        factor = make_factor(factor)
    fields = {"since": today(), "memo": f"Seen on the floor, number {next(number)}.", "by": None} | fields
    state = Limit.State.FACTOR if factor else Limit.State.CONVERGED
    return declare_limit(program=program, state=state, factor=factor, **fields)


def make_intervention(program: Program, *, by: User | None = None, **fields) -> Intervention:
    """What was done about a goal or a factor of `program`."""
    fields = {
        "uuid": uuid.uuid4(),
        "type": Intervention.Type.SUBSTITUTE,
        "started_on": today() - 2 * WEEK,
        "expected_days": 20,
        "review_on": today() + 6 * WEEK,
        "memo": f"Another foundry, number {next(number)}.",
    } | fields
    return record_intervention(program=program, by=by or make_user(), **fields)


def make_judged(goal: Goal, *, by: User | None = None, dates: int = 7) -> InterventionEffect:
    """What calibration shows of `goal`: deadlines that fell due, forecasts issued and replayed, an effect."""
    day = today() - 60 * WEEK
    for n in range(dates):
        due, met = day + n * WEEK, n % 2 == 0
        StatedDate.objects.create(
            program=goal.team.program,
            goal=goal,
            day=due,
            stated_on=due - WEEK,
            by=by,
            outcome="met" if met else "missed",
            finished_on=due,
        )
        row = Forecast.objects.create(goal=goal, as_of=due, verdict="slow", inputs_hash=str(n), engine="e")
        for forecast in (row, None):
            ForecastScore.objects.create(
                goal=goal,
                forecast=forecast,
                as_of=due,
                horizon=4,
                due=due + 4 * WEEK,
                probability=(n + 0.5) / dates,
                came=met,
                engine="e",
            )
    done = make_intervention(goal.team.program, goal=goal, by=by, review_on=today())
    fields = {"goal": goal, "days": 20, "low": -5, "high": 60, "as_of": today(), "judged_at": timezone.now()}
    return InterventionEffect.objects.create(intervention=done, **fields)


def drill(program: Program, name: str, **fields) -> Layer:
    """One layer further down in what limits `program`."""
    limit = program.limits.select_related("factor").get(until=None)
    saw = path_of(limit, layers_of(limit))[-1].pk
    fields = {"since": today(), "memo": f"Measured, number {next(number)}.", "by": None, "saw": saw} | fields
    return drill_down(program=program, name=name, **fields)


def predict(limit: Limit, factor: Factor | str | None, **fields) -> SuccessorPrediction:
    """What follows `limit` within a year, as somebody says."""
    if isinstance(factor, str):
        factor = make_factor(factor)
    fields = {
        "goal": None,
        "window_from": today(),
        "window_to": today() + 52 * WEEK,
        "probability": 0.7,
        "condition": "",
        "memo": f"Seen coming, number {next(number)}.",
        "today": today(),
        "by": None,
    } | fields
    return predict_successor(limit=limit, factor=factor, **fields)


def make_public_prediction(program: Program, **fields) -> PublicPrediction:
    """What somebody predicted in public a month ago, due in a year."""
    fields = {
        "uuid": uuid.uuid4(),
        "by": None,
        "text": f"A million vanes, number {next(number)}.",
        "source": "An article",
        "stated_on": today() - 4 * WEEK,
        "due_from": None,
        "due_on": today() + 52 * WEEK,
        "probability": None,
        "judged_by": "The foundries' own count.",
    } | fields
    return file_public_prediction(program=program, **fields)


def make_cadence(program: Program, *, team: Team | None = None, **fields) -> Cadence:
    """A rhythm: Tuesday and Saturday at nine in Berlin, for two and a half hours."""
    fields = {
        "weekdays": "TU,SA",
        "every_weeks": 1,
        "at": dt.time(9),
        "minutes": 150,
        "zone": "Europe/Berlin",
        "first_day": today() - 4 * WEEK,
    } | fields
    return set_cadence(program=program, team=team, version=0, by=None, **fields)


def make_subscription(user: User | None = None, **fields) -> Subscription:
    """Somebody who is mailed on Mondays at seven; as if for four weeks."""
    user = user or make_user(email=f"reader-{next(number)}@example.org")
    begun = timezone.now() - 4 * WEEK
    fields = {"planned_to": monday(begun.date()), "changed_at": begun} | fields
    return Subscription.objects.create(user=user, **fields)


def make_delivery(user: User, **fields) -> Delivery:
    """A digest of last week that is to be sent."""
    now = timezone.now()
    fields = {
        "kind": Delivery.Kind.DIGEST,
        "channel": Delivery.Channel.MAIL,
        "key": f"week {next(number)}",
        "since": now - WEEK,
        "until": now,
        "due_at": now,
        "next_try": now,
        "message_id": f"<{next(number)}@example.org>",
    } | fields
    return Delivery.objects.create(user=user, **fields)


def make_told(user: User, **fields) -> Delivery:
    """A digest that was sent to `user`, of all that they may see."""
    mine = Subscription.objects.filter(user=user).first() or make_subscription(user)
    row = make_delivery(user, subscription=mine, **fields)
    value = to_json(digest_of(row, timezone.now(), None))
    now = timezone.now()
    Delivery.objects.filter(pk=row.pk).update(value=value, state=Delivery.State.SENT, sent_at=now, handed_at=now)
    row.refresh_from_db()
    return row


def make_alert(user: User, program: Program) -> Delivery:
    """An alert that was sent to `user`, and that they have not said they saw."""
    now = timezone.now()
    told = Alert("odds", program.pk, program.name, program.slug, now, on=today(), then=0.4, odds=0.2, bound=0.25)
    fields = {"kind": Delivery.Kind.ALERT, "program": program, "value": to_json(told), "since": None, "until": None}
    return make_delivery(user, state=Delivery.State.SENT, sent_at=now, **fields)


def make_hook(program: Program, **fields) -> Hook:
    """A channel to which a program's week is posted."""
    begun = timezone.now() - 4 * WEEK
    fields = {
        "name": f"#channel-{next(number)}",
        "url": f"https://chat.example.org/hooks/{next(number)}",
        "planned_to": monday(begun.date()),
        "changed_at": begun,
    } | fields
    return Hook.objects.create(program=program, **fields)


def make_slot(cadence: Cadence, ahead: int = 1) -> Slot:
    """The slot of a rhythm that comes next, or the one after."""
    now = timezone.now()
    coming = slots_between([cadence.program], now + dt.timedelta(hours=1), now + 8 * WEEK, now)
    return [slot for slot in coming if slot.cadence == cadence][ahead - 1]


def open_review(program: Program, by: User | None = None) -> Review:
    return start_review(program=program, by=by or make_user())


def close(review: Review, by: User | None = None) -> Review:
    """Closed, with everyone unheard said to be absent."""
    review.turns.filter(state=Turn.State.WAITING).update(state=Turn.State.ABSENT, absence="On holiday")
    close_review(review=review, by=by or make_user())
    review.refresh_from_db()
    return review


def make_world(name: str = "", *, by: User | None = None, values=STEADY) -> Program:
    """A program with one team, one engineer and one goal that was reported for weeks, forecast and ranked."""
    program = make_program(name, by=by)
    team = make_team(program, engineers=1)
    make_goal(team, values=values)
    refit_program(program)
    return program


def make_job_run(**fields) -> JobRun:
    """A run that was done a moment ago."""
    given = {"key": uuid.uuid4().hex, "task": "reviews.tasks.take_up_uploads", "state": "done"}
    return JobRun.objects.create(**given | {"finished_at": timezone.now()} | fields)


def outlook(goal: Goal) -> Outlook:
    return Outlook.objects.get(goal=goal)
