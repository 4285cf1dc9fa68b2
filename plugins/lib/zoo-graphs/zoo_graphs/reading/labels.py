"""Labels of nodes and edges as numbers: injective, and the same in every call and on every machine.

Integers from 0 are their own numbers. A text is hashed, and so is every other number, with its kind
in the hash: 2**53 and 2**53 + 1, "1" and "01", 0.5 and "0.5" are different labels, while numbers
that Python calls equal (1, 1.0, True) are one. Hashes lie above the numbers that are their own.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any, Literal, get_args

import numpy as np

from zoo_core import BadInput, closest
from zoo_graphs.reading.source import ABSENT, Column

Labels = Literal["names", "codes"]
_HASHES = 1 << 61  # at least; 1 + a label fits into 63 bits


def check_labels(labels: Any) -> Labels | None:
    """Return `labels` if it says what labels are, or raise `BadInput`."""
    if labels is not None and labels not in get_args(Labels):
        raise BadInput(
            f"labels={labels!r} is unknown; use 'names', or 'codes' (the numbers of the known "
            "labels: 0 is the first)."
        )
    return labels  # type: ignore[no-any-return]  # narrowed by the test above


@dataclass(frozen=True)
class Naming:
    """How labels of one kind become numbers.

    `what` is "node" or "edge", `names` what 0, 1, ... are called (empty: whatever comes), and with
    `mode` "codes" labels are these numbers themselves.
    """

    what: str
    names: tuple[str, ...] = ()
    mode: Labels | None = None
    attribute: str | None = "label"

    @property
    def needed(self) -> bool:
        """Whether a graph without labels is refused."""
        return bool(self.names) or self.mode == "codes"

    def codes(self, column: Column, name: str) -> np.ndarray:
        """Return the numbers (k,) of labels; raises `BadInput` for those that have none."""
        values = column
        if isinstance(column, np.ndarray):
            own = column.dtype.kind in "biu" and column.size and not self.names
            if own and column.min() >= 0 and column.max() < _HASHES:
                codes: np.ndarray = column.astype(np.int64)
                return codes
            values = column.tolist()
        known: dict[tuple[type, Any], int] = {}
        found = np.empty(len(values), dtype=np.int64)
        for place, value in enumerate(values):
            key = (type(value), value)
            try:
                code = known.get(key)
            except TypeError:
                code, key = None, (str, "")
            if code is None:
                code = self._code(value, f"{self.what} {place} of {name}")
                known[key] = code
            found[place] = code
        return found

    def _code(self, label: Any, where: str) -> int:
        if label is None or label is ABSENT:
            raise BadInput(f"The label of {where} is missing; give every {self.what} one.")
        code = code_of(label, where)
        if not self.names and self.mode != "codes":
            return code
        text = label if isinstance(label, str) else str(code)
        if text in self.names and (isinstance(label, str) or code < _HASHES):
            return self.names.index(text)
        if self.mode == "codes":
            number = int(label) if isinstance(label, str) and label.isdecimal() else code
            if number < (len(self.names) or _HASHES):
                return number
            raise BadInput(f"The label of {where} is {label!r}; expected {self._range()}.")
        if isinstance(label, str):
            raise BadInput(
                f"The label {label!r} of {where} is unknown here{closest(label, self.names)} "
                f"Expected one of {', '.join(self.names)}."
            )
        raise BadInput(
            f"The label of {where} is the number {label!r}, and labels are called "
            f"{', '.join(self.names)} here; give names, or say labels='codes' if 0 is "
            f"{self.names[0]}, 1 the next, and so on."
        )

    def _range(self) -> str:
        return f"a code from 0 to {len(self.names) - 1}" if self.names else "a code from 0"


def code_of(label: Any, where: str) -> int:
    """Return the number of one label; raises `BadInput` for what is no label."""
    if isinstance(label, str):
        return _hashed(label, "")
    if isinstance(label, tuple) and all(isinstance(part, int) for part in label):
        return _hashed(repr(label), "row")
    if isinstance(label, bool | np.bool_ | Integral):
        number = int(label)
    elif isinstance(label, Real):
        value = float(label)
        if math.isnan(value):
            raise BadInput(f"The label of {where} is NaN; give every label a number or a text.")
        if not value.is_integer():
            return _hashed(repr(value), "float")
        number = int(value)
    else:
        raise BadInput(
            f"The label of {where} is a {type(label).__name__}; expected a number or a text."
        )
    return number if 0 <= number < _HASHES else _hashed(str(number), "integer")


def _hashed(text: str, kind: str) -> int:
    content = text.encode(errors="surrogatepass")
    digest = hashlib.blake2b(content, digest_size=8, person=kind.encode()).digest()
    return _HASHES | (int.from_bytes(digest, "little") >> 2)


def rows_as_labels(rows: np.ndarray, what: str) -> Column | None:
    """Return the labels that an array (k,) or (k, p) says, or None where it holds other things.

    Those of one column are its values, those of one-hot rows the columns; other rows of integers
    are labels as a whole. Raises `BadInput` for NaN.
    """
    values = rows.reshape(len(rows), -1)
    if values.dtype.kind == "f":
        if np.isnan(values).any():
            row = int(np.flatnonzero(np.isnan(values).any(axis=1))[0])
            raise BadInput(f"The {what} {row} hold NaN; give each one a label.")
        if not (values == np.floor(values)).all():
            return None
    elif values.dtype.kind not in "biu":
        return rows if rows.ndim == 1 else None
    if values.shape[1] == 1:
        return values[:, 0]
    if values.shape[1] and np.isin(values, (0, 1)).all() and (values.sum(axis=1) == 1).all():
        return values.argmax(axis=1)
    return [tuple(int(part) for part in row) for row in values.tolist()]


def text_names(columns: Sequence[Column]) -> tuple[str, ...]:
    """Return the names of all labels in alphabetical order, or none unless all are texts."""
    names: set[str] = set()
    for column in columns:
        values = column.tolist() if isinstance(column, np.ndarray) else column
        if not all(isinstance(value, str) for value in values):
            return ()
        names.update(values)
    return tuple(sorted(names))
