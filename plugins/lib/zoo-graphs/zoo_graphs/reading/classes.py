"""Classes of nodes and graphs: whatever they are called, numbered from 0, with their names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

import numpy as np

from zoo_core import BadInput, closest, notice


@dataclass(frozen=True)
class Classes:
    """Codes (k,) int64 from 0, the names of the classes, and which (k,) have none."""

    codes: np.ndarray
    names: tuple[str, ...]
    unlabelled: np.ndarray


def classes_of(
    column: Any, size: int, names: Sequence[str] = (), *, negative: bool = False, what: str = "node"
) -> Classes:
    """Return the classes of `size` nodes or graphs.

    Classes are called as they are written, numbers in ascending order before texts in alphabetical
    order; where `names` are given they are these, or their numbers 0, 1, ... None and NaN are no
    class, and so is -1 unless `negative`.

    Raises `BadInput` for as many as there should not be, fractions, and classes that are unknown.
    """
    array = column if isinstance(column, list | tuple) else np.asarray(column)
    if not isinstance(array, list | tuple):
        if array.ndim == 2 and array.shape[1] == 1:
            array = array[:, 0]
        if array.shape != (size,):
            raise BadInput(
                f"The labels have shape {array.shape}, expected ({size},); give one label for each "
                f"{what}."
            )
        array = array.tolist()
    if len(array) != size:
        raise BadInput(f"There are {len(array)} labels for {size} {what}s; give each one.")
    values = [_plain(value, place, what) for place, value in enumerate(array)]
    unlabelled = np.array([value is None or (value == -1 and not negative) for value in values])
    known = [v for v, none in zip(values, unlabelled, strict=True) if not none and v is not None]
    place = _by_name(known, names) if names else _by_value(known)
    codes = [0 if v is None else place.get(v, 0) for v in values]
    called = tuple(names) if names else tuple(map(str, place))
    return Classes(np.array(codes, dtype=np.int64), called, unlabelled.astype(bool))


def _plain(value: Any, place: int, what: str) -> int | str | None:
    """Return a class as an integer or a text, or None where it is missing."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool | np.bool_):
        return str(bool(value))
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real):
        number = float(value)
        if number != number:
            return None
        if number.is_integer():
            return int(number)
        raise BadInput(
            f"The label of {what} {place} is {value!r}, which is no class; give integers or texts."
        )
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    if type(value).__name__ in ("NAType", "NaTType"):
        return None
    raise BadInput(
        f"The label of {what} {place} is a {type(value).__name__}; expected an integer or a text."
    )


def _by_value(known: Sequence[int | str]) -> dict[int | str, int]:
    ordered = sorted(set(known), key=lambda value: (isinstance(value, str), value))
    if len({str(value) for value in ordered}) < len(ordered):
        twice = next(value for value in ordered if isinstance(value, str) and value.isdecimal())
        raise BadInput(f"The class {twice!r} is a text in one place and a number in another.")
    return {value: code for code, value in enumerate(ordered)}


def _by_name(known: Sequence[int | str], names: Sequence[str]) -> dict[int | str, int]:
    place: dict[int | str, int] = {}
    for value in set(known):
        if str(value) in names:
            place[value] = list(names).index(str(value))
        elif isinstance(value, int) and 0 <= value < len(names):
            place[value] = value
        else:
            raise BadInput(
                f"The class {value!r} is unknown{closest(str(value), names)} Expected one of "
                f"{', '.join(names)}, or a number from 0 to {len(names) - 1}."
            )
    return place


def tell_untrained(codes: np.ndarray, names: Sequence[str], what: str) -> None:
    """Give notice of classes that no part of the training data has."""
    there = set(np.unique(codes).tolist())
    absent = [name for code, name in enumerate(names) if code not in there]
    if absent:
        notice(
            f"No {what} of the training split is of the class{'es' if len(absent) > 1 else ''} "
            f"{', '.join(map(repr, absent[:5]))}."
        )
