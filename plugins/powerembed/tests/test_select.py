"""Selection: it reads training and validation nodes, and nothing else."""

from __future__ import annotations

import json

import numpy as np
import pytest
from zoo_graphs.graph import Graph
from zoo_powerembed import select, train

import zoo
from zoo_core import Run

N, C = 60, 3
SHARED = {"k": 6, "epochs": 6}
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
    for fold in range(count):
        order = rng.permutation(N)
        masks = {split: np.zeros(N, bool) for split in ("train", "val", "test")}
        for split, part in zip(masks, np.split(order, [25, 45]), strict=True):
            masks[split][part] = True
        graph = Graph.from_edges(edges, features, labels, masks, class_names=("a", "b", "c"))
        made.append(Run(data=graph, seed=fold))
    return made


def poisoned(split, seal):
    """The same folds with wrong labels on one split, whose mask can be sealed."""
    runs = folds()
    for run in runs:
        mask = run.data.masks[split].copy()
        run.data.labels[mask] = (run.data.labels[mask] + 1) % C
        if seal:
            object.__setattr__(run.data, "masks", Sealed(run.data.masks))
    return runs


def outcome(runs):
    """What selection yields, without its times."""
    rows = list(select.evaluate_candidates(runs, GRID, SHARED, silent))
    return [{key: row[key] for key in row if key != "seconds"} for row in rows]


def test_test_labels_and_masks_are_never_read():
    expected = outcome(folds())
    assert outcome(poisoned("test", seal=True)) == expected
    for split in ("train", "val"):  # these count
        assert outcome(poisoned(split, seal=False)) != expected


def test_command_line_never_reads_them_either(monkeypatch, tmp_path, capsys):
    found = []
    for runs in (folds(), poisoned("test", seal=True)):
        monkeypatch.setattr(zoo, "dataset", lambda name, fold, runs=runs: runs[fold].data)
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


def test_runs_may_have_a_graph_each():
    """As block models do, where the fold is the seed of the graph."""
    runs = [folds(seed=0)[0], folds(seed=1)[1]]
    for candidate, row in zip(GRID, outcome(runs), strict=True):
        models = train.train_powerembed(runs, {**SHARED, **candidate}, silent)
        found = []
        for model, run in zip(models, runs, strict=True):
            ((logits, labels),) = model.outputs_and_targets(run.data, "val")
            found.append((logits.argmax(dim=1) == labels).double().mean().item())
        assert row["folds"] == pytest.approx(found)
