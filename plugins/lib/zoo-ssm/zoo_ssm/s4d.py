"""S4D: a diagonal state-space model that does not depend on the input, as a convolution.

    h_t[c, n] = exp(τ_c λ[c, n]) h_{t-1}[c, n] + b̄[c, n] x_t[c],    b̄ = (exp(τ λ) - 1) / λ,
    y_t[c]    = Re sum_n C[c, n] h_t[c, n] = sum_l K_l[c] x_{t-l}[c],
    K_l       = Re sum_n C_n b̄_n exp(τ λ_n)^l

Gu, Goel, Gupta and Ré, "On the Parameterization and Initialization of Diagonal State Space
Models", 2022 (arXiv:2206.11893), with the zero-order hold. Poles λ (D, N) and weights C (D, N) may
be complex tensors (S4D-Lin) or real ones (S4D-Real); steps τ are (D,). States are complex where
the poles or C are. Where only one of each conjugate pair of poles is kept, `paired=True` takes
twice the real part.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from zoo_ssm.checking import check_starts

SERIES = 0.1  # |z| below which (exp(z) - 1) / z is summed: the quotient loses digits there
TERMS = 11  # 0.1^11 / 12! is far below the rounding of float64


def s4d_lin_poles(size: int) -> Tensor:
    """S4D-Lin's poles λ_n = -1/2 + iπn, n = 0, ..., size - 1, complex (size,)."""
    frequency = math.pi * torch.arange(size, dtype=torch.get_default_dtype())
    return torch.complex(torch.full_like(frequency, -0.5), frequency)


def s4d_real_poles(size: int) -> Tensor:
    """S4D-Real's poles λ_n = -(n + 1), n = 0, ..., size - 1, real (size,)."""
    return -torch.arange(1, size + 1, dtype=torch.get_default_dtype())


def zero_order_hold(poles: Tensor, step: Tensor) -> tuple[Tensor, Tensor]:
    """Discretise: return λ̄ = exp(τ λ) and b̄ = (λ̄ - 1) / λ, which is τ for λ = 0; (D, N) each.

    `poles` are λ (D, N), real or complex, and `step` is τ (D,), positive.
    """
    z = step.unsqueeze(-1) * poles
    small = z.abs() < SERIES
    near, far = torch.where(small, z, 0), torch.where(small, 1, z)
    ratio = torch.ones_like(z)
    for n in range(TERMS, 1, -1):
        ratio = 1 + near / n * ratio
    ratio = torch.where(small, ratio, torch.expm1(far) / far)
    return z.exp(), step.unsqueeze(-1) * ratio


def s4d_kernel(
    poles: Tensor, C: Tensor, step: Tensor, length: int, *, paired: bool = False
) -> Tensor:
    """Return the kernel K_l = Re sum_n C_n b̄_n λ̄_n^l for l < length, as (D, length).

    Memory is O(D N sqrt(length)) beside the result. Raises `ValueError` for shapes that do not fit,
    or a negative length.
    """
    _check(poles, C, step)
    if length < 0:
        raise ValueError(f"length = {length}; expected at least 0.")
    _, held = zero_order_hold(poles, step)
    return _response(step.unsqueeze(-1) * poles, C * held, length, paired)


def s4d_convolution(
    x: Tensor,
    poles: Tensor,
    C: Tensor,
    step: Tensor,
    *,
    state: Tensor | None = None,
    starts: Tensor | None = None,
    paired: bool = False,
) -> tuple[Tensor, Tensor]:
    """Run the model over whole sequences by the fast Fourier transform; no skip.

    Differentiable in all tensors. The transform mixes all tokens of a document: with respect to
    causality it is exact up to rounding only.

    `x` is (b, T, D); `poles` are λ (D, N), real or complex, with real parts at most 0; `C` are the
    output weights (D, N), real or complex; `step` is τ (D,), positive. `state` (b, D, N) is the one
    before the first token (default: zeros). `starts`, bool (b, T), is true at the first token of
    each document of packed sequences: what came before, `state` included, is forgotten there, and
    each document is transformed alone. With `paired`, the poles are one of each conjugate pair, and
    twice the real part is taken.

    Return the outputs (b, T, D), in the type of `x`, and the final state (b, D, N), complex where
    poles, C or state are. All is computed in single precision, or in double if any tensor is.
    Raises `ValueError` for shapes, dtypes or devices that do not fit.
    """
    poles, C, step, state = _prepare(x, poles, C, step, state, 3)
    check_starts(x, starts)
    batch, length = x.shape[:2]
    inputs = x.to(step.dtype).transpose(1, 2)
    exponent, held = step.unsqueeze(-1) * poles, zero_order_hold(poles, step)[1]
    if batch == 0 or length == 0:
        return torch.zeros_like(x), _zeros(x, poles, state)
    if starts is None:
        y, last = _convolve(inputs, exponent, C, held, paired)
    else:
        y, last = _convolve_documents(inputs, exponent, C, held, paired, starts)
    if state is not None:
        decay = (length * exponent).exp()
        more = _response(exponent, C * exponent.exp() * state, length, paired)
        kept = decay * state
        if starts is not None:
            begun = starts.cumsum(dim=1) > 0
            more = more.masked_fill(begun.unsqueeze(1), 0)
            kept = kept.masked_fill(begun[:, -1, None, None], 0)
        y, last = y + more, last + kept
    return y.transpose(1, 2).to(x.dtype), last


