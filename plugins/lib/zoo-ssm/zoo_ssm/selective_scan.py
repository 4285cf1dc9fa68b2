"""Selective scan (S6): a diagonal state-space recurrence whose step and weights follow the input.

    h_t[c, n] = exp(delta_t[c] A[c, n]) h_{t-1}[c, n] + delta_t[c] x_t[c] B_t[n]
    y_t[c]    = sum_n C_t[n] h_t[c, n]

Gu and Dao, "Mamba: Linear-Time Sequence Modeling with Selective State Spaces", 2023, algorithm 2.
The sequence is read in chunks that fit the processor's cache: decays and inputs of a chunk come
from one vectorised product each, every step is then one fused multiply-add, and the output is
read by batched matrix products. The backward pass recomputes each chunk from the state before it,
so memory grows with the number of chunks and not of tokens.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from functools import cache
from math import inf, log
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

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

CACHE = 1 << 18  # elements of one buffer of a chunk; a pass over it should find it in cache
LONGEST, SHORTEST = 64, 4  # tokens of a chunk: few calls for small states, few states to keep
SMALL = 1 << 10  # elements of a matrix below which a product by a call for each is the slower one


def selective_scan(
    x: Tensor,
    delta: Tensor,
    A: Tensor,
    B: Tensor,
    C: Tensor,
    *,
    state: Tensor | None = None,
    starts: Tensor | None = None,
    chunk: int | None = None,
) -> tuple[Tensor, Tensor]:
    """Run the selective scan over whole sequences (Gu and Dao 2023, algorithm 2); no skip.

    Differentiable once in x, delta, A, B, C and state, also through the final state.

    `x` is (b, T, D); `delta` are the step sizes (b, T, D), at least 0 (after softplus); `A` are the
    continuous-time poles (D, N), at most 0. `B` are the input weights (b, T, G, N), or (b, T, N)
    for G = 1, and `C` the output weights, shaped as `B`; G divides D, and channel c uses group
    c // (D / G). `state` (b, D, N) is the one before the first token (default: zeros). `starts`,
    bool (b, T), is true at the first token of each document of packed sequences: what came before,
    `state` included, is forgotten there. A chunk has `chunk` tokens, by default as many as suit the
    cache; the result does not depend on it but for rounding.

    Return the outputs (b, T, D), in the type of `x`, and the final state (b, D, N), in float32 or,
    if any input is, in float64; all is computed in that type. Raises `ValueError` for shapes,
    dtypes or devices that do not fit, a positive entry of `A` (looked for on the CPU only), or a
    chunk below 1.
    """
    B, C = grouped(B, 4), grouped(C, 4)
    _check(x, delta, A, B, C, state, "b, T")
    check_poles(A)
    check_starts(x, starts)
    if chunk is None:
        tile = max(1, x.shape[0] * A.numel())
        chunk = min(LONGEST, max(SHORTEST, CACHE // tile))
    elif chunk < 1:
        raise ValueError(f"chunk = {chunk} tokens; expected at least 1.")
    # No product with zero forgets NaN and infinity, which the loop masks.
    strange = starts is not None and some_not_finite(x, delta, B, state)
    if (torch.compiler.is_compiling() or strange) and x.shape[1]:
        return _followed(x, delta, A, B, C, state, starts)
    y: Tensor
    last: Tensor
    y, last = _Scan.apply(x, delta, A, B, C, state, starts, chunk, torch.is_grad_enabled())
    return y, last


def selective_step(
    state: Tensor, x: Tensor, delta: Tensor, A: Tensor, B: Tensor, C: Tensor
) -> tuple[Tensor, Tensor]:
    """Read one token: `selective_scan` for T = 1, without the axis of time.

    `state` is (b, D, N), zeros before the first token; `x` (b, D); `delta` the step sizes (b, D),
    at least 0; `A` the poles (D, N), at most 0; `B` the input weights (b, G, N), or (b, N) for
    G = 1; `C` the output weights, shaped as `B`. Return the output (b, D), in the type of `x`, and
    the new state, in float32 or float64. Raises `ValueError` for shapes, dtypes or devices that do
    not fit.
    """
    B, C = grouped(B, 3), grouped(C, 3)
    _check(x, delta, A, B, C, state, "b")
    dtype = state_dtype(x, delta, A, B, C, state)
    step, width = delta.to(dtype), x.shape[-1] // B.shape[-2]
    weights = B.to(dtype).repeat_interleave(width, dim=-2)
    read = C.to(dtype).repeat_interleave(width, dim=-2)
    decay = torch.exp(step.unsqueeze(-1) * A.to(dtype))
    state = decay * state.to(dtype) + (step * x.to(dtype)).unsqueeze(-1) * weights
    return (state * read).sum(dim=-1).to(x.dtype), state


def _followed(
    x: Tensor,
    delta: Tensor,
    A: Tensor,
    B: Tensor,
    C: Tensor,
    state: Tensor | None,
    starts: Tensor | None,
) -> tuple[Tensor, Tensor]:
    """The scan by calls that torch.export and torch.compile can follow: no buffers, all at once."""
    dtype, width = state_dtype(x, delta, A, B, C, state), x.shape[-1] // B.shape[-2]
    step = delta.to(dtype)
    decay = torch.exp(step.unsqueeze(-1) * A.to(dtype))
    weights, read = (each.to(dtype).repeat_interleave(width, dim=-2) for each in (B, C))
    added = (step * x.to(dtype)).unsqueeze(-1) * weights
    now = torch.zeros_like(added[:, 0]) if state is None else state.to(dtype)
    resets = [None] * x.shape[1] if starts is None else starts[..., None, None].unbind(1)
    states = []
    for each, more, reset in zip(decay.unbind(1), added.unbind(1), resets, strict=True):
        if reset is not None:
            now = now.masked_fill(reset, 0)
        now = torch.addcmul(more, each, now)
        states.append(now)
    return (torch.stack(states, dim=1) * read).sum(dim=-1).to(x.dtype), now


class _Scan(torch.autograd.Function):
    """The scan over chunks, forward and in reverse."""

    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        delta: Tensor,
        A: Tensor,
        B: Tensor,
        C: Tensor,
        state: Tensor | None,
        starts: Tensor | None,
        chunk: int,
        keep: bool,
    ) -> tuple[Tensor, Tensor]:
        """Return outputs and final state; the state before each chunk is kept for the gradient."""
        keep = keep and any(ctx.needs_input_grad)
        with torch.autocast(x.device.type, enabled=False):
            work = _Work(x, delta, A, B, C, state, starts, chunk)
            y = torch.empty_like(work.step)
            decay, h = work.buffer(), work.buffer(1)
            h.tokens[0].copy_(work.first_state(state))
            kept = []
            for read, out in zip(work.parts, work.split(y), strict=True):
                size = len(out)
                if keep:
                    kept.append(h.tokens[0].clone())
                work.run(read, decay, h)
                _over_states(read.C, h.all[1 : size + 1], decay.all[:size], out)
                h.tokens[0].copy_(h.tokens[size])
            if keep:
                ctx.save_for_backward(x, delta, A, B, C, starts, *kept)
                ctx.chunk, ctx.state_dtype = chunk, None if state is None else state.dtype
            return work.batch_first(y, x), work.outward(h.tokens[0])

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dy: Tensor, dstate: Tensor) -> tuple[Tensor | None, ...]:
        """Return the gradients of those inputs that need one.

        With g_t the gradient in h_t and r_t = g_t h_{t-1} a_t, where a_t = exp(delta_t A):
        g_t = dy_t C_t + a_{t+1} g_{t+1}; dC_t = sum_c dy_t h_t; dB_t = sum_c delta_t x_t g_t;
        dx_t = delta_t sum_n g_t B_t; ddelta_t = x_t sum_n g_t B_t + sum_n A r_t;
        dA = sum_t delta_t r_t.
        """
        x, delta, A, B, C, starts, *kept = ctx.saved_tensors
        of_x, of_delta, of_A, of_B, of_C, of_state = ctx.needs_input_grad[:6]
        with torch.autocast(x.device.type, enabled=False):
            work = _Work(x, delta, A, B, C, dstate, starts, ctx.chunk)
            decay, h, g = work.buffer(), work.buffer(1), work.buffer()
            carried = work.first_state(dstate)
            outs = work.time_first(dy)
            dB, dC = (torch.empty_like(each) for each in (work.B, work.C))
            through, decayed = (torch.empty_like(work.step) for _ in range(2))
            dA = work.A.new_zeros(1, work.A.numel())
            # A product with ones sums over rows in half the time of a sum.
            ones = dA.new_ones(1, work.chunk * work.batch)
            splits = map(work.split, (outs, through, decayed, dB, dC))
            chunks = list(zip(work.parts, kept, *splits, strict=True))
            for read, before, out, of_input, of_decay, into_B, into_C in reversed(chunks):
                size = len(out)
                h.tokens[0].copy_(before)
                work.run(read, decay, h)
                slope, r, free = g.all[:size], decay.all[:size], h.all[:size]
                if of_C:
                    _over_channels(out, h.all[1 : size + 1], slope, into_C)
                if not (of_x or of_delta or of_A or of_B or of_state):
                    continue
                carried = work.run_back(read, out, carried, decay, g)
                # Neither decays nor states are needed on their own any more: the former become r,
                # the latter make room for products.
                if of_delta or of_A:
                    r.mul_(slope).mul_(free)
                if of_B:
                    _over_channels(read.input, slope, free, into_B)
                if of_x or of_delta:
                    _over_states(read.B, slope, free, of_input)
                if of_A:
                    torch.mul(r, read.step.unsqueeze(-2), out=free)
                    rows = free.flatten(0, 1).flatten(1)
                    dA.addmm_(ones[:, : len(rows)], rows)
                if of_delta:
                    torch.sum(torch.mul(r, work.A, out=free), dim=-2, out=of_decay)
            return (
                work.batch_first(through * work.step, x) if of_x else None,
                work.batch_first(decayed.addcmul_(through, work.x), delta) if of_delta else None,
                work.transposed(dA.view_as(work.A)).flatten(0, 1).to(A.dtype) if of_A else None,
                work.batch_first(dB, B) if of_B else None,
                work.batch_first(dC, C) if of_C else None,
                work.outward(carried).to(ctx.state_dtype) if of_state else None,
                None,
                None,
                None,
            )


class _Read(NamedTuple):
    """A chunk of the inputs, time first, in the dtype of the state."""

    step: Tensor  # delta (chunk, b, G, K)
    input: Tensor  # delta x (chunk, b, G, K)
    B: Tensor  # (chunk, b, G, N)
    C: Tensor  # (chunk, b, G, N)
    starts: Tensor | None  # (chunk, b, 1, 1, 1): minus infinity at starts, else 0


class _Buffer(NamedTuple):
    """Memory for a chunk, and the views of its tokens, made once because they cost as the steps."""

    all: Tensor  # (chunk, b, G, N, K)
    tokens: tuple[Tensor, ...]  # (b, G, N, K) each


class _Work:
    """The inputs chunk by chunk, and the recurrences over a chunk.

    Inputs are turned time first once, and contiguous, for a broadcast product reads them faster so
    than where they are. Buffers are (chunk, b, G, N, K) with K = D / G channels a group: a step
    reads and writes contiguous memory, and channels come last, so that products are vectorised.
    """

    def __init__(
        self,
        x: Tensor,
        delta: Tensor,
        A: Tensor,
        B: Tensor,
        C: Tensor,
        state: Tensor | None,
        starts: Tensor | None,
        chunk: int,
    ) -> None:
        self.batch, self.length, width = x.shape
        self.groups, size = B.shape[2:]
        self.dtype = state_dtype(x, delta, B, C, A, state)
        self.chunk = min(chunk, max(self.length, 1))
        self.step, self.B, self.C = map(self.time_first, (delta, B, C))
        self.x = torch.unflatten(x.transpose(0, 1).to(self.dtype), -1, (self.groups, -1))
        poles = A.to(self.dtype).reshape(self.groups, width // self.groups, size)
        self.A = self.transposed(poles).contiguous()
        # To the base of 2 an exponential takes half as long, and does not get ten times slower
        # where it underflows, as to the base of e on processors where torch calls MKL for it.
        self.A_bits = self.A / log(2)
        marks: Iterable[Tensor | None] = itertools.repeat(None)
        if starts is not None:
            hiding = self.A.new_zeros(self.length, self.batch, 1, 1, 1)
            hiding.masked_fill_(starts.T[..., None, None, None], -inf)
            marks = self.split(hiding)
        inputs = map(self.split, (self.step, self.step * self.x, self.B, self.C))
        self.parts = [_Read(*each) for each in zip(*inputs, marks, strict=False)]

    def split(self, tensor: Tensor) -> tuple[Tensor, ...]:
        """The chunks of a tensor (T, ...)."""
        return torch.split(tensor, self.chunk) if self.length else ()

    def buffer(self, more: int = 0) -> _Buffer:
        """An uninitialised buffer for the states of a chunk, and of some tokens more."""
        buffer = self.A.new_empty(self.chunk + more, self.batch, *self.A.shape)
        return _Buffer(buffer, buffer.unbind())

    def transposed(self, tensor: Tensor) -> Tensor:
        """(..., G, K, N) as (..., G, N, K), and the reverse."""
        return tensor.transpose(-1, -2)

    def time_first(self, tensor: Tensor) -> Tensor:
        """A tensor (b, T, D) or (b, T, G, N) as (T, b, G, K or N), contiguous."""
        turned = tensor.transpose(0, 1).to(self.dtype).contiguous()
        return torch.unflatten(turned, -1, (self.groups, -1)) if turned.dim() == 3 else turned

    def batch_first(self, tensor: Tensor, like: Tensor) -> Tensor:
        """The reverse of `time_first`, with the shape and the type of `like`."""
        turned = tensor.transpose(0, 1).to(like.dtype).contiguous()
        return turned.view(like.shape)

    def first_state(self, state: Tensor | None) -> Tensor:
        """A state (b, D, N), zeros where None, as (b, G, N, K)."""
        if state is None:
            return self.A.new_zeros(self.batch, *self.A.shape)
        inward = torch.unflatten(state.to(self.dtype), 1, (self.groups, -1))
        return self.transposed(inward).contiguous()

    def outward(self, state: Tensor) -> Tensor:
        """A state (b, G, N, K) as (b, D, N), in memory of its own."""
        return self.transposed(state).flatten(1, 2).clone(memory_format=torch.contiguous_format)

    def run(self, read: _Read, decay: _Buffer, h: _Buffer) -> None:
        """Fill the decays of a chunk and its states; the state before it is there already."""
        size, step = len(read.step), read.step.unsqueeze(-2)
        if read.starts is None:
            torch.mul(step, self.A_bits, out=decay.all[:size])
        else:
            torch.addcmul(read.starts, step, self.A_bits, out=decay.all[:size])
        decay.all[:size].exp2_()
        torch.mul(read.input.unsqueeze(-2), read.B.unsqueeze(-1), out=h.all[1 : size + 1])
        _one_by_one(h.tokens[1 : size + 1], decay.tokens[:size], h.tokens[:size])

    def run_back(
        self, read: _Read, out: Tensor, carried: Tensor, decay: _Buffer, g: _Buffer
    ) -> Tensor:
        """Fill the gradients in the states of a chunk; return the one in the state before it.

        `out` (chunk, b, G, K) is the gradient in the outputs, `carried` (b, G, N, K) what the
        tokens after the chunk hand back to its last state.
        """
        size = len(out)
        torch.mul(out.unsqueeze(-2), read.C.unsqueeze(-1), out=g.all[:size])
        g.tokens[size - 1].add_(carried)
        backward = g.tokens[:size][::-1]
        _one_by_one(backward[1:], decay.tokens[1:size][::-1], backward[:-1])
        return decay.tokens[0] * g.tokens[0]


def _one_by_one(
    new: tuple[Tensor, ...], decay: tuple[Tensor, ...], old: tuple[Tensor, ...]
) -> None:
    """Add decay_t old_t to new_t, one t after another: old_t is mostly new_{t-1}."""
    if new and new[0].device.type == "cpu" and _in_order():
        # The same calls, without Python between them, which for small states takes half the time.
        torch._foreach_addcmul_(new, decay, old)
        return
    for each, by, before in zip(new, decay, old, strict=True):
        each.addcmul_(by, before)


@cache
def _in_order() -> bool:
    """Tell whether torch computes a list of products on a CPU one after another.

    It does so without saying so, and if it ever stops, sums of a chain come out too small.
    """
    chain = torch.zeros(65, 4096, device="cpu", dtype=torch.float32)
    chain[0] = 1
    tokens = chain.unbind()
    torch._foreach_addcmul_(tokens[1:], [tokens[0]] * 64, tokens[:-1])
    return bool((chain == 1).all())


def _over_states(weights: Tensor, states: Tensor, free: Tensor, out: Tensor) -> None:
    """Sum weights (..., N) times states (..., N, K) over N into `out` (..., K).

    `free` is memory as large as states. Batched products want the vector on the left: on the right
    they take eight times as long.
    """
    if states.shape[-1] * states.shape[-2] >= SMALL:
        rows, target = weights.unsqueeze(-2).flatten(0, -3), out.unsqueeze(-2).flatten(0, -3)
        torch.bmm(rows, states.flatten(0, -3), out=target)
    else:
        torch.sum(torch.mul(states, weights.unsqueeze(-1), out=free), dim=-2, out=out)


def _over_channels(weights: Tensor, states: Tensor, free: Tensor, out: Tensor) -> None:
    """Sum weights (..., K) times states (..., N, K) over K into `out`; see `_over_states`."""
    if states.shape[-1] * states.shape[-2] >= SMALL:
        rows, target = weights.unsqueeze(-2).flatten(0, -3), out.unsqueeze(-2).flatten(0, -3)
        torch.bmm(rows, states.flatten(0, -3).mT, out=target)
    else:
        torch.sum(torch.mul(states, weights.unsqueeze(-2), out=free), dim=-1, out=out)


def _check(
    x: Tensor, delta: Tensor, A: Tensor, B: Tensor, C: Tensor, state: Tensor | None, axes: str
) -> None:
    """Raise a ValueError for arguments that do not fit together; `axes` are those before D."""
    check_tensors(x, delta=delta, A=A, B=B, C=C, state=state)
    if x.dim() != len(axes.split(",")) + 1:
        raise ValueError(f"x has shape {tuple(x.shape)}; expected ({axes}, D).")
    if A.dim() != 2 or A.shape[0] != x.shape[-1]:
        raise ValueError(
            f"A has shape {tuple(A.shape)}; expected (D, N) with D = {x.shape[-1]} as in x."
        )
    lead, (width, size) = x.shape[:-1], A.shape
    check_shape("delta", delta, f"{axes}, D", tuple(x.shape))
    for name, each in (("B", B), ("C", C)):
        groups = each.shape[-2] if each.dim() > 1 else 1
        check_shape(name, each, f"{axes}, G, N", (*lead, groups, size))
    check_groups(B, C, width, "channels")
    check_shape("state", state, "b, D, N", (lead[0], width, size))
