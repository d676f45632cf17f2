"""Which goal waits for which: cycles named, order found, redundant edges dropped. No numbers here."""

from collections.abc import Iterable, Mapping


def find_cycle(edges: Iterable[tuple[str, str]]) -> tuple[str, ...] | None:
    """The first cycle among `edges` (goal, what it needs), as the names along it, or None.

    Each name needs the next, the last needs the first. Deterministic in the order of the edges; iterative, so that a
    chain of any length is safe. For the form as well: put the edge about to be saved among the others.
    """
    needs: dict[str, list[str]] = {}
    for goal, need in edges:
        needs.setdefault(goal, []).append(need)
    settled: set[str] = set()
    for root in needs:
        if root in settled:
            continue
        path = [root]
        on_path = {root}
        waiting = [iter(needs[root])]
        while path:
            following = next(waiting[-1], None)
            if following is None:
                waiting.pop()
                settled.add(path[-1])
                on_path.discard(path.pop())
            elif following in on_path:
                return tuple(path[path.index(following) :])
            elif following not in settled:
                path.append(following)
                on_path.add(following)
                waiting.append(iter(needs.get(following, ())))
    return None


def in_order(needs: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """Keys so that each comes after what it needs. Depends on the keys only, not on the order they came in.

    The graph must have no cycle (`find_cycle`); every need must be a key.
    """
    missing = {key: set(wanted) for key, wanted in needs.items()}
    followers: dict[str, list[str]] = {key: [] for key in needs}
    for key, wanted in missing.items():
        for need in wanted:
            followers[need].append(key)
    ready = sorted((key for key, wanted in missing.items() if not wanted), reverse=True)
    order: list[str] = []
    while ready:
        key = ready.pop()
        order.append(key)
        freed = []
        for follower in followers[key]:
            missing[follower].discard(key)
            if not missing[follower]:
                freed.append(follower)
        ready.extend(sorted(freed, reverse=True))
    return tuple(order)


def without_shortcuts(preds: tuple[tuple[int, ...], ...]) -> tuple[tuple[tuple[int, ...], ...], tuple[int, ...]]:
    """Drop each edge that a longer path already implies (transitive reduction).

    `preds[i]` lists the rows that row i waits for, all smaller than i. Waiting for a goal means waiting for all
    it waits for, so no time changes. Returns the reduced rows and, for each row, a bit set of everything before it.
    """
    before: list[int] = []
    reduced: list[tuple[int, ...]] = []
    for row in preds:
        implied = 0
        for p in row:
            implied |= before[p]
        kept = tuple(p for p in sorted(set(row)) if not implied >> p & 1)
        reduced.append(kept)
        bits = implied
        for p in kept:
            bits |= 1 << p
        before.append(bits)
    return tuple(reduced), tuple(before)
