"""The datapoints of a goal as its page shows them: plain rows, so that what is drawn of them can be kept."""

import datetime as dt
from typing import Literal, NamedTuple

from projects.models import Goal
from reviews.models import Comment, Datapoint

State = Literal["in force", "superseded", "withdrawn", "undone", "quarantined"]


def state_of(*, undone: bool, withdrawn: bool, superseded: bool, quarantined: bool) -> State:
    """The first that holds says why a datapoint is not in force."""
    if undone:
        return "undone"
    if withdrawn:
        return "withdrawn"
    if superseded:
        return "superseded"
    return "quarantined" if quarantined else "in force"


class PointRow(NamedTuple):
    """A datapoint with the names around it, and what corrected it. It stands for a `Datapoint` where one is read."""

    pk: int
    goal_id: int
    observed_on: dt.date
    recorded_at: dt.datetime
    value: float
    level: str
    origin: str
    memo: str
    blocker: str
    withdrawn: bool
    quarantined_at: dt.datetime | None
    quarantine_reason: str
    engineer: str | None
    recorded_by: str | None
    corrected: int | None
    corrected_value: float | None
    corrected_memo: str | None
    corrected_withdrawn: bool | None
    undone_at: dt.datetime | None  # its import
    comments: tuple[tuple[str, bool, str, dt.datetime], ...] = ()  # (by, the engineer's own, text, at), oldest first

    @property
    def state(self) -> State:
        return state_of(
            undone=self.undone_at is not None,
            withdrawn=self.withdrawn,
            superseded=self.corrected is not None,
            quarantined=self.quarantined_at is not None,
        )

    @property
    def origin_word(self) -> str:
        return str(Datapoint.Origin(self.origin).label)

    @property
    def level_word(self) -> str:
        return str(Datapoint.Level(self.level).label)


ELSEWHERE = {
    "engineer": "engineer__name",
    "recorded_by": "recorded_by__username",
    "corrected": "superseded_by",
    "corrected_value": "superseded_by__value",
    "corrected_memo": "superseded_by__memo",
    "corrected_withdrawn": "superseded_by__withdrawn",
    "undone_at": "source__undone_at",
}


def read_points(goal: Goal) -> list[PointRow]:
    """All of them, in force or not, as they were observed."""
    columns = [ELSEWHERE.get(name, name) for name in PointRow._fields if name != "comments"]
    rows = Datapoint.objects.filter(goal=goal).order_by("observed_on", "recorded_at", "pk")
    said: dict[int, list] = {}
    for of, *comment in Comment.objects.filter(datapoint__goal=goal).values_list(
        "datapoint", "by__username", "from_engineer", "text", "at"
    ):
        said.setdefault(of, []).append(tuple(comment))
    return [PointRow(*row, comments=tuple(said.get(row[0], ()))) for row in rows.values_list(*columns)]
