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
    """A place for each series id, read as source/team/…/goal; the first part goes where all share it.

    Names that differ in nothing but case get a number: a team's goals have different names.
    """
    many = list(series)
    heads = {one.id.split("/")[0] for one in many}
    places: dict[str, Place] = {}
    taken: set[tuple[str, str]] = set()
    for one in many:
        parts = [part.strip() for part in one.id.split("/") if part.strip()]
        if len(heads) == 1 and len(parts) > 1:
            parts = parts[1:]
        team = " / ".join(parts[:-1])[:120].strip() or default_team
        goal = (parts[-1] if parts else one.id)[:150].strip()
        name, n = goal, 1
        while (team.lower(), name.lower()) in taken:
            n += 1
            name = f"{goal} ({n})"
        taken.add((team.lower(), name.lower()))
        places[one.id] = Place(team=team, goal=name, unit=unit_of(one))
    return places


def unit_of(one: FileSeries) -> str:
    """Per cent where the file says so, or where every target is 100 and no value lies outside 0 to 100."""
    note = one.last.note
    if note in UNITS:
        return UNITS[note]
    if all(row.target == 100 and 0 <= row.value <= 100 for row in one.rows):
        return "%"
    return ""
