"""A user's labelled images, in folders, tables or arrays, to an `ImageSet`."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from zoo_tables import read_table

from zoo_core import BadInput, notice
from zoo_images import wild
from zoo_images.cifar import is_cifar, read_cifar
from zoo_images.datasets import idx_folder, is_idx, published
from zoo_images.files import Files, image_names, is_hidden, is_image, left_out, subfolders
from zoo_images.image_set import ImageSet
from zoo_images.pathfinder import WHERE, names_pathfinder
from zoo_images.sources import as_batch
from zoo_images.splitting import stratified, with_validation

PARTS = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "test": "test",
    "testing": "test",
}


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
    ``train``, ``val`` and ``test``, whose split is then taken as it is; a data set as it is
    published (CIFAR-10 and CIFAR-100, as folder or archive, the four IDX files of MNIST and its
    relatives, ANIMAL-10N, Clothing1M, Food-101N, Pathfinder), by the shape of its folder; a CSV
    file with a column `file` (paths relative to it) and a column `label`, perhaps a column `truth`
    of known correct labels; or a pair of images (a uint8 array, or paths) and labels. Where no
    split is given, one of `folds` is for the test and the next one for validation, each with its
    share of every class. Files are opened when they are asked for.

    Raises `BadInput`, by name, for what is missing, for a single class, for classes with fewer than
    three images, and for a `fold` of data that have their own split.
    """
    if isinstance(source, str | Path):
        path = Path(source).expanduser()
        if path.is_dir():
            return _folder(path, fold, folds)
        if names_pathfinder(path):
            raise BadInput(f"{path} is no folder of images. {WHERE}")
        if path.is_file() and path.name.endswith((".tar", ".tar.gz", ".tgz")):
            return _own_split(published(read_cifar(path)), path, fold)
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


def _folder(path: Path, fold: int, folds: int) -> ImageSet:
    published_as = wild.reader_of(path)
    if published_as is not None:
        return _own_split(published_as(path), path, fold)
    if is_cifar(path):
        return _own_split(published(read_cifar(path)), path, fold)
    if is_idx(path):
        return _own_split(idx_folder(path), path, fold)
    parts = _parts(path)
    names: list[str] = []
    labels: list[str] = []
    split: list[str] = []
    for part, place in parts.items():
        for one, found in _classes(path / place).items():
            names += [os.path.join(place, one, name) for name in found]
            labels += [one] * len(found)
            split += [part] * len(found)
    files = Files(path, names)
    if "" in parts:
        return _set(files, labels, None, None, fold, folds)
    return _own_split(_set(files, labels, None, split, 0, folds), path, fold)


def _own_split(data: ImageSet, path: Path, fold: int) -> ImageSet:
    if fold:
        raise BadInput(f"{path} has its own split, in which fold={fold} has no say; leave it out.")
    return data


def _parts(folder: Path) -> dict[str, str]:
    """Return the folder of each part of an official split, or "" for no part."""
    inside = subfolders(folder)
    named: dict[str, list[str]] = {}
    for one in inside:
        if one.lower() in PARTS:
            named.setdefault(PARTS[one.lower()], []).append(one)
    others = [one for one in inside if one.lower() not in PARTS]
    # A class may well be called train; together with test it is a part.
    if not named or (others and not {"train", "test"} <= set(named)):
        return {"": ""}
    twice = next((found for found in named.values() if len(found) > 1), None)
    if others or twice or not {"train", "test"} <= set(named):
        raise BadInput(
            f"{folder} has the folders {', '.join(inside)}; a split needs train and test (and "
            "perhaps val), once each and nothing else, each with a folder for each class."
        )
    return {part: found[0] for part, found in named.items()}


def _classes(folder: Path) -> dict[str, list[str]]:
    """Return the images of each class by their names below its folder."""
    classes = subfolders(folder)
    if not classes:
        raise BadInput(f"{folder} has no folders; expected one for each class, with its images.")
    beside = [one.name for one in os.scandir(folder) if one.is_file() and is_image(one.name)]
    left_out(folder, [one for one in beside if not is_hidden(one)], "they are in no class's folder")
    return {one: image_names(folder / one) for one in classes}


def _table(
    source: Any, file: str, label: str, truth: str | None
) -> tuple[Files, list[str], list[str] | None]:
    asked = [name for name in (file, label, truth) if name is not None]
    table = read_table(source, columns=asked, text=True)
    found = {name: [_cell(cell) for cell in table.column(name)] for name in asked}
    for name, cells in found.items():
        if "" in cells:
            raise BadInput(
                f"Row {cells.index('') + 1} of {table.label} has no {name}; fill it in, or leave "
                "the row out."
            )
    place = Path(source).parent if isinstance(source, Path) else Path()
    names = [os.path.normpath(one) for one in found[file]]
    kept = _once(names, [found[name] for name in asked[1:]], table.label)
    files = Files(place, [names[i] for i in kept])
    files.check(table.label)
    if isinstance(source, Path):
        _say_unlisted(files, table.label)
    labels = {name: [cells[i] for i in kept] for name, cells in found.items()}
    return files, labels[label], labels[truth] if truth is not None else None


def _cell(cell: Any) -> str:
    return "" if cell is None or cell != cell else str(cell)


def _once(names: Sequence[str], columns: Sequence[Sequence[str]], table: str) -> list[int]:
    """Return the rows that name a file for the first time; what repeats it must say the same."""
    first: dict[str, int] = {}
    for row, name in enumerate(names):
        known = first.setdefault(name, row)
        if any(cells[row] != cells[known] for cells in columns):
            raise BadInput(
                f"{table} names {name} twice, in rows {known + 1} and {row + 1}, with different "
                "labels; give each file one."
            )
    repeated = len(names) - len(first)
    if repeated:
        some = next(name for name, count in Counter(names).items() if count > 1)
        notice(f"{repeated} repeated rows of {table} were dropped ({some} comes twice, say).")
    return list(first.values())


def _say_unlisted(files: Files, table: str) -> None:
    listed = set(files.names)
    unlisted = []
    for below in sorted({os.path.dirname(name) for name in listed}):
        with os.scandir(files.folder / below) as entries:
            inside = [os.path.join(below, one.name) for one in entries if is_image(one.name)]
        unlisted += [
            one for one in inside if one not in listed and not is_hidden(os.path.basename(one))
        ]
    left_out(files.folder, unlisted, f"{table} does not name them")


def _plain(labels: Any) -> list[Any]:
    return labels.tolist() if hasattr(labels, "tolist") else list(labels)


def _set(
    images: Any,
    labels: Sequence[str],
    truth: Sequence[str] | None,
    parts: Sequence[str] | None,
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
    return ImageSet(
        images=images,
        labels=given,
        classes=classes,
        rows=with_validation(rows, given, classes, folds),
        truth=torch.tensor([index[one] for one in truth]) if truth is not None else None,
        true_splits=("test",) if truth is not None else (),
    )


def _natural(name: str) -> tuple[int, Any]:
    """Sort numbers as numbers, before words."""
    return (0, int(name)) if name.isdecimal() else (1, name)


def _official(parts: Sequence[str]) -> Mapping[str, Tensor]:
    found: dict[str, list[int]] = {"train": [], "val": [], "test": []}
    for i, part in enumerate(parts):
        found[part].append(i)
    return {name: torch.tensor(rows) for name, rows in found.items() if rows}
