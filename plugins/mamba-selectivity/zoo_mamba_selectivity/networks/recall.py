"""The network that is trained on associative recall."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from zoo_mamba_selectivity.networks.sequence import SequenceNetwork
from zoo_mamba_selectivity.reading import one_source, read_question

EMBEDDING_STD = 0.02


class RecallNetwork(SequenceNetwork):
    """Associative recall (MQAR): at a key that stood before, the value that followed it.

    Arguments are those of `SequenceNetwork`; the head is the embedding.
    """

    def __init__(
        self,
        vocabulary: int,
        mixer: str = "mamba2",
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
        self.embedding = nn.Embedding(vocabulary, width)
        nn.init.normal_(self.embedding.weight, std=EMBEDDING_STD)

    def embed_tokens(self, tokens: Tensor) -> Tensor:
        """Return (b, T, d) of tokens (b, T)."""
        found: Tensor = self.embedding(tokens)
        return found

    def read(self, hidden: Tensor) -> Tensor:
        """Return logits (…, V) of the normed residual stream (…, d)."""
        return hidden @ self.embedding.weight.T

    def example_sources(self, seed: int = 0) -> list[list[int]]:
        """Return three prompts of different lengths: keys, random values, and the first key."""
        generator = torch.Generator().manual_seed(seed)
        half, found = self.vocabulary // 2, []
        for count in (1, 3, 2):
            values = torch.randint(half, self.vocabulary, (count,), generator=generator).tolist()
            pairs = [one for key, value in enumerate(values, 1) for one in (key, value)]
            found.append([*pairs, 1])
        return found

    def predict(self, *source: Any) -> list[dict[str, Any]]:
        """Answer the queries of a prompt.

        The prompt is tokens, as a text such as "8 150 3 140 8 0 3" or as integers, where every key
        that stands again is a query; or `{"pairs": [[8, 150], [3, 140]], "queries": [8, 3]}`. Keys
        are 1 to V/2 - 1, values V/2 to V - 1, and 0 is blank. A file (.txt, .json, .npy) is the
        prompt that stands in it. There is a row for each query: its position, the key asked, the
        answer and its probability. Raises `BadInput` for no prompt, for tokens that are none or
        unknown, and where nothing is asked.
        """
        tokens, places = read_question(one_source(source), self.vocabulary)
        return [
            {
                "position": place,
                "query": tokens[place],
                "answer": int(row.argmax()),
                "probability": float(row.max()),
            }
            for place, row in zip(places, self.probabilities(tokens, places), strict=True)
        ]
