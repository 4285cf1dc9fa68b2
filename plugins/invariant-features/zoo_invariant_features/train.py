"""The recipe of DS-CI: absolute error on standardised targets, curves evaluated at knots.

phi of a scalar is a curve, so a step evaluates it at some knots and shares each scalar between the
two beside it: the cost of an epoch does not grow with the number of pairs. What is shipped and
measured is the network itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from zoo_molecules.molecules import Molecules

from zoo_core import BadInput, BestEpoch, Run
from zoo_invariant_features.ds_ci import DSCI
from zoo_invariant_features.univariate import tally
from zoo_invariant_features.weighted import WeightedGraphs

WARM = 0.15
"""The share of steps in which the learning rate rises."""
LONGEST_STEP = 1.0
"""To which norm gradients are clipped."""


def train(run: Run, progress: Callable[..., Any]) -> nn.Module:
    """Train a network on molecules or matrices; what the data decide goes into its shape.

    Raises `BadInput` for data of another kind, and without anything to learn or to choose by.
    """
    data = run.data
    if not isinstance(data, Molecules | WeightedGraphs):
        raise BadInput("ds-ci learns from molecules, such as qm7, or from symmetric matrices.")
    if not {"train", "val"} <= set(data.rows) or not data.units:
        raise BadInput("There are too few of them to learn from, or no targets; give ten or more.")
    targets = list(run.shape.get("targets") or data.units)
    data.columns(targets)
    matrices = data.matrices.take(data.rows["train"])
    shape: dict[str, Any] = {
        "targets": targets,
        "units": [data.units[name] for name in targets],
        "sizes": [int(matrices.sizes.min()), int(matrices.sizes.max())],
    }
    if isinstance(data, Molecules):
        numbers = data.numbers[torch.isin(data.matrices.matrix_of_row, data.rows["train"])]
        shape["elements"] = sorted(set(numbers.tolist()))
    module: DSCI = run.make(**shape)
    fit(module, data, run.seed, progress=progress, **run.recipe)
    return module


@torch.no_grad()
def prepare(module: DSCI, data: Molecules | WeightedGraphs) -> None:
    """Fit a network's expansions, scales and targets' standardisation to the training part."""
    rows = data.rows["train"]
    matrices = data.matrices.take(rows)
    module.phi_d.expansion.fit(matrices.diagonal)
    module.phi_o.expansion.fit(matrices.entries if len(matrices.entries) else torch.zeros(1))
    module.mu.expansion.fit(module.glue_of(matrices))
    targets = data.targets[rows][:, data.columns(module.targets)]
    if isinstance(data, Molecules):
        counts = data.atom_counts(module.elements or ())[rows]
        design = torch.cat([counts, torch.ones(len(counts), 1, dtype=counts.dtype)], 1)
        found = torch.linalg.lstsq(design, targets, driver="gelsd").solution[:-1]
        module.reference.copy_(found)
        targets = targets - counts @ found
    spread = targets.std(0, correction=0)
    if not bool((spread > 0).all()):
        raise BadInput(
            "A target is the same for all that is learnt from; there is nothing to learn."
        )
    module.mean.copy_(targets.mean(0))
    module.spread.copy_(spread)


def fit(
    module: DSCI,
    data: Molecules | WeightedGraphs,
    seed: int,
    *,
    epochs: int = 150,
    learning_rate: float = 0.004,
    batch_size: int = 128,
    weight_decay: float = 0.01,
    knots: int = 1024,
    progress: Callable[..., Any] = lambda steps, **_: steps,
) -> float:
    """Train on "train", and return the least mean absolute error on "val", in spreads of targets.

    The module has the weights of that epoch. AdamW with a one-cycle learning rate. Raises
    `BadInput` for numbers that are none, and where the error never was a number.
    """
    if epochs < 1 or learning_rate <= 0 or batch_size < 2 or knots < 2:
        raise BadInput(
            f"epochs={epochs}, learning_rate={learning_rate}, batch_size={batch_size}, "
            f"knots={knots}; expected positive numbers, and two knots and two "
            "matrices a batch or more."
        )
    prepare(module, data)
    inputs = _Inputs(module, data, knots)
    rows, kept = data.rows["train"], data.rows["val"]
    draw = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(module.parameters(), lr=learning_rate, weight_decay=weight_decay)
    steps = epochs * -(-len(rows) // batch_size)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, learning_rate, total_steps=max(steps, 2), pct_start=WARM
    )
    best = BestEpoch(module)
    for _ in progress(range(epochs), desc="training"):
        module.train()
        for batch in torch.split(rows[torch.randperm(len(rows), generator=draw)], batch_size):
            # Batch normalisation needs two matrices, and a last one alone waits for another epoch.
            if len(batch) < 2:
                continue
            optimizer.zero_grad()
            torch.autograd.backward(inputs.error(module, batch))
            nn.utils.clip_grad_norm_(module.parameters(), LONGEST_STEP)
            optimizer.step()
            schedule.step()
        module.eval()
        with torch.no_grad():
            best.saw(float(inputs.error(module, kept)))
    return best.restore()


class _Inputs:
    """Tallies, f_* and standardised targets of all matrices, where the module is."""

    def __init__(self, module: DSCI, data: Molecules | WeightedGraphs, knots: int) -> None:
        matrices, count = data.matrices, len(data.matrices)
        rows, pairs = matrices.matrix_of_row, matrices.matrix_of_pair
        with torch.no_grad():
            self.d, self.o = (
                tally(scalars, owner, count, curve.expansion, knots)
                for scalars, owner, curve in (
                    (matrices.diagonal, rows, module.phi_d),
                    (matrices.entries, pairs, module.phi_o),
                )
            )
        self.device = module.mean.device
        self.glue = module.glue_of(matrices).float()
        targets = data.targets[:, data.columns(module.targets)]
        if isinstance(data, Molecules):
            counts = data.atom_counts(module.elements or ())
            targets = targets - counts @ module.reference.cpu().double()
        self.targets = ((targets - module.mean.cpu()) / module.spread.cpu()).float()

    def error(self, module: DSCI, batch: Tensor) -> Tensor:
        """Return the mean absolute error of a batch, in spreads."""
        rows, pairs = (
            one.weights[batch].to(self.device) @ curve(one.values.to(self.device))
            for one, curve in ((self.d, module.phi_d), (self.o, module.phi_o))
        )
        found: Tensor = module.out(module.joint(rows, pairs, self.glue[batch].to(self.device)))
        return (found - self.targets[batch].to(self.device)).abs().mean()
