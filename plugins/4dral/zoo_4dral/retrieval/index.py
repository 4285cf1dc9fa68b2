"""The map as a saved object: descriptors of places with their poses and names, which grows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from zoo_4dral.retrieval.search import as_tensor, nearest, unit
from zoo_core import BadInput, read_tensors, whole_file

FILE = "index.safetensors"
"""The name of an index in a folder."""
DTYPES = {"float32": torch.float32, "float16": torch.float16}
_FORMAT = "zoo-4dral-index"


class PlaceIndex:
    """Places that were seen: a descriptor of unit norm, a pose and a name each.

    `dtype` is that of the stored descriptors: float16 needs half of the memory, and changes cosines
    by less than 0.001. `model` says what made them, and is kept with them. Raises `BadInput` for
    another dtype.
    """

    def __init__(self, dtype: str = "float32", model: str = "") -> None:
        if dtype not in DTYPES:
            raise BadInput(f"dtype={dtype!r}; expected {' or '.join(DTYPES)}.")
        self.dtype, self.model = dtype, model
        self.names: list[str] = []
        self._rows = torch.empty(0, 0, dtype=DTYPES[dtype])
        self._poses: NDArray[np.float64] | None = None

    def __len__(self) -> int:
        return len(self.names)

    @property
    def descriptors(self) -> Tensor:
        """The descriptors (n, d), as they are stored."""
        return self._rows[: len(self)]

    @property
    def poses(self) -> NDArray[np.float64] | None:
        """The poses (n, 3), x and y in metres and heading in radians, where they are known."""
        return None if self._poses is None else self._poses[: len(self)]

    def add(
        self,
        descriptors: Any,
        poses: Any = None,
        names: Sequence[str] | None = None,
    ) -> None:
        """Take in descriptors (m, d), with poses (m, 3) and names (m,) where they are known.

        What has no name is called by its number. Raises `BadInput` for descriptors of another
        length, for poses or names that are not as many, and where only a part of the places would
        have a pose.
        """
        rows = unit(descriptors).to("cpu", DTYPES[self.dtype])
        count = len(rows)
        if len(self) and rows.shape[1] != self._rows.shape[1]:
            raise BadInput(
                f"Descriptors of {rows.shape[1]:,} numbers do not go into an index of "
                f"{self._rows.shape[1]:,}; expected those of one model."
            )
        if len(self) and (poses is None) != (self._poses is None):
            raise BadInput(
                "Some places of the index would have a pose and others none; give poses for all."
            )
        known = None if poses is None else poses_of(poses, count)
        if names is None:
            names = [f"{len(self) + k}" for k in range(count)]
        elif not isinstance(names, Sequence):
            raise BadInput(f"names={names!r}; expected a list of texts, one for each place.")
        labels = list(map(str, names))
        if len(labels) != count:
            raise BadInput(f"{len(labels)} names for {count} descriptors; expected one for each.")
        self._grow(count, rows.shape[1])
        end = len(self) + count
        self._rows[len(self) : end] = rows
        if known is not None and self._poses is not None:
            self._poses[len(self) : end] = known
        elif known is not None:
            self._poses = np.zeros((len(self._rows), 3))
            self._poses[:end] = known
        self.names += labels

    def _grow(self, count: int, length: int) -> None:
        """Make room, at least for twice as many, so that places may come one by one."""
        needed = len(self) + count
        if needed <= len(self._rows) and len(self):
            return
        room = max(needed, 2 * len(self))
        rows = torch.empty(room, length, dtype=DTYPES[self.dtype])
        if len(self):
            rows[: len(self)] = self.descriptors
        self._rows = rows
        if self._poses is not None:
            self._poses = np.concatenate(
                [self._poses[: len(self)], np.zeros((room - len(self), 3))]
            )

    def query(self, descriptor: Any, count: int = 5, faiss: bool = False) -> list[dict[str, Any]]:
        """Return the `count` nearest places of a descriptor (d,), nearest first.

        Each is a mapping: ``place`` is its number, ``name`` its name, ``distance`` that of the
        descriptors, 0 to 2, and x, y (metres) and heading (radians) where poses are known. `faiss`
        looks up by that library. Raises `BadInput` for an empty index, and for a descriptor of
        another model's length.
        """
        row = as_tensor(descriptor)
        if row.ndim != 1:
            raise BadInput(f"A descriptor of the shape {tuple(row.shape)}; expected one row (d,).")
        [found] = self.query_all(row[None], count, faiss)
        return found

    def query_all(
        self, descriptors: Any, count: int = 5, faiss: bool = False
    ) -> list[list[dict[str, Any]]]:
        """Return for each of the descriptors (m, d) what `query` returns."""
        rows = unit(descriptors).cpu()
        distances, numbers = nearest(rows, self.descriptors, count, faiss)
        return [
            [self._place(number, distance) for number, distance in zip(*pair, strict=True)]
            for pair in zip(numbers.tolist(), distances.tolist(), strict=True)
        ]

    def _place(self, number: int, distance: float) -> dict[str, Any]:
        found = {"place": number, "name": self.names[number], "distance": distance}
        if self._poses is not None:
            found |= dict(zip(("x", "y", "heading"), self._poses[number].tolist(), strict=True))
        return found

    def save(self, path: str | Path) -> Path:
        """Write the index to a file, or to `index.safetensors` in a folder; return its path."""
        from safetensors.torch import save_file

        target = _file(path)
        tensors = {"descriptors": self.descriptors.contiguous()}
        if self.poses is not None:
            tensors["poses"] = torch.from_numpy(np.ascontiguousarray(self.poses))
        told = {"format": _FORMAT, "model": self.model, "names": json.dumps(self.names)}
        with whole_file(target) as part:
            save_file(tensors, part, metadata=told)
        return target

    @classmethod
    def load(cls, path: str | Path) -> PlaceIndex:
        """Return the index of a file, or of a folder that has one; its tensors are memory-mapped.

        Raises `BadInput` where there is none.
        """
        from safetensors import SafetensorError, safe_open

        source = _file(path)
        if not source.is_file():
            raise BadInput(
                f"There is no index at {path}; expected a file, or a folder with {FILE}."
            )
        try:
            with safe_open(source, framework="pt") as stored:
                told = stored.metadata() or {}
        except (SafetensorError, OSError) as error:
            raise BadInput(f"{source.name} is no whole index of places ({error}).") from error
        tensors = read_tensors(source) if told.get("format") == _FORMAT else {}
        rows, poses = tensors.get("descriptors"), tensors.get("poses")
        names = _names(told.get("names", ""))
        kinds = {kind: name for name, kind in DTYPES.items()}
        good = rows is not None and rows.ndim == 2 and rows.dtype in kinds and names is not None
        if not good or rows is None or names is None or len(names) != len(rows):
            raise BadInput(
                f"{source.name} is no index of places; expected one that was saved here."
            )
        if poses is not None and tuple(poses.shape) != (len(rows), 3):
            raise BadInput(f"{source.name} has poses that are not as many as its places.")
        found = cls(kinds[rows.dtype], told.get("model", ""))
        found._rows, found.names = rows, names
        found._poses = None if poses is None else poses.double().numpy()
        return found


def poses_of(poses: Any, count: int) -> NDArray[np.float64]:
    """Return poses (n, 3), x and y in metres and heading in radians, as an array.

    Raises `BadInput` for another shape or count, and for what is not finite.
    """
    try:
        table = np.asarray(poses, np.float64)
    except (TypeError, ValueError):
        table = np.empty(0)
    if table.shape != (count, 3):
        raise BadInput(
            f"Poses have the shape {table.shape} for {count} places; expected x, y and heading for "
            f"each, ({count}, 3)."
        )
    if not np.isfinite(table).all():
        raise BadInput("Poses have numbers that are not finite.")
    return table


def _names(told: str) -> list[str] | None:
    try:
        names = json.loads(told)
    except ValueError:
        return None
    good = isinstance(names, list) and all(isinstance(one, str) for one in names)
    return names if good else None


def _file(path: str | Path) -> Path:
    if not isinstance(path, str | Path):
        raise BadInput(f"{path!r} is no path of an index; expected a file or a folder.")
    found = Path(path).expanduser()
    return found if found.suffix == ".safetensors" else found / FILE
