"""The recipes for sequences: Adam on mixed tasks, and the weights of the best validation epoch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from zoo_asen.colours import as_group, closure_note, generators_of
from zoo_asen.data import Sequences
from zoo_asen.sequences.network import Asen, AsenRegressor, Coloured
from zoo_core import BadInput, BestEpoch, Run, notice

Loss = Callable[[Any, str, Tensor], Tensor]
"""Sum of the losses of a module on rows of one task."""


def train(run: Run, progress: Callable[..., Any]) -> nn.Module:
    """Train an `Asen` on sequences with classes; tokens, classes and tasks are the data's."""
    data: Sequences = run.data
    if not isinstance(data, Sequences) or data.targets.is_floating_point():
        raise BadInput("asen learns classes of sequences; train asen-regression on numbers.")
    module: Asen = run.make(
        n=data.values.shape[1],
        tokens=data.tokens,
        classes=data.classes,
        readout="position" if data.targets.dim() == 2 else "sequence",
        **symmetry(run),
    )
    fit(module, data, labelled(data), progress=progress, **run.recipe)
    return module


def labelled(data: Sequences) -> Loss:
    """Return the loss of an `Asen` on some data: cross-entropy, the mean over positions."""
    each = data.targets[0].numel()

    def loss(module: Asen, task: str, rows: Tensor) -> Tensor:
        tokens = module.rows_of_tokens(data.values[rows], task)
        logits = module(tokens, *module.colours(task))
        target = data.targets[rows].to(logits.device).flatten()
        return functional.cross_entropy(logits.flatten(0, -2), target, reduction="sum") / each

    return loss


def train_regressor(run: Run, progress: Callable[..., Any]) -> nn.Module:
    """Train an `AsenRegressor` on sequences with a number each, by the mean absolute error.

    Each task counts in units of the spread of its targets.
    """
    data: Sequences = run.data
    if not isinstance(data, Sequences) or not data.targets.is_floating_point():
        raise BadInput("asen-regression learns numbers; train asen on classes.")
    module: AsenRegressor = run.make(n=data.values.shape[1], **symmetry(run))
    learnt = data.by_task(data.rows["train"])
    for place, task in enumerate(module.tasks):
        for name, given in (("in", data.values), ("out", data.targets)):
            part = given[learnt[task]].double()
            spread = float(part.std(correction=0))
            getattr(module, f"{name}_mean")[place] = float(part.mean())
            getattr(module, f"{name}_std")[place] = spread if spread > 0 else 1.0

    def loss(module: AsenRegressor, task: str, rows: Tensor) -> Tensor:
        device = module.out_std.device
        places = torch.full((len(rows),), module.tasks.index(task), device=device)
        colours = module.colours(task)
        found = module(data.values[rows].to(device), colours.places, places)
        gap = (found - data.targets[rows].to(device)) / module.out_std[places]
        total: Tensor = gap.abs().sum()
        return total

    fit(module, data, loss, progress=progress, **run.recipe)
    return module


def symmetry(run: Run) -> dict[str, Any]:
    """Return the tasks and groups of a run: those that its shape asks for, else the data's own.

    Groups are told where colours of pairs allow more than they do. Raises `BadInput` for what is no
    group, and for tasks other than the data's.
    """
    data: Sequences = run.data
    n, names = data.values.shape[1], list(data.groups)
    group, tasks = run.shape.get("group"), run.shape.get("tasks")
    if isinstance(tasks, Mapping):
        if sorted(tasks) != sorted(names):
            raise BadInput(
                f"Groups are given of {', '.join(tasks)}; the data's tasks are {', '.join(names)}."
            )
        groups = {name: tasks[name] for name in names}
    elif group is not None:
        _tell(group, n)
        named = isinstance(group, str) and group.isidentifier()
        return {
            "tasks": names,
            "group": group if named else generators_of(as_group(group, n)),
        }
    else:
        groups = dict(data.groups)
        if not any(groups.values()):
            notice("No group is given, so that the network has no symmetry; --group takes one.")
    for one in groups.values():
        _tell(one, n)
    return {
        "tasks": {name: generators_of(as_group(one, n)) for name, one in groups.items()},
        "group": None,
    }


