"""`Univariate`: a network of one number, and its table, by which it costs next to nothing.

What a DeepSet makes of each scalar of a set is a curve in that scalar: it can be laid down at knots
and interpolated, whatever the expansion and the layers before it cost.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from einops import rearrange
from torch import Tensor, nn
from torch.nn import functional
from zoo_molecules.expansions import Expansion

from zoo_core import BadInput

MOST_KNOTS = 2**17


class Univariate(nn.Module):
    """Scalars (N,) to (N, out), by an expansion, a hidden layer with ReLU, and a linear layer."""

    def __init__(self, expansion: str, centres: int, hidden: int, out: int) -> None:
        super().__init__()
        self.expansion = Expansion(expansion, centres)
        self.first = nn.Linear(self.expansion.width, hidden)
        self.second = nn.Linear(hidden, out)

    def forward(self, scalars: Tensor) -> Tensor:
        """Return what the network makes of each scalar."""
        hidden: Tensor = self.second(self.first(self.expansion(scalars)).relu())
        return hidden


@dataclass(frozen=True)
class Tally:
    """How much of each of K values the scalars of each of M sets have.

    `values` (K,) and `weights` (M, K): the sum of phi over set m is about weights[m] @ phi(values),
    and exactly so where the sets have no more than K different scalars.
    """

    values: Tensor
    weights: Tensor


def tally(scalars: Tensor, owner: Tensor, count: int, expansion: Expansion, knots: int) -> Tally:
    """Return the tally of scalars (N,), of which each is in set `owner` (N,) of `count`.

    With more than `knots` different ones each is shared between the two knots beside it, linearly
    on the expansion's own scale (`Expansion.warp`).
    """
    values, places = torch.unique(scalars, return_inverse=True)
    if len(values) <= knots:
        weights = torch.zeros(count * len(values), dtype=torch.float64)
        weights.index_add_(0, owner * len(values) + places, torch.ones_like(scalars).double())
        return Tally(values.float(), rearrange(weights, "(m k) -> m k", m=count).float())
    t = expansion.warp(scalars).double()
    low, high = t.min(), t.max()
    place = (t - low) / (high - low) * (knots - 1)
    left = place.floor().clamp(max=knots - 2).long()
    weights = torch.zeros(count * knots, dtype=torch.float64)
    weights.index_add_(0, owner * knots + left, 1 - (place - left))
    weights.index_add_(0, owner * knots + left + 1, place - left)
    grid = expansion.unwarp(torch.linspace(float(low), float(high), knots, dtype=torch.float64))
    return Tally(grid.float(), rearrange(weights, "(m k) -> m k", m=count).float())


class Table(nn.Module):
    """A curve (N,) to (N, out) at knots, evenly on the scale of its expansion.

    Made by `tabulated`. Scalars beyond the knots take the network itself. The sum over each set is
    one `embedding_bag` of two knots for each scalar.
    """

    low: Tensor
    step: Tensor
    table: Tensor

    def __init__(self, curve: nn.Module, expansion: Expansion, knots: int, ends: Tensor) -> None:
        super().__init__()
        self.curve, self.expansion = curve, expansion
        t = torch.linspace(float(ends[0]), float(ends[1]), knots, dtype=torch.float64)
        scalars = expansion.unwarp(t).to(expansion.centres.dtype)
        self.register_buffer("low", t[0].to(scalars))
        self.register_buffer("step", (t[1] - t[0]).to(scalars))
        self.register_buffer("table", curve(scalars))

    def sums(self, scalars: Tensor, owner: Tensor, count: int) -> Tensor:
        """Return the sum of the curve over each of `count` sets (count, out).

        `owner` (N,) ascends.
        """
        place = (self.expansion.warp(scalars) - self.low) / self.step
        outside = (place < 0) | (place >= len(self.table) - 1)
        if bool(outside.any()):
            found = self.sums(scalars[~outside], owner[~outside], count)
            return found.index_add(0, owner[outside], self.curve(scalars[outside]))
        left = place.int()
        share = place - left
        starts = torch.searchsorted(owner, torch.arange(count, device=owner.device), out_int32=True)
        added: Tensor = functional.embedding_bag(
            torch.stack([left, left + 1], 1).flatten(),
            self.table,
            2 * starts,
            mode="sum",
            per_sample_weights=torch.stack([1 - share, share], 1).flatten(),
        )
        return added


@torch.no_grad()
def tabulated(curve: nn.Module, expansion: Expansion, error: float) -> Table:
    """Return the table of a curve over its expansion's centres and a margin beside them.

    Knots are doubled until the curve halfway between them is off by `error` of its largest value
    at most, in the mean over knots. Raises `BadInput` where 131,072 are not enough.
    """
    centres = expansion.centres.double()
    margin = 8 * float(expansion.theta)
    ends = torch.stack([centres[0] - margin, centres[-1] + margin])
    knots = 2048
    while knots <= MOST_KNOTS:
        table = Table(curve, expansion, knots, ends)
        halfway = torch.linspace(
            float(ends[0] + table.step / 2), float(ends[1] - table.step / 2), knots - 1,
            dtype=torch.float64,
        )  # fmt: skip
        exact = curve(expansion.unwarp(halfway).to(table.table.dtype))
        gap = (exact - (table.table[1:] + table.table[:-1]) / 2).abs().mean()
        if float(gap) <= error * float(exact.abs().max()):
            return table
        knots *= 2
    raise BadInput(f"A table of {MOST_KNOTS} knots is not within {error:g} of the curve.")
