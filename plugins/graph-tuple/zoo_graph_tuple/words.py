"""Words over the views of a graph-tuple, and the learnable weights that they are fused with."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations, product

import torch
from torch import Tensor, nn

from zoo_core import BadInput

Word = tuple[int, ...]
"""Which views a message passes, first to last: (0, 1) is view 0 and then view 1."""

KINDS = ("crossed", "single", "all", "first")


def words_of(views: int, kind: str | Sequence[Sequence[int]] = "crossed") -> tuple[Word, ...]:
    """Return the words that a layer fuses, the views themselves before pairs of them.

    "single" are the views alone (no cross terms), "crossed" these and the pairs of different views
    (the paper's), "all" also the pairs of a view with itself, "first" the first view alone (one
    graph). A sequence of words is taken as it is: each of one or two views, and before a pair the
    word of its first view. Raises `BadInput` for what is none of these.
    """
    if views < 1:
        raise BadInput(f"There are {views} views; expected 1 or more.")
    single = [(view,) for view in range(views)]
    if isinstance(kind, str):
        pairs = {
            "first": None,
            "single": [],
            "crossed": list(permutations(range(views), 2)),
            "all": list(product(range(views), repeat=2)),
        }
        if kind not in pairs:
            raise BadInput(f"words={kind!r}; expected {', '.join(KINDS)}, or a list of words.")
        longer = pairs[kind]
        return tuple(single[:1]) if longer is None else (*single, *longer)
    words = tuple(tuple(word) for word in kind)
    for place, word in enumerate(words):
        if not 1 <= len(word) <= 2 or not all(
            isinstance(view, int) and 0 <= view < views for view in word
        ):
            raise BadInput(
                f"A word is {list(word)}; expected one or two views of 0 to {views - 1}."
            )
        if word[:-1] and word[:-1] not in words[:place]:
            raise BadInput(f"The word {list(word)} goes on from [{word[0]}]; name that before it.")
    if not words or len(set(words)) < len(words):
        raise BadInput("There are no words, or one is named twice; name each once.")
    return words


def paper_weights(words: Sequence[Word]) -> Tensor:
    """Return the weights (words,) that fusion starts from: the paper's 0.8, 0.1, 0.05, 0.05.

    The first view has 0.8, the other views share 0.1, and so do the pairs.
    """
    others = [word for word in words if len(word) == 1][1:]
    pairs = [word for word in words if len(word) > 1]
    start = [
        0.8 if not place else 0.1 / len(others if len(word) == 1 else pairs)
        for place, word in enumerate(words)
    ]
    return torch.tensor(start)


class SoftmaxFusion(nn.Module):
    """Weights of words that are positive and sum to 1: the softmax of learnable logits.

    They start from `logits`, which the softmax makes nearly uniform.
    """

    def __init__(self, logits: Tensor) -> None:
        super().__init__()
        self.logits = nn.Parameter(logits.clone())

    def forward(self) -> Tensor:
        """Return the weights (words,)."""
        return self.logits.softmax(0)
