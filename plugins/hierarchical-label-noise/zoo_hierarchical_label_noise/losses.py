"""Losses of one flat network: that which weighs superclasses, and the baselines' own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from zoo_label_noise.losses import Loss, label_smoothing, loss_of

from zoo_core import BadInput
from zoo_hierarchical_label_noise.classifier import FLATS
from zoo_hierarchical_label_noise.hierarchy import Hierarchy
from zoo_hierarchical_label_noise.tree_softmax import grouped_logsumexp

CORRECTIONS = ("forward", "backward")
OWN_LOSS = ("shared", "marginal")


def levels_of(hierarchy: Hierarchy) -> list[Tensor]:
    """Return for each level below the root, but for the classes, the superclass (K,) of each class.

    A class that is nearer to the root is its own superclass on the levels below it.
    """
    found = []
    for level in range(1, hierarchy.depth):
        keys: list[tuple[bool, int]] = [
            (False, chain[level]) if level < len(chain) else (True, index)
            for index, chain in enumerate(hierarchy.ancestors)
        ]
        number = {key: i for i, key in enumerate(dict.fromkeys(keys))}
        found.append(torch.tensor([number[key] for key in keys]))
    return found


def marginal(weight: float, levels: Sequence[Tensor]) -> Loss:
    """Return -log p_y - w sum over levels of log P(the superclass of y), means over the batch.

    With w = 0 it is cross-entropy. The gradient of one level with respect to the logits is
    w (p - p restricted to the superclass of y, renormalised). Raises `BadInput` for w < 0.
    """
    if weight < 0:
        raise BadInput(f"coarse_weight={weight}; expected a number >= 0.")
    counts = [int(level.max()) + 1 for level in levels]

    def loss(logits: Tensor, labels: Tensor) -> Tensor:
        chances = logits.log_softmax(1)
        found = functional.nll_loss(chances, labels)
        for level, count in zip(levels, counts, strict=True):
            groups = level.to(logits.device)
            sums = grouped_logsumexp(chances, groups, count)
            found = found + weight * functional.nll_loss(sums, groups[labels])
        return found

    return loss


def loss_for(
    recipe: Mapping[str, Any], reading: str, hierarchy: Hierarchy, transition: Any = None
) -> Loss:
    """Return the loss of the networks of a reading by the recipe's `loss` and `smoothing`.

    The readings ``shared`` and ``marginal`` are losses themselves; corrections with a transition
    matrix are for flat networks, since the method has no model of the noise. Raises `BadInput` for
    another loss with these, and for smoothing beside another loss.
    """
    name, share = recipe.get("loss", "cross-entropy"), recipe.get("smoothing", 0.0)
    if not 0 <= share < 1:
        raise BadInput(f"smoothing={share}; expected a number in [0, 1).")
    if share and name != "cross-entropy":
        raise BadInput(f"smoothing is of cross-entropy; leave it out with loss={name!r}.")
    if reading in OWN_LOSS:
        if share or name != "cross-entropy":
            raise BadInput(
                f"The reading {reading!r} is a loss itself; leave loss and smoothing out."
            )
        weight = float(recipe.get("coarse_weight", 1.0))
        return marginal(weight, levels_of(hierarchy) if reading == "marginal" else ())
    if name in CORRECTIONS and reading not in FLATS:
        raise BadInput(
            f"loss={name!r} corrects for noise between classes, in a flat network (flatlabel); a "
            "tree is trained without a model of the noise."
        )
    return label_smoothing(share) if share else loss_of(name, transition)
