"""Multi-query associative recall (MQAR): sequences that show pairs and then ask for values.

The task is that of zoology (Arora et al. 2023, arXiv:2312.04927), drawn here from one seeded
generator.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zoo_core import BadInput
from zoo_mamba_selectivity.data.sequences import IGNORED, Batch, SequenceTask

EXPONENT = 0.01
"""Slot i = 1, 2, … is drawn with a weight of i^(EXPONENT - 1): early ones are likelier."""


@dataclass(frozen=True, kw_only=True)
class Recall(SequenceTask):
    """MQAR of one size; a target is the value of the key that stands at the same position.

    The tokens are 0 (blank), keys 1 to V/2 - 1 and values V/2 to V - 1. A sequence begins with κ
    pairs k_1 v_1 … k_κ v_κ of distinct keys and distinct values. The rest is slots of two
    positions; the i-th key stands again at the first position of the i-th slot drawn.

    `length` is T, even; `pairs` is κ; `vocabulary` is V, even and above T. With
    `random_non_queries` the positions left over have random tokens, other than the sequence's own
    keys and values (so that no answer is contradicted), instead of blanks. Where `known` is given,
    the first so many keys alone occur, and as many values. The test split has as many `sequences`
    as the validation split; `seed` is that of all splits.
    """

    pairs: int
    known: int | None = None
    random_non_queries: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        length, pairs, vocabulary = self.length, self.pairs, self.vocabulary
        if length % 2 or length < 4:
            raise BadInput(
                f"length={length} is wrong: a sequence is cut in slots of two positions; give an "
                "even length of 4 or more."
            )
        if vocabulary <= length or vocabulary % 2:
            raise BadInput(
                f"vocabulary={vocabulary} is wrong for length={length}; give an even number of "
                "tokens above the length (half of them are values)."
            )
        if not 1 <= pairs <= length // 4:
            raise BadInput(
                f"pairs={pairs} is wrong for length={length}: every pair takes four positions; "
                f"give 1 to {length // 4} pairs."
            )
        if self.known is not None and not pairs <= self.known < vocabulary // 2:
            raise BadInput(
                f"known={self.known} is wrong for pairs={pairs} and vocabulary={vocabulary}; give "
                f"{pairs} to {vocabulary // 2 - 1} keys."
            )

    def draw(self, rng: np.random.Generator, count: int) -> Batch:
        """Return `count` sequences, drawn independently."""
        half, pairs = self.vocabulary // 2, self.pairs
        keys = 1 + _distinct(rng, count, self.known or half - 1, pairs)
        values = half + _distinct(rng, count, self.known or half, pairs)
        slots = np.arange(1, (self.length - 2 * pairs) // 2 + 1)
        # The largest of log-weight plus Gumbel noise is a draw by weight, the second largest a
        # draw from those left, and so on (Gumbel top-k).
        noise = rng.gumbel(size=(count, len(slots)))
        order = np.argsort(-((EXPONENT - 1) * np.log(slots) + noise), axis=1, kind="stable")
        places = 2 * pairs + 2 * order[:, :pairs]

        tokens = np.zeros((count, self.length), dtype=np.int64)
        if self.random_non_queries:
            tokens[:] = self._fillers(rng, np.concatenate([keys, values], axis=1))
        tokens[:, 0 : 2 * pairs : 2] = keys
        tokens[:, 1 : 2 * pairs : 2] = values
        np.put_along_axis(tokens, places, keys, axis=1)
        targets = np.full_like(tokens, IGNORED)
        np.put_along_axis(targets, places, values, axis=1)
        return Batch(tokens, targets)

    def _fillers(self, rng: np.random.Generator, used: np.ndarray) -> np.ndarray:
        """Return (b, T) tokens, uniform among those that a row of `used` (b, 2κ) has not."""
        fillers = rng.integers(
            self.vocabulary - used.shape[1],
            size=(len(used), self.length),
            dtype=np.int64,
        )
        for taken in np.sort(used, axis=1).T:
            fillers += fillers >= taken[:, None]
        return fillers


def _distinct(rng: np.random.Generator, rows: int, numbers: int, count: int) -> np.ndarray:
    """Return (rows, count) numbers below `numbers`, in each row without replacement."""
    return np.argsort(rng.random((rows, numbers)), axis=1, kind="stable")[:, :count]


def mqar(
    length: int = 32,
    pairs: int = 4,
    vocabulary: int = 256,
    random_non_queries: bool = False,
    sequences: int = 1000,
    seed: int = 0,
) -> Recall:
    """Return MQAR of one size, see `Recall`; raises `BadInput` for sizes that do not fit."""
    return Recall(
        length=length,
        pairs=pairs,
        vocabulary=vocabulary,
        random_non_queries=random_non_queries,
        sequences=sequences,
        seed=seed,
    )
