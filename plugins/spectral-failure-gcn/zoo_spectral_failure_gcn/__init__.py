"""A spectral failure mode of GCN (arXiv:2010.13152): spectral embeddings beside GCN features.

Only specs live here and in `paper.py`. Adjacency and Laplacian spectral embedding are in
`spectral_embedding.py`, the unsupervised GCN in `autoencoder.py`, the semi-supervised one in
`convolution.py`, the paper's random graphs in `generators.py`.
"""

from __future__ import annotations

from typing import Any

from zoo_core import Architecture, Dataset, Model, Paper, hookimpl
from zoo_spectral_failure_gcn.paper import PAPER

ZOO_API = 1

_OWN = "print(zoo.predict(model)[:3])"
_TEN_FOLDS = tuple({"split": "five-fold", "fold": fold} for fold in range(10))
_TEN_GRAPHS = tuple({"delta": 0.0, "seed": seed} for seed in range(10))
_PERMUTE = ("zoo_graphs.node_classifier:permute_nodes",)
_TRAINING = {"epochs": 200, "lr": 0.01}


@hookimpl
def zoo_papers() -> list[Paper]:
    """Return the paper."""
    return [PAPER]


def _embedding(
    name: str, cls: str, train: str, summary: str, config: dict[str, Any], **more: Any
) -> Architecture:
    return Architecture(
        name=name,
        cls=f"zoo_spectral_failure_gcn.{cls}",
        paper=PAPER.name,
        task="node-embedding",
        summary=summary,
        config=config,
        train=f"zoo_spectral_failure_gcn.train:{train}",
        reader="zoo_spectral_failure_gcn.data:read_own_graph",
        **more,
    )


@hookimpl
def zoo_architectures() -> list[Architecture]:
    """Return the spectral embeddings, the autoencoders, and the semi-supervised GCN."""
    spectral = {"cls": "spectral_embedding:SpectralEmbedding", "train": "train_spectral"}
    rows = {"independent_rows": True, "exportable": True}
    gae = {"cls": "autoencoder:GraphAutoencoder", "train": "train_autoencoder"}
    own = {"k": 2, "features": "ones", "hidden": 32}
    return [
        _embedding(
            "ase",
            summary="Adjacency spectral embedding: leading eigenvectors, scaled",
            config={"k": 2, "operator": "adjacency"},
            **spectral,
            **rows,
        ),
        _embedding(
            "lse",
            summary="Laplacian spectral embedding, degrees regularised by their mean",
            config={"k": 2, "operator": "laplacian", "regularizer": "mean"},
            **spectral,
            **rows,
        ),
        _embedding(
            "gae",
            summary="Graph autoencoder: unsupervised GCN features",
            config={**own, **_TRAINING},
            symmetries=_PERMUTE,
            **gae,
        ),
        _embedding(
            "vgae",
            summary="Variational graph autoencoder: unsupervised GCN features",
            config={**own, "variational": True, **_TRAINING},
            symmetries=_PERMUTE,
            **gae,
        ),
        _embedding(
            "structural-gcn",
            cls="convolution:StructuralGCN",
            train="train_structural_gcn",
            summary="Semi-supervised GCN on structure alone",
            config={"features": "degree", "hidden": 32, "epochs": 1000, "lr": 0.01},
            symmetries=_PERMUTE,
        ),
    ]


def _model(
    name: str,
    architecture: str,
    dataset: str,
    summary: str,
    config: dict[str, Any],
    beside: dict[str, dict[str, Any]],
    **more: Any,
) -> Model:
    return Model(
        name=name,
        architecture=architecture,
        dataset=dataset,
        license="Apache-2.0",
        summary=summary,
        config=config,
        beside={
            label: {"architecture": one.get("architecture", "gae"), "config": one["config"]}
            for label, one in beside.items()
        },
        usage=_OWN,
        **{"options": _TEN_FOLDS[0], "runs": _TEN_FOLDS, **more},
    )


