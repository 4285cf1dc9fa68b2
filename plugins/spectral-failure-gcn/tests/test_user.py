"""The plugin as its users meet it: shipped models, their own graphs, their mistakes, the shell."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from textwrap import dedent

import numpy as np
import pytest
from zoo_graphs.graph import Graph
from zoo_spectral_failure_gcn.data import two_blocks
from zoo_spectral_failure_gcn.specs.models import ARCHITECTURES as ARCHITECTURE_SPECS
from zoo_spectral_failure_gcn.specs.models import MODELS as MODEL_SPECS

import zoo
from zoo_core import BadInput

MODELS = {spec.name: spec for spec in MODEL_SPECS}
ARCHITECTURES = [spec.name for spec in ARCHITECTURE_SPECS]
N = 60
GRAPH = two_blocks(n=N, a=0.6, b=0.1, seed=0)
EDGES, LABELS = GRAPH.edges, GRAPH.labels
QUICK = {"gae": {"epochs": 20}, "vgae": {"epochs": 20}, "structural-gcn": {"epochs": 20}}


@pytest.fixture
def run(home, zoo_here, monkeypatch):
    """Run the shell in the user's folder."""
    monkeypatch.chdir(home)
    return zoo_here


# --- the shipped models ---

OFFLINE = """
    import json, sys

    def forbid(event, details):
        if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
            raise PermissionError(f"{event} {details} without network")

    sys.addaudithook(forbid)
    import zoo

    found = {name: [row["label"] for row in zoo.predict(name)] for name in sys.argv[1:]}
    print(json.dumps(found))
    """


