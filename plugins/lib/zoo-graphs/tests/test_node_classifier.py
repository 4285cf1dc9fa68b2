"""What node classifiers share: one door for graphs, classes by name, bounded memory."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from zoo_graphs import layers
from zoo_graphs.graph import Graph
from zoo_graphs.layers import FeedForward, in_batches
from zoo_graphs.node_classifier import GraphNetwork
from zoo_graphs.training import make_module

from zoo_core import BadInput, Run

EDGES = np.array([[0, 1, 2, 3], [1, 2, 3, 0]])
X = np.eye(5, 3)
LABELS = np.array([0, 1, 2, 1, 0])


class Linear(GraphNetwork):
    """Sums over neighbours, so that every logit can be computed by hand."""

    def __init__(self, in_features, num_classes, class_names=None):
        super().__init__(in_features, num_classes, class_names)
        self.layer = torch.nn.Linear(in_features, num_classes)

    def propagate(self, operator, features):
        return operator.to_dense() @ self.layer(features.to_dense())


class Signed(Linear):
    takes_negative_weights = True


def graph(weights=None, names=("a", "b", "c"), labels=LABELS):
    masks = {"train": np.arange(5) < 3, "val": np.arange(5) == 3, "test": np.arange(5) == 4}
    return Graph.from_edges(
        EDGES, X, labels, masks, class_names=names, edge_weights=weights, layout="columns"
    )


NEGATIVE = [1, 1, -0.5, 1]
DOORS = {
    "predict": lambda module, data: module.predict(data),
    "evaluate": lambda module, data: list(module.outputs(data.split("test"))),
    "train": lambda module, data: make_module(Run(data=data, seed=0, make=type(module))),
}


@pytest.mark.parametrize("door", DOORS)
def test_negative_weights_are_refused_at_every_door(door):
    module = Linear(3, 3, list("abc"))
    DOORS[door](module, graph([1, 1, 0, 1]))
    with pytest.raises(BadInput, match=r"negative edge weights, the first is -0.5 of \(2, 3\)"):
        DOORS[door](module, graph(NEGATIVE))
    DOORS[door](Signed(3, 3, list("abc")), graph(NEGATIVE))


@pytest.mark.parametrize(
    ("names", "expected"),
    [("abc", [0, 1, 2]), ("cab", [2, 0, 1]), ("012", [0, 1, 2])],
)
def test_classes_are_matched_by_name(names, expected):
    module = Linear(3, 3, list("abc"))
    labels = LABELS % len(names)
    (found,) = module.outputs(graph(names=tuple(names), labels=labels).split("train"))
    assert found["target"].tolist() == [expected[label] for label in labels[:3]]


@pytest.mark.parametrize("names", ["abd", "ab", "01", "0123"])
def test_unknown_classes_are_refused(names):
    labels = LABELS % len(names)
    with pytest.raises(BadInput, match="this model's are a, b, c"):
        list(
            Linear(3, 3, list("abc")).outputs(
                graph(names=tuple(names), labels=labels).split("test")
            )
        )


def test_batches_give_what_the_whole_gives(monkeypatch):
    readout = FeedForward(4, 8, 3).eval()
    inputs = torch.randn(25, 4, generator=torch.Generator().manual_seed(0))
    whole = in_batches(lambda part: readout(part[0]), [inputs])
    sizes = []
    monkeypatch.setattr(layers, "BATCH", 10)

    def counted(part):
        sizes.append(len(part[0]))
        return readout(part[0])

    torch.testing.assert_close(in_batches(counted, [inputs]), whole)
    assert sizes == [10, 10, 5]
