"""The recipe of models of graphs and texts: softmax over negatives that a batch shares.

The official recipe (100 to 1,000 tails for each triple, messages along the very edges that are to
be predicted) does not get far: a batch's edges are removed from the message graph, heads are asked
for as well as tails, and negatives are shared, so that they cost one matrix product.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from zoo_triples.negatives import mask_answers, shared_negatives
from zoo_triples.triples import TripleSet

from zoo_core import BadInput, Run, notice
from zoo_visualsem_kg.features import EntityFeatures, reduced
from zoo_visualsem_kg.graph_links import GraphLinks
from zoo_visualsem_kg.losses import noise_contrast, softmax_loss
from zoo_visualsem_kg.prototypes import PARENT, class_prototypes, inherited
from zoo_visualsem_kg.sentences import encode, entity_texts
from zoo_visualsem_kg.text_links import TextLinks
from zoo_visualsem_kg.train.common import (
    Best,
    Validation,
    batches,
    both_directions,
    checked,
    optimizer_of,
    positive,
)

TEXT, IMAGE = 256, 128
"""Numbers kept of a sentence's vector and of an image's, where there are many entities."""
LOSSES = {"softmax": softmax_loss, "contrast": noise_contrast}
Vectors = tuple[Tensor, Tensor]


def text_vectors(
    data: TripleSet, encoder: str, progress: Callable[..., Any] = lambda steps, **_: steps
) -> Vectors | None:
    """Return sentence vectors (n, width) of glosses and of names; None where there are no glosses.

    A gloss is read as "name: gloss", and where it is missing as the name.
    """
    if not any(text.strip() for text in data.texts):
        return None
    glosses, names = entity_texts(data.entities.names, data.texts)
    return encode(glosses, encoder, progress), encode(names, encoder, progress)


def image_vectors(data: TripleSet) -> Vectors | None:
    """Return image vectors (n, width) and which entities have one (n,); None where none has.

    Entities that are classes of ImageNet have their prototypes, and those above them inherit along
    training triples alone.
    """
    if data.images is not None:
        has, vectors = data.images
        return vectors, has
    if data.imagenet is None or PARENT not in data.relations.numbers:
        return None
    relation = data.relations.numbers[PARENT]
    return inherited(data.imagenet, class_prototypes(), data.of("train"), relation)


def read_features(
    data: TripleSet, encoder: str, progress: Callable[..., Any] = lambda steps, **_: steps
) -> tuple[dict[str, int], Callable[[EntityFeatures], None]]:
    """Return the sizes of a graph's features, and what fills a module of these sizes with them.

    Raises `BadInput` for vectors that are not numbers.
    """
    texts, images = text_vectors(data, encoder, progress), image_vectors(data)
    for found in (texts, images):
        if found is not None and not bool(found[0].isfinite().all()):
            raise BadInput("Some features are not finite numbers; look for NaN in what made them.")
    shape = {"text": 0, "width": 0, "images": 0, "image": 0}
    if texts is not None:
        both, basis = reduced(torch.cat(texts), TEXT)
        shape |= {"text": both.shape[1], "width": len(basis)}
    if images is not None:
        rows = torch.nonzero(images[1])[:, 0]
        pictures, _ = reduced(images[0][rows], IMAGE)
        shape |= {"images": len(rows), "image": pictures.shape[1]}

    def fill(features: EntityFeatures) -> None:
        if features.glosses is not None and features.names is not None:
            glosses, names = both.chunk(2)
            features.basis.copy_(basis)
            features.glosses.take(glosses)
            features.names.take(names)
        if features.images is not None:
            features.image_rows.copy_(rows)
            features.images.take(pictures)

    return shape, fill


def made(run: Run, progress: Callable[..., Any]) -> tuple[nn.Module, TripleSet]:
    """Return the run's module with its features and names, and the data.

    Where the shape states how many facts there are, the features are those of the model's base:
    the sizes are the shape's, and the data must be those that the base was made from.
    """
    data = checked(run.data)
    sizes = {"entities": len(data.entities), "relations": len(data.relations)}
    sizes["facts"] = len(data.of("train"))
    based = "facts" in run.shape
    if based:
        if {name: run.shape[name] for name in sizes} != sizes:
            raise BadInput(
                f"This model's features are those of a graph of {run.shape['entities']} entities; "
                "for another graph train its architecture: zoo train sage --dataset FILE."
            )
        module: nn.Module = run.make()
    else:
        encoder = str(run.shape.get("sentences", run.shape["encoder"]))
        shape, fill = read_features(data, encoder, progress)
        module = run.make(**sizes, **shape)
    text = module.text if isinstance(module, GraphLinks) else module
    assert isinstance(text, TextLinks) and isinstance(module, GraphLinks | TextLinks)
    if based and not torch.equal(text.facts.long().cpu(), data.of("train")):
        raise BadInput("The training triples are not those that the model's base was made from.")
    if not based:
        fill(text.features)
    text.carry(data)
    module.entities, module.relations = data.entities, data.relations
    _tell_loops(data, module)
    return module, data


def _tell_loops(data: TripleSet, module: nn.Module) -> None:
    """Say so where an entity is never its own answer, and the data have it otherwise."""
    loops = int((data.of("train")[:, 0] == data.of("train")[:, 2]).sum())
    if loops and bool(module.exclude_self):
        notice(
            f"{loops} training triples lead from an entity to itself, and entities are excluded "
            "as their own answers all the same; exclude_self=false keeps them."
        )


def train(run: Run, progress: Callable[..., Any]) -> nn.Module:
    """Train a model of graphs or of texts; it has the weights of its best validation epoch.

    Raises `BadInput` for other data, for a graph without what the model reads, and for a recipe
    that makes no sense.
    """
    module, data = made(run, progress)
    if isinstance(module, GraphLinks):
        module.text.requires_grad_(False)
    return fit(module, data, run.seed, progress=progress, **run.recipe)


def fit(
    module: nn.Module,
    data: TripleSet,
    seed: int,
    *,
    epochs: int = 24,
    batch: int = 1024,
    learning_rate: float = 5e-3,
    residual_rate: float = 2e-3,
    decay: float = 1e-2,
    negatives: int = 1024,
    loss: str = "softmax",
    remove_edges: bool = True,
    alone: float = 0.0,
    check: int = 4,
    progress: Callable[..., Any] = lambda steps, **_: steps,
) -> nn.Module:
    """Train a module in place and return it; `check` is after how many epochs it is validated.

    Each batch of triples is asked for tails and heads, against `negatives` entities that it shares;
    the answer and what is asked about are masked. `remove_edges` takes the batch's own edges out of
    the message graph. `alone` is the share of entities, drawn anew for each batch, whose edges pass
    no messages, so that what has no edges is learnt about too: unseen entities have none.
    `residual_rate` is the learning rate of the weights of cosines.
    """
    if not 0 <= alone < 1:
        raise BadInput(f"alone={alone} is wrong; expected a share from 0 to below 1.")
    positive(epochs=epochs, batch=batch, learning_rate=learning_rate, negatives=negatives)
    if loss not in LOSSES:
        raise BadInput(f"loss={loss!r} is wrong; expected {', '.join(LOSSES)}.")
    assert isinstance(module, GraphLinks | TextLinks)
    device, triples = module.facts.device, data.of("train")
    generator = torch.Generator().manual_seed(seed)
    steps = optimizer_of("adam", _groups(module, learning_rate, residual_rate), decay)
    total = epochs * -(-len(triples) // batch)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(steps, total, 0.0)
    validation = Validation(data)
    best = Best(module, len(validation.triples))
    for epoch in progress(range(epochs), desc="training"):
        module.train()
        for rows in batches(triples, batch, generator):
            keep = torch.ones(len(triples), dtype=torch.bool)
            keep[rows] = not remove_edges
            if alone:
                apart = torch.rand(len(data.entities), generator=generator) < alone
                keep &= ~apart[triples[:, [0, 2]]].any(1)
            encoded: Any = module.encode(keep.to(device))
            among = shared_negatives(len(data.entities), negatives, generator).to(device)
            queries = both_directions(triples[rows], len(data.relations))
            given, direction, target = (one.to(device) for one in queries)
            scores = module.against(encoded, given, direction, target, among)
            excluded = torch.stack([given, target], 1)
            scores = mask_answers(scores, among, excluded, len(data.entities))
            true = module.score(encoded, given, direction, target)
            steps.zero_grad()
            torch.autograd.backward(LOSSES[loss](true, scores))
            steps.step()
            schedule.step()
        if (epoch + 1) % check == 0 or epoch + 1 == epochs:
            best.saw(-validation(module))
    best.restore()
    return module


def _groups(module: nn.Module, rate: float, slow: float) -> list[dict[str, Any]]:
    """Return the trained parameters in two groups: those of cosines have a rate of their own."""
    parts: Mapping[bool, list[nn.Parameter]] = {True: [], False: []}
    for name, parameter in module.named_parameters():
        if parameter.requires_grad:
            parts[name in ("residual", "weights")].append(parameter)
    return [
        {"params": part, "lr": slow if cosines else rate} for cosines, part in parts.items() if part
    ]
