"""Where the hours really went."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Spent:
    """Minutes on one team or program. limited: whether they went to what limited the program that day."""

    key: str
    minutes: float
    limited: bool


@dataclass(frozen=True)
class Share:
    """Of one key, or of all: minutes, and how many of them went where nothing was limited."""

    minutes: float
    elsewhere: float

    @property
    def part_elsewhere(self) -> float | None:
        """Within 0..1; None where no minute was spent."""
        return self.elsewhere / self.minutes if self.minutes else None


def shares(spent: Iterable[Spent]) -> tuple[Share, dict[str, Share]]:
    """All of it together, and by key in the order in which keys come."""
    by_key: dict[str, Share] = {}
    for one in spent:
        held = by_key.get(one.key, Share(0.0, 0.0))
        by_key[one.key] = Share(held.minutes + one.minutes, held.elsewhere + (0.0 if one.limited else one.minutes))
    total = Share(sum(s.minutes for s in by_key.values()), sum(s.elsewhere for s in by_key.values()))
    return total, by_key
