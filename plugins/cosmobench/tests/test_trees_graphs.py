"""Pickled graphs: the layout of the benchmark's files, and what could run code."""

from __future__ import annotations

import os
import pickle
import zipfile

import numpy as np
import pytest
import torch
from torch_geometric.data import Data
from zoo_cosmobench.trees.graphs import forest_of_graphs, graphs_in, read_graphs
from zoo_cosmobench.trees.published import published_questions, published_trees
from zoo_cosmobench.trees.samples import example_forest

import zoo
from zoo_core import BadInput, Notice


def data_of(forest, simulation=0, **more):
    """One tree as the benchmark's code stores it."""
    edges = torch.from_numpy(forest.edges)
    return Data(
        x=torch.from_numpy(forest.features),
        edge_index=edges,
        edge_attr=torch.from_numpy(forest.lengths[forest.edges[0]])[:, None],
        num_nodes=len(forest.parent),
        y=torch.tensor([[0.3, 0.8, 1.0, 1.0, 1.0]]) + simulation / 100,
        lh_id=simulation,
        mask_main=np.arange(3),
        node_halo_id=torch.arange(len(forest.parent))[:, None],
        **more,
    )


def test_networks_are_held_against_the_published_ones_on_the_benchmark_s_trees(
    tmp_path, monkeypatch
):
    from zoo_cosmobench.checks import benchmark
    from zoo_cosmobench.specs.claims import BENCHMARK_CLAIMS

    paths = []
    for number, split in enumerate(("train", "val", "test")):
        forest = example_forest(number)
        # Each tree stands for several universes, so that draws of the test trees differ in targets.
        graphs = [data_of(forest.take([row % 3]), 10 * number + row) for row in range(9)]
        paths.append(tmp_path / f"CS_tree_{split}.pt")
        torch.save(graphs, paths[-1])
    monkeypatch.setattr(benchmark, "at_hand", lambda name: published_trees(paths))
    assert set(benchmark.trees().quantities) == set(BENCHMARK_CLAIMS[-1].bounds)


@pytest.fixture
def saved(tmp_path):
    """Three files with three trees of two simulations each, as the benchmark's."""
    paths = []
    for number, split in enumerate(("train", "val", "test")):
        forest = example_forest(number)
        graphs = [data_of(forest.take([tree]), 2 * number + tree % 2) for tree in range(3)]
        paths.append(tmp_path / f"CS_tree_{split}.pt")
        torch.save(graphs, paths[-1])
    return paths


def test_trees_of_the_benchmark_s_layout(saved):
    data = published_trees(saved)
    assert len(data.forest) == 9
    assert [data.rows[name].tolist() for name in data.splits] == [
        [0, 1, 2], [3, 4, 5], [6, 7, 8],
    ]  # fmt: skip
    assert data.simulations.tolist() == [0, 1, 0, 2, 3, 2, 4, 5, 4]
    assert data.targets[4].tolist() == pytest.approx([0.33, 0.83])
    expected = example_forest(1)
    found = data.forest.take([3, 4, 5])
    assert (found.parent == expected.parent).all()
    assert (found.features == expected.features).all()
    assert (found.lengths[found.parent >= 0] == 2).all()


def test_no_simulation_is_in_two_files(saved):
    with pytest.raises(BadInput, match="share a simulation"):
        published_trees([saved[0], saved[0], saved[2]])


def questions_of(tree=0):
    """A small tree with two mergers and their virtual nodes, as the benchmark's code stores it."""
    features = torch.rand(7, 4)
    features[5:] = 0
    edges = torch.tensor([[1, 2, 3, 4, 0, 1, 2, 1, 3, 4], [0, 0, 1, 1, 5, 5, 5, 6, 6, 6]])
    return Data(
        x=features,
        edge_index=edges,
        label=torch.tensor([-1, -1, -1, -1, -1, 1, 0]),
        vn_mask=torch.tensor([False] * 5 + [True] * 2),
    )


def test_questions_of_the_benchmark_s_layout(tmp_path):
    paths = []
    for split in ("train", "val", "test"):
        paths.append(tmp_path / f"infilling_trees_25k_200_{split}.pt")
        torch.save([questions_of(), questions_of()], paths[-1])
    data = published_questions(paths)
    assert data.labels.tolist() == [1, 0] * 6
    assert data.rows["val"].tolist() == [2, 3]
    assert data.questions.about[:2].tolist() == [[0, 1, 2], [1, 3, 4]]
    edges, features, virtual = data.questions.one(3)
    assert virtual.tolist() == [5, 6] and features.shape == (7, 4) and edges.shape == (2, 10)
    broken = questions_of()
    broken.edge_index = broken.edge_index[:, :-1]
    unlabelled = questions_of()
    del unlabelled.vn_mask
    for graph, told in ((broken, "without three edges"), (unlabelled, "no vn_mask")):
        torch.save([graph], paths[0])
        with pytest.raises(BadInput, match=told):
            published_questions(paths)


