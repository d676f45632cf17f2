"""Chains of miracles: steps that must all succeed. Five at 0.8 are 0.328; one of them made certain, 0.410."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from .errors import InvalidNumberError


@dataclass(frozen=True)
class Lever:
    """One step: its own chance, and the chance of the whole chain were this step certain."""

    key: str
    chance: float
    joint_if_certain: float
    name: str = ""


@dataclass(frozen=True)
class Chain:
    """joint: the chance that all steps succeed. levers: every step, the one that lifts the chain most first.

    best: the first lever, None where no step lifts it.
    """

    joint: float
    levers: tuple[Lever, ...]
    best: Lever | None


def chain_of(joint: float, levers: Sequence[Lever]) -> Chain:
    """Order the levers by what each lifts the joint chance to."""
    ordered = tuple(sorted(levers, key=lambda lever: (-lever.joint_if_certain, lever.chance, lever.key)))
    best = ordered[0] if ordered and ordered[0].joint_if_certain > joint else None
    return Chain(joint, ordered, best)


def chain_of_steps(chances: Mapping[str, float], *, shock: float = 0.0) -> Chain:
    """A chain of steps with stated chances in [0, 1].

    shock: share of variance that all steps have in common, 0 for independent steps (then the joint chance is the
    product). With a shock the chance is that of the one-factor Gaussian copula, integrated, not drawn:
    P = integral of phi(m) prod_i Phi((Phi^-1(p_i) - sqrt(shock) m) / sqrt(1 - shock)) dm (Vasicek 2002).
    """
    if not 0 <= shock <= 1:
        raise InvalidNumberError(f"The shared shock must lie in 0 to 1: {shock}.")
    for key, p in chances.items():
        if not 0 <= p <= 1:
            raise InvalidNumberError(f"The chance of {key} must lie in 0 to 1: {p}.")
    levers = [
        Lever(key, p, _all_succeed([q for other, q in chances.items() if other != key], shock))
        for key, p in chances.items()
    ]
    return chain_of(_all_succeed(list(chances.values()), shock), levers)


def _all_succeed(chances: Sequence[float], shock: float) -> float:
    if min(chances, default=1.0) == 0:
        return 0.0
    uncertain = [p for p in chances if p < 1]
    if shock == 0:
        return math.prod(uncertain)
    if shock == 1:
        return min(uncertain, default=1.0)
    # The trapezoid rule converges faster than any power on a smooth integrand that dies at both ends.
    m = np.linspace(-9, 9, 1201)
    integrand = np.exp(-m * m / 2) / math.sqrt(2 * math.pi)
    for p in uncertain:
        integrand *= _normal_cdf((NormalDist().inv_cdf(p) - math.sqrt(shock) * m) / math.sqrt(1 - shock))
    # A chain is no likelier than its weakest step: also in the last bit.
    return min(*uncertain, 1.0, float(integrand.sum() * (m[1] - m[0])))


def _normal_cdf(x: np.ndarray[tuple[int], np.dtype[np.float64]]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array([0.5 * math.erfc(-v / math.sqrt(2)) for v in x.tolist()])
