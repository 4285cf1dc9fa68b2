"""A user's signals, graphs and images: taken, told of, or refused in a sentence."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import sparse
from zoo_approx_equivariant.reading import automorphisms, read_images, read_signals, signals_of

from zoo_core import BadInput, Notice, strictly


def test_signals_with_targets(blocks, home):
    data = read_signals(home / "mysignals.npz")
    assert data.inputs.shape == data.targets.shape == (60, 10, 1)
    assert {name: len(rows) for name, rows in data.rows.items()} == {
        "train": 36, "val": 12, "test": 12,
    }  # fmt: skip
    assert [int(one.max()) + 1 for one in data.partitions] == [2, 4, 8]
    assert data.partitions[0].tolist() in ([0] * 5 + [1] * 5, [1] * 5 + [0] * 5)
    assert data.generators
    for same in (str(home / "mysignals.npz"), blocks):
        assert torch.equal(read_signals(same).inputs, data.inputs)


def graphs(blocks):
    edges = np.array(np.nonzero(blocks["adjacency"]))
    return {
        "adjacency": sparse.csr_array(blocks["adjacency"]),
        "edges": edges,
        "coordinates": np.r_[np.zeros((5, 2)), np.ones((5, 2))] + np.arange(10)[:, None] * 1e-3,
        "clusters": ["left"] * 5 + ["right"] * 5,
    }


@pytest.mark.parametrize("kind", ["adjacency", "edges", "coordinates", "clusters"])
def test_every_kind_of_graph(blocks, kind):
    graph = graphs(blocks)[kind]
    given = {"signals": blocks["signals"], "targets": blocks["targets"], kind: graph}
    data = read_signals(given, neighbours=4)
    halves = data.partitions[0]
    assert (halves[:5] == halves[0]).all() and (halves[5:] == halves[5]).all()
    assert halves[0] != halves[5]


def test_edges_may_be_transposed_and_weighted(blocks):
    edges = graphs(blocks)["edges"]
    given = {"signals": blocks["signals"], "targets": blocks["targets"]}
    plain = read_signals({**given, "edges": edges})
    again = read_signals({**given, "edges": edges.T, "weights": np.ones(edges.shape[1])})
    assert (plain.partitions[0] == again.partitions[0]).all()


def test_several_partitions_and_channels(blocks):
    levels = np.stack([np.arange(10) // 5, np.arange(10) // 2])
    signals = np.stack([blocks["signals"]] * 3, 2)
    data = read_signals({"signals": signals, "targets": blocks["targets"], "clusters": levels})
    assert data.inputs.shape == (60, 10, 3)
    assert [len(set(one.tolist())) for one in data.partitions] == [2, 5]
    assert data.generators == []


def test_without_targets_near_nodes_are_hidden(blocks):
    with pytest.warns(Notice, match="no targets"):
        data = read_signals({k: blocks[k] for k in ("signals", "adjacency")}, hide=0.3)
    hidden = (data.inputs != data.targets)[..., 0]
    assert (hidden.sum(1) == 3).all()
    mean = data.targets[data.rows["train"]].mean()
    assert torch.allclose(data.inputs[hidden.unsqueeze(-1)], mean)
    # Three nodes next to each other lie in one community of five far more often than by chance.
    left = hidden[:, :5].sum(1)
    assert float(((left == 0) | (left == 3)).double().mean()) > 0.6


def test_what_is_dropped_is_told(blocks):
    directed = blocks["adjacency"].copy()
    directed[0, 1], directed[3, 3] = 0, 2
    given = {**blocks, "adjacency": directed, "names": ["a"] * 10}
    with pytest.warns(Notice) as told:
        read_signals(given)
    said = " ".join(str(one.message) for one in told)
    assert "1 self-loops" in said and "directed" in said and "Not used: names" in said
    with strictly(), pytest.raises(BadInput, match="Not used"):
        read_signals(given)


def test_automorphisms_of_a_graph():
    ring = np.roll(np.eye(5), 1, 1)
    assert len(automorphisms(ring)) > 0
    assert automorphisms(np.diag(np.arange(4.0))) == []
    assert automorphisms(np.eye(201)) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"signals": np.full((20, 10), np.nan)}, "signals hold NaN"),
        ({"signals": np.ones(10)}, r"signals have the shape \(10,\)"),
        ({"signals": [["a"] * 10] * 20}, "signals are no array"),
        ({"signals": np.ones((5, 10)), "targets": np.ones((5, 10))}, "12 or more"),
        ({"targets": np.ones((60, 9))}, "targets have the shape"),
        ({"adjacency": np.ones((9, 9))}, r"expected \(10, 10\)"),
        ({"coordinates": np.ones((10, 2))}, "adjacency and coordinates are given"),
        ({"adjacency": None}, "adjacency"),
    ],
    ids=["nan", "flat", "text", "few", "targets", "shape", "two graphs", "none"],
)
def test_signals_that_do_not_fit_are_refused(blocks, change, told):
    with pytest.raises(BadInput, match=told):
        read_signals({**blocks, **change})


def test_graphs_that_do_not_fit_are_refused(blocks):
    given = {"signals": blocks["signals"], "targets": blocks["targets"]}
    for graph, told in (
        ({}, "No graph is given"),
        ({"edges": [[0, 1], [1, 10]]}, "nodes 0 to 9"),
        ({"edges": [[0.5, 1], [1, 2]]}, "whole numbers"),
        ({"edges": [[0, 1, 2]]}, "edges have the shape"),
        ({"edges": [[0, 1], [1, 2]], "weights": [1, 2, 3]}, "for 2 edges"),
        ({"clusters": [0] * 9}, "clusters have the shape"),
        ({"coordinates": np.ones((9, 2))}, "coordinates have the shape"),
    ):
        with pytest.raises(BadInput, match=told):
            read_signals({**given, **graph})


def test_options_that_make_no_sense_are_refused(blocks, tmp_path):
    for options, told in (
        ({"counts": [0]}, "counts="),
        ({"counts": "many"}, "counts="),
        ({"counts": [11]}, "from 1 to 10"),
        ({"test": 0.6}, "test=0.6"),
        ({"neighbours": 0}, "neighbours=0"),
    ):
        given = dict(blocks)
        if "neighbours" in options:
            given = {**given, "coordinates": np.ones((10, 1))}
            del given["adjacency"]
        with pytest.raises(BadInput, match=told):
            read_signals(given, **options)
    del (given := dict(blocks))["targets"]
    with pytest.raises(BadInput, match="hide=1"):
        read_signals(given, hide=1)
    (tmp_path / "mine.csv").write_text("1,2\n")
    with pytest.raises(BadInput, match=r"is no \.npz"):
        read_signals(tmp_path / "mine.csv")
    with pytest.raises(BadInput, match="no source of signals"):
        read_signals(3)
    with pytest.raises(BadInput, match="no signals among"):
        signals_of({"targets": 1})


def test_images_of_a_folder_and_arrays(home):
    data = read_images(home / "pictures", size=12)
    assert data.size == (12, 12) and data.square == 6
    assert ((data.inputs != data.targets).sum(1) <= 36).all()
    with pytest.warns(Notice, match="resized to 28 x 28"):
        assert read_images(home / "pictures").size == (28, 28)
    array = np.random.default_rng(0).integers(0, 255, (15, 8, 10)).astype(np.uint8)
    data = read_images(array, square=3)
    assert data.size == (8, 10)
    assert torch.allclose(data.targets[0, 0, 0], torch.tensor(array[0, 0, 0] / 127.5 - 1).float())
    for source, options, told in (
        (array[:4], {}, "12 or more"),
        (array, {"square": 9}, "square=9"),
        (array, {"std": 0}, "std=0"),
        (array.astype(float), {}, "uint8"),
        ("nowhere", {}, "neither a folder"),
        (home / "pictures", {"size": [1, 2, 3]}, "size="),
    ):
        with pytest.raises(BadInput, match=told):
            read_images(source, **options)
