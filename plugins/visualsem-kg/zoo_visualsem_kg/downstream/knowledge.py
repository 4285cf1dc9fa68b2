"""`Knowledge`: sentences to the frozen vectors of the entities that they are about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from zoo_triples.triples import Vocabulary

from zoo_core import load
from zoo_visualsem_kg.graph_links import GraphLinks
from zoo_visualsem_kg.retrieval.retriever import Retriever

RETRIEVER, GRAPH = "retriever-wnvis", "sage-wnvis-both"
"""The models that find entities for sentences, and whose entities' vectors are read."""


class Knowledge(nn.Module):
    """A retriever and a graph's entities, both frozen: k vectors for a sentence.

    The vectors are those that links are predicted from, each number scaled to mean 0 and standard
    deviation `scale` over all entities. With `shuffled` from 1 each entity has the vector of
    another one, the same each time, by that seed: what such vectors bring is room for parameters,
    and no knowledge. The other arguments are those of `GraphLinks`.
    """

    def __init__(
        self,
        entities: int = 7,
        relations: int = 2,
        facts: int = 5,
        text: int = 3,
        width: int = 4,
        images: int = 2,
        image: int = 3,
        dim: int = 100,
        shuffled: int = 0,
        scale: float = 1.0,
    ) -> None:
        super().__init__()
        sizes = (entities, relations, facts, text, width, images, image)
        self.retriever = Retriever(*sizes)
        self.graph = GraphLinks(*sizes, dim=dim)
        self.dim, self.shuffled, self.scale = dim, shuffled, scale
        self.requires_grad_(False)
        self.train()

    def train(self, mode: bool = True) -> Knowledge:
        """Stay in eval mode: nothing here is trained, and nothing is dropped."""
        return super().train(False)

    def table(self) -> Tensor:
        """Return the entities' scaled vectors (n, d)."""
        vectors = self.graph.vectors()
        scaled = self.scale * (vectors - vectors.mean(0)) / vectors.std(0).clamp(min=1e-6)
        if not self.shuffled:
            return scaled
        generator = torch.Generator().manual_seed(self.shuffled)
        return scaled[torch.randperm(len(scaled), generator=generator)]

    @torch.no_grad()
    def read(self, sentences: Sequence[str], k: int, *, keep: bool = True) -> tuple[Tensor, Tensor]:
        """Return the vectors (m, k, d) of the k nearest entities of sentences, and which they are.

        A sentence without a word has zeros for vectors, and -1 for entities.
        """
        numbers = torch.full((len(sentences), k), -1)
        rows = [i for i, one in enumerate(sentences) if any(letter.isalnum() for letter in one)]
        if rows:
            _, found = self.retriever.nearest([sentences[i] for i in rows], k, keep=keep)
            numbers[rows] = found.cpu()
        return self.vectors(numbers), numbers

    @torch.no_grad()
    def vectors(self, numbers: Tensor) -> Tensor:
        """Return the vectors (…, d) of entities by number, and zeros for -1."""
        table = self.table()
        numbers = numbers.to(table.device)
        return table[numbers.clamp(min=0)] * (numbers >= 0)[..., None]

    def named(self) -> dict[str, Any]:
        """Return the ids, names and aliases of the entities, as JSON values."""
        return {key: held for key, held in self.retriever.named().items() if key != "glosses"}

    def name(self, held: Mapping[str, Any]) -> None:
        """Take up what `named` gave."""
        self.retriever.name({**held, "glosses": ()})

    def names(self, numbers: Sequence[int]) -> list[str]:
        """Return the names of entities; those that are none are left out."""
        known: Vocabulary = self.retriever.entities
        return [known.names[i] for i in numbers if i >= 0]


def equip(knowledge: Knowledge) -> None:
    """Give the vectors and names of the shipped models, whose sizes are `WNVIS_SIZES`."""
    retriever, graph = load(RETRIEVER), load(GRAPH)
    knowledge.retriever.load_state_dict(retriever.state_dict())
    knowledge.graph.load_state_dict(graph.state_dict())
    assert isinstance(retriever, Retriever)
    knowledge.retriever.entities = retriever.entities
