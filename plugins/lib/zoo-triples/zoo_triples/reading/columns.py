"""Which column is the head, which the relation and which the tail: known, told, or refused."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from zoo_core import BadInput, closest

PARTS = ("head", "relation", "tail")
WORDS = {
    "head": "head h subject subj s source src from head_id subject_id source_id",
    "relation": "relation r predicate pred p rel type edge edge_type relation_id label",
    "tail": "tail t object obj o target dst to tail_id object_id target_id",
}
"""What the columns are called in files of triples, in lower case."""
_MEANING = {word: part for part, words in WORDS.items() for word in words.split()}
SAMPLE = 200_000


def told(columns: Any) -> tuple[str, ...]:
    """Return the order of columns that was given: a sequence, or words with commas or spaces.

    Each of head, relation and tail is there once; further columns may have any other name. Raises
    `BadInput` for anything else.
    """
    words = columns.replace(",", " ").split() if isinstance(columns, str) else list(columns)
    found = tuple(_MEANING.get(str(word).lower(), str(word)) for word in words)
    if any(found.count(part) != 1 for part in PARTS):
        raise BadInput(
            f"columns={columns!r} is wrong; expected head, relation and tail once each, in the "
            "order of the data, such as 'head,tail,relation'."
        )
    return found


def by_header(names: Sequence[Any]) -> tuple[str, ...] | None:
    """Return the parts that a header names, None where it does not name all three."""
    found = tuple(_MEANING.get(str(name).strip().lower(), str(name)) for name in names)
    return found if all(found.count(part) == 1 for part in PARTS) else None


def by_content(
    columns: Sequence[np.ndarray], usual: Sequence[str] | None = None
) -> tuple[str, ...]:
    """Return the order of three columns without names, from what is in them.

    Heads and tails are things of one kind: where exactly one pair of columns shares values, and the
    third shares none with either, the third is the relation, and heads stand before tails, as in
    every published file. `usual` is the order of another part of the same data, which this one has
    too. Raises `BadInput` where nothing tells them apart.
    """
    if usual is not None and len(usual) == len(columns):
        return tuple(usual)
    if len(columns) != 3:
        raise BadInput(
            f"The data have {len(columns)} columns without names; expected three: head, relation "
            "and tail. Say which are which by columns=, with any word for the others."
        )
    values = [set(column[:SAMPLE].tolist()) for column in columns]
    pairs = itertools.combinations(range(3), 2)
    shared = [(one, other) for one, other in pairs if values[one] & values[other]]
    if len(shared) != 1:
        why = (
            "all columns have values of their own" if not shared
            else "several columns have values in common"
        )  # fmt: skip
        raise BadInput(
            f"It cannot be told which column is the relation ({why}); say "
            "columns='head,relation,tail', or the order that the data have."
        )
    order = ["relation"] * 3
    order[shared[0][0]], order[shared[0][1]] = "head", "tail"
    return tuple(order)


def pick(order: Sequence[str], names: Sequence[str] | None = None) -> list[int]:
    """Return the numbers of the columns of head, relation and tail.

    With `names`, parts may be given by any name that a column has. Raises `BadInput` for one that
    is not there.
    """
    places = []
    for part in PARTS:
        if part not in order:
            raise BadInput(f"There is no column {part!r}{closest(part, list(names or order))}")
        places.append(list(order).index(part))
    return places
