"""Whole-epoch training of a classifier on tensors in memory: plain, fast, and resumable.

Images lie in memory as one float tensor (channels last); a batch is an index into it, and the
optimiser is the fused one. What varies between batches is drawn from a generator of the epoch's own
seed, so that an interrupted training goes on bit for bit.
"""

from __future__ import annotations

import contextvars
import copy
import math
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from zoo_core import BadInput, Progress
from zoo_images.image_set import Decoded

Loss = Callable[[Tensor, Tensor], Tensor]
"""Logits (B, K) and targets (B,) to the mean loss of the batch."""
Images = Tensor | Decoded
"""Images (N, C, H, W) or rows (N, d) in memory, or images that are read when asked for."""


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """How a network is trained; the learning rate rises for `warmup` of the steps, then falls.

    Without `decay` it stays where it has risen to. `flip` mirrors half of the images, `shift` moves
    them by up to as many pixels; `average` is the decay of the running mean of the weights that is
    validated and returned (0: the weights themselves). `select` is "loss" or "accuracy", by which
    the epoch is chosen on the validation labels as they are, or "last".
    """

    epochs: int
    batch_size: int = 256
    learning_rate: float = 2e-3
    optimizer: str = "adamw"
    weight_decay: float = 1e-4
    warmup: float = 0.2
    decay: bool = True
    flip: bool = False
    shift: int = 0
    average: float = 0.0
    select: str = "loss"

    def __post_init__(self) -> None:
        checks = {
            "epochs": self.epochs >= 1,
            "batch_size": self.batch_size >= 2,
            "learning_rate": self.learning_rate > 0,
            "optimizer": self.optimizer in ("adamw", "sgd"),
            "warmup": 0 <= self.warmup < 1,
            "shift": self.shift >= 0,
            "average": 0 <= self.average < 1,
            "select": self.select in ("loss", "accuracy", "last"),
        }
        for name, good in checks.items():
            if not good:
                raise BadInput(
                    f"{name}={getattr(self, name)!r} trains nothing; expected epochs >= 1, "
                    "batch_size >= 2, a positive learning_rate, optimizer adamw or sgd, warmup "
                    "and average in [0, 1), shift >= 0, select loss, accuracy or last."
                )

    def rate_at(self, step: int, steps: int) -> float:
        """Return the learning rate of a step: up in a straight line, down along a cosine or not."""
        rising = self.warmup * steps
        if step < rising:
            return self.learning_rate * (step + 1) / (rising + 1)
        if not self.decay:
            return self.learning_rate
        share = (step - rising) / max(steps - rising, 1)
        return self.learning_rate * (1 + math.cos(math.pi * share)) / 2


@dataclass
class Course:
    """What is kept of a training: for each epoch, loss and accuracy on the validation labels."""

    loss: list[float] = field(default_factory=list)
    accuracy: list[float] = field(default_factory=list)
    chosen: int = 0


class _State(nn.Module):
    """All that an interrupted training needs, as one module: now, running mean, best, scores."""

    def __init__(self, module: nn.Module, epochs: int) -> None:
        super().__init__()
        self.now = module
        self.mean = copy.deepcopy(module).requires_grad_(False)
        self.best = copy.deepcopy(module).requires_grad_(False)
        self.scores: Tensor
        self.register_buffer("scores", torch.full((epochs, 2), torch.nan, dtype=torch.float64))


def fit(
    module: nn.Module,
    images: Images,
    labels: Tensor,
    validation: tuple[Images, Tensor] | None,
    schedule: Schedule,
    *,
    seed: int,
    loss: Loss = functional.cross_entropy,
    folder: Any = None,
    progress: Callable[..., Any] | None = None,
    watch: Callable[[int, nn.Module], None] | None = None,
) -> Course:
    """Train a module on images (N, C, H, W) or rows (N, d) with labels (N,); it is changed.

    Images that are not in memory (`Decoded`) are read batch by batch, the next one while one is
    learnt from.

    The last, smaller batch of an epoch is left out, unless it is the only one. At the end the
    module has the weights of the epoch that `schedule.select` chose on `validation` (images and
    labels). `watch` is called with each epoch's number and module, in eval mode, and must not
    change it. `folder` is where an interrupted training's state is kept.
    """
    device = next(module.parameters()).device
    labels = labels.to(device)
    if isinstance(images, Tensor):
        images = images.to(device)
    if len(images.shape) == 4:
        if isinstance(images, Tensor):
            images = images.contiguous(memory_format=torch.channels_last)
        module = module.to(memory_format=torch.channels_last)
    state = _State(module, schedule.epochs)
    optimizer = _optimizer(module, schedule)
    size = min(schedule.batch_size, len(labels))
    batches = len(labels) // size
    kept = Progress.of(folder, "training", {"seed": seed, **vars(schedule), "n": len(labels)})
    begin = kept.restore(state, optimizer)
    _lay_out(optimizer)
    for epoch in (progress or _quiet)(range(begin, schedule.epochs), desc="epochs"):
        generator = torch.Generator().manual_seed(1_000_003 * seed + epoch)
        order = torch.randperm(len(labels), generator=generator)
        module.train()
        parts = order[: batches * size].view(batches, size).to(device)
        for batch, (rows, inputs) in enumerate(_batches(images, parts)):
            inputs = _augmented(inputs, schedule, generator)
            step = epoch * batches + batch
            for group in optimizer.param_groups:
                group["lr"] = schedule.rate_at(step, schedule.epochs * batches)
            optimizer.zero_grad(set_to_none=True)
            torch.autograd.backward(loss(module(inputs), labels[rows]))
            optimizer.step()
            _follow(state, schedule, step)
        _judge(state, epoch, validation, schedule, watch)
        kept.save(state, optimizer, epoch + 1)
    kept.save(state, optimizer, schedule.epochs, now=True)
    chosen = state.best if schedule.select != "last" and validation else state.mean
    module.load_state_dict(chosen.state_dict())
    module.eval()
    scores = state.scores.tolist()
    return Course([row[0] for row in scores], [row[1] for row in scores], _best(state, schedule))


