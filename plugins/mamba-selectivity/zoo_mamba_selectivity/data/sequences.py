"""What the tasks on token sequences share: batches, fixed splits and a stream for training."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np

from zoo_core import BadInput, Split

IGNORED = -100
"""The target of a position where nothing is asked."""


class Batch(NamedTuple):
    """Sequences with their answers."""

    tokens: np.ndarray
    """(b, T) int64."""
    targets: np.ndarray
    """(b, T) int64: the answer at the position where it is asked for, `IGNORED` elsewhere."""

    def queries(self) -> tuple[np.ndarray, np.ndarray]:
        """Return positions (b, k) of what is asked, in order, and the answers (b, k)."""
        asked = self.targets != IGNORED
        places = np.nonzero(asked)[1].reshape(len(self.tokens), -1)
        return places, np.take_along_axis(self.targets, places, axis=1)


@dataclass(frozen=True, kw_only=True)
class SequenceTask(ABC):
    """A task whose splits are fixed, `sequences` each, and whose training data never repeat.

    The same `seed` gives the same bytes everywhere. Every row of a batch asks equally often.
    """

    splits: ClassVar[tuple[str, ...]] = ("train", "val", "test")
    length: int
    vocabulary: int
    sequences: int = 1000
    seed: int = 0

    def __post_init__(self) -> None:
        if self.sequences < 1 or self.seed < 0:
            raise BadInput(
                f"sequences={self.sequences} and seed={self.seed} are wrong; give 1 sequence or "
                "more, and a seed that is not negative."
            )

    @abstractmethod
    def draw(self, rng: np.random.Generator, count: int) -> Batch:
        """Return `count` sequences, drawn independently."""

    @property
    def metric_options(self) -> Mapping[str, Any]:
        """What a metric needs to know of the targets."""
        return {"num_classes": self.vocabulary, "ignore_index": IGNORED}

    def split(self, name: str) -> Split:
        """Return the view of a split, whose indices are the seeds of its sequences."""
        return Split(self, name, [self.seed, self.splits.index(name)])

    def part(self, name: str) -> Batch:
        """Return the fixed sequences of the split "train", "val" or "test"."""
        return self.draw(np.random.default_rng(self.split(name).indices), self.sequences)

    def asked(self, name: str, vocabulary: int, rows: int) -> Iterator[tuple[np.ndarray, ...]]:
        """Yield tokens (b, T), positions and answers (b, k) of a split, `rows` sequences at once.

        They are for a model that knows the tokens 0 to `vocabulary` - 1. Raises `BadInput` when
        the data have others.
        """
        if self.vocabulary != vocabulary:
            raise BadInput(
                f"The data have {self.vocabulary} tokens, but this model knows {vocabulary}; "
                f"give data with the option vocabulary={vocabulary}."
            )
        part = self.part(name)
        low, high = int(part.tokens.min()), int(part.tokens.max())
        if low < 0 or high >= vocabulary:
            raise BadInput(
                f"Token {low if low < 0 else high} is out of the vocabulary; this model knows 0 to "
                f"{vocabulary - 1}."
            )
        arrays = (part.tokens, *part.queries())
        for start in range(0, len(part.tokens), rows):
            yield tuple(array[start : start + rows] for array in arrays)

    def stream(self, seed: int, batch: int) -> Iterator[Batch]:
        """Yield training batches without end, from a generator that no split has."""
        # One more than the seed: numbers of a seed that end in zeros are padding to numpy.
        rng = np.random.default_rng([*self.split("train").indices, seed + 1])
        while True:
            yield self.draw(rng, batch)
