"""What is made once by code: in chunks, side by side, kept on disk, and read again after that."""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from zoo_core import WeightsError, notice, whole_file, zoo_home

Arrays = Mapping[str, NDArray[Any]]
Maker = Callable[[int, int], Arrays]
"""Makes the items from one number up to another; it can be sent to another process."""

ALONE = 3
"""So many chunks are made in this process, as others take a second or two to start."""


class Made:
    """Chunks of `size` items out of `count`, each made by `make(first, last)` when it is needed.

    They are kept in ``ZOO_HOME/made/NAME``, a file for each chunk, so that `name` says all that
    decides the bytes: the recipe, its version, its settings. A file that is damaged is made again;
    where nothing can be written, chunks are held in memory alone, with a notice.
    """

    def __init__(self, name: str, count: int, make: Maker, size: int = 16) -> None:
        self.name, self.count, self.size = name, count, size
        self._make = make
        self._held: dict[int, Arrays] = {}

    def prepare(self, numbers: Iterable[int]) -> None:
        """Make sure that the chunks of some items are there; with a progress bar in a terminal."""
        wanted = {number // self.size for number in numbers} - set(self._held)
        for chunk in sorted(wanted):
            found = _read(self._path(chunk))
            if found is not None:
                self._held[chunk] = found
        missing = sorted(wanted - set(self._held))
        for chunk, arrays in self._made(missing):
            self._held[chunk] = arrays
            self._keep(chunk, arrays)

    def chunk_of(self, number: int) -> tuple[Arrays, int]:
        """Return the chunk that has an item, and the item's place in it; raises `IndexError`."""
        if not 0 <= number < self.count:
            raise IndexError(f"{self.name} has {self.count} items and no item {number}.")
        self.prepare([number])
        return self._held[number // self.size], number % self.size

    def _made(self, chunks: list[int]) -> Iterable[tuple[int, Arrays]]:
        ranges = [(chunk * self.size, min((chunk + 1) * self.size, self.count)) for chunk in chunks]
        if len(chunks) <= ALONE:
            yield from (
                (chunk, self._make(*part)) for chunk, part in zip(chunks, ranges, strict=True)
            )
            return
        from joblib import Parallel, delayed

        work = Parallel(n_jobs=-1, return_as="generator")(
            delayed(self._make)(*part) for part in ranges
        )
        bar = tqdm(
            work,
            total=len(chunks),
            desc=f"making {self.name.partition('/')[0]}",
            leave=False,
            disable=not sys.stderr.isatty(),
        )
        yield from zip(chunks, bar, strict=True)

    def _path(self, chunk: int) -> Path:
        return zoo_home() / "made" / self.name / f"{chunk:04}.npz"

    def _keep(self, chunk: int, arrays: Arrays) -> None:
        try:
            with whole_file(self._path(chunk)) as part, part.open("wb") as stream:
                np.savez(stream, **dict[str, Any](arrays))
        except WeightsError as error:
            notice(f"What was made is not kept, and will be made again: {error}")


def _read(path: Path) -> Arrays | None:
    """Return the arrays of a chunk, or None where there is no whole file."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile):
        return None
