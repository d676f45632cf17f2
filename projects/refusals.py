"""What the memo gate refused, counted in memory until the refused write is over.

A refusal often happens inside the transaction that it then undoes, and may hold a lock: to count it there would undo
the count too, or keep others waiting. So the gate notes it here, and `projects.services.refusals.flush` writes it down
at the end of the request, the job or the command.
"""

import threading
from collections import Counter

_noted: Counter[str] = Counter()
_lock = threading.Lock()


def note(rule: str, count: int = 1) -> None:
    with _lock:
        _noted[rule] += count


def take() -> dict[str, int]:
    """What was noted since it was last taken."""
    with _lock:
        taken = dict(_noted)
        _noted.clear()
    return taken
