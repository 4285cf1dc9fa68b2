"""`TextLinks`: links from texts alone, by cosines between glosses and names."""

from __future__ import annotations

import torch
from einops import rearrange
from torch import Tensor, nn

from zoo_visualsem_kg.features import EntityFeatures
from zoo_visualsem_kg.linking import LinkModel

HEAD, TAIL = (6.0, 14.0, 0.0, 0.0), (6.0, 0.0, 14.0, 0.0)
"""The weights of gloss to gloss, gloss to name, name to gloss and name to name before training,
tails asked and heads asked: 6 for two glosses, 14 for the head's gloss and the tail's name."""


class TextLinks(LinkModel):
    """score(h, r, t) = sum of four learned weights, of a relation and direction, times cosines.

    The cosines are those of the texts' sentence vectors, {gloss, name} of the entity asked about
    with {gloss, name} of the candidate. It is what a graph's scores are added to, and carries the
    features (`EntityFeatures`) that others use: `text` and `image` are their numbers for each
    entity, `width` the encoder's, `images` how many entities have one, `encoder` what made the
    texts. `zero_shot` leaves the weights as they were set.
    """

    def __init__(
        self,
        entities: int = 7,
        relations: int = 2,
        facts: int = 5,
        text: int = 3,
        width: int = 4,
        images: int = 0,
        image: int = 0,
        encoder: str = "minilm",
        exclude_self: bool = True,
    ) -> None:
        super().__init__(entities, relations, facts, exclude_self)
        self.features = EntityFeatures(entities, text, width, images, image)
        start = torch.tensor([HEAD, TAIL]).repeat_interleave(relations, 0)
        self.weights = nn.Parameter(start) if text else None

    def encode(self, keep: Tensor | None = None) -> Tensor:
        """Return texts (n, 2 k): each entity's gloss, then its name, unit vectors.

        `keep` is for models of graphs: texts are the same whatever edges there are.
        """
        return rearrange(self.features.texts(), "n two k -> n (two k)")

    def queries(self, encoded: Tensor, given: Tensor, direction: Tensor, more: Tensor | None = None
    ) -> Tensor:  # fmt: skip
        """Return vectors (B, 2 k) whose products with the candidates' are the scores.

        `direction` is the relation, plus R where heads are asked for; `more` (2 R, 4) is added to
        the weights.
        """
        assert self.weights is not None
        weights = self.weights if more is None else self.weights + more
        chosen = rearrange(weights[direction], "b (asked other) -> b asked other", asked=2)
        texts = rearrange(encoded[given], "b (asked k) -> b asked k", asked=2)
        return rearrange(torch.einsum("bao,bak->bok", chosen, texts), "b other k -> b (other k)")

    def candidates(
        self, encoded: Tensor, given: Tensor, direction: Tensor, among: Tensor | None = None
    ) -> Tensor:
        """Return scores (B, K) of candidates `among` (K,), or (B, n) of all entities."""
        chosen = encoded if among is None else encoded[among]
        return self.queries(encoded, given, direction) @ chosen.T

    def score_tails(self, encoded: Tensor, heads: Tensor, relations: Tensor) -> Tensor:
        """Return the scores (B, n) of all tails."""
        return self.candidates(encoded, heads, relations)

    def score_heads(self, encoded: Tensor, relations: Tensor, tails: Tensor) -> Tensor:
        """Return the scores (B, n) of all heads."""
        return self.candidates(encoded, tails, relations + len(self.relations))

    def score(self, encoded: Tensor, heads: Tensor, relations: Tensor, tails: Tensor) -> Tensor:
        """Return the scores (B,) of triples."""
        return (self.queries(encoded, heads, relations) * encoded[tails]).sum(-1)


def zero_shot(texts: Tensor, gloss: float, name: float) -> Tensor:
    """Return what candidates are compared by (n, k): a mixture of each one's gloss and name."""
    return gloss * texts[:, 0] + name * texts[:, 1]
