"""Hours to limiting factors (M18): where the next hour of a manager gains the most days.

Pure: standard library only, no clock, no input or output. docs/attention.md explains the method.
"""

from .ledger import Share, Spent, shares
from .plan import HOURS_SCALE, LEAST_GAIN, STEP, Line, Need, Plan, days_gained, plan

__all__ = [
    "HOURS_SCALE",
    "LEAST_GAIN",
    "STEP",
    "Line",
    "Need",
    "Plan",
    "Share",
    "Spent",
    "days_gained",
    "plan",
    "shares",
]
