"""Claims on sentences and the entities that they are found to be about."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from zoo_triples.ranking import counted, ranks

from zoo_core import Estimate, Finding, bootstrap, dataset, load
from zoo_visualsem_kg.retrieval.lemmas import Lemmas
from zoo_visualsem_kg.sentences import encode

SENTENCES = "wnvis-sentences"
DEPTHS = (1, 2, 3, 5, 10, 20, 50)


class _Asked:
    """The test sentences, the numbers of their entities (m,), and the shipped retriever."""

    def __init__(self, model: str) -> None:
        data = dataset(SENTENCES)
        rows = data.rows["test"]
        self.sentences = [data.sentences[i] for i in rows.tolist()]
        self.answers: Tensor = data.answers[rows]
        module: Any = load(model)
        assert data.graph(data.among["test"]).entities.ids == module.entities.ids
        self.module = module

    @torch.no_grad()
    def trained(self, lemmas: bool) -> Tensor:
        """Return the ranks (m,) that the model gives."""
        index = self.module.index()
        scores = torch.cat(list(self.module.search(index, self.sentences, lemmas=lemmas)))
        return ranks(counted(scores, self.answers))

    @torch.no_grad()
    def frozen(self) -> dict[str, Tensor]:
        """Return the ranks by cosines of the encoder's own vectors, for several kinds of index."""
        features = self.module.text.features
        asked = functional.normalize(encode(self.sentences) @ features.basis, dim=1)
        gloss, name = features.texts().unbind(1)
        half = functional.normalize(gloss + name, dim=1)
        scores = {
            "gloss": asked @ gloss.T,
            "name": asked @ name.T,
            "half name, half gloss": asked @ half.T,
            "the nearer of both": torch.maximum(asked @ gloss.T, asked @ name.T),
        }
        return {label: ranks(counted(one, self.answers)) for label, one in scores.items()}


def hits(rank: Tensor, k: int) -> Estimate:
    """Return the share in percent of ranks up to k, with a bootstrap over sentences."""
    return bootstrap((100 * (rank <= k).double()).tolist())


def gain_of(first: Tensor, second: Tensor, k: int = 1) -> Estimate:
    """Return how many more points of Hits@k the first ranks have, sentence by sentence."""
    return bootstrap((100 * ((first <= k).double() - (second <= k).double())).tolist())


def figures_of(rank: Tensor) -> dict[str, Any]:
    """Return what is told of one way to search."""
    shares = {f"Hits@{k}": float((100 * (rank <= k).double()).mean()) for k in DEPTHS}
    return {**shares, "MRR": float((1 / rank).mean()), "mean rank": float(rank.mean())}


def frozen(model: str) -> Finding:
    """Measure cosines of frozen vectors: an index of glosses, of names, of both."""
    found = _Asked(model).frozen()
    half, gloss = found["half name, half gloss"], found["gloss"]
    return Finding(
        quantities={
            "half name, half gloss: Hits@1": float((100 * (half <= 1).double()).mean()),
            "half name, half gloss minus gloss: Hits@1": gain_of(half, gloss),
        },
        figures={label: figures_of(rank) for label, rank in found.items()},
    )


def trained(model: str) -> Finding:
    """Measure the shipped retriever's cosines alone, without regard to names in the sentence."""
    asked = _Asked(model)
    found, half = asked.trained(lemmas=False), asked.frozen()["half name, half gloss"]
    return Finding(
        quantities={
            "Hits@1": hits(found, 1),
            "Hits@10": hits(found, 10),
            "trained minus frozen: Hits@1": gain_of(found, half),
        },
        figures={"trained": figures_of(found), "frozen": figures_of(half)},
    )


def named(model: str) -> Finding:
    """Measure the shipped retriever as it is, where an entity that is named is nearer for it."""
    asked = _Asked(model)
    found, plain = asked.trained(lemmas=True), asked.trained(lemmas=False)
    lemmas = Lemmas(asked.module.entities)
    pairs = zip(asked.sentences, asked.answers.tolist(), strict=True)
    says = torch.tensor([answer in lemmas.found(sentence) for sentence, answer in pairs])
    return Finding(
        quantities={
            "Hits@1": hits(found, 1),
            "Hits@10": hits(found, 10),
            "with names minus without: Hits@1": gain_of(found, plain),
        },
        figures={
            "with names": figures_of(found),
            "without": figures_of(plain),
            "sentences that name their entity": float(100 * says.double().mean()),
            "with names, of sentences that do not": figures_of(found[~says]),
            "bonus": asked.module.lemma.item(),
        },
    )
