"""`PhotoFinder`: a photo to the entities of a graph that look like it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from zoo_images.specs.sources import LITE0
from zoo_triples.ranking import counted
from zoo_triples.triples import Vocabulary

from zoo_core import BadInput, Split
from zoo_visualsem_kg.asking import checked_top
from zoo_visualsem_kg.data.photos import PhotoSet
from zoo_visualsem_kg.features import Quantised
from zoo_visualsem_kg.prototypes import SIDE, seen

NAMES = "entities.json"
EXAMPLES = 4


class PhotoFinder(nn.Module):
    """score(photo, entity) = cos(what a network sees in the photo, what the entity looks like).

    The network is `backbone`, a name of timm's, frozen and not in the module; what an entity looks
    like is a vector of the same space: the network's own prototype of a class, or the mean of
    pictures. Nothing is learned.
    """

    def __init__(self, entities: int = 7, image: int = 4, backbone: str = LITE0) -> None:
        super().__init__()
        self.backbone = backbone
        self.looks = Quantised(entities, image)
        self.entities = Vocabulary(tuple(map(str, range(entities))))
        self.glosses: tuple[str, ...] = ("",) * entities
        self.above: tuple[str, ...] = ("",) * entities

    def carry(self, data: PhotoSet) -> None:
        """Take up what entities look like, and what is told of them."""
        self.looks.take(data.looks)
        self.entities, self.glosses, self.above = data.entities, data.texts, data.above

    def forward(self, vectors: Tensor) -> Tensor:
        """Return cosines (m, n) of photos' features (m, d) with all entities."""
        looks = functional.normalize(self.looks(), dim=1)
        return functional.normalize(vectors.to(looks), dim=1) @ looks.T

    def outputs(self, split: Any, batch_size: int = 1024) -> Iterator[dict[str, Any]]:
        """Yield counts of better and equal entities for each photo of a split.

        Raises `BadInput` for photos of an entity that the model does not know.
        """
        data = checked(split.data)
        strange = set(data.entities.ids) - set(self.entities.ids)
        if strange:
            raise BadInput(
                f"{len(strange)} entities of the photos (such as {min(strange)!r}) are not known "
                f"to the model, which knows {len(self.entities)}; train one: zoo train "
                "photo-finder --dataset FOLDER."
            )
        if not len(split.indices):
            raise BadInput(f"The split {split.name!r} has no photos.")
        numbers = torch.tensor([self.entities.numbers[one] for one in data.entities.ids])
        for rows in torch.split(split.indices, batch_size):
            scores = self(data.photos[rows])
            yield counted(scores, numbers[data.answers[rows]].to(scores.device))

    def predict(self, *photos: Any, top: int = 5) -> list[dict[str, Any]]:
        """Return the entities that photos show: names, ids, scores, glosses, best first.

        Photos are files, folders, PIL images or uint8 arrays; `top` is how many entities of each;
        "is a" is what an entity is by the graph. Raises `BadInput` by name for what cannot be read.
        """
        checked_top(top)
        names, vectors = self._seen(photos)
        scores, numbers = self(vectors).topk(min(top, len(self.entities)), dim=1)
        rows = []
        for name, values, places in zip(names, scores.tolist(), numbers.tolist(), strict=True):
            for score, number in zip(values, places, strict=True):
                row = {"entity": self.entities.names[number], "id": self.entities.ids[number]}
                row |= {"score": round(score, 4), "is a": self.above[number]}
                row |= {"gloss": self.glosses[number]}
                rows.append(({"photo": name} if len(names) > 1 else {}) | row)
        return rows

    def embed(self, *photos: Any) -> Tensor:
        """Return the unit vectors (m, d) of photos, whose products with looks are scores.

        They are sources of `predict`, or one split of the data that it is measured on.
        """
        if len(photos) == 1 and isinstance(photos[0], Split):
            return checked(photos[0].data).photos[photos[0].indices]
        return functional.normalize(self._seen(photos)[1], dim=1)

    def _seen(self, photos: Sequence[Any]) -> tuple[list[str], Tensor]:
        if not photos:
            raise BadInput("Give a photo, such as photo.jpg, or a folder of them.")
        return seen(photos, self.backbone)

    def example_inputs(self, seed: int) -> tuple[Tensor]:
        """Return features of four random photos."""
        generator = torch.Generator().manual_seed(seed)
        return (torch.randn(EXAMPLES, self.looks.values.shape[1], generator=generator).abs(),)

    def example_sources(self, seed: int) -> Sequence[Tensor]:
        """Return two random pictures, uint8 (3, 224, 224)."""
        generator = torch.Generator().manual_seed(seed)
        shape = (3, SIDE, SIDE)
        return [torch.randint(256, shape, generator=generator).byte() for _ in range(2)]

    def assets(self) -> Mapping[str, bytes]:
        """Return what is told of the entities."""
        known = self.entities
        held = {"ids": known.ids, "names": known.names, "aliases": known.aliases}
        held |= {"glosses": self.glosses, "above": self.above}
        return {NAMES: json.dumps(held, ensure_ascii=False, separators=(",", ":")).encode()}

    def use_assets(self, assets: Mapping[str, bytes]) -> None:
        """Take up what is told of the entities."""
        held = json.loads(assets[NAMES])
        self.entities = Vocabulary(
            tuple(held["ids"]), tuple(held["names"]), tuple(map(tuple, held["aliases"]))
        )
        self.glosses, self.above = tuple(held["glosses"]), tuple(held["above"])


def checked(data: Any) -> PhotoSet:
    """Return data that photos are found in; raises `BadInput` for others."""
    if not isinstance(data, PhotoSet):
        raise BadInput("Photos with their entities are needed; give a folder of pictures ID.jpg.")
    return data
