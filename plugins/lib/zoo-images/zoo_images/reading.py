"""A user's labelled images, in folders, tables or arrays, to an `ImageSet`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from zoo_tables import read_table

from zoo_core import BadInput
from zoo_images.image_set import ImageSet
from zoo_images.sources import as_batch, image_files

PARTS = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "test": "test",
}
LEAST = 3
"""Images of a class that are needed: one each to learn from, to validate and to test on."""


def read_labelled(
    source: Any,
    *,
    file: str = "file",
    label: str = "label",
    truth: str | None = None,
    fold: int = 0,
    folds: int = 5,
) -> ImageSet:
    """Return labelled images with the splits train, val and test.

    `source` is a folder with a folder of images for each class; such a folder below each of
    ``train``, ``val`` and ``test``, whose split is then taken as it is; a CSV file with a column
    `file` (paths relative to it) and a column `label`, perhaps a column `truth` of known correct
    labels; or a pair of images (a uint8 array, or paths) and labels. Where no split is given, one
    of `folds` is for the test and the next one for validation, each with its share of every class.

    Raises `BadInput`, by name, for what is missing, for a single class, and for classes with fewer
    than three images.
    """
    if isinstance(source, str | Path):
        path = Path(source).expanduser()
        if path.is_dir():
            parts = _parts(path)
            found = [_folder(place, part) for part, place in parts.items()]
            images, labels, names = _together(found)
            if len(parts) > 1:
                return _set(images, labels, None, names if set(names) != {None} else None, 0, folds)
            return _set(images, labels, None, None, fold, folds)
        if path.is_file():
            return _set(*_table(path, file, label, truth), None, fold, folds)
        raise BadInput(f"There is no folder or table {path}; give labelled images.")
    if hasattr(source, "columns"):
        return _set(*_table(source, file, label, truth), None, fold, folds)
    try:
        given, labels = source
    except (TypeError, ValueError):
        raise BadInput(
            f"Labelled images cannot be read from a {type(source).__name__}; expected a folder, a "
            "CSV file, or a pair of images and labels."
        ) from None
    many: Any = given
    if isinstance(given, np.ndarray | Tensor):
        many = as_batch(given)
    return _set(many, [str(one) for one in _plain(labels)], None, None, fold, folds)


def _parts(folder: Path) -> dict[str | None, Path]:
    """Return the folders of an official split, or the folder itself."""
    inside = sorted(one for one in folder.iterdir() if one.is_dir() and one.name[0] != ".")
    named: dict[str | None, Path] = {
        PARTS[one.name.lower()]: one for one in inside if one.name.lower() in PARTS
    }
    if not named or len(named) != len(inside):
        return {None: folder}
    if "train" not in named or "test" not in named:
        raise BadInput(
            f"{folder} has the folders {', '.join(one.name for one in inside)}; a split needs "
            "train and test (and perhaps val), each with a folder for each class."
        )
    return named


def _folder(folder: Path, part: str | None) -> list[tuple[Path, str, str | None]]:
    classes = sorted(one for one in folder.iterdir() if one.is_dir() and one.name[0] != ".")
    if not classes:
        raise BadInput(f"{folder} has no folders; expected one for each class, with its images.")
    return [(file, one.name, part) for one in classes for file in image_files(one)]


def _together(
    found: Sequence[Sequence[tuple[Path, str, str | None]]],
) -> tuple[list[Path], list[str], list[str | None]]:
    rows = [row for part in found for row in part]
    return [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows]


def _table(
    source: Any, file: str, label: str, truth: str | None
) -> tuple[list[Path], list[str], list[str] | None]:
    asked = [name for name in (file, label, truth) if name is not None]
    table = read_table(source, columns=asked, text=True)
    found = {name: [str(cell) for cell in table.column(name)] for name in asked}
    place = Path(source).parent if isinstance(source, Path) else Path()
    files = [place / one for one in found[file]]
    for one in files:
        if not one.is_file():
            raise BadInput(f"{table.label} names {one}, which is not there.")
    return files, found[label], found[truth] if truth is not None else None


def _plain(labels: Any) -> list[Any]:
    return labels.tolist() if hasattr(labels, "tolist") else list(labels)


def _set(
    images: Any,
    labels: Sequence[str],
    truth: Sequence[str] | None,
    parts: Sequence[str | None] | None,
    fold: int,
    folds: int,
) -> ImageSet:
    if len(images) != len(labels):
        raise BadInput(f"There are {len(images)} images and {len(labels)} labels.")
    classes = tuple(sorted({*labels, *(truth or ())}, key=_natural))
    if len(classes) < 2:
        raise BadInput(
            f"All images are labelled {classes[0] if classes else 'nothing'}; there must be two "
            "classes or more."
        )
    index = {name: i for i, name in enumerate(classes)}
    given = torch.tensor([index[one] for one in labels])
    rows = _official(parts) if parts is not None else stratified(given, classes, fold, folds)
    if "val" not in rows:
        learnt = stratified(given[rows["train"]], classes, 0, folds)
        kept = torch.cat([learnt["test"]])
        rest = torch.cat([learnt["train"], learnt["val"]]).sort().values
        rows = {"train": rows["train"][rest], "val": rows["train"][kept], "test": rows["test"]}
    return ImageSet(
        images=images,
        labels=given,
        classes=classes,
        rows=rows,
        truth=torch.tensor([index[one] for one in truth]) if truth is not None else None,
        true_splits=("test",) if truth is not None else (),
    )


def _natural(name: str) -> tuple[int, Any]:
    """Sort numbers as numbers, before words."""
    return (0, int(name)) if name.isdecimal() else (1, name)


def _official(parts: Sequence[str | None]) -> dict[str, Tensor]:
    found: Mapping[str, list[int]] = {"train": [], "val": [], "test": []}
    for i, part in enumerate(parts):
        found[str(part)].append(i)
    return {name: torch.tensor(rows) for name, rows in found.items() if rows}


def stratified(labels: Tensor, classes: Sequence[str], fold: int, folds: int) -> dict[str, Tensor]:
    """Return the indices of train, val and test: fold `fold` of `folds`, and the one after it.

    Each class is dealt out by itself, in an order drawn from a fixed seed. Raises `BadInput` for a
    fold that is none, and for a class of fewer than three images.
    """
    if folds < LEAST or not 0 <= fold < folds:
        raise BadInput(f"fold {fold} of {folds}; expected 3 folds or more, and one of 0 to them.")
    counts = torch.bincount(labels, minlength=len(classes))
    few = [classes[i] for i in (counts < LEAST).nonzero().flatten().tolist()]
    if few:
        raise BadInput(
            f"There are fewer than {LEAST} images of {', '.join(few[:5])}; add some or leave the "
            "class out, so that there is one each to learn from, to validate and to test on."
        )
    place = torch.empty_like(labels)
    generator = torch.Generator().manual_seed(0)
    for label, count in enumerate(counts.tolist()):
        members = (labels == label).nonzero().flatten()
        order = torch.randperm(count, generator=generator)
        # A small class gets fewer folds, so that none of its parts is empty.
        place[members[order]] = torch.arange(count) % min(folds, count)
    tested, kept = fold, (fold + 1) % folds
    small = torch.tensor([min(folds, c) for c in counts.tolist()])[labels]
    test, val = place == tested % small, place == kept % small
    val &= ~test
    return {
        "train": (~test & ~val).nonzero().flatten(),
        "val": val.nonzero().flatten(),
        "test": test.nonzero().flatten(),
    }
