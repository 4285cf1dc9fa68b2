"""Models of triples alone: TransE, DistMult, ComplEx and TuckER, with vectors and nothing else.

DistMult, ComplEx and TuckER ask for heads by relations of their own (reciprocal ones, the second R
rows), as Lacroix et al. (2018) and LibKGE do.
"""

from __future__ import annotations

from typing import Any

import torch
from einops import rearrange
from torch import Tensor, nn
from torch.nn import functional

from zoo_core import BadInput
from zoo_visualsem_kg.linking import LinkModel

LEAST = 1e-6
"""The least squared distance that is told from 0."""


class TupleModel(LinkModel):
    """Entities (n, d) and relations; a query (B, d) is held against all entities by a product."""

    def __init__(
        self, entities: int, relations: int, facts: int, dim: int, exclude_self: bool, width: int
    ) -> None:
        super().__init__(entities, relations, facts, exclude_self)
        self.entity = nn.Parameter(torch.randn(entities, dim))
        self.relation = nn.Parameter(torch.randn(2 * relations, width))

    def query(self, given: Tensor, direction: Tensor) -> Tensor:
        """Return what candidates are multiplied by (B, d), of vectors (B, d) and directions."""
        raise NotImplementedError

    def encode(self) -> Tensor:
        """Return the entities' vectors (n, d)."""
        return self.entity

    def candidates(
        self, encoded: Tensor, given: Tensor, direction: Tensor, among: Tensor | None = None
    ) -> Tensor:
        """Return scores (B, K) of candidates `among` (K,), or (B, n) of all entities."""
        chosen = encoded if among is None else encoded[among]
        return self.query(encoded[given], direction) @ chosen.T

    def score_tails(self, encoded: Tensor, heads: Tensor, relations: Tensor) -> Tensor:
        """Return the scores (B, n) of all tails."""
        return self.candidates(encoded, heads, relations)

    def score_heads(self, encoded: Tensor, relations: Tensor, tails: Tensor) -> Tensor:
        """Return the scores (B, n) of all heads."""
        return self.candidates(encoded, tails, relations + len(self.relations))

    def score(self, encoded: Tensor, heads: Tensor, relations: Tensor, tails: Tensor) -> Tensor:
        """Return the scores (B,) of triples."""
        found = self.query(encoded[heads], relations) * encoded[tails]
        return found.sum(-1)

    def penalty(self, given: Tensor, direction: Tensor, target: Tensor) -> Tensor:
        """Return what the vectors of a batch weigh, a scalar: the nuclear 3-norm by default."""
        parts = (self.entity[given], self.relation[direction], self.entity[target])
        return torch.stack([(part.abs() ** 3).sum() for part in parts]).sum() / len(given)


