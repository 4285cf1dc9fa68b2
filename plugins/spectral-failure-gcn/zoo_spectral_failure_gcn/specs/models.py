"""The architectures, spectral and convolutional, and their checkpoints on the same graphs."""

from __future__ import annotations

from typing import Any

from zoo_core import Architecture, Model

_USAGE = "print(zoo.predict(model)[:3])"
_TEN_FOLDS = tuple({"split": "five-fold", "fold": fold} for fold in range(10))
_TEN_GRAPHS = tuple({"delta": 0.0, "seed": seed} for seed in range(10))
_PERMUTE = ("zoo_graphs.node_classifier:permute_nodes",)
_TRAINING = {"epochs": 200, "lr": 0.01}
_RANK_ONE = (
    "Without biases, features that are equal for all nodes or positive (ones, degree) leave one "
    "coordinate, whatever the weights: Z is S S F times one row of numbers, because ReLU lets "
    "positive multiples through. Training chooses that row, and nothing else."
)
_CONTROL = (
    "Not a counterexample to the paper, and not a model that takes new nodes: identity features "
    "give every node 32 free numbers, so this is a factorisation of the smoothed graph."
)


def _embedding(
    name: str, cls: str, train: str, summary: str, shape: dict[str, Any], **more: Any
) -> Architecture:
    return Architecture(
        name=name,
        cls=f"zoo_spectral_failure_gcn.{cls}",
        paper="spectral-failure-gcn",
        task="node-embedding",
        summary=summary,
        shape=shape,
        train=f"zoo_spectral_failure_gcn.train:{train}",
        reader="zoo_spectral_failure_gcn.reading:read_own_graph",
        **more,
    )


_POINTS = "the point of a node, of the fitted graph or another"
_SPECTRAL: dict[str, Any] = {
    "embeds": _POINTS,
    "cls": "spectral_embedding:SpectralEmbedding",
    "train": "train_spectral",
}
_ROWS: dict[str, Any] = {"independent_rows": True, "exportable": True}
_SPARSE: dict[str, Any] = {
    "not_exported": dict.fromkeys(
        ("pt2", "onnx"), "it multiplies by sparse matrices, which exported graphs have not"
    )
}
_GAE: dict[str, Any] = {
    "embeds": _POINTS,
    "cls": "autoencoder:GraphAutoencoder",
    "train": "train_autoencoder",
}
_CONVOLUTIONAL = {"k": 2, "features": "ones", "hidden": 32}

ARCHITECTURES = (
    _embedding(
        "ase",
        summary="Adjacency spectral embedding: leading eigenvectors, scaled",
        shape={"k": 2, "operator": "adjacency"},
        **_SPECTRAL,
        **_ROWS,
    ),
    _embedding(
        "lse",
        summary="Laplacian spectral embedding, degrees regularised by their mean",
        shape={"k": 2, "operator": "laplacian", "regularizer": "mean"},
        **_SPECTRAL,
        **_ROWS,
    ),
    _embedding(
        "gae",
        summary="Graph autoencoder: unsupervised GCN features",
        shape=_CONVOLUTIONAL,
        recipe=_TRAINING,
        symmetries=_PERMUTE,
        **_GAE,
        **_SPARSE,
    ),
    _embedding(
        "vgae",
        summary="Variational graph autoencoder: unsupervised GCN features",
        shape={**_CONVOLUTIONAL, "variational": True},
        recipe=_TRAINING,
        symmetries=_PERMUTE,
        **_GAE,
        **_SPARSE,
    ),
    _embedding(
        "structural-gcn",
        cls="structural_gcn:StructuralGCN",
        train="train_structural_gcn",
        summary="Semi-supervised GCN on structure alone",
        shape={"features": "degree", "hidden": 32},
        recipe={"epochs": 1000, "lr": 0.01},
        symmetries=_PERMUTE,
        **_SPARSE,
    ),
)


