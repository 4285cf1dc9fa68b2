"""What a user has, triples with glosses and images beside them, to a `TripleSet`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from zoo_triples.reading.reader import read_triples
from zoo_triples.triples import TripleSet

from zoo_core import BadInput
from zoo_visualsem_kg.prototypes import folder_features
from zoo_visualsem_kg.reading.visualsem import is_visualsem, read_visualsem


def read_graph(
    source: Any,
    *,
    columns: Any = None,
    separator: str | None = None,
    valid: Any = None,
    test: Any = None,
    glosses: Any = None,
    images: Any = None,
    language: str | None = None,
    fractions: Any = (0.8, 0.1, 0.1),
    seed: int = 0,
) -> TripleSet:
    """Return a user's knowledge graph; see `zoo_triples.reading.reader.read_triples`.

    `images` is a folder of pictures ID.jpg, or of a folder ID of several for each entity: their
    features are EfficientNet-Lite0's. A folder with VisualSem's own files is read as such, with
    its glosses in a `language` (English by default); see `read_visualsem`. Raises `BadInput`.
    """
    if is_visualsem(source):
        source, told = read_visualsem(source, language or "en")
        glosses = told if glosses is None else glosses
    elif language is not None:
        raise BadInput(
            f"language={language!r} is of no use here: VisualSem's own files alone have glosses in "
            "several; give glosses=FILE."
        )
    data = read_triples(
        source,
        columns=columns,
        separator=separator,
        valid=valid,
        test=test,
        glosses=glosses,
        fractions=fractions,
        seed=seed,
    )
    if images is None:
        return data
    features, has = folder_features(images, data.entities.ids)
    return replace(data, images=(has, features))
