"""What a user has, verbs in context with their translations, to a `SenseSet`."""

from __future__ import annotations

from typing import Any

import torch
from zoo_triples.reading.tables import by_header, table_of

from zoo_core import BadInput, notice
from zoo_visualsem_kg.data.multisense import SenseSet
from zoo_visualsem_kg.reading.splits import dealt

WORDS = {
    "verb": "verb verb_en word lemma",
    "context": "title caption context phrase sentence text query",
    "class": "class label sense translation verb_de target",
}
_COLUMNS = "verb, context (a title, caption or phrase) and class"


def read_senses(source: Any, *, fractions: Any = (0.8, 0.1, 0.1), seed: int = 0) -> SenseSet:
    """Return a user's verbs, contexts and classes, dealt by `fractions` and `seed`.

    `source` is a table (a file, a data frame, a list of rows) of verb, context and class, in this
    order or with columns that a first line names. The context stands for the image's title and for
    the phrase. Lines without a verb or a class are dropped, which is told. Raises `BadInput` for
    anything that is not known.
    """
    if isinstance(source, SenseSet):
        return source
    rows, label = table_of(source, "Verbs in context")
    header = by_header(rows[0], WORDS)
    if set(header) == set(WORDS):
        rows = rows[1:]
        places = [header[part] for part in WORDS]
    elif len(rows[0]) == len(WORDS):
        places = [0, 1, 2]
    else:
        raise BadInput(
            f"{label} should have the columns {_COLUMNS}, or a first line that names them."
        )
    kept = [[row[place] for place in places] for row in rows]
    whole = [row for row in kept if row[0] and row[2]]
    if len(whole) < len(rows):
        notice(f"{len(rows) - len(whole)} lines without a verb or a class were dropped.")
    classes = tuple(sorted({row[2] for row in whole}))
    if len(classes) < 2:
        raise BadInput(f"{label} has {len(classes)} classes; expected two or more to tell apart.")
    contexts = tuple(row[1] for row in whole)
    labels = torch.tensor([classes.index(row[2]) for row in whole])
    verbs = tuple(row[0].lower() for row in whole)
    rows_of = dealt(len(whole), fractions, seed)
    return SenseSet(verbs, contexts, contexts, labels, classes, rows_of)
