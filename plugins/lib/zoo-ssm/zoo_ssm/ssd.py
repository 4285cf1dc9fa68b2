"""State-space duality: the scan whose decay is shared in a head, as products of small matrices.

The recurrence of a head (Dao and Gu, arXiv:2405.21060, with the simplified discretisation),

    h_t = exp(Δ_t A) h_{t-1} + Δ_t x_t B_tᵀ,    y_t = h_t C_t,

is cut into chunks. Within a chunk it is a masked quadratic form, between chunks a recurrence over
the chunks' states. Only differences of cumulative log-decays are exponentiated, masked before: they
are never positive, so nothing overflows however strong the decay.
"""

from __future__ import annotations

import itertools
import math

import torch
from torch import Tensor

from zoo_ssm.checking import (
    check_groups,
    check_poles,
    check_shape,
    check_starts,
    check_tensors,
    grouped,
    some_not_finite,
)
from zoo_ssm.precision import state_dtype

PIECE = 1 << 22  # elements of the largest temporary; a longer sequence is read in pieces


def ssd(
    x: Tensor,
    delta: Tensor,
    A: Tensor,
    B: Tensor,
    C: Tensor,
    *,
    state: Tensor | None = None,
    starts: Tensor | None = None,
    chunk: int = 32,
) -> tuple[Tensor, Tensor]:
    """Run the head-shared state-space model over whole sequences.

    `x` is (b, T, H, P), `delta` (b, T, H) and not negative, `A` (H,) and not positive, `B` and `C`
    (b, T, G, N) with G dividing H (head h reads group h // (H / G)), or (b, T, N) for G = 1.
    `state` (b, H, P, N) is what earlier tokens left (default: zeros); `starts`, bool (b, T), is
    true at the first token of a document, which sees nothing before it. Return y (b, T, H, P), in
    the type of `x`, and the final state, in float32 or more. The result does not depend on `chunk`;
    with NaN or infinity among the inputs it is computed token by token (on a CPU), so that they
    reach no token before them and no other document. Raises `ValueError` for shapes, dtypes or
    devices that do not fit, a positive entry of `A` (looked for on the CPU only), or a chunk
    below 1.
    """
    B, C = grouped(B, 4), grouped(C, 4)
    _check(x, delta, A, B, C, state, "b, T")
    check_poles(A)
    check_starts(x, starts)
    if chunk < 1:
        raise ValueError(f"chunk={chunk} is wrong; expected a positive number of tokens.")
    batch, length, heads, width = x.shape
    size = B.shape[3]
    dtype = state_dtype(x, delta, A, B, C, state)
    if state is None:
        state = x.new_zeros(batch, heads, width, size, dtype=dtype)
    state = state.to(dtype)
    if length == 0 or batch == 0:
        return torch.zeros_like(x), state
    if some_not_finite(x, delta, B, C, state):
        return _token_by_token(x, delta, A, B, C, state, starts)
    chunk = min(chunk, length)
    # Long sequences are read in pieces: temporaries of any length neither fit in cache nor are
    # they taken from memory that is at hand.
    elements = batch * heads * max(chunk, width * size // chunk)
    piece = chunk * max(1, PIECE // (elements * chunk))
    parts = zip(*(torch.split(each, piece, dim=1) for each in (x, delta, B, C)), strict=True)
    marks = itertools.repeat(None) if starts is None else torch.split(starts, piece, dim=1)
    outputs = []
    with torch.autocast(x.device.type, enabled=False):
        for (x, delta, B, C), mark in zip(parts, marks, strict=False):
            y, state = _read(x, delta, A, B, C, state, mark, chunk)
            outputs.append(y)
    return torch.cat(outputs, dim=1) if len(outputs) > 1 else outputs[0], state


def _read(
    x: Tensor,
    delta: Tensor,
    A: Tensor,
    B: Tensor,
    C: Tensor,
    state: Tensor,
    starts: Tensor | None,
    chunk: int,
) -> tuple[Tensor, Tensor]:
    """Read one piece, chunk by chunk; all is computed in the type of `state`."""
    batch, length, heads, width = x.shape
    groups, dtype = B.shape[2], state.dtype
    count = -(-length // chunk)
    lacking = count * chunk - length

    def cut(tensor: Tensor) -> Tensor:
        """Return (b, count, G, ·, chunk, …) from (b, T, G · …), padded by zeros."""
        tensor = tensor.to(dtype)
        if lacking:
            tail = tensor.new_zeros(batch, lacking, *tensor.shape[2:])
            tensor = torch.cat([tensor, tail], dim=1)
        tensor = torch.unflatten(tensor, 1, (count, chunk))
        tensor = torch.unflatten(tensor, 3, (groups, -1))
        return tensor.movedim(2, 4).contiguous()

    values = cut(x)  # (b, count, G, H/G, chunk, P)
    steps = cut(delta)  # (b, count, G, H/G, chunk)
    keys, queries = cut(B), cut(C)  # (b, count, G, 1, chunk, N)
    # Logarithms to the base of 2, from the chunk's start: on a CPU torch's exponential to the base
    # of e takes twice as long, and ten times as long where it underflows.
    decay = (steps * (A.to(dtype) / math.log(2)).view(groups, -1, 1)).cumsum(-1)

    exponent = decay.unsqueeze(-1) - decay.unsqueeze(-2)  # from token j (column) to i (row)
    hidden = torch.ones(chunk, chunk, dtype=torch.bool, device=x.device).triu(1)
    into, out = decay, decay[..., -1:] - decay
    across = decay[..., -1]
    if starts is not None:
        document = _documents(starts, lacking, count)  # (b, count, 1, 1, chunk)
        hidden = hidden | (document.unsqueeze(-1) != document.unsqueeze(-2))
        into = into.masked_fill(document > 0, -torch.inf)
        out = out.masked_fill(document != document[..., -1:], -torch.inf)
        across = across.masked_fill(document[..., -1] > 0, -torch.inf)
    # Minus infinity is added, not filled in, because a sum costs nothing in the backward pass.
    hiding = torch.zeros_like(hidden, dtype=dtype).masked_fill(hidden, -torch.inf)
    weights = (exponent + hiding).exp2() * (queries @ keys.mT)
    scaled = values * steps.unsqueeze(-1)
    y = weights @ scaled

    added = (scaled * out.exp2().unsqueeze(-1)).mT @ keys  # (b, count, G, H/G, P, N)
    entering = []
    current = torch.unflatten(state, 1, (groups, -1))
    # Taking slices by index would make the backward pass quadratic in the number of chunks.
    for more, kept in zip(added.unbind(1), across.exp2()[..., None, None].unbind(1), strict=True):
        entering.append(current)
        current = torch.addcmul(more, current, kept)
    y = y + (queries * into.exp2().unsqueeze(-1)) @ torch.stack(entering, dim=1).mT
    y = y.movedim(4, 2).reshape(batch, count * chunk, heads, width)[:, :length]
    return y.to(x.dtype), current.flatten(1, 2)


def ssd_step(
    state: Tensor, x: Tensor, delta: Tensor, A: Tensor, B: Tensor, C: Tensor
) -> tuple[Tensor, Tensor]:
    """Take one token: `ssd` for T = 1, without the axis of time.

    `state` is (b, H, P, N), zeros before the first token; `x` (b, H, P); `delta` (b, H); `B` and
    `C` (b, G, N), or (b, N) for G = 1. Return y (b, H, P), in the type of `x`, and the new state;
    the given one is not changed. Raises `ValueError` for shapes, dtypes or devices that do not fit.
    """
    B, C = grouped(B, 3), grouped(C, 3)
    _check(x, delta, A, B, C, state, "b")
    repeats = x.shape[1] // B.shape[1]
    B, C = (t.to(state.dtype).repeat_interleave(repeats, dim=1) for t in (B, C))
    delta = delta.to(state.dtype)
    kept = (delta * A.to(state.dtype)).exp()[..., None, None]
    added = (x.to(state.dtype) * delta.unsqueeze(-1)).unsqueeze(-1) * B.unsqueeze(-2)
    state = torch.addcmul(added, state, kept)
    with torch.autocast(x.device.type, enabled=False):
        y = (state @ C.unsqueeze(-1)).squeeze(-1)
    return y.to(x.dtype), state


def _token_by_token(
    x: Tensor,
    delta: Tensor,
    A: Tensor,
    B: Tensor,
    C: Tensor,
    state: Tensor,
    starts: Tensor | None,
) -> tuple[Tensor, Tensor]:
    """Read by `ssd_step`: what is hidden is never multiplied by zero, but left out."""
    resets = itertools.repeat(None) if starts is None else starts[..., None, None, None].unbind(1)
    outputs = []
    tokens = zip(*(each.unbind(1) for each in (x, delta, B, C)), strict=True)
    for (token, step, into, out), reset in zip(tokens, resets, strict=False):
        if reset is not None:
            state = state.masked_fill(reset, 0)
        y, state = ssd_step(state, token, step, A, into, out)
        outputs.append(y)
    return torch.stack(outputs, dim=1), state


def _documents(starts: Tensor, lacking: int, count: int) -> Tensor:
    """Return (b, count, 1, 1, chunk): how many documents have started since the chunk began."""
    padded = torch.nn.functional.pad(starts.to(torch.int64), (0, lacking))
    return torch.unflatten(padded, 1, (count, -1)).cumsum(-1)[:, :, None, None]


def _check(
    x: Tensor, delta: Tensor, A: Tensor, B: Tensor, C: Tensor, state: Tensor | None, axes: str
) -> None:
    """Raise a ValueError for arguments that do not fit together; `axes` are those before H."""
    check_tensors(x, delta=delta, A=A, B=B, C=C, state=state)
    if x.dim() != len(axes.split(",")) + 2:
        raise ValueError(f"x has shape {tuple(x.shape)}; expected ({axes}, H, P).")
    lead, (heads, width) = x.shape[:-2], x.shape[-2:]
    size = B.shape[-1] if B.dim() else 0
    check_shape("delta", delta, f"{axes}, H", (*lead, heads))
    check_shape("A", A, "H", (heads,))
    for name, each in (("B", B), ("C", C)):
        groups = each.shape[-2] if each.dim() > 1 else 1
        check_shape(name, each, f"{axes}, G, N", (*lead, groups, size))
    check_groups(B, C, heads, "heads")
    check_shape("state", state, "b, H, P, N", (lead[0], heads, width, size))
