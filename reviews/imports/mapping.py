"""Which team and goal a series becomes."""

from collections.abc import Iterable
from dataclasses import dataclass

from reviews.imports.reader import FileSeries

UNITS = {"success rate %": "%"}


@dataclass(frozen=True)
class Place:
    """Where a series goes, and what the file does not say of it."""

    team: str
    goal: str
    unit: str = ""
    needs: tuple[str, ...] = ()  # series ids
    archived: bool = False


def places_of(series: Iterable[FileSeries], default_team: str) -> dict[str, Place]:
    """A place for each series: as the file says it, else its id read as source/team/…/goal; the first part goes
    where all share it.

    Names that differ in nothing but case get a number: a team's goals have different names.
    """
    many = list(series)
    heads = {one.id.split("/")[0] for one in many}
    places: dict[str, Place] = {}
    taken: set[tuple[str, str]] = set()
    for one in many:
        team, goal = (one.team, one.name) if one.team else _parted(one.id, shared_head=len(heads) == 1)
        team, goal = team[:120].strip() or default_team, goal[:150].strip()
        name, n = goal, 1
        while (team.lower(), name.lower()) in taken:
            n += 1
            name = f"{goal} ({n})"
        taken.add((team.lower(), name.lower()))
        places[one.id] = Place(team=team, goal=name, unit=unit_of(one))
    return places


def _parted(series: str, *, shared_head: bool) -> tuple[str, str]:
    parts = [part.strip() for part in series.split("/") if part.strip()]
    if shared_head and len(parts) > 1:
        parts = parts[1:]
    return " / ".join(parts[:-1]), parts[-1] if parts else series


def unit_of(one: FileSeries) -> str:
    """As the file says it; else per cent where every target is 100 and no value lies outside 0 to 100."""
    if one.unit:
        return one.unit
    note = one.last.note
    if note in UNITS:
        return UNITS[note]
    if all(row.target == 100 and 0 <= row.value <= 100 for row in one.rows):
        return "%"
    return ""
