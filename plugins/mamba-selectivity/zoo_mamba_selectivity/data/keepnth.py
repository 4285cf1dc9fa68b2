"""Keep-n-th: random symbols, of which the n-th must be told after the last one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zoo_core import BadInput
from zoo_mamba_selectivity.data.sequences import IGNORED, Batch, SequenceTask


@dataclass(frozen=True, kw_only=True)
class Keep(SequenceTask):
    """Keep-n-th of one size; the target stands at the last position.

    Symbols are uniform and independent: nothing but the n-th tells of the n-th, and chance is 1/V.

    `length` is T, `position` n, counted from 0, and `vocabulary` V. The test split has as many
    `sequences` as the validation split; `seed` is that of all splits.
    """

    position: int

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.position < self.length:
            raise BadInput(
                f"position={self.position} is wrong for length={self.length}: tokens are counted "
                "from 0; give a position below the length."
            )
        if self.vocabulary < 2:
            raise BadInput(f"vocabulary={self.vocabulary} is wrong; give 2 symbols or more.")

    def draw(self, rng: np.random.Generator, count: int) -> Batch:
        """Return `count` sequences, drawn independently."""
        tokens = rng.integers(self.vocabulary, size=(count, self.length), dtype=np.int64)
        targets = np.full_like(tokens, IGNORED)
        targets[:, -1] = tokens[:, self.position]
        return Batch(tokens, targets)


def keepnth(
    length: int = 256,
    position: int = 64,
    vocabulary: int = 16,
    sequences: int = 1000,
    seed: int = 0,
) -> Keep:
    """Return keep-n-th of one size, see `Keep`; raises `BadInput` for sizes that do not fit."""
    return Keep(
        length=length,
        position=position,
        vocabulary=vocabulary,
        sequences=sequences,
        seed=seed,
    )
