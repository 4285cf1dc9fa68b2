"""Data sets with real label noise, as they are published: ANIMAL-10N, Clothing1M, Food-101N.

Each is known by the shape of its folder, and stands on its files: none is opened before it is
asked for.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from zoo_core import BadInput
from zoo_images.files import Files, image_names, is_image, subfolders
from zoo_images.image_set import ImageSet
from zoo_images.pathfinder import is_pathfinder, read_pathfinder
from zoo_images.splitting import with_validation

CLEAN_TRAIN = "clean-train"
"""Training images whose labels were checked."""
ANIMALS = (
    *("cat", "lynx", "wolf", "coyote", "cheetah"),
    *("jaguar", "chimpanzee", "orangutan", "hamster", "guinea pig"),
)
ANIMAL_GROUPS = (0, 0, 1, 1, 2, 2, 3, 3, 4, 4)
ANIMAL_GROUP_NAMES = (
    *("cat and lynx", "wolf and coyote", "cheetah and jaguar"),
    *("chimpanzee and orangutan", "hamster and guinea pig"),
)
"""ANIMAL-10N's numbers, and its pairs of animals that are easily confused."""


def reader_of(folder: Path) -> Callable[[Path], ImageSet] | None:
    """Return what reads a folder of one of these shapes; None for any other folder."""
    if _annotations(folder) is not None:
        return read_clothing1m
    if (folder / "meta" / "imagelist.tsv").is_file():
        return read_food101n
    if all(_flat(folder / part) for part in ("training", "testing")):
        return read_animal10n
    if is_pathfinder(folder):
        return read_pathfinder
    return None


# ANIMAL-10N ----------------------------------------------------------------------------------


def _flat(folder: Path) -> bool:
    """Tell whether a folder has no folders in it, and a first image whose name begins with 7_."""
    if not folder.is_dir() or subfolders(folder):
        return False
    with os.scandir(folder) as entries:
        first = next((one.name for one in entries if is_image(one.name)), "")
    return re.match(r"\d+_", first) is not None


def read_animal10n(folder: Path) -> ImageSet:
    """Return ANIMAL-10N: files ``training/7_123.jpg``, whose names begin with their class.

    50,000 noisy images to learn from (8 % wrong), of which a fifth is for validation, 5,000 clean
    ones to test on. Its five pairs of animals are `groups`. Raises `BadInput` for a file whose name
    tells no class.
    """
    names, labels, parts = [], [], []
    for place, part in (("training", "train"), ("testing", "test")):
        for name in image_names(folder / place):
            number = name.partition("_")[0]
            if not number.isdecimal() or int(number) >= len(ANIMALS):
                raise BadInput(
                    f"{folder / place / name} tells no class; expected a number from 0 to "
                    f"{len(ANIMALS) - 1} and an underscore first, as ANIMAL-10N has them."
                )
            names.append(f"{place}/{name}")
            labels.append(int(number))
            parts.append(part)
    given, rows = torch.tensor(labels), _rows(parts)
    return ImageSet(
        images=Files(folder, names),
        labels=given,
        classes=ANIMALS,
        rows=with_validation(rows, given, ANIMALS),
        groups=ANIMAL_GROUPS,
        group_names=ANIMAL_GROUP_NAMES,
    )


# Clothing1M ----------------------------------------------------------------------------------

_LISTS = {
    "train": "noisy_train_key_list.txt",
    CLEAN_TRAIN: "clean_train_key_list.txt",
    "val": "clean_val_key_list.txt",
    "test": "clean_test_key_list.txt",
}


def _annotations(folder: Path) -> Path | None:
    """Return where Clothing1M's lists are: in its folder, or in `annotations`."""
    for place in (folder, folder / "annotations"):
        if (place / "noisy_label_kv.txt").is_file():
            return place
    return None


def read_clothing1m(folder: Path) -> ImageSet:
    """Return Clothing1M: a million images with noisy labels to learn from (38 % wrong).

    Labels for validation and for the test are clean, as published; so is the split ``clean-train``.
    Raises `BadInput` for a list that is missing, a key without a label and a file that is not
    there.
    """
    place = _annotations(folder)
    assert place is not None
    noisy, clean = _key_values(place / "noisy_label_kv.txt"), _key_values(place / _CLEAN)
    names: list[str] = []
    labels: list[int] = []
    rows: dict[str, Tensor] = {}
    for part, listed in _LISTS.items():
        keys = _lines(place / listed)
        known, file = (noisy, "noisy_label_kv.txt") if part == "train" else (clean, _CLEAN)
        for key in keys:
            if key not in known:
                raise BadInput(f"{place / listed} names {key}, which {file} gives no label.")
        rows[part] = torch.arange(len(names), len(names) + len(keys))
        names += keys
        labels += [known[key] for key in keys]
    classes = _categories(place, max(labels, default=0) + 1)
    # The archives unpack into images/0 to images/9, or into 0 to 9 beside the lists.
    moved = not (folder / "images").is_dir() and (folder / "0").is_dir()
    if moved:
        names = [name.removeprefix("images/") for name in names]
    files = Files(folder, names)
    files.check(str(place))
    order = ("train", "val", "test", CLEAN_TRAIN)
    return ImageSet(
        images=files,
        labels=torch.tensor(labels),
        classes=classes,
        rows={part: rows[part] for part in order},
    )


