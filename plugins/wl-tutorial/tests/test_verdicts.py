"""The tests as modules: verdicts and their reasons, classes, mistakes."""

from __future__ import annotations

import json

import networkx as nx
import pytest
import torch
from zoo_wl_tutorial.specs.models import MODELS

import zoo
from zoo_core import BadInput

HEXAGON = nx.cycle_graph(6)
TRIANGLES = nx.disjoint_union(nx.cycle_graph(3), nx.cycle_graph(3))
TESTS = [spec.name for spec in MODELS if spec.architecture == "wl-test"]


@pytest.mark.parametrize("name", TESTS)
def test_one_hexagon_or_two_triangles(name):
    answer = zoo.predict(name, HEXAGON, TRIANGLES, confirm=True)
    apart = name not in ("wl1-test", "wl2-test")
    assert answer["verdict"] == ("distinguished" if apart else "equivalent")
    assert answer["isomorphic"] is False
    assert (answer["round"] is None) != apart
    assert bool(answer["differing"]) == apart
    assert json.loads(json.dumps(answer)) == answer


def test_reasons_of_a_verdict():
    answer = zoo.predict("fwl2-test", HEXAGON, TRIANGLES)
    assert answer["round"] == 1
    assert answer["colours"][0][:2] == [3, 4] and answer["colours"][1][:2] == [3, 3]
    # No edge of the hexagon lies in a triangle, all twelve directed ones of the others do; nor do
    # distances 2 and 3 exist in the triangles, whose components are infinitely far apart.
    counts = {(row["first"], row["second"]) for row in answer["differing"]}
    assert counts == {(12, 0), (0, 12), (6, 18)}
    for row in answer["differing"]:
        graph = (HEXAGON, TRIANGLES)[row["example"]["graph"]]
        u, v = row["example"]["nodes"]
        joined = graph.has_edge(u, v)
        assert joined == (row["second"] == 12 or not nx.has_path(graph, u, v)) or u != v
    degrees = zoo.predict("wl1-test", HEXAGON, nx.path_graph(6))
    assert degrees["round"] == 1
    assert {(row["first"], row["second"]) for row in degrees["differing"]} == {(6, 4), (0, 2)}


def test_own_pair_exact_mode_and_rounds():
    own = zoo.predict("wl1-test")
    assert own["verdict"] == "equivalent" and own["colours"] == [[1, 2, 3, 3]] * 2
    for name in ("wl1-test", "fwl2-test"):
        hashed, exact = (zoo.predict(name, exact=way) for way in (False, True))
        assert {**hashed, "differing": 0} == {**exact, "differing": 0}
    assert zoo.predict("fwl2-test", rounds=0)["verdict"] == "equivalent"


def test_more_graphs_are_sorted_into_classes():
    rows = zoo.predict("wl1-test", [HEXAGON, TRIANGLES, nx.path_graph(6), HEXAGON])
    assert [row["class"] for row in rows] == [0, 0, 1, 0]
    assert rows[2] == {"graph": 2, "nodes": 6, "colours": 3, "class": 1}


def test_labels_can_be_left_out():
    first, second = HEXAGON.copy(), HEXAGON.copy()
    nx.set_node_attributes(first, "C", "label")
    nx.set_node_attributes(second, "N", "label")
    assert zoo.predict("wl1-test", first, second)["round"] == 0
    assert zoo.predict("wl1-test", first, second, node_label=None)["round"] is None


def test_featurize_gives_the_colours_of_one_graph():
    found = zoo.load("wl1-test").featurize(nx.karate_club_graph())
    assert found.counts(0) == [1, 11, 27, 27] and found.of(0, 1).shape == (34,)


def test_forward_compares_pairs_of_a_union():
    module = zoo.load("fwl2-test")
    assert module(*module.example_inputs(0)).tolist()[-1] == 1
    assert module(*module.example_inputs(0)).tolist()[0] == -1
    with pytest.raises(BadInput, match="even number"):
        module(torch.tensor([[0], [1]]), torch.tensor([0, 2]))


@pytest.mark.parametrize(("name", "right"), [("wl1-test", 27), ("fwl2-test", 46)])
def test_accuracy_on_pairs(name, right):
    (result,) = zoo.evaluate(name)
    assert result.value * 50 == pytest.approx(right)
    with pytest.raises(BadInput, match="no split 'train'"):
        zoo.evaluate(name, split="train")
    with pytest.raises(BadInput, match="use wl-pairs"):
        zoo.evaluate(name, "csl")


def test_no_isomorphic_pair_is_told_apart():
    pairs = zoo.dataset("wl-pairs").split("test")
    for name in TESTS[:4]:
        (found,) = zoo.load(name).outputs(pairs)
        assert found["logits"][found["target"] == 1].all()


BAD = {
    "one graph": ((HEXAGON,), {}, "compares two"),
    "no node": ((HEXAGON, nx.Graph()), {}, "no nodes"),
    "a number": ((HEXAGON, 7), {}, "cannot be read as a graph"),
    "absent file": ((HEXAGON, "nowhere.g6"), {}, "no file 'nowhere.g6'"),
    "rounds": ((HEXAGON, HEXAGON), {"rounds": -1}, "integer from 0"),
    "figure of three": ((HEXAGON,) * 3, {"figure": "a.svg"}, "for two graphs"),
    "confirm of many nodes": ((nx.cycle_graph(101),) * 2, {"confirm": True}, "up to 100"),
    "figure's kind": ((HEXAGON, HEXAGON), {"figure": "a.xyz"}, "could not be written"),
    "figure's folder": ((HEXAGON, HEXAGON), {"figure": "no/where/a.svg"}, "could not be written"),
    "figure of many nodes": ((nx.cycle_graph(201),) * 2, {"figure": "a.svg"}, "up to 200"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_sentence(home, case):
    sources, options, reason = BAD[case]
    with pytest.raises(BadInput, match=reason) as raised:
        zoo.predict("wl1-test", *sources, **options)
    assert "\n" not in str(raised.value)
    assert not list(home.glob("a.*"))


def test_nan_labels_and_large_graphs():
    graph = HEXAGON.copy()
    nx.set_node_attributes(graph, {v: float("nan") if v == 3 else 1 for v in graph}, "label")
    with pytest.raises(BadInput, match="label of node 3 of graph is NaN"):
        zoo.predict("wl1-test", graph, HEXAGON)
    with pytest.raises(BadInput, match="151 nodes, which is too large for 3-fwl"):
        zoo.predict("fwl3-test", nx.cycle_graph(151), HEXAGON)
    with pytest.raises(BadInput, match="no variant '2-wfl'; did you mean"):
        zoo.create("wl-test", variant="2-wfl")
