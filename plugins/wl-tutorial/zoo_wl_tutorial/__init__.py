"""The Weisfeiler-Leman tests and their variants (arXiv:2201.07083), with kernels and classifiers.

Only specs live here and in `paper.py`. The rules are in `zoo_graphs.colour_refinement` (1-WL) and
`tuples.py` (k = 2, 3), and once more without hashing in `exact.py`; `verdicts.py` has the tests as
modules, `classifier.py` the fitted models, `kernels.py` the scikit-learn transformers.
"""

from __future__ import annotations

from typing import Any

from zoo_core import Architecture, Dataset, Model, Paper, hookimpl
from zoo_wl_tutorial.paper import PAPER

ZOO_API = 1

_TEN_FOLDS = tuple({"fold": fold} for fold in range(10))
_PERMUTE = ("zoo_wl_tutorial.tensors:permute_nodes",)
_LABELS = {"label histogram (H = 0)": {"architecture": "wl-subtree", "config": {"rounds": 0}}}
_DEGREES = {"degree histogram (H = 1)": {"architecture": "wl-subtree", "config": {"rounds": 1}}}
_FOLKLORE = (
    "Folklore rule: one multiset of k-vectors, the same node substituted at every place. Papers "
    "that say '3-WL' often mean the power of folklore 2-WL."
)
_OBLIVIOUS = (
    "Oblivious rule: k multisets, one for each coordinate. Not to be confused with the folklore "
    "test of the same k, which is stronger."
)


@hookimpl
def zoo_papers() -> list[Paper]:
    """Return the paper."""
    return [PAPER]


def _classifier(name: str, summary: str, **config: Any) -> Architecture:
    fitted = {
        "variant": "1-wl",
        "rounds": 5,
        "kernel": "subtree",
        "edge_labels": False,
        "max_nodes": None,
    }
    return Architecture(
        name=name,
        cls="zoo_wl_tutorial.classifier:WLClassifier",
        paper=PAPER.name,
        task="graph-classification",
        summary=summary,
        config={**fitted, **config, "C": None, "min_graphs": 1},
        train="zoo_wl_tutorial.train:train_classifier",
        reader="zoo_graphs.tudataset:read_training_set",
        pipeline_tag="graph-ml",
        symmetries=_PERMUTE,
    )


@hookimpl
def zoo_architectures() -> list[Architecture]:
    """Return the tests, and the classifiers on their features."""
    return [
        Architecture(
            name="wl-test",
            cls="zoo_wl_tutorial.verdicts:WLTest",
            paper=PAPER.name,
            task="graph-isomorphism",
            summary="A Weisfeiler-Leman test of whether two graphs may be isomorphic",
            config={"variant": "1-wl", "max_nodes": None},
            train="zoo_wl_tutorial.train:train_nothing",
            pipeline_tag="graph-ml",
            symmetries=_PERMUTE,
            differentiable=False,
        ),
        _classifier("wl-subtree", "Support vector machine with the WL subtree kernel"),
        _classifier(
            "wl-assignment",
            "Support vector machine with the WL optimal assignment kernel",
            kernel="assignment",
        ),
        _classifier(
            "fwl2-subtree",
            "Support vector machine on histograms of folklore 2-WL pair colours; small graphs",
            variant="2-fwl",
            rounds=2,
        ),
    ]


def _test(name: str, variant: str, rule: str, notes: str) -> Model:
    return Model(
        name=f"{name}-test",
        architecture="wl-test",
        dataset="wl-pairs",
        license="Apache-2.0",
        summary=f"{rule}: are two graphs told apart, when, and by which colours?",
        config={"variant": variant},
        usage="print(zoo.evaluate(model)[0].value)  # or predict(model, 'A.graphml', 'B.graphml')",
        notes=notes,
    )


def _fitted(
    name: str, dataset: str, architecture: str, summary: str, beside: dict[str, Any], **more: Any
) -> Model:
    return Model(
        name=name,
        architecture=architecture,
        dataset=dataset,
        license="Apache-2.0",
        summary=f"{summary}, fitted on the training part of the first of ten folds.",
        options={"fold": 0},
        runs=_TEN_FOLDS,
        beside=beside,
        **more,
    )


