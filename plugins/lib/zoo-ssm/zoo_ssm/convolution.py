"""The short causal convolution in front of a state-space mixer, with the inputs it remembers."""

from __future__ import annotations

import torch
from torch import Tensor

from zoo_ssm.checking import check_starts


def causal_convolution(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    *,
    state: Tensor | None = None,
    starts: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """Convolve each channel with its own taps over the current and the previous tokens.

    `x` is (b, T, D); `weight` (D, w), its last column the tap of the current token; `bias` (D,).
    `state` (b, w - 1, D) are the inputs before `x`, oldest first (default: zeros). `starts`, bool
    (b, T), is true at the first token of a document, which sees nothing before it. Return the
    output (b, T, D) and the state after the last token; T = 1 makes one step. Raises `ValueError`
    for shapes that do not fit.
    """
    if x.dim() != 3 or weight.dim() != 2 or weight.shape[0] != x.shape[2]:
        raise ValueError(
            f"A causal convolution takes x (b, T, D) and weight (D, w), not {tuple(x.shape)} "
            f"and {tuple(weight.shape)}."
        )
    batch, length, channels = x.shape
    if bias is not None and bias.shape != (channels,):
        raise ValueError(f"The convolution's bias is {tuple(bias.shape)}, expected {(channels,)}.")
    past = weight.shape[1] - 1
    if state is None:
        state = x.new_zeros(batch, past, channels)
    elif state.shape != (batch, past, channels):
        raise ValueError(
            f"The convolution's state is {tuple(state.shape)}, expected {(batch, past, channels)}."
        )
    check_starts(x, starts)
    extended = torch.cat([state, x], dim=1)
    age = None if starts is None else _age(starts, past)
    # A sum of shifted products needs no transposition, as a grouped convolution does.
    y = x * weight[:, past]
    for lag in range(1, past + 1):
        earlier = extended[:, past - lag : past - lag + length]
        if age is not None:
            earlier = earlier.masked_fill((age < lag).unsqueeze(-1), 0)
        y = torch.addcmul(y, earlier, weight[:, past - lag])
    if bias is not None:
        y = y + bias
    state = extended[:, length:]
    if age is not None and length > 0:
        reach = torch.arange(past - 1, -1, -1, device=x.device)
        state = state.masked_fill((age[:, -1:] < reach).unsqueeze(-1), 0)
    return y, state


def _age(starts: Tensor, past: int) -> Tensor:
    """Return (b, T): how many tokens of the same document are before each, as far as known."""
    position = torch.arange(starts.shape[1], device=starts.device)
    # Before the first start of a row, the state counts as the same document.
    first = torch.where(starts, position, -past - 1).cummax(dim=1).values
    return position - first
