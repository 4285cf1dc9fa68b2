"""`SentenceSet`: sentences, the entity that each is about, and the texts of all entities."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor
from zoo_triples.specs.sources import WNVIS
from zoo_triples.triples import TripleSet, Vocabulary

from zoo_core import BadInput, Split, dataset, fetch
from zoo_visualsem_kg.data.wordnet import nouns, parted

HELD_OUT = 0.15
"""The share of the other nouns, with all their sentences, that recipes choose by."""


@dataclass(frozen=True)
class SentenceSet:
    """Sentences and the number of the entity that each is about (m,), with the entities' texts.

    `rows` maps a split to its sentences, and `among` to the entities (c,) that are candidates
    there, which hold all its answers. Those of `test` are what a retriever carries. Raises
    `BadInput` for numbers out of range, and for an answer that is no candidate.
    """

    sentences: tuple[str, ...]
    answers: Tensor
    entities: Vocabulary
    texts: tuple[str, ...]
    rows: Mapping[str, Tensor]
    among: Mapping[str, Tensor]

    def __post_init__(self) -> None:
        if not len(self.sentences) == len(self.answers):
            raise BadInput(f"{len(self.sentences)} sentences have {len(self.answers)} answers.")
        if len(self.texts) != len(self.entities):
            raise BadInput(f"{len(self.entities)} entities have {len(self.texts)} glosses.")
        for name, rows in self.rows.items():
            if not bool(torch.isin(self.answers[rows], self.among[name]).all()):
                raise BadInput(f"Some answers of the split {name!r} are no candidates there.")

    @property
    def splits(self) -> tuple[str, ...]:
        """The names of its splits."""
        return tuple(self.rows)

    @property
    def facts(self) -> Mapping[str, int]:
        """What a card says of it."""
        return {
            f"{name} {what}": len(part[name])
            for name in self.splits
            for what, part in (("sentences", self.rows), ("candidates", self.among))
        }

    def split(self, name: str) -> Split:
        """Return the view of one split."""
        return Split(self, name, self.rows[name])

    def places(self, among: Tensor) -> Tensor:
        """Return the place of each entity (n,) among some of them; -1 for the others."""
        found = torch.full((len(self.entities),), -1)
        found[among] = torch.arange(len(among))
        return found

    def graph(self, among: Tensor) -> TripleSet:
        """Return some of the entities as a knowledge graph without a triple."""
        chosen = among.tolist()
        known = self.entities
        return TripleSet(
            torch.empty(0, 3, dtype=torch.long),
            Vocabulary(
                tuple(known.ids[i] for i in chosen),
                tuple(known.names[i] for i in chosen),
                tuple(known.aliases[i] if known.aliases else () for i in chosen),
            ),
            Vocabulary(("none",), kind="relation"),
            {},
            tuple(self.texts[i] for i in chosen),
        )


def wnvis_sentences() -> SentenceSet:
    """Return WordNet's example sentences: those of wnvis to test on, those of other nouns to learn.

    A sentence that is an example of a noun of wnvis is nowhere else. `HELD_OUT` of the other nouns
    are for validation, where all of them are candidates.
    """
    graph = dataset("wnvis")
    with fetch(WNVIS["nodes.tsv"]).open(encoding="utf-8", newline="") as file:
        table = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        asked = {node["synset"]: parted(node["gloss"])[1] for node in table}
    known = {sentence for examples in asked.values() for sentence in examples}
    others = [
        (noun, found)
        for noun in nouns()
        if noun.synset not in asked and (found := [e for e in noun.examples if e not in known])
    ]
    n = len(graph.entities)
    entities = Vocabulary(
        (*graph.entities.ids, *(noun.synset for noun, _ in others)),
        (*graph.entities.names, *(noun.lemmas[0] for noun, _ in others)),
        (*graph.entities.aliases, *(noun.lemmas for noun, _ in others)),
    )
    pairs = [(s, i) for i, one in enumerate(graph.entities.ids) for s in asked[one]]
    tested = len(pairs)
    pairs += [(s, n + i) for i, (_, found) in enumerate(others) for s in found]
    answers = torch.tensor([entity for _, entity in pairs])
    order = torch.randperm(len(others), generator=torch.Generator().manual_seed(0)) + n
    held = order[: round(HELD_OUT * len(others))].sort().values
    of_held, rows = torch.isin(answers, held), torch.arange(len(pairs))
    learnt = torch.tensor(sorted({*range(n, len(entities))} - {*held.tolist()}))
    return SentenceSet(
        tuple(sentence for sentence, _ in pairs),
        answers,
        entities,
        (*graph.texts, *(noun.definition for noun, _ in others)),
        {
            "train": rows[(rows >= tested) & ~of_held],
            "val": rows[of_held],
            "test": rows[:tested],
        },
        {
            "train": learnt,
            "val": torch.arange(n, len(entities)),
            "test": torch.arange(n),
        },
    )
