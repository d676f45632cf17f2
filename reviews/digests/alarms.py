"""When something cannot wait for the next digest. Pure: what was told last and what is so now in, what to tell out.

Each cause has two edges, so that what hovers on one is told once. Odds are told when they fall below the bound, and may
be told again only after they have stood above it by a margin; success that has become impossible is told once until the
need for a decision is over; a factor when another one is declared. What was so before anybody watched is no news.
"""

MARGIN = 0.1  # above the bound, from which odds count as recovered


def crossed(before: bool | None, odds: float | None, bound: float) -> tuple[bool | None, bool]:
    """Whether the odds count as below the bound now, and whether that is to be told.

    Unknown odds change nothing. Seen for the first time, they are noted and not told.
    """
    if odds is None:
        return before, False
    if before is None:
        return odds < bound, False
    if before:
        return odds < min(bound + MARGIN, 1.0), False
    return odds < bound, odds < bound
