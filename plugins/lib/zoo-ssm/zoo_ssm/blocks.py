"""The blocks around the mixers: S6 (Mamba), Mamba-2 and S4D, with convolution, gate and caches.

All three have the same form. With d the model's width, D the inner width and u (b, T, d),

    x = silu(convolution(W_x u)),    y = mixer(x),    output = W_out (y * silu(W_z u)),

where the convolution is causal and depthwise; Mamba-2 normalises before W_out. Every projection is
a parameter of its own, so that weights can be set by hand. The ablations are settings:
``conv_width=1`` leaves one tap a channel (and the silu), ``gate=False`` replaces silu(W_z u) by 1.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import silu, softplus

from zoo_ssm.convolution import causal_convolution
from zoo_ssm.s4d import (
    s4d_convolution,
    s4d_lin_poles,
    s4d_real_poles,
    s4d_step,
    zero_order_hold,
)
from zoo_ssm.selective_scan import selective_scan, selective_step
from zoo_ssm.ssd import ssd, ssd_step

STEP_RANGE = (1e-3, 1e-1)
"""Initial steps are log-uniform in it (Gu and Dao, arXiv:2312.00752)."""
STEP_FLOOR = 1e-4
DECAY_RANGE = (1.0, 16.0)
"""Initial -A of the heads of Mamba-2, uniform (Dao and Gu, arXiv:2405.21060)."""


class State(NamedTuple):
    """What a block remembers between calls: the last inputs of the convolution, and the mixer's."""

    conv: Tensor
    """(b, w - 1, channels of the convolution), oldest first."""
    ssm: Tensor
    """(b, D, N) for S6 and S4D (complex with complex poles), (b, H, P, N) for Mamba-2."""


