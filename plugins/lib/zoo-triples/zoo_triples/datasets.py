"""The registered knowledge graphs: pinned bytes to `TripleSet`."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor

from zoo_core import DataError, File, fetch
from zoo_triples.specs.sources import CODEX_S, WN9_IMG, WN18RR, WNVIS
from zoo_triples.triples import TripleSet, Vocabulary

FILES = {"train": "train.txt", "val": "valid.txt", "test": "test.txt"}
ORDER = ("head", "relation", "tail")


def codex_s() -> TripleSet:
    """Return CoDEx-S; entities and relations are Wikidata's ids, relations have English names."""
    negatives = {"val": "valid_negatives.txt", "test": "test_negatives.txt"}
    rows = {
        **_read(CODEX_S, FILES),
        **{f"not {k}": v for k, v in _read(CODEX_S, negatives).items()},
    }
    labels = json.loads(fetch(CODEX_S["relations.en.json"]).read_text(encoding="utf-8"))
    ids = sorted({row[1] for part in rows.values() for row in part})
    names = tuple(labels[one]["label"] for one in ids)
    return _assembled(rows, Vocabulary(tuple(ids), names, kind="relation"))


def wn18rr() -> TripleSet:
    """Return WN18RR; entities are the offsets of WordNet 3.0's synsets."""
    return _assembled(_read(WN18RR, FILES))


def wn9_img() -> TripleSet:
    """Return WN9-IMG; its columns are head, tail, relation."""
    return _assembled(_read(WN9_IMG, FILES, ("head", "tail", "relation")))


def wnvis() -> TripleSet:
    """Return the graph of ImageNet's classes: entities are synsets with names, lemmas and glosses.

    A gloss here is the definition, without the examples that follow it in WordNet.
    """
    files = {name: file.replace(".txt", ".tsv") for name, file in FILES.items()}
    rows = _read(WNVIS, files)
    with fetch(WNVIS["nodes.tsv"]).open(encoding="utf-8", newline="") as file:
        nodes = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    seeds = sorted(node["synset"] for node in nodes if node["is_seed"] == "1")
    classes = {synset: number for number, synset in enumerate(seeds)}
    entities = Vocabulary(
        tuple(node["synset"] for node in nodes),
        tuple(node["name"].replace("_", " ") for node in nodes),
        tuple(tuple(node["lemmas"].replace("_", " ").split("|")) for node in nodes),
    )
    return _assembled(
        rows,
        entities=entities,
        texts=tuple(node["gloss"].partition('; "')[0] for node in nodes),
        imagenet=torch.tensor([classes.get(node["synset"], -1) for node in nodes]),
    )


def _read(
    files: Mapping[str, File], names: Mapping[str, str], order: Sequence[str] = ORDER
) -> dict[str, list[tuple[str, ...]]]:
    places = [list(order).index(part) for part in ORDER]
    found = {}
    for split, name in names.items():
        path: Path = fetch(files[name])
        cells = [line.split() for line in path.read_text(encoding="utf-8").splitlines() if line]
        if not cells or any(len(row) != 3 for row in cells):
            raise DataError(f"{path} has lines that are no triples.")
        found[split] = [tuple(row[place] for place in places) for row in cells]
    return found


def _assembled(
    rows: Mapping[str, Sequence[tuple[str, ...]]],
    relations: Vocabulary | None = None,
    entities: Vocabulary | None = None,
    texts: tuple[str, ...] = (),
    imagenet: Tensor | None = None,
) -> TripleSet:
    everything = [row for part in rows.values() for row in part]
    if relations is None:
        ids = tuple(sorted({row[1] for row in everything}))
        names = tuple(one.lstrip("_").replace("_", " ") for one in ids)
        relations = Vocabulary(ids, names, kind="relation")
    if entities is None:
        entities = Vocabulary(tuple(sorted({end for row in everything for end in row[::2]})))
    numbers = (entities.numbers, relations.numbers, entities.numbers)
    tensors = {
        split: torch.tensor(
            [[known[one] for known, one in zip(numbers, row, strict=True)] for row in part]
        )
        for split, part in rows.items()
    }
    splits = {split: part for split, part in tensors.items() if not split.startswith("not ")}
    counts = [len(part) for part in splits.values()]
    places = torch.split(torch.arange(sum(counts)), counts)
    return TripleSet(
        triples=torch.cat(list(splits.values())),
        entities=entities,
        relations=relations,
        rows=dict(zip(splits, places, strict=True)),
        texts=texts,
        negatives={
            split.removeprefix("not "): part
            for split, part in tensors.items()
            if split.startswith("not ")
        },
        imagenet=imagenet,
    )
