"""One canonical form of a series under its hash."""

from dataclasses import replace
from datetime import timedelta

from reviews.curves import inputs_hash

from .shapes import CLIMB, RUNAWAY, week


def test_the_same_content_has_the_same_hash() -> None:
    other = replace(CLIMB, dates=tuple(CLIMB.dates), values=tuple(int(v) for v in CLIMB.values), target=100)
    assert inputs_hash(other) == inputs_hash(CLIMB)
    assert len(inputs_hash(CLIMB)) == 64


def test_any_change_changes_it() -> None:
    changed = [
        replace(CLIMB, values=[*CLIMB.values[:-1], 90.0000001]),
        replace(CLIMB, target=101.0),
        replace(CLIMB, as_of=CLIMB.as_of + timedelta(days=1)),
        replace(CLIMB, direction="down"),
        replace(CLIMB, start=week(0)),
        replace(CLIMB, deadline=week(0)),
        replace(CLIMB, off=[(week(1), week(2))]),
        replace(CLIMB, revisions=RUNAWAY.revisions),
    ]
    assert len({inputs_hash(s) for s in [CLIMB, *changed]}) == 1 + len(changed)