_CLEAN = "clean_label_kv.txt"


def clothing1m_pairs(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return clean and noisy labels of the images that have both: what T can be counted from."""
    place = _annotations(folder)
    if place is None:
        raise BadInput(f"{folder} has no noisy_label_kv.txt; expected the folder of Clothing1M.")
    noisy, clean = _key_values(place / "noisy_label_kv.txt"), _key_values(place / _CLEAN)
    both = [key for key in clean if key in noisy]
    return np.array([clean[key] for key in both]), np.array([noisy[key] for key in both])


def _categories(place: Path, seen: int) -> tuple[str, ...]:
    file = place / "category_names_eng.txt"
    if not file.is_file():
        return tuple(map(str, range(seen)))
    names = tuple(_lines(file))
    if seen > len(names):
        raise BadInput(f"{file} names {len(names)} classes, and there are labels up to {seen - 1}.")
    return names


def _key_values(path: Path) -> dict[str, int]:
    found = {}
    for number, line in enumerate(_lines(path), 1):
        key, _, value = line.rpartition(" ")
        if not key or not value.isdecimal():
            raise BadInput(f"Line {number} of {path} is {line!r}; expected a key and its label.")
        found[key] = int(value)
    return found


# Food-101N -----------------------------------------------------------------------------------


def read_food101n(folder: Path) -> ImageSet:
    """Return Food-101N: 310,000 images labelled by their source (20 % wrong).

    To test on there are those images of ``verified_val.tsv`` whose labels are right; the others of
    that list are left out. A fifth of the rest is for validation, by noisy labels; ``clean-train``
    has what ``verified_train.tsv`` found right among those to learn from. Raises `BadInput` for a
    list that is missing and a file that is not there.
    """
    meta = folder / "meta"
    names = _rows_of(meta / "imagelist.tsv", 1)
    keys = [row[0] for row in names]
    checked = {part: _verified(meta / f"verified_{part}.tsv") for part in ("train", "val")}
    file = meta / "classes.txt"
    given = [key.partition("/")[0] for key in keys]
    classes = tuple(_rows_flat(file)) if file.is_file() else tuple(sorted(set(given)))
    index = {name: i for i, name in enumerate(classes)}
    unknown = next((name for name in given if name not in index), None)
    if unknown is not None:
        raise BadInput(f"{meta / 'imagelist.tsv'} has images of {unknown}, which {file} lacks.")
    labels = torch.tensor([index[name] for name in given])
    parts = ["train"] * len(keys)
    for i, key in enumerate(keys):
        if key in checked["val"]:
            parts[i] = "test" if checked["val"][key] else "out"
    files = Files(folder / "images", keys)
    files.check(str(meta / "imagelist.tsv"))
    rows = with_validation(
        {part: one for part, one in _rows(parts).items() if part != "out"}, labels, classes
    )
    right = torch.tensor([checked["train"].get(key, False) for key in keys])
    learnt = rows["train"]
    return ImageSet(
        images=files, labels=labels, classes=classes,
        rows={**rows, CLEAN_TRAIN: learnt[right[learnt]]},
    )  # fmt: skip


def food101n_checked(folder: Path) -> tuple[int, int]:
    """Return how many labels were found wrong, of how many that were looked at."""
    found = [
        right
        for part in ("train", "val")
        for right in _verified(folder / "meta" / f"verified_{part}.tsv").values()
    ]
    return found.count(False), len(found)


def _verified(path: Path) -> dict[str, bool]:
    found = {}
    for key, value in _rows_of(path, 2):
        if value not in ("0", "1"):
            raise BadInput(f"{path} says {value!r} of {key}; expected 1 (right) or 0 (wrong).")
        found[key] = value == "1"
    return found


def _rows_flat(path: Path) -> list[str]:
    return [row[0] for row in _rows_of(path, 1)]


def _rows_of(path: Path, columns: int) -> list[list[str]]:
    """Return the rows of a TSV file, its header left out."""
    lines = _lines(path)
    if lines and lines[0].partition("\t")[0] in ("class_name/key", "class_name"):
        lines = lines[1:]
    rows = [line.split("\t") for line in lines]
    for row in rows:
        if len(row) != columns:
            raise BadInput(f"{path} has the row {row}; expected {columns} columns, by tabulators.")
    return rows


def _lines(path: Path) -> list[str]:
    try:
        content = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise BadInput(f"There is no {path}; expected it beside the others.") from None
    return [line for line in content.splitlines() if line.strip()]


def _rows(parts: Sequence[str]) -> Mapping[str, Tensor]:
    given = np.array(parts)
    return {str(part): torch.from_numpy(np.flatnonzero(given == part)) for part in np.unique(given)}