class DistMult(TupleModel):
    """<h, w_r, t> (Yang et al., 2015)."""

    def __init__(
        self, entities: int = 7, relations: int = 2, facts: int = 5, dim: int = 100,
        scale: float = 0.1, exclude_self: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(entities, relations, facts, dim, exclude_self, dim)
        with torch.no_grad():
            self.entity.mul_(scale)

    def query(self, given: Tensor, direction: Tensor) -> Tensor:
        """Return h * w (B, d)."""
        return given * self.relation[direction]


class ComplEx(TupleModel):
    """Re <h, w_r, conj(t)> (Trouillon et al., 2016); `dim` complex numbers, real parts first."""

    def __init__(
        self, entities: int = 7, relations: int = 2, facts: int = 5, dim: int = 100,
        scale: float = 1e-3, exclude_self: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(entities, relations, facts, 2 * dim, exclude_self, 2 * dim)
        with torch.no_grad():
            self.entity.mul_(scale)
            self.relation.mul_(scale)

    def query(self, given: Tensor, direction: Tensor) -> Tensor:
        """Return h * w as real parts and imaginary ones (B, 2 d)."""
        a, b = given.chunk(2, -1)
        c, d = self.relation[direction].chunk(2, -1)
        return torch.cat([a * c - b * d, a * d + b * c], -1)

    def penalty(self, given: Tensor, direction: Tensor, target: Tensor) -> Tensor:
        """Return the nuclear 3-norm of the moduli (Lacroix et al., 2018)."""
        total = torch.zeros((), device=given.device)
        for part in (self.entity[given], self.relation[direction], self.entity[target]):
            modulus = (
                rearrange(part, "b (two d) -> b two d", two=2).square().sum(1).clamp(min=1e-12)
            )
            total = total + (modulus**1.5).sum()
        return total / len(given)


class TuckER(TupleModel):
    """E (W x_1 w_r) h with a core W (d_r, d, d) (Balažević et al., 2019).

    With `normalise` there are the paper's batch normalisations, and dropouts `drop` on the input,
    the matrix and the output; without, the model is what is trained best here.
    """

    def __init__(
        self, entities: int = 7, relations: int = 2, facts: int = 5, dim: int = 100,
        width: int = 30, normalise: bool = False, drop: Any = (0.3, 0.4, 0.5),
        exclude_self: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(entities, relations, facts, dim, exclude_self, width)
        self.core = nn.Parameter(torch.empty(width, dim, dim).uniform_(-1, 1))
        nn.init.xavier_normal_(self.entity)
        nn.init.xavier_normal_(self.relation)
        self.first = nn.BatchNorm1d(dim) if normalise else None
        self.second = nn.BatchNorm1d(dim) if normalise else None
        self.drop = tuple(drop) if normalise else (0.0, 0.0, 0.0)

    def query(self, given: Tensor, direction: Tensor) -> Tensor:
        """Return h M (B, d) with M = W x_1 w_r, one matrix for each relation."""
        before, within, after = self.drop
        x = given if self.first is None else self.first(given)
        x = functional.dropout(x, before, self.training)
        width, dim, _ = self.core.shape
        matrices = (self.relation @ self.core.view(width, -1)).view(-1, dim, dim)
        matrices = functional.dropout(matrices, within, self.training)
        y = self._products(x, direction, matrices)
        y = y if self.second is None else self.second(y)
        return functional.dropout(y, after, self.training)

    def _products(self, x: Tensor, direction: Tensor, matrices: Tensor) -> Tensor:
        """Return each row times its relation's matrix; no matrix is copied for each row."""
        order = torch.argsort(direction, stable=True)
        counts = torch.bincount(direction, minlength=len(matrices)).tolist()
        parts = torch.split(x[order], counts)
        done = [part @ matrix for part, matrix in zip(parts, matrices, strict=True) if len(part)]
        return torch.cat(done)[torch.argsort(order)]

    def penalty(self, given: Tensor, direction: Tensor, target: Tensor) -> Tensor:
        """Return |h|^2 + |h M|^2 + |t|^2, the mean over a batch."""
        h, t = self.entity[given], self.entity[target]
        parts = (h, self.query(h, direction), t)
        return torch.stack([part.square().sum() for part in parts]).sum() / len(given)


class TransE(TupleModel):
    """-|h + r - t|, the 1- or the 2-norm (Bordes et al., 2013), times `sharpness`.

    With `unit` all vectors are normalised first, as in the official code. Heads are asked for with
    t - r: there are no reciprocal relations.
    """

    def __init__(
        self, entities: int = 7, relations: int = 2, facts: int = 5, dim: int = 100,
        norm: int = 1, unit: bool = True, sharpness: float = 1.0, scale: float = 0.1,
        exclude_self: bool = False,
    ) -> None:  # fmt: skip
        if norm not in (1, 2):
            raise BadInput(f"norm={norm} is wrong; expected 1 or 2.")
        super().__init__(entities, relations, facts, dim, exclude_self, dim)
        self.relation = nn.Parameter(self.relation.detach()[:relations])
        self.norm, self.unit, self.sharpness = norm, unit, sharpness
        with torch.no_grad():
            self.entity.mul_(scale)
            self.relation.mul_(scale)

    def encode(self) -> Tensor:
        """Return the entities' vectors (n, d)."""
        return functional.normalize(self.entity, dim=-1) if self.unit else self.entity

    def shift(self, direction: Tensor) -> Tensor:
        """Return r (B, d) of relations, and -r where heads are asked for."""
        count = len(self.relation)
        r = self.relation[direction % count]
        r = functional.normalize(r, dim=-1) if self.unit else r
        return torch.where((direction < count)[:, None], r, -r)

    def candidates(
        self, encoded: Tensor, given: Tensor, direction: Tensor, among: Tensor | None = None
    ) -> Tensor:
        """Return scores (B, K) of candidates `among` (K,), or (B, n) of all entities."""
        query = encoded[given] + self.shift(direction)
        encoded = encoded if among is None else encoded[among]
        if self.norm == 1:
            return -self.sharpness * torch.cdist(query, encoded, p=1.0)
        # One product in place of all differences; the least keeps the root's gradient finite.
        squares = query.square().sum(1)[:, None] + encoded.square().sum(1)
        found = (squares - 2 * query @ encoded.T).clamp(min=LEAST)
        return -self.sharpness * found.sqrt()

    def score(self, encoded: Tensor, heads: Tensor, relations: Tensor, tails: Tensor) -> Tensor:
        """Return the scores (B,) of triples."""
        gap = encoded[heads] + self.shift(relations) - encoded[tails]
        if self.norm == 2:
            return -self.sharpness * gap.square().sum(-1).clamp(min=LEAST).sqrt()
        return -self.sharpness * gap.abs().sum(-1)
