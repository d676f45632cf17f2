"""What reviews answer over the API: the datapoints of a goal, read and logged. Loaded as `projects.api` is."""

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

from django.core.exceptions import ValidationError
from ninja import Field, Query, Router, Schema, Status
from pydantic import ConfigDict

from projects.access import load_goal
from projects.api import Asked
from projects.models import Goal
from projects.time import today_in
from reviews.forms import EntryForm
from reviews.models import Datapoint
from reviews.points import State, state_of
from reviews.services.datapoints import Logged, log_datapoint

router = Router(tags=["datapoints"])

LARGEST_ID = 2**53  # what every client's numbers hold


class DatapointOut(Schema):
    """A datapoint as it stands. It counts unless `state` says otherwise; a correction names what it supersedes."""

    id: int
    uuid: UUID
    observed_on: dt.date
    recorded_at: dt.datetime
    value: float
    level: str
    origin: str
    state: State
    memo: str
    blocker: str
    prepared: bool
    engineer: str | None
    recorded_by: str | None
    supersedes: UUID | None
    surprise: float | None


class DatapointsOut(Schema):
    datapoints: list[DatapointOut]
    next: int | None  # the `after` of the next page; null: these are all


def as_out(point: Datapoint) -> dict:
    plain = (
        "uuid",
        "observed_on",
        "recorded_at",
        "value",
        "level",
        "origin",
        "memo",
        "blocker",
        "prepared",
        "surprise",
    )
    return {name: getattr(point, name) for name in plain} | {
        "id": point.pk,
        "state": state_of(
            undone=point.source is not None and point.source.undone_at is not None,
            withdrawn=point.withdrawn,
            superseded=hasattr(point, "superseded_by"),
            quarantined=point.quarantined_at is not None,
        ),
        "engineer": point.engineer.name if point.engineer else None,
        "recorded_by": point.recorded_by.get_username() if point.recorded_by else None,
        "supersedes": point.supersedes.uuid if point.supersedes else None,
    }


@router.get("/goals/{int:pk}/datapoints", response=DatapointsOut, url_name="goal_datapoints")
def goal_datapoints(
    request: Asked,
    pk: int,
    after: Annotated[int, Query(ge=0, le=LARGEST_ID)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
):
    """The datapoints of a goal in the order in which they were recorded, in force or not."""
    goal = load_goal(request.user, pk)
    rows = Datapoint.objects.filter(goal=goal, pk__gt=after).order_by("pk")
    found = list(rows.select_related("engineer", "recorded_by", "supersedes", "superseded_by", "source")[: limit + 1])
    return {
        "datapoints": [as_out(point) for point in found[:limit]],
        "next": found[limit - 1].pk if len(found) > limit else None,
    }


class DatapointIn(Schema):
    """One thing said. The rules are those of the browser: a memo with meaning, a day that can be true, who said it."""

    model_config = ConfigDict(extra="forbid")

    uuid: UUID = Field(description="Made by you, one for each datapoint: sent again, it is found and not made twice.")
    engineer: int = Field(strict=True, ge=1, le=LARGEST_ID, description="Who said it, of the goal's team.")
    value: float = Field(strict=True)
    level: Literal["doer", "lead", "manager", "relayed"]
    memo: str
    observed_on: str | None = Field(
        None, pattern=r"^\d{4}-\d{2}-\d{2}$", description="In the program's zone; today where it is left out."
    )
    blocker: str = Field("", max_length=200, description="What is stopping them now.")
    prepared: bool = Field(False, strict=True, description="Whether prepared material was shown.")


@router.post("/goals/{int:pk}/datapoints", response={201: DatapointOut, 200: DatapointOut}, url_name="log_datapoint")
def datapoint_log(request: Asked, pk: int, body: DatapointIn):
    """Log a datapoint: 201, and 200 where this UUID was sent before with the same content."""
    goal = load_goal(request.user, pk, write=True)
    logged = log(goal, body.model_dump(), request)
    rows = Datapoint.objects.select_related("engineer", "recorded_by", "supersedes", "superseded_by", "source")
    return Status(201 if logged.created else 200, as_out(rows.get(pk=logged.datapoint.pk)))


def log(goal: Goal, data: dict, request: Asked) -> Logged:
    """Through the form and the service of the browser. Raises ValidationError by field, KeyReused."""
    program = goal.team.program
    form = EntryForm(data, program=program, team=goal.team, goal=goal, today=today_in(program.zone))
    if not form.is_valid():
        raise ValidationError(form.errors.as_data())
    try:
        return log_datapoint(goal=goal, entry=form.entry(), by=request.user, origin=Datapoint.Origin.API)
    except ValidationError as error:
        raise error if hasattr(error, "error_dict") else ValidationError({"memo": error}) from None
