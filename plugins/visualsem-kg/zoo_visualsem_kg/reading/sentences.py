"""What a user has, sentences with the entities they are about, to a `SentenceSet`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from zoo_triples.reading.tables import by_header, table_of
from zoo_triples.reading.texts import ids_of, texts_for
from zoo_triples.triples import SPLITS, Vocabulary

from zoo_core import BadInput, notice
from zoo_visualsem_kg.data.sentence_sets import SentenceSet
from zoo_visualsem_kg.reading.splits import dealt

WORDS = {"sentence": "sentence text query question", "id": "id entity entity_id answer node synset"}


def read_sentences(
    source: Any, *, glosses: Any = None, fractions: Any = (0.8, 0.1, 0.1), seed: int = 0
) -> SentenceSet:
    """Return a user's sentences and entities.

    `source` is a table of sentences and the ids of their entities (a file, a data frame, a list of
    pairs), its columns named in a first line or told by the ids, and `glosses` the table of
    entities (id, name, gloss; see `zoo_triples.reading.texts`). Without `glosses`, `source` is that
    table of entities, and there are no sentences. All entities are candidates in every split, and
    sentences are dealt by `fractions` and `seed`. Lines without a sentence are dropped, which is
    told. Raises `BadInput` for anything that is not known.
    """
    if isinstance(source, SentenceSet):
        return source
    if glosses is None:
        _check_is_of_entities(source)
    table = source if glosses is None else glosses
    ids = ids_of(table)
    found = texts_for(table, ids)
    names = tuple(name or one for name, one in zip(found["name"], ids, strict=True))
    entities = Vocabulary(ids, names)
    pairs = [] if glosses is None else _pairs(source, entities)
    return SentenceSet(
        tuple(sentence for sentence, _ in pairs),
        torch.tensor([entities.numbers[one] for _, one in pairs], dtype=torch.long),
        entities,
        tuple(found["gloss"]),
        dealt(len(pairs), fractions, seed),
        dict.fromkeys(SPLITS, torch.arange(len(ids))),
    )


def _check_is_of_entities(source: Any) -> None:
    """Raise `BadInput` where a table that stands alone is one of sentences by its first line."""
    if isinstance(source, Mapping):
        return
    rows, label = table_of(source, "Entities")
    if by_header(rows[0], {"sentence": "sentence query question"}):
        raise BadInput(
            f"{label} is a table of sentences; give the table of entities (id, name, gloss) beside "
            "it: --option glosses=FILE."
        )


def _pairs(source: Any, entities: Vocabulary) -> list[tuple[str, str]]:
    """Return sentences with the ids of their entities."""
    rows, label = table_of(source, "Sentences")
    if len(rows[0]) != 2:
        raise BadInput(f"{label} should have two columns, a sentence and an id, in each line.")
    header = by_header(rows[0], WORDS)
    named = set(header) == set(WORDS)
    if named:
        rows, first = rows[1:], header["sentence"]
    else:
        known = [sum(row[i] in entities.numbers for row in rows) for i in (0, 1)]
        first = 0 if known[1] >= known[0] else 1
    kept = [(row[first], row[1 - first]) for row in rows]
    for number, (_, one) in enumerate(kept, 1 + named):
        if one not in entities.numbers:
            raise BadInput(
                f"{label}, line {number}: no entity has the id {one!r} (ids are such as "
                f"{entities.ids[0]!r}); give the table of entities as glosses=FILE."
            )
    written = [pair for pair in kept if any(letter.isalnum() for letter in pair[0])]
    if len(written) < len(kept):
        notice(f"{len(kept) - len(written)} lines without a sentence were dropped.")
    if not written:
        raise BadInput(f"{label} has no sentence; each line is a sentence and an entity's id.")
    return written
