"""Which factor limits a program, what relieving it is worth, and what limits next.

Pure: standard library and NumPy, no clock, no I/O. `rank` answers for a delivery program, `joint_chance` for any of its
goals, `rank_throughput` for a throughput program. docs/bottleneck.md explains the method.
"""

from .chance import joint_chain, joint_chance
from .confidence import Confidence
from .errors import (
    BottleneckError,
    CycleError,
    DuplicateKeyError,
    InvalidNumberError,
    NoForecastError,
    UnknownGoalError,
)
from .flow import Band, Crossing, Era, Successor, SupplyLine
from .graph import find_cycle
from .miracles import Chain, Lever, chain_of_steps
from .program import ENGINE_VERSION, HORIZON_DAYS, PROGRAM_SHOCK, TEAM_SHOCK, Factor, Goal, Program
from .ranking import Ranking, rank
from .reasons import Reason
from .relief import Line
from .supply import Supply, Throughput
from .throughput import ThroughputRanking, rank_throughput

__all__ = [
    "ENGINE_VERSION",
    "HORIZON_DAYS",
    "PROGRAM_SHOCK",
    "TEAM_SHOCK",
    "Band",
    "BottleneckError",
    "Chain",
    "Confidence",
    "Crossing",
    "CycleError",
    "DuplicateKeyError",
    "Era",
    "Factor",
    "Goal",
    "InvalidNumberError",
    "Lever",
    "Line",
    "NoForecastError",
    "Program",
    "Ranking",
    "Reason",
    "Successor",
    "Supply",
    "SupplyLine",
    "Throughput",
    "ThroughputRanking",
    "UnknownGoalError",
    "chain_of_steps",
    "find_cycle",
    "joint_chain",
    "joint_chance",
    "rank",
    "rank_throughput",
]
