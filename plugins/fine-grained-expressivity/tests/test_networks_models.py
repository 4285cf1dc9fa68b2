"""The networks that are shipped."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
import zoo_fine_grained_expressivity.networks_registered as registered
from zoo_graphs.graph_set import GraphSet

import zoo
from zoo_core.errors import BadInput
from zoo_core.testing import check_model

NAMES = [model.name for model in registered.MODELS]


@pytest.mark.parametrize("name", ["untrained-gin-mutag", "trained-gc-mutag"])
def test_contract(name):
    check_model(name)


@pytest.mark.parametrize("name", NAMES)
def test_outputs_do_not_depend_on_the_order_of_nodes(name):
    module = zoo.load(name)
    rng = np.random.default_rng(0)
    ring = np.stack([np.arange(9), (np.arange(9) + 1) % 9])
    graph = GraphSet.from_edges(ring, [0, 9], rng.integers(0, min(module.in_features, 7), 9))
    first, second = module.predict(graph, graph.permuted(1))
    assert first["label"] == second["label"]
    assert first["score"] == pytest.approx(second["score"], abs=1e-4)


def test_frozen_parameters_are_said_to_be_frozen():
    for name in NAMES:
        module = zoo.load(name)
        frozen = {parameter.requires_grad for parameter in module.convolutions.parameters()}
        assert frozen == {name.startswith("trained-")}


def test_every_model_stands_in_a_claim():
    claimed = {name for claim in registered.CLAIMS for name in claim.models}
    assert claimed == set(NAMES)


def test_a_compound_is_classified_by_the_names_of_its_atoms():
    ring = nx.cycle_graph(6)
    nx.set_node_attributes(ring, "C", "label")
    (row,) = zoo.predict("untrained-gin-mutag", ring)
    assert row["label"] in zoo.load("untrained-gin-mutag").class_names
    nx.set_node_attributes(ring, {0: "Xx"}, "label")
    with pytest.raises(BadInput, match="'Xx' of node 0 is unknown"):
        zoo.predict("untrained-gin-mutag", ring)
