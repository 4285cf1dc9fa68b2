"""The power iteration against the algebra that it must satisfy, in float64."""

import math
import sys

import pytest
import scipy.sparse as sp
import torch
from hypothesis import given
from hypothesis import strategies as st
from zoo_graphs.operators import operator_matrix
from zoo_graphs.products import gram
from zoo_graphs.spectral import leading_eigenvectors, leading_singular
from zoo_powerembed.power import (
    effective_rank,
    inverse_gram,
    mean_row_cosine,
    power_iterates,
    principal_angles,
)

KINDS = ("adj", "lap", "rw")
F64 = torch.float64
seeds = st.integers(0, 10**6)


def random_edges(seed, n=40, m=90):
    """A connected graph: a ring with chords."""
    generator = torch.Generator().manual_seed(seed)
    ring = torch.stack([torch.arange(n), (torch.arange(n) + 1) % n])
    return torch.cat([ring, torch.randint(0, n, (2, m), generator=generator)], dim=1)


def draw(seed, n=40, k=4, kind="adj"):
    generator = torch.Generator().manual_seed(seed + 1)
    operator = operator_matrix(random_edges(seed, n), n, kind, dtype=F64)
    return operator, torch.randn(n, k, dtype=F64, generator=generator)


def states(operator, h0, hops):
    """F_0, F_1, ..., by the definition, with dense pseudo-inverses."""
    found = [h0]
    for _ in range(hops):
        found.append(torch.linalg.pinv(operator.to_dense() @ found[-1]).mT)
    return found


def unit(matrix):
    return matrix / matrix.norm(dim=0)


def close(first, second, tolerance=1e-8):
    torch.testing.assert_close(first, second, atol=tolerance, rtol=tolerance)


# --- operators ---


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("self_loops", [True, False])
def test_isolated_nodes_stay_finite(kind, self_loops):
    edges = torch.tensor([[0, 1], [1, 0]])
    operator = operator_matrix(edges, 5, kind, self_loops=self_loops)
    assert operator.values().isfinite().all()
    h0 = torch.randn(5, 2, generator=torch.Generator().manual_seed(0))
    assert all(p.isfinite().all() for p in power_iterates(operator, h0, 6))
    assert all(p.isfinite().all() for p in power_iterates(operator, torch.zeros(5, 2), 3))


# --- spectral start ---


@pytest.mark.parametrize(("n", "p", "k"), [(30, 12, 5), (12, 30, 12), (700, 600, 8)])
def test_projection_reproduces_the_singular_vectors(n, p, k):
    dense = sp.random_array((n, p), density=0.2, rng=1).toarray()
    left, projection = leading_singular(dense, k)
    features = torch.from_numpy(dense)
    close(features @ projection, left, 1e-7)
    close(left.mT @ left, torch.eye(k, dtype=F64), 1e-7)
    values = torch.linalg.svdvals(features)[:k]
    close(((features.mT @ left).norm(dim=0)), values, 1e-7)
    for other in (sp.csr_array(dense), features, features.to_sparse_csr()):
        close(leading_singular(other, k)[1], projection, 1e-9)


def test_zero_singular_values_give_zero_columns():
    features = torch.outer(torch.arange(1.0, 7.0), torch.ones(4))
    left, projection = leading_singular(features, 3)
    assert left[:, 1:].abs().max() == 0
    assert projection[:, 1:].abs().max() == 0
    assert projection.isfinite().all()
    with pytest.raises(ValueError, match="1 to 4"):
        leading_singular(features, 5)


@pytest.mark.parametrize("n", [40, 900])
def test_leading_eigenvectors(n):
    operator = operator_matrix(random_edges(3, n, 3 * n), n, "adj", dtype=F64)
    values, vectors = leading_eigenvectors(operator, 6)
    close(operator @ vectors, vectors * values, 1e-7)
    exact = torch.linalg.eigvalsh(operator.to_dense())
    close(values.abs(), exact.abs().sort(descending=True).values[:6], 1e-7)
    assert torch.equal(vectors, leading_eigenvectors(operator, 6)[1])


def test_eigenvectors_of_a_disconnected_graph_span_the_components():
    edges = torch.cat([random_edges(5, 20) + 20 * i for i in range(3)], dim=1)
    values, vectors = leading_eigenvectors(operator_matrix(edges, 60, "lap", dtype=F64), 3)
    close(values, torch.ones(3, dtype=F64))
    close(vectors.mT @ vectors, torch.eye(3, dtype=F64))


