"""Splits: each class dealt out by itself, in an order that a fixed seed decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from zoo_core import BadInput

LEAST = 3
"""Images of a class that are needed: one each to learn from, to validate and to test on."""


def stratified(labels: Tensor, classes: Sequence[str], fold: int, folds: int) -> dict[str, Tensor]:
    """Return the indices of train, val and test: fold `fold` of `folds`, and the one after it.

    Each class is dealt out by itself, in an order drawn from a fixed seed. Raises `BadInput` for a
    fold that is none, and for a class of fewer than three images.
    """
    if folds < LEAST or not 0 <= fold < folds:
        raise BadInput(f"fold {fold} of {folds}; expected 3 folds or more, and one of 0 to them.")
    counts = torch.bincount(labels, minlength=len(classes))
    few = [classes[i] for i in (counts < LEAST).nonzero().flatten().tolist()]
    if few:
        raise BadInput(
            f"There are fewer than {LEAST} images of {', '.join(few[:5])}; add some or leave the "
            "class out, so that there is one each to learn from, to validate and to test on."
        )
    place = torch.empty_like(labels)
    generator = torch.Generator().manual_seed(0)
    for label, count in enumerate(counts.tolist()):
        members = (labels == label).nonzero().flatten()
        order = torch.randperm(count, generator=generator)
        # A small class gets fewer folds, so that none of its parts is empty.
        place[members[order]] = torch.arange(count) % min(folds, count)
    tested, kept = fold, (fold + 1) % folds
    small = torch.tensor([min(folds, c) for c in counts.tolist()])[labels]
    test, val = place == tested % small, place == kept % small
    val &= ~test
    return {
        "train": (~test & ~val).nonzero().flatten(),
        "val": val.nonzero().flatten(),
        "test": test.nonzero().flatten(),
    }


def with_validation(
    rows: Mapping[str, Tensor], labels: Tensor, classes: Sequence[str], folds: int = 5
) -> dict[str, Tensor]:
    """Return the splits with a part of the training for validation, where they have none."""
    if "val" in rows:
        return dict(rows)
    learnt = stratified(labels[rows["train"]], classes, 0, folds)
    rest = torch.cat([learnt["train"], learnt["val"]]).sort().values
    given = rows["train"]
    return {"train": given[rest], "val": given[learnt["test"]], "test": rows["test"]}
