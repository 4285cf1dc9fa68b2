"""CIFAR-10 and CIFAR-100: the official archives, and zip files of single images with a CSV."""

from __future__ import annotations

import csv
import io
import pickle
import tarfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from zoo_core import DataError
from zoo_images.decoding import decode

CLASSES = (
    *("airplane", "automobile", "bird", "cat", "deer"),
    *("dog", "frog", "horse", "ship", "truck"),
)
MEAN, STD = (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)
MEAN_100, STD_100 = (0.5071, 0.4867, 0.4408), (0.2675, 0.2565, 0.2761)
"""Of the training pixels of CIFAR-10, and of CIFAR-100."""
SUBSET = ("train_images.zip", "train_labels.csv", "test_images.zip", "test_labels.csv")
LABELS = ("clean", "aggre", "random1", "random2", "random3", "worst", "fine", "coarse")
LARGEST = 2**28
"""Bytes of one member of an archive: ten times what the largest has."""

_ALLOWED: dict[tuple[str, str], Any] = {
    ("numpy", "dtype"): np.dtype,
    ("numpy", "ndarray"): np.ndarray,
    # NumPy 1 and 2 keep this function in different modules; this finds it in either.
    ("numpy.core.multiarray", "_reconstruct"): np.empty(0).__reduce__()[0],
    ("numpy._core.multiarray", "_reconstruct"): np.empty(0).__reduce__()[0],
}


class _Restricted(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        try:
            return _ALLOWED[module, name]
        except KeyError:
            raise DataError(
                f"A batch asks for {module}.{name}, which images have no need of and which could "
                "run code; the file was refused: get it from its official address."
            ) from None


def read_batch(content: bytes, name: str) -> dict[str, np.ndarray]:
    """Return a batch of the official python version, a pickle of arrays and lists alone.

    ``images`` are uint8 (n, 3, 32, 32); ``labels``, or ``fine_labels`` and ``coarse_labels`` for
    CIFAR-100, are int64 (n,). Raises `DataError` for anything else.
    """
    try:
        found = _Restricted(io.BytesIO(content), encoding="bytes").load()
        batch = {
            (key.decode() if isinstance(key, bytes) else key): value for key, value in found.items()
        }
        images = np.asarray(batch["data"], np.uint8).reshape(-1, 3, 32, 32)
    except (pickle.UnpicklingError, EOFError, AttributeError, KeyError, ValueError) as error:
        raise DataError(f"{name} is no batch of CIFAR ({error!r}); get it again.") from error
    labels = {
        key: np.asarray(batch[key], np.int64)
        for key in ("labels", "fine_labels", "coarse_labels")
        if key in batch
    }
    if not labels or any(len(values) != len(images) for values in labels.values()):
        raise DataError(f"{name} has no label for each of its {len(images)} images; get it again.")
    return {"images": images, **labels}


def read_archive(path: Path) -> dict[str, dict[str, np.ndarray]]:
    """Return the parts ``train`` and ``test`` of an official archive, batches put together.

    Raises `DataError` for an archive that is damaged or has no such batches.
    """
    parts: dict[str, list[dict[str, np.ndarray]]] = {"train": [], "test": []}
    try:
        with tarfile.open(path) as archive:
            members = sorted(archive.getmembers(), key=lambda member: member.name)
            for member in members:
                stem = Path(member.name).name
                part = "test" if stem in ("test_batch", "test") else "train"
                if part == "train" and stem != "train" and not stem.startswith("data_batch_"):
                    continue
                if not member.isfile() or member.size > LARGEST:
                    raise DataError(f"{member.name} in {path} is no batch of CIFAR.")
                content = archive.extractfile(member)
                assert content is not None
                parts[part].append(read_batch(content.read(), f"{member.name} in {path}"))
    except (tarfile.TarError, OSError, EOFError) as error:
        raise DataError(f"{path} is a damaged archive ({error}); get it again.") from error
    if not parts["train"] or not parts["test"]:
        raise DataError(f"{path} lacks training or test batches; expected the python version.")
    return {
        part: {key: np.concatenate([one[key] for one in batches]) for key in batches[0]}
        for part, batches in parts.items()
    }


def read_zip(path: Path, names: Sequence[str]) -> np.ndarray:
    """Return the named images of a zip file, uint8 (n, 3, H, W).

    Raises `DataError` for a damaged file, a missing image, and images of different sizes.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            images = [decode(archive.read(name), 3, f"{name} in {path}").numpy() for name in names]
        return np.stack(images)
    except (zipfile.BadZipFile, OSError, KeyError, ValueError) as error:
        raise DataError(f"{path} lacks images of one size by the names asked for ({error}).") from (
            error
        )


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


@dataclass(frozen=True)
class Hierarchy:
    """Classes by name, the group of each class, and the groups by name."""

    classes: tuple[str, ...]
    groups: tuple[int, ...]
    group_names: tuple[str, ...]


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
