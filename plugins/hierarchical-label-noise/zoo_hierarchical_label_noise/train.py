"""The recipes: ordinary networks on noisy labels, node by node of a hierarchy, and flat ones.

Which images a node's network learns from is decided by their noisy superclass, and the epoch is
chosen on noisy validation labels alone; no split with clean labels is looked at.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from zoo_images.backbones import fill_pretrained
from zoo_images.features import features_of
from zoo_images.probe import fit_head
from zoo_images.recipes import check_classes, inputs_for, schedule_of
from zoo_images.training import Images, Schedule, fit, part_of, predict
from zoo_label_noise.noisy import noise_of

from zoo_core import BadInput, Run, notice
from zoo_hierarchical_label_noise.classifier import FLATS, Net
from zoo_hierarchical_label_noise.hierarchy import Hierarchy
from zoo_hierarchical_label_noise.induction import (
    class_means,
    hierarchy_of_groups,
    induced_groups,
)
from zoo_hierarchical_label_noise.losses import loss_for
from zoo_hierarchical_label_noise.reading import hierarchy_of

PENALTIES = (1e-5, 1e-4, 1e-3, 1e-2)


def train(run: Run, progress: Callable[..., Any]) -> nn.Module:
    """Train what the shape's reading says, on a split's labels as they were given.

    The hierarchy is the shape's, else the data's, else it is induced from the noisy labels, with a
    notice. Raises `BadInput` for one class, and for a recipe that makes no sense.
    """
    check_classes(run.data)
    shape = shape_for(run)
    tree = tree_for(run, shape, progress)
    module: Any = run.make(**shape, hierarchy=tree.nested if tree is not None else None)
    _pretrain(run, module)
    _train(run, module, progress)
    module.eval()
    result: nn.Module = module
    return result


def shape_for(run: Run) -> dict[str, Any]:
    """Return what the data decide of a module: classes, preprocessing, and what the noise is."""
    data, shape = run.data, run.shape
    noise = None
    if data.noise is not None:
        noise = {**data.noise.told, **coarse_noise(data, hierarchy_for(run))}
    found: dict[str, Any] = {
        "num_classes": len(data.classes),
        "classes": list(data.classes),
        "noise": noise,
    }
    if shape.get("inputs") is None:
        found["inputs"] = inputs_for(data, shape["backbone"], shape.get("options"))
    return found


def coarse_noise(data: Any, tree: Hierarchy | None) -> dict[str, float]:
    """Return the realised share of wrong superclasses among noisy labels, where both are known."""
    if tree is None or data.truth is None:
        return {}
    rows = torch.cat([data.rows["train"], data.rows["val"]])
    groups = torch.from_numpy(tree.groups)
    wrong = groups[data.labels[rows]] != groups[data.truth[rows]]
    return {"realised_coarse": round(float(wrong.double().mean()), 6)}


def hierarchy_for(run: Run) -> Hierarchy | None:
    """Return the hierarchy that shape or data give; None where it is to be induced."""
    given = run.shape.get("hierarchy")
    if run.recipe.get("induce"):
        if given is not None:
            raise BadInput("A hierarchy is given and to be induced; leave one of the two out.")
        return None
    if given is not None:
        return Hierarchy.of_nested(given, run.data.classes)
    return hierarchy_of(run.data)


def tree_for(run: Run, shape: Mapping[str, Any], progress: Callable[..., Any]) -> Hierarchy | None:
    """Return the hierarchy of a module: given, or induced; a plain flat network needs none."""
    tree = hierarchy_for(run)
    plain = run.shape["reading"] in ("flat", "ensemble") and not run.recipe.get("induce")
    if tree is not None or plain:
        return tree
    return induced(run, shape, progress)


def induced(run: Run, shape: Mapping[str, Any], progress: Callable[..., Any]) -> Hierarchy:
    """Return a hierarchy that clusters classes by what their noisily labelled images show.

    Features are those of a frozen or pre-trained backbone, else of a flat network that is trained
    for it by the same recipe.
    """
    flat: Any = run.make(**shape, reading="flat", rule="product", hierarchy=None)
    _pretrain(run, flat)
    recipe, data = run.recipe, run.data
    method = recipe.get("induce") or "ward"
    confusion = None
    if method == "confusion" or not (run.shape.get("frozen") or recipe.get("pretrained")):
        _train(run, flat, progress, name="flat")
    flat.eval()
    rows, labels = data.rows["train"], data.targets("train")
    features = features_of(flat, data, rows, run.folder, "train").cpu().numpy()
    if method == "confusion":
        confusion = _confusion(flat, data)
    means = class_means(features, labels.numpy(), len(data.classes))
    groups = induced_groups(means, recipe.get("groups"), method, confusion)
    tree = hierarchy_of_groups(groups, data.classes)
    told = ", ".join(f"{{{', '.join(tree.nested[name])}}}" for name in tree.group_names)
    notice(
        f"The hierarchy was induced from the labels: {len(tree.group_names)} superclasses, {told}."
        + ("" if recipe.get("induce") else " Give one as --option hierarchy=FILE.")
    )
    return tree


def _confusion(flat: Any, data: Any) -> Any:
    """Return counts (K, K) of given labels and predictions on validation images."""
    count, rows = len(data.classes), data.rows["val"]
    found = predict(flat, data.inputs(rows, flat.preprocessing)).argmax(1).cpu()
    pairs = data.targets("val") * count + found
    return torch.bincount(pairs, minlength=count**2).view(count, count).numpy()


def _pretrain(run: Run, module: Any) -> None:
    """Give all backbones the same pre-trained weights, where the recipe asks for them."""
    if not run.recipe.get("pretrained"):
        return
    first, *others = [net.backbone for net in module.nets] or [module.backbone]
    inputs = module.preprocessing
    options = run.shape.get("options")
    fill_pretrained(first, run.shape["backbone"], inputs.channels, options, inputs.size)
    for other in others:
        other.load_state_dict(first.state_dict())


def _train(run: Run, module: Any, progress: Callable[..., Any], name: str = "") -> None:
    if run.shape.get("frozen"):
        _train_heads(run, module)
        return
    data = run.data
    inputs = {key: data.inputs(data.rows[key], module.preprocessing) for key in ("train", "val")}
    labels = {key: data.targets(key) for key in ("train", "val")}
    _Fitting(run, module, inputs, labels, progress, name).fit()


class _Fitting:
    """Trains the networks of one module, one after the other."""

    def __init__(
        self,
        run: Run,
        module: Any,
        inputs: Mapping[str, Images],
        labels: Mapping[str, Tensor],
        progress: Callable[..., Any],
        name: str,
    ) -> None:
        self.run, self.module, self.inputs, self.labels = run, module, inputs, labels
        self.progress, self.name = progress, name
        self.schedule = schedule_of(run.recipe)

    def fit(self) -> None:
        """Train what the module's reading says."""
        module, reading = self.module, self.module.reading
        loss = _loss(self.run, module)
        if reading == "shared":
            self._one(_Shared(module), self.labels, "shared", module.tree.loss)
        elif reading == "ensemble":
            for i, net in enumerate(module.nets):
                self._one(net, self.labels, f"member{i}", loss, seed=1000 * i)
        elif reading not in FLATS:
            self._nodes(loss)
        else:
            if reading == "curriculum":
                self._coarse_first(loss)
            self._one(module, self.labels, "flat", loss)

    def _nodes(self, loss: Any) -> None:
        module, recipe = self.module, self.run.recipe
        for number, (node, net) in enumerate(zip(module.tree.columns, module.nets, strict=True)):
            if number and module.reading == "init_from_coarse":
                net.backbone.load_state_dict(module.coarse.backbone.state_dict())
            local = self.local_labels(node)
            schedule = self.schedule
            if recipe.get("equal_steps") and number:
                share = len(local["train"]) / max(int((local["train"] >= 0).sum()), 1)
                epochs = math.ceil(schedule.epochs * share)
                schedule = dataclasses.replace(schedule, epochs=epochs)
            self._one(net, local, f"node{node}", loss, schedule)

    def local_labels(self, node: int) -> dict[str, Tensor]:
        """Return which child of a node each given label is in, -1 for none."""
        return {key: local(self.module, node, labels) for key, labels in self.labels.items()}

    def _coarse_first(self, loss: Any) -> None:
        epochs = int(self.run.recipe.get("coarse_epochs", 5))
        net = Net(self.module.backbone, len(self.module.hierarchy.group_names))
        net.to(next(self.module.parameters()).device)
        schedule = dataclasses.replace(self.schedule, epochs=epochs)
        self._one(net, self.local_labels(0), "coarse", loss, schedule)

    def _one(
        self,
        net: nn.Module,
        labels: Mapping[str, Tensor],
        name: str,
        loss: Any,
        schedule: Schedule | None = None,
        seed: int = 0,
    ) -> None:
        """Train one network on the images whose label is one of its own."""
        rows = {key: (values >= 0).nonzero().flatten() for key, values in labels.items()}
        train, val = (
            (part_of(self.inputs[key], rows[key]), labels[key][rows[key]])
            for key in ("train", "val")
        )
        fit(
            net,
            *train,
            val if len(rows["val"]) else None,
            schedule or self.schedule,
            seed=self.run.seed + seed,
            loss=loss,
            folder=_place(self.run.folder, f"{self.name}{name}"),
            progress=self.progress,
        )


