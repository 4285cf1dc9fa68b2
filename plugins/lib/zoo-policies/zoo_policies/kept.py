"""What takes minutes to make, made once and kept on disk as one memory-mapped array."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from zoo_core import WeightsError, notice, whole_file, zoo_home

Array = NDArray[Any]


def kept(
    name: str,
    shape: tuple[int, ...],
    dtype: Any,
    make: Callable[[Array], Array],
    *,
    block: int = 256,
) -> Array:
    """Return an array (N, …) whose rows `make` makes, from ``ZOO_HOME/made/NAME.npy`` if there.

    `make` takes the numbers of up to `block` rows and returns these rows. `name` says all that
    decides the bytes: what it is, its version, its settings. A file of another shape, one that was
    cut, is made again; where nothing can be written the array stays in memory, with a notice.
    """
    path = zoo_home() / "made" / f"{name}.npy"
    found = _opened(path, shape, dtype)
    if found is not None:
        return found
    try:
        with whole_file(path) as part:
            # Opened by its handle, as NumPy would add a suffix to the name.
            stored = np.lib.format.open_memmap(part, mode="w+", dtype=dtype, shape=shape)
            _fill(stored, make, block, name)
            stored.flush()
            del stored
    except WeightsError as error:
        notice(f"What was made is not kept, and will be made again: {error}")
        held = np.empty(shape, dtype)
        _fill(held, make, block, name)
        return held
    again = _opened(path, shape, dtype)
    assert again is not None
    return again


def _fill(array: Array, make: Callable[[Array], Array], block: int, name: str) -> None:
    firsts = range(0, len(array), block)
    quiet = not sys.stderr.isatty()
    for first in tqdm(firsts, desc=f"making {Path(name).name}", leave=False, disable=quiet):
        rows = np.arange(first, min(first + block, len(array)))
        array[rows] = make(rows)


def _opened(path: Path, shape: tuple[int, ...], dtype: Any) -> Array | None:
    """Return the array of a whole file, or None."""
    try:
        found: Array = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    return found if found.shape == shape and found.dtype == dtype else None
