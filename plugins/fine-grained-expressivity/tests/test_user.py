"""What users do: prediction, the shell, bad input."""

from __future__ import annotations

import json
import re
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from zoo_fine_grained_expressivity.specs.models import MODELS
from zoo_graphs.graph_set import GraphSet

import zoo
from zoo_core import BadInput

README = Path(__file__).parents[1] / "README.md"
NETWORKS = [one.name for one in MODELS if one.architecture.startswith("mpnn-")]
STAR, RING = nx.star_graph(4), nx.cycle_graph(5)


def test_distances_of_two_graphs_and_of_many():
    answer = zoo.predict("idm-distance", STAR, RING, level=2)
    assert answer["wasserstein"] == pytest.approx([0.24, 0.32])
    assert answer["prokhorov"] == pytest.approx([0.2, 0.4])
    assert (answer["level"], answer["separated"]) == (2, 1)
    assert json.loads(json.dumps(answer)) == answer
    assert zoo.predict("idm-distance", RING, nx.cycle_graph(5))["separated"] is None
    rows = zoo.predict("idm-distance", [STAR, RING, RING], kind="prokhorov")
    assert [(row["first"], row["second"]) for row in rows] == [(0, 1), (0, 2), (1, 2)]
    assert [row["distance"] for row in rows] == pytest.approx([0.4, 0.4, 0.0])


def test_a_later_level_can_be_the_first_to_separate():
    # Two trees with the same degrees.
    spiders = [nx.Graph([(0, 1), (1, 2), (2, 3), (3, 4), (branch, 5)]) for branch in (1, 2)]
    answer = zoo.predict("idm-distance", *spiders)
    assert answer["separated"] == 2 and answer["prokhorov"][0] == 0


@pytest.fixture
def run(tmp_path, monkeypatch, zoo_here):
    """Run the shell in this process, in a folder with graphs."""
    monkeypatch.chdir(tmp_path)
    nx.write_graphml(STAR, tmp_path / "A.graphml")
    nx.write_graphml(RING, tmp_path / "B.graphml")
    nx.write_graphml(nx.Graph(), tmp_path / "empty.graphml")
    np.save(tmp_path / "nan.npy", np.array([[0, np.nan], [np.nan, 0]]))
    return zoo_here


def test_the_shell(run):
    found = run("predict", "idm-distance", "A.graphml", "B.graphml", "--level", 3, "--json")
    assert found.code == 0 and "0.3392" in found.out
    found = run("predict", "idm-knn-mutag", "A.graphml", "--json")
    assert found.code == 0 and "mutagenic" in found.out


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("idm-distance",), "No graph was given"),
        (("idm-distance", "A.graphml"), "One graph was given, and a distance is of two"),
        (("idm-distance", "A.graphml", "B.graphml", "--level", "0"), "level=0 is no level"),
        (("idm-distance", "A.graphml", "B.graphml", "--level", "-2"), "level=-2 is no level"),
        (("idm-distance", "A.graphml", "B.graphml", "--kind", "cut"), "no distance 'cut'"),
        (("idm-distance", "A.graphml", "empty.graphml"), "has no nodes"),
        (("idm-distance", "A.graphml", "nan.npy"), "holds NaN"),
        (("idm-distance", "A.graphml", "C.graphml"), "no file"),
        (("treehom-mutag", "empty.graphml"), "has no nodes"),
        (("treehom-mutag",), "No graph was given"),
        (("idm-knn-mutag", "nan.npy"), "holds NaN"),
    ],
)
def test_refusals_of_the_shell_are_one_sentence(run, words, reason):
    found = run("predict", *words)
    assert found.code == 2 and not found.out and reason in found.err
    assert found.err.count("\n") == 1 and "Traceback" not in found.err


def test_graphs_without_edges_are_measured():
    alone = GraphSet.from_edges(np.empty((2, 0), int), [0, 3])
    answer = zoo.predict("idm-distance", alone, nx.complete_graph(4))
    assert answer["wasserstein"][0] == pytest.approx(0.75)
    assert zoo.predict("treehom-mutag", alone)[0]["score"] >= 0.5


@pytest.mark.parametrize("name", NETWORKS)
def test_outputs_do_not_depend_on_the_order_of_nodes(name):
    module = zoo.load(name)
    rng = np.random.default_rng(0)
    ring = np.stack([np.arange(9), (np.arange(9) + 1) % 9])
    graph = GraphSet.from_edges(ring, [0, 9], rng.integers(0, min(module.in_features, 7), 9))
    first, second = module.predict(graph, graph.permuted(1), labels="codes")
    assert first["label"] == second["label"]
    assert first["score"] == pytest.approx(second["score"], abs=1e-4)


def test_a_compound_is_classified_by_the_names_of_its_atoms():
    ring = nx.cycle_graph(6)
    nx.set_node_attributes(ring, "C", "label")
    (row,) = zoo.predict("untrained-gin-mutag", ring)
    assert row["label"] in zoo.load("untrained-gin-mutag").class_names
    nx.set_node_attributes(ring, {0: "Xx"}, "label")
    with pytest.raises(BadInput, match="'Xx' of node 0 of graph is unknown"):
        zoo.predict("untrained-gin-mutag", ring)


def test_the_readmes_example_runs(data_or_skip, tmp_path, monkeypatch):
    data_or_skip("mutag")
    monkeypatch.chdir(tmp_path)
    (example,) = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    exec(compile(example, str(README), "exec"), {})
    assert len(list((tmp_path / "distances").iterdir())) == 1
