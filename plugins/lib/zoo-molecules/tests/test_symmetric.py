"""Ragged symmetric matrices: what is taken is what was there, and f_* is what it says."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from zoo_molecules.symmetric import as_symmetric, joined, pairs_of

from zoo_core import BadInput


def random_matrix(size, seed):
    raw = torch.randn(size, size, generator=torch.Generator().manual_seed(seed)).double()
    return raw + raw.T


def test_the_glue_invariant_by_hand():
    matrix = torch.tensor([[1.0, 2, 3], [2, 4, 5], [3, 5, 6]])
    assert float(as_symmetric(matrix).glue()) == 81
    assert float(as_symmetric(torch.diag(torch.tensor([1.0, 2.0]))).glue()) == 0


@given(st.integers(1, 7), st.integers(0, 99), st.floats(-3, 3))
def test_the_glue_invariant_is_what_its_formula_says(size, seed, factor):
    matrix = random_matrix(size, seed)
    d = matrix.diagonal()
    found = float(as_symmetric(matrix).glue())
    assert found == pytest.approx(float(d @ matrix.sum(1) - d @ d), abs=1e-9)
    scaled = float(as_symmetric(factor * matrix).glue())
    assert scaled == pytest.approx(factor**2 * found, abs=1e-9)
    # Both directed entries of each pair, with half the weight, are the same.
    off = matrix - torch.diag(d)
    assert found == pytest.approx(float((d[:, None] + d[None]).mul(off).sum() / 2), abs=1e-9)


@given(st.lists(st.integers(1, 6), min_size=1, max_size=5), st.integers(0, 99))
def test_batches_are_their_matrices(sizes, seed):
    matrices = [random_matrix(size, seed + k) for k, size in enumerate(sizes)]
    batch = joined([as_symmetric(one) for one in matrices])
    for padded, one in zip(batch.dense(8), matrices, strict=True):
        size = len(one)
        assert torch.equal(padded[:size, :size], one)
        assert float(padded.abs().sum()) == pytest.approx(float(one.abs().sum()))
    order = torch.randperm(len(sizes), generator=torch.Generator().manual_seed(seed))
    taken = batch.take(order)
    assert torch.equal(taken.dense(8), batch.dense(8)[order])
    assert torch.equal(taken.glue(), batch.glue()[order])
    assert torch.equal(taken.pairs, pairs_of(taken.offsets))
    assert len(batch.take(torch.tensor([], dtype=torch.long))) == 0


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ([[1.0, 2.0]], "square"),
        ([[1.0, 2.0], [3.0, 1.0]], "not symmetric"),
        ([[float("nan")]], "NaN"),
        ([[float("inf")]], "infinite"),
        (torch.zeros(0, 0), "one row or more"),
        ([1.0], "square"),
    ],
    ids=["oblong", "asymmetric", "nan", "infinite", "empty", "flat"],
)
def test_what_is_no_symmetric_matrix_is_refused(given, told):
    with pytest.raises(BadInput, match=told):
        as_symmetric(torch.as_tensor(given))


def test_no_matrix_and_too_small_a_frame_are_refused():
    with pytest.raises(BadInput, match="no matrix"):
        joined([])
    with pytest.raises(BadInput, match="too small"):
        as_symmetric(torch.eye(3)).dense(2)
