"""`TaggedSet`: sentences as words, each with a tag of the form O, B-TYPE or I-TYPE."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from zoo_triples.triples import SPLITS

from zoo_core import BadInput, DataError, Split, fetch
from zoo_visualsem_kg.specs.data import GERMEVAL, WNUT

LEARNT = 4100
"""Sentences of GermEval's test file that the small data learn from."""
_TAG = re.compile(r"O|[BIESUL]-\S+")
Sentence = tuple[tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True)
class TaggedSet:
    """Sentences as words, the number of each word's tag among `names`, and rows of each split.

    Raises `BadInput` for sentences without a word, and with more or fewer tags than words.
    """

    sentences: tuple[tuple[str, ...], ...]
    tags: tuple[tuple[int, ...], ...]
    names: tuple[str, ...]
    rows: Mapping[str, Tensor]

    def __post_init__(self) -> None:
        for number, (words, tags) in enumerate(zip(self.sentences, self.tags, strict=True), 1):
            if not words or len(words) != len(tags):
                raise BadInput(f"Sentence {number} has {len(words)} words and {len(tags)} tags.")

    @property
    def splits(self) -> tuple[str, ...]:
        """The names of its splits."""
        return tuple(self.rows)

    @property
    def metric_options(self) -> Mapping[str, Any]:
        """What metrics of its spans need."""
        return {"tags": self.names}

    @property
    def facts(self) -> Mapping[str, int]:
        """What a card says of it."""
        counts = {f"{name} sentences": len(rows) for name, rows in self.rows.items()}
        return {**counts, "types": len({name[2:] for name in self.names} - {""})}

    def split(self, name: str) -> Split:
        """Return the view of one split."""
        return Split(self, name, self.rows[name])


def wnut17() -> TaggedSet:
    """Return WNUT-17: posts with emerging names, of six types; no name of test is in train."""
    names = ("wnut17train.conll", "emerging.dev.conll", "emerging.test.annotated")
    parts = [list(conll(fetch(WNUT[name]).read_text(encoding="utf-8"), name)) for name in names]
    return assembled(dict(zip(SPLITS, parts, strict=True)))


def germeval14_small() -> TaggedSet:
    """Return a part of GermEval 2014: its test file to learn from, its dev file to test on.

    The outer tags of twelve types; the training file is not used, so that no figure compares with
    published ones. The first `LEARNT` sentences of the test file are trained on, the last thousand
    validated on.
    """
    test, dev = (
        list(conll(fetch(file).read_text(encoding="utf-8"), name, word=1, tag=2))
        for name, file in sorted(GERMEVAL.items(), reverse=True)
    )
    return assembled({"train": test[:LEARNT], "val": test[-1000:], "test": dev})


def conll(text: str, label: str, word: int = 0, tag: int = -1) -> Iterator[Sentence]:
    """Yield the sentences of a CoNLL file: a word and its tag a line, sentences apart by a line.

    `word` and `tag` are the columns, between tabs or else spaces. A line that begins with "#" and
    has no tag is a comment. Raises `DataError` for another line without these columns, and for a
    tag that is none.
    """
    words: list[str] = []
    tags: list[str] = []
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith("-DOCSTART-"):
            continue
        if line.strip():
            cells = line.rstrip("\r").split("\t") if "\t" in line else line.split()
            there = all(-len(cells) <= column < len(cells) for column in (word, tag))
            if there and len(cells) > 1 and _TAG.fullmatch(cells[tag].strip()):
                words.append(cells[word])
                tags.append(cells[tag].strip())
            elif words or not line.startswith("#"):
                raise DataError(
                    f"{label}, line {number}: {line!r:.60} has no word with a tag; tags are O, "
                    "B-TYPE and I-TYPE."
                )
        elif words:
            yield tuple(words), tuple(tags)
            words, tags = [], []
    if words:
        yield tuple(words), tuple(tags)


def assembled(parts: Mapping[str, Sequence[Sentence]]) -> TaggedSet:
    """Return sentences with their tags' numbers: O first, then B and I of each type in order."""
    everything = [sentence for part in parts.values() for sentence in part]
    types = sorted({tag[2:] for _, tags in everything for tag in tags if tag != "O"})
    names = ("O", *(f"{side}-{kind}" for kind in types for side in "BI"))
    number = {name: place for place, name in enumerate(names)}
    counts = [len(part) for part in parts.values()]
    rows = torch.split(torch.arange(sum(counts)), counts)
    return TaggedSet(
        tuple(words for words, _ in everything),
        tuple(tuple(number[tag] for tag in tags) for _, tags in everything),
        names,
        dict(zip(parts, rows, strict=True)),
    )