def test_shipped_models_know_their_nodes_without_network_or_data(tmp_path):
    env = {key: value for key, value in os.environ.items() if not key.startswith(("ZOO_", "HF_"))}
    env |= {"ZOO_HOME": str(tmp_path / "zoo"), "HF_HOME": str(tmp_path / "hf")}
    done = subprocess.run(
        [sys.executable, "-c", dedent(OFFLINE), *MODELS],
        env=env,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    sizes = {"polblogs": 1222, "email-eu-core": 986, "rdpg-segment": 1000, "karate": 34}
    for name, spec in MODELS.items():
        assert len(found[name]) == sizes[spec.dataset]
    truth = ["Mr. Hi" if node in KARATE_HI else "Officer" for node in range(34)]
    assert sum(a != b for a, b in zip(found["ase-karate"], truth, strict=True)) <= 2


KARATE_HI = (*range(9), 10, 11, 12, 13, 16, 17, 19, 21)


@pytest.mark.parametrize("name", MODELS)
def test_own_points_are_those_of_the_dataset(data_or_skip, name):
    spec, module = MODELS[name], zoo.load(name)
    graph = data_or_skip(spec.dataset, **spec.options)
    own, given = module.embed(), module.embed(graph)
    assert own.shape == (graph.num_nodes, spec.shape["k"])
    np.testing.assert_allclose(given, own, atol=1e-4 * float(own.abs().max()))


def test_flagship_tells_the_parties_apart_and_its_pair_does_not(data_or_skip):
    graph = data_or_skip("polblogs")
    truth = np.array(graph.class_names)[graph.labels]
    found = {}
    for name in ("ase-polblogs", "gae-polblogs"):
        labels = [row["label"] for row in zoo.predict(name)]
        found[name] = np.mean(np.array(labels) == truth)
    assert found["ase-polblogs"] > 0.88
    assert found["gae-polblogs"] < 0.6
    report = zoo.predict("gae-polblogs", graph, give="report")
    assert len(report["angles"]) == 1 and report["degree_variation"] > 1


# --- a user's own graph ---


@pytest.mark.parametrize("name", [name for name in ARCHITECTURES if name != "structural-gcn"])
@pytest.mark.parametrize("file", ["edges.txt", "plain.npz", "labelled.npz", "featured.npz"])
def test_train_predict_and_load_from_the_shell(run, tmp_path, name, file):
    settings = [f"--set={key}={value}" for key, value in {"k": 3, **QUICK.get(name, {})}.items()]
    out = tmp_path / "it"
    trained = run("train", name, "--dataset", file, *settings, "--out", out)
    assert trained.code == 0, trained.err
    rows = run("predict", out, "--json").json
    assert [row["node"] for row in rows] == list(range(N))
    labelled = file in ("labelled.npz", "featured.npz")
    assert rows[0].keys() == ({"node", "label", "score"} if labelled else {"node", "embedding"})
    one = run("predict", out, file, "--give", "embedding", "--nodes", "[3]", "--json").json
    points = zoo.load(str(out)).embed()
    assert one[0]["embedding"] == pytest.approx(points[3].tolist(), abs=1e-5)
    report = run("predict", out, file, "--give", "report", "--json")
    assert report.code == 0 and report.json["nodes"] == N
    if not labelled:
        refused = run("evaluate", out)
        assert refused.code == 2 and refused.err.count("\n") == 1
        with pytest.raises(BadInput, match="no labels to measure by"):
            list(zoo.load(str(out)).outputs(GRAPH.split("test")))
    else:
        measured = run("evaluate", out, "--dataset", file, "--json")
        assert measured.code == 0
        if name in ("ase", "lse"):
            assert measured.json[0]["value"] > 0.9


def test_structural_gcn_from_the_shell(run, tmp_path):
    words = ["--set", "epochs=20", "--out", tmp_path / "it"]
    assert run("train", "structural-gcn", "--dataset", "labelled.npz", *words).code == 0
    predicted = run("predict", tmp_path / "it", "labelled.npz", "--json")
    assert predicted.code == 0 and len(predicted.json) == N
    refused = run("train", "structural-gcn", "--dataset", "plain.npz", *words, "--force")
    assert refused.code == 2 and "label" in refused.err


def test_elbow_and_options_from_the_shell(run, tmp_path):
    words = ["--set", "k=elbow", "--set", "elbow=1", "--set", "scaled=false"]
    out = tmp_path / "it"
    assert run("train", "ase", "--dataset", "edges.txt", *words, "--out", out).code == 0
    module = zoo.load(out)
    assert module.k == module.embed().shape[1]
    np.testing.assert_allclose(module.embed().square().sum(0), 1, atol=1e-5)


def test_readme_example():
    graph = two_blocks(n=200, a=0.3, b=0.1, seed=0)
    ase = zoo.create("ase", k=2).fit(graph)
    assert ase.embed().shape == (200, 2)
    new = ase.transform(np.eye(200)[:1])
    assert new.shape == (1, 2)
    gae = zoo.create("gae", k=2, features="ones").fit(graph, epochs=10)
    assert "knows little" in gae.report(graph)["reading"]


# --- mistakes ---

BAD = {
    "no such file": (["ase", "--dataset", "absent.npz"], "neither a file nor a dataset"),
    "k too large": (["ase", "--dataset", "plain.npz", "--set", "k=61"], "from 1 to 60"),
    "k zero": (["gae", "--dataset", "plain.npz", "--set", "k=0"], "k is 0"),
    "k in words": (["ase", "--dataset", "plain.npz", "--set", "k=many"], "elbow"),
    "unknown features": (
        ["gae", "--dataset", "plain.npz", "--set", "features=pagerank"],
        "ones, degree, identity, random, given",
    ),
    "no features to be given": (
        ["gae", "--dataset", "plain.npz", "--set", "features=given"],
        "no node features",
    ),
    "fold of an unlabelled graph": (
        ["ase", "--dataset", "plain.npz", "--option", "fold=1"],
        "no labels to split",
    ),
    "negative epochs": (["gae", "--dataset", "plain.npz", "--set", "epochs=-1"], "epochs is -1"),
    "divergence": (["gae", "--dataset", "plain.npz", "--set", "lr=1e30"], "diverged with lr=1e"),
    "unknown hyperparameter": (["ase", "--dataset", "plain.npz", "--set", "dim=2"], "'dim'"),
    "unknown option": (["ase", "--dataset", "polblogs", "--option", "part=1"], "'part'"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_training_is_one_sentence_and_exit_code_2(run, tmp_path, case):
    words, message = BAD[case]
    refused = run("train", *words, "--out", tmp_path / "it")
    assert (refused.code, refused.out) == (2, "") and not (tmp_path / "it").exists()
    assert refused.err.count("\n") == 1 and "Traceback" not in refused.err
    assert re.search(message, refused.err)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no nodes"),
        ("0 0\n", "no edges"),
        ("0 -1\n", "node indices"),
        ("0 1 0.5\n1 2 nan\n", "1 of the 2 edges of bad have no 'weight'"),
    ],
)
@pytest.mark.parametrize("name", ["ase", "gae"])
def test_bad_files_are_one_sentence(run, tmp_path, text, message, name):
    (tmp_path / "bad.txt").write_text(text)
    words = ["--dataset", tmp_path / "bad.txt", "--out", tmp_path / "it"]
    refused = run("train", name, *words)
    assert refused.code == 2 and refused.err.count("\n") <= 2  # a notice may come before
    assert re.search(message, refused.err)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"give": "colours"}, "labels, embedding or report"),
        ({"give": "labels"}, "knows none"),
        ({"nodes": [60]}, "0 to 59"),
        ({"nodes": "first"}, "as \\[0, 5\\]"),
        ({"nodes": [0.5]}, "as \\[0, 5\\]"),
    ],
)
def test_bad_predictions_are_one_sentence(options, message):
    module = zoo.create("ase", k=2).fit(EDGES)
    with pytest.raises(BadInput, match=message) as caught:
        module.predict(**options)
    assert "\n" not in str(caught.value)


def test_masks_without_training_nodes():
    masks = {"train": np.zeros(N, bool), "test": np.ones(N, bool)}
    graph = Graph.from_edges(EDGES, np.zeros((N, 0)), LABELS, masks)
    with pytest.raises(BadInput, match="no training node"):
        zoo.create("ase", k=2).fit(graph)


@pytest.mark.parametrize("name", ["ase", "lse", "gae"])
def test_weights_that_are_all_zero_leave_nothing_to_tell_apart(name):
    graph = Graph.from_edges(EDGES, np.zeros((N, 0)), LABELS, edge_weights=np.zeros(EDGES.shape[1]))
    config = {"features": "degree"} if name == "gae" else {}
    module = zoo.create(name, **config).fit(graph)
    assert module.embed().isfinite().all()
    assert len({row["label"] for row in module.predict()}) == 1
