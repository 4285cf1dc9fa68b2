"""The recipe of taggers: a small head over frozen vectors of words, its best validation F1."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from zoo_core import BadInput, Run
from zoo_visualsem_kg.data.tagged import TaggedSet
from zoo_visualsem_kg.downstream.knowledge import Knowledge, equip
from zoo_visualsem_kg.downstream.pieces import LastLayer, Pieces, read_pieces
from zoo_visualsem_kg.downstream.spans import SpanScore, decode
from zoo_visualsem_kg.downstream.tagger import Tagger, TagHead, checked
from zoo_visualsem_kg.downstream.words import WIDTH, Words, read_words
from zoo_visualsem_kg.specs.models import WNVIS_SIZES
from zoo_visualsem_kg.train.common import Best, batches, positive


@dataclass(frozen=True)
class Text:
    """A split's words, their tags (T,), the entities' vectors (n, k, d) of its sentences.

    Where the encoder's last layer is trained, `pieces` are what enters it, and `words` have no
    other vectors than how they are written.
    """

    words: Words
    tags: Tensor
    names: tuple[str, ...]
    entities: Tensor | None = None
    pieces: Pieces | None = None

    def inputs(self, rows: Tensor, window: int) -> tuple[Tensor, Tensor | None]:
        """Return what a head takes of some words."""
        entities = None if self.entities is None else self.entities[self.words.sentence[rows]]
        return self.words.around(rows, window), entities

    def parts(self, size: int, generator: torch.Generator | None = None) -> Iterator[Tensor]:
        """Yield words, or the sentences of about so many words, in order or in a random one."""
        count = len(self.tags)
        if self.pieces is not None and count:
            count = int(self.words.sentence[-1]) + 1
            size = max(1, round(size * count / len(self.tags)))
        if generator is not None:
            yield from batches(torch.empty(count), size, generator)
        else:
            yield from torch.split(torch.arange(count), size)

    def read(
        self, rows: Tensor, window: int, last: LastLayer | None
    ) -> tuple[Tensor, Tensor | None, Tensor]:
        """Return what a head takes of one of `parts`, and the words' tags."""
        if self.pieces is None or last is None:
            return *self.inputs(rows, window), self.tags[rows]
        words, which = self.pieces.read(last, rows)
        entities = None if self.entities is None else self.entities[self.words.sentence[which]]
        return words.around(torch.arange(len(which)), window), entities, self.tags[which]


def text_of(
    data: TaggedSet,
    split: str,
    progress: Callable[..., Any] = lambda steps, **_: steps,
    *,
    tuned: bool = False,
) -> Text:
    """Return a split's words and tags, without entities; `tuned` as `Tagger` has it."""
    chosen = data.rows[split].tolist()
    sentences = [data.sentences[i] for i in chosen]
    tags = torch.tensor([tag for i in chosen for tag in data.tags[i]], dtype=torch.long)
    if tuned:
        pieces = read_pieces(sentences, progress)
        return Text(pieces.shapes, tags, data.names, pieces=pieces)
    return Text(read_words(sentences, progress), tags, data.names)


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
    last = module.last
    texts = {
        split: text_of(data, split, progress, tuned=last is not None) for split in ("train", "val")
    }
    if last is not None:
        last.begin()
    knowledge = module.knowledge
    if knowledge is not None:
        equip(knowledge)
        for split, text in texts.items():
            vectors = knowledge.vectors(entities_of(data, split, knowledge, module.nodes))
            texts[split] = replace(text, entities=vectors)
    fit(module.head, texts["train"], texts["val"], run.seed, last=last, window=module.window,
        progress=progress, **run.recipe)  # fmt: skip
    return module


def fit(
    head: TagHead,
    learnt: Text,
    held: Text,
    seed: int,
    *,
    last: LastLayer | None = None,
    window: int = 1,
    epochs: int = 4,
    batch: int = 256,
    learning_rate: float = 2e-3,
    tuned_rate: float = 1e-4,
    decay: float = 1e-2,
    progress: Callable[..., Any] = lambda steps, **_: steps,
) -> TagHead:
    """Train a head in place and return it; it has the weights of its best validation F1.

    With the encoder's `last` layer, which is trained at `tuned_rate`, batches are of whole
    sentences that have about `batch` words.
    """
    positive(epochs=epochs, batch=batch, learning_rate=learning_rate, tuned_rate=tuned_rate)
    if not len(learnt.tags):
        raise BadInput("The data have no training sentences.")
    generator = torch.Generator().manual_seed(seed)
    trained = nn.ModuleDict({"head": head} if last is None else {"head": head, "last": last})
    rates = {"head": learning_rate, "last": tuned_rate}
    steps = torch.optim.AdamW(
        [{"params": list(part.parameters()), "lr": rates[name]} for name, part in trained.items()],
        weight_decay=decay,
    )
    total = epochs * sum(1 for _ in learnt.parts(batch))
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(steps, total, 0.0)
    device, best = next(head.parameters()).device, Best(trained, len(held.tags))
    for _ in progress(range(epochs), desc="training"):
        trained.train()
        for rows in learnt.parts(batch, generator):
            words, entities, tags = learnt.read(rows, window, last)
            scores = head(words.to(device), None if entities is None else entities.to(device))
            loss = functional.cross_entropy(scores, tags.to(device))
            steps.zero_grad()
            torch.autograd.backward(loss)
            steps.step()
            schedule.step()
        best.saw(-f1(head, held, window, last))
    best.restore()
    return head


@torch.no_grad()
def tagged(
    head: TagHead, text: Text, window: int, last: LastLayer | None = None
) -> list[tuple[Tensor, Tensor]]:
    """Return the tags (L,) that a head gives to each sentence of a text, and the true ones."""
    head.eval()
    if not len(text.tags):
        return []
    if last is not None:
        last.eval()
    device = next(head.parameters()).device
    parts = []
    for rows in text.parts(4096):
        words, entities, _ = text.read(rows, window, last)
        parts.append(head(words.to(device), None if entities is None else entities.to(device)))
    lengths = torch.bincount(text.words.sentence).tolist()
    found = decode(torch.split(torch.cat(parts), lengths), text.names)
    return list(zip(found, torch.split(text.tags, lengths), strict=True))


def f1(head: TagHead, text: Text, window: int, last: LastLayer | None = None) -> float:
    """Return the F1 in percent of a head on a text; 0 where there are no words."""
    meter = SpanScore(text.names)
    for found, true in tagged(head, text, window, last):
        meter.update(found[None], true[None])
    return float(100 * meter.compute())
