"""The plugin as its users meet it: shipped models, verdicts, pictures, mistakes, the shell."""

from __future__ import annotations

import json
import subprocess
import sys

import networkx as nx
import numpy as np
import pytest
import torch
from zoo_graphs.graph_set import GraphSet
from zoo_wl_tutorial import drawing, families, pictures, zoo_architectures, zoo_models
from zoo_wl_tutorial.layout import place_nodes

import zoo
from zoo_core import shell
from zoo_core.errors import BadInput
from zoo_core.testing import check_architecture, check_model

MODELS = {spec.name: spec for spec in zoo_models()}
TESTS = [name for name in MODELS if name.endswith("-test")]
FITTED = [name for name in MODELS if name not in TESTS]
HEXAGON = nx.cycle_graph(6)
TRIANGLES = nx.disjoint_union(nx.cycle_graph(3), nx.cycle_graph(3))


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A user's folder with two graphs, and a set of graphs in the TU layout."""
    monkeypatch.chdir(tmp_path)
    nx.write_graphml(HEXAGON, tmp_path / "A.graphml")
    nx.write_graphml(TRIANGLES, tmp_path / "B.graphml")
    nx.write_graphml(nx.path_graph(6), tmp_path / "C.graphml")
    return tmp_path


@pytest.fixture
def run(home, monkeypatch, capsys):
    """Run the shell in this process, in the user's folder: exit code, output and errors."""

    def command(*words):
        monkeypatch.setattr(sys, "argv", ["zoo", *map(str, words)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as stopped:
            shell.main()
        return int(stopped.value.code or 0), *capsys.readouterr()

    return command


# --- the contract ---


@pytest.mark.parametrize("name", MODELS)
def test_shipped_models_keep_the_contract(name):
    check_model(name)


@pytest.mark.parametrize("name", [spec.name for spec in zoo_architectures()])
def test_untrained_modules_keep_the_contract(name):
    check_architecture(name)


def test_listing_imports_nothing_heavy():
    code = (
        "import sys, zoo; assert 'wl-tutorial' in zoo.list_papers(); "
        "assert not {'torch', 'numpy', 'sklearn'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("name", FITTED)
def test_vocabularies_are_sorted_and_weights_small(name):
    module = zoo.load(name)
    vocabulary = module.vocabulary
    assert vocabulary.numel() > 1000 and bool((vocabulary[1:] > vocabulary[:-1]).all())
    assert sum(map(torch.numel, module.parameters())) == (1 + vocabulary.numel()) * len(
        module.machines
    )


# --- verdicts ---


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
    with pytest.raises(BadInput, match="test split of pairs"):
        zoo.evaluate(name, split="train")
    with pytest.raises(BadInput, match="use wl-pairs"):
        zoo.evaluate(name, "csl")


def test_no_isomorphic_pair_is_told_apart(load):
    pairs = load("wl-pairs")
    for name in TESTS[:4]:
        ((verdicts, truth),) = zoo.load(name).outputs_and_targets(pairs, "test")
        assert verdicts[truth == 1].all()


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
    with pytest.raises(BadInput, match="label of node 3 is NaN"):
        zoo.predict("wl1-test", graph, HEXAGON)
    with pytest.raises(BadInput, match="151 nodes, which is too large for 3-fwl"):
        zoo.predict("fwl3-test", nx.cycle_graph(151), HEXAGON)
    with pytest.raises(BadInput, match="no variant '2-wfl'; did you mean"):
        zoo.create("wl-test", variant="2-wfl")


# --- the shell ---


def test_shell_predicts_and_draws(run, home):
    code, out, err = run(
        "predict", "wl1-test", "A.graphml", "B.graphml", "--figure", "out.svg", "--json"
    )
    assert (code, err) == (0, "")
    assert json.loads(out)["verdict"] == "equivalent" and json.loads(out)["figure"] == "out.svg"
    picture = (home / "out.svg").read_text()
    assert "<svg" in picture and "2-FWL (folklore)" in picture and "first graph" in picture
    code, _, err = run("predict", "wl1-test", "A.graphml")
    assert code == 2 and "compares two" in err and len(err.splitlines()) == 1
    code, out, _ = run("predict", "fwl2-test", "A.graphml", "B.graphml", "--figure", "out.txt")
    assert code == 0 and "distinguished" in out
    assert "2-fwl        1       4       3  different" in (home / "out.txt").read_text()


def test_shell_trains_on_a_folder(run, home):
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
    code, out, err = run("train", "wl-subtree", "--dataset", "MINE", "--set", "rounds=2")
    assert code == 0 and "runs/wl-subtree-MINE" in out, err
    (result,) = zoo.evaluate("./runs/wl-subtree-MINE")
    assert result.value == 1.0
    row = zoo.predict("./runs/wl-subtree-MINE", nx.cycle_graph(7))[0]
    assert row["label"] == "1" and row["margin"] > 0
    code, _, err = run("train", "wl-subtree", "--dataset", "MINE", "--set", "depth=2", "--force")
    assert code == 2 and "no hyperparameter 'depth'" in err


# --- the fitted models ---


def test_flagship_on_a_compound_of_atoms():
    """Nitrobenzene, with its atoms by name, and by number as in the data."""
    graph = nx.cycle_graph(6)
    graph.add_edges_from([(0, 6), (6, 7), (6, 8)])
    names = ["C"] * 6 + ["N", "O", "O"]
    nx.set_node_attributes(graph, dict(enumerate(names)), "label")
    numbered = graph.copy()
    codes = {"C": 0, "N": 1, "O": 2}
    nx.set_node_attributes(numbered, {v: codes[x] for v, x in enumerate(names)}, "label")
    (row,), (same,) = (zoo.predict("wl-mutag", one) for one in (graph, numbered))
    assert row == same and row["label"] in ("mutagenic", "not mutagenic") and row["known"] > 0.5
    nx.set_node_attributes(graph, {0: "Uuo"}, "label")
    with pytest.raises(BadInput, match="'Uuo' of node 0 is unknown here; expected one of C, N"):
        zoo.predict("wl-mutag", graph)


@pytest.mark.parametrize("name", ["wl-mutag", "wloa-mutag", "fwl2-mutag"])
def test_shipped_models_remember_their_training_graphs(load, name):
    data = load("mutag", fold=0)
    ((logits, labels),) = zoo.load(name).outputs_and_targets(data, "train")
    assert (logits.argmax(dim=1) == labels).float().mean() > 0.9


# --- pictures ---


def test_palettes_are_shared_and_children_keep_a_hue():
    pair = GraphSet.concatenate([families.decalin(), families.bicyclopentyl()])
    found = drawing.refine(pair, "2-fwl", 3)
    shades = drawing.palettes(found)
    for before, after, old, new in zip(
        found.colours[:-1], found.colours[1:], shades[:-1], shades[1:], strict=True
    ):
        assert set(new) == {int(colour) for colour in after}
        assert len(set(new.values())) == len(new)
        parents = dict(zip(after.tolist(), before.tolist(), strict=True))
        for parent, shade in old.items():
            children = [child for child, own in parents.items() if own == parent]
            assert [new[child] == shade for child in children].count(True) == 1


def test_layouts_are_steady_and_apart():
    for graph in (families.decalin(), families.cycles(3, 3), families.rook()):
        places = place_nodes(graph)
        assert np.array_equal(places, place_nodes(graph))
        gaps = np.linalg.norm(places[:, None] - places[None], axis=2)
        assert gaps[~np.eye(len(places), dtype=bool)].min() > 0.2
    single = GraphSet.from_edges(np.empty((2, 0)), [0, 3])
    assert np.unique(place_nodes(single), axis=0).shape == (3, 2)


@pytest.mark.parametrize("draw", [pictures.molecules, pictures.hexagon_and_triangles])
def test_pictures_are_figures(draw, tmp_path):
    figure = draw()
    figure.savefig(tmp_path / "a.svg")
    assert 1_000 < (tmp_path / "a.svg").stat().st_size < 300_000


def test_pictures_need_two_graphs_and_known_rows():
    with pytest.raises(BadInput, match="two are drawn"):
        drawing.draw_refinement(families.rook())
    pair = GraphSet.concatenate([families.rook(), families.rook()])
    with pytest.raises(BadInput, match="'3-fwl' cannot be drawn"):
        drawing.draw_refinement(pair, ["3-fwl"])
