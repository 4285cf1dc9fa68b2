"""Names and glosses of entities, from a table beside the triples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from zoo_core import BadInput, notice
from zoo_triples.reading.tables import by_header, table_of

WORDS = {
    "id": "id entity entity_id synset node node_id key qid",
    "name": "name label title",
    "gloss": "gloss text description definition abstract",
}


def texts_for(source: Any, ids: Sequence[str], label: str = "glosses") -> dict[str, list[str]]:
    """Return the names and glosses of entities, "" where there is none.

    `source` is a mapping of id to gloss, or a table with a header that names its columns (id,
    name, gloss), or without one: two columns are id and gloss, three id, name and gloss. What is of
    no entity here is dropped, and entities without a text are told, with a notice. Raises
    `BadInput` where an entity has two, and where none fits.
    """
    rows = _rows(source, label)
    known = set(ids)
    found: dict[str, dict[str, str]] = {}
    for row in rows:
        key = row["id"]
        if key in found and found[key] != row:
            raise BadInput(f"The {label} have two lines for {key!r}; give each entity one.")
        found[key] = row
    strange = [key for key in found if key not in known]
    if len(strange) == len(found):
        raise BadInput(
            f"None of the {len(found)} ids of the {label} (such as {next(iter(found))!r}) is an "
            f"entity of the triples (such as {ids[0]!r}); the first column has the entities' ids."
        )
    if strange:
        notice(f"{len(strange)} lines of the {label} are of no entity of the triples: dropped.")
    texts = {part: [found.get(key, {}).get(part, "") for key in ids] for part in ("name", "gloss")}
    bare = sum(not gloss for gloss in texts["gloss"])
    if bare:
        notice(f"{bare} of {len(ids)} entities have no gloss; their name stands in for it.")
    return texts


def ids_of(source: Any, label: str = "glosses") -> tuple[str, ...]:
    """Return the ids of a table of texts, in its order; see `texts_for` for what it may be."""
    return tuple(dict.fromkeys(row["id"] for row in _rows(source, label)))


def _rows(source: Any, label: str) -> list[dict[str, str]]:
    if isinstance(source, Mapping):
        return [{"id": str(key), "gloss": str(text).strip()} for key, text in source.items()]
    table, _ = table_of(source, f"The {label}")
    places = by_header(table[0], WORDS)
    if "id" in places and {"name", "gloss"} & set(places):
        table = table[1:]
    elif len(table[0]) == 2:
        places = {"id": 0, "gloss": 1}
    elif len(table[0]) == 3:
        places = {"id": 0, "name": 1, "gloss": 2}
    else:
        raise BadInput(
            f"The {label} have {len(table[0])} columns without names; expected id, name and gloss, "
            "or a first line that names them."
        )
    return [{part: row[place] for part, place in places.items()} for row in table]
