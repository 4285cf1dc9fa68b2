"""What the tests share: no network, small images, and a user's folder with signals on a graph."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image


@pytest.fixture(autouse=True)
def surroundings(no_network, monkeypatch):
    monkeypatch.delenv("ZOO_TRACEBACK", raising=False)


@pytest.fixture(scope="session")
def blocks():
    """Two communities of five nodes, joined by one edge, with signals.

    The map is y = x + the mean of x over the community, so that within communities nodes are
    alike.
    """
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1], 5)
    adjacency = (labels[:, None] == labels[None, :]).astype(float) - np.eye(10)
    adjacency[4, 5] = adjacency[5, 4] = 1
    x = rng.standard_normal((60, 10))
    means = np.stack([x[:, labels == k].mean(1) for k in (0, 1)], 1)
    y = x + 3 * means[:, labels] * np.array([1, -1])[labels]
    return {"signals": x, "targets": y, "adjacency": adjacency}


@pytest.fixture(scope="session")
def home(tmp_path_factory, blocks):
    """A user's folder: signals with a graph, and small pictures of stripes."""
    folder = tmp_path_factory.mktemp("home")
    np.savez(folder / "mysignals.npz", **blocks)
    rng = np.random.default_rng(0)
    (folder / "pictures").mkdir()
    for i in range(20):
        image = np.repeat(rng.integers(0, 255, (1, 12)), 12, 0).astype(np.uint8)
        Image.fromarray(image).save(folder / "pictures" / f"{i:02}.png")
    return folder


@pytest.fixture
def run(home, monkeypatch, zoo_here):
    """The shell, in the user's folder."""
    monkeypatch.chdir(home)
    return zoo_here
