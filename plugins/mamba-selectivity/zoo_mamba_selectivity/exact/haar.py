"""Haar coefficients by one Mamba block whose weights are set by hand; nothing is trained."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from zoo_ssm.blocks import Mamba

from zoo_core import BadInput, Split
from zoo_mamba_selectivity.data.signals import HaarSignals
from zoo_mamba_selectivity.exact import by_hand
from zoo_mamba_selectivity.exact.thresholds import DECAY, SHARPNESS, haar_ramps
from zoo_mamba_selectivity.haar import basis
from zoo_mamba_selectivity.reading import read_signal

_ONE, _TIME, _VALUE = 0, 1, 2  # features of a token


class ExactHaar(nn.Module):
    """All Haar coefficients of a signal in one pass of one S6 layer, in float64.

    The token of sample s is (1, s, x_s). The threshold channels of `thresholds` are the channels of
    a Mamba block, each twice (the pairs of `by_hand`); the time passes in a pair of its own to the
    step's projection, and a constant channel makes B = 1 / M and C = 1. The last output of the
    block has the coefficients times w^(1/2): all its weights but the step's bias and the decay are
    small integers over powers of two, so that float32 holds them exactly.

    `length` is T, a power of two; shorter signals count as padded with zeros. `coefficients` are
    the rows that are wanted, in the order of `haar.basis`, all T by default. `sharpness` is M and
    `decay` λ. Raises `BadInput` for a length that is no power of two, and for rows that are not
    there.
    """

    widths: Tensor

    def __init__(
        self,
        length: int = 256,
        coefficients: list[int] | None = None,
        sharpness: float = SHARPNESS,
        decay: float = DECAY,
    ) -> None:
        super().__init__()
        basis.check_length(length)
        rows = list(range(length)) if coefficients is None else coefficients
        if not rows or not all(0 <= row < length for row in rows):
            raise BadInput(f"coefficients={rows} are wrong; give some of 0 to {length - 1}.")
        if not sharpness > 0 or not decay > 0:
            raise BadInput("sharpness and decay must be above zero.")
        self.length, self.rows = length, rows
        thresholds, weights = haar_ramps(length, rows)
        self.channels = len(thresholds)
        self.block = Mamba(
            max(3, len(rows)), 2 * self.channels + 3, state_size=1, step_rank=1
        ).double()
        self.register_buffer("widths", torch.from_numpy(basis.widths(length)[rows]))
        by_hand.set_weights(self.block, self._weights(thresholds, weights, sharpness, decay))

    def _weights(
        self,
        thresholds: np.ndarray,
        weights: np.ndarray,
        sharpness: float,
        decay: float,
    ) -> dict[str, np.ndarray | float]:
        width, inner = self.block.width, self.block.inner
        ramps, one = 2 * self.channels, inner - 1
        read = np.zeros((inner, width))
        read[:ramps, _VALUE] = np.repeat([1.0, -1.0], self.channels)
        read[ramps:one, _TIME] = 1.0, -1.0
        read[one, _ONE] = by_hand.OPEN
        gate = np.zeros((inner, width))
        gate[:, _ONE] = by_hand.OPEN
        time, constant = np.zeros((1, inner)), np.zeros((1, inner))
        time[0, ramps:one] = sharpness, -sharpness
        constant[0, one] = 1 / by_hand.OPEN
        bias = np.zeros(inner)
        bias[:ramps] = np.tile(sharpness * thresholds, 2)
        slope = np.zeros((inner, 1))
        slope[:ramps] = -1.0
        out = np.zeros((width, inner))
        out[: len(weights), :ramps] = by_hand.joined(weights) / by_hand.OPEN
        return {
            "in_x.weight": read,
            "in_z.weight": gate,
            "conv.weight": by_hand.taps(inner, 4, by_hand.CURRENT),
            "to_rank.weight": time,
            "to_delta.weight": slope,
            "to_delta.bias": bias,
            "to_B.weight": constant / sharpness,
            "to_C.weight": constant,
            "A_log": np.log(decay),
            "out.weight": out,
        }

    def forward(self, x: Tensor) -> Tensor:
        """Return the coefficients (b, K), float64, of signals x (b, L) padded with zeros to T.

        Raises `BadInput` for another shape, and for signals longer than T.
        """
        if x.dim() != 2 or not 1 <= x.shape[1] <= self.length:
            raise BadInput(
                f"A signal of 1 to {self.length} samples is expected in each row, not a tensor of "
                f"shape {tuple(x.shape)}; make a longer model with zoo.create('s6-haar-exact', "
                "length=…)."
            )
        x = x.to(self.widths.device, torch.float64)
        tokens = x.new_zeros(*x.shape, self.block.width)
        tokens[..., _ONE] = 1.0
        tokens[..., _TIME] = torch.arange(x.shape[1], dtype=x.dtype, device=x.device)
        tokens[..., _VALUE] = x
        output, _ = self.block(tokens)
        sums: Tensor = output[:, -1, : len(self.rows)]
        return sums / self.widths.to(x.dtype).sqrt()

    def transform(self, x: Tensor) -> Tensor:
        """Return the coefficients (b, L) of signals of a length of their own, a power of two.

        A signal of L < T samples has its details among those of the signal padded to T, and its
        sum in the one that is twice as wide. Raises `BadInput` as `forward` does, and where this
        model does not give all rows.
        """
        levels = basis.check_length(x.shape[-1])
        if self.rows != list(range(self.length)):
            raise BadInput("This model gives chosen coefficients only; call it as a module.")
        found: Tensor = self(x)
        length = x.shape[-1]
        if length == self.length:
            return found
        ratio = self.length // length
        rows = [ratio // 2] + [
            2**level * ratio + shift for level in range(levels) for shift in range(2**level)
        ]
        scale = torch.ones(length, dtype=found.dtype, device=found.device)
        scale[0] = 2**0.5
        return found[:, rows] * scale

    def predict(self, *signal: Any) -> list[dict[str, Any]]:
        """Return the Haar coefficients of one signal, coarse first, then level by level.

        The signal is a file (.npy, or text with numbers), a list or array, or the numbers
        themselves; 2, 4, 8, … up to T of them. Without any, it is the model's first test signal.
        Rows have a "level" (None for the coarse coefficient), a "shift" and a "coefficient". Raises
        `BadInput` for no numbers, NaN, and a length that is no power of two up to T.
        """
        x = read_signal(signal) if signal else HaarSignals(self.length).part("test")[0]
        basis.check_length(len(x))
        with torch.no_grad():
            found = self.transform(torch.from_numpy(x)[None])[0].tolist()
        rows = []
        for row, value in enumerate(found):
            level, shift = basis.level_and_shift(row) or (None, 0)
            rows.append({"level": level, "shift": shift, "coefficient": value})
        return rows

    def outputs(self, split: Split) -> Iterator[Mapping[str, Tensor]]:
        """Yield coefficients and true ones, (b, K) float64, of one split of `HaarSignals`.

        Raises `BadInput` for other data, and for signals longer than T.
        """
        data = split.data
        if not isinstance(data, HaarSignals):
            raise BadInput(f"Haar models are measured on signals, not on a {type(data).__name__}.")
        x = data.part(split.name)
        signals = torch.from_numpy(x)
        if x.shape[1] == self.length:
            found, rows = self(signals), self.rows
        else:
            found, rows = self.transform(signals), list(range(x.shape[1]))
        if not set(data.rows) <= set(rows):
            raise BadInput(
                f"The data ask for the coefficients {list(data.rows)[:8]}, and this model gives "
                f"{rows[:8]}; give coefficients that it has."
            )
        places = [rows.index(row) for row in data.rows]
        target = torch.from_numpy(data.targets(x)).to(found.device)
        yield {"prediction": found[:, places], "target": target}

    def example_inputs(self, seed: int) -> tuple[Tensor, ...]:
        """Return two Gaussian signals (2, T), float64."""
        generator = torch.Generator().manual_seed(seed)
        return (torch.randn(2, self.length, generator=generator, dtype=torch.float64),)
