"""The distance and the classifier by the nearest reference, as modules."""

from __future__ import annotations

from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
import torch
from zoo_fine_grained_expressivity.data import closed_forms
from zoo_fine_grained_expressivity.idm.metric import IDMDistance
from zoo_fine_grained_expressivity.idm.nearest import IDMNearest
from zoo_graphs.reading import read_graphs

import zoo
from zoo_core import BadInput

from .conftest import two_classes

STAR, RING = nx.star_graph(4), nx.cycle_graph(5)


def test_evaluation_of_the_distance():
    (result,) = zoo.evaluate("idm-distance")
    assert result.metric == "mae" and result.value < 1e-7
    module = IDMDistance("prokhorov", 2)
    (found,) = module.outputs(closed_forms(2, "prokhorov").split("test"))
    torch.testing.assert_close(found["prediction"], found["target"])
    with pytest.raises(BadInput, match="use idm-closed-forms"):
        list(module.outputs(two_classes().split("test")))
    with pytest.raises(BadInput, match="data are wasserstein distances of level 3"):
        list(module.outputs(closed_forms().split("test")))


def test_nearest_reference_and_ties():
    references = replace(
        read_graphs([RING, STAR, nx.cycle_graph(5), nx.complete_graph(5)]),
        labels=np.array([1, 1, 0, 0]),
    )
    module = IDMNearest(2, 4, references.num_edges, ["a", "b"])
    module.keep(references)
    tie, star = module.predict(RING, nx.star_graph(4))
    assert tie == {"graph": 0, "label": "a", "distance": 0.0, "reference": 2, "margin": 0.0}
    assert star["label"] == "b" and star["reference"] == 1
    assert star["margin"] == pytest.approx(0.3392)


def test_constructors_refuse():
    with pytest.raises(BadInput, match="no distance 'cut'"):
        IDMDistance("cut")
    with pytest.raises(BadInput, match="no distance 'cut'"):
        IDMNearest(kind="cut")
    with pytest.raises(ValueError, match="a reference for each"):
        IDMNearest(3, 2)
    with pytest.raises(BadInput, match="There are 3 graphs"):
        IDMDistance().distances(read_graphs([RING] * 3))
