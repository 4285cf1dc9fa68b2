"""Small modules and graphs that several test files build."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from zoo_graphs.graph import Graph

P, C = 12, 3  # features and classes of the small modules


@pytest.fixture(autouse=True)
def _offline(no_network):
    """Read the mirror and the cache, but download nothing."""


@pytest.fixture(scope="session")
def build():
    """Return build(architecture, config, seed=0): a module with random weights and buffers."""

    def build(architecture, config, seed=0):
        torch.manual_seed(seed)
        module = architecture(in_features=P, num_classes=C, **config).eval()
        for buffer in module.buffers():
            buffer.normal_()
        return module

    return build


@pytest.fixture(scope="session")
def graph():
    """Return graph(n=30, p=12, seed=0): a random labelled graph without test nodes."""

    def graph(n=30, p=P, seed=0):
        rng = np.random.default_rng(seed)
        edges = rng.integers(0, n, (2, 3 * n))
        masks = {"train": np.arange(n) < 15, "val": np.arange(n) >= 20}
        return Graph.from_edges(
            edges, rng.random((n, p)), rng.integers(0, C, n), masks, class_names=("a", "b", "c")
        )

    return graph
