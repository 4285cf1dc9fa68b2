"""Zip files of single images, with a CSV that names and labels them."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from zoo_core import DataError
from zoo_images.decoding import decode

SUBSET = ("train_images.zip", "train_labels.csv", "test_images.zip", "test_labels.csv")
LABELS = ("clean", "aggre", "random1", "random2", "random3", "worst", "fine", "coarse")
FORMATS = ("WEBP", "PNG")
"""What such files hold; to try all kinds that are known takes as long again as decoding does."""


@dataclass(frozen=True)
class Hierarchy:
    """Classes by name, the group of each class, and the groups by name."""

    classes: tuple[str, ...]
    groups: tuple[int, ...]
    group_names: tuple[str, ...]


def read_zip(path: Path, names: Sequence[str]) -> np.ndarray:
    """Return the named images of a zip file, WebP or PNG, as uint8 (n, 3, H, W).

    The last two results are kept: runs that differ in their noise have the same images. Raises
    `DataError` for a damaged file, a missing image, and images of different sizes.
    """
    return _decoded(path, path.stat().st_mtime_ns, tuple(names))


@lru_cache(maxsize=2)
def _decoded(path: Path, changed: int, names: tuple[str, ...]) -> np.ndarray:
    try:
        with zipfile.ZipFile(path) as archive:
            found = np.stack(
                [
                    decode(archive.read(name), 3, f"{name} in {path}", formats=FORMATS).numpy()
                    for name in names
                ]
            )
    except (zipfile.BadZipFile, OSError, KeyError, ValueError) as error:
        raise DataError(f"{path} lacks images of one size by the names asked for ({error}).") from (
            error
        )
    found.flags.writeable = False
    return found


def read_labels(path: Path) -> tuple[list[str], dict[str, np.ndarray]]:
    """Return the file names and the columns of labels of a CSV; a column `label` is `clean`.

    Raises `DataError` for a file without such columns, or with what is no class.
    """
    with path.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    named = {"label": "clean", **{name: name for name in LABELS}}
    try:
        names = [row["file"] for row in rows]
        found = {
            known: np.array([int(row[name]) for row in rows])
            for name, known in named.items()
            if rows and name in rows[0]
        }
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"{path} lacks file names, or has a label that is no number.") from error
    if not found:
        raise DataError(f"{path} has no column of labels; expected {', '.join(LABELS)}.")
    return names, found


def read_hierarchy(path: Path) -> Hierarchy:
    """Return the classes and superclasses of a CSV: fine, fine_name, coarse, coarse_name.

    Raises `DataError` where a class or a superclass has no name, two names or two superclasses.
    """
    with path.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    try:
        fine = {int(row["fine"]): (row["fine_name"], int(row["coarse"])) for row in rows}
        coarse = {int(row["coarse"]): row["coarse_name"] for row in rows}
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(
            f"{path} is no hierarchy; expected the columns fine, fine_name, coarse, coarse_name."
        ) from error
    told = {(row["coarse"], row["coarse_name"]) for row in rows}
    if len(fine) != len(rows) or len(told) != len(coarse):
        raise DataError(f"{path} names a class twice, or a superclass in two ways.")
    if sorted(fine) != list(range(len(fine))) or sorted(coarse) != list(range(len(coarse))):
        raise DataError(f"{path} leaves out numbers of classes; expected 0, 1, 2 and so on.")
    return Hierarchy(
        classes=tuple(fine[i][0] for i in range(len(fine))),
        groups=tuple(fine[i][1] for i in range(len(fine))),
        group_names=tuple(coarse[i] for i in range(len(coarse))),
    )
