"""Sequences as people have them: text, lists, arrays, files; to codes of tokens, or to numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from zoo_tables import open_arrays, read_table

from zoo_core import BadInput, closest

COLUMN = "sequence"
"""Of a table: its cells are sequences, with spaces between the tokens."""
_APART = re.compile(r"[\s,;]+")


def rows_of(source: Any) -> list[list[Any]]:
    """Return the tokens of each sequence, as they are: text, or numbers.

    `source` is what `Asen.predict` takes. Raises `BadInput` for what has no sequences.
    """
    if isinstance(source, Path) or (isinstance(source, str) and _is_file(source)):
        return _from_file(Path(source).expanduser())
    if isinstance(source, str):
        return [_split(line) for line in source.splitlines() if line.strip()]
    if isinstance(source, Tensor):
        source = source.detach().cpu().numpy()
    if isinstance(source, np.ndarray) and source.dtype != object:
        if source.ndim not in (1, 2) or 0 in source.shape:
            raise BadInput(f"Sequences have the shape (m, n), not {source.shape}.")
        return [list(row) for row in np.atleast_2d(source).tolist()]
    if isinstance(source, Mapping) or hasattr(source, "columns"):
        return rows_of(columns_of(source, (COLUMN,))[COLUMN])
    if isinstance(source, Iterable):
        given = list(source)
        if any(isinstance(one, list | tuple | np.ndarray | Tensor) for one in given):
            return [row for one in given for row in rows_of(one)]
        # Texts with spaces are sequences; texts without are tokens of one.
        if given and all(isinstance(one, str) and _APART.search(one.strip()) for one in given):
            return [_split(one) for one in given]
        return [given]
    raise BadInput(f"A {type(source).__name__} is no sequence; give tokens with spaces between.")


def columns_of(source: Any, needed: Sequence[str], **dialect: Any) -> dict[str, Any]:
    """Return columns by name: of a table in text, of an .npz, a data frame or a dictionary.

    Those of a dictionary or an .npz may be arrays (m, n). Raises `BadInput` where one of `needed`
    is missing, and for what is no table.
    """
    found: dict[str, Any]
    if isinstance(source, Mapping):
        found = dict(source)
    elif isinstance(source, str | Path) and Path(source).suffix == ".npz":
        with open_arrays(Path(source).expanduser()) as opened:
            found = {name: opened[name] for name in opened.names}
    else:
        table = read_table(source, text=True, columns=list(needed), **dialect)
        found = {name: list(table.column(name)) for name in table.names or ()}
    for name in needed:
        if name not in found:
            told = (
                f"The columns are {', '.join(map(str, found))}."
                if found
                else "No first line names the columns."
            )
            raise BadInput(f"There is no column {name!r}{closest(name, found)} {told}")
    return found


def as_codes(source: Any, n: int, names: int | Sequence[str]) -> Tensor:
    """Return the codes (m, n) of tokens; raises `BadInput` for another length or unknown tokens."""
    rows = rows_of(source)
    if not isinstance(names, int) and all(len(name) == 1 for name in names):
        rows = [list(row[0]) if len(row) == 1 and isinstance(row[0], str) else row for row in rows]
    check_lengths(rows, n)
    places = None if isinstance(names, int) else {name: i for i, name in enumerate(names)}
    return torch.tensor([[_code(token, names, places) for token in row] for row in rows])


def as_numbers(source: Any, n: int) -> Tensor:
    """Return numbers (m, n); raises `BadInput` for another length and for what is no number."""
    rows = rows_of(source)
    check_lengths(rows, n)
    return torch.tensor([[number(token) for token in row] for row in rows], dtype=torch.float32)


def check_lengths(rows: Sequence[Sequence[Any]], n: int) -> None:
    """Raise `BadInput` where a sequence does not have n tokens, or where there is none."""
    if not rows:
        raise BadInput("There is no sequence.")
    for place, row in enumerate(rows, 1):
        if len(row) != n:
            raise BadInput(f"Sequence {place} has {len(row)} tokens; expected {n}.")


def number(token: Any) -> float:
    """Return a finite number; raises `BadInput` for anything else."""
    try:
        found = float(token)
    except (TypeError, ValueError):
        raise BadInput(f"{token!r} is no number.") from None
    if not np.isfinite(found):
        raise BadInput(f"{token!r} is not finite; leave such sequences out.")
    return found


def whole(token: Any) -> int | None:
    """Return a token as a whole number, or None where it is none."""
    if isinstance(token, bool | np.bool_):
        return int(token)
    if isinstance(token, str):
        return int(token) if re.fullmatch(r"[+-]?\d+", token) else None
    return int(token) if np.isfinite(token) and int(token) == token else None


def _code(token: Any, names: int | Sequence[str], places: Mapping[str, int] | None) -> int:
    if places is not None:
        if str(token) not in places:
            known = [*places]
            raise BadInput(
                f"There is no token {str(token)!r}{closest(str(token), known)} Known are "
                f"{', '.join(known[:20])}{' …' if len(known) > 20 else ''}."
            )
        return places[str(token)]
    try:
        code = whole(token)
    except (TypeError, ValueError):
        code = None
    count = names if isinstance(names, int) else len(names)
    if code is None or not 0 <= code < count:
        raise BadInput(f"{token!r} is no token; expected whole numbers from 0 to {count - 1}.")
    return code


def _split(text: str) -> list[str]:
    return [word for word in _APART.split(text.strip().strip("[]()").strip()) if word]


def _is_file(text: str) -> bool:
    return "\n" not in text and bool(re.search(r"\.[A-Za-z]\w*$|[/\\]", text.strip()))


def _from_file(path: Path) -> list[list[Any]]:
    if path.suffix != ".txt":
        if not path.is_file():
            raise BadInput(f"There is no file {path}.")
        return rows_of(columns_of(path, (COLUMN,))[COLUMN])
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read as text ({error}).") from None
    return [_split(line) for line in lines if line.strip()]
