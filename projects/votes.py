"""What engineers name as stopping them, counted: evidence beside the model's ranking, and where the two disagree."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from projects.models import Goal, Ranking

MOST = 6


@dataclass
class Named:
    """One thing that engineers named, on which goals, by how many (each engineer's latest word on a goal is a vote)."""

    text: str
    factor: int | None = None
    votes: int = 0
    goals: list[str] = field(default_factory=list)
    goal_ids: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class Votes:
    """named: most votes first. agrees: whether the first is what the model proposes, gates it or is said of it; None
    where one of them is missing."""

    named: list[Named]
    total: int
    agrees: bool | None
    by_goal: dict[int, int]
    by_factor: dict[int, int]


def count_votes(goals: Iterable[Goal], ranking: Ranking | None) -> Votes:
    """Of goals with their outlooks. Never by person: a name stands beside no vote."""
    found: dict[object, Named] = {}
    by_goal: dict[int, int] = {}
    by_factor: dict[int, int] = {}
    for goal in goals:
        for vote in goal.outlook.blocker_votes if hasattr(goal, "outlook") else ():
            key = vote["factor"] or vote["text"].casefold().strip()
            one = found.setdefault(key, Named(vote["text"], vote["factor"]))
            one.votes += vote["votes"]
            one.goals.append(goal.name)
            one.goal_ids.add(goal.pk)
            by_goal[goal.pk] = by_goal.get(goal.pk, 0) + vote["votes"]
            if vote["factor"]:
                by_factor[vote["factor"]] = by_factor.get(vote["factor"], 0) + vote["votes"]
    named = sorted(found.values(), key=lambda one: (-one.votes, one.text.casefold()))
    return Votes(
        named=named[:MOST],
        total=sum(one.votes for one in named),
        agrees=_agrees(named[0], ranking) if named else None,
        by_goal=by_goal,
        by_factor=by_factor,
    )


def _agrees(first: Named, ranking: Ranking | None) -> bool | None:
    proposal = ranking.proposal if ranking else None
    if proposal is None:
        return None
    factors = set(proposal["gated_by"]) | ({proposal["id"]} if proposal["kind"] == "factor" else set())
    of_goal = proposal["kind"] == "goal" and proposal["id"] in first.goal_ids
    return of_goal or first.factor in factors or first.text.casefold() == proposal["name"].casefold()
