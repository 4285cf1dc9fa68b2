"""Sparse/dense GNN (arXiv:2211.03231): the paper, its architectures, models, data and claims.

Only specs live here and in `paper.py`. The methods are in `filters.py` and `spectral_mlp.py`, the
graph model in `dsgm.py`, the recipes in `train.py`.
"""

from __future__ import annotations

from typing import Any

from zoo_core import Architecture, Dataset, Model, Paper, hookimpl
from zoo_sparse_dense_gnn.paper import PAPER

ZOO_API = 1

_TASK = "node-classification"
_SOURCE = "paper, extended version, means over splits"
_SYMMETRIES = ("zoo_graphs.node_classifier:permute_nodes",)
_READER = "zoo_graphs.inputs:read_training_graph"
_RECIPE = {
    "epochs": 200,
    "lr": 0.01,
    "weight_decay": 0.0,
    "select": "val",
    "patience": 50,
    "tolerance": None,
}
_SIMULATION = {"select": "last", "patience": None}
_UPPER = (
    "The graph is the one of the paper's runs: the upper triangle of the directed file, 23,370 "
    'edges (`symmetrize="upper"`); the union of both directions has 31,371.'
)
_GRAPH_OPTIONS = {
    "fold": "which of the ten splits, 0-9",
    "symmetrize": "'union' of both directions, or 'upper': only lines with u < v",
    "drop": "percent of the undirected edges to remove, uniformly (70)",
    "keep": "instead of drop: how many random neighbours each node keeps",
    "thinning": "the seed of what is removed: any integer from 0",
}


@hookimpl
def zoo_papers() -> list[Paper]:
    """Return the paper."""
    return [PAPER]


@hookimpl
def zoo_architectures() -> list[Architecture]:
    """Return the two methods that the paper compares."""
    return [
        Architecture(
            name="graph-filter",
            cls="zoo_sparse_dense_gnn.filters:GraphFilterNetwork",
            paper="sparse-dense-gnn",
            task=_TASK,
            summary="network of polynomial graph filters (GNN)",
            config={
                "hidden": 128,
                "layers": 1,
                "taps": 2,
                "nonlinearity": "prelu",
                "operator": "lap",
                "dropout": 0.5,
                **_RECIPE,
            },
            train="zoo_sparse_dense_gnn.train:train_graph_filter",
            reader=_READER,
            symmetries=_SYMMETRIES,
        ),
        Architecture(
            name="spectral-mlp",
            cls="zoo_sparse_dense_gnn.spectral_mlp:SpectralMLP",
            paper="sparse-dense-gnn",
            task=_TASK,
            summary="leading eigenvectors of graph and features, one hidden layer (SE)",
            config={"k": 150, "kappa": 150, "operator": "lap", "dropout": 0.5, **_RECIPE},
            train="zoo_sparse_dense_gnn.train:train_spectral_mlp",
            reader=_READER,
            symmetries=_SYMMETRIES,
        ),
    ]


@hookimpl
def zoo_datasets() -> list[Dataset]:
    """Return the dense-sparse graph model, and three real graphs with edges removed."""
    titles = {
        "chameleon": ("Wikipedia Chameleon", "https://github.com/graphdml-uiuc-jlu/geom-gcn"),
        "cora": ("Cora", "https://github.com/kimiyoung/planetoid"),
        "citeseer": ("CiteSeer", "https://github.com/kimiyoung/planetoid"),
    }
    return [
        Dataset(
            name="dsgm",
            title="Dense-sparse graph model",
            factory="zoo_sparse_dense_gnn.dsgm:load",
            task=_TASK,
            license="Apache-2.0",
            source="https://arxiv.org/abs/2211.03231",
            options={
                "fold": "the seed of graph, features and split: any integer from 0",
                "gamma": "step of the grid: 0.002 is the paper's dense graph, 0.01 its sparse one",
                "kernel": "'degree-corrected' or 'block' (your own function: `sample_dsgm`)",
                "nodes": "number of nodes (1000)",
                "p": "probability within a community, before degree correction (1/4)",
                "q": "probability across (1/6)",
            },
            summary="Two communities on a grid of the real line, joined by a kernel that decays "
            "from the origin; features N(+-(1, 1), 4 I); half of the nodes for training.",
        ),
        *(
            Dataset(
                name=f"{base}-thinned",
                title=f"{title}, edges removed",
                factory="zoo_sparse_dense_gnn.thinned:load",
                config={"base": base},
                task=_TASK,
                license="NOASSERTION" if base == "chameleon" else "MIT",
                source=source,
                options=_GRAPH_OPTIONS,
                summary=f"The dataset {base} with the same nodes and splits, and fewer edges.",
            )
            for base, (title, source) in titles.items()
        ),
    ]


def _runs(**options: Any) -> tuple[dict[str, Any], ...]:
    return tuple({"fold": fold, **options} for fold in range(10))


def _gnn(**config: Any) -> dict[str, Any]:
    return {"architecture": "graph-filter", "config": config}


def _se(**config: Any) -> dict[str, Any]:
    return {"architecture": "spectral-mlp", "config": config}


