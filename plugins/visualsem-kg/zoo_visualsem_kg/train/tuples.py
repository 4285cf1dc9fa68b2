"""The recipe of models of triples alone: 1-vs-all or many, 1-N, or margins against drawn ones."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from zoo_triples.known import Known
from zoo_triples.negatives import (
    bernoulli_negatives,
    head_probabilities,
    mask_answers,
    shared_negatives,
)
from zoo_triples.triples import TripleSet

from zoo_core import BadInput, Run
from zoo_visualsem_kg.losses import margin_loss, one_to_n, softmax_loss
from zoo_visualsem_kg.train.common import (
    Best,
    Validation,
    batches,
    both_directions,
    checked,
    optimizer_of,
    positive,
)
from zoo_visualsem_kg.tuples import TupleModel

NEGATIVES, MARGIN = 25, 5.0
"""Of the paper's TransE: corrupted triples for each true one, and the margin."""


def train(run: Run, progress: Callable[..., Any]) -> nn.Module:
    """Train a model of triples; it has the weights of the epoch of best validation MRR.

    `loss` is softmax (cross-entropy over all entities, or over `negatives` that a batch shares),
    binary (all true answers of a query at once, smoothed) or margin (Bernoulli's negatives,
    filtered). Raises `BadInput` for other data, and for a recipe that makes no sense.
    """
    data = checked(run.data)
    module: nn.Module = run.make(
        entities=len(data.entities), relations=len(data.relations), facts=len(data.of("train"))
    )
    assert isinstance(module, TupleModel)
    module.carry(data)
    return fit(module, data, run.seed, progress=progress, **run.recipe)


def fit(
    module: TupleModel,
    data: TripleSet,
    seed: int,
    *,
    loss: str = "softmax",
    epochs: int = 20,
    batch: int = 500,
    optimizer: str = "adagrad",
    learning_rate: float = 0.1,
    penalty: float = 0.0,
    negatives: int = 0,
    cosine: bool = True,
    check: int = 5,
    progress: Callable[..., Any] = lambda steps, **_: steps,
) -> nn.Module:
    """Train a module in place and return it; `check` is after how many epochs it is validated.

    With `negatives` above 0, softmax is over so many entities, drawn anew for each batch, and the
    true one: where there are many entities a product with all of them takes too long.
    """
    positive(epochs=epochs, batch=batch, learning_rate=learning_rate, check=check)
    losses = {"softmax": _softmax, "binary": _binary, "margin": _margin}
    if loss not in losses:
        raise BadInput(f"loss={loss!r} is wrong; expected {', '.join(losses)}.")
    if negatives:
        positive(negatives=negatives)
        if loss != "softmax":
            raise BadInput(f"negatives={negatives} is of no use with loss={loss}; take softmax.")
        losses["softmax"] = partial(_sampled, count=negatives)
    device, triples = module.facts.device, data.of("train")
    known = Known(triples, len(data.entities), len(data.relations))
    made = losses[loss](module, data, known)
    generator = torch.Generator().manual_seed(seed)
    steps = optimizer_of(
        optimizer, [{"params": list(module.parameters()), "lr": learning_rate}], 0.0
    )
    total = epochs * -(-len(triples) // batch)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(steps, total, 0.0)
    validation = Validation(data)
    best = Best(module, len(validation.triples))
    for epoch in progress(range(epochs), desc="training"):
        module.train()
        for rows in batches(triples, batch, generator):
            steps.zero_grad()
            part = triples[rows]
            value = made(part, generator)
            if penalty:
                queries = both_directions(part, len(data.relations))
                weight = module.penalty(*(one.to(device) for one in queries))
                value = value + penalty * weight
            torch.autograd.backward(value)
            steps.step()
            if cosine:
                schedule.step()
        if (epoch + 1) % check == 0 or epoch + 1 == epochs:
            best.saw(-validation(module))
    best.restore()
    return module


Loss = Callable[[Tensor, torch.Generator], Tensor]


def _softmax(module: TupleModel, data: TripleSet, known: Known) -> Loss:
    def loss(part: Tensor, generator: torch.Generator) -> Tensor:
        queries = both_directions(part, len(data.relations))
        given, direction, target = (one.to(module.facts.device) for one in queries)
        scores = module.candidates(module.encode(), given, direction)
        return functional.cross_entropy(scores, target)

    return loss


def _sampled(module: TupleModel, data: TripleSet, known: Known, count: int) -> Loss:
    def loss(part: Tensor, generator: torch.Generator) -> Tensor:
        device, n, encoded = module.facts.device, len(data.entities), module.encode()
        queries = both_directions(part, len(data.relations))
        given, direction, target = (one.to(device) for one in queries)
        among = shared_negatives(n, count, generator).to(device)
        scores = module.candidates(encoded, given, direction, among)
        scores = mask_answers(scores, among, target[:, None], n)
        return softmax_loss(module.score(encoded, given, direction, target), scores)

    return loss


def _binary(module: TupleModel, data: TripleSet, known: Known) -> Loss:
    def loss(part: Tensor, generator: torch.Generator) -> Tensor:
        device, count = module.facts.device, len(data.relations)
        encoded, n = module.encode(), len(data.entities)
        tails, heads = torch.unique(part[:, :2], dim=0), torch.unique(part[:, 1:], dim=0)
        given = torch.cat([tails[:, 0], heads[:, 1]]).to(device)
        direction = torch.cat([tails[:, 1], heads[:, 0] + count]).to(device)
        labels = torch.cat([known.labels("tail", tails, n), known.labels("head", heads, n)])
        return one_to_n(module.candidates(encoded, given, direction), labels.to(device))

    return loss


def _margin(module: TupleModel, data: TripleSet, known: Known) -> Loss:
    chances = head_probabilities(data.of("train"), len(data.relations))

    def loss(part: Tensor, generator: torch.Generator) -> Tensor:
        device = module.facts.device
        wrong = bernoulli_negatives(
            part, chances, len(data.entities), NEGATIVES, generator, known
        ).to(device)
        encoded, true = module.encode(), part.to(device)
        first = module.score(encoded, *true.unbind(1))
        others = module.score(encoded, *wrong.flatten(0, 1).unbind(1)).view(len(part), -1)
        return margin_loss(first, others, MARGIN)

    return loss
