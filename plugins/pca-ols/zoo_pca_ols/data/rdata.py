"""The .RData files of CRAN, read by the `rdata` package (an optional extra), never by R."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from zoo_core import BadInput, DataError
from zoo_pca_ols.factorization import Array

Members = Mapping[str, Any]


def read_rdata(path: Path, name: str) -> dict[str, Array]:
    """Return the arrays of a table's .RData under the keys that the converted .npz has.

    Raises `BadInput` where the `rdata` package is not installed, and `DataError` where the file
    is not what it should be.
    """
    try:
        import rdata
    except ImportError as error:
        raise BadInput(
            f"Reading {path.name} needs the package rdata; install it with `pip install "
            "rdata`, or set ZOO_DATA_MIRROR to a folder that has "
            f"wide-regression/{name}.npz."
        ) from error
    # A data frame stays a dictionary of its columns: pandas has no columns that are matrices.
    classes: Any = {**rdata.conversion.DEFAULT_CLASS_MAP}
    classes["data.frame"] = classes["AsIs"] = lambda found, attributes: found
    try:
        members = rdata.conversion.convert(rdata.parser.parse_file(path), classes)
        return _READERS[name](members)
    except Exception as error:
        # The package raises whatever a malformed file makes it meet.
        raise DataError(
            f"A file of dataset {name!r} is not what it should be ({type(error).__name__}: "
            f"{error}); delete it from the cache and try again."
        ) from error


def _spectra(table: str, target: str) -> Callable[[Members], dict[str, Array]]:
    def read(members: Members) -> dict[str, Array]:
        frame = members[table]
        found = {"X": _matrix(frame["NIR"]), target: np.asarray(frame[target], dtype=float)}
        if "train" in frame:
            found["train"] = np.asarray(frame["train"], dtype=bool)
        return found

    return read


def _riboflavin(members: Members) -> dict[str, Array]:
    frame = members["riboflavin"]
    return {"X": _matrix(frame["x"]), "y": np.asarray(frame["y"], dtype=float)}


def _wheat(members: Members) -> dict[str, Array]:
    sets = np.asarray(members["wheat.sets"], dtype=int)
    return {"X": _matrix(members["wheat.X"]), "Y": _matrix(members["wheat.Y"]), "sets": sets}


def _matrix(found: Any) -> Array:
    return np.asarray(getattr(found, "values", found), dtype=float)


_READERS = {
    "gasoline": _spectra("gasoline", "octane"),
    "yarn": _spectra("yarn", "density"),
    "riboflavin": _riboflavin,
    "wheat": _wheat,
}
