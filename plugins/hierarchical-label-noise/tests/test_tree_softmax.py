"""The mathematics of the tree: its invariants, on random trees, posteriors and logits."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from zoo_hierarchical_label_noise.checks.theory import conditionals, topdown_and_product
from zoo_hierarchical_label_noise.hierarchy import Hierarchy
from zoo_hierarchical_label_noise.tree_softmax import TreeSoftmax, grouped_logsumexp

from zoo_core import BadInput


@st.composite
def nested(draw, count=None, depth=3):
    """Draw a nested form over the classes "0" to "count - 1", of at most this depth."""
    count = draw(st.integers(2, 9)) if count is None else count
    order = [str(i) for i in draw(st.permutations(range(count)))]

    def split(names, level):
        if level == 0 or len(names) == 1 or draw(st.booleans()):
            return list(names)
        cut = sorted(draw(st.sets(st.integers(1, len(names) - 1), min_size=1, max_size=3)))
        parts = [names[a:b] for a, b in zip([0, *cut], [*cut, len(names)], strict=True)]
        return {f"{level}.{part[0]}": split(part, level - 1) for part in parts}

    return count, split(order, depth)


def tree_of(drawn):
    count, form = drawn
    return Hierarchy.of_nested(form, [str(i) for i in range(count)])


def logits_for(softmax, seed, rows=5):
    generator = torch.Generator().manual_seed(seed)
    return 3 * torch.randn(rows, softmax.width, dtype=torch.float64, generator=generator)


seeds = st.integers(0, 10**6)


@given(nested(), seeds, st.sampled_from(["product", "topdown", "mixed"]))
def test_probabilities_sum_to_one_and_to_the_superclasses(drawn, seed, rule):
    softmax = TreeSoftmax(tree_of(drawn), rule)
    logits = logits_for(softmax, seed)
    found = softmax(logits)
    assert bool((found.exp() >= 0).all())
    torch.testing.assert_close(found.exp().sum(1), torch.ones(5, dtype=torch.float64))
    if rule != "topdown":
        torch.testing.assert_close(softmax.summed(found).exp(), softmax.coarse(logits).exp())


@given(nested(), seeds)
def test_a_posterior_s_own_conditionals_give_it_back(drawn, seed):
    tree = tree_of(drawn)
    generator = torch.Generator().manual_seed(seed)
    posterior = torch.rand(6, len(tree.classes), dtype=torch.float64, generator=generator) + 1e-3
    posterior /= posterior.sum(1, keepdim=True)
    torch.testing.assert_close(TreeSoftmax(tree)(conditionals(posterior, tree)).exp(), posterior)


@given(st.integers(2, 8), seeds)
def test_one_superclass_or_one_for_each_class_is_the_flat_model(count, seed):
    names = [str(i) for i in range(count)]
    for groups in ([0] * count, list(range(count))):
        softmax = TreeSoftmax(Hierarchy.of_groups(groups, names))
        logits = logits_for(softmax, seed)
        assert logits.shape[1] == count
        torch.testing.assert_close(softmax(logits), logits.log_softmax(1))


@given(nested(depth=1), seeds)
def test_topdown_is_the_product_of_a_one_hot_root(drawn, seed):
    tree = tree_of(drawn)
    product, topdown = TreeSoftmax(tree), TreeSoftmax(tree, "topdown")
    logits = logits_for(product, seed)
    found = topdown(logits)
    if tree.depth == 1 or 0 not in tree.branching:
        torch.testing.assert_close(found, product(logits))
        return
    # The coarse prediction is that of the root, whatever the leaves say.
    root = product.coarse(logits).argmax(1)
    assert torch.equal(topdown.branches[found.argmax(1)], root)
    certain = logits.clone()
    columns = product.columns[0]
    certain[:, columns] = -1e4
    certain[torch.arange(5), root] = 0
    torch.testing.assert_close(topdown(certain).exp(), product(certain).exp())
    torch.testing.assert_close(found.exp(), product(certain).exp())


@given(nested(), seeds, st.randoms(use_true_random=False))
def test_relabelled_classes_permute_the_columns(drawn, seed, random):
    count, form = drawn
    order = list(range(count))
    random.shuffle(order)
    names = [str(i) for i in range(count)]
    plain = TreeSoftmax(Hierarchy.of_nested(form, names))
    moved = TreeSoftmax(Hierarchy.of_nested(form, [names[i] for i in order]))
    logits = logits_for(plain, seed)
    torch.testing.assert_close(moved(logits), plain(logits)[:, order])


@given(nested(), seeds)
def test_each_softmax_ignores_the_other_nodes_logits(drawn, seed):
    tree = tree_of(drawn)
    softmax = TreeSoftmax(tree)
    for number in softmax.columns:
        logits = logits_for(softmax, seed).requires_grad_()
        branch = torch.from_numpy(tree.branch_of(number))
        inside = branch >= 0
        # Within a node the conditional is P restricted to it, renormalised.
        chances = softmax(logits).exp()[:, inside]
        first = (chances / chances.sum(1, keepdim=True))[:, branch[inside] == 0].sum()
        (gradient,) = torch.autograd.grad(first, logits)
        outside = torch.ones(softmax.width, dtype=torch.bool)
        outside[softmax.columns[number]] = False
        assert float(gradient[:, outside].abs().max() if outside.any() else 0) < 1e-12


@given(nested(), seeds)
def test_the_loss_is_the_cross_entropy_of_the_product(drawn, seed):
    softmax = TreeSoftmax(tree_of(drawn))
    logits = logits_for(softmax, seed, rows=softmax.num_classes)
    labels = torch.arange(softmax.num_classes)
    expected = torch.nn.functional.nll_loss(softmax(logits), labels)
    torch.testing.assert_close(softmax.loss(logits, labels), expected)


def test_the_mixed_root_has_the_flat_sums():
    tree = Hierarchy.of_groups([0, 1, 0, 1, 1], list("abcde"))
    softmax = TreeSoftmax(tree, "mixed")
    assert softmax.width == 5 + 2 + 3
    logits = logits_for(softmax, 0)
    flat = logits[:, :5].softmax(1)
    sums = torch.stack([flat[:, [0, 2]].sum(1), flat[:, [1, 3, 4]].sum(1)], 1)
    torch.testing.assert_close(softmax.coarse(logits).exp(), sums)
    found = softmax(logits).exp()
    torch.testing.assert_close(found[:, [0, 2]], sums[:, :1] * logits[:, 5:7].softmax(1))


def test_breakdown_of_topdown_where_superclasses_differ_in_size():
    lost, product = topdown_and_product(0.70, 2000, 0)
    assert lost == [5, 9] and product == []
    lost, product = topdown_and_product(0.55, 2000, 0)
    assert lost == [] and product == []


def test_sums_of_logarithms():
    values = torch.tensor([[0.0, -torch.inf, 1000.0, -torch.inf]])
    found = grouped_logsumexp(values, torch.tensor([0, 0, 1, 2]), 3)
    assert found.tolist() == [[0.0, 1000.0, -torch.inf]]


def test_an_unknown_rule_is_refused():
    with pytest.raises(BadInput, match="expected product, topdown, mixed"):
        TreeSoftmax(Hierarchy.flat(["a", "b"]), "sum")
