"""The plugin as its users meet it: the models, their own graphs, their mistakes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from textwrap import dedent

import numpy as np
import pytest
import torch
from zoo_graphs.graph import Graph
from zoo_sparse_dense_gnn.frequency import main as print_response
from zoo_sparse_dense_gnn.specs.models import MODELS as SPECS

import zoo
from zoo_core import BadInput, DataError

N, P, C = 60, 12, 3
MODELS = {spec.name: spec for spec in SPECS}
FILTERS = [name for name, spec in MODELS.items() if spec.architecture == "graph-filter"]
EMBEDDINGS = [name for name in MODELS if name not in FILTERS]
SMALL = {
    "graph-filter": {"hidden": 8, "epochs": 20},
    "spectral-mlp": {"k": 6, "kappa": 4, "epochs": 20},
}
RING = np.array([[0, 1, 2], [1, 2, 0]])


def labelled(n: int = N, seed: int = 0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % C
    edges = rng.integers(0, n, (2, 6 * n))
    edges = edges[:, (labels[edges[0]] == labels[edges[1]]) | (rng.random(6 * n) < 0.1)]
    features = rng.normal(size=(n, P)) + 2 * np.eye(C, P)[labels]
    return {"edges": edges, "features": features, "labels": labels}


PLAIN = labelled()
EDGES, X, Y = PLAIN["edges"], PLAIN["features"], PLAIN["labels"]


@pytest.fixture(scope="session")
def home(tmp_path_factory):
    """A user's folder: a graph, and a model of each architecture trained on it."""
    folder = tmp_path_factory.mktemp("home")
    np.savez(folder / "graph.npz", **PLAIN)
    for architecture, config in SMALL.items():
        data = str(folder / "graph.npz")
        zoo.train(architecture, data, out=folder / architecture, config=config)
    return folder


@pytest.fixture(scope="session")
def model(home):
    return zoo.load(home / "graph-filter")


def sentence(text: str) -> str:
    assert text and "\n" not in text and "Traceback" not in text and "a bug" not in text
    return text


# --- the pretrained models ---


@pytest.mark.parametrize("name", FILTERS)
def test_filters_take_any_graph_of_their_features(name):
    model = zoo.load(name)
    features = np.random.default_rng(0).random((6, model.in_features))
    for edges, count in ((RING, 6), ([], 3), (np.zeros((2, 0), int), 1)):
        rows = zoo.predict(model, (edges, features[:count]), top=2)
        assert len(rows) == 2 * count
        assert np.isfinite([row["score"] for row in rows]).all()
    with pytest.raises(BadInput, match=f"p={model.in_features}"):
        zoo.predict(model, (RING, features[:, 1:]))


@pytest.mark.parametrize("name", EMBEDDINGS)
def test_embeddings_know_no_other_graph(name):
    model = zoo.load(name)
    with pytest.raises(BadInput, match="transductive model knows only") as caught:
        zoo.predict(model, (RING, np.ones((3, model.in_features))))
    sentence(str(caught.value))


OFFLINE = """
    import json, sys

    def forbid(event, details):
        if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
            raise PermissionError(f"{event} {details} without network")

    sys.addaudithook(forbid)
    import zoo
    for name in sys.argv[1:]:
        print(len(zoo.predict(name)), zoo.info(name)["weights"]["shape"]["own_nodes"])
    """


