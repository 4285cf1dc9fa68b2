"""The recipes: ordinary classifiers, trained on labels as they are, without mitigation.

The epoch is chosen on noisy validation labels alone; no split with clean labels is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from torch import nn
from zoo_images.backbones import fill_pretrained
from zoo_images.features import features_of
from zoo_images.probe import fit_head
from zoo_images.recipes import check_classes, inputs_for, schedule_of
from zoo_images.training import Images, fit
from zoo_label_noise.losses import loss_of
from zoo_label_noise.noisy import noise_of

from zoo_core import Run


def train(run: Run, progress: Callable[..., Any]) -> nn.Module:
    """Train a network on a split's labels as they were given; with `frozen`, its head alone.

    What the data decide (classes, preprocessing, the noise) goes into the module's shape. Raises
    `BadInput` for one class, and for a recipe that makes no sense.
    """
    data, recipe = run.data, dict(run.recipe)
    check_classes(data)
    shape = shape_for(run)
    module: nn.Module = run.make(**shape)
    pretrained = recipe.pop("pretrained", False)
    own: Any = module
    if pretrained:
        options, inputs = run.shape.get("options"), own.preprocessing
        fill_pretrained(own.backbone, run.shape["backbone"], inputs.channels, options, inputs.size)
    if run.shape.get("frozen"):
        return _train_head(run, own)
    inputs = {name: data.inputs(data.rows[name], own.preprocessing) for name in ("train", "val")}
    _fit(run, module, inputs, progress)
    return module


def train_points(run: Run, progress: Callable[..., Any]) -> nn.Module:
    """Train a network on the points of a simulation."""
    data = run.data
    module: nn.Module = run.make(
        in_features=data.images.shape[1],
        num_classes=len(data.classes),
        noise=data.noise.told if data.noise else None,
    )
    inputs = {name: data.images[data.rows[name]] for name in ("train", "val")}
    _fit(run, module, inputs, progress)
    return module


def _fit(
    run: Run, module: nn.Module, inputs: Mapping[str, Images], progress: Callable[..., Any]
) -> None:
    recipe = dict(run.recipe)
    known = noise_of(run.data.split("train"), getattr(module, "assumed", None))
    loss = loss_of(recipe.get("loss", "cross-entropy"), known.transition if known else None)
    fit(
        module,
        inputs["train"],
        run.data.targets("train"),
        (inputs["val"], run.data.targets("val")),
        schedule_of(recipe),
        seed=run.seed,
        loss=loss,
        folder=run.folder,
        progress=progress,
    )


def shape_for(run: Run) -> dict[str, Any]:
    """Return what the data decide of a module: classes, preprocessing, and what is known of noise.

    The preprocessing is the shape's where it says so, else the data's own size and normalisation,
    else what the backbone was trained with.
    """
    data, shape = run.data, run.shape
    found: dict[str, Any] = {
        "num_classes": len(data.classes),
        "classes": list(data.classes),
        "noise": data.noise.told if data.noise is not None else None,
    }
    if shape.get("inputs") is None:
        found["inputs"] = inputs_for(data, shape["backbone"], shape.get("options"))
    return found


def _train_head(run: Run, module: Any) -> nn.Module:
    """Fit the head of a frozen backbone by L-BFGS; its L2 penalty is chosen on noisy labels."""
    data, device = run.data, next(module.parameters()).device
    features = {
        name: features_of(module, data, data.rows[name], run.folder, name)
        for name in ("train", "val")
    }
    fit_head(
        module.head,
        (features["train"], data.targets("train").to(device)),
        (features["val"], data.targets("val").to(device)),
        run.recipe.get("penalties", [1e-5, 1e-4, 1e-3, 1e-2]),
    )
    module.eval()
    result: nn.Module = module
    return result
