"""Negatives: shared, masked, drawn by Bernoulli's rule; labels of 1-N scoring."""

from __future__ import annotations

import torch
from zoo_triples.known import Known
from zoo_triples.negatives import (
    bernoulli_negatives,
    head_probabilities,
    mask_answers,
    shared_negatives,
)

INF = float("inf")


def test_shared_negatives_are_distinct_and_all_where_few_are_there():
    generator = torch.Generator().manual_seed(0)
    found = shared_negatives(1000, 64, generator)
    assert len(found.unique()) == 64
    assert shared_negatives(5, 64, generator).tolist() == list(range(5))


def test_masked_are_the_answers_and_nothing_else():
    candidates = torch.tensor([4, 0, 2])
    found = mask_answers(torch.zeros(2, 3), candidates, torch.tensor([[0, 1], [2, 2]]), 5)
    assert found.tolist() == [[0, -INF, 0], [0, 0, -INF]]


def test_the_likelier_false_side_is_corrupted():
    many_tails = torch.tensor([[0, 0, i] for i in range(1, 9)])
    many_heads = torch.tensor([[i, 1, 0] for i in range(1, 9)])
    found = head_probabilities(torch.cat([many_tails, many_heads]), 3)
    assert found.tolist() == [8 / 9, 1 / 9, 0.5]


def test_drawn_negatives_are_false_and_differ_on_one_side(random_triples):
    triples = random_triples(30, 2, 150)
    known = Known(triples, 30, 2)
    chances = head_probabilities(triples, 2)
    found = bernoulli_negatives(triples, chances, 30, 7, torch.Generator().manual_seed(0), known)
    assert found.shape == (len(triples), 7, 3)
    assert not known.holds(found.view(-1, 3)).any()
    changed = (found != triples[:, None]).sum(-1)
    assert int(changed.max()) == 1 and bool((found[..., 1] == triples[:, None, 1]).all())
