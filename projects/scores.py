"""How good predictions were (M5, L13): of what limits next, people's together and the model's; and public ones."""

from collections.abc import Iterable
from dataclasses import dataclass

from projects.models import PublicPrediction, SuccessorPrediction

FEWEST = 6  # below that nothing can be said (M14)
COIN = 0.25  # the score of who says 50 % to everything


@dataclass(frozen=True)
class Score:
    """brier: the mean of (probability - what came)², 0 is perfect; None where none is judged. n: judged, void left out.

    came: how many of them did. expected: how many should have, by the probabilities stated.
    """

    n: int
    brier: float | None
    came: int
    expected: float
    void: int
    open: int

    @property
    def enough(self) -> bool:
        return self.n >= FEWEST


def score(predictions: Iterable[SuccessorPrediction]) -> Score:
    outcomes = SuccessorPrediction.Outcome
    every = list(predictions)
    judged = [(one, brier) for one in every if (brier := one.brier) is not None]
    return Score(
        n=len(judged),
        brier=sum(brier for _one, brier in judged) / len(judged) if judged else None,
        came=sum(one.outcome == outcomes.CAME for one, _brier in judged),
        expected=sum(one.probability for one, _brier in judged),
        void=sum(one.outcome == outcomes.VOID for one in every),
        open=sum(one.outcome == outcomes.OPEN for one in every),
    )


@dataclass(frozen=True)
class PublicScore:
    """Of public predictions. n: judged with a stated probability. unstated: judged, but nobody stated one."""

    n: int
    brier: float | None
    came: int
    judged: int
    unstated: int
    void: int
    open: int

    @property
    def enough(self) -> bool:
        return self.n >= FEWEST


def score_public(predictions: Iterable[PublicPrediction]) -> PublicScore:
    """Who stated no probability has no Brier score: none is invented for them."""
    outcomes = PublicPrediction.Outcome
    every = list(predictions)
    judged = [one for one in every if one.outcome in (outcomes.CAME, outcomes.DID_NOT)]
    scored = [brier for one in judged if (brier := one.brier) is not None]
    return PublicScore(
        n=len(scored),
        brier=sum(scored) / len(scored) if scored else None,
        came=sum(one.outcome == outcomes.CAME for one in judged),
        judged=len(judged),
        unstated=len(judged) - len(scored),
        void=sum(one.outcome == outcomes.VOID for one in every),
        open=sum(one.outcome == outcomes.OPEN for one in every),
    )
