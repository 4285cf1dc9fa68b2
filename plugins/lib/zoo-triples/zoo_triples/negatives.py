"""Negatives for training: shared by a batch, drawn by Bernoulli's rule, or all entities (1-N)."""

from __future__ import annotations

import torch
from torch import Tensor

from zoo_triples.known import Known


def shared_negatives(entities: int, count: int, generator: torch.Generator) -> Tensor:
    """Return at most `count` distinct entities, drawn uniformly, that a whole batch is held to.

    Scores of B queries with K shared negatives are one matrix product; K of its own for each query
    would be gathered as (B, K, d).
    """
    if count >= entities:
        return torch.arange(entities)
    return torch.randperm(entities, generator=generator)[:count]


def mask_answers(scores: Tensor, candidates: Tensor, excluded: Tensor, entities: int) -> Tensor:
    """Return scores (B, K) in which the candidates that a row excludes are -inf.

    `candidates` (K,) are distinct entities and `excluded` (B, m) are those of each row: its true
    answer, say, and the entity that is asked about.
    """
    place = torch.full((entities,), -1, dtype=torch.long, device=scores.device)
    place[candidates] = torch.arange(len(candidates), device=scores.device)
    found = place[excluded]
    rows, columns = torch.nonzero(found >= 0, as_tuple=True)
    mask = torch.zeros_like(scores, dtype=torch.bool)
    mask[rows, found[rows, columns]] = True
    return scores.masked_fill(mask, -torch.inf)


def head_probabilities(triples: Tensor, relations: int) -> Tensor:
    """Return for each relation the probability (R,) that its head is corrupted: Bernoulli's rule.

    It is tph / (tph + hpt), with tails per head and heads per tail (Wang et al., 2014, TransH), so
    that the side is corrupted on which a false triple is the likelier one. A relation without
    triples has 1/2.
    """
    distinct = torch.unique(triples, dim=0)
    count = torch.bincount(distinct[:, 1], minlength=relations).double()

    def ends(column: int) -> Tensor:
        pairs = torch.unique(distinct[:, [1, column]], dim=0)
        return torch.bincount(pairs[:, 0], minlength=relations).double()

    tails_per_head, heads_per_tail = count / ends(0), count / ends(2)
    found = tails_per_head / (tails_per_head + heads_per_tail)
    return torch.nan_to_num(found, nan=0.5)


def bernoulli_negatives(
    triples: Tensor,
    probabilities: Tensor,
    entities: int,
    count: int,
    generator: torch.Generator,
    known: Known | None = None,
    attempts: int = 10,
) -> Tensor:
    """Return corrupted triples (B, count, 3); those that are `known` are drawn again.

    `probabilities` are those of `head_probabilities`. What is still true after `attempts` draws
    stays as it is: a head of which all tails are true has no false triple.
    """
    found = triples[:, None].expand(-1, count, -1).reshape(-1, 3).clone()
    heads = torch.rand(len(found), generator=generator) < probabilities[found[:, 1]]
    column = torch.where(heads, 0, 2)
    open_rows = torch.arange(len(found))
    for _ in range(attempts):
        drawn = torch.randint(entities, (len(open_rows),), generator=generator)
        found[open_rows, column[open_rows]] = drawn
        if known is None or not len(open_rows):
            break
        open_rows = open_rows[known.holds(found[open_rows])]
    return found.view(len(triples), count, 3)
