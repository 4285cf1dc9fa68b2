"""Links from texts alone: four cosines and their weights."""

from __future__ import annotations

import torch
from torch.nn import functional
from zoo_visualsem_kg.text_links import HEAD, TextLinks


def made():
    torch.manual_seed(0)
    module = TextLinks(entities=6, relations=2, text=4, width=4)
    module.features.glosses.take(torch.randn(6, 4))
    module.features.names.take(torch.randn(6, 4))
    return module


def test_scores_are_weighted_cosines():
    module = made()
    held = (module.features.glosses, module.features.names)
    gloss, name = (functional.normalize(one(), dim=1) for one in held)
    heads, relations = torch.tensor([0, 5]), torch.tensor([1, 0])
    expected = sum(
        weight * first[heads] @ second.T
        for weight, (first, second) in zip(
            HEAD, ((gloss, gloss), (gloss, name), (name, gloss), (name, name)), strict=True
        )
    )
    assert torch.allclose(module.score_tails(module.encode(), heads, relations), expected,
                          atol=1e-5)  # fmt: skip


def test_before_training_a_pair_scores_the_same_from_both_ends():
    module = made()
    heads, relations, tails = torch.tensor([0, 5]), torch.tensor([1, 0]), torch.tensor([3, 2])
    encoded = module.encode()
    asked = module.score_heads(encoded, relations, tails).gather(1, heads[:, None])[:, 0]
    assert torch.allclose(module(heads, relations, tails), asked, atol=1e-5)
