"""The inner-product decoder of graph autoencoders: its loss and gradient, without autograd.

The loss reads all n^2 pairs, and its gradient is all that training needs: one product, one sigmoid
in place and one more product for each block of rows. Nothing of n^2 numbers is kept, unless the
graph is so dense that the pairs' weights are.
"""

from __future__ import annotations

import math
import time

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid

from zoo_core import BadInput

_BLOCK = 2**20  # pairs at a time: they and their weights stay in the processor's cache


class Reconstruction:
    """Weighted binary cross-entropy of sigmoid(Z Z^T) against A + I.

    With m the ones of A + I: the mean over all pairs of the cross-entropy, positives counted
    (n^2 - m) / m times, times n^2 / (2 (n^2 - m)) (Kipf and Welling 2016). `edges` (2, m) hold each
    undirected edge once and no loops; `nodes` is n. Raises `BadInput` where every node is joined to
    every other, so that there is nothing to tell apart.
    """

    def __init__(self, edges: Tensor, nodes: int) -> None:
        loops = torch.arange(nodes, device=edges.device)
        row = torch.cat([edges[0], edges[1], loops])
        column = torch.cat([edges[1], edges[0], loops])
        row, order = row.sort(stable=True)
        self.nodes = nodes
        self.absent = nodes * nodes - len(row)
        if not self.absent:
            raise BadInput(
                "every node is joined to every other, so there are no absent edges for a decoder "
                "to learn from; use ase."
            )
        self.positive = self.absent / len(row)
        size = max(1, _BLOCK // nodes)
        starts = torch.arange(0, nodes, size)
        place = (row % size) * nodes + column[order]
        self._rows = [slice(int(start), min(int(start) + size, nodes)) for start in starts]
        # Positions of the ones in each block of rows, flattened.
        counts = torch.bincount(row // size, minlength=len(starts)).tolist()
        self._ones = torch.split(place, counts)

    def gradient(self, points: Tensor) -> Tensor:
        """Return the loss's gradient (n, k) with respect to Z (n, k)."""
        return self._gradient(points, len(self._rows))

    def check_time(self, k: int, epochs: int, hours: float, like: Tensor) -> None:
        """Raise `BadInput` where so many gradients at n points (n, k) would take longer than told.

        One block of rows is timed; `like` has the device and the dtype.
        """
        points = like.new_zeros(self.nodes, k)
        self._gradient(points, 1)
        start = time.perf_counter()
        self._gradient(points, 1)
        found = (time.perf_counter() - start) * len(self._rows) * epochs / 3600
        if found > hours:
            raise BadInput(
                f"{epochs} epochs over all {self.nodes:,} x {self.nodes:,} pairs of nodes would "
                f"take about {found:,.1f} hours here: allow them with hours={math.ceil(found)}, "
                "ask for fewer epochs, or use ase, whose time grows with the edges."
            )

    def _gradient(self, points: Tensor, blocks: int) -> Tensor:
        """Return the gradient, of which only so many blocks of rows are filled in."""
        found = torch.empty_like(points)
        for rows, ones in zip(self._rows[:blocks], self._ones[:blocks], strict=True):
            pairs = (points[rows] @ points.mT).sigmoid_()
            flat = pairs.view(-1)
            flat[ones] = self.positive * (flat[ones] - 1)
            torch.matmul(pairs, points, out=found[rows])
        # Each pair is counted from both of its ends.
        return found.div_(self.absent)

    def loss(self, points: Tensor) -> Tensor:
        """Return the loss of Z (n, k), a scalar."""
        total = points.new_zeros(())
        for rows, ones in zip(self._rows, self._ones, strict=True):
            pairs = (points[rows] @ points.mT).view(-1)
            total = total - logsigmoid(-pairs).sum()
            # softplus(-x) for the ones, in place of softplus(x).
            total = (
                total + (logsigmoid(-pairs[ones]) - self.positive * logsigmoid(pairs[ones])).sum()
            )
        return total / (2 * self.absent)
