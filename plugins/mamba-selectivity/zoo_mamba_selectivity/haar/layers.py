"""Single state-space layers that learn Haar coefficients: S6 and S4D with states of equal size."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus
from zoo_ssm.s4d import s4d_kernel, s4d_lin_poles
from zoo_ssm.selective_scan import selective_scan

from zoo_core import BadInput, Split
from zoo_mamba_selectivity.data.signals import HaarSignals, gaussian
from zoo_mamba_selectivity.haar import basis
from zoo_mamba_selectivity.reading import read_signal

_FEATURES = 3  # of a token: 1, s/T, x_s
SLOPE = 200.0
"""How steep the first steps of S6 are in s/T."""
FIRST_DECAY = 1e-3


class SelectiveMixer(nn.Module):
    """The last output of an S6 layer: Δ, B and C are linear in the token (1, s/T, x_s).

    At first the steps are ramps of the time, softplus(SLOPE (a - s/T)), with thresholds a spread
    evenly over the signal.
    """

    def __init__(self, channels: int, state_size: int, length: int) -> None:
        super().__init__()
        self.read = nn.Linear(_FEATURES, channels, bias=False)
        self.to_delta = nn.Linear(_FEATURES, channels, bias=False)
        self.to_B = nn.Linear(_FEATURES, state_size, bias=False)
        self.to_C = nn.Linear(_FEATURES, state_size, bias=False)
        modes = torch.arange(1, state_size + 1, dtype=torch.get_default_dtype())
        self.A_log = nn.Parameter((FIRST_DECAY * modes).log().repeat(channels, 1))
        with torch.no_grad():
            for linear in (self.read, self.to_delta, self.to_B, self.to_C):
                linear.weight.zero_()
            self.read.weight[:, 2] = 1.0 / math.sqrt(length)
            self.to_delta.weight[:, 0] = SLOPE * _spread(channels)
            self.to_delta.weight[:, 1] = -SLOPE
            self.to_B.weight[:, 0] = 0.5 + torch.rand(state_size)
            self.to_C.weight[:, 0] = 1.0

    @torch.no_grad()
    def place(self, thresholds: Tensor, slope: float, decay: float) -> None:
        """Make the steps the ramps softplus(slope (a - s/T)), a given as `thresholds` (D,).

        B is 1 / slope, so that a channel adds up max(a - s/T, 0) x_s, and all rates are `decay`.
        """
        for linear in (self.read, self.to_delta, self.to_B, self.to_C):
            linear.weight.zero_()
        self.read.weight[:, 2] = 1.0
        self.to_delta.weight[:, 0] = slope * thresholds
        self.to_delta.weight[:, 1] = -slope
        self.to_B.weight[:, 0] = 1 / slope
        self.to_C.weight[:, 0] = 1.0
        self.A_log.fill_(math.log(decay))

    def forward(self, tokens: Tensor) -> Tensor:
        """Return (b, D) from tokens (b, T, 3)."""
        y, _ = selective_scan(
            self.read(tokens),
            softplus(self.to_delta(tokens)),
            -self.A_log.exp(),
            self.to_B(tokens),
            self.to_C(tokens),
        )
        last: Tensor = y[:, -1]
        return last


class InvariantMixer(nn.Module):
    """The last output of an S4D layer, whose memory kernel does not depend on the token.

    The D N poles are complex, one of each conjugate pair, and at first the first D N ones of
    S4D-Lin with τT = 1: the layer has twice as many real numbers in its state as S6.
    """

    def __init__(self, channels: int, state_size: int, length: int) -> None:
        super().__init__()
        self.length = length
        shape = (channels, state_size)
        poles = s4d_lin_poles(channels * state_size).view(shape)
        self.read = nn.Linear(_FEATURES, channels, bias=False)
        self.A_log = nn.Parameter((-poles.real).log())
        self.A_imag = nn.Parameter(poles.imag)
        self.C = nn.Parameter(math.sqrt(length) * torch.randn(shape))
        self.C_imag = nn.Parameter(math.sqrt(length) * torch.randn(shape))
        self.step_log = nn.Parameter(torch.full((channels,), -math.log(length)))

    def forward(self, tokens: Tensor) -> Tensor:
        """Return (b, D) from tokens (b, T, 3)."""
        poles = torch.complex(-self.A_log.exp(), self.A_imag)
        weights = torch.complex(self.C, self.C_imag)
        kernel = s4d_kernel(poles, weights, self.step_log.exp(), tokens.shape[1], paired=True)
        return torch.einsum("btd,dt->bd", self.read(tokens), kernel.flip(1))


class HaarLayer(nn.Module):
    """Chosen Haar coefficients of a signal by one layer that is trained, S6 or S4D.

    The token of sample s is (1, s/T, x_s); coefficients are linear in the layer's last output. No
    convolution, no gate: what is compared is the memory of the two layers.

    The `mixer` is "s6" or "s4d". `length` is T, a power of two; `coefficients` are the rows that
    are wanted, in the order of `haar.basis`, all T by default. `channels` is D, `state_size` N,
    real for S6 and complex for S4D. Raises `BadInput` for sizes that do not fit, and for rows that
    are not there.
    """

    def __init__(
        self,
        mixer: Literal["s6", "s4d"] = "s6",
        length: int = 256,
        coefficients: list[int] | None = None,
        channels: int = 8,
        state_size: int = 1,
    ) -> None:
        super().__init__()
        if mixer not in ("s6", "s4d"):
            raise BadInput(f"mixer={mixer!r} is unknown; use 's6' or 's4d'.")
        if channels < 1 or state_size < 1:
            raise BadInput(f"channels={channels} and state_size={state_size} must be 1 or more.")
        # Checks the length and the rows.
        self.rows = gaussian(length, coefficients).rows
        self.mixer, self.length = mixer, length
        made = SelectiveMixer if mixer == "s6" else InvariantMixer
        self.layer = made(channels, state_size, length)
        self.out = nn.Linear(channels, len(self.rows))
        with torch.no_grad():
            self.out.weight.mul_(0.1)

    def forward(self, x: Tensor) -> Tensor:
        """Return coefficients (b, K) of signals x (b, T); raises `BadInput` for other shapes."""
        if x.dim() != 2 or x.shape[1] != self.length:
            raise BadInput(
                f"Signals of {self.length} samples are expected, not a tensor of shape "
                f"{tuple(x.shape)}."
            )
        x = x.to(self.out.weight)
        time = torch.arange(self.length, dtype=x.dtype, device=x.device) / self.length
        tokens = torch.stack([torch.ones_like(x), time.expand_as(x), x], dim=-1)
        found: Tensor = self.out(self.layer(tokens))
        return found

    def kernel(self) -> Tensor:
        """Return the derivative of each coefficient by each sample (K, T), at the signal 0."""
        with torch.enable_grad():
            x = self.out.weight.new_zeros(1, self.length).requires_grad_()
            coefficients = self(x)[0]
        rows = [torch.autograd.grad(one, x, retain_graph=True)[0][0] for one in coefficients]
        return torch.stack(rows)

    def predict(self, *signal: Any) -> list[dict[str, Any]]:
        """Return the wanted coefficients of one signal.

        The signal is a file (.npy, or text with numbers), a list or array, or the numbers
        themselves; T of them. Without any, it is the first test signal of the dataset haar. Rows
        have a "level" (None for the coarse coefficient), a "shift", a "coefficient" and the "exact"
        one. Raises `BadInput` for no numbers, NaN, and another length.
        """
        x = read_signal(signal) if signal else HaarSignals(self.length).part("test")[0]
        if len(x) != self.length:
            raise BadInput(f"The signal has {len(x)} samples; this model takes {self.length}.")
        exact = basis.haar_coefficients(x)
        with torch.no_grad():
            found = self(torch.from_numpy(x)[None])[0].tolist()
        rows = []
        for row, value in zip(self.rows, found, strict=True):
            level, shift = basis.level_and_shift(row) or (None, 0)
            rows.append(
                {
                    "level": level,
                    "shift": shift,
                    "coefficient": value,
                    "exact": float(exact[row]),
                }
            )
        return rows

    def outputs(self, split: Split) -> Iterator[Mapping[str, Tensor]]:
        """Yield coefficients and true ones, (b, K), of one split of `HaarSignals`.

        Raises `BadInput` for other data, another length, or other coefficients.
        """
        data = split.data
        if not isinstance(data, HaarSignals):
            raise BadInput(f"Haar models are measured on signals, not on a {type(data).__name__}.")
        if data.length != self.length or data.rows != self.rows:
            raise BadInput(
                f"The data ask for {len(data.rows)} coefficients of {data.length} samples; this "
                f"model gives {list(self.rows)} of {self.length}: use the options length and "
                "coefficients of the dataset haar."
            )
        x = data.part(split.name)
        target = torch.from_numpy(data.targets(x)).to(self.out.weight)
        yield {"prediction": self(torch.from_numpy(x)), "target": target}

    def example_inputs(self, seed: int) -> tuple[Tensor, ...]:
        """Return two Gaussian signals (2, T)."""
        generator = torch.Generator().manual_seed(seed)
        return (torch.randn(2, self.length, generator=generator),)


def _spread(count: int) -> Tensor:
    """Return one random number in each of `count` equal parts of [0, 1]."""
    return (torch.arange(count) + torch.rand(count)) / count
