"""Claims on verb senses: what is read, what entities add, what shuffled ones add."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from zoo_core import Estimate, Finding, dataset, estimate, load, paired, resampled
from zoo_visualsem_kg.data.multisense import FOLDS, SenseSet, folds_of
from zoo_visualsem_kg.downstream.knowledge import Knowledge
from zoo_visualsem_kg.downstream.senses import SenseHead
from zoo_visualsem_kg.sentences import encode
from zoo_visualsem_kg.train.senses import accuracy, fit

DATA = "multisense-de"
SHUFFLED = 1
"""The seed by which entities are shuffled for the control."""


class _Parts:
    """The vectors of a dataset's examples, by what they are of."""

    def __init__(self, data: SenseSet, knowledge: Knowledge) -> None:
        self.data, self.knowledge = data, knowledge
        both = [f"{verb} {phrase}" for verb, phrase in zip(data.verbs, data.phrases, strict=True)]
        self.of = {"verb": encode(data.verbs), "phrase": encode(both)}
        if any(data.titles):
            self.of["title"] = encode(data.titles)
            self._entities("title", data.titles)
        self._entities("phrase", data.phrases)

    def _entities(self, name: str, texts: Sequence[str]) -> None:
        _, numbers = self.knowledge.read(texts, 1)
        for label, seed in (("entity", 0), ("shuffled entity", SHUFFLED)):
            self.knowledge.shuffled = seed
            self.of[f"{label} of {name}"] = self.knowledge.vectors(numbers[:, 0])
        self.knowledge.shuffled = 0

    def accuracy(
        self, names: Sequence[str], seed: int, rows: Mapping[str, Tensor] | None = None
    ) -> float:
        """Return the test accuracy in percent of a head that is trained on some parts."""
        parts = [self.of[name] for name in names]
        rows = self.data.rows if rows is None else rows
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            hidden = 100 if any("entity" in name for name in names) else 128
            head = SenseHead([p.shape[1] for p in parts], len(self.data.classes), hidden=hidden)
            fit(head, parts, self.data.labels, rows, seed)
        return accuracy(head, parts, self.data.labels, rows["test"])


def _knowledge(model: str) -> Knowledge:
    module: Any = load(model)
    found: Knowledge = module.knowledge.eval()
    return found


def _by_fold(parts: _Parts, names: Sequence[str]) -> list[float]:
    """Return the accuracy for each of ten folds of phrases."""
    folds = (folds_of(parts.data, fold) for fold in range(FOLDS))
    return [parts.accuracy(names, fold, rows) for fold, rows in enumerate(folds)]


def _over_folds(values: Sequence[float]) -> Estimate:
    return resampled(values, test_share=1 / FOLDS)


def base(model: str) -> Finding:
    """Measure heads without entities under four protocols."""
    knowledge = _knowledge(model)
    published = _Parts(dataset(DATA), knowledge)
    tenth = dataset(DATA, share=0.1).rows
    queries = _Parts(dataset(DATA, protocol="queries"), knowledge)
    read = ("verb", "title")
    runs = {
        "published split": [published.accuracy(read, seed) for seed in range(3)],
        "a tenth to learn from": [published.accuracy(read, seed, tenth) for seed in range(5)],
        "phrases alone, held out": [queries.accuracy(("phrase",), seed) for seed in range(5)],
    }
    folds = _by_fold(published, read)
    verb = [published.accuracy(("verb",), seed) for seed in range(3)]
    return Finding(
        quantities={
            **{name: estimate(values) for name, values in runs.items()},
            "phrases held out": _over_folds(folds),
        },
        figures={**runs, "phrases held out": folds, "published split, verb alone": verb},
        seeds=range(5),
    )


def entities(model: str) -> Finding:
    """Measure what the entity of an image's title adds, and what a shuffled one does."""
    parts = _Parts(dataset(DATA), _knowledge(model))
    ways = {
        "none": ("verb", "title"),
        "entities": ("verb", "title", "entity of title"),
        "shuffled": ("verb", "title", "shuffled entity of title"),
    }
    folds = {label: _by_fold(parts, names) for label, names in ways.items()}
    published = {
        label: [parts.accuracy(names, seed) for seed in range(3)] for label, names in ways.items()
    }
    gains = {
        other: [a - b for a, b in zip(folds["entities"], folds[other], strict=True)]
        for other in ("none", "shuffled")
    }
    return Finding(
        quantities={
            "phrases held out: entities minus none": _over_folds(gains["none"]),
            "phrases held out: entities minus shuffled": _over_folds(gains["shuffled"]),
            "published split: entities minus none": paired(
                published["entities"], published["none"]
            ),
        },
        figures={"phrases held out": folds, "published split": published},
        seeds=range(FOLDS),
    )


def identity(model: str) -> Finding:
    """Measure what the entity of the phrase tells where phrases are trained on: which phrase."""
    parts = _Parts(dataset(DATA), _knowledge(model))
    found = {
        label: [parts.accuracy(("verb", "title", f"{label} of phrase"), s) for s in range(3)]
        for label in ("entity", "shuffled entity")
    }
    return Finding(
        quantities={
            "shuffled entities of phrases: accuracy": estimate(found["shuffled entity"]),
        },
        figures=found,
        seeds=range(3),
    )
