"""Selection: it reads training and validation nodes, and nothing else."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from zoo_graphs.graph import Graph
from zoo_powerembed import select, train

import zoo
from zoo_core import measure
from zoo_core.testing import make_run

N, C = 60, 3
SHARED, EPOCHS = {"k": 6}, 6
RECIPE = {"epochs": EPOCHS}
GRID = [
    {"operator": operator, "mode": mode, "hops": hops}
    for operator, mode, hops in (("adj", "all", 2), ("lap", "last", 3), ("rw", "first_last", 3))
]


def silent(steps, desc=None):
    return steps


class Sealed(dict):
    """Masks of which "test" must not be touched, by whatever way."""

    def __getitem__(self, split):
        assert split != "test", "the test mask was read"
        return super().__getitem__(split)

    def refuse(self, *args):
        raise AssertionError("the test mask was read")

    get = items = values = pop = refuse


def folds(seed=0, count=2):
    rng = np.random.default_rng(seed)
    labels = np.arange(N) % C
    edges = rng.integers(0, N, (2, 4 * N))
    features = rng.normal(size=(N, 12)) + np.eye(C, 12)[labels]
    made = []
    for _ in range(count):
        order = rng.permutation(N)
        masks = {split: np.zeros(N, bool) for split in ("train", "val", "test")}
        for split, part in zip(masks, np.split(order, [25, 45]), strict=True):
            masks[split][part] = True
        made.append(Graph.from_edges(edges, features, labels, masks, class_names=("a", "b", "c")))
    return made


def poisoned(split, seal):
    """The same folds with wrong labels on one split, whose mask can be sealed."""
    graphs = folds()
    for graph in graphs:
        mask = graph.masks[split].copy()
        graph.labels[mask] = (graph.labels[mask] + 1) % C
        if seal:
            object.__setattr__(graph, "masks", Sealed(graph.masks))
    return graphs


def outcome(graphs):
    """What selection yields, without its times."""
    rows = list(select.evaluate_candidates(graphs, GRID, SHARED, silent, epochs=EPOCHS))
    return [{key: row[key] for key in row if key != "seconds"} for row in rows]


def test_test_labels_and_masks_are_never_read():
    expected = outcome(folds())
    assert outcome(poisoned("test", seal=True)) == expected
    for split in ("train", "val"):  # these count
        assert outcome(poisoned(split, seal=False)) != expected


def test_command_line_never_reads_them_either(monkeypatch, tmp_path, capsys):
    found = []
    for graphs in (folds(), poisoned("test", seal=True)):
        monkeypatch.setattr(zoo, "dataset", lambda name, fold, graphs=graphs: graphs[fold])
        out = tmp_path / "found.json"
        words = ["tiny", "--folds", "2", "-k", "6", "--epochs", "3", "--grid", "shallow"]
        select.main([*words, "--out", str(out)])
        result = json.loads(out.read_text())
        best = max(result["candidates"], key=lambda row: row["val_accuracy"])
        assert result["winner"] == {**result["shared"], **best["config"]}
        assert f"winner: {best['config']}" in capsys.readouterr().out
        found.append([row["folds"] for row in result["candidates"]])
    assert found[0] == found[1]


def test_rows_describe_their_folds():
    for row in outcome(folds()):
        assert len(row["folds"]) == 2
        assert row["val_accuracy"] == pytest.approx(np.mean(row["folds"]))
        assert row["val_std"] == pytest.approx(np.std(row["folds"]))


def test_folds_may_have_a_graph_each():
    """As block models do, where the fold is the seed of the graph; and training finds the same."""
    graphs = [folds(seed=0)[0], folds(seed=1)[1]]
    for graph in graphs:
        graph.masks.pop("test")
    for candidate, row in zip(GRID, outcome(graphs), strict=True):
        runs = [
            make_run("powerembed", graph, seed=seed, shape={**SHARED, **candidate}, recipe=RECIPE)
            for seed, graph in enumerate(graphs)
        ]
        with torch.random.fork_rng(devices=[]):
            models = train.train_powerembed(runs, silent)
        accuracies = [
            measure(m, g, "val", ["accuracy"]) for m, g in zip(models, graphs, strict=True)
        ]
        assert row["folds"] == pytest.approx([found["accuracy"] for found in accuracies])
        assert row["val_accuracy"] == pytest.approx(np.mean(row["folds"]))


def test_grids():
    sizes = {grid: len(select.candidates(grid)) for grid in ("shallow", "small", "full")}
    assert sizes == {"shallow": 3, "small": 12, "full": 90}
    with pytest.raises(ValueError, match="unknown grid"):
        select.candidates("huge")


def test_the_small_grid_is_the_command_lines(monkeypatch, tmp_path):
    graphs = folds()
    monkeypatch.setattr(zoo, "dataset", lambda name, fold: graphs[fold])
    out = tmp_path / "found.json"
    select.main(["tiny", "--folds", "2", "-k", "6", "--epochs", "2", "--out", str(out)])
    found = json.loads(out.read_text())
    assert found["selected_on"] == "val"
    assert found["winner"]["k"] == 6
    assert len(found["candidates"]) == 12
