"""The recipes of the models of a cloud's parameters."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from zoo_clouds.clouds import Clouds
from zoo_clouds.pairs import pairs_of

from zoo_core import BadInput, BestEpoch, Run
from zoo_cosmobench.parameters.least_squares import excess, fitted, greedy, scaled
from zoo_cosmobench.parameters.model import HIGH, LOW, NAMES
from zoo_cosmobench.published import BINS, RADII

Array = NDArray[np.float64]
PARTS = ("train", "val")
COVERAGE = 0.95


def described(data: Any) -> dict[str, Any]:
    """Return the constructor's arguments that the data decide.

    Raises `BadInput` for data that are no clouds in periodic cubes with parameters.
    """
    if not isinstance(data, Clouds) or not len(data.names):
        raise BadInput("This model is trained on clouds with known parameters.")
    first = data.clouds[int(data.rows["train"][0])]
    lengths = set(first.box.periods)
    if len(lengths) > 1 or None in lengths:
        raise BadInput(f"The clouds lie in {first.box.told()}; expected a periodic cube.")
    known = tuple(data.names) == NAMES
    train = data.targets[data.rows["train"]]
    return {
        "names": list(data.names),
        "low": list(LOW) if known else train.amin(0).tolist(),
        "high": list(HIGH) if known else train.amax(0).tolist(),
        "length": float(first.box.sizes[0]),
        "points": len(first),
    }


def train_least_squares(run: Run, progress: Callable[..., Any]) -> nn.Module:
    """Fit `PairLeastSquares`: radii by greedy selection on the validation clouds, then weights.

    `choose` is "greedy"; "published", the paper's radii of a suite; or "given", those of the shape.
    Candidates are `candidates` radii at equal steps up to `largest` of the box's side.
    """
    shape = described(run.data)
    radii = _radii(run, run.data, shape["length"])
    all_radii = sorted({one for each in radii for one in each})
    parts = {
        part: statistics_of(run.data, run.data.rows[part], all_radii, progress) for part in PARTS
    }
    return fit_least_squares(run, shape, radii, all_radii, parts)


def fit_least_squares(
    run: Run,
    shape: Mapping[str, Any],
    radii: Sequence[Sequence[float]],
    all_radii: Sequence[float],
    parts: Mapping[str, Array],
) -> nn.Module:
    """Return `PairLeastSquares` of the statistics (m, R, 4) of both parts at `all_radii`.

    `radii` are candidates for each parameter where the recipe chooses, else those that are taken.
    """
    data, recipe = run.data, run.recipe
    y = {part: data.targets[data.rows[part]].double().numpy() for part in PARTS}
    chosen = []
    for number, candidates in enumerate(radii):
        places = [all_radii.index(one) for one in candidates]
        if recipe["choose"] == "greedy":
            picked = greedy(
                parts["train"][:, places],
                y["train"][:, number],
                parts["val"][:, places],
                y["val"][:, number],
                recipe["count"],
                shape["low"][number],
                shape["high"][number],
            )
            places = [places[one] for one in picked]
        chosen.append(places)
    module: Any = run.make(
        radii=[[all_radii[place] for place in places] for places in chosen], **shape
    )
    with torch.no_grad():
        for number, places in enumerate(chosen):
            first, _, center, spread = scaled(parts["train"][:, places], parts["val"][:, places])
            middle = y["train"][:, number].mean()
            weights = fitted(first.reshape(len(first), -1), y["train"][:, number] - middle)
            module.center[number] = torch.from_numpy(center)
            module.spread[number] = torch.from_numpy(spread)
            module.weights[number] = torch.from_numpy(weights.reshape(center.shape))
            module.bias[number] = float(middle)
        module.eval()
        inputs = np.stack([parts["val"][:, places] for places in chosen], 1)
        found = module(torch.from_numpy(inputs).to(module.weights))
    _settle(module, found, data)
    trained: nn.Module = module
    return trained


def train_two_point(run: Run, progress: Callable[..., Any]) -> nn.Module:
    """Train `TwoPointNetwork`; on a suite of the benchmark its bins are the paper's."""
    suite = str(run.data.facts.get("suite", "")) if isinstance(run.data, Clouds) else ""
    shape = described(run.data)
    if suite in BINS:
        least, most, bins = BINS[suite]
        shape |= {"least": least, "most": most, "bins": bins}
    module: Any = run.make(**shape)
    return fit_two_point(module, pieces_of(module, run.data, progress), run, progress)


def fit_two_point(
    module: Any,
    pieces: Mapping[str, Sequence[tuple[Tensor, ...]]],
    run: Run,
    progress: Callable[..., Any],
) -> nn.Module:
    """Scale what `TwoPointNetwork` sees by the training clouds, and train it."""
    with torch.no_grad():
        seen = torch.stack([xi for (xi,) in pieces["train"]])
        logs = module.logs(seen)
        module.center.copy_(logs.mean(0))
        module.spread.copy_(logs.std(0).clamp_min(1e-6))
    return fit(module, pieces, run, progress)


def train_network(run: Run, progress: Callable[..., Any]) -> nn.Module:
    """Train `ParameterNetwork`; its radius is `share` of the box's side where that is given."""
    shape = described(run.data)
    share = run.recipe["share"]
    if share is not None:
        shape["radius"] = share * shape["length"]
    module: Any = run.make(**shape)
    return fit(module, pieces_of(module, run.data, progress), run, progress)


