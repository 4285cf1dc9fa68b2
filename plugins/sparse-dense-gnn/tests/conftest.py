"""Labelled graphs to train on, and registered data without a download."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from zoo_graphs.graph import Graph

import zoo
import zoo_core.files
from zoo_core import DataError, Run


@pytest.fixture(autouse=True)
def no_download(monkeypatch):
    def refuse(file, url):
        raise DataError(f"{file.path} is not in the mirror, and tests download nothing.")

    monkeypatch.setattr(zoo_core.files, "_download", refuse)


@pytest.fixture(scope="session")
def dataset():
    """Registered data by name and options, or a skipped test where they are not at hand."""

    def data_or_skip(name: str, **options: Any) -> Graph:
        try:
            return zoo.dataset(name, **options)
        except DataError as error:
            pytest.skip(str(error))

    return data_or_skip


@pytest.fixture(scope="session")
def make_run():
    """A run on a graph of 60 nodes with 20 features and three classes, all of them seeded."""
    return _make_run


def _make_run(seed=0, edge_seed=0):
    rng = np.random.default_rng(seed)
    labels = np.arange(60) % 3
    edges = np.random.default_rng(edge_seed).integers(0, 60, (2, 360))
    edges = edges[:, (labels[edges[0]] == labels[edges[1]]) | (edges.sum(axis=0) % 10 == 0)]
    features = rng.normal(size=(60, 20)) + 2 * np.eye(3, 20)[labels]
    order = rng.permutation(60)
    masks = {split: np.zeros(60, bool) for split in ("train", "val", "test")}
    for split, part in zip(masks, np.split(order, [30, 45]), strict=True):
        masks[split][part] = True
    data = Graph.from_edges(edges, features, labels, masks, class_names=("a", "b", "c"))
    return Run(data=data, seed=seed)
