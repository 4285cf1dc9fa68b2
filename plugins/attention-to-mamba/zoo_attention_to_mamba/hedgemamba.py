"""Linear attention with learned feature maps, and the Mamba that it turns into (arXiv:2604.14191).

The numerator of linear attention is a state-space model with B_t = φ_k(k_t), C_t = φ_q(q_t),
x_t = v_t, A = 0 and Δ = 1; a column of ones behind the values gives the denominator in the same
scan. HedgeMamba adds what Mamba has beyond it (a learned, input-dependent Δ and decay A, a short
convolution, a gate), each started so that it changes nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.nn.functional import silu, softplus
from zoo_ssm.convolution import causal_convolution
from zoo_ssm.precision import state_dtype
from zoo_ssm.selective_scan import selective_scan, selective_step
from zoo_ssm.ssd import ssd, ssd_step

from zoo_attention_to_mamba.attention import is_ahead
from zoo_attention_to_mamba.rotary import Rotation, rotate

PARTS = ("ssm", "convolution", "gate")
TAPS = 4
CONSTANT_STEP = math.log(math.e - 1)  # softplus of it is 1
OPEN_GATE = 1.278464542761074  # silu of it is 1
SMALLEST = 1e-30
"""The denominator is clamped here and never added to: with sharp teachers it falls below 1e-7, and
then even 1e-6 more would be no small change."""


class FeatureMap(nn.Module):
    """φ(x) = softmax([Wx + c, -(Wx + c)]) over the 2F features of each head (Hedgehog).

    Takes (b, T, heads, m) and returns (b, T, heads, 2F), positive, with sum 1; in float32 or more,
    as products of small ones are below the range of half precision.
    """

    def __init__(self, heads: int, head_width: int, features: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(heads, features, head_width))
        self.bias = nn.Parameter(torch.zeros(heads, features))
        with torch.no_grad():
            # The identity, stacked: the start of the Hedgehog paper.
            self.weight.add_(torch.eye(head_width).repeat(-(-features // head_width), 1)[:features])

    def forward(self, x: Tensor) -> Tensor:
        """Map queries or keys, behind their rotary embedding, to features."""
        scores = torch.einsum("bthm,hfm->bthf", x, self.weight) + self.bias
        return torch.cat([scores, -scores], dim=-1).softmax(-1, dtype=state_dtype(scores))


class MambaCache(NamedTuple):
    """Of constant size: the convolution's last inputs (b, 3, d), and the state of the scan."""

    inputs: Tensor | None
    state: Tensor


