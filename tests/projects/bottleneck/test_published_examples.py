"""Networks from textbooks, with the numbers their authors print."""

import math
from statistics import NormalDist

import pytest

from projects.bottleneck import Goal, Program, joint_chance, rank

from .build import exactly

# Wikipedia, "Program evaluation and review technique" (Gantt chart and network diagram): optimistic, most likely and
# pessimistic days. It prints the expected times below, the critical path A-C-E-G of 19.51 days, and slacks.
WIKIPEDIA = {
    "A": ((), 4.00, 0.00),
    "B": ((), 5.33, 3.84),
    "C": (("A",), 5.17, 0.00),
    "D": (("A",), 6.33, 4.68),
    "E": (("B", "C"), 5.17, 0.00),
    "F": (("D",), 4.50, 4.68),
    "G": (("E",), 5.17, 0.00),
}

# The Porta-Vac project of Anderson, Sweeney and Williams, An Introduction to Management Science: weeks. They print the
# critical path A-E-H-I-J, 17 weeks with variance 2.78, and a chance of 0.9641 to be done within 20 weeks, which looks
# at that path only.
PORTA_VAC = {
    "A": ((), 4, 5, 12),
    "B": ((), 1, 1.5, 5),
    "C": (("A",), 2, 3, 4),
    "D": (("A",), 3, 4, 11),
    "E": (("A",), 2, 3, 4),
    "F": (("C",), 1.5, 2, 2.5),
    "G": (("D",), 1.5, 3, 4.5),
    "H": (("B", "E"), 2.5, 3.5, 7.5),
    "I": (("H",), 1.5, 2, 2.5),
    "J": (("F", "G", "I"), 1, 2, 3),
}


def waiting(key, needs, low, high):
    return Goal(key, "", None, needs, started=False, durations=(low, high))


def independent(goals):
    return Program(tuple(goals), team_shock=0.0, program_shock=0.0)


def test_wikipedia_critical_path_and_slack():
    ranking = rank(independent(waiting(key, needs, days, days) for key, (needs, days, _) in WIKIPEDIA.items()))
    assert ranking.p50 == pytest.approx(19.51)
    on_path = {line.key for line in ranking.lines if line.criticality == 1}
    assert on_path == {"A", "C", "E", "G"}
    assert {line.key for line in ranking.lines if line.criticality == 0} == {"B", "D", "F"}


@pytest.mark.parametrize("key", [key for key, (_, _, slack) in WIKIPEDIA.items() if slack])
def test_wikipedia_a_goal_may_slip_by_its_printed_slack_and_no_more(key):
    def p50(slip):
        return rank(
            independent(
                waiting(k, needs, days + slip * (k == key), days + slip * (k == key))
                for k, (needs, days, _) in WIKIPEDIA.items()
            )
        ).p50

    slack = WIKIPEDIA[key][2]
    assert p50(slack - 0.011) == pytest.approx(19.51)
    assert p50(slack + 1) == pytest.approx(20.51, abs=0.011)


def test_wikipedia_relief_stops_where_the_next_path_takes_over():
    ranking = rank(independent(waiting(key, needs, days, days) for key, (needs, days, _) in WIKIPEDIA.items()))
    relief = {line.key: line.relief_days for line in ranking.lines}
    # Without A or C the longest path is B-E-G (15.67 days), without E or G it is A-D-F (14.83).
    assert relief == pytest.approx({"A": 3.84, "C": 3.84, "E": 4.68, "G": 4.68, "B": 0, "D": 0, "F": 0})


def matched_uniform(key, needs, a, m, b):
    """Uniform with the mean (a + 4m + b) / 6 and the standard deviation (b - a) / 6 that PERT gives an activity."""
    mean, half = (a + 4 * m + b) / 6, (b - a) / 6 * math.sqrt(3)
    return waiting(key, needs, mean - half, mean + half)


def test_porta_vac_mean_path():
    mean = {key: (a + 4 * m + b) / 6 for key, (_, a, m, b) in PORTA_VAC.items()}
    ranking = rank(independent(waiting(key, PORTA_VAC[key][0], mean[key], mean[key]) for key in PORTA_VAC))
    assert ranking.p50 == pytest.approx(17)
    assert {line.key for line in ranking.lines if line.criticality == 1} == set("AEHIJ")


def test_porta_vac_the_critical_path_alone_has_the_printed_chance():
    path = {key: PORTA_VAC[key] for key in "AEHIJ"}
    goals = [
        matched_uniform(key, tuple(n for n in needs if n in path), a, m, b) for key, (needs, a, m, b) in path.items()
    ]
    ranking = rank(independent(goals), draws=40000)
    assert ranking.p50 == pytest.approx(17, abs=0.05)
    # The normal approximation printed (0.9641), on a sum of five: the sum's own tail is a little lighter.
    assert joint_chance(goals, 20, team_shock=0, program_shock=0, draws=40000) == pytest.approx(0.9641, abs=0.012)
    assert NormalDist(17, math.sqrt(2.78)).cdf(20) == pytest.approx(0.9641, abs=0.001)


def test_porta_vac_the_whole_network_is_later_than_its_critical_path():
    goals = [matched_uniform(key, needs, a, m, b) for key, (needs, a, m, b) in PORTA_VAC.items()]
    ranking = rank(independent(goals), draws=20000)
    path = set("AEHIJ")
    alone = rank(
        independent(
            [
                matched_uniform(key, tuple(n for n in needs if n in path), a, m, b)
                for key, (needs, a, m, b) in PORTA_VAC.items()
                if key in path
            ]
        ),
        draws=20000,
    )
    # Merge bias: A-D-G-J (mean 16, more spread) sometimes decides.
    assert ranking.p50 > alone.p50
    criticality = {line.key: line.criticality for line in ranking.lines}
    assert criticality["A"] == pytest.approx(1, abs=0.01)
    assert criticality["J"] == 1
    assert 0.1 < criticality["G"] < 0.5
    assert criticality["G"] + criticality["I"] == pytest.approx(1, abs=0.02)
    assert ranking.proposal.key == "A"


def test_five_steps_at_point_eight():
    goals = tuple(Goal(k, "", exactly(1)) for k in "abcde")
    assert joint_chance(goals, 1) == 1
    assert joint_chance(goals, 0.5) == 0
