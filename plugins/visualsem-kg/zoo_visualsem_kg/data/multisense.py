"""MultiSense: English verbs in phrases with images, and their German translations."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor
from zoo_triples.triples import SPLITS

from zoo_core import BadInput, Split, fetch
from zoo_visualsem_kg.specs.data import MULTISENSE

PROTOCOLS = ("images", "phrases", "queries")
FOLDS = 10
_NUMBERED = re.compile(r"\w*\d\w*")


@dataclass(frozen=True)
class SenseSet:
    """English verbs in phrases, the titles of images ("" without one), and the class of each.

    `classes` are the words of the other language, `labels` (m,) their numbers, `rows` the examples
    of each split. Raises `BadInput` for columns of other lengths and labels out of range.
    """

    verbs: tuple[str, ...]
    phrases: tuple[str, ...]
    titles: tuple[str, ...]
    labels: Tensor
    classes: tuple[str, ...]
    rows: Mapping[str, Tensor]

    def __post_init__(self) -> None:
        lengths = {len(self.verbs), len(self.phrases), len(self.titles), len(self.labels)}
        if len(lengths) != 1:
            raise BadInput(f"Verbs, phrases, titles and labels are {sorted(lengths)} in number.")
        if len(self.labels) and not 0 <= int(self.labels.min()) <= int(self.labels.max()) < len(
            self.classes
        ):
            raise BadInput(f"Some labels are none of the {len(self.classes)} classes.")

    @property
    def splits(self) -> tuple[str, ...]:
        """The names of its splits."""
        return tuple(self.rows)

    @property
    def metric_options(self) -> Mapping[str, Any]:
        """What metrics of its labels need."""
        return {"num_classes": len(self.classes)}

    @property
    def facts(self) -> Mapping[str, int]:
        """What a card says of it."""
        counts = {f"{name} examples": len(rows) for name, rows in self.rows.items()}
        return {**counts, "English verbs": len(set(self.verbs)), "classes": len(self.classes)}

    def split(self, name: str) -> Split:
        """Return the view of one split."""
        return Split(self, name, self.rows[name])


def title_of(image: str) -> str:
    """Return what an image's file is called: its words, without numbers, codes and the phrase."""
    stem = image.rpartition("__image__")[2].rpartition(".")[0]
    words = re.split(r"[^\w]+|_", _NUMBERED.sub(" ", stem.replace("_", " ")))
    return " ".join(word.lower() for word in words if len(word) > 1)


def multisense_de(protocol: str = "images", fold: int = 0, share: float = 1.0) -> SenseSet:
    """Return the German part of MultiSense.

    `protocol` says what is held out: "images" is the published split, in which nearly all test
    phrases are trained on; "phrases" holds out those of `fold`, one of ten, and validates on the
    next; "queries" is the published split of phrases alone, without images and with more verbs.
    `share` keeps every (1 / share)-th training example. Raises `BadInput` for other values, and
    `DataError` where the tables cannot be had.
    """
    if protocol not in PROTOCOLS:
        raise BadInput(f"protocol={protocol!r} is wrong; expected {', '.join(PROTOCOLS)}.")
    if isinstance(fold, bool) or fold not in range(FOLDS):
        raise BadInput(f"fold={fold!r} is wrong; expected 0 to {FOLDS - 1}.")
    step = round(1 / share) if isinstance(share, int | float) and 0 < share <= 1 else 0
    if not step or abs(step * share - 1) > 1e-6:
        raise BadInput(f"share={share!r} is wrong; expected 1, or 1 in so many, such as 0.1.")
    data = _queries() if protocol == "queries" else _images()
    rows = folds_of(data, fold) if protocol == "phrases" else data.rows
    return replace(data, rows={**rows, "train": rows["train"][::step]})


def _images() -> SenseSet:
    tables = {name: _table(f"{name}.csv") for name in SPLITS}
    rows = [row for table in tables.values() for row in table]
    names = {int(row["label"]): row["verb_de"] for row in rows}
    return SenseSet(
        tuple(row["verb_en"] for row in rows),
        tuple(row["query"] for row in rows),
        tuple(title_of(row["image_file"]) for row in rows),
        torch.tensor([int(row["label"]) for row in rows]),
        tuple(names[number] for number in range(len(names))),
        _dealt({name: len(table) for name, table in tables.items()}),
    )


def _queries() -> SenseSet:
    table = _table("query_split.csv")
    rows = [row for name in SPLITS for row in table if row["split"] == name]
    classes = sorted({row["verb_translation"] for row in rows})
    return SenseSet(
        tuple(row["verb"] for row in rows),
        tuple(row["query"] for row in rows),
        ("",) * len(rows),
        torch.tensor([classes.index(row["verb_translation"]) for row in rows]),
        tuple(classes),
        _dealt({name: sum(row["split"] == name for row in rows) for name in SPLITS}),
    )


def _table(name: str) -> list[dict[str, str]]:
    with fetch(MULTISENSE[name]).open(encoding="utf-8", newline="") as file:
        return [{k: v.strip() for k, v in row.items()} for row in csv.DictReader(file)]


def _dealt(counts: Mapping[str, int]) -> dict[str, Tensor]:
    parts = torch.split(torch.arange(sum(counts.values())), list(counts.values()))
    return dict(zip(counts, parts, strict=True))


def folds_of(data: SenseSet, fold: int) -> dict[str, Tensor]:
    """Return splits that share no phrase; which phrase is in which fold never changes."""
    distinct = sorted(set(data.phrases))
    order = torch.randperm(len(distinct), generator=torch.Generator().manual_seed(0))
    fold_of = dict(zip(distinct, (order % FOLDS).tolist(), strict=True))
    held = torch.tensor([fold_of[phrase] for phrase in data.phrases])
    test, val = held == fold, held == (fold + 1) % FOLDS
    parts = {"train": ~(test | val), "val": val, "test": test}
    return {name: torch.nonzero(chosen)[:, 0] for name, chosen in parts.items()}
