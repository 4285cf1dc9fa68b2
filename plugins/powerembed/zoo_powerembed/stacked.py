"""Several inception readouts of equal architecture, computed as one with batched products."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import prelu
from zoo_graphs.layers import FeedForward

from zoo_powerembed.readout import InceptionReadout


class StackedReadout(nn.Module):
    """S readouts side by side: each parameter (...) of theirs is a parameter (S, ...) here.

    The readouts are of one architecture; their present weights are copied.
    """

    def __init__(self, readouts: Sequence[InceptionReadout]) -> None:
        super().__init__()
        first = readouts[0]
        self.names = [name for name, _ in first.named_parameters()]
        self.stacked = nn.ParameterList(
            torch.stack([readout.get_parameter(name).detach() for readout in readouts])
            for name in self.names
        )
        self.blocks = [f"branches.{i}" for i in range(len(first.branches))]
        self.rate = first.head.dropout.p
        self.widths = [_hidden(branch) for branch in first.branches]
        if self.blocks:
            self.widths.append(first.head.first.in_features)
        self.widths.append(_hidden(first.head))

    def forward(self, inputs: Sequence[Tensor], masks: Sequence[Tensor] | None = None) -> Tensor:
        """Return logits (S, m, C) of inputs (S, m, d_l), with dropout where masks are given."""
        weights = dict(zip(self.names, self.stacked, strict=True))
        drawn: Sequence[Tensor | None] = masks or [None] * len(self.widths)
        if not self.blocks:
            return _feed_forward(weights, "head", inputs[0], drawn[0])
        parts = [
            _feed_forward(weights, *job) for job in zip(self.blocks, inputs, drawn, strict=False)
        ]
        joined = _prelu(torch.cat(parts, dim=-1), weights["activation.weight"])
        return _feed_forward(weights, "head", _drop(joined, drawn[-2]), drawn[-1])

    def dropout_masks(
        self, counts: Sequence[int], generators: Sequence[torch.Generator]
    ) -> list[Tensor] | None:
        """Return dropout masks (S, m, width) in the order of use, one generator per readout.

        Readout s draws for its own `counts[s]` rows only, so what it draws does not depend on the
        readouts that it is batched with. None when the rate is 0.
        """
        if not self.rate:
            return None
        device = self.stacked[0].device
        return [
            _dropout_mask(counts, width, self.rate, generators).to(device) for width in self.widths
        ]

    def unstack(self, readouts: Sequence[InceptionReadout]) -> None:
        """Copy the weights back into separate readouts."""
        with torch.no_grad():
            for name, parameter in zip(self.names, self.stacked, strict=True):
                for readout, own in zip(readouts, parameter, strict=True):
                    readout.get_parameter(name).copy_(own)


def _hidden(block: nn.Module) -> int:
    assert isinstance(block, FeedForward)
    return block.first.out_features


def _feed_forward(
    weights: dict[str, Tensor], block: str, inputs: Tensor, mask: Tensor | None
) -> Tensor:
    hidden = _linear(weights, f"{block}.first", inputs)
    hidden = _drop(_prelu(hidden, weights[f"{block}.activation.weight"]), mask)
    return _linear(weights, f"{block}.second", hidden)


def _linear(weights: dict[str, Tensor], layer: str, inputs: Tensor) -> Tensor:
    bias = weights[f"{layer}.bias"].unsqueeze(1)
    return torch.baddbmm(bias, inputs, weights[f"{layer}.weight"].mT)


def _prelu(inputs: Tensor, slope: Tensor) -> Tensor:
    """Return the PReLU of (S, m, d) with one slope per readout; torch wants the channels second."""
    flat = inputs.reshape(1, inputs.shape[0], -1)
    return prelu(flat, slope.flatten()).view_as(inputs)


def _drop(inputs: Tensor, mask: Tensor | None) -> Tensor:
    return inputs if mask is None else inputs * mask


def _dropout_mask(
    counts: Sequence[int], width: int, rate: float, generators: Sequence[torch.Generator]
) -> Tensor:
    """Return (S, max count, width) of 0 or 1 / (1 - rate).

    A byte of randomness per entry: eight times faster than a float each, and exact for rates that
    are multiples of 1/256, as 0.5 is; other rates are rounded to one, below 1.
    """
    kept = max(1, round((1 - rate) * 256))
    mask = torch.zeros(len(counts), max(counts), width)
    for row, count, generator in zip(mask, counts, generators, strict=True):
        words = torch.empty(-(-count * width // 8), dtype=torch.int64)
        words.random_(-(2**63), None, generator=generator)
        draws = words.view(torch.uint8)[: count * width].view(count, width)
        torch.mul(draws < kept, 256 / kept, out=row[:count])
    return mask