def test_eigenvectors_of_an_asymmetric_operator_are_refused():
    with pytest.raises(ValueError, match="not symmetric"):
        leading_eigenvectors(operator_matrix(random_edges(1), 40, "rw"), 3)


# --- the iteration ---


@given(seeds, st.sampled_from(KINDS))
def test_state_is_the_transposed_pseudo_inverse(seed, kind):
    operator, h0 = draw(seed, kind=kind)
    expected = states(operator, h0, 5)
    for found, state in zip(power_iterates(operator, h0, 5)[1:], expected[1:], strict=True):
        close(found, unit(state))
    product = operator @ h0
    inverse = inverse_gram(gram(product), len(product), F64)
    close((product @ inverse).mT @ product, torch.eye(4, dtype=F64))


@given(seeds, st.sampled_from(KINDS))
def test_span_is_that_of_the_powers(seed, kind):
    operator, h0 = draw(seed, kind=kind)
    power = h0
    for iterate in power_iterates(operator, h0, 4):
        assert principal_angles(iterate, power).max() < 1e-6
        power = operator @ power


@given(seeds, st.floats(0.01, 100))
def test_scale_of_the_operator_is_irrelevant(seed, scale):
    operator, h0 = draw(seed)
    expected = power_iterates(operator, h0, 5)
    for sign in (1, -1):
        scaled = power_iterates(operator.to_dense() * (sign * scale), h0, 5)
        for hop, (first, second) in enumerate(zip(scaled, expected, strict=True)):
            close(first, sign**hop * second)


@given(seeds)
def test_change_of_basis(seed):
    operator, h0 = draw(seed)
    generator = torch.Generator().manual_seed(seed)
    basis = torch.eye(4, dtype=F64) + 0.3 * torch.randn(4, 4, dtype=F64, generator=generator)
    changed, plain = states(operator, h0 @ basis, 4), states(operator, h0, 4)
    listed = power_iterates(operator, h0 @ basis, 4)
    for hop in range(1, 5):
        acting = torch.linalg.inv(basis).mT if hop % 2 else basis
        close(changed[hop], plain[hop] @ acting, 1e-6)
        close(listed[hop], unit(plain[hop] @ acting), 1e-6)


@given(seeds, st.sampled_from(KINDS))
def test_relabelling_nodes_relabels_the_list(seed, kind):
    edges = random_edges(seed)
    _, h0 = draw(seed)
    order = torch.randperm(40, generator=torch.Generator().manual_seed(seed))
    moved = operator_matrix(torch.argsort(order)[edges], 40, kind, dtype=F64)
    plain = power_iterates(operator_matrix(edges, 40, kind, dtype=F64), h0, 5)
    for first, second in zip(power_iterates(moved, h0[order], 5), plain, strict=True):
        close(first, second[order])


@given(seeds)
def test_an_invariant_span_alternates_between_two_bases(seed):
    operator, mix = draw(seed, k=4)
    vectors = leading_eigenvectors(operator, 4)[1]
    h0 = vectors @ (torch.eye(4, dtype=F64) + 0.2 * mix[:4])
    close(states(operator, h0, 2)[2], h0, 1e-7)
    found = power_iterates(operator, h0, 6)
    for hop in range(1, 5):
        close(found[hop + 2], found[hop], 1e-7)


@given(seeds, st.sampled_from(KINDS))
def test_one_column_is_the_power_method(seed, kind):
    operator, h0 = draw(seed, k=1, kind=kind)
    power = h0.abs()
    for iterate in power_iterates(operator, h0.abs(), 6)[1:]:
        power = operator @ power
        close(iterate, unit(power))


def test_fixed_points_of_the_normalised_operators():
    edges, ones = random_edges(7), torch.ones(40, 1, dtype=F64)
    for iterate in power_iterates(operator_matrix(edges, 40, "rw", dtype=F64), ones, 5)[1:]:
        close(iterate, ones / math.sqrt(40))
    degree = operator_matrix(edges, 40, "adj", dtype=F64) @ ones
    lap = operator_matrix(edges, 40, "lap", dtype=F64)
    for iterate in power_iterates(lap, degree.sqrt(), 5)[1:]:
        close(iterate, unit(degree.sqrt()))


@given(seeds)
def test_rw_and_lap_are_similar(seed):
    edges = random_edges(seed)
    rw, h0 = draw(seed, kind="rw")
    root = (operator_matrix(edges, 40, "adj", dtype=F64) @ torch.ones(40, 1, dtype=F64)).sqrt()
    lap = operator_matrix(edges, 40, "lap", dtype=F64)
    pairs = zip(power_iterates(rw, h0, 4), power_iterates(lap, root * h0, 4), strict=True)
    assert all(principal_angles(first, second / root).max() < 1e-6 for first, second in pairs)


