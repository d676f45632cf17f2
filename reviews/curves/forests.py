"""Forests of oblivious trees: each level asks one question of all rows, the answers are the number of a leaf.

Leaves hold whole ten-thousandths, one for each output, so a sum over trees is exact and the same in any order, alone or
in a batch. After Prokhorenkova et al. (2018), CatBoost, section 4.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .features import NAMES
from .tracks import Floats

SCALE = 10_000
FEW = 12  # rows up to which all trees are looked up at once


@dataclass(frozen=True, slots=True, eq=False)
class Forest:
    """asked: (trees, depth) rows of the features; cuts: (trees, depth, 1); leaves: (trees, 2**depth, outputs)."""

    asked: NDArray[np.intp]
    cuts: Floats
    leaves: NDArray[np.int32]
    base: NDArray[np.int32]

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> "Forest":
        """A forest from its JSON form. Raises KeyError or ValueError where that is not one."""
        at = [NAMES.index(name) for name in content["features"]]
        trees: Sequence[Mapping[str, Any]] = content["trees"]
        return cls(
            np.array([[at[f] for f, _ in tree["ask"]] for tree in trees], np.intp),
            np.array([[cut for _, cut in tree["ask"]] for tree in trees], np.float64)[:, :, None],
            np.array([tree["leaves"] for tree in trees], np.int32),
            np.array(content["base"], np.int32),
        )

    def sums(self, table: Floats) -> Floats:
        """(n, outputs) scores of n goals from their features (len(NAMES), n)."""
        leaf = np.zeros((len(self.asked), table.shape[1]), np.intp)
        for level in range(self.asked.shape[1]):
            leaf = 2 * leaf + (table[self.asked[:, level]] > self.cuts[:, level])
        if table.shape[1] <= FEW:
            whole = self.leaves[np.arange(len(leaf))[:, None], leaf].sum(axis=0, dtype=np.int32) + self.base
        else:
            whole = np.tile(self.base, (table.shape[1], 1))
            for leaves, at in zip(self.leaves, leaf, strict=True):
                whole += leaves.take(at, axis=0)
        scores: Floats = whole / SCALE
        return scores
