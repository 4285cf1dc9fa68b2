"""Many merger trees in flat arrays, and what every one of them must be."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from zoo_core import BadInput, Split

Places = NDArray[np.int64]

FEATURES = ("log10_mass", "log10_concentration", "log10_vmax", "a")
"""Of a halo: log10 of its mass in Msun/h, of its concentration, of its greatest circular velocity
in km/s; and the scale factor of the universe."""
NAMES = ("Omega_m", "sigma_8")


@dataclass(frozen=True)
class Forest:
    """Trees of haloes, tree by tree.

    `features` (n, 4) float32 are `FEATURES`; `parent` (n,) is the place of each halo's descendant
    in these arrays, later in time, and -1 for a root; tree i has the nodes `offsets[i]` to
    `offsets[i + 1]` - 1. `lengths` (n,) are how many nodes the way to the parent has, both ends
    counted, where linear nodes were contracted (2 where nothing was; of a root it means nothing).
    """

    features: NDArray[np.float32]
    parent: Places
    offsets: Places
    lengths: NDArray[np.float32]

    @classmethod
    def of(cls, features: Any, parent: Any, offsets: Any, lengths: Any = None) -> Forest:
        """Return checked trees; raises `BadInput` as `check` does, and for shapes that differ."""
        nodes = np.asarray(features, np.float32)
        if nodes.ndim != 2 or nodes.shape[1] != len(FEATURES):
            raise BadInput(
                f"The haloes have features of shape {nodes.shape}; expected (n, {len(FEATURES)}): "
                f"{', '.join(FEATURES)}."
            )
        ways = np.full(len(nodes), 2) if lengths is None else np.asarray(lengths)
        found = cls(
            nodes,
            np.asarray(parent, np.int64),
            np.asarray(offsets, np.int64),
            ways.astype(np.float32),
        )
        found.check()
        return found

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def sizes(self) -> Places:
        """How many haloes each tree has, (t,)."""
        return np.diff(self.offsets)

    @cached_property
    def tree(self) -> Places:
        """Which tree each node belongs to, (n,)."""
        return np.repeat(np.arange(len(self)), self.sizes)

    @cached_property
    def children(self) -> Places:
        """How many children each node has, (n,)."""
        return np.bincount(self.parent[self.parent >= 0], minlength=len(self.parent))

    @property
    def edges(self) -> Places:
        """From each child to its parent, (2, n - trees)."""
        child = np.flatnonzero(self.parent >= 0)
        return np.stack([child, self.parent[child]])

    def take(self, trees: Any) -> Forest:
        """Return some of the trees, in the order of their numbers."""
        chosen = np.asarray(trees, np.int64).reshape(-1)
        sizes = self.sizes[chosen]
        offsets = np.concatenate([[0], np.cumsum(sizes)])
        shift = np.repeat(self.offsets[chosen] - offsets[:-1], sizes)
        nodes = np.arange(offsets[-1]) + shift
        parent = self.parent[nodes]
        return Forest(
            self.features[nodes],
            np.where(parent < 0, -1, parent - shift),
            offsets,
            self.lengths[nodes],
        )

    def kept(self, keep: NDArray[np.bool_], parent: Places, lengths: Any = None) -> Forest:
        """Return the nodes of a mask (n,), with new parents (n,) among them, or -1."""
        place = np.cumsum(keep) - 1
        sizes = np.bincount(self.tree[keep], minlength=len(self))
        ways = self.lengths if lengths is None else np.asarray(lengths, np.float32)
        moved = np.where(parent < 0, -1, place[parent])
        return Forest(
            self.features[keep],
            moved[keep],
            np.concatenate([[0], np.cumsum(sizes)]),
            ways[keep],
        )

    def check(self) -> None:
        """Raise `BadInput` for what is no merger tree.

        Each has one root, no circle, no value that is not finite, scale factors in (0, 1] that grow
        from child to parent, and at least a halo.
        """
        nodes = len(self.parent)
        if len(self.features) != nodes or len(self.lengths) != nodes:
            raise BadInput(f"{len(self.features)} haloes have {nodes} parents; give each one.")
        bounds = self.offsets
        if not len(bounds) or bounds[0] != 0 or bounds[-1] != nodes or (np.diff(bounds) < 0).any():
            raise BadInput(f"The trees do not begin and end within their {nodes} haloes.")
        if not len(self):
            raise BadInput("There is no tree; give a halo at least.")
        empty = np.flatnonzero(np.diff(bounds) == 0)
        if len(empty):
            raise BadInput(f"Tree {empty[0]} has no halo; leave it out.")
        bad = np.argwhere(~np.isfinite(self.features))
        if len(bad):
            self._refuse(bad[0, 0], f"has {FEATURES[bad[0, 1]]} that is no finite number")
        self._check_roots()
        self._check_times()

    def _check_roots(self) -> None:
        parent = self.parent
        outside = np.flatnonzero(parent >= len(parent))
        inside = np.flatnonzero(parent >= 0)
        inside = inside[parent[inside] < len(parent)]
        strangers = inside[self.tree[inside] != self.tree[parent[inside]]]
        for node in (*outside[:1], *strangers[:1], *np.flatnonzero(parent < -1)[:1]):
            self._refuse(node, "has a parent that is no halo of its tree")
        roots = np.bincount(self.tree[parent < 0], minlength=len(self))
        wrong = np.flatnonzero(roots != 1)
        if len(wrong):
            number = int(roots[wrong[0]])
            told = "no root: its haloes go round in a circle" if not number else f"{number} roots"
            raise BadInput(f"Tree {wrong[0]} has {told}; expected one halo without a descendant.")

    def _check_times(self) -> None:
        # A scale factor that grows along every edge leaves no room for a circle.
        a = self.features[:, 3]
        wrong = np.flatnonzero((a <= 0) | (a > 1))
        if len(wrong):
            self._refuse(wrong[0], f"has the scale factor {a[wrong[0]]:g}; expected 0 < a <= 1")
        child, parent = self.edges
        wrong = child[a[child] >= a[parent]]
        if len(wrong):
            node = wrong[0]
            self._refuse(
                node,
                f"is at a = {a[node]:g} and its descendant at a = {a[self.parent[node]]:g}; "
                "expected a descendant later in time",
            )

    def _refuse(self, node: int, told: str) -> None:
        tree = int(self.tree[node])
        raise BadInput(f"Halo {int(node - self.offsets[tree])} of tree {tree} {told}.")

    def tensors(self) -> tuple[Tensor, Tensor, Tensor]:
        """Return what networks take: edges (2, e), offsets (t + 1,), features (n, 4)."""
        edges, offsets, features = (
            torch.from_numpy(one) for one in (self.edges, self.offsets, self.features)
        )
        return edges, offsets, features


def joined(forests: Sequence[Forest]) -> Forest:
    """Return the trees of several forests after one another."""
    starts = np.cumsum([0, *(len(one.parent) for one in forests)])
    return Forest(
        np.concatenate([one.features for one in forests]),
        np.concatenate(
            [
                np.where(one.parent < 0, -1, one.parent + low)
                for one, low in zip(forests, starts, strict=False)
            ]
        ),
        np.concatenate(
            [[0], *(one.offsets[1:] + low for one, low in zip(forests, starts, strict=False))]
        ),
        np.concatenate([one.lengths for one in forests]),
    )


@dataclass(frozen=True)
class Trees:
    """Merger trees with the cosmology that each grew in, in splits.

    `source` are the trees, or what makes them when they are first asked for. `targets` (t, 2) are
    `NAMES`; `simulations` (t,) tells which trees share a universe: splits are by universe. `rows`
    maps each split to its trees.
    """

    source: Forest | Callable[[], Forest]
    targets: Tensor
    simulations: Tensor
    rows: Mapping[str, Tensor]
    names: Sequence[str] = NAMES
    facts: Mapping[str, int | str] = field(default_factory=dict)

    @cached_property
    def forest(self) -> Forest:
        """The trees."""
        return self.source() if callable(self.source) else self.source

    @property
    def splits(self) -> tuple[str, ...]:
        """The names of the splits."""
        return tuple(self.rows)

    def split(self, name: str) -> Split:
        """Return the view of one split."""
        return Split(self, name, self.rows[name])