def _tell(group: Any, n: int) -> None:
    note = closure_note(as_group(group, n))
    if note:
        notice(note)


def fit(
    module: Any,
    data: Sequences,
    loss: Loss,
    *,
    epochs: int = 30,
    batch_size: int = 64,
    learning_rate: float = 0.002,
    colour_rate: float = 0.006,
    token_rate: float = 0.02,
    hold: float = 0.0,
    final: float = 0.01,
    patience: int = 10,
    progress: Callable[..., Iterable[int]] = lambda steps, **_: steps,
) -> float:
    """Train on batches with `batch_size` sequences of each task; return the least validation loss.

    The module has the weights of that epoch; the loss is a mean over tasks, each a mean over its
    sequences. Tables of colours and of tokens have learning rates of their own, as published. Tasks
    with fewer sequences have smaller batches, so that an epoch has each sequence once. Rates stay
    for a share `hold` of all steps, and then fall linearly to a share `final` of theirs; training
    ends after `patience` epochs in which the loss became no smaller. Raises `BadInput` for numbers
    that are not positive, for a `hold` that is no share, and where the loss never was a number.
    """
    rates = {"learning_rate": learning_rate, "colour_rate": colour_rate, "token_rate": token_rate}
    settings = {"epochs": epochs, "batch_size": batch_size, "final": final, "patience": patience}
    for name, number in {**settings, **rates}.items():
        if not number > 0:
            raise BadInput(f"{name}={number}; expected a positive number.")
    if not 0 <= hold < 1:
        raise BadInput(f"hold={hold}; expected a share of the steps, from 0 and below 1.")
    optimizer = torch.optim.Adam(_groups(module, rates), fused=True)
    learnt, kept = data.by_task(data.rows["train"]), data.by_task(data.rows["val"])
    steps = max(-(-len(rows) // batch_size) for rows in learnt.values())
    held = hold * epochs * steps

    def rate(step: int) -> float:
        return 1 - (1 - final) * max(step - held, 0) / (epochs * steps - held)

    falling = torch.optim.lr_scheduler.LambdaLR(optimizer, rate)
    best = BestEpoch(module)
    for _ in progress(range(epochs), desc="training"):
        module.train()
        order = {
            task: rows[torch.randperm(len(rows))].tensor_split(steps)
            for task, rows in learnt.items()
        }
        for step in range(steps):
            optimizer.zero_grad()
            count = sum(len(parts[step]) for parts in order.values())
            for task, parts in order.items():
                for part in torch.split(parts[step], module.at_a_time):
                    torch.autograd.backward(loss(module, task, part) / count)
            optimizer.step()
            falling.step()
        best.saw(validation(module, kept, loss))
        if best.since >= patience:
            break
    return best.restore()


@torch.no_grad()
def validation(module: Coloured, kept: Mapping[str, Tensor], loss: Loss) -> float:
    """Return the mean over tasks of the mean loss over their sequences."""
    module.eval()
    means = [
        sum(float(loss(module, task, part)) for part in torch.split(rows, module.at_a_time))
        / len(rows)
        for task, rows in kept.items()
    ]
    return float(sum(means) / len(means))


def _groups(module: Any, rates: Mapping[str, float]) -> list[dict[str, Any]]:
    tables = {"colour_rate": module.edges.weight}
    if hasattr(module, "tokens"):
        tables["token_rate"] = module.tokens.weight
    apart = {id(table) for table in tables.values()}
    others = [one for one in module.parameters() if id(one) not in apart]
    return [
        {"params": others, "lr": rates["learning_rate"]},
        *({"params": [table], "lr": rates[name]} for name, table in tables.items()),
    ]
