"""The recipe: Adam on triplets of a batch, and on what a teacher tells of the same places."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from zoo_4dral.distilling import losses
from zoo_4dral.distilling.batches import Batch, Pairs
from zoo_4dral.distilling.terms import Terms, share_left
from zoo_4dral.networks.network import Parts, PlaceNetwork
from zoo_4dral.networks.turning import PIVOTS
from zoo_core import BadInput, Run, device_of_module, notice

LAST_RATE = 0.1
"""What is left of the learning rate at the end, by a cosine."""


def train_places(run: Run, progress: Callable[..., Any]) -> nn.Module:
    """Train a network on the worlds of the training split; what it learns from, `Terms` tell.

    The frozen network that is given as "teacher" sees the LiDAR's images of the same poses, turned
    alike. Raises `BadInput` for a term without a teacher, for a teacher that does not fit or that
    no term needs, and for numbers that make no sense.
    """
    recipe = run.recipe
    terms = Terms.of_recipe(recipe)
    module: Any = run.make(size=run.data.size)
    told = run.shape.get("size", module.size)
    if told != module.size:
        notice(f"The images have {module.size} pixels a side, and size={told} gave way to that.")
    teacher = _teacher_of(run, terms, module)
    terms.check_fits(unet=module.unet is not None, branch=module.branch is not None)
    sensors = {module.query, module.database}
    if terms.of_teacher or terms.lie > 0:
        sensors.add("lidar")
    fit(
        module,
        Pairs(run.data.worlds("train"), sorted(sensors)),
        run.seed,
        terms=terms,
        teacher=teacher,
        steps=recipe["steps"],
        batch=recipe["batch"],
        learning_rate=recipe["learning_rate"],
        margin=recipe["margin"],
        rotation=recipe["rotation"],
        about=recipe["about"],
        flips=recipe["flips"],
        until=recipe["until"],
        progress=progress,
    )
    trained: nn.Module = module
    return trained


def _teacher_of(run: Run, terms: Terms, module: PlaceNetwork) -> PlaceNetwork | None:
    """Return the teacher that was given, None where no term needs one."""
    other = sorted({*run.given} - {"teacher"})
    if other:
        raise BadInput(f"given={other[0]}; expected a teacher, and nothing else.")
    teacher = run.given.get("teacher")
    if not terms.of_teacher:
        if teacher is None:
            return None
        raise BadInput(
            "A teacher was given, and no term needs it; give one a weight, such as descriptor=3."
        )
    if teacher is None:
        raise BadInput(
            "Distillation needs a teacher of the same widths: give one (--given "
            "teacher=4dral-teacher-small-streetsim, or a folder), or set its weights to 0."
        )
    if not isinstance(teacher, PlaceNetwork) or {teacher.query, teacher.database} != {"lidar"}:
        raise BadInput("The teacher is no network for LiDAR; expected one of 4dral-l2l.")
    known, own = (_features_of(one) for one in (teacher, module))
    if teacher.size != module.size or (terms.of_features and known != own):
        raise BadInput(
            f"The teacher makes features {known} of images of {teacher.size} pixels a side, and "
            f"the network {own} of {module.size}; expected a teacher of the same widths and size."
        )
    return teacher


@torch.no_grad()
def _features_of(network: PlaceNetwork) -> tuple[int, ...]:
    """Return the shape (C, h, w) of a network's features."""
    [images] = network.example_inputs(0)
    found = network.eval().parts(images.to(device_of_module(network)))
    return tuple(found.features.shape[1:])


def fit(
    module: PlaceNetwork,
    pairs: Pairs,
    seed: int,
    *,
    terms: Terms,
    teacher: PlaceNetwork | None,
    steps: int,
    batch: int,
    learning_rate: float,
    margin: float,
    rotation: float,
    about: str,
    flips: bool,
    until: float,
    progress: Callable[..., Any] = lambda steps, **_: steps,
) -> None:
    """Train in place for `steps` batches of `batch` pairs.

    `margin` is that of the triplets, `rotation` in degrees and `flips` are those of `Pairs.draw`,
    `about` names the point that images are turned about ("sensor" or "centre"), and the teacher's
    terms fall to 0 at the share `until` of the steps (0: they are constant).
    """
    whole = isinstance(steps, int) and isinstance(batch, int) and min(steps, batch - 1) >= 1
    numbers = (learning_rate, margin, rotation, until)
    real = all(isinstance(one, int | float) and math.isfinite(one) for one in numbers)
    if not (
        whole
        and real
        and min(learning_rate, margin) > 0
        and 0 <= rotation <= 180
        and 0 <= until <= 1
        and isinstance(flips, bool)
    ):
        raise BadInput(
            f"steps={steps}, batch={batch}, learning_rate={learning_rate}, margin={margin}, "
            f"rotation={rotation}, flips={flips}, until={until}; expected positive numbers, whole "
            "ones of steps and of pairs (2 or more), up to 180 degrees, true or false, and a share."
        )
    if about not in PIVOTS:
        raise BadInput(f"about={about!r}; expected the point to turn about: {', '.join(PIVOTS)}.")
    device = next(module.parameters()).device
    module.to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(module.parameters(), lr=learning_rate, fused=True)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(
        optimizer, steps, eta_min=LAST_RATE * learning_rate
    )
    rng = np.random.default_rng(seed)
    module.train()
    for step in progress(range(steps), desc="training"):
        one = pairs.draw(batch, rotation, flips, rng, PIVOTS[about])
        share = share_left(step, steps, until)
        optimizer.zero_grad()
        loss = loss_of(module, teacher, one, terms, share, margin, device)
        torch.autograd.backward(loss)
        optimizer.step()
        schedule.step()
    if not bool(torch.isfinite(loss)):
        raise BadInput("Training diverged: the loss is no number; lower learning_rate.")
    module.to(memory_format=torch.contiguous_format).eval()


def loss_of(
    module: PlaceNetwork,
    teacher: PlaceNetwork | None,
    batch: Batch,
    terms: Terms,
    share: float,
    margin: float,
    device: torch.device,
) -> Tensor:
    """Return the loss of a batch: the triplets of each view, and the teacher's terms times `share`.

    A network for one sensor has one view. One for two sensors has two, and all images go through it
    together: queries of the first sensor among positives of the second, and the mirror of that.
    """
    far = batch.far.to(device)
    images = {name: _prepared(one, device) for name, one in batch.images.items()}
    halves = {name: one.chunk(2) for name, one in images.items()}
    pairs = [(module.query, module.database), (module.database, module.query)]
    views = pairs[: 1 if module.query == module.database else 2]
    parts = module.parts(torch.cat([halves[s][i] for view in views for i, s in enumerate(view)]))
    known = None
    if teacher is not None and share > 0:
        with torch.no_grad():
            known = teacher.parts(images["lidar"])
    total = far.new_zeros((), dtype=torch.float32)
    for number in range(len(views)):
        found = _rows(parts, number, len(views))
        distances = losses.distances(*found.descriptor.chunk(2))
        total = total + losses.triplet(far, distances, margin)
        if share > 0:
            told = terms.loss(far, found, known, images.get("lidar"), margin)
            total = total + share * told
    return total / len(views)


def _rows(parts: Parts, number: int, count: int) -> Parts:
    """Return the parts of one of `count` views."""
    cut = [None if one is None else one.chunk(count)[number] for one in parts]
    return Parts._make(cut)


def _prepared(images: Tensor, device: torch.device) -> Tensor:
    return images.to(device, memory_format=torch.channels_last)