@given(seeds, st.sampled_from(("adj", "lap")))
def test_convergence_to_the_leading_eigenspace(seed, kind):
    operator, h0 = draw(seed, kind=kind)
    values, vectors = leading_eigenvectors(operator, 5)
    ratio = float((values[4] / values[3]).abs())
    tangents = [
        float(principal_angles(iterate, vectors[:, :4]).max().tan())
        for iterate in power_iterates(operator, h0, 12)
    ]
    for hop, tangent in enumerate(tangents):
        assert tangent <= tangents[0] * ratio**hop * (1 + 1e-6) + 1e-7


def test_unnormalised_list_is_the_powers_exactly():
    operator, h0 = draw(11)
    found = power_iterates(operator, h0, 3, normalize="none")
    power = h0
    for iterate in found:
        assert torch.equal(iterate, power)
        power = operator @ power


@given(seeds, st.booleans())
def test_rescaling_columns_inside_the_loop_changes_nothing(seed, upper_tri):
    operator, h0 = draw(seed)
    found = power_iterates(operator, h0, 4, upper_tri=upper_tri)
    state = h0
    for hop in range(1, 5):
        state = power_iterates(operator, state, 1, upper_tri=upper_tri)[1]
        close(state, found[hop], 1e-7)


def test_upper_triangle_breaks_rotation_invariance():
    operator, h0 = draw(13)
    rotation = torch.linalg.qr(draw(14, n=40)[1][:4]).Q
    rotated = power_iterates(operator, h0 @ rotation, 1, upper_tri=True)[1]
    plain = power_iterates(operator, h0, 1, upper_tri=True)[1]
    assert (rotated - unit(plain @ rotation)).abs().max() > 1e-3


def test_rank_deficient_input_is_truncated_and_finite():
    operator, h0 = draw(17)
    doubled = torch.cat([h0, h0], dim=1)
    for dtype in (torch.float32, F64):
        found = power_iterates(operator.to(dtype), doubled.to(dtype), 10)
        assert all(iterate.isfinite().all() for iterate in found)
        # Equal columns stay equal: their state is half that of the plain input.
        for iterate, plain in zip(found[1:], power_iterates(operator, h0, 10)[1:], strict=True):
            close(iterate[:, :4].double(), plain, 1e-3 if dtype == torch.float32 else 1e-7)


def test_single_precision_agrees_with_double():
    operator, h0 = draw(19, n=60, k=8)
    single = power_iterates(operator.float(), h0.float(), 10)
    for first, second in zip(single, power_iterates(operator, h0, 10), strict=True):
        assert first.dtype == torch.float32
        close(first.double(), second, 1e-4)


def test_gradient_reaches_the_input():
    operator, h0 = draw(23, n=8, k=2)
    dense = operator.to_dense()

    def function(h):
        return tuple(power_iterates(dense, h, 2))

    assert torch.autograd.gradcheck(function, (h0.requires_grad_(),))


@pytest.mark.parametrize("options", [{"hops": -1}, {"hops": 1, "normalize": "qr"}])
def test_bad_options_are_refused(options):
    with pytest.raises(ValueError, match="expected"):
        power_iterates(*draw(1), **options)


# --- probes ---


def test_effective_rank_limits():
    orthogonal = torch.linalg.qr(draw(1, k=4)[1]).Q
    assert effective_rank(orthogonal) == pytest.approx(4)
    assert effective_rank(orthogonal[:, :1].expand(-1, 4)) == pytest.approx(1, abs=1e-6)
    assert effective_rank(torch.zeros(5, 3)) == 0
    assert effective_rank(orthogonal.float() * 1e30) == pytest.approx(4, abs=1e-4)


def test_mean_row_cosine_equals_the_pairwise_mean():
    rows = draw(2, n=12)[1]
    normal = rows / rows.norm(dim=1, keepdim=True)
    cosines = normal @ normal.mT
    expected = (cosines.sum() - cosines.trace()) / (12 * 11)
    assert mean_row_cosine(rows) == pytest.approx(float(expected))
    assert mean_row_cosine(torch.ones(5, 3)) == pytest.approx(1)


def test_normalisation_prevents_collapse():
    operator, h0 = draw(29, n=60, k=5)
    normalised = power_iterates(operator, h0, 30)[-1]
    collapsed = power_iterates(operator, h0, 30, normalize="none")[-1]
    assert effective_rank(normalised) > 3
    assert effective_rank(collapsed) < 1.2
    assert sys.float_info.min < collapsed.abs().max() < math.inf
