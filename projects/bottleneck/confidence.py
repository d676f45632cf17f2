"""How sure a proposal is, as a number and in words."""

from dataclasses import dataclass

from .reasons import percent

HIGH, FAIR = 0.6, 0.35


@dataclass(frozen=True)
class Confidence:
    """How sure the proposal is.

    score: leads x covered, in 0 to 1. leads: share of the runs in which, that run being how things turn out, nothing
    else would have been worth more to take away (a supply: nothing else allows less). covered: share of the open goals
    with a forecast (of the supplies with a capacity).
    word: high (0.6 and more), fair (0.35 and more) or low.
    """

    score: float
    word: str
    leads: float
    covered: float
    text: str


def how_sure(leads: float, covered: float, what: str, known: str) -> Confidence:
    """Both shares in 0 to 1: `what` holds in the share `leads` of the runs, `known` is said of the share `covered`."""
    score = leads * covered
    word = "high" if score >= HIGH else "fair" if score >= FAIR else "low"
    text = f"{word.capitalize()}: in {percent(leads)} of the runs {what}"
    if covered < 1:
        text += f", and {percent(covered)} of {known}"
    return Confidence(score, word, leads, covered, text + ".")
