"""Which factor limits a delivery program, what relieving it is worth, and what limits next.

Pure: standard library and NumPy, no clock, no I/O. `rank` answers for a program, `joint_chance` for any of its goals.
docs/bottleneck.md explains the method.
"""

from .chance import joint_chain, joint_chance
from .errors import (
    BottleneckError,
    CycleError,
    DuplicateKeyError,
    InvalidNumberError,
    NoForecastError,
    UnknownGoalError,
)
from .graph import find_cycle
from .miracles import Chain, Lever, chain_of_steps
from .program import HORIZON_DAYS, PROGRAM_SHOCK, TEAM_SHOCK, Factor, Goal, Program
from .ranking import ENGINE_VERSION, Confidence, Ranking, rank
from .reasons import Reason
from .relief import Line

__all__ = [
    "ENGINE_VERSION",
    "HORIZON_DAYS",
    "PROGRAM_SHOCK",
    "TEAM_SHOCK",
    "BottleneckError",
    "Chain",
    "Confidence",
    "CycleError",
    "DuplicateKeyError",
    "Factor",
    "Goal",
    "InvalidNumberError",
    "Lever",
    "Line",
    "NoForecastError",
    "Program",
    "Ranking",
    "Reason",
    "UnknownGoalError",
    "chain_of_steps",
    "find_cycle",
    "joint_chain",
    "joint_chance",
    "rank",
]