class HedgeMamba(nn.Module):
    """The student's mixer; with no `parts` it is linear attention (Hedgehog).

    `features` is F, half the features of a head's map, one map a query head. `parts` are those of
    "ssm" (Δ and A are learned), "convolution" and "gate" that the mixer has. `decay` says whether
    Δ and A are one a head, or Δ one a channel and A one a channel and state, as in Mamba-1.
    """

    def __init__(
        self,
        width: int,
        heads: int,
        kv_heads: int,
        head_width: int,
        biases: bool,
        features: int,
        decay: Literal["head", "channel"] = "head",
        parts: Sequence[str] = PARTS,
    ) -> None:
        super().__init__()
        self.head_width, self.decay = head_width, decay
        channels = heads * head_width
        self.q = nn.Linear(width, channels, biases)
        self.k = nn.Linear(width, kv_heads * head_width, biases)
        self.v = nn.Linear(width, kv_heads * head_width, biases)
        self.o = nn.Linear(channels, width, biases)
        self.query_features = FeatureMap(heads, head_width, features)
        self.key_features = FeatureMap(heads, head_width, features)
        self.taps: nn.Parameter | None = None
        self.gate: nn.Linear | None = None
        self.step: nn.Linear | nn.Sequential | None = None
        self.log_decay: nn.Parameter | None = None
        if "convolution" in parts:
            self.taps = nn.Parameter(torch.zeros(width, TAPS))
        if "gate" in parts:
            self.gate = nn.Linear(width, channels)
        if "ssm" in parts:
            if decay == "head":
                self.step = nn.Linear(width, heads)
                self.log_decay = nn.Parameter(torch.empty(heads))
            else:
                rank = -(-width // 16)
                self.step = nn.Sequential(
                    nn.Linear(width, rank, bias=False), nn.Linear(rank, channels)
                )
                self.log_decay = nn.Parameter(torch.empty(channels, 2 * features))
        self.start_as_linear_attention()

    @torch.no_grad()
    def start_as_linear_attention(self, log_decay: float = -7.0) -> None:
        """Set convolution, gate, Δ and A to the values with which they change nothing.

        A = -exp(`log_decay`) is 0 in the limit only; at -7 half of a value is left after 760
        tokens, and the decay can still be trained (its gradient is proportional to A).
        """
        if self.taps is not None:
            self.taps.zero_()[:, -1] = 1
        if self.gate is not None:
            self.gate.weight.zero_()
            self.gate.bias.fill_(OPEN_GATE)
        if self.step is not None and self.log_decay is not None:
            last = last_linear(self.step)
            last.weight.zero_()
            last.bias.fill_(CONSTANT_STEP)
            self.log_decay.fill_(log_decay)

    @property
    def A(self) -> Tensor:
        """The decay rates, not positive: (heads,) or (channels, 2F)."""
        if self.log_decay is None:
            return self.q.weight.new_zeros(self.query_features.bias.shape[0])
        return -self.log_decay.exp()

    def forward(
        self,
        u: Tensor,
        turn: Rotation,
        *,
        cache: MambaCache | None = None,
        documents: Tensor | None = None,
    ) -> tuple[Tensor, MambaCache]:
        """Mix (b, T, d) along T; `documents` (b, T) numbers packed documents."""
        y, cache = self.average(u, turn, cache=cache, documents=documents)
        y = y.flatten(2)
        if self.gate is not None:
            y = y * silu(self.gate(u))
        out: Tensor = self.o(y)
        return out, cache

    def average(
        self,
        u: Tensor,
        turn: Rotation,
        *,
        cache: MambaCache | None = None,
        documents: Tensor | None = None,
    ) -> tuple[Tensor, MambaCache]:
        """Return the weighted averages of the values so far, (b, T, heads, m), before the gate.

        Each is a convex combination: the weights are positive and sum to 1.
        """
        starts = None if documents is None else documents.diff(dim=1, prepend=documents[:, :1]) != 0
        inputs, state = cache if cache is not None else (None, None)
        if self.taps is not None:
            u, inputs = causal_convolution(u, self.taps, state=inputs, starts=starts)
        C, B = self._features(u, turn)
        heads = C.shape[2]
        v = torch.unflatten(self.v(u), -1, (-1, self.head_width))
        v = v.repeat_interleave(heads // v.shape[2], dim=2)
        # The averages are quotients of what may be tiny: in float32, whatever comes in.
        kind, v = v.dtype, v.to(state_dtype(v))
        if self.decay == "head" or self.step is None:
            delta = C.new_ones(C.shape[:3]) if self.step is None else self._steps(u)
            x = torch.cat([v, torch.ones_like(v[..., :1])], dim=-1)
            y, state = _scan_heads(x, delta, self.A, B, C, state, starts)
        else:
            delta = torch.unflatten(self._steps(u), -1, (heads, -1))
            x = torch.cat([v, torch.ones_like(v)], dim=-1)
            y, state = _scan_channels(x, delta, self.A, B, C, state, starts)
        above, below = y.tensor_split([self.head_width], dim=-1)
        return (above / below.clamp_min(SMALLEST)).to(kind), MambaCache(inputs, state)

    def _features(self, u: Tensor, turn: Rotation) -> tuple[Tensor, Tensor]:
        """Return the features (b, T, heads, 2F) of turned queries and of turned keys."""
        q, k = (
            rotate(torch.unflatten(project(u), -1, (-1, self.head_width)), turn)
            for project in (self.q, self.k)
        )
        k = k.repeat_interleave(q.shape[2] // k.shape[2], dim=2)
        return self.query_features(q), self.key_features(k)

    def _steps(self, u: Tensor) -> Tensor:
        """Return Δ, (b, T, heads or channels).

        In float32 or more: a step of 1e-9 is nothing in half precision, and then so is the sum of
        the weights of a text that begins with such steps.
        """
        assert self.step is not None
        steps = self.step(u)
        return softplus(steps.to(state_dtype(steps)))

    def log_weights(self, u: Tensor, turn: Rotation) -> Tensor:
        """Return the logs of linear attention's weights (b, heads, T, T) of values; -inf ahead.

        They are those of feature maps alone, whatever parts of Mamba the mixer has.
        """
        C, B = self._features(u, turn)
        scores = torch.einsum("bthf,bshf->bhts", C, B).clamp_min(SMALLEST).log()
        return scores.masked_fill(is_ahead(scores), -torch.inf).log_softmax(-1)


def _scan_heads(
    x: Tensor,
    delta: Tensor,
    A: Tensor,
    B: Tensor,
    C: Tensor,
    state: Tensor | None,
    starts: Tensor | None,
) -> tuple[Tensor, Tensor]:
    if x.shape[1] == 1 and state is not None and starts is None:
        y, state = ssd_step(state, x[:, 0], delta[:, 0], A, B[:, 0], C[:, 0])
        y = y.unsqueeze(1)
    else:
        y, state = ssd(x, delta, A, B, C, state=state, starts=starts)
    return y, state


def _scan_channels(
    x: Tensor,
    delta: Tensor,
    A: Tensor,
    B: Tensor,
    C: Tensor,
    state: Tensor | None,
    starts: Tensor | None,
) -> tuple[Tensor, Tensor]:
    """Scan [v, 1 … 1] with the Δ and A of a channel for its value and its one."""
    shape = x.shape[2:]
    delta = torch.cat([delta, delta], dim=-1).flatten(2)
    A = torch.unflatten(A, 0, (shape[0], -1)).repeat(1, 2, 1).flatten(0, 1)
    x = x.flatten(2)
    if x.shape[1] == 1 and state is not None and starts is None:
        y, state = selective_step(state, x[:, 0], delta[:, 0], A, B[:, 0], C[:, 0])
        y = y.unsqueeze(1)
    else:
        y, state = selective_scan(x, delta, A, B, C, state=state, starts=starts)
    return torch.unflatten(y, 2, shape), state


def last_linear(step: nn.Linear | nn.Sequential) -> nn.Linear:
    """Return the layer whose output is Δ before its softplus."""
    return step if isinstance(step, nn.Linear) else cast(nn.Linear, step[-1])


def hedgemambas(module: nn.Module) -> Iterator[HedgeMamba]:
    """Yield a student's mixers, layer by layer."""
    return (part for part in module.modules() if isinstance(part, HedgeMamba))


def feature_parameters(module: nn.Module) -> set[nn.Parameter]:
    """Return the parameters of all feature maps."""
    maps = (part for part in module.modules() if isinstance(part, FeatureMap))
    return {parameter for each in maps for parameter in each.parameters()}
