"""Networks on merger trees: a DeepSet, which sees haloes alone, and one that passes messages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from zoo_graphs.graph_set_tensors import graph_of_node

from zoo_core import BadInput, Media, Split, notice
from zoo_cosmobench.trees.drawing import drawn_tree
from zoo_cosmobench.trees.forest import FEATURES, NAMES, Forest, Trees
from zoo_cosmobench.trees.reading import read_forest, table_of
from zoo_cosmobench.trees.samples import example_forest

NOTHING = "Give merger trees: a table with a row for each halo, say trees.csv."


def two_layers(inputs: int, hidden: int, outputs: int) -> nn.Sequential:
    """Return a perceptron with one hidden layer."""
    return nn.Sequential(nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, outputs))


def passed(edges: Tensor, hidden: Tensor) -> Tensor:
    """Return each node's own numbers and the sum over those that have an edge (2, e) to it."""
    return hidden.index_add(0, edges[1], hidden[edges[0]])


class TreeNetwork(nn.Module):
    """Merger trees to Omega_m and sigma_8: layers on haloes, their mean, a perceptron.

    A layer is h_i <- MLP(h_i + sum over the children of h_c); without `messages` it is MLP(h_i),
    and with one such layer the network is a DeepSet. Five layers of width 16 with messages are the
    benchmark's MPNN (2,834 weights), one without is its DeepSet (658).

    `mean` and `spread` (3,) standardise the logarithms of the haloes' features, `centre` and
    `scale` (2,) are those of the targets, `extent` (2, 4) the least and the largest features, all
    of the trees trained on. `reach` (2,) is how far 95 % of the predictions for trees of the
    validation part are from the truth, at most. Raises `BadInput` for a network without layers.
    """

    mean: Tensor
    spread: Tensor
    centre: Tensor
    scale: Tensor
    extent: Tensor
    reach: Tensor

    def __init__(
        self,
        layers: int = 5,
        hidden: int = 16,
        messages: bool = True,
        names: Sequence[str] = NAMES,
    ) -> None:
        super().__init__()
        if layers < 1 or hidden < 1 or not names:
            raise BadInput(f"layers={layers}, hidden={hidden}; expected 1 or more, and a target.")
        self.messages, self.names = messages, tuple(names)
        widths = [len(FEATURES), *[hidden] * (layers - 1)]
        self.layers = nn.ModuleList(two_layers(width, hidden, hidden) for width in widths)
        self.head = two_layers(hidden, hidden, len(self.names))
        logs, targets = len(FEATURES) - 1, len(self.names)
        self.register_buffer("mean", torch.zeros(logs))
        self.register_buffer("spread", torch.ones(logs))
        self.register_buffer("centre", torch.zeros(targets))
        self.register_buffer("scale", torch.ones(targets))
        self.register_buffer("extent", torch.zeros(2, len(FEATURES)))
        self.register_buffer("reach", torch.zeros(targets))

    def forward(self, edges: Tensor, offsets: Tensor, features: Tensor) -> Tensor:
        """Return targets (t, 2) of t trees of n haloes.

        `edges` (2, e) go from child to parent, tree i has the haloes offsets[i] to
        offsets[i + 1] - 1, and `features` (n, 4) are those of `zoo_cosmobench.trees.forest`.
        """
        found: Tensor = self.head(self.pooled(edges, offsets, features))
        return self.centre + self.scale * found

    def pooled(self, edges: Tensor, offsets: Tensor, features: Tensor) -> Tensor:
        """Return the mean over each tree's haloes of what the layers make of them, (t, hidden)."""
        hidden = torch.cat([(features[:, :-1] - self.mean) / self.spread, features[:, -1:]], 1)
        for layer in self.layers:
            hidden = layer(passed(edges, hidden) if self.messages else hidden)
        tree = graph_of_node(offsets, features.shape[0])
        summed = hidden.new_zeros(offsets.shape[0] - 1, hidden.shape[1]).index_add(0, tree, hidden)
        return summed / offsets.diff()[:, None]

    def example_inputs(self, seed: int) -> tuple[Tensor, Tensor, Tensor]:
        """Return three small trees."""
        return example_forest(seed).tensors()

    def example_sources(self, seed: int) -> Sequence[Any]:
        """Return a table of three trees."""
        return [table_of(example_forest(seed))]

    def outputs(self, split: Any, batch_size: int = 128) -> Iterator[dict[str, Tensor]]:
        """Yield predictions and targets (B, 2) of the trees of a split, in turn.

        Raises `BadInput` for what are no trees with these targets.
        """
        data, device = check_trees(split.data, self.names), self.centre.device
        for rows in split.indices.split(batch_size):
            inputs = (one.to(device) for one in data.forest.take(rows.numpy()).tensors())
            yield {"prediction": self(*inputs), "target": data.targets[rows].to(device)}

    def predict(
        self,
        trees: Any = None,
        *,
        mass_unit: str = "Msun/h",
        h: float | None = None,
        picture: bool = False,
    ) -> Any:
        """Return Omega_m and sigma_8 of merger trees, each with its 95 % interval.

        `trees` is a table with a row for each halo (CSV, and what else `zoo_tables` reads), an
        .npz, or a file of PyTorch Geometric trees: see `zoo_cosmobench.trees.reading.read_forest`.
        Masses are in `mass_unit`, "Msun/h", or "Msun" with the Hubble constant `h`. With `picture`
        a tree is drawn instead. Intervals are those of trees like the ones trained on; haloes
        unlike all of those are told by a notice. Raises `BadInput` for what is no merger tree.
        """
        if trees is None:
            raise BadInput(NOTHING)
        forest = read_forest(trees, mass_unit=mass_unit, h=h)
        if picture:
            return picture_of(forest)
        self._warn(forest)
        inputs = (one.to(self.centre.device) for one in forest.tensors())
        found, reach = self(*inputs).double().cpu(), self.reach.double().cpu()
        return [
            {
                "tree": number,
                "haloes": int(forest.sizes[number]),
                "parameter": name,
                "value": round(value, 4),
                "from": round(value - most, 4),
                "to": round(value + most, 4),
            }
            for number, values in enumerate(found.tolist())
            for name, value, most in zip(self.names, values, reach.tolist(), strict=True)
        ]

    def _warn(self, forest: Forest) -> None:
        least, most = self.extent.cpu().numpy()
        outside = (forest.features < least - 1e-4) | (forest.features > most + 1e-4)
        wrong = np.flatnonzero(outside.any(0))
        if len(wrong):
            column = int(wrong[0])
            notice(
                f"{int(outside.any(1).sum())} of {len(outside)} haloes are unlike all of those "
                f"trained on, where the network knows nothing: {FEATURES[column]} was "
                f"{least[column]:.3g} to {most[column]:.3g}."
            )

    def embed(self, trees: Any = None) -> Tensor:
        """Return the mean over each tree's haloes before the head, (t, hidden).

        `trees` are as `predict` takes them, or a view of a split.
        """
        if trees is None:
            raise BadInput(NOTHING)
        if isinstance(trees, Split):
            forest = check_trees(trees.data, self.names).forest.take(trees.indices.numpy())
        else:
            forest = read_forest(trees)
        return self.pooled(*(one.to(self.centre.device) for one in forest.tensors()))


def picture_of(forest: Forest) -> Media:
    """Return the drawing of one tree; raises `BadInput` for several."""
    if len(forest) > 1:
        raise BadInput(f"One tree is drawn at a time; {len(forest)} are given.")
    return Media(
        contents={f".{kind}": partial(drawn_tree, forest, kind) for kind in ("svg", "png")},
        told="the merger tree: time upwards, masses as areas, the heaviest line straight",
    )


def check_trees(data: Any, names: Sequence[str]) -> Trees:
    """Return the data if they are merger trees with these targets; raises `BadInput`."""
    if not isinstance(data, Trees):
        raise BadInput("The network takes merger trees, such as cosmo-mini-trees.")
    if tuple(data.names) != tuple(names):
        raise BadInput(
            f"The trees have the targets {', '.join(data.names)}; the network has "
            f"{', '.join(names)}."
        )
    return data
