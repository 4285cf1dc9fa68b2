"""The classifiers with their recipes by default, and what is trained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zoo_images.specs.sources import LITE0, LITE0_WHEEL

from zoo_core import Architecture, Base, Model

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
        dtypes=("float32", "float64", "float16", "bfloat16"),
        embeds="the features of an image, before the head",
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
THINGS = {
    "vehicles": ["airplane", "automobile", "ship", "truck"],
    "animals": ["bird", "cat", "deer", "dog", "frog", "horse"],
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


def _frozen(name: str, dataset: str, summary: str, **more: Any) -> Model:
    """Return heads on a frozen EfficientNet-Lite0, whose weights are not stored again."""
    inputs = {
        "size": [96, 96],
        "channels": 3,
        "mean": [0.5, 0.5, 0.5],
        "std": [0.5, 0.5, 0.5],
        "interpolation": "bicubic",
        "crop": 1.0,
    }
    shape = {"backbone": LITE0, "frozen": True, "inputs": inputs, **more.pop("shape", {})}
    convert = "zoo_images.backbones:lite0_tensors"
    clean = dataset.removeprefix("noisy-")
    return _model(
        name,
        dataset,
        summary,
        shape=shape,
        base=(Base(prefix="backbone.", file=LITE0_WHEEL, convert=convert),),
        runs=(),
        usage=f'print(zoo.predict(model, zoo.dataset("{clean}").images[:3]))',
        **more,
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
    _model(
        "hierlabel-cnn-fashion-mnist",
        "noisy-fashion-mnist",
        "Clothes, by three small convolutional networks at the nodes of a tree; 60 % of 60,000 "
        "labels are wrong, across superclasses.",
        options={"kind": "across", "rate": 0.6},
        shape={"hierarchy": CLOTHES},
        recipe={"epochs": 6},
    ),
    _frozen(
        "hierlabel-cifar10n",
        "noisy-cifar10n",
        "Vehicles and animals, by three linear heads on frozen ImageNet features, with labels that "
        "people gave, the worst of three: 41 % of 10,000 are wrong.",
        options={"kind": "worst"},
        shape={"hierarchy": THINGS},
    ),
    _frozen(
        "hierlabel-cifar10n-random1",
        "noisy-cifar10n",
        "Vehicles and animals, by three linear heads on frozen ImageNet features, with labels that "
        "one person gave: 18 % of 10,000 are wrong.",
        options={"kind": "random1"},
        shape={"hierarchy": THINGS},
    ),
    _frozen(
        "hierlabel-induced-cifar10n",
        "noisy-cifar10n",
        "The same with five superclasses that were induced from the worst labels themselves.",
        options={"kind": "worst"},
        recipe={"induce": "ward", "groups": 5},
    ),
    _frozen(
        "hierlabel-cifar100",
        "noisy-cifar100",
        "100 kinds of things in 20 superclasses, by 21 linear heads on frozen ImageNet features, "
        "with 40 % of 10,000 labels confused as people confuse them.",
        options={"kind": "human"},
    ),
]
"""Trees and the flat networks beside them."""
