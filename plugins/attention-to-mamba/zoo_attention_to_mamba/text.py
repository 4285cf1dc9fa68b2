"""Texts to train and measure language models on: documents by split, windows, token streams."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from zoo_attention_to_mamba.tokenizer import Tokenizer
from zoo_core import BadInput, Split, plain, split

SPLITS = ("train", "val", "test")
WINDOW = 512
"""How many tokens a window has where nothing else is asked for, or a model's context if shorter."""


class Text:
    """A text by split, as lists of documents; each tokenizer makes its own tokens of it.

    `documents` maps a split's name to its documents in order. Windows and streams are made when
    they are asked for, and streams are kept. `window` is how many tokens a model is measured at;
    raises `BadInput` where it is no length.
    """

    metric_options: Mapping[str, Any] = {}
    """None is needed: every target of a window counts."""
    folds: int | None = None
    """How many folds the source itself brings: a text has none."""

    def __init__(
        self, documents: Mapping[str, Sequence[str]], *, name: str = "text", window: int = WINDOW
    ) -> None:
        window = plain(window)
        if not isinstance(window, int) or isinstance(window, bool) or window < 1:
            raise BadInput(f"window={window!r} is no number of tokens; give 1 or more.")
        self.window = window
        self.documents = {split: tuple(several) for split, several in documents.items()}
        self.name = name
        self._streams: dict[tuple[str, str], Tensor] = {}

    def __repr__(self) -> str:
        told = ", ".join(f"{split}: {len(d)}" for split, d in self.documents.items())
        return f"Text({self.name!r}, documents: {told})"

    @property
    def splits(self) -> Sequence[str]:
        """The names of the splits that have any text."""
        return [name for name, several in self.documents.items() if several]

    def split(self, name: str) -> Split:
        """Return the view of one split: the whole text, with the numbers of its documents."""
        return Split(self, name, range(len(self.documents[name])))

    def text(self, name: str) -> Sequence[str]:
        """Return the documents of a split; raises `BadInput` where there are none."""
        return self.documents[split(self, name).name]

    def stream(self, tokenizer: Tokenizer, name: str) -> Tensor:
        """Return a split's tokens end to end, (tokens,) int64, each document behind a start token.

        Raises `BadInput` as `text` and `Tokenizer.encode` do.
        """
        key = (tokenizer.key, name)
        if key not in self._streams:
            ids = tokenizer.encode_many(self.text(name))
            self._streams[key] = torch.cat([torch.tensor(one, dtype=torch.int64) for one in ids])
        return self._streams[key]

    def windows(self, tokenizer: Tokenizer, name: str, context: int) -> tuple[Tensor, Tensor]:
        """Return a split cut into consecutive windows: inputs and targets, (n, context) int64 each.

        Targets are the inputs shifted by one, so window i has tokens i·context to (i+1)·context of
        `stream`; what does not fill the last window is left out. Raises `BadInput` where the split
        has less than one window, and as `stream` does.
        """
        if context < 1:
            raise BadInput(f"context={context} is no length of a window; give 1 or more.")
        tokens = self.stream(tokenizer, name)
        count = (len(tokens) - 1) // context
        if count < 1:
            raise BadInput(
                f"The split {name!r} of {self.name} has {len(tokens)} tokens, too few for a "
                f"window of {context} and the token after it; give a longer text or a shorter "
                "context."
            )
        used = count * context
        return tokens[:used].view(count, context), tokens[1 : used + 1].view(count, context)


def share_of_text(name: str, value: Any) -> float:
    """Return an option that is a share, checked; raises `BadInput`, which calls it `name`."""
    value = plain(value)
    good = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1
    if not good or (name == "validation" and value == 1):
        raise BadInput(f"{name}={value!r} is no share of a text; give a number from 0 to 1.")
    return float(value)


def split_by_characters(
    documents: Sequence[str], names: Sequence[str], bounds: Sequence[int]
) -> dict[str, list[str]]:
    """Return documents by split, cut where the characters laid end to end pass the bounds.

    Characters bounds[i] to bounds[i + 1] go to the split names[i]; a split may have several parts.
    """
    made: dict[str, list[str]] = {name: [] for name in SPLITS}
    offset = 0
    for document in documents:
        for name, first, last in zip(names, bounds[:-1], bounds[1:], strict=True):
            part = document[max(0, first - offset) : max(0, last - offset)]
            if part:
                made[name].append(part)
        offset += len(document)
    return made
