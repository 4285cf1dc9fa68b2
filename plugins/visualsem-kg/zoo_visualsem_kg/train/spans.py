"""The recipe of taggers: a small head over frozen vectors of words, its best validation F1."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from zoo_core import BadInput, Run
from zoo_visualsem_kg.data.tagged import TaggedSet
from zoo_visualsem_kg.downstream.knowledge import Knowledge, equip
from zoo_visualsem_kg.downstream.spans import SpanScore, decode
from zoo_visualsem_kg.downstream.tagger import Tagger, TagHead, checked
from zoo_visualsem_kg.downstream.words import WIDTH, Words, read_words
from zoo_visualsem_kg.specs.models import WNVIS_SIZES
from zoo_visualsem_kg.train.common import Best, batches, positive


@dataclass(frozen=True)
class Text:
    """A split's words, their tags (T,), the entities' vectors (n, k, d) of its sentences."""

    words: Words
    tags: Tensor
    names: tuple[str, ...]
    entities: Tensor | None = None

    def inputs(self, rows: Tensor, window: int) -> tuple[Tensor, Tensor | None]:
        """Return what a head takes of some words."""
        entities = None if self.entities is None else self.entities[self.words.sentence[rows]]
        return self.words.around(rows, window), entities


def text_of(
    data: TaggedSet, split: str, progress: Callable[..., Any] = lambda steps, **_: steps
) -> Text:
    """Return a split's words and tags, without entities."""
    chosen = data.rows[split].tolist()
    words = read_words([data.sentences[i] for i in chosen], progress)
    tags = torch.tensor([tag for i in chosen for tag in data.tags[i]], dtype=torch.long)
    return Text(words, tags, data.names)


def entities_of(data: TaggedSet, split: str, knowledge: Knowledge, nodes: int) -> Tensor:
    """Return the numbers (n, nodes) of the entities that are nearest to a split's sentences."""
    told = [" ".join(data.sentences[i]) for i in data.rows[split].tolist()]
    return knowledge.read(told, nodes)[1]


def train(run: Run, progress: Callable[..., Any]) -> nn.Module:
    """Train a tagger; raises `BadInput` for other data and for recipes that make no sense."""
    data = checked(run.data)
    sizes = {} if run.shape.get("way", "none") == "none" else WNVIS_SIZES
    module = run.make(**{**sizes, "tags": len(data.names), "width": WIDTH})
    assert isinstance(module, Tagger)
    module.tags = data.names
    module.eval()
    texts = {split: text_of(data, split, progress) for split in ("train", "val")}
    knowledge = module.knowledge
    if knowledge is not None:
        equip(knowledge)
        for split, text in texts.items():
            vectors = knowledge.vectors(entities_of(data, split, knowledge, module.nodes))
            texts[split] = replace(text, entities=vectors)
    fit(module.head, texts["train"], texts["val"], run.seed, window=module.window,
        progress=progress, **run.recipe)  # fmt: skip
    return module


def fit(
    head: TagHead,
    learnt: Text,
    held: Text,
    seed: int,
    *,
    window: int = 1,
    epochs: int = 4,
    batch: int = 256,
    learning_rate: float = 2e-3,
    decay: float = 1e-2,
    progress: Callable[..., Any] = lambda steps, **_: steps,
) -> TagHead:
    """Train a head in place and return it; it has the weights of its best validation F1."""
    positive(epochs=epochs, batch=batch, learning_rate=learning_rate)
    if not len(learnt.tags):
        raise BadInput("The data have no training sentences.")
    generator = torch.Generator().manual_seed(seed)
    steps = torch.optim.AdamW(head.parameters(), lr=learning_rate, weight_decay=decay)
    total = epochs * -(-len(learnt.tags) // batch)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(steps, total, 0.0)
    device, best = next(head.parameters()).device, Best(head, len(held.tags))
    for _ in progress(range(epochs), desc="training"):
        head.train()
        for rows in batches(learnt.tags, batch, generator):
            words, entities = learnt.inputs(rows, window)
            scores = head(words.to(device), None if entities is None else entities.to(device))
            loss = functional.cross_entropy(scores, learnt.tags[rows].to(device))
            steps.zero_grad()
            torch.autograd.backward(loss)
            steps.step()
            schedule.step()
        best.saw(-f1(head, held, window))
    best.restore()
    return head


@torch.no_grad()
def tagged(head: TagHead, text: Text, window: int) -> list[tuple[Tensor, Tensor]]:
    """Return the tags (L,) that a head gives to each sentence of a text, and the true ones."""
    head.eval()
    if not len(text.tags):
        return []
    device = next(head.parameters()).device
    parts = []
    for rows in torch.split(torch.arange(len(text.tags)), 4096):
        words, entities = text.inputs(rows, window)
        parts.append(head(words.to(device), None if entities is None else entities.to(device)))
    lengths = torch.bincount(text.words.sentence).tolist()
    found = decode(torch.split(torch.cat(parts), lengths), text.names)
    return list(zip(found, torch.split(text.tags, lengths), strict=True))


def f1(head: TagHead, text: Text, window: int) -> float:
    """Return the F1 in percent of a head on a text; 0 where there are no words."""
    meter = SpanScore(text.names)
    for found, true in tagged(head, text, window):
        meter.update(found[None], true[None])
    return float(100 * meter.compute())
