"""The sentences: what is said, with which numbers, and when."""

import math

import pytest

from projects.bottleneck import Factor, Goal, Program, rank
from projects.bottleneck.reasons import days, percent

from .build import apart, exactly, lognormal, running, uniform, waiting


def said(ranking, code):
    (reason,) = [reason for reason in ranking.reasons if reason.code == code]
    return reason


def test_what_limits_and_what_it_is_worth():
    ranking = rank(apart(running("a", exactly(100)), running("b", exactly(70)), deadline=80))
    limits = said(ranking, "limits")
    assert limits.text == "a limits. Were it finished today, the P50 would fall by 30 days, to 70 days from now."
    assert limits.values == {"key": "a", "kind": "goal", "relief_days": 30, "p50": 100, "p50_without": 70}
    assert said(ranking, "criticality").text == "It decides the date in 100 % of the runs."
    assert said(ranking, "eased").text == "10 % less remaining time there is worth 10 days."
    assert said(ranking, "deadline").text == "The chance of the deadline would go from under 1 % to over 99 %."
    assert said(ranking, "next").text == "Once that is relieved, b limits, worth 70 days then."


def test_what_would_change_its_mind():
    ranking = rank(apart(running("a", exactly(100)), waiting("b", 60, 60, "a"), running("c", exactly(30))))
    switch = said(ranking, "switch")
    # a (100 days) leads b (60 days) until 40 % of a are gone.
    assert switch.values["key"] == "b"
    assert switch.values["lead_days"] == 40
    assert switch.values["share"] == pytest.approx(0.4, abs=1 / 60)
    assert "leads b by 40 days" in switch.text


def test_a_lead_that_no_progress_of_its_own_would_end():
    ranking = rank(apart(running("a", exactly(100)), running("b", exactly(100 / 3))))
    assert said(ranking, "switch").values["share"] == pytest.approx(2 / 3, abs=1 / 60)
    alone = rank(apart(running("a", exactly(100)), running("b", exactly(0))))
    assert "lead" in {reason.code for reason in alone.reasons}


def test_the_factor_behind_the_goal_is_named_and_its_pace_explained():
    goals = (Goal("a", "", exactly(100), name="Engine"), running("b", exactly(20)))
    ranking = rank(apart(*goals, factors=(Factor("f", ("a",), name="Turbines"),)))
    assert (ranking.proposal.key, ranking.behind.key) == ("a", "f")
    assert said(ranking, "behind").text == "Behind Engine stands Turbines: without it the P50 would fall by 50 days."
    assert "2 times the pace" in said(ranking, "assumed_pace").text
    measured = rank(apart(*goals, factors=(Factor("f", ("a",), unblocked=(("a", exactly(50)),)),)))
    assert said(measured, "measured_pace").values["measured"] == 1


def test_a_goal_that_cannot_start_yet_says_what_it_waits_for():
    goals = (running("a", exactly(10)), running("b", exactly(9)), waiting("c", 50, 50, "a", "b"))
    ranking = rank(apart(*goals))
    assert ranking.proposal.key == "c"
    assert said(ranking, "cannot_start").values["needs"] == ("a", "b")


def test_nothing_next():
    ranking = rank(apart(running("a", exactly(100))))
    assert ranking.next is None
    assert said(ranking, "next_none")


def test_a_forecast_that_holds_its_own_wait_is_said():
    goals = (running("a", exactly(10)), Goal("b", "", exactly(50), ("a",), started=False))
    ranking = rank(Program(goals))
    assert ranking.p50 == 50
    assert said(ranking, "own_wait").values["goals"] == ("b",)


def test_confidence_is_high_where_one_thing_leads_in_every_run():
    sure = rank(apart(running("a", uniform(90, 110)), running("b", uniform(10, 20))))
    assert (sure.confidence.score, sure.confidence.word) == (1, "high")
    assert sure.confidence.text == "High: in 100 % of the runs nothing else would have been worth more."


def test_confidence_is_low_where_many_are_alike():
    alike = rank(apart(*(running(k, lognormal(100)) for k in "abcdefgh")))
    assert alike.confidence.leads < 0.3
    assert alike.confidence.word == "low"


def test_numbers_in_words():
    assert [days(n) for n in (0, 0.2, 1, 1.6, 40.2)] == ["0 days", "under a day", "1 day", "2 days", "40 days"]
    assert [percent(p) for p in (0, 0.001, 0.5, 0.999, 1)] == ["0 %", "under 1 %", "50 %", "over 99 %", "100 %"]


@pytest.mark.parametrize("finish", [exactly(100), (10.0, math.inf, math.inf), (math.inf,)])
def test_no_sentence_shows_infinity_or_a_bare_number_type(finish):
    goals = (running("a", finish), running("b", lognormal(50, never=0.1)), running("c", None))
    ranking = rank(Program(goals, (Factor("f", ("a", "b")),), deadline=30))
    for text in (*(reason.text for reason in ranking.reasons), ranking.confidence.text):
        assert "inf" not in text.replace("infor", "")
        assert "np." not in text