def test_own_nodes_need_neither_network_nor_data(tmp_path):
    env = {key: value for key, value in os.environ.items() if not key.startswith(("ZOO_", "HF_"))}
    done = subprocess.run(
        [sys.executable, "-c", dedent(OFFLINE), *MODELS],
        env={**env, "ZOO_HOME": str(tmp_path), "HF_HOME": str(tmp_path), "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    pairs = [line.split() for line in done.stdout.splitlines()]
    assert len(pairs) == len(MODELS)
    assert all(found == expected != "0" for found, expected in pairs)


@pytest.mark.parametrize("name", MODELS)
def test_own_nodes_are_those_of_the_dataset(data_or_skip, name):
    spec, model = MODELS[name], zoo.load(name)
    data = data_or_skip(spec.dataset, **spec.options)
    own, given = zoo.predict(model), zoo.predict(model, data, top=2)
    best = np.array([row["score"] for row in given]).reshape(-1, 2)
    differ = np.array([row["label"] for row in own]) != np.array(
        [row["label"] for row in given[::2]]
    )
    assert differ.sum() <= max(2, data.num_nodes // 500)
    assert (best[differ, 0] - best[differ, 1] < 0.05).all()  # float16 decides ties, and no more
    np.testing.assert_allclose([row["score"] for row in own], best[:, 0], atol=0.03)


def test_stored_numbers_are_measured_again():
    for name in ("sparse-gnn-chameleon", "dsgm-se-sparse"):
        try:
            (row,) = zoo.evaluate(name)
        except DataError as error:
            pytest.skip(str(error))
        stored = zoo.info(name)["results"]
        (card,) = [r for r in stored if r["kind"] == "checkpoint"]
        assert row.value == pytest.approx(card["value"], abs=0.005)


def test_embedding_columns_are_the_leading_eigenvectors():
    model = zoo.load("se150-chameleon")
    spectrum = model.spectrum[:150].abs()
    assert (spectrum[:-1] >= spectrum[1:] * (1 - 1e-3)).all()
    columns = model.own_representations[:, :150]
    torch.testing.assert_close(columns.T @ columns, torch.eye(150), atol=1e-3, rtol=0)
    largest = columns.gather(0, columns.abs().argmax(dim=0, keepdim=True))
    assert (largest > 0).all()


# --- a graph of one's own ---


@pytest.mark.parametrize("architecture", SMALL)
def test_train_predict_and_evaluate(home, architecture):
    model = zoo.load(home / architecture)
    rows = zoo.predict(model, home / "graph.npz")
    hits = np.array([int(row["label"]) for row in rows]) == Y
    assert hits.mean() > 0.6
    (row,) = zoo.evaluate(model)
    assert 0.4 < row.value <= 1


@pytest.mark.parametrize("architecture", SMALL)
def test_training_leaves_the_random_state(home, tmp_path, architecture):
    torch.manual_seed(5)
    before = torch.get_rng_state()
    data = str(home / "graph.npz")
    zoo.train(architecture, data, out=tmp_path / "it", config=SMALL[architecture])
    assert torch.equal(torch.get_rng_state(), before)


def test_another_graph_of_the_same_features(model):
    other = labelled(90, seed=1)
    rows = zoo.predict(model, (other["edges"], other["features"]))
    assert (
        np.mean([int(row["label"]) for row in rows] == other["labels"]) > 0.5
    )  # a third by chance


def test_directions_do_not_count_and_weights_do(model):
    def scores(*source, **weights):
        graph = Graph.from_edges(*source, **weights)
        return np.array([row["score"] for row in zoo.predict(model, graph, top=C)])

    expected = scores(EDGES, X)
    np.testing.assert_allclose(scores(EDGES[::-1], X), expected, atol=1e-6)
    both = np.hstack([EDGES, EDGES[::-1], EDGES])
    np.testing.assert_allclose(scores(both, X), expected, atol=1e-6)
    weights = np.random.default_rng(0).random(EDGES.shape[1])
    np.testing.assert_allclose(scores(EDGES, X, edge_weights=0 * weights + 1), expected, atol=1e-6)
    assert np.abs(scores(EDGES, X, edge_weights=weights) - expected).max() > 1e-3


def test_disconnected_graphs_train(tmp_path):
    """Half of the nodes isolated, the rest in components: repeated eigenvalues."""
    near = EDGES[:, (EDGES < N // 2).all(axis=0) & (EDGES[0] // 5 == EDGES[1] // 5)]
    np.savez(tmp_path / "islands.npz", **{**PLAIN, "edges": near})
    for architecture, config in SMALL.items():
        for operator in ("adj", "lap"):
            made = zoo.train(
                architecture,
                str(tmp_path / "islands.npz"),
                out=tmp_path / architecture / operator,
                config={**config, "operator": operator, "epochs": 3},
            )
            rows = zoo.predict(made, tmp_path / "islands.npz")
            assert np.isfinite([row["score"] for row in rows]).all()


def changed(place, value):
    array = X.copy()
    array[place] = value
    return array


BAD = {
    "NaN": ((EDGES, changed((4, 5), np.nan)), "node 4, column 5"),
    "infinite": ((EDGES, changed((4, 5), np.inf)), "node 4, column 5"),
    "narrow features": ((EDGES, X[:, 1:]), f"p={P - 1} features"),
    "no nodes": (([], X[:0]), "no nodes"),
    "index beyond": (([[0], [N]], X), f"0 to {N - 1}"),
    "edges between": ((EDGES + 0.5, X), "two integers"),
    "missing file": ("nowhere.npz", "no file 'nowhere.npz'"),
}


@pytest.mark.parametrize("case", BAD)
@pytest.mark.parametrize("architecture", SMALL)
def test_bad_graphs_are_one_sentence(home, architecture, case):
    source, message = BAD[case]
    with pytest.raises(BadInput, match=message) as caught:
        zoo.predict(zoo.load(home / architecture), source)
    sentence(str(caught.value))


UNTRAINABLE = {
    "k beyond the nodes": ("spectral-mlp", {"k": N + 1, "kappa": 2}, f"expected 1 to {N}"),
    "default k": ("spectral-mlp", {}, f"k is 150; expected 1 to {N}"),
    "kappa beyond": ("spectral-mlp", {"k": 2, "kappa": P + 1}, f"expected 0 to {P}"),
    "operator": ("graph-filter", {"operator": "rw"}, "adj, lap"),
    "taps": ("graph-filter", {"taps": 0}, "1 or more"),
    "select": ("graph-filter", {"select": "best"}, "val, last"),
    "epochs": ("graph-filter", {"epochs": 0}, "epochs is 0"),
    "a word": ("graph-filter", {"hidden": "wide"}, "cannot be trained so"),
    "unknown": ("graph-filter", {"tap": 3}, "'tap'.*'taps'"),
}


@pytest.mark.parametrize("case", UNTRAINABLE)
def test_what_cannot_be_trained_is_one_sentence(home, tmp_path, case):
    architecture, config, message = UNTRAINABLE[case]
    with pytest.raises(BadInput, match=message) as caught:
        zoo.train(architecture, str(home / "graph.npz"), out=tmp_path / "it", config=config)
    sentence(str(caught.value))
    assert not (tmp_path / "it").exists()


# --- the shell ---


def test_shell_trains_on_a_sampled_graph(zoo_here, tmp_path):
    words = "train graph-filter --dataset dsgm --option gamma=0.01 --option nodes=50"
    words += " --set epochs=2 --set hidden=4"
    assert zoo_here(*words.split(), "--out", tmp_path / "it").code == 0
    assert zoo.load(tmp_path / "it").in_features == 2


def test_frequency_command(home, capsys):
    print_response([f"{home / 'graph-filter'}", str(home / "graph.npz")])
    given = capsys.readouterr().out
    header, *lines = given.splitlines()
    assert header.split("\t") == ["index", "eigenvalue", "0", "1", "2"]
    table = np.array([line.split("\t") for line in lines], dtype=float)
    assert table.shape == (N, 5)
    assert table[0, 1] == pytest.approx(1) and (np.diff(table[:, 1]) <= 0).all()
    assert np.abs(table[:, 2:]).max(axis=0) == pytest.approx(1)
    print_response([str(home / "graph-filter")])  # the graph that it was trained on
    assert capsys.readouterr().out == given


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["dsgm-se-dense"], "no graph filter network"),
        (["dsgm-gnn-dens"], "did you mean"),
        (["dsgm-gnn-dense", "nowhere.npz"], "no file"),
    ],
)
def test_frequency_command_fails_in_one_sentence(capsys, words, message):
    with pytest.raises(SystemExit) as stopped:
        print_response(words)
    assert stopped.value.code == 2
    assert re.search(message, sentence(capsys.readouterr().err.strip()))