def pieces_of(
    module: Any, data: Any, progress: Callable[..., Any]
) -> dict[str, list[tuple[Tensor, ...]]]:
    """Return what the module needs of each training and validation cloud, made once."""
    return {
        part: [
            module.piece(cloud)
            for cloud in progress(data.ready(data.rows[part]), desc=f"describing {part}")
        ]
        for part in PARTS
    }


def fit(
    module: Any,
    pieces: Mapping[str, Sequence[tuple[Tensor, ...]]],
    run: Run,
    progress: Callable[..., Any],
) -> nn.Module:
    """Train by AdamW on squared errors over the squared ranges; keep the best epoch's weights.

    The learning rate falls to 0 as a cosine. Raises `BadInput` for numbers that make no sense.
    """
    recipe, data = run.recipe, run.data
    epochs, batch, rate = recipe["epochs"], recipe["batch_size"], recipe["learning_rate"]
    if min(epochs, batch) < 1 or rate <= 0:
        raise BadInput(
            f"epochs={epochs}, batch_size={batch}, learning_rate={rate}; expected positive numbers."
        )
    device = module.reach.device
    targets = {part: data.targets[data.rows[part]].to(device) for part in PARTS}
    ranges = module.high - module.low
    optimizer = torch.optim.AdamW(module.parameters(), lr=rate, weight_decay=recipe["weight_decay"])
    steps = epochs * math.ceil(len(targets["train"]) / batch)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    generator = torch.Generator().manual_seed(run.seed)

    def at(part: str, rows: Tensor) -> Tensor:
        inputs = module.collated([pieces[part][row] for row in rows.tolist()])
        found: Tensor = module(*(one.to(device) for one in inputs))
        return found

    best = BestEpoch(module)
    for _ in progress(range(epochs), desc="training"):
        module.train()
        order = torch.randperm(len(targets["train"]), generator=generator)
        for rows in torch.split(order, batch):
            optimizer.zero_grad()
            loss = (((at("train", rows) - targets["train"][rows]) / ranges) ** 2).mean()
            torch.autograd.backward(loss)
            nn.utils.clip_grad_norm_(module.parameters(), 1.0)
            optimizer.step()
            schedule.step()
        module.eval()
        with torch.no_grad():
            found = torch.cat([at("val", rows) for rows in _all(targets["val"], batch)])
        best.saw(float((((found - targets["val"]) / ranges) ** 2).mean()))
    best.restore()
    with torch.no_grad():
        found = torch.cat([at("val", rows) for rows in _all(targets["val"], batch)])
    _settle(module, found, data)
    trained: nn.Module = module
    return trained


def half_width(errors: Array) -> float:
    """Return the least half width that covers 95 % of new errors, by split conformal prediction.

    That is the k-th smallest of n absolute errors with k = ceil(0.95 (n + 1)); the largest where
    that is beyond n.
    """
    rank = min(math.ceil(COVERAGE * (len(errors) + 1)), len(errors))
    return float(np.sort(np.abs(errors))[rank - 1])


def statistics_of(
    data: Any, rows: Tensor, radii: Sequence[float], progress: Callable[..., Any]
) -> Array:
    """Return the statistics (m, R, 4) of some clouds at all radii, over even points', minus 1."""
    most = max(radii)
    return np.array(
        [
            excess(pairs_of(cloud.positions, cloud.box, most), radii)
            for cloud in progress(data.ready(rows), desc="pairs")
        ]
    )


def _radii(run: Run, data: Any, length: float) -> Sequence[Sequence[float]]:
    recipe = run.recipe
    choose = recipe["choose"]
    if choose == "given":
        given: Sequence[Sequence[float]] = run.shape["radii"]
        return [[float(one) for one in each] for each in given]
    if choose == "published":
        suite = str(data.facts.get("suite", ""))
        if suite not in RADII:
            raise BadInput(
                f"The paper has radii for {', '.join(RADII)}, and none for these data; use "
                "choose=greedy."
            )
        return [[float(one) for one in each] for each in RADII[suite]]
    if choose != "greedy":
        raise BadInput(f"choose={choose!r}; expected greedy, published or given.")
    count, largest = recipe["candidates"], recipe["largest"]
    if not (isinstance(count, int) and count >= recipe["count"] >= 1 and 0 < largest <= 0.87):
        raise BadInput(
            f"candidates={count}, count={recipe['count']}, largest={largest}; expected as many "
            "candidates as radii or more, and a share of the box up to 0.87."
        )
    steps = (np.arange(1, count + 1) * (largest * length / count)).round(6)
    return [steps.tolist()] * len(data.names)


def _settle(module: Any, found: Tensor, data: Any) -> None:
    """Give the module the half widths of its intervals, by its errors on the validation clouds."""
    truth = data.targets[data.rows["val"]].to(found)
    errors = (found - truth).double().cpu().numpy()
    for number in range(errors.shape[1]):
        module.reach[number] = half_width(errors[:, number])


def _all(values: Tensor, batch: int) -> Sequence[Tensor]:
    return list(torch.split(torch.arange(len(values)), batch))