def _real(name: str, architecture: str, dataset: str, published: float, **more: Any) -> Model:
    """Return a checkpoint on a real graph, on the first of its ten splits."""
    config = more.pop("config", {})
    options = more.pop("options", {})
    own = {"own_nodes": True} if architecture == "graph-filter" else {}
    return Model(
        name=name,
        architecture=architecture,
        dataset=dataset,
        license="Apache-2.0",
        config={**config, **own},
        options={"fold": 0, **options},
        published={"accuracy": (published, _SOURCE)},
        storage="float16",
        usage="print(zoo.predict(model)[:3])",
        **{"runs": _runs(**options), **more},
    )


_SIMULATED = {"hidden": 8, "dropout": 0.0, **_SIMULATION}
_FILTERS = {**_SIMULATED, "layers": 2, "operator": "adj", "own_nodes": True}


def _embedded(k: int) -> dict[str, Any]:
    return {"k": k, "kappa": 2, "operator": "adj", "lr": 0.02, **_SIMULATED, "dropout": 0.5}


def _simulated(kind: str, method: str, gamma: float, config: dict[str, Any]) -> Model:
    """Return a checkpoint on one sampled graph of the dense-sparse graph model."""
    beside = (
        {
            "GNN(lin)": _gnn(**{**_FILTERS, "nonlinearity": "identity"}),
            **{f"SE({k})": _se(**_embedded(k)) for k in (2, 20)},
        }
        if method == "gnn"
        else {
            **{f"SE({k})": _se(**_embedded(k)) for k in (6, 10, 20)},
            "GNN(non)": _gnn(**_FILTERS),
        }
    )
    words = "Two graph filters of width 8" if method == "gnn" else "Two eigenvectors and an MLP"
    return Model(
        name=f"dsgm-{method}-{kind}",
        architecture="graph-filter" if method == "gnn" else "spectral-mlp",
        dataset="dsgm",
        license="Apache-2.0",
        summary=f"{words} on a {kind} graph of the dense-sparse graph model.",
        config=config,
        options={"fold": 0, "gamma": gamma},
        runs=_runs(gamma=gamma),
        beside=beside,
        usage="print(zoo.predict(model)[:3])",
        notes="Each run samples a graph of its own; the checkpoint's is that of seed 0. The paper "
        "shows its numbers in a figure only: medians of 0.88 to 0.90 for all methods on dense "
        "graphs; 0.73 to 0.76 for spectral embeddings and 0.76 to 0.78 for GNNs on sparse ones.",
    )


@hookimpl
def zoo_models() -> list[Model]:
    """Return graph filters and spectral embeddings on sampled, real and thinned graphs."""
    linear = {"nonlinearity": "identity"}
    company = {
        "SE(150), normalised": _se(),
        "SE(150), A": _se(operator="adj"),
        "GNN(lin), normalised": _gnn(**linear),
        "GNN(non), A": _gnn(operator="adj"),
    }
    upper = {"symmetrize": "upper"}
    thinned = {**upper, "drop": 70}
    adjacency = {"operator": "adj"}
    citations = {"SE(150), A": _se(**adjacency), "GNN(lin), A": _gnn(**adjacency, **linear)}
    return [
        _real(
            "sparse-gnn-chameleon",
            "graph-filter",
            "chameleon",
            0.5590,
            summary="Graph filter of two taps on Chameleon, normalised operator.",
            options=upper,
            beside=company,
            notes=_UPPER,
        ),
        _real(
            "sparse-gnn-chameleon-drop70",
            "graph-filter",
            "chameleon-thinned",
            0.5025,
            summary="Graph filter of two taps on Chameleon with 70 percent of the edges removed.",
            options={**thinned, "thinning": 0},
            runs=tuple({**run, "thinning": run["fold"]} for run in _runs(**thinned)),
            beside=company,
            notes=f"{_UPPER} Of these 70 percent are removed: run i has split i and its own "
            "removal, whose seed is i.",
        ),
        _real(
            "se150-chameleon",
            "spectral-mlp",
            "chameleon",
            0.5729,
            summary="150 eigenvectors of A + I and of the features on Chameleon, one hidden layer.",
            config=adjacency,
            options=upper,
            notes=_UPPER,
        ),
        _real(
            "sparse-gnn-cora",
            "graph-filter",
            "cora",
            0.8624,
            summary="Graph filter of two taps on Cora, operator A + I.",
            config=adjacency,
            beside=citations,
        ),
        _real(
            "se150-cora",
            "spectral-mlp",
            "cora",
            0.7778,
            summary="150 eigenvectors of A + I and of the features on Cora, one hidden layer.",
            config=adjacency,
        ),
        _real(
            "sparse-gnn-citeseer",
            "graph-filter",
            "citeseer",
            0.7588,
            summary="Graph filter of two taps on CiteSeer, operator A + I.",
            config=adjacency,
            beside=citations,
        ),
        *(
            _simulated(kind, method, gamma, config)
            for kind, gamma in (("dense", 0.002), ("sparse", 0.01))
            for method, config in (("gnn", _FILTERS), ("se", _embedded(2)))
        ),
    ]
