"""Arrays (m, d) to files: numpy's own, and tables with a column for each number."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo_core._disk import whole_file, write_json
from zoo_core._shell.rows import SUFFIXES, rows_to
from zoo_core.errors import BadInput

if TYPE_CHECKING:
    import numpy

ARRAYS = (".npy", ".npz")
NAME = "embedding"
"""What the array is called in a .npz."""


def check_suffix(path: Path) -> None:
    """Raise `BadInput` for a suffix that says no format: before anything is computed."""
    known = (*ARRAYS, *SUFFIXES)
    if path.suffix.lower() not in known:
        raise BadInput(f"{path} has no suffix that is known here; expected {', '.join(known)}.")


def write(rows: numpy.ndarray[Any, Any], path: Path) -> None:
    """Write an array (m, d), whole or not at all, as the suffix says.

    A .json is a list of lists; other tables have the columns 0, 1, … d - 1.
    """
    suffix = path.suffix.lower()
    if suffix == ".json":
        write_json(path, rows.tolist())
    elif suffix in ARRAYS:
        import numpy

        with whole_file(path) as part, part.open("wb") as stream:
            if suffix == ".npy":
                numpy.save(stream, rows, allow_pickle=False)
            else:
                # Arrays are named by keywords, beside which numpy has some of its own.
                named: dict[str, Any] = {NAME: rows}
                numpy.savez_compressed(stream, **named)
    else:
        names = [str(column) for column in range(rows.shape[1])]
        with rows_to(path) as take:
            for row in rows.tolist():
                take(dict(zip(names, row, strict=True)))
