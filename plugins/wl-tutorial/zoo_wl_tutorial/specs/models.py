"""The architectures, and the checkpoints that are made of them."""

from __future__ import annotations

from typing import Any

from zoo_core import Architecture, Model
from zoo_wl_tutorial.specs.paper import PAPER

_TEN_FOLDS = tuple({"fold": fold} for fold in range(10))
_PERMUTE = ("zoo_graphs.graph_set_tensors:permute_nodes",)
_LABELS = {"label histogram (H = 0)": {"architecture": "wl-subtree", "shape": {"rounds": 0}}}
_DEGREES = {"degree histogram (H = 1)": {"architecture": "wl-subtree", "shape": {"rounds": 1}}}
_SUBTREE = "WL subtree kernel, H = 5"
_RECALLED = "Xu et al. 2019, another protocol; recalled"
_FOLKLORE = (
    "Folklore rule: one multiset of k-vectors, the same node substituted at every place. Papers "
    "that say '3-WL' often mean the power of folklore 2-WL."
)
_OBLIVIOUS = (
    "Oblivious rule: k multisets, one for each coordinate. Not to be confused with the folklore "
    "test of the same k, which is stronger."
)


def _classifier(name: str, summary: str, **shape: Any) -> Architecture:
    subtree = {
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
        shape={**subtree, **shape},
        recipe={"C": None, "min_graphs": 1},
        train="zoo_wl_tutorial.train:train_classifier",
        reader="zoo_graphs.reading:read_training_graphs",
        pipeline_tag="graph-ml",
        symmetries=_PERMUTE,
        data_dependent=True,
        embeds="the normalised counts of the colours in a graph that the model knows",
    )


ARCHITECTURES: tuple[Architecture, ...] = (
    Architecture(
        name="wl-test",
        cls="zoo_wl_tutorial.verdicts:WLTest",
        paper=PAPER.name,
        task="graph-isomorphism",
        summary="A Weisfeiler-Leman test of whether two graphs may be isomorphic",
        shape={"variant": "1-wl", "max_nodes": None},
        train="zoo_core:train_nothing",
        pipeline_tag="graph-ml",
        symmetries=_PERMUTE,
        differentiable=False,
        data_dependent=True,
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
)


def _test(name: str, variant: str, rule: str, notes: str) -> Model:
    return Model(
        name=f"{name}-test",
        architecture="wl-test",
        dataset="wl-pairs",
        license="Apache-2.0",
        summary=f"{rule}: are two graphs told apart, when, and by which colours?",
        shape={"variant": variant},
        usage="print(zoo.evaluate(model)[0].value)  # or predict(model, 'A.graphml', 'B.graphml')",
        tryit="graphs",
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


MODELS: tuple[Model, ...] = (
    _test("wl1", "1-wl", "Colour refinement (1-WL)", "As strong as oblivious 2-WL."),
    _test("wl2", "2-wl", "Oblivious 2-WL", _OBLIVIOUS + " As strong as 1-WL."),
    _test("fwl2", "2-fwl", "Folklore 2-WL", _FOLKLORE + " As strong as oblivious 3-WL."),
    _test("wl3", "3-wl", "Oblivious 3-WL", _OBLIVIOUS + " As strong as folklore 2-WL."),
    _test("fwl3", "3-fwl", "Folklore 3-WL", _FOLKLORE + " At most 150 nodes by default."),
    _fitted(
        "wl-mutag",
        "mutag",
        "wl-subtree",
        f"Mutagenicity of a compound: {_SUBTREE}",
        _LABELS,
        published={"accuracy": (0.904, _RECALLED)},
        usage="print(zoo.evaluate(model)[0].value)  # or predict on a networkx graph of atoms",
        notes="Atoms are labelled C, N, O, F, I, Cl, Br, hydrogens left out; bonds' types are "
        "not used. 13 of the 188 graphs are copies of another one, labels of atoms included "
        "(claim copies).",
    ),
    _fitted(
        "wl-ptc",
        "ptc",
        "wl-subtree",
        f"Carcinogenicity of a compound: {_SUBTREE}",
        _LABELS,
        published={"accuracy": (0.599, _RECALLED)},
    ),
    _fitted(
        "wl-proteins",
        "proteins",
        "wl-subtree",
        f"Enzyme or not: {_SUBTREE}",
        _LABELS,
        recipe={"min_graphs": 2},
        storage="float16",
        notes="Colours that occur in one training graph only, 24 of 25, are left out.",
        published={"accuracy": (0.750, _RECALLED)},
    ),
    _fitted(
        "wl-nci1",
        "nci1",
        "wl-subtree",
        f"Activity of a compound against lung cancer cells: {_SUBTREE}",
        _LABELS,
        storage="float16",
        published={"accuracy": (0.860, _RECALLED)},
    ),
    _fitted(
        "wl-imdb-binary",
        "imdb-binary",
        "wl-subtree",
        f"Genre of an actor's network: {_SUBTREE}",
        _DEGREES,
        published={"accuracy": (0.738, _RECALLED)},
    ),
    _fitted(
        "wl-imdb-multi",
        "imdb-multi",
        "wl-subtree",
        f"Genre of an actor's network: {_SUBTREE}",
        _DEGREES,
        published={"accuracy": (0.509, _RECALLED)},
    ),
    _fitted(
        "wloa-mutag",
        "mutag",
        "wl-assignment",
        "Mutagenicity of a compound: WL optimal assignment kernel, H = 5",
        {_SUBTREE: {"architecture": "wl-subtree"}},
    ),
    _fitted(
        "fwl2-mutag",
        "mutag",
        "fwl2-subtree",
        "Mutagenicity of a compound: histograms of folklore 2-WL pair colours, H = 2",
        {_SUBTREE: {"architecture": "wl-subtree"}},
        notes=_FOLKLORE,
    ),
)
