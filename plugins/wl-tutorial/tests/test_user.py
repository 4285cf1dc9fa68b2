"""The plugin as its users meet it: the shell, their own graphs, the README."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import numpy as np
import pytest

import zoo
from zoo_core import BadInput


def test_shell_predicts_and_draws(zoo_here, home):
    done = zoo_here(
        "predict", "wl1-test", "A.graphml", "B.graphml", "--figure", "out.svg", "--json"
    )
    assert (done.code, done.err) == (0, "")
    assert done.json["verdict"] == "equivalent" and done.json["figure"] == "out.svg"
    picture = (home / "out.svg").read_text()
    assert "<svg" in picture and "2-FWL (folklore)" in picture and "first graph" in picture
    done = zoo_here("predict", "wl1-test", "A.graphml")
    assert done.code == 2 and "compares two" in done.err and len(done.err.splitlines()) == 1
    done = zoo_here("predict", "fwl2-test", "A.graphml", "B.graphml", "--figure", "out.txt")
    assert done.code == 0 and "distinguished" in done.out
    assert "2-fwl        1       4       3  different" in (home / "out.txt").read_text()


def test_shell_trains_on_a_folder(zoo_here, home):
    rng = np.random.default_rng(0)
    lines = {"A": [], "graph_indicator": [], "graph_labels": [], "node_labels": []}
    start = 0
    for number in range(40):
        n = int(rng.integers(5, 9))
        graph = nx.cycle_graph(n) if number % 2 else nx.path_graph(n)
        for u, v in graph.edges:
            lines["A"] += [f"{start + u + 1}, {start + v + 1}", f"{start + v + 1}, {start + u + 1}"]
        lines["graph_indicator"] += [str(number + 1)] * n
        lines["node_labels"] += [str(v % 2) for v in range(n)]
        lines["graph_labels"].append(str(1 if number % 2 else -1))
        start += n
    (home / "MINE").mkdir()
    for part, text in lines.items():
        (home / "MINE" / f"MINE_{part}.txt").write_text("\n".join(text) + "\n")
    done = zoo_here("train", "wl-subtree", "--dataset", "MINE", "--set", "rounds=2")
    assert done.code == 0 and "runs/wl-subtree-MINE" in done.out, done.err
    (result,) = zoo.evaluate("./runs/wl-subtree-MINE")
    assert result.value == 1.0
    ring = nx.cycle_graph(7)
    with pytest.raises(BadInput, match="no node labels, and this model was fitted on graphs that"):
        zoo.predict("./runs/wl-subtree-MINE", ring)
    nx.set_node_attributes(ring, {v: v % 2 for v in ring}, "label")
    row = zoo.predict("./runs/wl-subtree-MINE", ring)[0]
    assert row["label"] == "1" and row["margin"] > 0
    done = zoo_here("train", "wl-subtree", "--dataset", "MINE", "--set", "depth=2", "--force")
    assert done.code == 2 and "no hyperparameter 'depth'" in done.err


# --- the fitted models ---


def test_flagship_on_a_compound_of_atoms():
    """Nitrobenzene, with its atoms by name, and by code as in the data."""
    graph = nx.cycle_graph(6)
    graph.add_edges_from([(0, 6), (6, 7), (6, 8)])
    names = ["C"] * 6 + ["N", "O", "O"]
    nx.set_node_attributes(graph, dict(enumerate(names)), "label")
    numbered = graph.copy()
    codes = {"C": 0, "N": 1, "O": 2}
    nx.set_node_attributes(numbered, {v: codes[x] for v, x in enumerate(names)}, "label")
    (row,), (same,) = (
        zoo.predict("wl-mutag", graph),
        zoo.predict("wl-mutag", numbered, labels="codes"),
    )
    assert row == same and row["label"] in ("mutagenic", "not mutagenic") and row["known"] > 0.5
    nx.set_node_attributes(graph, {0: "Uuo"}, "label")
    with pytest.raises(
        BadInput, match=r"'Uuo' of node 0 of graph is unknown here. Expected one of C, N"
    ):
        zoo.predict("wl-mutag", graph)


@pytest.mark.parametrize("name", ["wl-mutag", "wloa-mutag", "fwl2-mutag"])
def test_shipped_models_remember_their_training_graphs(data_or_skip, name):
    data = data_or_skip("mutag", fold=0)
    (found,) = zoo.load(name).outputs(data.split("train"))
    assert (found["logits"].argmax(dim=1) == found["target"]).float().mean() > 0.9


def test_the_example_of_the_readme(data_or_skip):
    data_or_skip("mutag")
    text = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    example = text.partition("```python\n")[2].partition("```")[0]
    assert "WLKernel" in example
    exec(example, {})