def _batches(images: Images, parts: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield indices (b,) and images of each batch; from files, the next is read meanwhile."""
    if isinstance(images, Tensor):
        yield from ((rows, images[rows]) for rows in parts)
        return
    with ThreadPoolExecutor(1) as reader:
        # In a copy of this context: a notice is an error there too when strict was asked for.
        def ask(rows: Tensor) -> Future[Tensor]:
            return reader.submit(contextvars.copy_context().run, images.__getitem__, rows)

        coming = ask(parts[0])
        for batch, rows in enumerate(parts):
            found = coming.result()
            if batch + 1 < len(parts):
                coming = ask(parts[batch + 1])
            yield rows, found.to(rows.device, memory_format=torch.channels_last)


def part_of(images: Images, rows: Tensor) -> Images:
    """Return the images of some indices (b,), in memory or in files as they were."""
    return images[rows] if isinstance(images, Tensor) else images.part(rows)


def scores(
    module: nn.Module, images: Images, labels: Tensor, batch_size: int = 1000
) -> tuple[float, float]:
    """Return mean cross-entropy and accuracy of a module in eval mode."""
    logits = predict(module, images, batch_size)
    labels = labels.to(logits.device)
    loss = functional.cross_entropy(logits, labels)
    return float(loss), float((logits.argmax(1) == labels).float().mean())


@torch.no_grad()
def predict(module: nn.Module, images: Images, batch_size: int = 1000) -> Tensor:
    """Return the logits (N, K) of a module for images; its mode is left as it was."""
    training, device = module.training, next(module.parameters()).device
    module.eval()
    if isinstance(images, Tensor):
        batches: Iterable[Tensor] = torch.split(images, batch_size)
    else:
        every = torch.arange(len(images))
        batches = (images[rows] for rows in torch.split(every, batch_size))
    parts = [module(part.to(device)) for part in batches]
    module.train(training)
    return torch.cat(parts)


def _optimizer(module: nn.Module, schedule: Schedule) -> torch.optim.Optimizer:
    trained = [parameter for parameter in module.parameters() if parameter.requires_grad]
    if schedule.optimizer == "sgd":
        return torch.optim.SGD(
            trained,
            lr=schedule.learning_rate,
            momentum=0.9,
            weight_decay=schedule.weight_decay,
            fused=True,
        )
    return torch.optim.AdamW(
        trained, lr=schedule.learning_rate, weight_decay=schedule.weight_decay, fused=True
    )


def _lay_out(optimizer: torch.optim.Optimizer) -> None:
    """Lay the optimiser's tensors out as its parameters are: what was kept on disk is not.

    The fused optimisers take it for granted.
    """
    for parameter, state in optimizer.state.items():
        for name, value in state.items():
            if value.shape == parameter.shape:
                state[name] = torch.empty_like(parameter).copy_(value)


def _augmented(images: Tensor, schedule: Schedule, generator: torch.Generator) -> Tensor:
    """Return a batch, half of it mirrored, and all of it moved by one random step."""
    if schedule.flip:
        mirrored = torch.rand(len(images), generator=generator) < 0.5
        mask = mirrored.view(-1, 1, 1, 1).to(images.device)
        images = torch.where(mask, images.flip(3), images)
    if schedule.shift:
        reach = schedule.shift
        down, right = torch.randint(0, 2 * reach + 1, (2,), generator=generator).tolist()
        # The edge is repeated: after normalisation zero is no colour of the background.
        padded = functional.pad(images, (reach, reach, reach, reach), mode="replicate")
        height, width = images.shape[2:]
        images = padded[:, :, down : down + height, right : right + width]
        images = images.contiguous(memory_format=torch.channels_last)
    return images


@torch.no_grad()
def _follow(state: _State, schedule: Schedule, step: int) -> None:
    """Move the running mean towards the weights; it begins as a plain mean."""
    decay = min(schedule.average, (1 + step) / (10 + step)) if schedule.average else 0.0
    mean: list[Tensor] = [*state.mean.parameters()]
    now: list[Tensor] = [*state.now.parameters()]
    torch._foreach_lerp_(mean, now, 1 - decay)
    for kept, new in zip(state.mean.buffers(), state.now.buffers(), strict=True):
        if kept.is_floating_point():
            kept.lerp_(new, 1 - decay)
        else:
            kept.copy_(new)


def _judge(
    state: _State,
    epoch: int,
    validation: tuple[Images, Tensor] | None,
    schedule: Schedule,
    watch: Callable[[int, nn.Module], None] | None,
) -> None:
    """Measure an epoch on the validation labels, and keep its weights if they are the best."""
    if watch is not None:
        watch(epoch, state.mean.eval())
    if validation is None:
        return
    loss, accuracy = scores(state.mean, *validation)
    state.scores[epoch] = torch.tensor([loss, accuracy], dtype=torch.float64)
    if _best(state, schedule) == epoch:
        state.best.load_state_dict(state.mean.state_dict())


def _best(state: _State, schedule: Schedule) -> int:
    done = ~state.scores[:, 0].isnan()
    if schedule.select == "last" or not bool(done.any()):
        return schedule.epochs - 1
    column = -state.scores[:, 0] if schedule.select == "loss" else state.scores[:, 1]
    return int(column.where(done, torch.tensor(-torch.inf, device=column.device)).argmax())


def _quiet(steps: Any, **_: Any) -> Any:
    return steps
