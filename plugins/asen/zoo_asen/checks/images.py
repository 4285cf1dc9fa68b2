"""Claims on images: what it costs that pixels share a position."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from zoo_images.training import predict

from zoo_asen.images.acting import permuted
from zoo_asen.images.classifier import PixelClassifier
from zoo_asen.images.selection import train
from zoo_asen.specs.models import IMAGE_RECIPE
from zoo_core import Finding, Run, bootstrap, create, dataset, load

DIGITS = {"untied": 1, "2 x 2": 2, "4 x 4": 4, "one patch": 8}
"""Patches on 8 x 8 pixels."""
DIGITS_RECIPE = {"size": 8, "epochs": 12}
DIGITS_SHAPE = {"width": 48}
FASHION = (1, 2, 14)
FASHION_IMAGES = {"limit": 1500}
TESTED = 2_000
"""The first so many test images of clothes."""


def trained(
    data: Any, seed: int, shape: Mapping[str, Any], recipe: Mapping[str, Any] | None = None
) -> Any:
    """Train one network by the recipe of the plugin, on data and from a seed."""

    def make(**more: Any) -> nn.Module:
        torch.manual_seed(seed)
        made: nn.Module = create("asen-image", **{**shape, **more})
        return made

    run = Run(
        data=data, seed=seed, make=make, shape=shape, recipe={**IMAGE_RECIPE, **(recipe or {})}
    )
    with torch.random.fork_rng(devices=[]):
        return train(run, lambda steps, **_: steps)


def right(module: Any, data: Any, most: int | None = None) -> Tensor:
    """Return for each test image, of the first `most`, 100 where its class is found and 0 else."""
    rows, targets = (part[:most] for part in (data.rows["test"], data.targets("test")))
    logits = predict(module, data.tensors(rows, module.preprocessing), 250)
    found: Tensor = 100 * (logits.argmax(1).cpu() == targets).double()
    return found


def digits_curve(seeds: Sequence[int] = (0, 1, 2), **recipe: Any) -> Finding:
    """Train on digits with patches of every size, from several seeds."""
    data = dataset("digits")
    recipe = {**DIGITS_RECIPE, **recipe}
    found = {
        name: [
            float(right(trained(data, seed, {**DIGITS_SHAPE, "patch": patch}, recipe), data).mean())
            for seed in seeds
        ]
        for name, patch in DIGITS.items()
    }

    def minus(first: str, second: str) -> list[float]:
        return [a - b for a, b in zip(found[first], found[second], strict=True)]

    return Finding(
        quantities={
            "curve": {name: found[name] for name in ("2 x 2", "4 x 4", "one patch")},
            "4 x 4 minus one patch": minus("4 x 4", "one patch"),
            "2 x 2 minus 4 x 4": minus("2 x 2", "4 x 4"),
            "untied minus 2 x 2": minus("untied", "2 x 2"),
            "untied": found["untied"],
        },
        figures=found,
        seeds=tuple(seeds),
    )


def fashion_patches(**recipe: Any) -> Finding:
    """Train on clothes with other patches than the shipped network has, and compare them."""
    data = dataset("fashion-mnist", **FASHION_IMAGES)
    modules: dict[int, Any] = {
        patch: load("asen-fashion") if patch == 2 else trained(data, 0, {"patch": patch}, recipe)
        for patch in FASHION
    }
    found = {patch: right(module, data, TESTED) for patch, module in modules.items()}
    vectors = {patch: module.backbone.position.num_embeddings for patch, module in modules.items()}
    return Finding(
        quantities={
            "p = 2 minus p = 1": bootstrap((found[2] - found[1]).tolist()),
            "p = 1 minus p = 14": bootstrap((found[1] - found[14]).tolist()),
            "position vectors of p = 2 for one of p = 1": vectors[2] / vectors[1],
        },
        told=f"one run, its spread over {TESTED:,} test images",
        figures={f"p = {patch}": float(values.mean()) for patch, values in found.items()},
    )


@torch.no_grad()
def shared_positions(draws: int = 5) -> Finding:
    """Move pixels about: within shared positions, across them; and give finer ones the same."""
    size, generator = (6, 6), torch.Generator().manual_seed(0)
    inputs = {"size": list(size), "channels": 1, "mean": [0.5], "std": [0.5]}
    drawn = torch.randint(0, 5, (36,), generator=generator).tolist()
    largest, unseen, gap = 0.0, 0, 0.0
    for given in ({"patch": 2}, {"patch": 3}, {"patch": 4}, {"positions": drawn}):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            module: Any = PixelClassifier(width=16, inputs=inputs, **given).eval()
        images = torch.randn(8, 1, *size, generator=generator)
        plain, labels = module(images), torch.tensor(module.positions)
        for _ in range(draws):
            moved = _moved(images, permuted(labels, generator))
            largest = max(largest, float((module(moved) - plain).abs().max()))
            order = _exchange(labels, generator)
            unseen += bool(torch.allclose(module(_moved(images, order)), plain, atol=1e-4))
        fine = PixelClassifier(patch=1, width=16, inputs=inputs).eval()
        state: dict[str, Tensor] = {**module.state_dict(), "backbone.labels": torch.arange(36)}
        state["backbone.position.weight"] = module.backbone.position.weight[labels]
        fine.load_state_dict(state)
        gap = max(gap, float((fine(images) - plain).abs().max()))
    return Finding(
        quantities={
            "largest change when pixels of equal position change places": largest,
            "exchanges of pixels of different positions that change nothing": unseen,
            "largest error of a coarser network in a finer one": gap,
        }
    )


def _moved(images: Tensor, order: Tensor) -> Tensor:
    return images.flatten(2)[..., order].reshape(images.shape)


def _exchange(labels: Tensor, generator: torch.Generator) -> Tensor:
    """Return an order in which one pixel changes places with one of another label."""
    order = torch.arange(len(labels))
    first = int(torch.randint(0, len(labels), (), generator=generator))
    others = (labels != labels[first]).nonzero().flatten()
    second = int(others[int(torch.randint(0, len(others), (), generator=generator))])
    order[[first, second]] = order[[second, first]]
    return order
