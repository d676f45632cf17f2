"""The review that is logged into in bulk."""

from reviews.models import Review
from tests import factories as make


def build_review(teams: int = 2, goals: int = 4) -> Review:
    """A live review of a program with a few teams, an engineer and some goals each, all forecast."""
    program = make.make_program("Engines")
    for _ in range(teams):
        team = make.make_team(program, engineers=1)
        for _ in range(goals):
            make.make_goal(team, values=make.STEADY)
    make.refit_program(program)
    return make.open_review(program)
