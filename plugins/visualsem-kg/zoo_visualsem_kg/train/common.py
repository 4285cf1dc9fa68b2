"""What the recipes share: which data they take, batches of queries, validation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn
from zoo_triples.known import Known
from zoo_triples.metrics import MeanReciprocalRank
from zoo_triples.triples import TripleSet

from zoo_core import BadInput, BestEpoch, notice
from zoo_visualsem_kg.linking import LinkModel


def checked(data: Any) -> TripleSet:
    """Return data that links can be learned from; raises `BadInput` for others."""
    if not isinstance(data, TripleSet):
        raise BadInput("Links are learned from triples; give a knowledge graph, such as wnvis.")
    if not len(data.of("train")):
        raise BadInput("The data have no training triples.")
    return data


def positive(**numbers: float) -> None:
    """Raise `BadInput` for numbers of a recipe that are not positive."""
    for name, number in numbers.items():
        if not number > 0:
            raise BadInput(f"{name}={number} is wrong; expected a positive number.")


def optimizer_of(name: str, groups: list[dict[str, Any]], decay: float) -> torch.optim.Optimizer:
    """Return an optimizer: adagrad, adam (AdamW with `decay`), or sgd; `BadInput` for others."""
    if name == "adagrad":
        return torch.optim.Adagrad(groups)
    if name == "adam":
        return torch.optim.AdamW(groups, weight_decay=decay)
    if name == "sgd":
        return torch.optim.SGD(groups)
    raise BadInput(f"optimizer={name!r} is wrong; expected adagrad, adam or sgd.")


def batches(triples: Tensor, size: int, generator: torch.Generator) -> Iterator[Tensor]:
    """Yield the rows (b,) of all triples in random order, `size` at a time."""
    yield from torch.split(torch.randperm(len(triples), generator=generator), size)


def both_directions(triples: Tensor, relations: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return what is asked about, the direction and the answer (2 b,): tails, then heads.

    The direction is the relation where the tail is asked for, and the relation plus R for heads.
    """
    heads, kinds, tails = triples.unbind(1)
    return (
        torch.cat([heads, tails]),
        torch.cat([kinds, kinds + relations]),
        torch.cat([tails, heads]),
    )


class Best(BestEpoch):
    """The weights of the best validation epoch, and those of the last without `examples` of it."""

    def __init__(self, module: nn.Module, examples: int) -> None:
        super().__init__(module)
        self.examples = examples
        if not examples:
            notice("There is nothing to validate on: the weights are those of the last epoch.")

    def saw(self, error: float) -> None:
        """Take an epoch's validation error, which counts where there are examples."""
        super().saw(error if self.examples else min(self.least, 0.0) - 1.0)


class Validation:
    """The filtered MRR of heads and tails on the validation triples; 0 where there are none."""

    def __init__(self, data: TripleSet) -> None:
        self.triples = data.of("val")
        seen = torch.cat([data.of("train"), self.triples])
        self.known = Known(seen, len(data.entities), len(data.relations))

    def __call__(self, module: nn.Module) -> float:
        """Return it for a module, which is in eval mode afterwards."""
        module.eval()
        assert isinstance(module, LinkModel)
        if not len(self.triples):
            return 0.0
        meter = MeanReciprocalRank()
        for counts in module.validated(self.triples, self.known):
            meter.update(**counts)
        return float(meter.compute())
