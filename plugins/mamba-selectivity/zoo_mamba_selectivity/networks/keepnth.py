"""The network that is trained to tell the n-th symbol."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from zoo_core import BadInput
from zoo_mamba_selectivity.networks.sequence import SequenceNetwork
from zoo_mamba_selectivity.reading import one_source, read_tokens

EMBEDDING_STD = 0.3
"""Smaller than time and the constant, so that a LayerNorm does not drown these."""


class KeepNetwork(SequenceNetwork):
    """Keep-n-th: after the last symbol, the n-th one.

    A symbol's embedding has two more places, its time s and the constant 1, so that a layer can
    tell where it is. Arguments are those of `SequenceNetwork`, and two more: `position` is n,
    counted from 0, what the network is trained to tell; `length` is T, of the sequences it is
    trained on, and the time of position s is s/T.
    """

    def __init__(
        self,
        vocabulary: int,
        position: int,
        length: int,
        mixer: str = "mamba",
        width: int = 64,
        layers: int = 1,
        inner: int | None = None,
        state_size: int = 32,
        heads: int = 4,
        conv_width: int = 4,
        gate: bool = True,
        decay: float = 1.0,
        steps: tuple[float, float] = (1e-3, 1e-1),
    ) -> None:
        if width < 3 or not 0 <= position < length:
            raise ValueError(
                f"width={width}, position={position} and length={length} are wrong; give a width "
                "of 3 or more, and a position below the length."
            )
        super().__init__(
            vocabulary,
            mixer,
            width,
            layers,
            inner,
            state_size,
            heads,
            conv_width,
            gate,
            decay,
            steps,
        )
        self.position, self.length = position, length
        self.embedding = nn.Embedding(vocabulary, width - 2)
        nn.init.normal_(self.embedding.weight, std=EMBEDDING_STD)
        self.head = nn.Linear(width, vocabulary)

    def embed_tokens(self, tokens: Tensor) -> Tensor:
        """Return (b, T, d) of tokens (b, T): embedding, time and 1."""
        symbols = self.embedding(tokens)
        time = torch.arange(tokens.shape[1], device=tokens.device).to(symbols.dtype) / self.length
        place = torch.stack([time, torch.ones_like(time)], dim=-1)
        return torch.cat([symbols, place.expand(len(tokens), -1, -1)], dim=-1)

    def read(self, hidden: Tensor) -> Tensor:
        """Return logits (…, V) of the normed residual stream (…, d)."""
        found: Tensor = self.head(hidden)
        return found

    def example_sources(self, seed: int = 0) -> list[list[int]]:
        """Return three sequences of random symbols, of different lengths."""
        generator = torch.Generator().manual_seed(seed)
        sizes = (self.position + more for more in (1, 4, 2))
        drawn = (torch.randint(self.vocabulary, (size,), generator=generator) for size in sizes)
        return [tokens.tolist() for tokens in drawn]

    def predict(self, *source: Any) -> list[dict[str, Any]]:
        """Tell the n-th symbol of a sequence, read after its last one.

        The symbols are 0 to V - 1, as a text such as "3 15 0 7", a file with one, or as integers;
        more than n, and as many as in training (T) for the accuracy measured. There is one row: the
        position n, the answer and its probability. Raises `BadInput` for no sequence, for symbols
        that are none or unknown, and for too few of them.
        """
        tokens = read_tokens(one_source(source), self.vocabulary)
        if len(tokens) <= self.position:
            raise BadInput(
                f"The sequence has {len(tokens)} symbols, and this model tells the one at position "
                f"{self.position} (from 0); give more than {self.position}."
            )
        row = self.probabilities(tokens, [len(tokens) - 1])[0]
        return [
            {
                "position": self.position,
                "answer": int(row.argmax()),
                "probability": float(row.max()),
            }
        ]
