"""Where the demonstrations are read from: a converted file, or Diffusion Policy's own archive."""

from __future__ import annotations

import hashlib
import itertools
import json
import math
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from zoo_tables import open_arrays

from zoo_core import DataError, available, fetch
from zoo_policies.specs.data import ARCHIVE, CONVERTED

Array = NDArray[Any]
ARRAYS = {"data/state": "<f4", "data/action": "<f4", "meta/episode_ends": "<i8"}
DIGEST = "e5f0b2b088fb60d8a8d412c2694e7241283a552e2cf21192ecbc44249189869b"
"""SHA-256 of the bytes of the three arrays, one after the other."""


def recorded() -> tuple[Array, Array, Array]:
    """Return states (25650, 5), actions (25650, 2) and the ends of episodes (206,).

    From the converted file where a mirror or the cache has it, else from Diffusion Policy's
    archive, which is downloaded. Raises `DataError` where neither can be had, or where the numbers
    are others than those that are known.
    """
    converted = available(CONVERTED)
    if converted is not None:
        with open_arrays(converted) as arrays:
            return arrays["state"], arrays["action"], arrays["episode_ends"]
    path = fetch(ARCHIVE)
    found = read_archive(path)
    if digest(found) != DIGEST:
        raise DataError(
            f"{path.name} has other demonstrations than the 206 that are known; get the file "
            "again, or set ZOO_DATA_MIRROR to a folder that has pusht-human."
        )
    return found


def digest(arrays: tuple[Array, ...]) -> str:
    """Return the SHA-256 of arrays as they are archived, one after the other."""
    known = hashlib.sha256()
    for array, dtype in zip(arrays, ARRAYS.values(), strict=True):
        known.update(np.ascontiguousarray(array, dtype).tobytes())
    return known.hexdigest()


def read_archive(path: Path) -> tuple[Array, Array, Array]:
    """Return the three arrays of a zipped zarr folder (format 2), wherever it is in the archive.

    Raises `DataError` for what is none, and where numcodecs, which decompresses it, is not
    installed.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            states, actions, ends = (_array(archive, name) for name in ARRAYS)
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, zipfile.BadZipFile) as error:
        raise DataError(
            f"{path.name} cannot be read as a zipped zarr folder ({type(error).__name__}: {error})."
        ) from None
    return states, actions, ends


def _array(archive: zipfile.ZipFile, name: str) -> Array:
    (head,) = (one for one in archive.namelist() if one.endswith(f"{name}/.zarray"))
    folder, known = head.removesuffix(".zarray"), json.loads(archive.read(head))
    shape, chunks, dtype = known["shape"], known["chunks"], np.dtype(known["dtype"])
    if known["zarr_format"] != 2 or known["filters"] or known["order"] != "C" or dtype.hasobject:
        raise ValueError(f"{name} is stored in another way than is read here")
    codec = _codec(known["compressor"])
    found = np.empty(shape, dtype)
    counts = [math.ceil(size / chunk) for size, chunk in zip(shape, chunks, strict=True)]
    for place in itertools.product(*map(range, counts)):
        raw = archive.read(folder + ".".join(map(str, place)))
        block = np.frombuffer(raw if codec is None else codec.decode(raw), dtype).reshape(chunks)
        where = tuple(slice(p * c, (p + 1) * c) for p, c in zip(place, chunks, strict=True))
        # The last chunks reach over the edge.
        found[where] = block[tuple(slice(size) for size in found[where].shape)]
    return found


def _codec(compressor: Any) -> Any:
    if compressor is None:
        return None
    try:
        import numcodecs
    except ImportError:
        raise DataError(
            "The archive of the demonstrations is compressed; run `pip install numcodecs` to read "
            "it."
        ) from None
    return numcodecs.get_codec(compressor)
