"""Linear maps of expanded scalars, by a table: such a map of one scalar is a smooth curve."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from zoo_molecules.expansions import Expansion

from zoo_graph_tuple.curves import Spots, read, spots_of

BEYOND = 9.0
"""Widths of a sigmoid beyond the outer centres, where the curve has become flat."""
DENSITY = 16
"""Knots to a width of a sigmoid; between them the curve is a line (wrong by 5e-5 of a weight)."""


class Expanded(nn.Module):
    """An expansion whose linear maps are read from tables.

    A scalar's row of an expansion is the same wherever it occurs: a map of it to H channels is
    evaluated once at each knot, so that no row of `width` numbers is made for a scalar.
    """

    def __init__(self, expansion: Expansion) -> None:
        super().__init__()
        self.expansion = expansion
        self.count = round((expansion.width - 1 + 2 * BEYOND) * DENSITY) + 1

    def knots(self) -> Tensor:
        """Return the scalars (K,) at which curves are evaluated, ascending."""
        theta = self.expansion.theta
        steps = torch.arange(self.count, dtype=theta.dtype, device=theta.device)
        start = self.expansion.centres[0] - BEYOND * theta
        return self.expansion.unwarp(start + steps * theta / DENSITY)

    def spots(self, scalars: Tensor) -> Spots:
        """Return where scalars (E,) lie between the knots."""
        expansion = self.expansion
        start = expansion.centres[0] - BEYOND * expansion.theta
        position = (expansion.warp(scalars) - start) * DENSITY / expansion.theta
        return spots_of(position, self.count)

    def forward(self, linear: nn.Linear, spots: Spots) -> Tensor:
        """Return the linear map of the expanded scalars, (E, out)."""
        return read(linear(self.expansion(self.knots())), spots)
