"""Splits that leak nothing: every entity and relation in train, or entities that train lacks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from zoo_core import BadInput
from zoo_triples.triples import SPLITS, TripleSet


def shares_of(fractions: Any) -> tuple[float, ...]:
    """Return the shares of train, val and test: three numbers, or words with commas or spaces.

    Raises `BadInput` for what is none.
    """
    given = fractions.replace(",", " ").split() if isinstance(fractions, str) else fractions
    try:
        found = tuple(float(one) for one in given)
    except (TypeError, ValueError):
        found = ()
    if len(found) != len(SPLITS) or not (min(found) >= 0 and abs(sum(found) - 1) <= 1e-6):
        raise BadInput(f"fractions={fractions!r} is wrong; expected three that sum to 1.")
    return found


def check_seed(seed: Any) -> None:
    """Raise `BadInput` for what is no whole number from 0."""
    if not isinstance(seed, int) or isinstance(seed, bool) or seed < 0:
        raise BadInput(f"seed={seed!r}; expected a whole number from 0.")


def random_rows(
    triples: Tensor, fractions: Sequence[float] = (0.8, 0.1, 0.1), seed: int = 0
) -> dict[str, Tensor]:
    """Return rows of train, val and test; each entity and relation is in a triple of train.

    Triples in random order: the first of each head, tail and relation is for train, the rest is
    dealt so that the fractions hold as far as that leaves room. Raises `BadInput` for fractions
    and a seed that are none.
    """
    fractions = shares_of(fractions)
    check_seed(seed)
    rng = np.random.default_rng(seed)
    order = torch.from_numpy(rng.permutation(len(triples)))
    shuffled = triples[order].numpy()
    needed = np.zeros(len(triples), bool)
    first = np.unique(shuffled[:, [0, 2]], return_index=True)[1]
    needed[first // 2] = True
    needed[np.unique(shuffled[:, 1], return_index=True)[1]] = True
    free = order[~torch.from_numpy(needed)]
    sizes = [round(fraction * len(triples)) for fraction in fractions[1:]]
    total = sum(sizes)
    if total > len(free):
        sizes = [size * len(free) // total for size in sizes]
    val, test = free[: sizes[0]], free[sizes[0] : sum(sizes)]
    train = torch.cat([order[torch.from_numpy(needed)], free[sum(sizes) :]])
    rows = (train, val, test)
    return {name: part.sort().values for name, part in zip(SPLITS, rows, strict=True)}


def inductive(data: TripleSet, unseen: int, seed: int = 0) -> tuple[TripleSet, Tensor]:
    """Return the graph with so many random entities unseen, and which they are, as a mask (n,).

    Train and val have triples without any of them; test has those, of all splits, that touch
    exactly one: asked from the unseen end they are "given unseen", asked towards it "find unseen".
    Raises `BadInput` for as many as there are.
    """
    n = len(data.entities)
    if not 0 < unseen < n:
        raise BadInput(f"unseen={unseen} is wrong; expected 1 to {n - 1} of {n} entities.")
    mask = torch.zeros(n, dtype=torch.bool)
    mask[torch.from_numpy(np.random.default_rng(seed).choice(n, unseen, replace=False))] = True

    def parted(name: str) -> tuple[Tensor, Tensor]:
        rows = data.rows[name]
        touched = mask[data.triples[rows][:, [0, 2]]].sum(1)
        return rows[touched == 0], rows[touched == 1]

    (train, asked), (val, more) = parted("train"), parted("val")
    test = torch.cat([asked, more, parted("test")[1]])
    return data.with_rows({"train": train, "val": val, "test": test}), mask


def missing_from_train(data: TripleSet) -> dict[str, int]:
    """Return for each other split how many of its triples name an entity that train lacks."""
    seen = torch.zeros(len(data.entities), dtype=torch.bool)
    seen[data.of("train")[:, [0, 2]].flatten()] = True
    return {
        name: int((~seen[data.of(name)[:, [0, 2]]]).any(1).sum())
        for name in data.splits
        if name != "train"
    }