@hookimpl
def zoo_models() -> list[Model]:
    """Return the five tests and the fitted classifiers."""
    subtree = "WL subtree kernel, H = 5"
    recalled = "Xu et al. 2019, another protocol; recalled"
    return [
        _test("wl1", "1-wl", "Colour refinement (1-WL)", "As strong as oblivious 2-WL."),
        _test("wl2", "2-wl", "Oblivious 2-WL", _OBLIVIOUS + " As strong as 1-WL."),
        _test("fwl2", "2-fwl", "Folklore 2-WL", _FOLKLORE + " As strong as oblivious 3-WL."),
        _test("wl3", "3-wl", "Oblivious 3-WL", _OBLIVIOUS + " As strong as folklore 2-WL."),
        _test("fwl3", "3-fwl", "Folklore 3-WL", _FOLKLORE + " At most 150 nodes by default."),
        _fitted(
            "wl-mutag",
            "mutag",
            "wl-subtree",
            f"Mutagenicity of a compound: {subtree}",
            _LABELS,
            published={"accuracy": (0.904, recalled)},
            usage="print(zoo.evaluate(model)[0].value)  # or predict on a networkx graph of atoms",
            notes="Atoms are labelled C, N, O, F, I, Cl, Br, hydrogens left out; bonds' types are "
            "not used. 13 of the 188 graphs are copies of another one, labels of atoms included "
            "(claim copies).",
        ),
        _fitted(
            "wl-ptc",
            "ptc",
            "wl-subtree",
            f"Carcinogenicity of a compound: {subtree}",
            _LABELS,
            published={"accuracy": (0.599, recalled)},
        ),
        _fitted(
            "wl-proteins",
            "proteins",
            "wl-subtree",
            f"Enzyme or not: {subtree}",
            _LABELS,
            config={"min_graphs": 2},
            storage="float16",
            notes="Colours that occur in one training graph only, 24 of 25, are left out.",
            published={"accuracy": (0.750, recalled)},
        ),
        _fitted(
            "wl-nci1",
            "nci1",
            "wl-subtree",
            f"Activity of a compound against lung cancer cells: {subtree}",
            _LABELS,
            storage="float16",
            published={"accuracy": (0.860, recalled)},
        ),
        _fitted(
            "wl-imdb-binary",
            "imdb-binary",
            "wl-subtree",
            f"Genre of an actor's network: {subtree}",
            _DEGREES,
            published={"accuracy": (0.738, recalled)},
        ),
        _fitted(
            "wl-imdb-multi",
            "imdb-multi",
            "wl-subtree",
            f"Genre of an actor's network: {subtree}",
            _DEGREES,
            published={"accuracy": (0.509, recalled)},
        ),
        _fitted(
            "wloa-mutag",
            "mutag",
            "wl-assignment",
            "Mutagenicity of a compound: WL optimal assignment kernel, H = 5",
            {subtree: {"architecture": "wl-subtree"}},
        ),
        _fitted(
            "fwl2-mutag",
            "mutag",
            "fwl2-subtree",
            "Mutagenicity of a compound: histograms of folklore 2-WL pair colours, H = 2",
            {subtree: {"architecture": "wl-subtree"}},
            notes=_FOLKLORE,
        ),
    ]


@hookimpl
def zoo_datasets() -> list[Dataset]:
    """Return the pairs and families of graphs that separate the tests."""
    made: dict[str, Any] = {"license": "Apache-2.0", "source": "https://arxiv.org/abs/2201.07083"}
    pairs: dict[str, Any] = {"task": "graph-isomorphism", "splits": ("test",)}
    seed = "of the random orders of isomorphic copies"
    copies = "true to add as many isomorphic pairs"
    return [
        Dataset(
            name="wl-pairs",
            title="Pairs for every rung of the WL hierarchy",
            factory="zoo_wl_tutorial.data:wl_pairs",
            options={"seed": seed},
            summary="25 pairs, from trees to CFI graphs, and as many isomorphic ones.",
            **made,
            **pairs,
        ),
        Dataset(
            name="cfi",
            title="Cai-Fürer-Immerman pairs",
            factory="zoo_wl_tutorial.data:cfi",
            options={"bases": "names of base graphs", "copies": copies, "seed": seed},
            summary="CFI graphs of six bases, plain and twisted, and as many isomorphic pairs.",
            **made,
            **pairs,
        ),
        Dataset(
            name="brec",
            title="BREC",
            factory="zoo_wl_tutorial.data:brec",
            license="MIT",
            source="https://github.com/GraphPKU/BREC",
            options={
                "category": "'all', 'basic', 'regular', 'str', 'extension', '4vtx' or 'dr'",
                "copies": copies,
            },
            summary="300 pairs of non-isomorphic graphs in six categories, without BREC's own CFI.",
            **pairs,
        ),
        Dataset(
            name="strongly-regular",
            title="Strongly regular graphs",
            factory="zoo_wl_tutorial.data:strongly_regular",
            license="NOASSERTION",
            source="https://users.cecs.anu.edu.au/~bdm/data/graphs.html",
            task="graph-classification",
            splits=("test",),
            options={"parameters": "'25-12-5-6' (15 graphs) or '16-6-2-2' (two)"},
            summary="All strongly regular graphs with the same parameters; each is a class.",
        ),
        Dataset(
            name="csl",
            title="Circular skip links",
            factory="zoo_wl_tutorial.data:csl",
            task="graph-classification",
            splits=("train", "test"),
            options={
                "fold": "which split of five-fold cross-validation: any integer from 0",
                "copies": "graphs of each class, 15 by default",
                "seed": "of the random orders of the nodes",
            },
            summary="Ten classes of isomorphic 4-regular graphs on 41 nodes, 15 copies of each.",
            **made,
        ),
    ]
