"""Signals on a random graph whose symmetry is known: permutations within its communities."""

from __future__ import annotations

import numpy as np
import torch

from zoo_approx_equivariant.coarsening import nested, symmetric_weights
from zoo_approx_equivariant.data import Signals
from zoo_core import BadInput

COMMUNITIES = 6
COUNTS = (1, 2, 3, 6, 12, 24)


def planted(
    signals: int = 120, nodes: int = 48, noise: float = 0.3, broken: float = 0.1, seed: int = 0
) -> Signals:
    """Return signals x and y = W x + noise on a graph of six communities of equal size.

    W commutes with permutations within communities but for a random part, whose share of the
    spread is `broken`; the graph is drawn with edges within communities (0.8) and few between them
    (0.04). Its partitions come of the graph alone. Raises `BadInput` for sizes that leave nothing.
    """
    if signals < 20 or nodes < 2 * COMMUNITIES or nodes % COMMUNITIES:
        raise BadInput(
            f"signals={signals}, nodes={nodes}; expected 20 signals or more, and a multiple of "
            f"{COMMUNITIES} nodes, {2 * COMMUNITIES} or more."
        )
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(nodes) % COMMUNITIES)
    chance = np.where(labels[:, None] == labels[None, :], 0.8, 0.04)
    upper = np.triu(rng.random((nodes, nodes)) < chance, 1)
    adjacency = (upper | upper.T).astype(np.float64)
    between = rng.standard_normal((COMMUNITIES, COMMUNITIES))
    own = rng.standard_normal(COMMUNITIES)
    size = nodes // COMMUNITIES
    tied = between[labels][:, labels] / size + np.diag(own[labels])
    loose = rng.standard_normal((nodes, nodes)) / np.sqrt(nodes)
    maps = tied + broken * loose * np.linalg.norm(tied) / np.linalg.norm(loose)
    x = rng.standard_normal((signals, nodes))
    y = x @ maps.T
    y += noise * y.std() * rng.standard_normal(y.shape)
    test = signals // 4
    kept = signals // 5
    order = torch.from_numpy(rng.permutation(signals))
    weights, _ = symmetric_weights(adjacency)
    return Signals(
        inputs=torch.from_numpy(x).float()[..., None],
        targets=torch.from_numpy(y).float()[..., None],
        rows={
            "train": order[test + kept :],
            "val": order[test : test + kept],
            "test": order[:test],
        },
        partitions=nested(weights, [count for count in COUNTS if count < nodes]),
        facts={"signals": signals, "nodes": nodes, "communities": COMMUNITIES},
    )