@hookimpl
def zoo_models() -> list[Model]:
    """Return spectral and GCN embeddings of the same graphs, with their read-outs."""
    two, many = {"k": 2}, {"k": 32}
    segment = {"options": {"delta": 0.0, "seed": 0}, "runs": _TEN_GRAPHS}
    ones = {"features": "ones"}
    identity = {"features": "identity"}

    def spectral(k: int) -> dict[str, Any]:
        return {"architecture": "ase", "config": {"k": k}}

    return [
        _model(
            "ase-polblogs",
            "ase",
            "polblogs",
            "Adjacency spectral embedding of political blogs, d = 2.",
            two,
            {
                "ASE (d = 1)": spectral(1),
                "LSE (d = 2, regularised)": {"architecture": "lse", "config": two},
                "GAE (ones)": {"config": {**two, **ones}},
            },
        ),
        _model(
            "gae-polblogs",
            "gae",
            "polblogs",
            "Unsupervised GCN features of political blogs from structure alone: they fail.",
            {**two, **ones},
            {
                "ASE (d = 2)": spectral(2),
                "GAE (degree)": {"config": {**two, "features": "degree"}},
                "GAE (random)": {"config": {**two, "features": "random"}},
                "GAE (identity)": {"config": {**two, **identity}},
            },
            notes=_RANK_ONE,
        ),
        _model(
            "ase-email-eu",
            "ase",
            "email-eu-core",
            "Adjacency spectral embedding of e-mails in an institution, d = 32; 42 departments.",
            many,
            {
                "ASE (d = 1)": spectral(1),
                "LSE (d = 32, regularised)": {"architecture": "lse", "config": many},
            },
        ),
        _model(
            "gae-email-eu",
            "gae",
            "email-eu-core",
            "Unsupervised GCN features of e-mails from structure alone: they fail.",
            {**many, **ones},
            {"ASE (d = 32)": spectral(32)},
            notes=_RANK_ONE,
        ),
        _model(
            "gae-identity-email-eu",
            "gae",
            "email-eu-core",
            "Unsupervised GCN features of e-mails, with weights for each node: the control.",
            {**many, **identity},
            {"ASE (d = 32)": spectral(32)},
            notes=_CONTROL,
        ),
        _model(
            "ase-rdpg-segment",
            "ase",
            "rdpg-segment",
            "Adjacency spectral embedding of the paper's random graph at its worst angle, d = 2.",
            two,
            {"ASE (d = 1)": spectral(1), "GAE (ones)": {"config": {**two, **ones}}},
            **segment,
        ),
        _model(
            "gae-rdpg-segment",
            "gae",
            "rdpg-segment",
            "Unsupervised GCN features of the paper's random graph at its worst angle.",
            {**two, **ones},
            {
                "ASE (d = 2)": spectral(2),
                "GAE (degree)": {"config": {**two, "features": "degree"}},
                "GAE (identity)": {"config": {**two, **identity}},
            },
            notes=_RANK_ONE,
            **segment,
        ),
        _model(
            "ase-karate",
            "ase",
            "karate",
            "Adjacency spectral embedding of a karate club, d = 2: the smallest example.",
            two,
            {"GAE (ones)": {"config": {**two, **ones}}},
        ),
    ]


_RANK_ONE = (
    "Without biases, features that are equal for all nodes or positive (ones, degree) leave one "
    "coordinate, whatever the weights: Z is S S F times one row of numbers, because ReLU lets "
    "positive multiples through. Training chooses that row, and nothing else."
)
_CONTROL = (
    "Not a counterexample to the paper, and not a model that takes new nodes: identity features "
    "give every node 32 free numbers, so this is a factorisation of the smoothed graph."
)


@hookimpl
def zoo_datasets() -> list[Dataset]:
    """Return the paper's random graph and its simplest form, two blocks."""
    generated = {
        "task": "node-classification",
        "license": "Apache-2.0",
        "source": "https://arxiv.org/abs/2010.13152",
    }
    return [
        Dataset(
            name="rdpg-segment",
            title="Random dot product graph on a segment",
            factory="zoo_spectral_failure_gcn.generators:rdpg_segment",
            options={
                "n": "nodes (1000)",
                "delta": "angle between mean position and normal, 0 (regular) to 0.3927 (pi/8)",
                "r": "the segment's distance from the origin (0.745)",
                "h": "half of the segment's length (0.3)",
                "seed": "any integer from 0",
            },
            splits=("train", "test"),
            summary=(
                "Two classes on a line segment of latent positions; at delta 0 every node has the "
                "same expected degree. Reconstructed from the paper's figure. No node features."
            ),
            **generated,
        ),
        Dataset(
            name="sbm",
            title="Two blocks of equal size",
            factory="zoo_spectral_failure_gcn.generators:two_blocks",
            options={
                "n": "nodes (1000)",
                "a": "probability inside the first block (0.12)",
                "b": "probability across (0.08)",
                "c": "probability inside the second block (that of the first)",
                "seed": "any integer from 0",
            },
            summary="With c = a the degrees tell nothing; with another c they do. No features.",
            **generated,
        ),
    ]
