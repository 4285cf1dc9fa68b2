"""Keep-n-th by one Mamba block whose weights are set by hand: the same for every T and every n."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from zoo_ssm.blocks import Mamba

from zoo_core import BadInput, Split, plain
from zoo_mamba_selectivity.data.keepnth import Keep
from zoo_mamba_selectivity.exact import by_hand
from zoo_mamba_selectivity.exact.by_hand import OPEN
from zoo_mamba_selectivity.exact.thresholds import (
    DECAY,
    SHARPNESS,
    ramp_thresholds,
    ramp_weights,
)
from zoo_mamba_selectivity.reading import one_source, read_tokens

_ONE, _TIME = -2, -1  # features of a token, behind those of its symbol
LONGEST = 2**15
"""Beyond, the decay would count: λ M T² / 2 is 1e-3 here."""
ROWS = 100
"""Sequences measured at once."""


class ExactKeepNth(nn.Module):
    """Tell the n-th token of a sequence at its end, in float64.

    The token at position s is (unit vector of its symbol, 1, s - n): the question n comes in as the
    origin of the time feature, so that no weight depends on it or on T. With the ramps of
    `thresholds`, x_n = P_{n+1} - P_n takes four channels a symbol, whose thresholds are 3/4, 1/4,
    -1/4 and -3/4 on this scale. Unit vectors need no pairs of channels: silu(0) = 0, and
    silu(32) = 32. `vocabulary` is V, `sharpness` M and `decay` λ. Raises `BadInput` for fewer than
    two symbols, and for a sharpness or decay that is not above zero.
    """

    def __init__(
        self, vocabulary: int = 16, sharpness: float = SHARPNESS, decay: float = DECAY
    ) -> None:
        super().__init__()
        if vocabulary < 2 or not sharpness > 0 or not decay > 0:
            raise BadInput(
                f"vocabulary={vocabulary}, sharpness={sharpness} and decay={decay} are wrong; give "
                "two symbols or more, and numbers above zero."
            )
        self.vocabulary = vocabulary
        thresholds = ramp_thresholds(np.array([1.0, 0.0]))
        weights = ramp_weights(np.array([[1.0, -1.0]]))
        ramps = vocabulary * len(thresholds)
        inner, width = ramps + 3, vocabulary + 2
        symbols = np.eye(vocabulary)
        read, gate, out = (np.zeros((inner, width)) for _ in range(3))
        read[:ramps, :vocabulary] = OPEN * np.repeat(symbols, len(thresholds), axis=0)
        read[ramps, _ONE], read[ramps + 1 :, _TIME] = OPEN, (1.0, -1.0)
        gate[:, _ONE] = OPEN
        out[:ramps, :vocabulary] = np.kron(symbols, weights.T) / OPEN**2
        constant, time = np.zeros((1, inner)), np.zeros((1, inner))
        constant[0, ramps], time[0, ramps + 1 :] = 1 / OPEN, (sharpness, -sharpness)
        slope, bias = np.zeros((inner, 1)), np.zeros(inner)
        slope[:ramps] = -1.0
        bias[:ramps] = np.tile(sharpness * thresholds, vocabulary)
        self.block = Mamba(width, inner, 1, step_rank=1).double()
        by_hand.set_weights(
            self.block,
            {
                "in_x.weight": read,
                "in_z.weight": gate,
                "conv.weight": by_hand.taps(inner, 4, by_hand.CURRENT),
                "to_rank.weight": time,
                "to_delta.weight": slope,
                "to_delta.bias": bias,
                "to_B.weight": constant / sharpness,
                "to_C.weight": constant,
                "A_log": np.log(decay),
                "out.weight": out.T,
            },
        )

    def forward(self, tokens: Tensor, position: Tensor) -> Tensor:
        """Return scores (b, V), float64, of what stood at `position` (b,) in tokens (b, T).

        The score is 1 for the right symbol and 0 for all others. Raises `BadInput` for tensors of
        other shapes, and for sequences so long that the decay would be seen.
        """
        self._check(tokens, position)
        weight = self.block.A_log
        tokens, position = tokens.to(weight.device), position.to(weight.device)
        time = torch.arange(tokens.shape[1], device=weight.device) - position.unsqueeze(1)
        features = torch.cat(
            [
                nn.functional.one_hot(tokens.long(), self.vocabulary),
                torch.ones_like(time).unsqueeze(-1),
                time.unsqueeze(-1),
            ],
            dim=-1,
        ).to(weight.dtype)
        output, _ = self.block(features)
        scores: Tensor = output[:, -1, : self.vocabulary]
        return scores

    def predict(self, *source: Any, position: int = 0) -> list[dict[str, Any]]:
        """Tell the symbol at a position of a sequence, read after its last one.

        The symbols are 0 to V - 1, as a text such as "3 15 0 7", a file with one, or as integers;
        `position` is n, counted from 0. There is one row: the position n, the answer and its score
        (1, but for rounding and decay). Raises `BadInput` for no sequence, for symbols that are
        none or unknown, and for too few of them.
        """
        tokens = read_tokens(one_source(source), self.vocabulary)
        position = plain(position)
        if isinstance(position, bool) or not isinstance(position, int):
            raise BadInput(f"position={position!r} is no number of a position; give an integer.")
        if not 0 <= position < len(tokens):
            raise BadInput(
                f"The sequence has {len(tokens)} symbols, and position={position} was asked; give "
                f"one from 0 to {len(tokens) - 1}."
            )
        with torch.no_grad():
            row = self(torch.tensor([tokens]), torch.tensor([position]))[0]
        return [
            {
                "position": position,
                "answer": int(row.argmax()),
                "score": float(row.max()),
            }
        ]

    def outputs(self, split: Split, batch_size: int = ROWS) -> Iterator[Mapping[str, Tensor]]:
        """Yield scores (n, V) as logits, and the n-th tokens (n,) as the target, batch by batch.

        Raises `BadInput` for other data than keep-n-th, or another vocabulary.
        """
        data = split.data
        if not isinstance(data, Keep):
            raise BadInput(f"This model keeps the n-th: give keepnth, not {type(data).__name__}.")
        device = self.block.A_log.device
        for arrays in data.asked(split.name, self.vocabulary, batch_size):
            tokens, _, answers = (torch.from_numpy(array).to(device) for array in arrays)
            target = answers[:, 0]
            yield {
                "logits": self(tokens, torch.full_like(target, data.position)),
                "target": target,
            }

    def example_inputs(self, seed: int) -> tuple[Tensor, ...]:
        """Return three sequences of twelve random symbols, and a position in each."""
        generator = torch.Generator().manual_seed(seed)
        tokens = torch.randint(self.vocabulary, (3, 12), generator=generator)
        return tokens, torch.randint(12, (3,), generator=generator)

    def _check(self, tokens: Tensor, position: Tensor) -> None:
        if tokens.dim() != 2 or position.shape != tokens.shape[:1]:
            raise BadInput(
                f"Tokens (b, T) and positions (b,) are expected, not {tuple(tokens.shape)} and "
                f"{tuple(position.shape)}."
            )
        if tokens.is_floating_point() or position.is_floating_point():
            raise BadInput("Tokens and positions must be integers.")
        length = tokens.shape[1]
        if not 1 <= length <= LONGEST:
            raise BadInput(f"Sequences of 1 to {LONGEST} tokens are expected, not of {length}.")
