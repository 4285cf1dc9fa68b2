"""`PhotoSet`: what entities look like, and photos with the entity that each shows."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from zoo_triples.triples import TripleSet, Vocabulary

from zoo_core import BadInput, DataError, Split, dataset, fetch
from zoo_visualsem_kg.prototypes import PARENT, class_prototypes
from zoo_visualsem_kg.specs.data import PHOTOS


@dataclass(frozen=True)
class PhotoSet:
    """Entities with a unit vector (n, d) each of what they look like, and photos of them (m, d).

    `answers` (m,) are the entities that the photos show, `rows` the photos of each split, `texts`
    the entities' glosses, and `above` what each one is, by the graph ("" where nobody says). Raises
    `BadInput` for parts that are not as many, and for vectors that are not numbers.
    """

    entities: Vocabulary
    texts: tuple[str, ...]
    above: tuple[str, ...]
    looks: Tensor
    photos: Tensor
    answers: Tensor
    rows: Mapping[str, Tensor]

    def __post_init__(self) -> None:
        if {len(self.texts), len(self.above), len(self.looks)} != {len(self.entities)}:
            raise BadInput(f"Not all of the {len(self.entities)} entities have a text and a look.")
        if len(self.photos) != len(self.answers):
            raise BadInput(f"{len(self.photos)} photos have {len(self.answers)} answers.")
        if not bool(self.looks.isfinite().all() and self.photos.isfinite().all()):
            raise BadInput("Some features are not finite numbers; look for NaN in what made them.")

    @property
    def splits(self) -> tuple[str, ...]:
        """The names of its splits."""
        return tuple(self.rows)

    @property
    def facts(self) -> Mapping[str, int]:
        """What a card says of it."""
        counts = {f"{name} photos": len(rows) for name, rows in self.rows.items()}
        return {"entities": len(self.entities), **counts}

    def split(self, name: str) -> Split:
        """Return the view of one split."""
        return Split(self, name, self.rows[name])


def wnvis_photos() -> PhotoSet:
    """Return the classes of ImageNet in wnvis: their prototypes, and a photo of each to test on.

    The photos are features of EfficientNet-Lite0; no photo was used to make a prototype but by the
    network's own training.
    """
    graph = dataset("wnvis")
    rows = torch.nonzero(graph.imagenet >= 0)[:, 0]
    rows = rows[graph.imagenet[rows].argsort()]
    ids, photos = _photos()
    chosen = rows.tolist()
    known = graph.entities
    entities = Vocabulary(
        tuple(known.ids[i] for i in chosen),
        tuple(known.names[i] for i in chosen),
        tuple(known.aliases[i] for i in chosen),
    )
    parents = parents_of(graph)
    return PhotoSet(
        entities,
        tuple(graph.texts[i] for i in chosen),
        tuple(parents[i] for i in chosen),
        class_prototypes(),
        photos,
        torch.tensor([entities.numbers[one] for one in ids]),
        {"test": torch.arange(len(photos))},
    )


def parents_of(graph: TripleSet) -> list[str]:
    """Return what each entity is by the training triples' "is-a": names, with commas."""
    names = graph.entities.names
    found: list[list[str]] = [[] for _ in names]
    relation = graph.relations.numbers.get(PARENT, -1)
    for head, kind, tail in graph.of("train").tolist():
        if kind == relation:
            found[head].append(names[tail])
    return [", ".join(sorted(one)) for one in found]


def _photos() -> tuple[list[str], Tensor]:
    """Return the synsets of the photos, and their unit vectors."""
    path = fetch(PHOTOS)
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as held:
            return held["wnid"].tolist(), functional.normalize(
                torch.from_numpy(held["feat"].astype(np.float32)), dim=1
            )
    except (OSError, KeyError, ValueError) as error:
        raise DataError(f"{path} holds no features of photos ({error}).") from error
