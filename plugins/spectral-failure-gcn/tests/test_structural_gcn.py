"""The semi-supervised network on structure alone."""

from __future__ import annotations

import numpy as np
import pytest
from zoo_graphs.graph import Graph
from zoo_spectral_failure_gcn.data import two_blocks
from zoo_spectral_failure_gcn.structural_gcn import StructuralGCN

from zoo_core import BadInput


def test_structural_gcn_learns_what_degrees_tell_and_nothing_else():
    telling = two_blocks(n=300, a=0.4, b=0.1, c=0.1, seed=0)
    silent = two_blocks(n=300, a=0.3, b=0.1, seed=0)
    found = []
    for graph in (telling, silent):
        module = StructuralGCN(features="degree").fit(graph, epochs=300)
        (test,) = module.outputs(graph.split("test"))
        found.append(float((test["logits"].argmax(1) == test["target"]).float().mean()))
    assert found[0] > 0.95
    assert found[1] < 0.65


def test_structural_gcn_needs_labels():
    with pytest.raises(BadInput, match="no labelled training nodes"):
        StructuralGCN().fit(Graph.from_edges([[0, 1], [1, 2]], np.zeros((3, 0))))
