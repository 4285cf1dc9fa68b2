"""Graph distances from iterated degree measures (arXiv:2306.03698), and the networks they bound.

Only specs live here, in `paper.py` and in `networks_registered.py`. The measures are in `idm.py`,
transport between them in `transport.py`, the distances of graphs in `distance.py`; the two other
ways to see the same topology without a network are `homomorphisms.py` and `tree_distance.py`.
"""

from __future__ import annotations

from zoo_core import Architecture, Dataset, Model, Paper, hookimpl
from zoo_fine_grained_expressivity import networks_registered
from zoo_fine_grained_expressivity.paper import PAPER

ZOO_API = 1

_HERE = "zoo_fine_grained_expressivity"
_TEN_FOLDS = tuple({"fold": fold} for fold in range(10))
_PERMUTE = (f"{_HERE}.tensors:permute_nodes",)


@hookimpl
def zoo_papers() -> list[Paper]:
    """Return the paper."""
    return [PAPER]


@hookimpl
def zoo_architectures() -> list[Architecture]:
    """Return the distance, the classifiers made of distances and tree densities, the networks."""
    return [
        Architecture(
            name="idm-metric",
            cls=f"{_HERE}.measuring:IDMDistance",
            paper=PAPER.name,
            task="graph-distance",
            summary="The distance of graphs by their iterated degree measures; nothing is fitted",
            config={"kind": "wasserstein", "level": 3},
            train=f"{_HERE}.train:train_nothing",
            pipeline_tag="graph-ml",
            symmetries=_PERMUTE,
            differentiable=False,
        ),
        Architecture(
            name="idm-nearest",
            cls=f"{_HERE}.nearest:IDMNearest",
            paper=PAPER.name,
            task="graph-classification",
            summary="The class of the nearest reference graph by iterated degree measures",
            config={"kind": "wasserstein", "level": 3},
            train=f"{_HERE}.train:train_nearest",
            reader="zoo_graphs.tudataset:read_training_set",
            pipeline_tag="graph-ml",
            symmetries=_PERMUTE,
            differentiable=False,
        ),
        Architecture(
            name="tree-densities",
            cls=f"{_HERE}.tree_classifier:TreeHomClassifier",
            paper=PAPER.name,
            task="graph-classification",
            summary="A linear head on the homomorphism densities of all small trees",
            config={"largest_tree": 7},
            train=f"{_HERE}.train:train_tree_head",
            reader="zoo_graphs.tudataset:read_training_set",
            pipeline_tag="graph-ml",
            symmetries=_PERMUTE,
        ),
        *networks_registered.ARCHITECTURES,
    ]


@hookimpl
def zoo_models() -> list[Model]:
    """Return the distance, the fitted classifiers, and the networks."""
    return [
        Model(
            name="idm-distance",
            architecture="idm-metric",
            dataset="idm-closed-forms",
            license="Apache-2.0",
            summary="How far apart are two graphs to message-passing networks? delta_W and "
            "delta_P, level by level.",
            metrics=("mae",),
            usage="print(zoo.evaluate(model)[0].value)  # or predict(model, 'A.g6', 'B.g6')",
            notes="Labels of nodes and edges are not used. Graphs of different sizes are compared "
            "as step functions: a graph and its blow-ups are at distance 0.",
        ),
        Model(
            name="idm-knn-mutag",
            architecture="idm-nearest",
            dataset="mutag",
            license="Apache-2.0",
            summary="Mutagenicity of a compound: its nearest neighbour by delta_W of level 3 among "
            "the training part of the first of ten folds.",
            options={"fold": 0},
            runs=_TEN_FOLDS,
            beside={
                "degree distributions (level 1)": {
                    "architecture": "idm-nearest",
                    "config": {"level": 1},
                },
                "Prokhorov distance": {
                    "architecture": "idm-nearest",
                    "config": {"kind": "prokhorov"},
                },
            },
            notes="Atoms' labels are not used, as in the paper's code. 94 pairs of MUTAG's graphs "
            "are at distance 0: where the nearest references are of both classes, the first class "
            "is taken. The published figure is of ten random splits, each with a tenth of the "
            "graphs for testing; the claim nearest-neighbour has them, and reaches it. Stratified "
            "folds give less.",
            published={"accuracy": (0.8789, "the authors' notebook, ten random splits")},
        ),
        Model(
            name="treehom-mutag",
            architecture="tree-densities",
            dataset="mutag",
            license="Apache-2.0",
            summary="Mutagenicity of a compound: a linear head on the homomorphism densities of "
            "the 24 trees on 2 to 7 nodes.",
            options={"fold": 0},
            runs=_TEN_FOLDS,
            beside={
                "trees on up to 3 nodes": {
                    "architecture": "tree-densities",
                    "config": {"largest_tree": 3},
                }
            },
            notes="Atoms' labels are not used. Trees on up to 3 nodes, which see the mean and the "
            "variance of the degrees only, do as well on MUTAG.",
        ),
        *networks_registered.MODELS,
    ]


@hookimpl
def zoo_datasets() -> list[Dataset]:
    """Return the pairs of graphs whose distances are known."""
    return [
        Dataset(
            name="idm-closed-forms",
            title="Pairs of regular graphs with known distances",
            factory=f"{_HERE}.closed_forms:closed_forms",
            license="Apache-2.0",
            source="https://arxiv.org/abs/2306.03698",
            task="graph-distance",
            splits=("test",),
            options={"level": "h, from 1", "kind": "'wasserstein' or 'prokhorov'"},
            summary="21 pairs of circulants on 5 to 12 nodes, and their distances by a formula.",
        )
    ]
