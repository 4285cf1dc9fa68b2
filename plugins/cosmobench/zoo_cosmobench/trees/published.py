"""The benchmark's own trees, and questions on trees that a person has."""

from __future__ import annotations

from itertools import pairwise
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import torch

from zoo_core import BadInput, fetch
from zoo_cosmobench.specs.data import TREE_FILES
from zoo_cosmobench.trees.forest import FEATURES, Trees
from zoo_cosmobench.trees.graphs import Graph, forest_of_graphs, read_graphs
from zoo_cosmobench.trees.infilling import Infill, Questions, coarse_questions
from zoo_cosmobench.trees.preparation import contracted
from zoo_cosmobench.trees.reading import read_forest
from zoo_cosmobench.trees.splitting import FEWEST, SHARES, assembled

SPLITS = ("train", "val", "test")


def cosmobench_trees() -> Trees:
    """Return the benchmark's merger trees; raises `DataError` where they cannot be had."""
    return published_trees([fetch(file) for file in TREE_FILES["parameters"]])


def cosmobench_infill() -> Infill:
    """Return the benchmark's questions; raises `DataError` where they cannot be had."""
    return published_questions([fetch(file) for file in TREE_FILES["infilling"]])


def published_trees(paths: list[Path]) -> Trees:
    """Return the trees of a file for each split; raises `BadInput` for what is no such file.

    A simulation in two files is refused: trees of one universe share their targets.
    """
    parts = [read_graphs(path) for path in paths]
    graphs = [one for part in parts for one in part]
    simulations = np.array([one.simulation for one in graphs])
    rows = dict(zip(SPLITS, _ranges(parts), strict=True))
    seen = [set(simulations[one.numpy()].tolist()) for one in rows.values()]
    if sum(map(len, seen)) > len(set().union(*seen)):
        raise BadInput("The files of two splits share a simulation; expected none in common.")
    targets = np.stack([one.targets for one in graphs])
    return assembled(forest_of_graphs(graphs), targets, simulations, rows)


def published_questions(paths: list[Path]) -> Infill:
    """Return the questions of a file for each split; raises `BadInput` for what is no such file."""
    parts = [read_graphs(path) for path in paths]
    found = [_questions(one) for part in parts for one in part]
    asked, labels = _joined([one for one, _ in found]), torch.cat([one for _, one in found])
    return _infill(asked, labels, dict(zip(SPLITS, _ranges(parts), strict=True)))


def read_infill(
    source: Any,
    *,
    mass_unit: str = "Msun/h",
    h: float | None = None,
    contract_below: float | None = None,
    seed: int = 0,
) -> Infill:
    """Return questions on what a person has.

    A folder with the benchmark's three files for task 4, or merger trees as
    `zoo_cosmobench.trees.reading.read_forest` takes them, of which every second time is left out:
    60 % of the trees are for training, 20 % choose the epoch, 20 % are the test. Linear haloes
    below log10 mass `contract_below` are contracted first. Raises `BadInput` for what is neither,
    and for fewer than five trees.
    """
    if isinstance(source, Infill):
        return source
    if isinstance(source, str | PathLike) and Path(source).expanduser().is_dir():
        folder = Path(source).expanduser()
        paths = [folder / Path(file.path).name for file in TREE_FILES["infilling"]]
        lacking = [path.name for path in paths if not path.is_file()]
        if lacking:
            raise BadInput(f"{folder} has no {lacking[0]}; expected a file for each split.")
        return published_questions(paths)
    forest = read_forest(source, mass_unit=mass_unit, h=h)
    if len(forest) < FEWEST:
        raise BadInput(f"There are {len(forest)} trees; expected {FEWEST} or more to be split.")
    asked, labels = coarse_questions(
        forest if contract_below is None else contracted(forest, contract_below)
    )
    order = torch.from_numpy(np.random.default_rng(seed).permutation(len(forest)))
    ends = [round(share * len(forest)) for share in SHARES]
    rows = dict(zip(SPLITS, torch.tensor_split(order, ends), strict=True))
    return _infill(asked, labels, rows)


def _infill(asked: Questions, labels: torch.Tensor, rows: dict[str, torch.Tensor]) -> Infill:
    facts = {"trees": len(asked), "virtual nodes": len(labels), "hidden": int(labels.sum())}
    return Infill((asked, labels), rows, facts=facts)


def _ranges(parts: list[list[Graph]]) -> list[torch.Tensor]:
    """Return which of all graphs, one after another, each part has."""
    ends = np.cumsum([0, *map(len, parts)])
    return [torch.arange(low, high) for low, high in pairwise(ends)]


def _questions(graph: Graph) -> tuple[Questions, torch.Tensor]:
    """Return the questions of a published graph, whose virtual nodes are in `vn_mask`."""
    mask, label = graph.more.get("vn_mask"), graph.more.get("label")
    nodes = len(graph.features)
    for name, given in (("vn_mask", mask), ("label", label)):
        if not isinstance(given, torch.Tensor) or given.numel() != nodes:
            raise BadInput(f"{graph.label} has no {name} for each of its {nodes} nodes.")
    assert isinstance(mask, torch.Tensor) and isinstance(label, torch.Tensor)
    virtual = np.flatnonzero(mask.numpy())
    labels = label[mask.bool()].long()
    if not len(virtual) or not bool(((labels == 0) | (labels == 1)).all()):
        raise BadInput(f"{graph.label} has no virtual nodes with labels 0 and 1.")
    source, target = graph.edges
    order = np.argsort(target, kind="stable")
    first = np.searchsorted(target[order], virtual)
    into = np.bincount(target, minlength=nodes)[virtual]
    if (into != 3).any():
        raise BadInput(f"{graph.label} has a virtual node without three edges to it.")
    about = source[order][first[:, None] + np.arange(3)]
    asked = Questions(
        features=graph.features[:, : len(FEATURES)],
        edges=graph.edges,
        virtual=virtual,
        about=about,
        nodes=np.array([0, nodes]),
        mergers=np.array([0, len(virtual)]),
    )
    return asked, labels


def _joined(parts: list[Questions]) -> Questions:
    """Return the questions of several trees after one another."""
    nodes = np.cumsum([0, *(one.nodes[-1] for one in parts)])
    mergers = np.cumsum([0, *(one.mergers[-1] for one in parts)])
    low = nodes[:-1].tolist()
    return Questions(
        features=np.concatenate([one.features for one in parts]),
        edges=np.concatenate([one.edges + more for one, more in zip(parts, low, strict=True)], 1),
        virtual=np.concatenate([one.virtual + more for one, more in zip(parts, low, strict=True)]),
        about=np.concatenate([one.about + more for one, more in zip(parts, low, strict=True)]),
        nodes=nodes,
        mergers=mergers,
    )
