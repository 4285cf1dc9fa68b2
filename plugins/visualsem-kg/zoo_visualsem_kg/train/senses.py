"""The recipe of verb senses: a small head over frozen vectors, its best validation epoch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from zoo_core import BadInput, Run
from zoo_visualsem_kg.downstream.knowledge import equip
from zoo_visualsem_kg.downstream.senses import SenseHead, Senses, checked
from zoo_visualsem_kg.sentences import encode
from zoo_visualsem_kg.specs.models import WNVIS_SIZES
from zoo_visualsem_kg.train.common import Best, batches, positive


def train(run: Run, progress: Callable[..., Any]) -> nn.Module:
    """Train a model of verb senses; raises `BadInput` for other data and senseless recipes."""
    data = checked(run.data)
    width = encode(data.verbs[:1], str(run.shape.get("encoder", "minilm"))).shape[1]
    sizes = WNVIS_SIZES if run.shape.get("knowledge") else {}
    module = run.make(**{**sizes, "classes": len(data.classes), "width": width})
    assert isinstance(module, Senses)
    if module.knowledge is not None:
        equip(module.knowledge)
    module.carry(data)
    module.eval()
    parts = module.parts(data.verbs, data.phrases, data.titles)
    fit(module.head, parts, data.labels, data.rows, run.seed, progress=progress, **run.recipe)
    return module


def fit(
    head: SenseHead,
    parts: Sequence[Tensor],
    labels: Tensor,
    rows: Mapping[str, Tensor],
    seed: int,
    *,
    epochs: int = 15,
    batch: int = 128,
    learning_rate: float = 3e-3,
    decay: float = 1e-2,
    progress: Callable[..., Any] = lambda steps, **_: steps,
) -> SenseHead:
    """Train a head in place on `parts` of all examples and return it.

    It has the weights of the epoch with the best validation accuracy, and of equal ones the least
    cross-entropy.
    """
    positive(epochs=epochs, batch=batch, learning_rate=learning_rate)
    if not len(rows["train"]):
        raise BadInput("The data have no training examples.")
    generator = torch.Generator().manual_seed(seed)
    steps = torch.optim.AdamW(head.parameters(), lr=learning_rate, weight_decay=decay)
    labels = labels.to(parts[0].device)
    learnt, best = rows["train"], Best(head, len(rows["val"]))
    for _ in progress(range(epochs), desc="training"):
        head.train()
        for chosen in batches(learnt, batch, generator):
            these = learnt[chosen]
            loss = functional.cross_entropy(head(*(part[these] for part in parts)), labels[these])
            steps.zero_grad()
            torch.autograd.backward(loss)
            steps.step()
        best.saw(_error(head, parts, labels, rows["val"]))
    best.restore()
    return head


@torch.no_grad()
def _error(head: SenseHead, parts: Sequence[Tensor], labels: Tensor, rows: Tensor) -> float:
    head.eval()
    if not len(rows):
        return 0.0
    logits = head(*(part[rows] for part in parts))
    wrong = float((logits.argmax(1) != labels[rows]).double().mean())
    return wrong + 1e-4 * float(functional.cross_entropy(logits, labels[rows]))


@torch.no_grad()
def accuracy(head: SenseHead, parts: Sequence[Tensor], labels: Tensor, rows: Tensor) -> float:
    """Return the accuracy in percent on some rows."""
    head.eval()
    right = head(*(part[rows] for part in parts)).argmax(1) == labels[rows]
    return float(100 * right.double().mean())
