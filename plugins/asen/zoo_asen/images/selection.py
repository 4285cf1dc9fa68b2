"""The recipe for images: patches of several sizes, of which validation chooses one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn
from zoo_images.image_set import ImageSet
from zoo_images.preprocessing import Preprocessing
from zoo_images.recipes import check_classes, inputs_for, schedule_of
from zoo_images.training import Images, fit, predict

from zoo_core import BadInput, Run, bootstrap


@dataclass(frozen=True)
class Tried:
    """One patch that was tried: the network, and what it says of the images that validate."""

    patch: int
    module: Any
    loss: float
    right: Tensor

    def row(self, chosen: Tried) -> dict[str, Any]:
        """Return its line in the table of patches, beside the chosen one."""
        gap = bootstrap((100 * (chosen.right - self.right)).tolist())
        return {
            "patch": self.patch,
            "positions": self.module.backbone.position.num_embeddings,
            "accuracy": round(100 * float(self.right.mean()), 2),
            "loss": round(self.loss, 4),
            "behind": round(gap.mean, 2),
            "interval": round(gap.reach, 2),
            "chosen": self is chosen,
        }


def train(run: Run, progress: Callable[..., Any]) -> nn.Module:
    """Train a network on labelled images, of no more than `size` pixels along a side.

    Its patch is that of the shape, where it names one (or `positions`). Otherwise those in
    `patches` are tried, and the one of least loss on the validation images is taken; which these
    are goes into the module as its `selection`. Raises `BadInput` for data of another kind, for one
    class, for patches that are none, and where one image alone is to choose among them.
    """
    data = run.data
    if not isinstance(data, ImageSet):
        raise BadInput("asen-image tells images apart; give labelled images, such as digits.")
    check_classes(data)
    inputs = run.shape.get("inputs") or _inputs(data, run.recipe["size"])
    told = {"num_classes": len(data.classes), "classes": list(data.classes), "inputs": inputs}
    known = Preprocessing.of(inputs)
    pixels = {name: data.inputs(data.rows[name], known) for name in ("train", "val")}
    if {"patch", "positions"} & set(run.shape):
        return _trained(run, told, pixels, progress)
    if len(data.rows["val"]) < 2:
        raise BadInput("One image cannot choose a patch; name one (patch=2), or give more images.")
    patches = _patches(run.recipe["patches"], max(known.size))
    tried = [_tried(run, {**told, "patch": one}, pixels, progress) for one in patches]
    best = min(tried, key=lambda one: one.loss)
    module: nn.Module = run.make(
        **told, patch=best.patch, selection=[one.row(best) for one in tried]
    )
    module.load_state_dict(best.module.state_dict())
    module.eval()
    return module


def _inputs(data: Any, size: int) -> dict[str, Any]:
    """Return the preprocessing: the data's own colours, and a grid of as many tokens as asked."""
    if not isinstance(size, int) or isinstance(size, bool) or size < 1:
        raise BadInput(f"size={size!r}; expected how many pixels along a side become tokens.")
    inputs = inputs_for(data, "small-cnn", None)
    own = inputs["size"] if isinstance(data.images, Tensor) else [size, size]
    return {**inputs, "size": [min(size, side) for side in own]}


def _patches(given: Any, longest: int) -> list[int]:
    """Return the patches to try, from the largest group to the smallest, each once."""
    whole = isinstance(given, Sequence) and not isinstance(given, str) and len(given) > 0
    if not whole or not all(isinstance(one, int) and one >= 1 for one in given):
        raise BadInput(f"patches={given!r}; expected sides of squares in pixels, such as [1, 2].")
    return sorted({min(one, longest) for one in given}, reverse=True)


def _tried(run: Run, shape: dict[str, Any], pixels: dict[str, Images], progress: Any) -> Tried:
    module: Any = _trained(run, shape, pixels, progress)
    targets = run.data.targets("val")
    logits = predict(module, pixels["val"]).cpu()
    loss = float(nn.functional.cross_entropy(logits, targets))
    return Tried(shape["patch"], module, loss, (logits.argmax(1) == targets).double())


def _trained(
    run: Run, shape: dict[str, Any], pixels: dict[str, Images], progress: Callable[..., Any]
) -> nn.Module:
    module: nn.Module = run.make(**shape)
    folder = run.folder and run.folder / f"patch{shape.get('patch', '')}"
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    targets = {name: run.data.targets(name) for name in ("train", "val")}
    fit(
        module,
        pixels["train"],
        targets["train"],
        (pixels["val"], targets["val"]),
        schedule_of(run.recipe),
        seed=run.seed,
        folder=folder,
        progress=progress,
    )
    return module
