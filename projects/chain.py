"""The dependency chain as a drawing: goals in layers, each to the right of what it waits for.

Layers by the longest path, the order inside a layer by the mean place of the neighbours, swept to and fro (Sugiyama,
Tagawa and Toda, IEEE Trans. SMC 11(2), 1981). Finished goals are left out; who waited for one waits for what it needed.
Pure: plain values in, places out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from projects.bottleneck.graph import in_order

WIDE, TALL = 176, 44  # a box
ACROSS, DOWN = 48, 12  # between boxes
EDGE = 8
SWEEPS = 4
LETTERS = 24


@dataclass(frozen=True)
class Step:
    """A goal of the chain. criticality: share of the runs in which it decides the date; None is unknown."""

    key: int
    name: str
    needs: tuple[int, ...]
    criticality: float | None = None
    verdict: str = "unknown"
    done: bool = False
    limits: bool = False


@dataclass(frozen=True)
class Box:
    step: Step
    x: int
    y: int

    @property
    def short(self) -> str:
        name = self.step.name
        return name if len(name) <= LETTERS else f"{name[: LETTERS - 1].rstrip()}…"

    @property
    def weight(self) -> int:
        """0 to 3: how often it decides."""
        share = self.step.criticality or 0.0
        return 3 if share >= 0.3 else 2 if share >= 0.1 else 1 if share >= 0.01 else 0


@dataclass(frozen=True)
class Arrow:
    path: str
    weight: int


@dataclass(frozen=True)
class Chain:
    boxes: list[Box]
    arrows: list[Arrow]
    width: int
    height: int
    done: int  # finished goals left out
    alone: list[Step]  # open goals that wait for nobody, and nobody for them


def draw_chain(steps: Sequence[Step], *, show_done: bool = False) -> Chain:
    """Places for all goals that wait for another or are waited for. Goals on a cycle, which every door refuses, and
    what waits for them have no place: they are left out."""
    kept = {step.key: step for step in steps if show_done or not step.done}
    needs = {key: _nearest(step.needs, {one.key: one for one in steps}, kept) for key, step in kept.items()}
    waited = {need for wanted in needs.values() for need in wanted}
    joined = {key: wanted for key, wanted in needs.items() if wanted or key in waited}
    placed = {int(key) for key in in_order({str(key): map(str, wanted) for key, wanted in joined.items()})}
    joined = {key: wanted for key, wanted in joined.items() if key in placed}
    columns = _order(_layers(joined), joined)
    tallest = max(map(len, columns), default=0)
    boxes = {
        key: Box(kept[key], EDGE + x * (WIDE + ACROSS), EDGE + round((y + (tallest - len(column)) / 2) * (TALL + DOWN)))
        for x, column in enumerate(columns)
        for y, key in enumerate(column)
    }
    arrows = [_arrow(boxes[need], boxes[key]) for key, wanted in joined.items() for need in wanted]
    return Chain(
        boxes=list(boxes.values()),
        arrows=sorted(arrows, key=lambda arrow: arrow.weight),
        width=2 * EDGE + max(len(columns) * (WIDE + ACROSS) - ACROSS, 0),
        height=2 * EDGE + max(tallest * (TALL + DOWN) - DOWN, 0),
        done=len(steps) - len(kept),
        alone=[step for key, step in kept.items() if key not in joined],
    )


def _nearest(needs: Iterable[int], steps: Mapping[int, Step], kept: Mapping[int, Step]) -> tuple[int, ...]:
    """What is waited for, through what is left out."""
    found: dict[int, None] = {}
    waiting, passed = [*reversed(tuple(needs))], set[int]()
    while waiting:
        key = waiting.pop()
        if key in kept:
            found[key] = None
        elif key in steps and key not in passed:
            passed.add(key)
            waiting += reversed(steps[key].needs)
    return tuple(found)


def _layers(needs: Mapping[int, Sequence[int]]) -> list[list[int]]:
    depth: dict[int, int] = {}
    for name in in_order({str(key): [str(need) for need in wanted] for key, wanted in needs.items()}):
        depth[int(name)] = max((depth[need] + 1 for need in needs[int(name)]), default=0)
    columns: list[list[int]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for key in needs:
        columns[depth[key]].append(key)
    return columns


def _order(columns: list[list[int]], needs: Mapping[int, Sequence[int]]) -> list[list[int]]:
    """Each column by the mean place of the neighbours on one side, then on the other, a few times."""
    after: dict[int, list[int]] = {key: [] for key in needs}
    for key, wanted in needs.items():
        for need in wanted:
            after[need].append(key)
    for sweep in range(SWEEPS):
        place = {key: (y + 0.5) / len(column) for column in columns for y, key in enumerate(column)}
        neighbours = needs if sweep % 2 == 0 else after
        for column in columns if sweep % 2 == 0 else reversed(columns):
            means = {
                key: sum(place[near] for near in neighbours[key]) / len(neighbours[key])
                if neighbours[key]
                else place[key]
                for key in column
            }
            column.sort(key=means.__getitem__)
            place.update({key: (y + 0.5) / len(column) for y, key in enumerate(column)})
    return columns


def _arrow(start: Box, end: Box) -> Arrow:
    x1, y1 = start.x + WIDE, start.y + TALL // 2
    x2, y2 = end.x, end.y + TALL // 2
    bend = max((x2 - x1) // 2, 12)
    path = f"M{x1} {y1}C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}"
    return Arrow(path, min(start.weight, end.weight))
