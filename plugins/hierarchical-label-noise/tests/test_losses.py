from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from zoo_hierarchical_label_noise.hierarchy import Hierarchy
from zoo_hierarchical_label_noise.losses import levels_of, loss_for, marginal

from zoo_core import BadInput

CLASSES = list("abcdef")
TREE = Hierarchy.of_groups([0, 1, 0, 2, 1, 1], CLASSES)


@given(st.integers(0, 10**6), st.floats(0, 5))
def test_the_gradient_of_the_marginal_loss(seed, weight):
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randn(1, 6, dtype=torch.float64, generator=generator, requires_grad=True)
    label = torch.randint(6, (1,), generator=generator)
    loss = marginal(weight, levels_of(TREE))(logits, label)
    (found,) = torch.autograd.grad(loss, logits)
    p = logits.detach().softmax(1)
    inside = torch.from_numpy(TREE.groups) == int(TREE.groups[label])
    restricted = torch.where(inside, p, 0.0)
    restricted /= restricted.sum()
    own = torch.nn.functional.one_hot(label, 6)
    torch.testing.assert_close(found, (p - own) + weight * (p - restricted))


def test_without_weight_it_is_cross_entropy():
    logits, labels = torch.randn(7, 6), torch.randint(6, (7,))
    torch.testing.assert_close(
        marginal(0.0, levels_of(TREE))(logits, labels),
        torch.nn.functional.cross_entropy(logits, labels),
    )
    with pytest.raises(BadInput, match="a number >= 0"):
        marginal(-1.0, levels_of(TREE))


def test_levels_of_a_deeper_tree():
    tree = Hierarchy.of_nested({"x": {"y": ["a", "b"], "z": ["c"]}, "d": "d"}, list("abcd"))
    assert [level.tolist() for level in levels_of(tree)] == [[0, 0, 0, 1], [0, 0, 1, 2]]
    assert levels_of(Hierarchy.flat(list("ab"))) == []


def test_losses_by_name():
    logits, labels = torch.randn(7, 6), torch.randint(6, (7,))
    for recipe in ({}, {"loss": "gce"}, {"smoothing": 0.1}):
        assert loss_for(recipe, "separate", TREE)(logits, labels).isfinite()
    for recipe, reading, words in (
        ({"loss": "forward"}, "separate", "in a flat network"),
        ({"loss": "gce", "smoothing": 0.1}, "flat", "leave it out"),
        ({"loss": "gce"}, "marginal", "is a loss itself"),
        ({"smoothing": 1.5}, "flat", "expected a number in"),
        ({"loss": "hinge"}, "flat", "There is no loss"),
        ({"loss": "forward"}, "flat", "needs to know the noise"),
    ):
        with pytest.raises(BadInput, match=words):
            loss_for(recipe, reading, TREE)