def test_networks_are_trained_on_the_benchmark_s_files(saved, tmp_path, monkeypatch):
    mirror = tmp_path / "mirror" / "cosmobench"
    mirror.mkdir(parents=True)
    for path in saved:
        path.rename(mirror / path.name)
        split = path.stem.rpartition("_")[2]
        torch.save([questions_of(), questions_of()], mirror / f"infilling_trees_25k_200_{split}.pt")
    monkeypatch.setenv("ZOO_DATA_MIRROR", str(tmp_path / "mirror"))
    assert zoo.dataset("cosmobench-trees").facts["simulations"] == 6
    for architecture, data, metric in (
        ("cosmo-mpnn-trees", "cosmobench-trees", "r2-sigma-8"),
        ("cosmo-mpnn-infill", "cosmobench-infill", "accuracy"),
    ):
        module = zoo.train(architecture, data, out=tmp_path / data, config={"epochs": 1})
        (row,) = zoo.evaluate(module, metrics=[metric])
        assert np.isfinite(row.value) and row.dataset == data


class Harmful:
    def __reduce__(self):
        return os.system, ("echo harm",)


def test_a_pickle_that_could_run_code_is_refused(tmp_path):
    for number, thing in enumerate((Harmful(), [Harmful()], np.array([Harmful()], object))):
        path = tmp_path / f"{number}.pt"
        torch.save(thing, path)
        with pytest.raises(BadInput, match=r"asks for (posix|nt)\.system.*could run code"):
            read_graphs(path)
    torch.save(torch.nn.Linear(1, 1), tmp_path / "module.pt")
    with pytest.raises(BadInput, match=r"asks for torch\.nn"):
        read_graphs(tmp_path / "module.pt")


def test_what_is_no_file_of_graphs_is_refused(tmp_path, saved):
    (tmp_path / "text.pt").write_text("no graphs")
    with pytest.raises(BadInput, match=r"no file of torch\.save"):
        read_graphs(tmp_path / "text.pt")
    (tmp_path / "plain.pt").write_bytes(pickle.dumps([1]))
    with pytest.raises(BadInput, match=r"no file of torch\.save"):
        read_graphs(tmp_path / "plain.pt")
    with zipfile.ZipFile(tmp_path / "zip.pt", "w") as archive:
        archive.writestr("zip/readme", "nothing")
    with pytest.raises(BadInput, match="damaged"):
        read_graphs(tmp_path / "zip.pt")
    torch.save([torch.ones(2)], tmp_path / "tensors.pt")
    with pytest.raises(BadInput, match="has no graphs"):
        read_graphs(tmp_path / "tensors.pt")
    with pytest.raises(BadInput, match="does not exist"):
        read_graphs(tmp_path / "nowhere.pt")
    whole = saved[0].read_bytes()
    saved[0].write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BadInput, match=r"no file of torch\.save"):
        read_graphs(saved[0])


def test_graphs_in_memory_are_the_same(saved):
    forest = example_forest(0)
    graphs = [data_of(forest.take([tree]), tree) for tree in range(3)]
    found = graphs_in(graphs)
    again = forest_of_graphs(found)
    assert (again.parent == forest.parent).all() and (again.features == forest.features).all()
    assert [one.simulation for one in found] == [0, 1, 2]
    assert graphs_in(np.ones((3, 4))) is None and graphs_in([]) is None
    wide = data_of(forest.take([0]))
    wide.x = torch.cat([wide.x, wide.x], 1)
    with pytest.warns(Notice, match="4 features beside"):
        forest_of_graphs(graphs_in(wide))


def test_graphs_that_are_no_trees_are_refused():
    forest = example_forest(0).take([1])
    for change, told in (
        ({"edge_index": torch.tensor([[1, 1], [0, 2]])}, "two descendants"),
        ({"edge_index": torch.tensor([[1], [9]])}, "edges to haloes"),
        ({"x": torch.ones(5, 2)}, r"expected \(n, 4\)"),
        ({"x": None}, "has no x"),
    ):
        data = data_of(forest)
        for name, value in change.items():
            setattr(data, name, value)
        with pytest.raises(BadInput, match=told):
            forest_of_graphs(graphs_in([data]))
    data = data_of(forest)
    data.y = data.lh_id = None
    (graph,) = graphs_in(data)
    with pytest.raises(BadInput, match="no Omega_m and sigma_8 in y"):
        _ = graph.targets
    with pytest.raises(BadInput, match="no lh_id"):
        _ = graph.simulation
