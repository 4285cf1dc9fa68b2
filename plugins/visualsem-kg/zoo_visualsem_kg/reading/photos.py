"""What a user has, pictures of entities, to a `PhotoSet`."""

from __future__ import annotations

from typing import Any

import torch
from torch.nn import functional
from zoo_images.specs.sources import LITE0
from zoo_triples.reading.texts import ids_of, texts_for
from zoo_triples.triples import Vocabulary

from zoo_core import BadInput
from zoo_visualsem_kg.data.photos import PhotoSet
from zoo_visualsem_kg.prototypes import entities_in, pictures_in, seen


def read_photos(source: Any, *, glosses: Any = None, backbone: str = LITE0) -> PhotoSet:
    """Return a user's entities by their pictures.

    `source` is a folder of pictures ID.jpg, or of folders ID of several; of several the last by
    name is kept for the test, and an entity looks like the mean of the others. `glosses` is a table
    of entities (id, name, gloss); without it the ids are the names. `backbone` is any name of
    timm's, and the model's own must be the same. Raises `BadInput` for anything else.
    """
    if isinstance(source, PhotoSet):
        return source
    ids = entities_in(source) if glosses is None else ids_of(glosses)
    found = dict(sorted(pictures_in(source, ids).items()))
    told = {"name": [""] * len(ids), "gloss": [""] * len(ids)}
    if glosses is not None:
        told = {**told, **texts_for(glosses, ids)}
    if len(found) < 2:
        raise BadInput(f"{source} has pictures of {len(found)} entity; expected two or more.")
    paths = [path for several in found.values() for path in several]
    answers = [place for place, several in enumerate(found.values()) for _ in several]
    _, vectors = seen(paths, backbone)
    vectors = functional.normalize(vectors, dim=1)
    held = [
        later != one and answers.count(one) > 1
        for one, later in zip(answers, [*answers[1:], -1], strict=True)
    ]
    of, tested = torch.tensor(answers), torch.tensor(held)
    looks = torch.zeros(len(found), vectors.shape[1]).index_add(0, of[~tested], vectors[~tested])
    rows = {"train": torch.nonzero(~tested)[:, 0], "test": torch.nonzero(tested)[:, 0]}
    return PhotoSet(
        Vocabulary(tuple(ids[i] for i in found), tuple(told["name"][i] or ids[i] for i in found)),
        tuple(told["gloss"][i] for i in found),
        ("",) * len(found),
        functional.normalize(looks, dim=1),
        vectors,
        of,
        rows if len(rows["test"]) else {"train": rows["train"]},
    )
