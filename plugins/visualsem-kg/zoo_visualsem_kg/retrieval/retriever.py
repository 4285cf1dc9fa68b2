"""`Retriever`: a sentence to the entities of a graph whose names and glosses are nearest to it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import torch
from einops import rearrange
from torch import Tensor, nn
from torch.nn import functional
from zoo_triples.ranking import MEMORY, counted, rows_within
from zoo_triples.triples import TripleSet, Vocabulary

from zoo_core import BadInput, Split
from zoo_visualsem_kg.asking import checked_flag, checked_sentences, checked_top
from zoo_visualsem_kg.data.sentence_sets import SentenceSet
from zoo_visualsem_kg.retrieval.lemmas import Lemmas
from zoo_visualsem_kg.sentences import encode, entity_texts
from zoo_visualsem_kg.text_links import TextLinks

NAMES = "entities.json"
EXAMPLES = 4


class Index(NamedTuple):
    """What is searched: the entities' unit vectors (n, k), and their names."""

    vectors: Tensor
    lemmas: Lemmas


class Retriever(nn.Module):
    """score(sentence, entity) = cos(A s, B [gloss ; name]), and `lemma` where it names the entity.

    s is the sentence's vector, of a frozen encoder; A and B are linear maps. Before they are
    trained A is the basis that the entities' texts are kept in and B the mean of gloss and name, so
    that the score is a cosine of the encoder's. The texts are those of `text` (see `TextLinks` for
    the arguments), which a model of links and this one share. The search is exact: one matrix
    product for as many sentences as memory takes.
    """

    def __init__(
        self,
        entities: int = 7,
        relations: int = 2,
        facts: int = 5,
        text: int = 3,
        width: int = 4,
        images: int = 0,
        image: int = 0,
        encoder: str = "minilm",
    ) -> None:
        if not text:
            raise BadInput("Entities are found by their texts; give glosses (--option glosses=…).")
        super().__init__()
        self.encoder = encoder
        self.text = TextLinks(entities, relations, facts, text, width, images, image, encoder)
        self.text.requires_grad_(False)
        self.asked = nn.Linear(width, text, bias=False)
        self.kept = nn.Linear(2 * text, text, bias=False)
        self.lemma = nn.Parameter(torch.zeros(()))
        self.entities = Vocabulary(tuple(map(str, range(entities))))
        self.glosses: tuple[str, ...] = ("",) * entities

    @torch.no_grad()
    def begin(self) -> None:
        """Set both maps to what they are before training."""
        basis = self.text.features.basis
        self.asked.weight.copy_(basis.T)
        self.kept.weight.copy_(torch.cat([torch.eye(basis.shape[1])] * 2, 1) / 2)

    def carry(self, graph: TripleSet) -> None:
        """Take up the names and glosses of a graph's entities."""
        self.entities, self.glosses = graph.entities, graph.texts

    def asked_for(self, vectors: Tensor) -> Tensor:
        """Return unit vectors (m, k) of the encoder's sentence vectors (m, width)."""
        return functional.normalize(self.asked(vectors), dim=-1)

    def kept_as(self, texts: Tensor) -> Tensor:
        """Return unit vectors (n, k) of the entities' texts (n, 2, k): glosses, then names."""
        return functional.normalize(self.kept(rearrange(texts, "n two k -> n (two k)")), dim=-1)

    def forward(self, vectors: Tensor) -> Tensor:
        """Return cosines (m, n) of all entities, for the encoder's sentence vectors (m, width)."""
        return self.asked_for(vectors) @ self.kept_as(self.text.features.texts()).T

    def index(self) -> Index:
        """Return what is searched for the entities that the model carries."""
        return Index(self.kept_as(self.text.features.texts()), Lemmas(self.entities))

    def texts_of(
        self, graph: TripleSet, progress: Callable[..., Any] = lambda steps, **_: steps
    ) -> Tensor:
        """Return the texts (n, 2, k) of the entities of another graph, which are encoded.

        Raises what `encode` raises.
        """
        basis = self.text.features.basis
        read = [
            encode(texts, self.encoder, progress).to(basis) @ basis
            for texts in entity_texts(graph.entities.names, graph.texts)
        ]
        return functional.normalize(torch.stack(read, 1), dim=-1)

    def index_of(self, graph: TripleSet) -> Index:
        """Return what is searched for the entities of another graph."""
        return Index(self.kept_as(self.texts_of(graph)), Lemmas(graph.entities))

    def search(
        self,
        index: Index,
        sentences: Sequence[str],
        *,
        lemmas: bool = True,
        keep: bool = True,
        batch_size: int | None = None,
    ) -> Iterator[Tensor]:
        """Yield scores (b, n) for sentences in their order, as many at once as memory takes.

        Without `lemmas` they are cosines alone; `keep` keeps the sentences' vectors on the disk.
        """
        vectors = encode(sentences, self.encoder, keep=keep).to(self.asked.weight)
        done = 0
        for scores in self.scored(index, vectors, batch_size):
            if lemmas:
                row, entity = index.lemmas.matches(sentences[done : done + len(scores)])
                found = self.lemma.expand(len(row))
                places = row.to(scores.device), entity.to(scores.device)
                scores = scores.index_put(places, found, accumulate=True)
            done += len(scores)
            yield scores

    def scored(
        self, index: Index, vectors: Tensor, batch_size: int | None = None
    ) -> Iterator[Tensor]:
        """Yield cosines (b, n) for the encoder's sentence vectors (m, width), in their order."""
        rows = batch_size or rows_within(MEMORY, len(index.vectors))
        for part in torch.split(vectors, rows):
            yield self.asked_for(part) @ index.vectors.T

    def nearest(
        self, sentences: Sequence[str], top: int, *, lemmas: bool = True, keep: bool = True
    ) -> tuple[Tensor, Tensor]:
        """Return the scores and the numbers (m, top) of the best entities, best first."""
        parts = [
            scores.topk(top, dim=1)
            for scores in self.search(self.index(), sentences, lemmas=lemmas, keep=keep)
        ]
        return torch.cat([one.values for one in parts]), torch.cat([one.indices for one in parts])

    def outputs(self, split: Any, batch_size: int | None = None) -> Iterator[dict[str, Any]]:
        """Yield counts of better and equal candidates for each sentence of a split.

        The candidates are the split's: the model's own entities, or others, whose texts are then
        encoded.
        """
        data = checked(split.data)
        if not len(split.indices):
            raise BadInput(f"The split {split.name!r} has no sentences to search with.")
        among = data.among[split.name]
        graph = data.graph(among)
        own = graph.entities.ids == self.entities.ids
        index = self.index() if own else self.index_of(graph)
        answers = data.places(among)[data.answers[split.indices]]
        sentences = [data.sentences[i] for i in split.indices.tolist()]
        done = 0
        for scores in self.search(index, sentences, batch_size=batch_size):
            target = answers[done : done + len(scores)].to(scores.device)
            done += len(scores)
            yield counted(scores, target)

    def predict(self, *sentences: str, top: int = 5, lemmas: bool = True) -> list[dict[str, Any]]:
        """Return the entities that a sentence is about: names, ids, glosses, scores, best first.

        `top` is how many of each sentence, `lemmas` whether an entity that the sentence names is
        nearer for it. Raises `BadInput` for what is no sentence.
        """
        checked_sentences(sentences)
        checked_top(top)
        checked_flag("lemmas", lemmas)
        top = min(top, len(self.entities))
        scores, numbers = self.nearest(sentences, top, lemmas=lemmas, keep=False)
        several = len(sentences) > 1
        return [
            ({"sentence": sentence} if several else {})
            | {
                "entity": self.entities.names[number],
                "id": self.entities.ids[number],
                "score": round(score, 4),
                "gloss": self.glosses[number],
            }
            for sentence, values, places in zip(
                sentences, scores.tolist(), numbers.tolist(), strict=True
            )
            for score, number in zip(values, places, strict=True)
        ]

    def embed(self, *sentences: str | Split) -> Tensor:
        """Return the unit vectors (m, k) of sentences, whose products with entities are scores.

        They are texts, or those of one split of the data that it is measured on. Raises `BadInput`
        for what is no sentence.
        """
        told: Sequence[Any] = sentences
        if len(sentences) == 1 and isinstance(sentences[0], Split):
            data = checked(sentences[0].data)
            told = [data.sentences[i] for i in sentences[0].indices.tolist()]
        checked_sentences(told)
        return self.asked_for(encode(told, self.encoder, keep=False).to(self.asked.weight))

    def example_inputs(self, seed: int) -> tuple[Tensor]:
        """Return four random sentence vectors."""
        generator = torch.Generator().manual_seed(seed)
        width = self.asked.in_features
        return (functional.normalize(torch.randn(EXAMPLES, width, generator=generator), dim=1),)

    def example_sources(self, seed: int) -> Sequence[str]:
        """Return two sentences."""
        return ("a big cat with tufted ears", "she played the violin all night")

    def named(self) -> dict[str, Sequence[Any]]:
        """Return the ids, names, aliases and glosses of the entities, as JSON values."""
        known = self.entities
        held = {"ids": known.ids, "names": known.names, "aliases": known.aliases}
        return {**held, "glosses": self.glosses}

    def name(self, held: Mapping[str, Any]) -> None:
        """Take up what `named` gave."""
        self.entities = Vocabulary(
            tuple(held["ids"]), tuple(held["names"]), tuple(map(tuple, held["aliases"]))
        )
        self.glosses = tuple(held["glosses"])

    def assets(self) -> Mapping[str, bytes]:
        """Return the ids, names, aliases and glosses of the entities."""
        content = json.dumps(self.named(), ensure_ascii=False, separators=(",", ":"))
        return {NAMES: content.encode()}

    def use_assets(self, assets: Mapping[str, bytes]) -> None:
        """Take up names and glosses."""
        self.name(json.loads(assets[NAMES]))


def checked(data: Any) -> SentenceSet:
    """Return data that a retriever is trained and measured on; raises `BadInput` for others."""
    if not isinstance(data, SentenceSet):
        raise BadInput(
            "Sentences with their entities are needed; give wnvis-sentences, or a table of "
            "sentences and ids with --option glosses=FILE."
        )
    return data