class Convolution(nn.Module):
    """Depthwise causal convolution, then silu.

    `weight` (D, w), its last column the tap of the current token; `bias` (D,). Both are drawn from
    ±1/√w; a single tap is 1 at first, without bias: then there is no convolution.
    """

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        if width == 1:
            self.weight = nn.Parameter(torch.ones(channels, 1))
            self.bias = nn.Parameter(torch.zeros(channels))
            return
        bound = width**-0.5
        self.weight = nn.Parameter(torch.empty(channels, width).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(channels).uniform_(-bound, bound))

    def forward(
        self, x: Tensor, state: Tensor | None = None, starts: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Return (b, T, D) and the new state; see `causal_convolution` for the arguments."""
        y, state = causal_convolution(x, self.weight, self.bias, state=state, starts=starts)
        return silu(y), state


class _Block(nn.Module):
    """The frame of the three blocks: projections in and out, and the gate."""

    undecayed: ClassVar[tuple[str, ...]] = ("A_log", "skip")

    def __init__(self, width: int, inner: int | None, gate: bool, bias: bool) -> None:
        super().__init__()
        inner = 2 * width if inner is None else inner
        self.width, self.inner = width, inner
        self.in_x = nn.Linear(width, inner, bias=bias)
        self.in_z = nn.Linear(width, inner, bias=bias) if gate else None
        self.out = nn.Linear(inner, width, bias=bias)

    def _gated(self, y: Tensor, u: Tensor) -> Tensor:
        return y if self.in_z is None else y * silu(self.in_z(u))

    def _check(self, u: Tensor, dims: int) -> None:
        if u.dim() != dims or u.shape[-1] != self.width:
            letters = "(b, T, d)" if dims == 3 else "(b, d)"
            raise ValueError(
                f"{type(self).__name__} takes {letters} with d = {self.width}, not "
                f"{tuple(u.shape)}."
            )


class Mamba(_Block):
    """Mamba's block with the selective state-space layer S6 (Gu and Dao, arXiv:2312.00752).

    With x̃ the convolved input, Δ = softplus(W_Δ W_δ x̃ + b_Δ) and A = -exp(A_log),

        h_t[c, n] = exp(Δ_t[c] A[c, n]) h_{t-1}[c, n] + Δ_t[c] B_t[n] x̃_t[c],
        y_t[c] = Σ_n C_t[n] h_t[c, n] + skip[c] x̃_t[c].

    Parameters, with R the rank of the step and N the state's size: ``in_x.weight`` and
    ``in_z.weight`` (D, d), ``conv.weight`` (D, w), ``conv.bias`` (D,), ``to_rank.weight`` (R, D)
    which is W_δ, ``to_delta.weight`` (D, R), ``to_delta.bias`` (D,), ``to_B.weight`` and
    ``to_C.weight`` (N, D), ``A_log`` (D, N), ``skip`` (D,), ``out.weight`` (d, D).

    `width` is d, `inner` D (by default 2 d), `state_size` N, `step_rank` R (by default d / 16,
    rounded up), and `conv_width` w, the taps of the convolution, of which 1 switches it off. `gate`
    says whether the output is multiplied by silu(W_z u), `bias` whether the projections `in_x`,
    `in_z` and `out` have biases. `decay` is what the initial decay rates, 1 to N, are multiplied
    by, near 0 for long memories. Raises `ValueError` for a size below 1 or a rate that is not
    positive.
    """

    def __init__(
        self,
        width: int,
        inner: int | None = None,
        state_size: int = 16,
        conv_width: int = 4,
        step_rank: int | None = None,
        gate: bool = True,
        bias: bool = False,
        decay: float = 1.0,
    ) -> None:
        rank = math.ceil(width / 16) if step_rank is None else step_rank
        _positive(width=width, inner=inner, conv_width=conv_width, state_size=state_size, rank=rank)
        if not 0 < decay < math.inf:
            raise ValueError(f"decay={decay} is wrong; give a positive factor.")
        super().__init__(width, inner, gate, bias)
        self.conv = Convolution(self.inner, conv_width)
        self.to_rank = nn.Linear(self.inner, rank, bias=False)
        self.to_delta = nn.Linear(rank, self.inner)
        self.to_B = nn.Linear(self.inner, state_size, bias=False)
        self.to_C = nn.Linear(self.inner, state_size, bias=False)
        modes = torch.arange(1, state_size + 1, dtype=torch.get_default_dtype())
        self.A_log = nn.Parameter((decay * modes).log().repeat(self.inner, 1))
        self.skip = nn.Parameter(torch.ones(self.inner))
        with torch.no_grad():
            self.to_delta.weight.uniform_(-(rank**-0.5), rank**-0.5)
            self.to_delta.bias.copy_(inverse_softplus(initial_steps(self.inner)))

    def forward(
        self, u: Tensor, *, state: State | None = None, starts: Tensor | None = None
    ) -> tuple[Tensor, State]:
        """Return the output (b, T, d) and the state after the last token, from u (b, T, d).

        `state` is what earlier tokens left (default: nothing); `starts` (b, T) is true at the first
        token of a document, which sees nothing before it. Raises `ValueError` for wrong shapes.
        """
        self._check(u, 3)
        conv, ssm = state or (None, None)
        x, conv = self.conv(self.in_x(u), conv, starts)
        delta, A, B, C = self.selection(x)
        y, ssm = selective_scan(x, delta, A, B, C, state=ssm, starts=starts)
        return self.out(self._gated(y + self.skip * x, u)), State(conv, ssm)

    def step(self, u: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Take one token, u (b, d); return the output (b, d) and the new state."""
        self._check(u, 2)
        conv, ssm = state or self.initial_state(u)
        convolved, conv = self.conv(self.in_x(u).unsqueeze(1), conv)
        x = convolved.squeeze(1)
        delta, A, B, C = self.selection(x)
        y, ssm = selective_step(ssm, x, delta, A, B, C)
        return self.out(self._gated(y + self.skip * x, u)), State(conv, ssm)

    def selection(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return Δ (…, D), A (D, N), B and C (…, N) from the convolved input x̃ (…, D).

        Δ and A are float32 or more.
        """
        delta = softplus(_wide(self.to_delta(self.to_rank(x))))
        return delta, -_wide(self.A_log).exp(), self.to_B(x), self.to_C(x)

    def initial_state(self, u: Tensor) -> State:
        """Return the state before the first token, of the batch size and kind of u (b, …, d)."""
        conv = u.new_zeros(len(u), self.conv.weight.shape[1] - 1, self.inner)
        return State(conv, _wide(u.new_zeros(len(u), *self.A_log.shape)))


class Mamba2(_Block):
    """Mamba-2's block (Dao and Gu, arXiv:2405.21060): one decay a head, B and C from the input.

    Convolution and silu run over x, B and C, each with taps of its own. With Δ = softplus(W_Δ u +
    b_Δ), A = -exp(A_log) and head h of width P = D / H, which reads group h // (H / G) of B and C,

        h_t = exp(Δ_t A) h_{t-1} + Δ_t x_t B_tᵀ,    y_t = h_t C_t + skip x_t.

    The output is W_out RMSNorm(y * silu(z)).

    Parameters: ``in_x.weight`` and ``in_z.weight`` (D, d), ``in_B.weight`` and ``in_C.weight``
    (G N, d), ``in_delta.weight`` (H, d), ``delta_bias`` (H,), ``conv_x.weight`` (D, w),
    ``conv_B.weight`` and ``conv_C.weight`` (G N, w), with ``bias`` each, ``A_log`` (H,), ``skip``
    (H,), ``norm.weight`` (D,), ``out.weight`` (d, D). Channel h P + p of D is place p of head h;
    place g N + n of G N is place n of group g.

    `width` is d, `inner` D (by default 2 d), `state_size` N, `heads` H, which divides D, `groups`
    G, which divides H, and `conv_width` w, the taps of the convolutions, of which 1 switches them
    off. `gate` says whether y is multiplied by silu(W_z u), `norm` whether there is an RMSNorm
    before W_out, `bias` whether the projections `in_…` (but for Δ, which has `delta_bias`) and
    `out` have biases. Raises `ValueError` for a size below 1, heads that do not divide D, or groups
    that do not divide heads.
    """

    undecayed: ClassVar[tuple[str, ...]] = ("A_log", "skip", "delta_bias")

    def __init__(
        self,
        width: int,
        inner: int | None = None,
        state_size: int = 64,
        heads: int = 1,
        groups: int = 1,
        conv_width: int = 4,
        gate: bool = True,
        norm: bool = True,
        bias: bool = False,
    ) -> None:
        _positive(width=width, inner=inner, conv_width=conv_width, state_size=state_size)
        _positive(heads=heads, groups=groups)
        super().__init__(width, inner, gate, bias)
        if self.inner % heads or heads % groups:
            raise ValueError(
                f"heads={heads} must divide the inner width {self.inner}, and groups={groups} must "
                "divide the heads."
            )
        self.heads, self.groups, self.state_size = heads, groups, state_size
        keys = groups * state_size
        self.in_B = nn.Linear(width, keys, bias=bias)
        self.in_C = nn.Linear(width, keys, bias=bias)
        self.in_delta = nn.Linear(width, heads, bias=False)
        self.delta_bias = nn.Parameter(inverse_softplus(initial_steps(heads)))
        self.conv_x = Convolution(self.inner, conv_width)
        self.conv_B = Convolution(keys, conv_width)
        self.conv_C = Convolution(keys, conv_width)
        self.A_log = nn.Parameter(torch.empty(heads).uniform_(*DECAY_RANGE).log())
        self.skip = nn.Parameter(torch.ones(heads))
        self.norm = nn.RMSNorm(self.inner, eps=1e-5) if norm else nn.Identity()

    def forward(
        self, u: Tensor, *, state: State | None = None, starts: Tensor | None = None
    ) -> tuple[Tensor, State]:
        """Return the output (b, T, d) and the state after the last token, from u (b, T, d).

        `state` is what earlier tokens left (default: nothing); `starts` (b, T) is true at the first
        token of a document, which sees nothing before it. Raises `ValueError` for wrong shapes.
        """
        self._check(u, 3)
        conv, ssm = state or (None, None)
        x, B, C, conv = self._convolved(u, conv, starts)
        delta, A = self.steps_and_decay(u)
        y, ssm = ssd(x, delta, A, B, C, state=ssm, starts=starts)
        return self._closed(y, x, u), State(conv, ssm)

    def step(self, u: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Take one token, u (b, d); return the output (b, d) and the new state."""
        self._check(u, 2)
        conv, ssm = state or self.initial_state(u)
        *convolved, conv = self._convolved(u.unsqueeze(1), conv, None)
        x, B, C = (part.squeeze(1) for part in convolved)
        delta, A = self.steps_and_decay(u)
        y, ssm = ssd_step(ssm, x, delta, A, B, C)
        return self._closed(y, x, u), State(conv, ssm)

    def steps_and_decay(self, u: Tensor) -> tuple[Tensor, Tensor]:
        """Return Δ (…, H) and A (H,) from u (…, d); float32 or more."""
        delta = softplus(_wide(self.in_delta(u)) + _wide(self.delta_bias))
        return delta, -_wide(self.A_log).exp()

    def initial_state(self, u: Tensor) -> State:
        """Return the state before the first token, of the batch size and kind of u (b, …, d)."""
        channels = self.inner + 2 * self.groups * self.state_size
        conv = u.new_zeros(len(u), self.conv_x.weight.shape[1] - 1, channels)
        shape = (len(u), self.heads, self.inner // self.heads, self.state_size)
        return State(conv, _wide(u.new_zeros(shape)))

    def _convolved(
        self, u: Tensor, state: Tensor | None, starts: Tensor | None
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return x (b, T, H, P), B and C (b, T, G, N), and the convolutions' states, joined."""
        keys = self.groups * self.state_size
        before = (
            (None,) * 3
            if state is None
            else state.tensor_split([self.inner, self.inner + keys], dim=-1)
        )
        x, of_x = self.conv_x(self.in_x(u), before[0], starts)
        B, of_B = self.conv_B(self.in_B(u), before[1], starts)
        C, of_C = self.conv_C(self.in_C(u), before[2], starts)
        return (
            x.unflatten(-1, (self.heads, -1)),
            B.unflatten(-1, (self.groups, -1)),
            C.unflatten(-1, (self.groups, -1)),
            torch.cat([of_x, of_B, of_C], dim=-1),
        )

    def _closed(self, y: Tensor, x: Tensor, u: Tensor) -> Tensor:
        y = (y + self.skip.unsqueeze(-1) * x).flatten(-2)
        output: Tensor = self.out(self.norm(self._gated(y, u)))
        return output


class S4D(_Block):
    """Mamba's block around a mixer that does not see its input: S4D (arXiv:2206.11893).

    With x̃ the convolved input, poles λ, steps τ, λ̄ = exp(τ λ) and b̄ = (λ̄ - 1) / λ,

        h_t[c, n] = λ̄[c, n] h_{t-1}[c, n] + b̄[c, n] x̃_t[c],
        y_t[c] = Re Σ_n C[c, n] h_t[c, n] + skip[c] x̃_t[c].

    "real" has real poles -exp(A_log), at first -(n + 1) (S4D-Real); "lin" has complex ones
    -exp(A_log) + i A_imag, at first -1/2 + iπn (S4D-Lin), each one of a conjugate pair, so that
    the real part is taken twice.

    Parameters: ``in_x.weight`` and ``in_z.weight`` (D, d), ``conv.weight`` (D, w), ``conv.bias``
    (D,), ``A_log`` (D, N), ``C`` (D, N), ``step_log`` (D,), ``skip`` (D,), ``out.weight`` (d, D);
    with "lin" also ``A_imag`` and ``C_imag`` (D, N).

    `width` is d, `inner` D (by default 2 d), `state_size` N, the poles of a channel, `kind` "real"
    or "lin", and `conv_width` w, the taps of the convolution, of which 1 switches it off. `gate`
    says whether the output is multiplied by silu(W_z u), `bias` whether the projections `in_x`,
    `in_z` and `out` have biases. `decay` is what the initial decay rates are multiplied by, near 0
    for long memories, and `steps` the range of the initial steps, which are log-uniform. Raises
    `ValueError` for a size below 1, an unknown kind, or rates or steps that are not positive.
    """

    undecayed: ClassVar[tuple[str, ...]] = ("A_log", "A_imag", "step_log", "skip")

    def __init__(
        self,
        width: int,
        inner: int | None = None,
        state_size: int = 64,
        kind: str = "real",
        conv_width: int = 4,
        gate: bool = True,
        bias: bool = False,
        decay: float = 1.0,
        steps: tuple[float, float] = STEP_RANGE,
    ) -> None:
        _positive(width=width, inner=inner, conv_width=conv_width, state_size=state_size)
        if kind not in ("real", "lin"):
            raise ValueError(f"kind is {kind!r}; expected 'real' or 'lin'.")
        if decay <= 0 or len(steps) != 2 or not 0 < steps[0] <= steps[1]:
            raise ValueError(
                f"decay={decay} and steps={tuple(steps)} are wrong; give a positive factor and "
                "the two ends of a range of positive numbers."
            )
        super().__init__(width, inner, gate, bias)
        self.conv = Convolution(self.inner, conv_width)
        self.step_log = nn.Parameter(initial_steps(self.inner, *steps).log())
        self.skip = nn.Parameter(torch.ones(self.inner))
        shape = (self.inner, state_size)
        poles = s4d_lin_poles(state_size) if kind == "lin" else s4d_real_poles(state_size)
        self.A_log = nn.Parameter((-decay * poles.real).log().repeat(self.inner, 1))
        self.C = nn.Parameter(torch.randn(shape))
        if kind == "lin":
            self.A_imag = nn.Parameter(poles.imag.repeat(self.inner, 1))
            self.C_imag = nn.Parameter(torch.randn(shape))
        else:
            self.register_parameter("A_imag", None)
            self.register_parameter("C_imag", None)

    def forward(
        self, u: Tensor, *, state: State | None = None, starts: Tensor | None = None
    ) -> tuple[Tensor, State]:
        """Return the output (b, T, d) and the state after the last token, from u (b, T, d).

        `state` is what earlier tokens left (default: nothing); `starts` (b, T) is true at the first
        token of a document, which sees nothing before it. Raises `ValueError` for wrong shapes.
        """
        self._check(u, 3)
        conv, ssm = state or (None, None)
        x, conv = self.conv(self.in_x(u), conv, starts)
        y, ssm = self._mix(x, ssm, starts)
        return self.out(self._gated(y + self.skip * x, u)), State(conv, ssm)

    def step(self, u: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Take one token, u (b, d); return the output (b, d) and the new state."""
        self._check(u, 2)
        conv, ssm = state or self.initial_state(u)
        convolved, conv = self.conv(self.in_x(u).unsqueeze(1), conv)
        x = convolved.squeeze(1)
        y, ssm = s4d_step(ssm, x, *self.system(), paired=self.A_imag is not None)
        return self.out(self._gated(y + self.skip * x, u)), State(conv, ssm)

    def _mix(self, x: Tensor, state: Tensor | None, starts: Tensor | None) -> tuple[Tensor, Tensor]:
        poles, C, step = self.system()
        paired = self.A_imag is not None
        if paired or poles.shape[1] > 1:
            return s4d_convolution(x, poles, C, step, state=state, starts=starts, paired=paired)
        # One real pole a channel is a scan with constant steps, in a third of the transform's time.
        held = zero_order_hold(poles, step)[1].squeeze(1)
        one = x.new_ones(*x.shape[:2], 1)
        h, state = selective_scan(
            held / step * x, step.expand_as(x), poles, one, one, state=state, starts=starts
        )
        return (C.squeeze(1) * h).to(x.dtype), state

    def system(self) -> tuple[Tensor, Tensor, Tensor]:
        """Return the poles λ and weights C, (D, N), and the steps τ (D,), float32 or more."""
        poles, C = -_wide(self.A_log).exp(), _wide(self.C)
        if self.A_imag is not None and self.C_imag is not None:
            poles = torch.complex(poles, _wide(self.A_imag))
            C = torch.complex(C, _wide(self.C_imag))
        return poles, C, _wide(self.step_log).exp()

    def initial_state(self, u: Tensor) -> State:
        """Return the state before the first token, of the batch size and kind of u (b, …, d)."""
        conv = u.new_zeros(len(u), self.conv.weight.shape[1] - 1, self.inner)
        poles = self.system()[0]
        return State(conv, poles.new_zeros(len(u), *poles.shape))


def initial_steps(count: int, low: float = STEP_RANGE[0], high: float = STEP_RANGE[1]) -> Tensor:
    """Return steps (count,), log-uniform between `low` and `high`, not below `STEP_FLOOR`."""
    draws = torch.empty(count).uniform_(math.log(low), math.log(high))
    return draws.exp().clamp(min=STEP_FLOOR)


def inverse_softplus(value: Tensor) -> Tensor:
    """Return r with softplus(r) = value > 0: value + log(1 - exp(-value))."""
    return value + torch.log(-torch.expm1(-value))


def undecayed_parameters(module: nn.Module) -> set[str]:
    """Return the names of the parameters that weight decay must leave alone.

    These are the decay rates, steps and skips of the blocks, all biases, and all of a norm's. To
    shrink A_log or the bias of Δ would change the memory's length, not its use.
    """
    names = set()
    for place, part in module.named_modules():
        of_norm = isinstance(part, nn.LayerNorm | nn.RMSNorm)
        special = getattr(part, "undecayed", ())
        for name, _ in part.named_parameters(recurse=False):
            if of_norm or name == "bias" or name in special:
                names.add(f"{place}.{name}" if place else name)
    return names


def _positive(**sizes: Any) -> None:
    for name, size in sizes.items():
        if size is not None and size < 1:
            raise ValueError(f"{name}={size} is wrong; expected a size of 1 or more.")


def _wide(tensor: Tensor) -> Tensor:
    """Return the tensor in float32, or in float64 if it is: decays in half precision are lost."""
    return tensor.to(torch.promote_types(tensor.dtype, torch.float32))
