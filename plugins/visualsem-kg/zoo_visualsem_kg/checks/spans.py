"""Claims on names in texts: what frozen vectors of words tell, and what entities add to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from zoo_core import Estimate, Finding, dataset, load, measure
from zoo_visualsem_kg.data.tagged import TaggedSet
from zoo_visualsem_kg.downstream.knowledge import Knowledge, equip
from zoo_visualsem_kg.downstream.pieces import LastLayer
from zoo_visualsem_kg.downstream.spans import spans_of
from zoo_visualsem_kg.downstream.tagger import TagHead
from zoo_visualsem_kg.downstream.words import SHAPES, WIDTH
from zoo_visualsem_kg.specs.models import WNVIS_SIZES
from zoo_visualsem_kg.train.spans import Text, entities_of, fit, tagged, text_of

DATA = "wnut17"
METRICS = ("span-f1", "span-precision", "span-recall")
SPLITS = ("train", "val", "test")
SEEDS, TUNED_SEEDS, TUNED_EPOCHS = 6, 2, 3
NODES, WINDOW = 5, 1
DRAWS = 2000

Counts = NDArray[np.float64]
"""Spans that are right, predicted and true (n, 3) of each test sentence."""


def measured(model: str) -> Finding:
    """Measure a shipped tagger on the test sentences, by spans that are read strictly."""
    found = measure(load(model), dataset(DATA), "test", METRICS, of=DATA)
    percent = {name: 100 * value for name, value in found.items()}
    return Finding(quantities={"WNUT-17: F1": percent["span-f1"]}, figures=percent)


def entities(data: str, way: str, tuned: bool = False, scale: float = 1.0) -> Finding:
    """Measure what entities add to the F1 of heads without them, and of heads with shuffled ones.

    Each of `SEEDS` heads, or `TUNED_SEEDS` with the encoder's last layer `tuned`, is the same in
    all three: it begins from its seed and sees the same words in the same order. Entities are
    shuffled anew for each seed.
    """
    title = {"wnut17": "WNUT-17", "germeval14-small": "GermEval"}[data]
    arms = _Arms(dataset(data), tuned, scale)
    runs = range(TUNED_SEEDS if tuned else SEEDS)
    found = {
        "without": [arms.counted("none", seed) for seed in runs],
        "entities": [arms.counted(way, seed) for seed in runs],
        "shuffled": [arms.counted(way, seed, shuffled=True) for seed in runs],
    }
    counts = {name: np.stack(rows) for name, rows in found.items()}
    return Finding(
        quantities={
            f"{title}: F1 with entities minus {other}": gain_over(counts["entities"], counts[other])
            for other in ("without", "shuffled")
        },
        figures={name: f1_of(rows.sum(1)).tolist() for name, rows in counts.items()},
        seeds=runs,
    )


class _Arms:
    """The texts of a dataset's splits, read once, and the entities of their sentences."""

    def __init__(self, data: TaggedSet, tuned: bool, scale: float) -> None:
        self.names, self.tuned = data.names, tuned
        self.knowledge = Knowledge(**WNVIS_SIZES, scale=scale)
        equip(self.knowledge)
        self.texts = {split: text_of(data, split, tuned=tuned) for split in SPLITS}
        self.numbers: Mapping[str, Tensor] = {
            split: entities_of(data, split, self.knowledge, NODES) for split in SPLITS
        }

    def text(self, split: str, seed: int) -> Text:
        """Return a split with the vectors of its entities, which a seed above 0 shuffles."""
        self.knowledge.shuffled = seed
        return replace(self.texts[split], entities=self.knowledge.vectors(self.numbers[split]))

    def counted(self, way: str, seed: int, *, shuffled: bool = False) -> Counts:
        """Return the counts of the test sentences by a head that is trained for them."""
        mixed = seed + 1 if shuffled else 0
        texts = self.texts if way == "none" else {s: self.text(s, mixed) for s in SPLITS}
        width = (2 * WINDOW + 1) * (WIDTH + len(SHAPES))
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            head = TagHead(width, self.knowledge.dim, len(self.names), way)
            last = LastLayer(WIDTH).begin() if self.tuned else None
            recipe: dict[str, Any] = {"epochs": TUNED_EPOCHS} if self.tuned else {}
            fit(head, texts["train"], texts["val"], seed, last=last, window=WINDOW, **recipe)
        return counts_of(tagged(head, texts["test"], WINDOW, last), self.names)


def counts_of(pairs: Sequence[tuple[Tensor, Tensor]], names: Sequence[str]) -> Counts:
    """Return the spans that are right, predicted and true (n, 3) of tags and true tags (L,)."""
    rows = []
    for pair in pairs:
        found, true = (set(spans_of([names[i] for i in tags.tolist()])) for tags in pair)
        rows.append((len(found & true), len(found), len(true)))
    return np.array(rows, dtype=np.float64).reshape(-1, 3)


def f1_of(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return F1 in percent (…) of summed counts (…, 3); 0 where nothing is predicted or true."""
    below = counts[..., 1] + counts[..., 2]
    return np.asarray(200 * counts[..., 0] / np.maximum(below, 1))


def gain_over(counts: Counts, others: Counts) -> Estimate:
    """Return the mean over seeds of F1, more than another's, of counts (seeds, n, 3) of each.

    Seeds and sentences, the same on both sides, are drawn anew with replacement, 2,000 times; the
    interval is that of the percentiles. Drawing both is rather too wide than too narrow (Owen 2007,
    the pigeonhole bootstrap).
    """
    runs, count = counts.shape[:2]
    both = np.stack([counts, others])
    rng = np.random.default_rng(0)
    drawn = rng.multinomial(count, np.full(count, 1 / count), size=DRAWS).astype(np.float64)
    scores = f1_of(np.einsum("dn,asnc->dasc", drawn, both, optimize=True))
    gaps = scores[:, 0] - scores[:, 1]
    means = np.take_along_axis(gaps, rng.integers(runs, size=(DRAWS, runs)), 1).mean(1)
    mean = float((f1_of(counts.sum(1)) - f1_of(others.sum(1))).mean())
    low, high = np.quantile(means, [0.025, 0.975])
    reach = max(mean - float(low), float(high) - mean, 0.0)
    return Estimate(mean, float(means.std(ddof=1)), reach, runs)
