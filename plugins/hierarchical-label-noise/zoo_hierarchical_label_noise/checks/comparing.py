"""What the checks share: a method trained in memory, what it answers, and how two compare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from zoo_images.training import predict

from zoo_core import Run, create
from zoo_hierarchical_label_noise.specs.models import ARCHITECTURES
from zoo_hierarchical_label_noise.train import train

RECIPE = ARCHITECTURES[0].recipe


@dataclass(frozen=True)
class Answer:
    """Log P (n, K) of some images, the superclasses' scores (n, S), and what is true (n,)."""

    logits: Tensor
    coarse: Tensor
    truth: Tensor
    groups: Tensor
    heights: Tensor

    @property
    def right(self) -> Tensor:
        """Which classes are right (n,)."""
        return self.logits.argmax(1) == self.truth

    @property
    def accuracy(self) -> float:
        """How many classes are right, in percent."""
        return percent(self.right)

    @property
    def coarse_accuracies(self) -> dict[str, float]:
        """How many superclasses are right, in percent: by leaf, by summed P, and directly."""
        true = self.groups[self.truth]
        sums = self.coarse.new_zeros(self.coarse.shape)
        sums = sums.index_add(1, self.groups, self.logits.exp())
        return {
            "leaf": percent(self.groups[self.logits.argmax(1)] == true),
            "summed": percent(sums.argmax(1) == true),
            "direct": percent(self.coarse.argmax(1) == true),
        }

    @property
    def severity(self) -> float:
        """The mean height of the lowest common ancestor of errors."""
        found = self.heights[self.logits.argmax(1), self.truth]
        return float(found[found > 0].double().mean())


def trained(data: Any, seed: int, shape: Mapping[str, Any], recipe: Mapping[str, Any]) -> Any:
    """Return a module trained on some data; nothing is written."""
    complete = {"backbone": "small-cnn", "frozen": False, "rule": "product", **shape}

    def make(**more: Any) -> Any:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return create("hierlabel", **{**complete, **more})

    run = Run(data=data, seed=seed, make=make, shape=complete, recipe={**RECIPE, **recipe})
    return train(run, _quiet)


def _quiet(steps: Any, **_: Any) -> Any:
    return steps


@torch.no_grad()
def choices_of(module: Any, data: Any, rows: Tensor) -> Tensor:
    """Return the logits of all choices (n, E) for some images."""

    class Choices(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.module = module

        def forward(self, images: Tensor) -> Tensor:
            found: Tensor = self.module.choices(images)
            return found

    return predict(Choices(), data.tensors(rows, module.preprocessing))


def answer(module: Any, logits: Tensor, truth: Tensor, rule: Any = None) -> Answer:
    """Return what a module's logits of choices mean, by its own rule or another `TreeSoftmax`."""
    found = module.combined(logits) if rule is None else rule(logits)
    tree = rule or module.tree
    trees = logits.shape[1] == tree.width and module.reading not in ("flat", "ensemble")
    coarse = tree.coarse(logits) if trees else module.tree.summed(found)
    return Answer(found, coarse, truth, module.superclasses, module.heights)


def mcnemar(first: Tensor, second: Tensor) -> float:
    """Return the exact two-sided p-value of McNemar's test of two answers to the same images (n,).

    Of the images that one alone has right, half would be each one's if both were as good.
    """
    from scipy.stats import binomtest

    alone = int((first & ~second).sum())
    discordant = int((first != second).sum())
    return float(binomtest(alone, discordant).pvalue) if discordant else 1.0


def percent(right: Tensor) -> float:
    """Return the share of what is right, in percent."""
    return 100 * float(right.double().mean())


def minus(first: Sequence[float], second: Sequence[float]) -> list[float]:
    """Return differences by run."""
    return [a - b for a, b in zip(first, second, strict=True)]
