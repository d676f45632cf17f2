"""Which factor limits a program, what relieving it is worth, and what limits next.

Pure: standard library and NumPy, no clock, no I/O. `rank` answers for a delivery program, `joint_chance` for any of its
goals, `rank_throughput` for a throughput program; `draw` draws a program once for several of these questions.
docs/bottleneck.md explains the method.
"""

from .chance import chain_drawn, chance_drawn, joint_chain, joint_chance
from .confidence import Confidence
from .draws import Drawn, Luck, draw
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
from .ranking import Ranking, rank, rank_drawn
from .reasons import Reason
from .relief import Line
from .supply import Supply, Throughput
from .throughput import ThroughputRanking, rank_throughput
from .what_if import Changes, SupplyChanges, changed, changed_supplies

__all__ = [
    "ENGINE_VERSION",
    "HORIZON_DAYS",
    "PROGRAM_SHOCK",
    "TEAM_SHOCK",
    "Band",
    "BottleneckError",
    "Chain",
    "Changes",
    "Confidence",
    "Crossing",
    "CycleError",
    "Drawn",
    "DuplicateKeyError",
    "Era",
    "Factor",
    "Goal",
    "InvalidNumberError",
    "Lever",
    "Line",
    "Luck",
    "NoForecastError",
    "Program",
    "Ranking",
    "Reason",
    "Successor",
    "Supply",
    "SupplyChanges",
    "SupplyLine",
    "Throughput",
    "ThroughputRanking",
    "UnknownGoalError",
    "chain_drawn",
    "chain_of_steps",
    "chance_drawn",
    "changed",
    "changed_supplies",
    "draw",
    "find_cycle",
    "joint_chain",
    "joint_chance",
    "rank",
    "rank_drawn",
    "rank_throughput",
]
