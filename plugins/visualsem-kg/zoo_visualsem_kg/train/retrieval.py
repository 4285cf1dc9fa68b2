"""The recipe of retrievers: two linear maps over frozen vectors, and what a named entity gains."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from zoo_triples.ranking import counted, ranks

from zoo_core import BadInput, Run, notice
from zoo_visualsem_kg.data.sentence_sets import SentenceSet
from zoo_visualsem_kg.retrieval.lemmas import Lemmas
from zoo_visualsem_kg.retrieval.retriever import Retriever, checked
from zoo_visualsem_kg.sentences import encode, entity_texts
from zoo_visualsem_kg.train.common import Best, batches, positive
from zoo_visualsem_kg.train.graphs import read_features

BONUSES = [0.05 * step for step in range(21)]
"""What is tried as the gain in cosine of an entity that the sentence names."""
SAME = 0.9
"""Cosine of a text as a base has it, in fewer directions and 8 bits, with itself."""


def train(run: Run, progress: Callable[..., Any]) -> nn.Module:
    """Train a retriever; it has the maps of its best validation epoch.

    Without a sentence to learn from the maps stay as they begin, which is said. Raises `BadInput`
    for other data, for entities without texts, and for a recipe that makes no sense.
    """
    data = checked(run.data)
    module = made(run, data, progress)
    return fit(module, data, run.seed, progress=progress, **run.recipe)


def made(run: Run, data: SentenceSet, progress: Callable[..., Any]) -> Retriever:
    """Return the run's module with the texts of the entities that are candidates in `test`.

    Where the shape states how many facts there are, the texts are those of the model's base, and
    are compared with the data's.
    """
    graph = data.graph(data.among["test"])
    based = "facts" in run.shape
    if not based:
        shape, fill = read_features(graph, str(run.shape.get("encoder", "minilm")), progress)
        module = run.make(entities=len(graph.entities), relations=1, facts=0, **shape)
        fill(module.text.features)
    elif run.shape["entities"] == len(graph.entities):
        module = run.make()
    else:
        raise BadInput(
            f"This model's index is that of a graph of {run.shape['entities']} entities, and these "
            f"are {len(graph.entities)}; train its architecture: zoo train retriever --dataset "
            "FILE --option glosses=FILE."
        )
    assert isinstance(module, Retriever)
    if based:
        _check_texts(module, graph.entities.names, graph.texts)
    module.carry(graph)
    module.begin()
    return module


def _check_texts(module: Retriever, names: tuple[str, ...], glosses: tuple[str, ...]) -> None:
    """Raise `BadInput` where the first texts are not those that the base was made from."""
    few = slice(0, 8)
    read, _ = entity_texts(names[few], glosses[few])
    found = encode(read, module.encoder) @ module.text.features.basis.cpu()
    held = module.text.features.texts()[few, 0].cpu()
    if float(functional.cosine_similarity(found, held).min()) < SAME:
        raise BadInput("The entities' glosses are not those that the model's base was made from.")


class _Texts:
    """The texts (n, 2, k) of all entities that are candidates in training or in validation."""

    def __init__(self, module: Retriever, data: SentenceSet, progress: Callable[..., Any]) -> None:
        among = torch.unique(torch.cat([data.among[split] for split in ("train", "val")]))
        self.place = data.places(among)
        self.vectors = module.texts_of(data.graph(among), progress)


class _Vectors:
    """The vectors of one split: sentences (m, width), candidates' texts (n, 2, k), answers (m,)."""

    def __init__(
        self,
        module: Retriever,
        data: SentenceSet,
        split: str,
        texts: _Texts,
        progress: Callable[..., Any],
    ) -> None:
        rows, among = data.rows[split], data.among[split]
        self.sentences = [data.sentences[i] for i in rows.tolist()]
        self.asked = (
            encode(self.sentences, module.encoder, progress).to(texts.vectors)
            if self.sentences
            else texts.vectors.new_zeros(0, module.asked.in_features)
        )
        self.texts = texts.vectors[texts.place[among]]
        self.entities = data.graph(among).entities
        self.answers = data.places(among)[data.answers[rows]].to(texts.vectors.device)


def fit(
    module: Retriever,
    data: SentenceSet,
    seed: int,
    *,
    epochs: int = 12,
    batch: int = 256,
    learning_rate: float = 1e-3,
    decay: float = 0.0,
    sharpness: float = 20.0,
    dropout: float = 0.1,
    progress: Callable[..., Any] = lambda steps, **_: steps,
) -> Retriever:
    """Train a module in place and return it.

    The loss is the softmax over all entities of the training split, of cosines times `sharpness`;
    `dropout` is on the sentences' vectors. The bonus of a named entity is the one of `BONUSES` with
    the best mean reciprocal rank on validation sentences.
    """
    positive(batch=batch, learning_rate=learning_rate, sharpness=sharpness)
    if epochs < 0 or not 0 <= dropout < 1:
        raise BadInput(
            f"epochs={epochs} and dropout={dropout}; expected 0 or more, and from 0 to below 1."
        )
    if not len(data.rows["train"]):
        notice("There are no sentences to learn from: the index is that of the encoder alone.")
        return module
    texts = _Texts(module, data, progress)
    learnt, held = (_Vectors(module, data, name, texts, progress) for name in ("train", "val"))
    best = Best(module, len(held.sentences))
    generator = torch.Generator().manual_seed(seed)
    parameters = [*module.asked.parameters(), *module.kept.parameters()]
    steps = torch.optim.AdamW(parameters, lr=learning_rate, weight_decay=decay)
    total = max(epochs, 1) * -(-len(learnt.asked) // batch)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(steps, total, 0.0)
    best.saw(-reciprocal(module, held))
    for _ in progress(range(epochs), desc="training"):
        module.train()
        for rows in batches(learnt.asked, batch, generator):
            asked = functional.dropout(learnt.asked[rows], dropout)
            scores = module.asked_for(asked) @ module.kept_as(learnt.texts).T
            loss = functional.cross_entropy(sharpness * scores, learnt.answers[rows])
            steps.zero_grad()
            torch.autograd.backward(loss)
            steps.step()
            schedule.step()
        best.saw(-reciprocal(module, held))
    best.restore()
    choose_bonus(module, held)
    return module


@torch.no_grad()
def _scores(module: Retriever, held: _Vectors) -> Tensor:
    module.eval()
    return module.asked_for(held.asked) @ module.kept_as(held.texts).T


def reciprocal(module: Retriever, held: _Vectors) -> float:
    """Return the mean reciprocal rank of cosines alone; 0 where there is no sentence."""
    return _mean(_scores(module, held), held)


def _mean(scores: Tensor, held: _Vectors) -> float:
    return float((1 / ranks(counted(scores, held.answers))).mean()) if len(scores) else 0.0


@torch.no_grad()
def choose_bonus(module: Retriever, held: _Vectors) -> None:
    """Set what an entity gains that the sentence names, by validation sentences."""
    plain = _scores(module, held)
    row, entity = Lemmas(held.entities).matches(held.sentences).to(plain.device)
    found = []
    for bonus in BONUSES:
        scores = plain.clone()
        scores[row, entity] += bonus
        found.append(_mean(scores, held))
    module.lemma.fill_(BONUSES[found.index(max(found))])
