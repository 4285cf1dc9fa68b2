"""A network that says at which mergers of a coarse tree another merger is hidden."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from zoo_core import BadInput
from zoo_cosmobench.trees.forest import FEATURES
from zoo_cosmobench.trees.infilling import ANSWERS, Infill, questions
from zoo_cosmobench.trees.networks import passed, two_layers
from zoo_cosmobench.trees.preparation import binarised, heaviest_two
from zoo_cosmobench.trees.reading import read_forest
from zoo_cosmobench.trees.samples import example_forest


class InfillNetwork(nn.Module):
    """Trees with virtual nodes to the two answers of each: layers of messages, a perceptron.

    A layer is h_i <- MLP(h_i + sum over the edges j -> i of h_j). With four layers of width 16 it
    has 2,290 weights. Raises `BadInput` for a network without layers.
    """

    def __init__(self, layers: int = 4, hidden: int = 16) -> None:
        super().__init__()
        if layers < 1 or hidden < 1:
            raise BadInput(f"layers={layers}, hidden={hidden}; expected 1 or more.")
        widths = [len(FEATURES), *[hidden] * (layers - 1)]
        self.layers = nn.ModuleList(two_layers(width, hidden, hidden) for width in widths)
        self.head: nn.Sequential = two_layers(hidden, hidden, len(ANSWERS))

    def forward(self, edges: Tensor, features: Tensor, virtual: Tensor) -> Tensor:
        """Return logits (m, 2) of virtual nodes (m,).

        `edges` (2, e) go from child to parent and into virtual nodes; `features` (n, 4) are those
        of `zoo_cosmobench.trees.infilling.Questions`.
        """
        hidden = features
        for layer in self.layers:
            hidden = layer(passed(edges, hidden))
        found: Tensor = self.head(hidden[virtual])
        return found

    def example_inputs(self, seed: int) -> tuple[Tensor, Tensor, Tensor]:
        """Return the questions of a small tree."""
        return questions(binarised(example_forest(seed, (20,)))).one(0)

    def outputs(self, split: Any) -> Iterator[dict[str, Tensor]]:
        """Yield logits (m, 2) and targets (m,) of each tree of a split.

        Raises `BadInput` for what are no trees with hidden mergers.
        """
        data, device = split.data, next(self.parameters()).device
        if not isinstance(data, Infill):
            raise BadInput("The network asks for hidden mergers; give cosmo-mini-infill, say.")
        for tree in split.indices:
            inputs = (one.to(device) for one in data.questions.one(int(tree)))
            labels = data.labels[data.mergers_of(tree[None])]
            yield {"logits": self(*inputs), "target": labels.to(device)}

    def predict(
        self, trees: Any = None, *, mass_unit: str = "Msun/h", h: float | None = None
    ) -> list[dict[str, Any]]:
        """Return, for each merger of coarse merger trees, how probably another one is hidden.

        That is a merger at a time that was left out, on the way from one of its two children.
        `trees` and the units are those of `zoo predict cosmo-mpnn-trees-mini`; a halo keeps its two
        heaviest children. Haloes are told by their row within the tree, as they are given. Raises
        `BadInput` for what is no merger tree, and trees without a merger.
        """
        if trees is None:
            raise BadInput("Give merger trees: a table with a row for each halo, say trees.csv.")
        forest = read_forest(trees, mass_unit=mass_unit, h=h)
        keep = heaviest_two(forest)
        binary = forest.kept(keep, forest.parent)
        asked = questions(binary)
        inputs = (
            torch.from_numpy(one).to(next(self.parameters()).device)
            for one in (asked.edges, asked.features, asked.virtual)
        )
        found = self(*inputs).double().softmax(1)[:, 1].cpu().tolist()
        given = np.flatnonzero(keep)[np.flatnonzero(binary.children == 2)]
        tree = forest.tree[given]
        return [
            {"tree": int(one), "halo": int(place), "merger hidden": round(probability, 4)}
            for one, place, probability in zip(
                tree, given - forest.offsets[tree], found, strict=True
            )
        ]