def s4d_recurrence(
    x: Tensor,
    poles: Tensor,
    C: Tensor,
    step: Tensor,
    *,
    state: Tensor | None = None,
    starts: Tensor | None = None,
    paired: bool = False,
) -> tuple[Tensor, Tensor]:
    """`s4d_convolution` as the recurrence, token by token: slower, and exactly causal."""
    poles, C, step, state = _prepare(x, poles, C, step, state, 3)
    check_starts(x, starts)
    state = _zeros(x, poles, state)
    decay, held = zero_order_hold(poles, step)
    outputs = []
    # Indexing each token would make the backward pass quadratic in their number.
    resets = [None] * x.shape[1] if starts is None else starts[..., None, None].unbind(1)
    for token, reset in zip(x.to(step.dtype).unbind(1), resets, strict=True):
        if reset is not None:
            state = state.masked_fill(reset, 0)
        state = decay * state + held * token.unsqueeze(-1)
        outputs.append(_real(C * state, paired).sum(dim=-1))
    if not outputs:
        return torch.zeros_like(x), state
    return torch.stack(outputs, dim=1).to(x.dtype), state


def s4d_step(
    state: Tensor, x: Tensor, poles: Tensor, C: Tensor, step: Tensor, *, paired: bool = False
) -> tuple[Tensor, Tensor]:
    """Read one token: x (b, D), state (b, D, N), zeros at first; the rest as `s4d_convolution`.

    Return the output (b, D), in the type of `x`, and the new state. Raises `ValueError` for shapes,
    dtypes or devices that do not fit.
    """
    poles, C, step, before = _prepare(x, poles, C, step, state, 2)
    decay, held = zero_order_hold(poles, step)
    state = decay * _zeros(x, poles, before) + held * x.to(step.dtype).unsqueeze(-1)
    return _real(C * state, paired).sum(dim=-1).to(x.dtype), state


def _convolve(
    x: Tensor, exponent: Tensor, C: Tensor, held: Tensor, paired: bool
) -> tuple[Tensor, Tensor]:
    """Outputs (b, D, T) and final states from x (b, D, T) and no state before."""
    length = x.shape[-1]
    kernel = _response(exponent, C * held, length, paired)
    # Twice the length, so that the circular convolution does not wrap; a power of two is fast.
    size = 1 << (2 * length - 1).bit_length()
    spectrum = torch.fft.rfft(x, size) * torch.fft.rfft(kernel, size)
    return torch.fft.irfft(spectrum, size)[..., :length], held * _moments(x.flip(-1), exponent)