def _model(
    name: str,
    architecture: str,
    dataset: str,
    summary: str,
    shape: dict[str, Any],
    beside: dict[str, dict[str, Any]],
    **more: Any,
) -> Model:
    return Model(
        name=name,
        architecture=architecture,
        dataset=dataset,
        license="Apache-2.0",
        summary=summary,
        shape=shape,
        beside=beside,
        usage=_USAGE,
        **{"options": _TEN_FOLDS[0], "runs": _TEN_FOLDS, **more},
    )


def _spectral(k: int) -> dict[str, Any]:
    return {"architecture": "ase", "shape": {"k": k}}


def _gae(features: str, **shape: Any) -> dict[str, Any]:
    return {"architecture": "gae", "shape": {**shape, "features": features}}


_TWO, _MANY = {"k": 2}, {"k": 32}
_SEGMENT: dict[str, Any] = {"options": {"delta": 0.0, "seed": 0}, "runs": _TEN_GRAPHS}
_ONES = {"features": "ones"}
_IDENTITY = {"features": "identity"}

MODELS = (
    _model(
        "ase-polblogs",
        "ase",
        "polblogs",
        "Adjacency spectral embedding of political blogs, d = 2.",
        _TWO,
        {
            "ASE (d = 1)": _spectral(1),
            "LSE (d = 2, regularised)": {"architecture": "lse", "shape": _TWO},
            "GAE (ones)": _gae("ones", **_TWO),
        },
    ),
    _model(
        "gae-polblogs",
        "gae",
        "polblogs",
        "Unsupervised GCN features of political blogs from structure alone: they fail.",
        {**_TWO, **_ONES},
        {
            "ASE (d = 2)": _spectral(2),
            "GAE (degree)": _gae("degree", **_TWO),
            "GAE (random)": _gae("random", **_TWO),
            "GAE (identity)": _gae("identity", **_TWO),
        },
        notes=_RANK_ONE,
    ),
    _model(
        "ase-email-eu",
        "ase",
        "email-eu-core",
        "Adjacency spectral embedding of e-mails in an institution, d = 32; 42 departments.",
        _MANY,
        {
            "ASE (d = 1)": _spectral(1),
            "LSE (d = 32, regularised)": {"architecture": "lse", "shape": _MANY},
        },
    ),
    _model(
        "gae-email-eu",
        "gae",
        "email-eu-core",
        "Unsupervised GCN features of e-mails from structure alone: they fail.",
        {**_MANY, **_ONES},
        {"ASE (d = 32)": _spectral(32)},
        notes=_RANK_ONE,
    ),
    _model(
        "gae-identity-email-eu",
        "gae",
        "email-eu-core",
        "Unsupervised GCN features of e-mails, with weights for each node: the control.",
        {**_MANY, **_IDENTITY},
        {"ASE (d = 32)": _spectral(32)},
        notes=_CONTROL,
    ),
    _model(
        "ase-rdpg-segment",
        "ase",
        "rdpg-segment",
        "Adjacency spectral embedding of the paper's random graph at its worst angle, d = 2.",
        _TWO,
        {"ASE (d = 1)": _spectral(1), "GAE (ones)": _gae("ones", **_TWO)},
        **_SEGMENT,
    ),
    _model(
        "gae-rdpg-segment",
        "gae",
        "rdpg-segment",
        "Unsupervised GCN features of the paper's random graph at its worst angle.",
        {**_TWO, **_ONES},
        {
            "ASE (d = 2)": _spectral(2),
            "GAE (degree)": _gae("degree", **_TWO),
            "GAE (identity)": _gae("identity", **_TWO),
        },
        notes=_RANK_ONE,
        **_SEGMENT,
    ),
    _model(
        "ase-karate",
        "ase",
        "karate",
        "Adjacency spectral embedding of a karate club, d = 2: the smallest example.",
        _TWO,
        {"GAE (ones)": _gae("ones", **_TWO)},
    ),
)
