"""The recipes of the models of velocities."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from zoo_clouds.clouds import Cloud, Clouds

from zoo_core import BadInput, BestEpoch, Run
from zoo_cosmobench.metrics import VelocityR2
from zoo_cosmobench.published import VELOCITIES
from zoo_cosmobench.velocities.linear_theory import flow

Array = NDArray[np.float64]
RIDGE = 1e-9
"""Of the mean diagonal of the scaled normal equations, so that few close pairs cannot tip them."""


def clouds_of(data: Any, part: str, count: int | None) -> list[Cloud]:
    """Return the first clouds of a split; raises `BadInput` for data without velocities."""
    if not isinstance(data, Clouds):
        raise BadInput("This model is trained on clouds with velocities.")
    if count is not None and (not isinstance(count, int) or count < 1):
        raise BadInput(f"clouds={count!r}; expected how many clouds to learn from, 1 or more.")
    found = data.ready(data.rows[part][:count])
    if any(cloud.velocities is None for cloud in found):
        raise BadInput("The clouds have no velocities to learn.")
    return found


def train_linear(run: Run, progress: Callable[..., Any]) -> nn.Module:
    """Fit `LinearVelocity` to the velocities of training clouds, by the normal equations.

    `clouds` is how many are learnt from. For linear theory, grid and smoothing are those that do
    best on the first 40 of them, out of the recipe's `grids` and `smoothings` (in shares of the
    box's side); on a suite of the benchmark, `published` takes the paper's frequencies and powers.
    """
    recipe, shape = run.recipe, dict(run.shape)
    clouds = clouds_of(run.data, "train", recipe["clouds"])
    length = float(clouds[0].box.sizes[0])
    more: dict[str, Any] = {"length": length}
    if shape["kind"] == "linear-theory":
        grid, smoothing = best_mesh(
            clouds[:40], recipe["grids"], [one * length for one in recipe["smoothings"]], progress
        )
        more |= {"grid": grid, "smoothing": smoothing}
    suite = str(run.data.facts.get("suite", ""))
    if recipe["published"]:
        if suite not in VELOCITIES:
            raise BadInput(f"The paper has frequencies for {', '.join(VELOCITIES)}, not for these.")
        more["frequencies"], more["powers"] = VELOCITIES[suite]
    module: Any = run.make(**more)
    products, target = normal_equations(
        module.features, progress(clouds, desc="features"), len(module.scale)
    )
    scale = np.sqrt(np.diag(products) / (3 * sum(map(len, clouds))))
    scale = np.where(scale > 0, scale, 1.0)
    scaled = products / np.outer(scale, scale)
    scaled[np.diag_indices_from(scaled)] += RIDGE * np.trace(scaled) / len(scaled)
    weights = np.linalg.solve(scaled, target / scale)
    with torch.no_grad():
        module.scale.copy_(torch.from_numpy(scale))
        module.weights.copy_(torch.from_numpy(weights))
    trained: nn.Module = module
    return trained


def normal_equations(
    features: Callable[[Cloud], Array], clouds: Any, count: int
) -> tuple[Array, Array]:
    """Return sum F^T F (F, F) and sum F^T v (F,) over clouds, points and axes."""
    products, target = np.zeros((count, count)), np.zeros(count)
    for cloud in clouds:
        rows = features(cloud).reshape(-1, count)
        products += rows.T @ rows
        target += rows.T @ np.asarray(cloud.velocities, np.float64).reshape(-1)
    return products, target


def best_mesh(
    clouds: Sequence[Cloud],
    grids: Sequence[int],
    smoothings: Sequence[float],
    progress: Callable[..., Any],
) -> tuple[int, float]:
    """Return the grid and the smoothing of linear theory that explain velocities best."""
    tried: dict[tuple[int, float], float] = {}
    for grid in progress(grids, desc="grids"):
        for smoothing in smoothings:
            both = [
                (
                    flow(cloud.positions, cloud.box, grid, smoothing),
                    np.asarray(cloud.velocities, np.float64),
                )
                for cloud in clouds
            ]
            across = sum(float((found * truth).sum()) for found, truth in both)
            along = sum(float((found * found).sum()) for found, _ in both)
            tried[grid, smoothing] = across**2 / along
    return max(tried, key=lambda one: tried[one])


def train_network(run: Run, progress: Callable[..., Any]) -> nn.Module:
    """Train `VelocityNetwork`: Adam, a cloud a step, the epoch of best validation R2 (per cloud).

    The learning rate falls to 0 as a cosine. Targets are scaled by the means over training clouds
    of their means and spreads.
    """
    recipe = run.recipe
    epochs, rate = recipe["epochs"], recipe["learning_rate"]
    if epochs < 1 or rate <= 0:
        raise BadInput(f"epochs={epochs}, learning_rate={rate}; expected positive numbers.")
    train = clouds_of(run.data, "train", recipe["clouds"])
    val = clouds_of(run.data, "val", recipe["val_clouds"])
    module: Any = run.make(length=float(train[0].box.sizes[0]))
    device = module.spread.device
    truth = [_velocities(cloud).to(device) for cloud in train]
    with torch.no_grad():
        module.center.copy_(torch.stack([one.mean(0) for one in truth]).mean(0))
        module.spread.copy_(torch.stack([one.std(0) for one in truth]).mean(0))
    pieces = [_on(module.piece(cloud), device) for cloud in progress(train, desc="edges")]
    seen = [(_on(module.piece(cloud), device), _velocities(cloud).to(device)) for cloud in val]
    optimizer = torch.optim.Adam(module.parameters(), lr=rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs * len(train))
    generator = torch.Generator().manual_seed(run.seed)
    best = BestEpoch(module)
    for _ in progress(range(epochs), desc="training"):
        module.train()
        for number in torch.randperm(len(train), generator=generator).tolist():
            optimizer.zero_grad()
            gap = (module(*pieces[number]) - truth[number]) / module.spread
            torch.autograd.backward(gap.square().mean())
            optimizer.step()
            schedule.step()
        module.eval()
        best.saw(-_score(module, seen))
    best.restore()
    trained: nn.Module = module
    return trained


@torch.no_grad()
def _score(module: nn.Module, seen: Sequence[tuple[tuple[Tensor, ...], Tensor]]) -> float:
    score = VelocityR2(per_cloud=True)
    for inputs, target in seen:
        score.update(module(*inputs).cpu(), target.cpu())
    return float(score.compute())


def _velocities(cloud: Cloud) -> Tensor:
    return torch.from_numpy(np.asarray(cloud.velocities, np.float32))


def _on(inputs: tuple[Tensor, ...], device: torch.device) -> tuple[Tensor, ...]:
    return tuple(one.to(device) for one in inputs)
