"""`Tagger`: words to names in a text, with or without the entities that a sentence is about."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from zoo_core import BadInput
from zoo_visualsem_kg.asking import checked_sentences
from zoo_visualsem_kg.data.tagged import TaggedSet
from zoo_visualsem_kg.downstream.knowledge import Knowledge
from zoo_visualsem_kg.downstream.pieces import LastLayer, read_pieces
from zoo_visualsem_kg.downstream.spans import PAD, decode, spans_of
from zoo_visualsem_kg.downstream.words import SHAPES, read_words, split_words

NAMES = "tags.json"
EXAMPLES = 5
WAYS = ("none", "concat", "attend")


class TagHead(nn.Module):
    """Words (m, w) and a sentence's entities (m, k, d) to scores of tags (m, t).

    `way` is how the entities are added: "concat" joins their mean to the word; "attend" joins a
    mean whose weights are a softmax of products of the projected word and projected entities;
    "none" reads words alone.
    """

    def __init__(
        self,
        width: int,
        dim: int,
        tags: int,
        way: str = "none",
        hidden: int = 128,
        dropout: float = 0.3,
        attention: int = 64,
    ) -> None:
        super().__init__()
        self.way = way
        joined = width + {"none": 0, "concat": dim, "attend": attention}[way]
        if way == "attend":
            self.asked = nn.Linear(width, attention)
            self.keys = nn.Linear(dim, attention)
            self.values = nn.Linear(dim, attention)
        self.decide = nn.Sequential(
            nn.Linear(joined, hidden),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(hidden, tags),
        )

    def context(self, words: Tensor, entities: Tensor) -> Tensor:
        """Return what the entities bring to each word (m, d or attention)."""
        if self.way == "concat":
            return entities.mean(1)
        values: Tensor = self.values(entities)
        return torch.einsum("mk,mka->ma", self.attention(words, entities), values)

    def attention(self, words: Tensor, entities: Tensor) -> Tensor:
        """Return the weights (m, k) of entities for words, which sum to 1."""
        keys: Tensor = self.keys(entities)
        products = torch.einsum("ma,mka->mk", self.asked(words), keys)
        weights: Tensor = (products / keys.shape[-1] ** 0.5).softmax(-1)
        return weights

    def forward(self, words: Tensor, entities: Tensor | None = None) -> Tensor:
        """Return scores (m, t)."""
        if self.way != "none":
            assert entities is not None
            words = torch.cat([words, self.context(words, entities)], -1)
        found: Tensor = self.decide(words)
        return found


class Tagger(nn.Module):
    """Scores of tags for each word, from frozen vectors of it and its neighbours.

    Words are read by MiniLM, `window` of them on either side, with how each is written; `way` is
    how the vectors of the `nodes` entities that are nearest to the sentence are added: none, concat
    or attend. With `tuned` MiniLM's last layer is part of the model, and is trained with it. See
    `Knowledge` for the sizes. Raises `BadInput` for another word.
    """

    def __init__(
        self,
        tags: int = 5,
        width: int = 4,
        window: int = 1,
        way: str = "none",
        nodes: int = 5,
        hidden: int = 128,
        dropout: float = 0.3,
        entities: int = 7,
        relations: int = 2,
        facts: int = 5,
        text: int = 3,
        images: int = 2,
        image: int = 3,
        dim: int = 100,
        shuffled: int = 0,
        tuned: bool = False,
        scale: float = 1.0,
    ) -> None:
        if way not in WAYS:
            raise BadInput(f"way={way!r} is wrong; expected {', '.join(WAYS)}.")
        if not 0 < scale < float("inf"):
            raise BadInput(f"scale={scale} is wrong; expected a positive number.")
        if nodes < 1 or window < 0:
            raise BadInput(f"nodes={nodes} and window={window}; expected 1 and 0, or more.")
        super().__init__()
        self.window, self.nodes = window, nodes
        self.knowledge: Knowledge | None = None
        if way != "none":
            if nodes > entities:
                raise BadInput(f"nodes={nodes} is wrong; there are {entities} entities.")
            self.knowledge = Knowledge(
                entities, relations, facts, text, width, images, image, dim, shuffled, scale
            )
        self.last = LastLayer(width) if tuned else None
        self.joined, self.dim = (2 * window + 1) * (width + len(SHAPES)), dim
        self.head = TagHead(self.joined, dim, tags, way, hidden, dropout)
        self.tags = tuple(map(str, range(tags)))

    def forward(self, words: Tensor, entities: Tensor | None = None) -> Tensor:
        """Return scores (m, t) of words (m, w) and their sentences' entities (m, k, d)."""
        found: Tensor = self.head(words, entities)
        return found

    def parts(
        self, sentences: Sequence[Sequence[str]], *, keep: bool = True
    ) -> tuple[Tensor, Tensor | None, list[list[int]]]:
        """Return what `forward` takes of sentences of words, and the entities they are about."""
        if self.last is None:
            found = read_words(sentences, keep=keep)
        else:
            pieces = read_pieces(sentences, keep=keep)
            found, _ = pieces.read(self.last, torch.arange(len(sentences)))
        place = next(self.head.parameters())
        about: list[list[int]] = [[] for _ in sentences]
        entities: Tensor | None = None
        if self.knowledge is not None:
            told = [" ".join(one) for one in sentences]
            vectors, numbers = self.knowledge.read(told, self.nodes, keep=keep)
            about = numbers.tolist()
            entities = vectors[found.sentence.to(vectors.device)].to(place)
        words = found.around(torch.arange(len(found.sentence)), self.window).to(place)
        return words, entities, about

    def read(self, sentences: Sequence[Sequence[str]]) -> list[Tensor]:
        """Return the scores (L, t) of each sentence's words."""
        words, entities, _ = self.parts(sentences)
        return list(torch.split(self(words, entities), [len(one) for one in sentences]))

    def outputs(self, split: Any, batch_size: int = 128) -> Iterator[dict[str, Tensor]]:
        """Yield tags that are predicted and true (b, L) of sentences, `PAD` behind their ends.

        Raises `BadInput` for data with other tags, and for a split without sentences.
        """
        data = checked(split.data)
        if data.names != self.tags:
            raise BadInput(
                f"The data have other tags ({', '.join(data.names[:5])}, …) than the model "
                f"({', '.join(self.tags[:5])}, …)."
            )
        if not len(split.indices):
            raise BadInput(f"The split {split.name!r} has no sentences.")
        for rows in torch.split(split.indices, batch_size):
            chosen = rows.tolist()
            scores = self.read([data.sentences[i] for i in chosen])
            tags = {
                "predicted": decode(scores, self.tags),
                "true": [torch.tensor(data.tags[i]) for i in chosen],
            }
            yield {
                name: nn.utils.rnn.pad_sequence(part, batch_first=True, padding_value=PAD)
                for name, part in tags.items()
            }

    def predict(self, *sentences: str) -> list[dict[str, Any]]:
        """Return the names in sentences: their words, types, places and probabilities.

        `start` and `end` count words; `score` is the least probability of a span's tags. With
        entities, those that the sentence is about are told, the most helpful first: an entity
        `adds` by how much the span's score is above what it is with this entity's vector at 0,
        which is the mean of all entities. Raises `BadInput` for what is no sentence.
        """
        checked_sentences(sentences)
        parted = [split_words(one) for one in sentences]
        lengths = [len(one) for one in parted]
        words, entities, about = self.parts(parted, keep=False)
        scores = torch.split(self(words, entities), lengths)
        without = [torch.split(one, lengths) for one in self._without(words, entities)]
        rows = []
        for place, (sentence, tags) in enumerate(
            zip(sentences, decode(scores, self.tags), strict=True)
        ):
            chances = _chances(scores[place], tags)
            less = [_chances(one[place], tags) for one in without]
            for start, end, kind in spans_of([self.tags[i] for i in tags.tolist()]):
                score = float(chances[start:end].min())
                told = " ".join(parted[place][start:end])
                row = {"span": told, "type": kind, "start": start, "end": end}
                row["score"] = round(score, 4)
                if self.knowledge is not None:
                    adds = [round(score - float(one[start:end].min()), 4) for one in less]
                    row["entities"] = self._helped(about[place], adds)
                rows.append(({"sentence": sentence} if len(sentences) > 1 else {}) | row)
        return rows

    def _without(self, words: Tensor, entities: Tensor | None) -> Iterator[Tensor]:
        """Yield the scores (m, t) with each of the entities at 0 in turn."""
        for rank in range(0 if entities is None else entities.shape[1]):
            assert entities is not None
            yield self(words, entities.index_fill(1, torch.tensor([rank]).to(words.device), 0.0))

    def _helped(self, numbers: Sequence[int], adds: Sequence[float]) -> list[dict[str, Any]]:
        assert self.knowledge is not None
        known = [pair for pair in zip(adds, numbers, strict=True) if pair[1] >= 0]
        known.sort(key=lambda pair: -pair[0])
        names = self.knowledge.names([number for _, number in known])
        return [
            {"entity": name, "adds": added} for name, (added, _) in zip(names, known, strict=True)
        ]

    def example_inputs(self, seed: int) -> tuple[Tensor, ...]:
        """Return five random words, and the entities of their sentences where they are read."""
        generator = torch.Generator().manual_seed(seed)
        words = torch.randn(EXAMPLES, self.joined, generator=generator)
        if self.knowledge is None:
            return (words,)
        return words, torch.randn(EXAMPLES, self.nodes, self.dim, generator=generator)

    def example_sources(self, seed: int) -> Sequence[str]:
        """Return a sentence with names."""
        return ("Emma Watson flew from Paris to Redondo Beach",)

    def assets(self) -> Mapping[str, bytes]:
        """Return the tags, and the names of entities."""
        held: dict[str, Any] = {"tags": self.tags}
        if self.knowledge is not None:
            held["entities"] = self.knowledge.named()
        return {NAMES: json.dumps(held, ensure_ascii=False, separators=(",", ":")).encode()}

    def use_assets(self, assets: Mapping[str, bytes]) -> None:
        """Take up names."""
        held = json.loads(assets[NAMES])
        self.tags = tuple(held["tags"])
        if self.knowledge is not None:
            self.knowledge.name(held["entities"])


def _chances(scores: Tensor, tags: Tensor) -> Tensor:
    """Return the probabilities (L,) of tags (L,) by scores (L, t)."""
    return scores.softmax(-1).cpu()[torch.arange(len(tags)), tags]


def checked(data: Any) -> TaggedSet:
    """Return data that names are learned from; raises `BadInput` for others."""
    if not isinstance(data, TaggedSet):
        raise BadInput("Words with tags are needed; give wnut17, or a CoNLL file.")
    return data
