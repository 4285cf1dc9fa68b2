"""`SymmetryChain`: a network on signals of any fixed graph, with the group chosen for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

import numpy as np
import torch
import zoo_symmetry as zs
from torch import Tensor, nn

from zoo_approx_equivariant.curve import drawn
from zoo_approx_equivariant.layers import CoarsenedLinear, NodeLayer, OrbitLinear, through, widths
from zoo_core import BadInput, Media


class SymmetryChain(nn.Module):
    """Signals (B, N, in) to signals (B, N, out) in the units of the data, with ReLU between layers.

    The layers commute with permutations within `clusters` (N,), or else with the group that
    `generators` generate (the graph's own automorphisms, say); with neither they commute with
    nothing. `group` is its name and `chain` what was measured of each group that was tried. Signals
    are normalised by channel inside, by what training measured.

    Raises `BadInput` for both, and for clusters or permutations of other than `nodes` nodes.
    """

    in_mean: Tensor
    in_std: Tensor
    out_mean: Tensor
    out_std: Tensor

    def __init__(
        self,
        nodes: int = 4,
        clusters: Sequence[int] | None = None,
        generators: Sequence[Sequence[int]] | None = None,
        in_channels: int = 1,
        out_channels: int = 1,
        hidden: int = 16,
        layers: int = 2,
        group: str = "",
        chain: Sequence[Mapping[str, Any]] | None = None,
    ) -> None:
        super().__init__()
        if clusters is not None and generators is not None:
            raise BadInput("Give clusters or generators, not both: a network has one group.")
        if clusters is not None and len(clusters) != nodes:
            raise BadInput(f"There are {len(clusters)} clusters' names for {nodes} nodes.")
        self.nodes, self.group, self.chain = nodes, group, [dict(row) for row in chain or ()]
        labels = range(nodes) if clusters is None else clusters
        self.layers = nn.ModuleList(
            CoarsenedLinear(labels, one, other)
            if generators is None
            else OrbitLinear(nodes, generators, one, other)
            for one, other in widths(in_channels, hidden, layers, out_channels)
        )
        for name, channels in (("in", in_channels), ("out", out_channels)):
            self.register_buffer(f"{name}_mean", torch.zeros(channels))
            self.register_buffer(f"{name}_std", torch.ones(channels))

    def forward(self, signals: Tensor) -> Tensor:
        """Return signals (B, N, out) of signals (B, N, in), both in the data's units."""
        found = through(self.layers, (signals - self.in_mean) / self.in_std)
        return found * self.out_std + self.out_mean

    def reset_parameters(self) -> None:
        """Draw all weights anew."""
        for layer in cast(Iterable[NodeLayer], self.layers):
            layer.reset_parameters()

    def example_inputs(self, seed: int) -> tuple[Tensor]:
        """Return three random signals."""
        generator = torch.Generator().manual_seed(seed)
        return (torch.randn(3, self.nodes, len(self.in_mean), generator=generator),)

    def outputs(self, split: Any, batch_size: int = 250) -> Iterator[dict[str, Tensor]]:
        """Yield predictions and targets over all nodes, in units of the training targets' spread.

        Raises `BadInput` for signals of other nodes or channels.
        """
        data = split.data
        self._check(data.inputs)
        for rows in split.indices.split(batch_size):
            prediction = self(data.inputs[rows].to(self.in_mean))
            target = data.targets[rows].to(self.in_mean.device)
            yield {
                "prediction": ((prediction - self.out_mean) / self.out_std).flatten(),
                "target": ((target - self.out_mean) / self.out_std).flatten(),
            }

    def predict(self, source: Any = None, *, curve: bool = False) -> Any:
        """Return what the network makes of signals; without any, the table of the groups tried.

        `source` are signals (m, N) or (m, N, in): an array, or an .npz or dictionary with them
        under "signals"; then there is a row for each, with its values at the N nodes. Without a
        source the rows are those of the chain: each group with its clusters, its weights, its error
        with a 95 % interval, and how far it is from the chosen one; with `curve` they are drawn.
        Raises `BadInput` for other signals, and for a chain that nobody measured.
        """
        if source is not None:
            from zoo_approx_equivariant.reading import signals_of

            signals = signals_of(source)
            self._check(signals)
            found = self(signals.to(self.in_mean))
            return [
                {"signal": i, "values": (row[:, 0] if row.shape[1] == 1 else row).tolist()}
                for i, row in enumerate(found.cpu().double().numpy().round(6))
            ]
        if not self.chain:
            raise BadInput("Give signals; this network was not chosen from a chain of groups.")
        if curve:
            return Media(contents=drawn(self.chain), told="error against the number of clusters")
        return self.chain

    def _check(self, signals: Tensor) -> None:
        expected = (self.nodes, len(self.in_mean))
        if signals.dim() != 3 or tuple(signals.shape[1:]) != expected:
            raise BadInput(
                f"The signals have the shape {tuple(signals.shape)}; the network takes (m, "
                f"{expected[0]}, {expected[1]}): signals, nodes, channels."
            )
        if not bool(torch.isfinite(signals).all()):
            raise BadInput(
                "The signals hold NaN or infinite numbers; fill them in or leave them out."
            )


def by_channel(signals: Tensor) -> tuple[Tensor, Tensor]:
    """Return mean and spread (d,) of signals (m, N, d), 1 in place of no spread."""
    flat = signals.flatten(0, 1).double()
    spread = flat.std(0, correction=0)
    return flat.mean(0).float(), torch.where(spread > 0, spread, 1.0).float()


def cluster_count(generators: Sequence[Sequence[int]] | None, clusters: Any, nodes: int) -> int:
    """Return how many clusters, or orbits of nodes, a group has."""
    if generators is not None:
        group = zs.PermutationGroup(nodes, tuple(map(tuple, generators)))
        return zs.hom_dimension(group, invariant=True)
    return nodes if clusters is None else len(np.unique(clusters))
