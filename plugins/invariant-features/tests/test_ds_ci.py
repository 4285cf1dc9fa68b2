"""DS-CI: the same for conjugates, alone and in a batch, padded or not; tables; what is refused."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from zoo_invariant_features.ds_ci import DSCI
from zoo_molecules.symmetric import as_symmetric, joined

from zoo_core import BadInput


def network(seed=0, **shape):
    torch.manual_seed(seed)
    module = DSCI(hidden=8, centres=16, **shape).double().eval()
    for norm in (module.norm_d, module.norm_o):
        norm.running_mean.normal_()
        norm.running_var.uniform_(0.5, 2)
    return module


@torch.no_grad()
def told(module, *matrices):
    return module(*module.inputs_of(joined([as_symmetric(one) for one in matrices])))


def random_matrix(size, seed):
    raw = np.random.default_rng(seed).standard_normal((size, size))
    return raw + raw.T


@pytest.mark.parametrize("expansion", ["none", "paper", "fitted"])
@pytest.mark.parametrize("pool", ["sum", "mean"])
def test_all_conjugates_are_one(expansion, pool):
    module = network(expansion=expansion, pool=pool)
    for size in (1, 2, 3, 4):
        matrix = random_matrix(size, size)
        orbit = [matrix[np.ix_(p, p)] for p in map(list, permutations(range(size)))]
        found = told(module, *orbit)
        assert torch.allclose(found, found[:1].expand_as(found), rtol=1e-9, atol=1e-12)


@settings(max_examples=15)
@given(st.integers(5, 12), st.integers(0, 99))
def test_larger_ones_too(size, seed):
    matrix, order = random_matrix(size, seed), np.random.default_rng(seed).permutation(size)
    found = told(network(), matrix, matrix[np.ix_(order, order)])
    assert torch.allclose(found[0], found[1], rtol=1e-9, atol=1e-12)


def test_a_matrix_is_told_alike_alone_and_among_others():
    module = network(targets=["a", "b"], units=["eV", ""])
    matrices = [random_matrix(size, size) for size in (3, 1, 6, 2)]
    together = told(module, *matrices)
    assert together.shape == (4, 2)
    for row, one in zip(together, matrices, strict=True):
        assert torch.allclose(told(module, one)[0], row, rtol=1e-12)


def test_means_do_not_hear_how_often_a_matrix_is_repeated():
    """Blocks of a repeated diagonal matrix: the same multisets, but for zeros."""
    module = network(pool="mean", glue=False)
    ones = told(module, np.full((3, 3), 2.0), np.full((7, 7), 2.0))
    assert torch.allclose(ones[0], ones[1])
    added = told(network(glue=False), np.full((3, 3), 2.0), np.full((7, 7), 2.0))
    assert not torch.allclose(added[0], added[1])


def test_tables_give_the_same(data_or_skip):
    data = data_or_skip("qm7")
    torch.manual_seed(0)
    module = DSCI(targets=["ae_pbe0"], units=["kcal/mol"], elements=data.elements).eval()
    module.phi_d.expansion.fit(data.matrices.diagonal)
    module.phi_o.expansion.fit(data.matrices.entries[:1000])
    module.mu.expansion.fit(data.matrices.glue())
    module.reference.fill_(-90.0)
    for norm in (module.norm_d, module.norm_o):
        norm.running_mean.normal_()
        norm.running_var.uniform_(0.5, 2)
    inputs = module.inputs_of(data.matrices.take(data.rows["test"][:60]))
    with torch.no_grad():
        exact, found = module(*inputs), module.tabulated()(*inputs)
    assert torch.allclose(exact, found, rtol=1e-5)
    assert float(exact.std()) > 1


def test_elements_count_by_their_diagonals(water):
    module = network(targets=["e"], units=["eV"], elements=[1, 8])
    with torch.no_grad():
        module.spread.zero_()
        module.reference.copy_(torch.tensor([[1.0], [10.0]]))
    assert module.predict(water)[0]["e (eV)"] == pytest.approx(12.0)


def test_what_does_not_fit_is_refused():
    for shape in (
        {"expansion": "log"},
        {"pool": "max"},
        {"targets": ["a"], "units": ["eV", "eV"]},
        {"hidden": 0},
    ):
        with pytest.raises(BadInput):
            DSCI(**{"hidden": 4, **shape})
    with pytest.raises(BadInput, match="networks that add up"):
        network(pool="mean").tabulated()
    for source, message in (
        (None, "Give a matrix"),
        ([[1.0, 2.0], [3.0, 1.0]], "symmetric"),
        (np.full((2, 2), np.nan), "NaN"),
        (np.zeros((0, 0)), "one row or more"),
    ):
        with pytest.raises(BadInput, match=message):
            network().predict(source)