def local(module: Any, node: int, labels: Tensor) -> Tensor:
    """Return the index among a node's choices (n,) of labels (n,); -1 for those elsewhere."""
    if node == 0 and module.tree.mixed:
        return labels
    return torch.from_numpy(module.hierarchy.branch_of(node))[labels]


def _loss(run: Run, module: Any) -> Any:
    known = noise_of(run.data.split("train"), module.assumed)
    transition = known.transition if known else None
    return loss_for(run.recipe, module.reading, module.hierarchy, transition)


def _place(folder: Path | None, name: str) -> Path | None:
    if folder is None:
        return None
    place = folder / name
    place.mkdir(parents=True, exist_ok=True)
    return place


class _Shared(nn.Module):
    """A module in training: it gives the logits of all choices, and log P to be validated."""

    def __init__(self, module: Any) -> None:
        super().__init__()
        self.module = module

    def forward(self, images: Tensor) -> Tensor:
        """Return logits (B, E) in training mode, log P (B, K) by the product in eval mode."""
        logits: Tensor = self.module.choices(images)
        if self.training:
            return logits
        tree = self.module.tree
        found: Tensor = tree.along(tree.choices(logits))
        return found


def _train_heads(run: Run, module: Any) -> None:
    """Fit heads on a frozen backbone by L-BFGS, each penalty chosen on noisy labels of its node.

    With one backbone that stays as it is the readings ``separate`` and ``shared`` are the same: the
    heads are problems of their own.
    """
    data, device = run.data, next(module.parameters()).device
    features = {
        key: features_of(module, data, data.rows[key], run.folder, key) for key in ("train", "val")
    }
    labels = {key: data.targets(key).to(device) for key in ("train", "val")}
    penalties, loss = run.recipe.get("penalties", PENALTIES), _loss(run, module)
    if module.reading in FLATS:
        pairs = [(features[key], labels[key]) for key in ("train", "val")]
        fit_head(module.head, pairs[0], pairs[1], penalties, loss)
        return
    for node, columns in module.tree.columns.items():
        head = nn.Linear(module.head.in_features, columns.stop - columns.start).to(device)
        found = {key: local(module, node, values.cpu()) for key, values in labels.items()}
        parts = {
            key: (features[key][values >= 0], values[values >= 0].to(device))
            for key, values in found.items()
        }
        if len(parts["val"][1]) == 0:  # nothing chooses a penalty: the middle one
            parts["val"], chosen = parts["train"], [sorted(penalties)[len(penalties) // 2]]
        else:
            chosen = list(penalties)
        fit_head(head, parts["train"], parts["val"], chosen, loss)
        with torch.no_grad():
            module.head.weight[columns].copy_(head.weight)
            module.head.bias[columns].copy_(head.bias)
