"""The words of projects: who works towards what, and what limits it."""

from projects.models.claims import Claim
from projects.models.decisions import Decision, ReviewOdds
from projects.models.factors import Evidence, Factor, Gate, Layer, Limit
from projects.models.goals import Dependency, Direction, Goal, Revision
from projects.models.history import Event, Import, Seal
from projects.models.interventions import Intervention
from projects.models.invitations import Invitation
from projects.models.outlooks import Outlook, Ranking, Verdict
from projects.models.predictions import SuccessorPrediction
from projects.models.programs import Membership, Program, ProgramRevision, Role
from projects.models.public_predictions import PublicPrediction
from projects.models.rankings import RankingDay
from projects.models.refusals import RefusalCount
from projects.models.supplies import Capacity, Supply
from projects.models.teams import Engineer, Seat, Team, WeeksOff
from projects.models.tokens import AccessToken

__all__ = [
    "AccessToken",
    "Capacity",
    "Claim",
    "Decision",
    "Dependency",
    "Direction",
    "Engineer",
    "Event",
    "Evidence",
    "Factor",
    "Gate",
    "Goal",
    "Import",
    "Intervention",
    "Invitation",
    "Layer",
    "Limit",
    "Membership",
    "Outlook",
    "Program",
    "ProgramRevision",
    "PublicPrediction",
    "Ranking",
    "RankingDay",
    "RefusalCount",
    "ReviewOdds",
    "Revision",
    "Role",
    "Seal",
    "Seat",
    "SuccessorPrediction",
    "Supply",
    "Team",
    "Verdict",
    "WeeksOff",
]
