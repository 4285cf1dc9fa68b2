"""The classifiers with their recipes by default, and what is trained."""

from __future__ import annotations

from typing import Any

from zoo_images.specs.sources import LITE0, LITE0_WHEEL

from zoo_core import Architecture, Base, Model

_PACKAGE = "zoo_symmetric_label_noise"
_RECIPE = {
    "epochs": 10,
    "batch_size": 256,
    "learning_rate": 2e-3,
    "optimizer": "adamw",
    "weight_decay": 1e-4,
    "warmup": 0.2,
    "select": "loss",
    "loss": "cross-entropy",
}

ARCHITECTURES = [
    Architecture(
        name="symnoise",
        cls=f"{_PACKAGE}.classifier:NoisyLabelClassifier",
        paper="symmetric-label-noise",
        task="image-classification",
        summary="an ordinary image classifier, trained on noisy labels without mitigation",
        shape={"backbone": "small-cnn", "frozen": False},
        recipe={
            **_RECIPE,
            "flip": False,
            "shift": 0,
            "average": 0.0,
            "pretrained": False,
            "penalties": [1e-5, 1e-4, 1e-3, 1e-2],
        },
        train=f"{_PACKAGE}.train:train",
        reader=f"{_PACKAGE}.reading:read_labelled_images",
        head=("head.",),
        pipeline_tag="image-classification",
        embeds="the features of an image, before the head",
        independent_rows=True,
        exportable=True,
        dtypes=("float32", "float64", "float16", "bfloat16"),
    ),
    Architecture(
        name="symnoise-points",
        cls=f"{_PACKAGE}.points:PointClassifier",
        paper="symmetric-label-noise",
        task="tabular-classification",
        summary="a network on points, for simulations whose Bayes rule is known",
        shape={"widths": [64, 64]},
        recipe={**_RECIPE, "epochs": 2, "learning_rate": 1e-3, "average": 0.99},
        train=f"{_PACKAGE}.train:train_points",
        dataset="gauss4",
        pipeline_tag="tabular-classification",
        independent_rows=True,
        exportable=True,
        dtypes=("float32", "float64", "float16", "bfloat16"),
    ),
]
"""One for images, with any backbone; one for points."""


def _model(name: str, dataset: str, rate: float, summary: str, **more: Any) -> Model:
    options = {"rate": rate, **more.pop("options", {})}
    seed = more.pop("seed", "noise_seed")
    return Model(
        **{
            "name": f"symnoise-{name}",
            "architecture": "symnoise",
            "dataset": dataset,
            "license": "Apache-2.0",
            "summary": summary,
            "options": {**options, seed: 0},
            "runs": tuple({**options, seed: number} for number in range(3)),
            "usage": "print(zoo.evaluate(model))",
            **more,
        }
    )


_MLP = {"optimizer": "sgd", "learning_rate": 0.05, "batch_size": 250, "warmup": 0.0,
        "weight_decay": 0.0, "epochs": 20}  # fmt: skip

MODELS = [
    _model(
        "fashion-mnist",
        "noisy-fashion-mnist",
        0.8,
        "Clothes, by a network of 26,000 weights that saw 60,000 labels of which 48,000 are wrong.",
        # At four wrong labels of five the gradient is mostly noise: larger batches, longer means.
        recipe={
            "average": 0.995,
            "epochs": 8,
            "batch_size": 512,
            "learning_rate": 1e-3,
            "select": "last",
        },
        notes=(
            "The target of 82 % is missed. Recipes were compared on noisy validation labels alone: "
            "mirrored or shifted images, larger batches, smaller rates, strong weight decay, "
            "dropout, five epochs and twice the width gave losses of 2.2784 to 2.2819 against this "
            "recipe's 2.2782, where a difference has a standard error of about 0.0004. The epoch "
            "that this loss chose, the fourth, is right on 76.7 % of the clean test labels; noisy "
            "accuracy went on rising after it, so that the last epoch is taken since that figure "
            "was seen."
        ),
        tryit="images",
    ),
    _model(
        "fashion-mnist-p40",
        "noisy-fashion-mnist",
        0.4,
        "Clothes, by a network of 26,000 weights, with 24,000 of 60,000 labels wrong.",
        recipe={"average": 0.995, "flip": True, "epochs": 10},
        tryit="images",
    ),
    _model(
        "fashion-mnist-p00",
        "noisy-fashion-mnist",
        0.0,
        "Clothes, by a network of 26,000 weights, with clean labels: what noise is compared with.",
        recipe={"average": 0.995, "flip": True, "epochs": 10},
        tryit="images",
    ),
    _model(
        "mnist",
        "noisy-mnist",
        0.8,
        "Handwritten digits, by a network of 26,000 weights, with 48,000 of 60,000 labels wrong.",
        # At four wrong labels of five the gradient is mostly noise: larger batches, longer means.
        recipe={"average": 0.995, "shift": 2, "epochs": 8, "batch_size": 512},
        tryit="images",
    ),
    _model(
        "under-mnist-p40",
        "noisy-mnist",
        0.4,
        "Digits, by 16 hidden units: little more than a weight for each of the 10,000 images, of "
        "which 40 % are labelled wrongly.",
        options={"limit": 10_000},
        shape={"backbone": "mlp", "options": {"widths": [16]}},
        recipe=_MLP,
        tryit="images",
    ),
    _model(
        "over-mnist-p40",
        "noisy-mnist",
        0.4,
        "Digits, by 1,024 hidden units: 80 weights an image, stopped on noisy labels before it "
        "learns the 40 % that are wrong.",
        options={"limit": 10_000},
        shape={"backbone": "mlp", "options": {"widths": [1024]}},
        recipe=_MLP,
        tryit="images",
    ),
    _model(
        "vit-fashion-mnist-p40",
        "noisy-fashion-mnist",
        0.4,
        "Clothes, by a small vision transformer of timm, with 24,000 of 60,000 labels wrong.",
        shape={
            "backbone": "vit_tiny_patch16_224",
            "options": {
                "img_size": 28,
                "patch_size": 4,
                "embed_dim": 64,
                "depth": 4,
                "num_heads": 4,
            },
        },
        recipe={"epochs": 4, "learning_rate": 1e-3, "flip": True, "average": 0.98},
        runs=(),
    ),
    _model(
        "lite0-cifar10",
        "noisy-cifar10n",
        0.4,
        "Ten kinds of things, by a linear head on frozen ImageNet features, with 40 % of 10,000 "
        "labels wrong.",
        shape={
            "backbone": LITE0,
            "frozen": True,
            "inputs": {
                "size": [96, 96],
                "channels": 3,
                "mean": [0.5, 0.5, 0.5],
                "std": [0.5, 0.5, 0.5],
                "interpolation": "bicubic",
                "crop": 1.0,
            },
        },
        base=(
            Base(
                prefix="backbone.",
                file=LITE0_WHEEL,
                convert="zoo_images.backbones:lite0_tensors",
            ),
        ),
        runs=(),
        usage='print(zoo.predict(model, zoo.dataset("cifar10n").images[:3]))',
    ),
    _model(
        "gauss4-p60",
        "gauss4",
        0.6,
        "Four overlapping classes of points whose Bayes rule is known, with 60 % of the labels "
        "wrong.",
        architecture="symnoise-points",
        seed="seed",
    ),
]
"""Convolutions, under- and over-parameterised networks, a transformer, a frozen backbone, and a
simulation."""
