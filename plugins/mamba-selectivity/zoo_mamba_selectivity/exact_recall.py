"""MQAR by one block whose weights are set by hand; nothing is trained."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from zoo_core.errors import BadInput
from zoo_mamba_selectivity import by_hand
from zoo_mamba_selectivity.codes import token_codes
from zoo_mamba_selectivity.mqar import Recall
from zoo_mamba_selectivity.prompts import one_source, read_question
from zoo_mamba_selectivity.recall_weights import RecallWeights

BATCH = 50


class ExactRecall(nn.Module):
    """Multi-query associative recall by one block, with the weights of `RecallWeights`.

    Embedding and head are the tokens' codes; there is no norm and no residual connection around
    the block. With unit vectors for values it is right for any number of pairs as soon as no two
    keys share a code. With short random codes for both, the other pairs' overlaps must stay below
    the margin: p q has to grow about as the number of pairs.

    Args:
        mixer: "mamba" (S6), "mamba2" or "s4d".
        vocabulary: V, even; keys are the tokens 1 to V/2 - 1, values V/2 to V - 1.
        key_bits: p.
        value_bits: q, or None for one unit vector a value, q = V/2 (always so for "s4d").
        distinct_keys: whether the codes of keys are drawn without replacement.
        convolution: False leaves one tap, so that no token knows the one before it.
        gate: False leaves the gate out.
        seed: of the codes.

    Raises:
        BadInput: sizes that do not fit, or fewer codes than keys.
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
        a scale of its own), and 0 for blanks and keys.

        Raises:
            BadInput: tensors that are no tokens.
        """
        self._check(tokens)
        output, _ = self.block(self.embedding(tokens))
        if places is not None:
            output = output.gather(1, places.unsqueeze(-1).expand(-1, -1, output.shape[-1]))
        codes = self.embedding.weight
        norm = codes[-1, :-1].square().sum()  # all values' codes have the same
        scores: Tensor = output @ codes.T / norm
        return scores

    def predict(self, *source: Any) -> list[dict[str, Any]]:
        """Answer the queries of a prompt.

        Args:
            *source: tokens, as a text such as "8 700 3 650 8 0 3" or as integers, where every key
                that stands again is a query; or ``{"pairs": [[8, 700], [3, 650]], "queries":
                [8, 3]}``. Keys are 1 to V/2 - 1, values V/2 to V - 1, and 0 is blank.

        Returns:
            For each query a row: its position, the key asked, the answer, its score, and how far it
            is ahead of the next best one.

        Raises:
            BadInput: no prompt, tokens that are none or unknown, or nothing is asked.
        """
        tokens, places = read_question(one_source(source), self.vocabulary)
        device = self.embedding.weight.device
        with torch.no_grad():
            inputs = (torch.tensor([row], device=device) for row in (tokens, places))
            best = self(*inputs)[0].double().topk(2)
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

    def outputs_and_targets(self, data: Any, split: str) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield scores (n, V) and answers (n,) at the queries, batch by batch.

        Raises:
            BadInput: other data than MQAR, an unknown split, or another vocabulary.
        """
        if not isinstance(data, Recall):
            raise BadInput(f"This model recalls: give MQAR, not a {type(data).__name__}.")
        if data.vocabulary != self.vocabulary:
            raise BadInput(
                f"The data have {data.vocabulary} tokens, but this model knows {self.vocabulary}; "
                f"give data with --option vocabulary={self.vocabulary}."
            )
        part = data.part(split)
        places, answers = part.queries()
        device = self.embedding.weight.device
        for start in range(0, len(places), BATCH):
            rows = slice(start, start + BATCH)
            tokens, asked, wanted = (
                torch.from_numpy(array[rows]).to(device) for array in (part.tokens, places, answers)
            )
            yield self(tokens, asked).flatten(0, 1), wanted.flatten()

    def example_inputs(self, seed: int) -> tuple[Tensor, ...]:
        """Return two short sequences of MQAR, for `forward`."""
        data = Recall(length=16, pairs=3, vocabulary=max(self.vocabulary, 18), sequences=2)
        tokens = data.draw(np.random.default_rng(seed), 2).tokens
        return (torch.from_numpy(tokens % self.vocabulary),)

    def _check(self, tokens: Tensor) -> None:
        if tokens.dim() != 2 or tokens.dtype not in (torch.int64, torch.int32):
            raise BadInput(
                f"Tokens (b, T) as integers are expected, not {tokens.dtype} of shape "
                f"{tuple(tokens.shape)}."
            )
        if tokens.numel() and not 0 <= int(tokens.min()) <= int(tokens.max()) < self.vocabulary:
            raise BadInput(
                f"There are tokens from {int(tokens.min())} to {int(tokens.max())}; this model "
                f"knows 0 to {self.vocabulary - 1}."
            )
