"""A user's folder of graph files, and no downloads."""

from __future__ import annotations

import numpy as np
import pytest
from zoo_spectral_failure_gcn.data import two_blocks


@pytest.fixture(autouse=True)
def surroundings(no_network, monkeypatch):
    """Data come from the mirror and the cache alone; errors are one sentence."""
    monkeypatch.delenv("ZOO_TRACEBACK", raising=False)


@pytest.fixture(scope="session")
def home(tmp_path_factory):
    """A user's folder: a graph without features, in several files."""
    graph = two_blocks(n=60, a=0.6, b=0.1, seed=0)
    edges, labels = graph.edges, graph.labels
    folder = tmp_path_factory.mktemp("home")
    np.savetxt(folder / "edges.txt", edges.T, fmt="%d")
    np.savez(folder / "plain.npz", edges=edges)
    np.savez(folder / "labelled.npz", edges=edges, labels=labels, class_names=np.array(["a", "b"]))
    np.savez(folder / "featured.npz", edges=edges, labels=labels, features=np.eye(60))
    return folder
