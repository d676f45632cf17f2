"""Of simulated interventions whose effect is known, the 80 % interval holds four in five, with the real engine."""

import pytest

from bench.interventions import tell
from tests.reviews.calibration.worlds import case


@pytest.fixture(scope="module")
def told():
    return [(one, held) for one, held, _wide in tell([*filter(None, map(case, range(2500)))]) if held is not None]


def share(rows) -> float:
    held = [held for _one, held in rows]
    assert len(held) > 80
    return sum(held) / len(held)


def test_the_interval_holds_four_in_five(told):
    assert 0.74 <= share(told) <= 0.86


def test_it_does_so_for_what_is_finished_and_what_is_not(told):
    assert 0.72 <= share([row for row in told if row[0].finished_after is not None]) <= 0.88
    assert 0.72 <= share([row for row in told if row[0].finished_after is None]) <= 0.90


def test_an_intervention_that_did_nothing_is_seldom_said_to_have_helped(told):
    assert 0.74 <= share([row for row in told if row[0].truth == 0]) <= 0.90
