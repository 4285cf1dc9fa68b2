"""The recipes: AdamW with one cycle of the learning rate, and the epoch of least validation error.

Networks on molecules and on clouds are trained by the same loop; linear filters are fitted at once.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from zoo_clouds.clouds import Clouds
from zoo_molecules.molecules import Molecules

from zoo_core import BadInput, BestEpoch, Run
from zoo_graph_tuple.egnn.clouds import cloud_views, columns_of

Batch = Callable[[Tensor], tuple[Any, ...]]
"""Makes the inputs of rows of the data."""
LOSSES = {"l1": functional.l1_loss, "mse": functional.mse_loss}
WARM_UP = 0.2
"""The share of the steps in which the learning rate grows."""


def train_molecules(run: Run, progress: Callable[..., Any]) -> nn.Module:
    """Train `MoleculeGine`; expansions, units and scales are those of the training molecules.

    The shape's `targets` are trained on: by default the first that the data have. Raises
    `BadInput` for data of another kind, and for molecules without targets.
    """
    data = run.data
    if not isinstance(data, Molecules):
        raise BadInput("gine-gt learns from molecules; give such as qm7, or a file with targets=….")
    if not data.units or "train" not in data.rows:
        raise BadInput(
            "These molecules have no targets to learn, or are too few; give 10 or more, and name "
            "what is to be learnt (--option targets=energy --option units=eV)."
        )
    names = list(run.shape.get("targets", list(data.units)[:1]))
    columns = data.columns(names)
    learnt = data.targets[data.rows["train"]][:, columns]
    sizes = data.matrices.sizes[data.rows["train"]]
    module: Any = run.make(
        targets=names,
        units=[data.units[name] for name in names],
        mean=learnt.mean(0).tolist(),
        spread=[one or 1.0 for one in learnt.std(0).tolist()],
        elements=data.elements,
        sizes=[int(sizes.min()), int(sizes.max())],
    )
    module.fit_expansions(data.matrices.take(data.rows["train"]))
    fit(
        module,
        lambda rows: module.batch(data.matrices.take(rows)),
        data.targets[:, columns],
        data.rows,
        run.seed,
        progress=progress,
        **run.recipe,
    )
    trained: nn.Module = module
    return trained


def train_clouds(run: Run, progress: Callable[..., Any]) -> nn.Module:
    """Train `CloudEgnn`; scales and density are those of the training clouds.

    The neighbours of each cloud are found once. Raises `BadInput` for data of another kind, and for
    clouds without what is to be learnt.
    """
    data = run.data
    if not isinstance(data, Clouds):
        raise BadInput("egnn-gt learns from clouds of points; give such as cosmo-mini-clouds.")
    if not data.names or "train" not in data.rows or "val" not in data.rows:
        raise BadInput("These clouds have no targets to learn, or are too few to be split.")
    names = list(run.shape.get("targets", data.names))
    columns = columns_of(data, names)
    learnt = data.targets[data.rows["train"]][:, columns].double()
    rows = torch.cat([data.rows["train"], data.rows["val"]])
    clouds = dict(zip(rows.tolist(), data.ready(rows), strict=True))
    first = clouds[int(rows[0])]
    volume = first.box.volume
    module: Any = run.make(
        targets=names,
        mean=learnt.mean(0).tolist(),
        spread=[one or 1.0 for one in learnt.std(0).tolist()],
        dimension=first.box.dimension,
        density=len(first) / volume if math.isfinite(volume) else 0.0,
        unit=data.units[0],
    )
    views = {row: cloud_views(one, module.network.cutoffs) for row, one in clouds.items()}

    def batch(rows: Tensor) -> tuple[Any, ...]:
        chosen = rows.tolist()
        inputs: tuple[Any, ...] = module.collate(
            [len(clouds[row]) for row in chosen], [views[row] for row in chosen]
        )
        return inputs

    fit(
        module,
        batch,
        data.targets[:, columns],
        data.rows,
        run.seed,
        progress=progress,
        **run.recipe,
    )
    trained: nn.Module = module
    return trained


def fit(
    module: Any,
    batch: Batch,
    targets: Tensor,
    rows: Any,
    seed: int,
    *,
    epochs: int,
    batch_size: int,
    learning_rate: float,
    weight_decay: float = 1e-5,
    clip: float = 1.0,
    loss: str = "l1",
    progress: Callable[..., Any] = lambda steps, **_: steps,
) -> float:
    """Train in place on rows["train"], and return the least error on rows["val"].

    Errors are in spreads of the targets. Each epoch sees the rows in an order of its own; the last
    batch is left out where it has one row, as batch normalisation needs two. Raises `BadInput` for
    numbers that make no sense, and where the error never was a number.
    """
    positive = min(epochs, batch_size) >= 1 and min(learning_rate, clip) > 0 <= weight_decay
    if not positive or loss not in LOSSES:
        raise BadInput(
            f"epochs={epochs}, batch_size={batch_size}, learning_rate={learning_rate}, "
            f"weight_decay={weight_decay}, clip={clip}, loss={loss!r}; expected positive numbers, "
            f"and {' or '.join(LOSSES)}."
        )
    learnt = rows["train"]
    optimizer = torch.optim.AdamW(
        module.parameters(), lr=learning_rate, weight_decay=weight_decay, fused=True
    )
    total = epochs * math.ceil(len(learnt) / batch_size)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: cycle(step, total))
    spread = targets.new_tensor(module.spread)
    generator = torch.Generator().manual_seed(seed)
    best = BestEpoch(module)
    for _ in progress(range(epochs), desc="training"):
        module.train()
        order = learnt[torch.randperm(len(learnt), generator=generator)]
        for chosen in torch.split(order, batch_size):
            if len(chosen) < 2:
                continue
            found = module(*batch(chosen))
            gap = (found - targets[chosen].to(found)) / spread.to(found)
            optimizer.zero_grad()
            torch.autograd.backward(LOSSES[loss](gap, torch.zeros_like(gap)))
            nn.utils.clip_grad_norm_(module.parameters(), clip)
            optimizer.step()
            schedule.step()
        best.saw(error_of(module, batch, targets, rows["val"], loss))
    return best.restore()


def cycle(step: int, total: int) -> float:
    """Return the share of the learning rate at a step: it grows evenly, and falls as a cosine."""
    top = WARM_UP * total
    if step < top:
        return (step + 1) / (top + 1)
    return (1 + math.cos(math.pi * (step - top) / (total - top + 1))) / 2


@torch.no_grad()
def error_of(module: Any, batch: Batch, targets: Tensor, rows: Tensor, loss: str = "l1") -> float:
    """Return the mean loss over rows, in spreads of the targets."""
    module.eval()
    spread, total = targets.new_tensor(module.spread), 0.0
    for chosen in torch.split(rows, 128):
        gap = (module(*batch(chosen)).double().cpu() - targets[chosen].double()) / spread
        total += float(LOSSES[loss](gap, torch.zeros_like(gap))) * len(chosen)
    return total / len(rows)
