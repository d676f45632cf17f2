"""The words of projects: who works towards what, and what limits it."""

from projects.models.factors import Evidence, Factor, Gate, Limit
from projects.models.goals import Dependency, Direction, Goal, Revision
from projects.models.history import Event, Import
from projects.models.outlooks import Outlook, Ranking, Verdict
from projects.models.programs import Membership, Program, Role
from projects.models.teams import Engineer, Seat, Team, WeeksOff

__all__ = [
    "Dependency",
    "Direction",
    "Engineer",
    "Event",
    "Evidence",
    "Factor",
    "Gate",
    "Goal",
    "Import",
    "Limit",
    "Membership",
    "Outlook",
    "Program",
    "Ranking",
    "Revision",
    "Role",
    "Seat",
    "Team",
    "Verdict",
    "WeeksOff",
]
