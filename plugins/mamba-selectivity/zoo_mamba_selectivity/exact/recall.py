"""MQAR by one block whose weights are set by hand; nothing is trained."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from zoo_core import BadInput, Split
from zoo_mamba_selectivity.data.mqar import Recall
from zoo_mamba_selectivity.exact import by_hand
from zoo_mamba_selectivity.exact.codes import token_codes
from zoo_mamba_selectivity.exact.recall_weights import RecallWeights
from zoo_mamba_selectivity.reading import one_source, read_question

ROWS = 50
"""Sequences measured at once."""


class ExactRecall(nn.Module):
    """Multi-query associative recall by one block, with the weights of `RecallWeights`.

    Embedding and head are the tokens' codes; there is no norm and no residual connection around
    the block. With unit vectors for values it is right for any number of pairs as soon as no two
    keys share a code. With short random codes for both, the other pairs' overlaps must stay below
    the margin: p q has to grow about as the number of pairs.

    The `mixer` is "mamba" (S6), "mamba2" or "s4d". V, the `vocabulary`, is even; keys are the
    tokens 1 to V/2 - 1, values V/2 to V - 1. `key_bits` is p; `value_bits` is q, or None for one
    unit vector a value, q = V/2 (always so for "s4d"). With `distinct_keys` the codes of keys are
    drawn without replacement; `seed` is that of all codes. Without `convolution` one tap is left,
    so that no token knows the one before it; without `gate` the gate is left out. Raises `BadInput`
    for sizes that do not fit, and for fewer codes than keys.
    """

    def __init__(
        self,
        mixer: Literal["mamba", "mamba2", "s4d"] = "mamba2",
        vocabulary: int = 1024,
        key_bits: int = 64,
        value_bits: int | None = 64,
        distinct_keys: bool = False,
        convolution: bool = True,
        gate: bool = True,
        seed: int = 0,
    ) -> None:
        super().__init__()
        if mixer not in ("mamba", "mamba2", "s4d"):
            raise BadInput(f"mixer={mixer!r} is unknown; use 'mamba', 'mamba2' or 's4d'.")
        if mixer == "s4d" and value_bits is not None:
            raise BadInput("The S4D mixer needs unit vectors for values; use value_bits=None.")
        self.mixer, self.vocabulary = mixer, vocabulary
        keys, values = token_codes(vocabulary, key_bits, value_bits, distinct_keys, seed)
        made = RecallWeights(keys.shape[1], values.shape[1], convolution, gate)
        self.embedding = nn.Embedding(vocabulary, made.width)
        codes = np.concatenate([keys, values, np.ones((vocabulary, 1))], axis=1)
        by_hand.set_weights(self.embedding, {"weight": codes})
        self.block, weights = {
            "mamba": made.mamba,
            "mamba2": made.mamba2,
            "s4d": made.s4d,
        }[mixer]()
        by_hand.set_weights(self.block, weights)

    def forward(self, tokens: Tensor, places: Tensor | None = None) -> Tensor:
        """Return the scores (b, T, V) of tokens (b, T), or (b, k, V) of `places` (b, k) only.

        The score of a token is the mean product of its code with the block's output: 1, less what
        other pairs add, for the value that belongs to a query (with Mamba-2, which normalises, on
        a scale of its own), and 0 for blanks and keys. Raises `BadInput` for tensors that cannot be
        tokens.
        """
        if tokens.dim() != 2 or tokens.dtype not in (torch.int64, torch.int32):
            raise BadInput(
                f"Tokens (b, T) as integers are expected, not {tokens.dtype} of shape "
                f"{tuple(tokens.shape)}."
            )
        codes = self.embedding.weight
        output, _ = self.block(self.embedding(tokens.to(codes.device)))
        if places is not None:
            index = places.to(codes.device).unsqueeze(-1).expand(-1, -1, output.shape[-1])
            output = output.gather(1, index)
        norm = codes[-1, :-1].square().sum()  # all values' codes have the same
        scores: Tensor = output @ codes.T / norm
        return scores

    def predict(self, *source: Any) -> list[dict[str, Any]]:
        """Answer the queries of a prompt.

        The prompt is tokens, as a text such as "8 700 3 650 8 0 3" or as integers, where every key
        that stands again is a query; or `{"pairs": [[8, 700], [3, 650]], "queries": [8, 3]}`. Keys
        are 1 to V/2 - 1, values V/2 to V - 1, and 0 is blank. A file (.txt, .json, .npy) is the
        prompt that stands in it. There is a row for each query: its position, the key asked, the
        answer, its score, and how far it is ahead of the next best one. Raises `BadInput` for no
        prompt, for tokens that are none or unknown, and where nothing is asked.
        """
        tokens, places = read_question(one_source(source), self.vocabulary)
        with torch.no_grad():
            scores = self(torch.tensor([tokens]), torch.tensor([places]))[0]
        best = scores.double().topk(2)
        return [
            {
                "position": place,
                "query": tokens[place],
                "answer": answer,
                "score": score,
                "margin": score - second,
            }
            for place, (answer, _), (score, second) in zip(
                places, best.indices.tolist(), best.values.tolist(), strict=True
            )
        ]

    def outputs(self, split: Split, batch_size: int = ROWS) -> Iterator[Mapping[str, Tensor]]:
        """Yield scores (n, V) as logits, and the target (n,), at the queries, batch by batch.

        Raises `BadInput` for other data than MQAR, or another vocabulary.
        """
        data = split.data
        if not isinstance(data, Recall):
            raise BadInput(f"This model recalls: give MQAR, not a {type(data).__name__}.")
        device = self.embedding.weight.device
        for arrays in data.asked(split.name, self.vocabulary, batch_size):
            tokens, places, answers = (torch.from_numpy(array).to(device) for array in arrays)
            yield {
                "logits": self(tokens, places).flatten(0, 1),
                "target": answers.flatten(),
            }

    def example_inputs(self, seed: int) -> tuple[Tensor, ...]:
        """Return two short sequences of MQAR, for `forward`."""
        data = Recall(length=16, pairs=3, vocabulary=max(self.vocabulary, 18), sequences=2)
        tokens = data.draw(np.random.default_rng(seed), 2).tokens
        return (torch.from_numpy(tokens % self.vocabulary),)
