"""`CloudEgnn`: EGNN-Gt on clouds of points, from their positions alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from zoo_clouds.box import Box
from zoo_clouds.clouds import Cloud, Clouds, offsets_of
from zoo_clouds.neighbours import edges_of
from zoo_clouds.reading import read_cloud

from zoo_core import BadInput, notice
from zoo_graph_tuple.egnn.network import EgnnNetwork
from zoo_graph_tuple.views import View, view_of

CUTOFFS = (20.0, 40.0)
"""In Mpc/h, of clouds with 512 points in 250 Mpc/h: 2.0 and 9.1 neighbours on average."""

MOST_POINTS = 50_000
"""From so many points on, time and memory are told."""
SECONDS, GIGABYTES = 5e-5, 7e-6
"""For a point, by one thread and without gradients."""
NOTHING = "Give a cloud of points: a table with columns x, y and z, or an array."


class CloudEgnn(nn.Module):
    """Clouds of points to numbers (B, targets): parameters of the cosmology that made them.

    View k has the pairs with cutoffs[k - 1] < r <= cutoffs[k], in both directions, by the nearest
    images in the cloud's box: neighbour lists are symmetric, periodic and without a cap. The other
    sizes are those of `EgnnNetwork`. `targets` are names, `mean` and `spread` what the network's
    numbers are scaled by; `density` is the mean number of points in a unit of volume that was
    trained on (0 where that is not known), and `unit` that of positions. Raises `BadInput` for
    what does not fit.
    """

    def __init__(
        self,
        targets: Sequence[str] = ("Omega_m", "sigma_8"),
        mean: Sequence[float] = (0.0, 0.0),
        spread: Sequence[float] = (1.0, 1.0),
        cutoffs: Sequence[float] = CUTOFFS,
        dimension: int = 3,
        density: float = 0.0,
        unit: str = "Mpc/h",
        words: str | Sequence[Sequence[int]] = "crossed",
        hidden: int = 24,
        layers: int = 2,
        centres: int = 16,
        edge_norm: bool = True,
        still: bool = True,
    ) -> None:
        super().__init__()
        if len({len(targets), len(mean), len(spread)}) > 1 or not targets:
            raise BadInput(
                f"There are {len(targets)} targets, {len(mean)} means and {len(spread)} spreads; "
                "expected as many of each, one or more."
            )
        self.targets, self.mean, self.spread = tuple(targets), tuple(mean), tuple(spread)
        self.dimension, self.density, self.unit = dimension, density, unit
        self.network = EgnnNetwork(
            cutoffs=cutoffs,
            outputs=len(targets),
            hidden=hidden,
            layers=layers,
            words=words,
            centres=centres,
            edge_norm=edge_norm,
            still=still,
        )

    def forward(
        self, features: Tensor, offsets: Tensor, views: Sequence[tuple[Tensor, Tensor]]
    ) -> Tensor:
        """Return numbers (B, targets) of a batch of clouds; see `EgnnNetwork.forward`."""
        found = self.network(features, offsets, views)
        scaled: Tensor = found * found.new_tensor(self.spread) + found.new_tensor(self.mean)
        return scaled

    def batch(self, clouds: Sequence[Cloud]) -> tuple[Tensor, Tensor, list[View]]:
        """Return the inputs of `forward` of clouds, where the parameters are."""
        return self.collate(
            [len(cloud) for cloud in clouds],
            [cloud_views(cloud, self.network.cutoffs) for cloud in clouds],
        )

    def collate(
        self, sizes: Sequence[int], views: Sequence[Sequence[View]]
    ) -> tuple[Tensor, Tensor, list[View]]:
        """Return the inputs of `forward` of clouds of such sizes, whose views are known."""
        like = self.network.embedding.weight
        offsets = offsets_of(sizes)
        starts = offsets[:-1].tolist()
        together = [
            View(
                torch.cat([v.edges + start for v, start in zip(each, starts, strict=True)], 1).to(
                    like.device
                ),
                torch.cat([view.values for view in each]).to(like),
            )
            for each in zip(*views, strict=True)
        ]
        return like.new_ones(sum(sizes), 1), offsets.to(like.device), together

    def example_inputs(self, seed: int) -> tuple[Any, ...]:
        """Return a batch of two random clouds."""
        features, offsets, views = self.batch(self._examples(seed))
        return features, offsets, [tuple(view) for view in views]

    def example_sources(self, seed: int) -> list[Cloud]:
        """Return a cloud of 30 random points in a periodic cube."""
        return self._examples(seed)[:1]

    def _examples(self, seed: int) -> list[Cloud]:
        draw = np.random.default_rng(seed)
        box = Box.cube(3 * self.network.cutoffs[-1], self.dimension)
        side = float(box.sizes[0])
        return [Cloud(side * draw.random((count, self.dimension)), box) for count in (30, 40)]

    def outputs(self, split: Any, batch_size: int = 16) -> Iterator[dict[str, Tensor]]:
        """Yield predictions and targets (b, targets), and those of each target by its name.

        Raises `BadInput` for what are no clouds, and for clouds without the targets.
        """
        data = split.data
        if not isinstance(data, Clouds):
            raise BadInput("The network reads clouds of points; give such as cosmo-mini-clouds.")
        columns = columns_of(data, self.targets)
        for rows in split.indices.split(batch_size):
            found = self(*self.batch(data.ready(rows)))
            true = data.targets[rows][:, columns].to(found)
            named = {
                f"{kind} {name}": each[:, place]
                for kind, each in (("predicted", found), ("true", true))
                for place, name in enumerate(self.targets)
            }
            yield {"prediction": found, "target": true, **named}

    def predict(
        self,
        cloud: Any = None,
        *,
        box: float | Sequence[float] | None = None,
        units: str = "Mpc/h",
        first: int | None = None,
    ) -> list[dict[str, Any]]:
        """Return the parameters of the cosmology that a cloud of points tells.

        `cloud` is a table with columns x, y and z, an .npz, an HDF5 file or an array (n, d); `box`
        the side of its periodic box, or one side an axis; `units` those of both (Mpc/h, kpc/h, Mpc,
        kpc). The first points alone are used where `first` says how many: a model knows clouds of
        the density that it was trained on, and a notice tells of another one. Raises `BadInput` for
        what is no cloud, and as `zoo_clouds.reading.read_cloud` does.
        """
        if cloud is None:
            raise BadInput(NOTHING)
        given = read_cloud(cloud, box=box, units=units)
        if first is not None:
            if not 1 <= first <= len(given):
                raise BadInput(f"first={first}; the cloud has {len(given)} points.")
            given = given.first(first)
        self.check(given)
        found = self(*self.batch([given]))[0]
        return [
            {"parameter": name, "value": float(value)}
            for name, value in zip(self.targets, found.detach(), strict=True)
        ]

    def embed(self, cloud: Any = None) -> Tensor:
        """Return the mean state of each cloud's points before the head, as rows (B, hidden).

        `cloud` is one as `predict` takes it in Mpc/h, or a view of a split.
        """
        if cloud is None:
            raise BadInput(NOTHING)
        indices = getattr(cloud, "indices", None)
        given = [read_cloud(cloud)] if indices is None else cloud.data.ready(indices)
        for one in given:
            self.check(one)
        return torch.cat([self.network.pooled(*self.batch([one])) for one in given])

    def check(self, cloud: Cloud) -> None:
        """Raise `BadInput` for what the network cannot read; tell of what it never saw."""
        if cloud.box.dimension != self.dimension:
            raise BadInput(
                f"The cloud has {cloud.box.dimension} dimensions; the model reads {self.dimension}."
            )
        farthest = self.network.cutoffs[-1]
        if float(cloud.box.sizes.min()) < 2 * farthest:
            raise BadInput(
                f"A side of the box is {cloud.box.sizes.min():g}; pairs up to {farthest:g} need "
                f"{2 * farthest:g} or more, so that no point is near two images of another."
            )
        volume = cloud.box.volume
        if len(cloud) > MOST_POINTS:
            notice(
                f"{len(cloud):,} points take about {len(cloud) * SECONDS:.0f} s, and "
                f"{len(cloud) * GIGABYTES:.1f} GB at the density that was trained on."
            )
        if not self.density:
            return
        if not np.isfinite(volume):
            notice("The box is open: the model was trained on periodic ones (give box=…).")
        elif not 0.9 < len(cloud) / volume / self.density < 1.1:
            suited = round(self.density * volume)
            notice(
                f"The cloud has {len(cloud):,} points; the model was trained at a density that "
                f"makes {suited:,} in this box, and what it says of others means little"
                + (f" (first={suited} takes so many)." if suited < len(cloud) else ".")
            )

    def fusion(self) -> list[Mapping[str, float]]:
        """Return for each layer the learned weight of each word."""
        return list(self.network.fusion())


def columns_of(data: Clouds, names: Sequence[str]) -> list[int]:
    """Return which columns of the targets have these names; raises `BadInput` for another."""
    for name in names:
        if name not in data.names:
            told = ", ".join(data.names) or "none"
            raise BadInput(f"These clouds have no target {name!r}; they have {told}.")
    return [list(data.names).index(name) for name in names]


def cloud_views(cloud: Cloud, cutoffs: Sequence[float]) -> list[View]:
    """Return the views of one cloud, near to far: edges (2, E), and vectors (E, d).

    Vectors go from sender to receiver, by the nearest images.
    """
    edges, gaps = edges_of([cloud], cutoffs[-1])
    # edges_of has sender minus receiver.
    place = view_of(gaps.double().norm(dim=1).numpy(), cutoffs[:-1], distances=True)
    rows = [torch.from_numpy(np.flatnonzero(place == view)) for view in range(len(cutoffs))]
    return [View(edges[:, row], -gaps[row]) for row in rows]
