"""The classifiers with their recipes by default, and what is trained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zoo_core import Architecture, Model

_PACKAGE = "zoo_hierarchical_label_noise"
_SHAPE = {"backbone": "small-cnn", "frozen": False, "rule": "product"}
_RECIPE = {
    "epochs": 10,
    "batch_size": 256,
    "learning_rate": 2e-3,
    "optimizer": "adamw",
    "weight_decay": 1e-4,
    "warmup": 0.2,
    "decay": True,
    "select": "loss",
    "flip": False,
    "shift": 0,
    "average": 0.0,
    "loss": "cross-entropy",
    "smoothing": 0.0,
    "coarse_weight": 1.0,
    "coarse_epochs": 5,
    "equal_steps": False,
    "induce": None,
    "groups": None,
    "pretrained": False,
    "penalties": [1e-5, 1e-4, 1e-3, 1e-2],
}


def _architecture(name: str, reading: str, summary: str) -> Architecture:
    return Architecture(
        name=name,
        cls=f"{_PACKAGE}.classifier:HierarchicalClassifier",
        paper="hierarchical-label-noise",
        task="image-classification",
        summary=summary,
        shape={**_SHAPE, "reading": reading},
        recipe=_RECIPE,
        train=f"{_PACKAGE}.train:train",
        reader=f"{_PACKAGE}.reading:read_labelled_images",
        head=("head.", "coarse.head.", "fine.", "members."),
        pipeline_tag="image-classification",
        independent_rows=True,
        infinite=("logits",),
        exportable=True,
    )


ARCHITECTURES = [
    _architecture("hierlabel", "separate", "ordinary networks at the nodes of a tree of classes"),
    _architecture("flatlabel", "flat", "one flat network on the same labels, or two, to compare"),
]

CLOTHES = {
    "tops": ["T-shirt/top", "pullover", "dress", "coat", "shirt"],
    "trousers": ["trouser"],
    "shoes": ["sandal", "sneaker", "ankle boot"],
    "bags": ["bag"],
}
METRICS = ("accuracy", "coarse-accuracy", "mistake-severity")
_MLP = {"optimizer": "sgd", "batch_size": 250, "warmup": 0.0, "weight_decay": 0.0, "epochs": 10}
_RATES = {"hierlabel": 0.1, "flatlabel": 0.05}
"""Of 0.02, 0.05 and 0.1 those with the least cross-entropy on noisy validation labels, for either
way: on across-superclass noise, and taken over for the other kinds."""


def _model(name: str, dataset: str, summary: str, **more: Any) -> Model:
    options = more.pop("options", {})
    return Model(
        **{
            "name": name,
            "architecture": name.partition("-")[0],
            "dataset": dataset,
            "license": "Apache-2.0",
            "summary": summary,
            "metrics": METRICS,
            "options": {**options, "noise_seed": 0},
            "runs": tuple({**options, "noise_seed": number} for number in range(3)),
            **more,
        }
    )


def _clothes(suffix: str, noise: str, options: Mapping[str, Any]) -> list[Model]:
    """Return a tree and a flat network of the same kind on the same labels."""
    shape = {"backbone": "mlp", "options": {"widths": [64]}, "hierarchy": CLOTHES}
    ways = {
        "hierlabel": "Clothes, by three networks of 64 hidden units at the nodes of a tree",
        "flatlabel": "Clothes, by one flat network of 64 hidden units",
    }
    return [
        _model(
            f"{way}-fashion-mnist{suffix}",
            "noisy-fashion-mnist",
            f"{told}; {noise}.",
            options=options,
            shape=shape,
            recipe={**_MLP, "learning_rate": _RATES[way]},
        )
        for way, told in ways.items()
    ]


MODELS = [
    *_clothes(
        "",
        "60 % of 60,000 labels are wrong, across superclasses",
        {"kind": "across", "rate": 0.6},
    ),
    *_clothes(
        "-within40",
        "40 % of the labels of tops and shoes are wrong, within these superclasses",
        {"kind": "within", "rate": 0.4},
    ),
    *_clothes(
        "-sym40",
        "40 % of 60,000 labels are wrong, all other classes as likely",
        {"kind": "symmetric", "rate": 0.4},
    ),
]
"""Trees and the flat networks beside them."""