def _convolve_documents(
    x: Tensor, exponent: Tensor, C: Tensor, held: Tensor, paired: bool, starts: Tensor
) -> tuple[Tensor, Tensor]:
    """`_convolve` for each document alone; those of similar length together."""
    batch, width, length = x.shape
    begins = starts.clone()
    begins[:, 0] = True
    begin = begins.flatten().nonzero().squeeze(-1)
    end = torch.cat([begin[1:], begin.new_tensor([batch * length])])
    # Zeros in front of a document leave its state at zero, so its end is the end of the row.
    padded = torch.tensor([1 << (n - 1).bit_length() for n in (end - begin).tolist()])
    padded = padded.to(x.device)
    tokens = x.transpose(1, 2).reshape(batch * length, width)
    outputs, places, states, rows = [], [], [], []
    for size in torch.unique(padded).tolist():
        chosen = padded == size
        place = end[chosen, None] - size + torch.arange(size, device=x.device)
        inside = place >= begin[chosen, None]
        part = tokens[place.clamp(min=0)].masked_fill(~inside.unsqueeze(-1), 0)
        y, last = _convolve(part.transpose(1, 2), exponent, C, held, paired)
        outputs.append(y.transpose(1, 2)[inside])
        places.append(place[inside])
        final = end[chosen] % length == 0
        states.append(last[final])
        rows.append(end[chosen][final] // length)
    y = torch.cat(outputs)[torch.cat(places).argsort()]
    last = torch.cat(states)[torch.cat(rows).argsort()]
    return y.view(batch, length, width).transpose(1, 2), last


def _powers(exponent: Tensor, length: int) -> tuple[Tensor, Tensor]:
    """exp(exponent l) at l = 0, fine, 2 fine, ... and at l < fine, (D, N, ·) each.

    Their products are the powers at all l < length; of each about sqrt(length) are needed.
    """
    fine = math.isqrt(max(length - 1, 0)) + 1
    rough = -(-length // fine)
    count = torch.arange(max(fine, rough), device=exponent.device)
    small = (exponent.unsqueeze(-1) * count[:fine]).exp()
    large = (exponent.unsqueeze(-1) * (fine * count[:rough])).exp()
    return large, small


def _response(exponent: Tensor, weights: Tensor, length: int, paired: bool) -> Tensor:
    """Re sum_n weights_n exp(exponent_n l) for l < length: (..., D, length) from (..., D, N)."""
    large, small = _powers(exponent, length)
    left = (weights.unsqueeze(-1) * large).mT
    # The real part of a product of complex matrices is one product of real ones.
    if left.is_complex():
        small = small if small.is_complex() else torch.complex(small, torch.zeros_like(small))
        left = torch.cat([left.real, -left.imag], dim=-1)
        small = torch.cat([small.real, small.imag], dim=-2)
    found = _product(left, small).flatten(-2)[..., :length]
    return 2 * found if paired else found


def _moments(x: Tensor, exponent: Tensor) -> Tensor:
    """sum_l x_l exp(exponent_n l): (b, D, N) from x (b, D, T)."""
    large, small = _powers(exponent, x.shape[-1])
    fine, rough = small.shape[-1], large.shape[-1]
    x = torch.nn.functional.pad(x, (0, fine * rough - x.shape[-1]))
    x = torch.unflatten(x, -1, (rough, fine))
    if small.is_complex():
        sums = torch.complex(_product(x, small.real.mT), _product(x, small.imag.mT))
    else:
        sums = _product(x, small.mT)
    return (sums * large.mT).sum(dim=-2)


def _product(left: Tensor, right: Tensor) -> Tensor:
    """The matrix product in its own precision, whatever autocast asks for."""
    with torch.autocast(left.device.type, enabled=False):
        return left @ right


def _real(tensor: Tensor, paired: bool) -> Tensor:
    tensor = tensor.real if tensor.is_complex() else tensor
    return 2 * tensor if paired else tensor


def _zeros(x: Tensor, poles: Tensor, state: Tensor | None) -> Tensor:
    return poles.new_zeros(x.shape[0], *poles.shape) if state is None else state


def _prepare(
    x: Tensor, poles: Tensor, C: Tensor, step: Tensor, state: Tensor | None, dims: int
) -> tuple[Tensor, Tensor, Tensor, Tensor | None]:
    """Check, and bring all parameters to one precision."""
    axes = "b, T, D" if dims == 3 else "b, D"
    if x.dim() != dims or not x.is_floating_point():
        raise ValueError(
            f"x is {x.dtype} of shape {tuple(x.shape)}; expected real numbers ({axes})."
        )
    _check(poles, C, step)
    if x.shape[-1] != poles.shape[0]:
        raise ValueError(f"x has {x.shape[-1]} channels and poles {poles.shape[0]}; expected one.")
    expected = (x.shape[0], *poles.shape)
    if state is not None and state.shape != expected:
        raise ValueError(f"state has shape {tuple(state.shape)}; expected (b, D, N) = {expected}.")
    for name, each in (("poles", poles), ("state", state)):
        if each is not None and each.device != x.device:
            raise ValueError(f"{name} is on {each.device} and x on {x.device}; move one of them.")
    given = [each for each in (x, poles, C, step, state) if each is not None]
    double = any(each.dtype in (torch.float64, torch.complex128) for each in given)
    complex_ = any(each.is_complex() for each in given)
    real = torch.float64 if double else torch.float32
    dtype = real.to_complex() if complex_ else real
    return (
        poles.to(dtype),
        C.to(dtype),
        step.to(real),
        None if state is None else state.to(dtype),
    )


def _check(poles: Tensor, C: Tensor, step: Tensor) -> None:
    if poles.dim() != 2 or C.shape != poles.shape or step.shape != poles.shape[:1]:
        raise ValueError(
            f"poles {tuple(poles.shape)}, C {tuple(C.shape)} and step {tuple(step.shape)} do not "
            "fit; expected (D, N), (D, N) and (D,)."
        )
    if step.is_complex() or not (C.device == step.device == poles.device):
        raise ValueError(
            f"step is {step.dtype} on {step.device}, C on {C.device}, poles on {poles.device}; "
            "expected a real step, and all on one device."
        )
