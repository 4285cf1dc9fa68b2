"""What users do with the distances: the contract, prediction, training, the shell, bad input."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
import torch
from zoo_fine_grained_expressivity import claims, train
from zoo_fine_grained_expressivity.closed_forms import closed_forms
from zoo_fine_grained_expressivity.measuring import IDMDistance
from zoo_fine_grained_expressivity.nearest import IDMNearest
from zoo_fine_grained_expressivity.tree_classifier import TreeHomClassifier
from zoo_graphs.graph_set import GraphSet
from zoo_graphs.graph_set_inputs import read_graphs
from zoo_graphs.stratified import stratified_split

import zoo
from zoo_core import shell
from zoo_core.errors import BadInput
from zoo_core.interfaces import Run
from zoo_core.registry import registry
from zoo_core.testing import check_architecture, check_model

MODELS = ["idm-distance", "idm-knn-mutag", "treehom-mutag"]
STAR, RING = nx.star_graph(4), nx.cycle_graph(5)


def labelled(graphs=40):
    """Random graphs that are denser in class 1."""
    rng = np.random.default_rng(0)
    labels = np.arange(graphs) % 2
    every = [
        nx.gnp_random_graph(int(rng.integers(6, 9)), 0.3 + 0.35 * label, seed=i)
        for i, label in enumerate(labels)
    ]
    data = read_graphs(every)
    return replace(
        data, labels=labels, class_names=("thin", "dense"), splits=stratified_split(labels, 0)
    )


def trained(recipe, name, data):
    config = dict(registry().architecture(name).config)
    (module,) = recipe([Run(data=data, seed=0)], config, lambda items, **_: items)
    return module


@pytest.mark.parametrize("name", MODELS)
def test_shipped_models_keep_the_contract(name):
    check_model(name)


@pytest.mark.parametrize("name", ["idm-metric", "idm-nearest", "tree-densities"])
def test_untrained_modules_keep_the_contract(name):
    check_architecture(name)


def test_listing_imports_nothing_heavy():
    code = (
        "import sys, zoo; assert 'fine-grained-expressivity' in zoo.list_papers(); "
        "assert not {'torch', 'numpy', 'sklearn', 'ot'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


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


def test_evaluation_of_the_distance():
    (result,) = zoo.evaluate("idm-distance")
    assert result.metric == "mae" and result.value < 1e-7
    module = IDMDistance("prokhorov", 2)
    found, known = next(module.outputs_and_targets(closed_forms(2, "prokhorov"), "test"))
    torch.testing.assert_close(found, known)
    with pytest.raises(BadInput, match="use idm-closed-forms"):
        list(module.outputs_and_targets(labelled(), "test"))
    with pytest.raises(BadInput, match="data are wasserstein distances of level 3"):
        list(module.outputs_and_targets(closed_forms(), "test"))


@pytest.mark.parametrize(
    ("recipe", "name"),
    [(train.train_nearest, "idm-nearest"), (train.train_tree_head, "tree-densities")],
)
def test_classifiers_learn_and_never_see_the_test_split(recipe, name):
    data = labelled()
    module = trained(recipe, name, data)
    logits, truth = next(module.outputs_and_targets(data, "train"))
    assert (logits.argmax(dim=1) == truth).float().mean() > 0.8
    flipped = data.labels.copy()
    flipped[data.splits["test"]] = 1 - flipped[data.splits["test"]]
    other = trained(recipe, name, replace(data, labels=flipped))
    for key, tensor in module.state_dict().items():
        assert torch.equal(tensor, other.state_dict()[key]), key
    rows = module.predict(data.select([0, 1]))
    assert [row["graph"] for row in rows] == [0, 1]
    assert {row["label"] for row in rows} <= {"thin", "dense"}
    with pytest.raises(BadInput, match="No graph was given"):
        module.predict()
    with pytest.raises(BadInput, match="no split 'val'"):
        list(module.outputs_and_targets(data, "val"))
    with pytest.raises(BadInput, match="this model's are thin, dense"):
        list(module.outputs_and_targets(replace(data, class_names=("a", "b")), "test"))
    with pytest.raises(BadInput, match="no labelled set"):
        list(module.outputs_and_targets([data], "test"))
    with pytest.raises(BadInput, match="learns from a labelled set"):
        trained(recipe, name, read_graphs(RING))


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


def test_heads_of_more_than_two_classes():
    data = labelled()
    three = replace(data, labels=np.arange(len(data)) % 3, class_names=("a", "b", "c"))
    three = replace(three, splits=stratified_split(three.labels, 0))
    module = trained(train.train_tree_head, "tree-densities", three)
    assert module.logits(three).shape == (40, 3)


def test_constructors_refuse():
    with pytest.raises(ValueError, match="kind is 'cut'"):
        IDMDistance("cut")
    with pytest.raises(ValueError, match="kind is 'cut'"):
        IDMNearest(kind="cut")
    with pytest.raises(ValueError, match="a reference for each"):
        IDMNearest(3, 2)
    with pytest.raises(ValueError, match="2 classes"):
        TreeHomClassifier(class_names=["a"])
    with pytest.raises(ValueError, match="largest_tree is 1"):
        TreeHomClassifier(largest_tree=1)
    with pytest.raises(BadInput, match="There are 3 graphs"):
        IDMDistance().distances(read_graphs([RING] * 3))


def test_recomputed_claims():
    assert claims.worked_examples().verdict == "holds"
    broken = claims._all_hold({"this": True, "that": np.bool_(False)}, "seen", {})
    assert broken.verdict == "fails" and broken.measured == "seen; not so: that"


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Run the shell in this process, in a folder with graphs: exit code, output and errors."""
    monkeypatch.chdir(tmp_path)
    nx.write_graphml(STAR, tmp_path / "A.graphml")
    nx.write_graphml(RING, tmp_path / "B.graphml")
    nx.write_graphml(nx.Graph(), tmp_path / "empty.graphml")
    np.save(tmp_path / "nan.npy", np.array([[0, np.nan], [np.nan, 0]]))

    def command(*words):
        monkeypatch.setattr(sys, "argv", ["zoo", *map(str, words)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as stopped:
            shell.main()
        return int(stopped.value.code or 0), *capsys.readouterr()

    return command


def test_the_shell(run):
    code, output, _ = run(
        "predict", "idm-distance", "A.graphml", "B.graphml", "--level", 3, "--json"
    )
    assert code == 0 and "0.3392" in output
    code, output, _ = run("predict", "idm-knn-mutag", "A.graphml", "--json")
    assert code == 0 and "mutagenic" in output


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
        (("idm-distance", "A.graphml", "C.graphml"), "no file 'C.graphml'"),
        (("treehom-mutag", "empty.graphml"), "has no nodes"),
        (("treehom-mutag",), "No graph was given"),
        (("idm-knn-mutag", "nan.npy"), "holds NaN"),
    ],
)
def test_refusals_of_the_shell_are_one_sentence(run, words, reason):
    code, output, errors = run("predict", *words)
    assert code == 2 and not output and reason in errors
    assert errors.count("\n") == 1 and "Traceback" not in errors


def test_pictures_are_drawn():
    pytest.importorskip("matplotlib")
    from zoo_fine_grained_expressivity.pictures import distances_by_level

    (axes,) = distances_by_level().axes
    assert len(axes.lines) == 8


def test_graphs_without_edges_are_measured():
    alone = GraphSet.from_edges(np.empty((2, 0), int), [0, 3])
    answer = zoo.predict("idm-distance", alone, nx.complete_graph(4))
    assert answer["wasserstein"][0] == pytest.approx(0.75)
    assert zoo.predict("treehom-mutag", alone)[0]["score"] >= 0.5
