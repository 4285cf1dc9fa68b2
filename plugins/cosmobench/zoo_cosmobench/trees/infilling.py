"""Task 4: was a merger hidden where times were left out? Virtual nodes and their answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from zoo_core import BadInput, Split
from zoo_cosmobench.trees.forest import Forest, Places
from zoo_cosmobench.trees.mini import cosmo_mini_trees
from zoo_cosmobench.trees.preparation import (
    binarised,
    coarsened,
    contracted,
    heaviest_two,
    kept_times,
)

LARGEST = 120
"""So many trees of `cosmo-mini-trees` are infilled."""
SIZES = {"train": 72, "val": 24, "test": 24}
LINEAR_BELOW = 13.0
"""Linear haloes below this log10 of mass are contracted in `cosmo-mini-infill`."""
_SEED = 42
ANSWERS = ("none hidden", "merger hidden")


@dataclass(frozen=True)
class Questions:
    """Graphs of trees with a virtual node for each merger, tree by tree.

    `features` (n, 4): log10 of mass, concentration and v_max, standardised within the tree, and the
    scale factor; all 0 for a virtual node. `edges` (2, e) go from child to parent, and to each
    virtual node from its merger and both children. `virtual` (m,) are the virtual nodes, `about`
    (m, 3) the merger and its children, the heavier first. `nodes` and `mergers` (t + 1,) are where
    each tree begins.
    """

    features: NDArray[np.float32]
    edges: Places
    virtual: Places
    about: Places
    nodes: Places
    mergers: Places

    def __len__(self) -> int:
        return len(self.nodes) - 1

    @property
    def local(self) -> NDArray[np.float32]:
        """The features of each merger and its two children, (m, 12)."""
        return self.features[self.about].reshape(len(self.about), -1)

    def one(self, tree: int) -> tuple[Tensor, Tensor, Tensor]:
        """Return what the network takes of one tree: edges, features, virtual nodes."""
        low, high = self.nodes[tree : tree + 2]
        first, last = self.mergers[tree : tree + 2]
        inside = (self.edges[0] >= low) & (self.edges[0] < high)
        return (
            torch.from_numpy(self.edges[:, inside] - low),
            torch.from_numpy(self.features[low:high]),
            torch.from_numpy(self.virtual[first:last] - low),
        )


Asked = tuple[Questions, Tensor]


@dataclass(frozen=True)
class Infill:
    """Questions with their answers, in splits: `labels` (m,) are 1 where a merger was hidden.

    `source` are both, or what makes them when they are first asked for. `rows` maps each split to
    its trees.
    """

    source: Asked | Callable[[], Asked]
    rows: Mapping[str, Tensor]
    facts: Mapping[str, int | str] = field(default_factory=dict)
    answers: Sequence[str] = ANSWERS

    @cached_property
    def asked(self) -> Asked:
        """The questions, and the answers (m,)."""
        return self.source() if callable(self.source) else self.source

    @property
    def questions(self) -> Questions:
        """The questions."""
        return self.asked[0]

    @property
    def labels(self) -> Tensor:
        """The answers (m,)."""
        return self.asked[1]

    @property
    def splits(self) -> tuple[str, ...]:
        """The names of the splits."""
        return tuple(self.rows)

    @property
    def metric_options(self) -> Mapping[str, int]:
        """What metrics of classes need."""
        return {"num_classes": len(self.answers)}

    def split(self, name: str) -> Split:
        """Return the view of one split."""
        return Split(self, name, self.rows[name])

    def mergers_of(self, trees: Tensor) -> Tensor:
        """Return the numbers of the questions of some trees."""
        bounds = self.questions.mergers
        return torch.cat(
            [torch.arange(bounds[one], bounds[one + 1]) for one in trees.tolist()]
            or [torch.zeros(0, dtype=torch.int64)]
        )


def questions(forest: Forest) -> Questions:
    """Add a virtual node to each merger of binary trees; raises `BadInput` where there is none."""
    merger = np.flatnonzero(forest.children == 2)
    if not len(merger):
        raise BadInput("No halo of the trees has two children, so there is nothing to infill.")
    child, parent = forest.edges
    order = np.lexsort((child, -forest.features[child, 0], parent))
    first = np.searchsorted(parent[order], merger)
    about = np.stack([merger, child[order[first]], child[order[first + 1]]], 1)
    # The nodes of a tree come first, then its virtual ones.
    asked = np.bincount(forest.tree[merger], minlength=len(forest))
    before = np.concatenate([[0], np.cumsum(asked)])
    moved = np.arange(len(forest.parent)) + before[forest.tree]
    virtual = np.arange(len(merger)) + forest.offsets[forest.tree[merger] + 1]
    features = np.zeros((len(moved) + len(merger), forest.features.shape[1]), np.float32)
    features[moved] = standardised(forest)
    into = np.stack([moved[about].ravel(), np.repeat(virtual, about.shape[1])])
    edges = np.concatenate([moved[forest.edges], into], 1)
    return Questions(
        features=features,
        edges=edges[:, np.argsort(edges[0], kind="stable")],
        virtual=virtual,
        about=moved[about],
        nodes=forest.offsets + before,
        mergers=before,
    )


def standardised(forest: Forest) -> NDArray[np.float32]:
    """Return features whose first three have mean 0 and spread 1 within each tree.

    A feature that is the same for all haloes of a tree becomes 0.
    """
    logs, tree = forest.features[:, :3].astype(np.float64), forest.tree
    count = np.diff(forest.offsets)[:, None]

    def mean(values: NDArray[np.float64], of: NDArray[np.int64]) -> NDArray[np.float64]:
        sums = np.stack([np.bincount(tree, one, len(count)) for one in values.T], 1)
        return np.asarray(sums / of)

    centred = logs - mean(logs, count)[tree]
    spread = np.sqrt(mean(centred**2, np.maximum(count - 1, 1)))
    scaled = centred / np.where(spread > 1e-6, spread, np.inf)[tree]
    return np.concatenate([scaled, forest.features[:, 3:]], 1).astype(np.float32)


def coarse_questions(
    forest: Forest, times: NDArray[np.float32] | None = None
) -> tuple[Questions, Tensor]:
    """Return the questions of trees from which times are left out, and the answers (m,).

    `times` are the scale factors that stay (default: `kept_times`).
    """
    coarse, hidden = coarsened(binarised(forest), kept_times(forest) if times is None else times)
    keep = heaviest_two(coarse)
    binary = coarse.kept(keep, coarse.parent)
    answers = hidden[keep][binary.children == 2]
    return questions(binary), torch.from_numpy(answers.astype(np.int64))


def cosmo_mini_infill() -> Infill:
    """Return the questions of the 120 largest trees of `cosmo-mini-trees`, of which half the times
    are left out.

    Linear haloes below 1e13 Msun/h are contracted first: on a regular grid of times a tree of
    extended Press-Schechter is Markov, and what is left of it says nothing of what was hidden.
    """
    order = torch.from_numpy(np.random.default_rng(_SEED).permutation(LARGEST))
    rows = dict(zip(SIZES, torch.split(order, list(SIZES.values())), strict=True))
    return Infill(_largest, rows, facts={"trees": LARGEST})


def _largest() -> Asked:
    forest = cosmo_mini_trees().forest
    largest = np.argsort(-forest.sizes, kind="stable")[:LARGEST]
    return coarse_questions(contracted(forest.take(largest), LINEAR_BELOW))
