"""The layers: against dense matrices, against the groups they commute with, and nested."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import zoo_symmetry as zs
from hypothesis import given
from hypothesis import strategies as st
from zoo_approx_equivariant.checks.theory import spans
from zoo_approx_equivariant.coarsening import mirrored, patches
from zoo_approx_equivariant.layers import CoarsenedLinear, OrbitLinear, through, widths
from zoo_approx_equivariant.risk import partition_rank

from zoo_core import BadInput

partitions = st.lists(st.integers(0, 4), min_size=1, max_size=9)


def signals(nodes, channels, batch=3):
    return torch.randn(batch, nodes, channels, generator=torch.Generator().manual_seed(0))


@given(partitions, st.integers(1, 3), st.integers(1, 3))
def test_it_is_its_dense_matrix_and_commutes_within_clusters(clusters, one, other):
    layer, x = CoarsenedLinear(clusters, one, other), signals(len(clusters), one)
    dense = torch.einsum("oinm,bmi->bno", layer.dense(), x) + layer.bias
    assert torch.allclose(layer(x), dense, atol=1e-5)
    assert zs.equivariance_error(layer, layer.group(), x) < 1e-5


def test_it_is_the_formula_of_the_paper():
    """y[n] = W_diag[k(n)] x[n] + (1/N) sum_l W_off[k(n), l] S[l] + b, written out."""
    layer, x = CoarsenedLinear([1, 0, 1, 2], 2, 3), signals(4, 2, 1)[0]
    k = [1, 0, 1, 2]
    for n in range(4):
        for o in range(3):
            expected = layer.bias[o]
            for i in range(2):
                expected = expected + layer.w_diag[o, i, k[n]] * x[n, i]
                for m in range(4):
                    expected = expected + layer.w_off[o, i, k[n], k[m]] * x[m, i] / 4
            assert torch.allclose(layer(x[None])[0, n, o], expected, atol=1e-6)


@given(partitions)
def test_its_weights_are_all_equivariant_maps(clusters):
    assert spans(clusters, [])
    sizes = np.unique(clusters, return_counts=True)[1]
    assert partition_rank(sizes.tolist()) == zs.rank(zs.young(clusters))


def test_an_exchange_across_clusters_does_not_commute():
    torch.manual_seed(0)
    layer, x = CoarsenedLinear([0, 0, 1, 1, 2]), signals(5, 1)
    for one, other in ((0, 2), (1, 4), (3, 4)):
        images = list(range(5))
        images[one], images[other] = other, one
        assert zs.equivariance_error(layer, zs.PermutationGroup(5, (tuple(images),)), x) > 1e-2


@pytest.mark.parametrize("cut", [2, 3, 4])
def test_mirrored_patches(cut):
    torch.manual_seed(0)
    size = (cut * 2, cut * 2)
    clusters = patches(size, cut).tolist()
    tied = CoarsenedLinear(clusters, 2, 2, [mirrored(cut)])
    plain = CoarsenedLinear(clusters, 2, 2)
    x = signals(size[0] * size[1], 2)

    def flip(one, axis):
        return one.unflatten(1, size).flip(axis).flatten(1, 2)

    assert torch.allclose(tied(flip(x, 2)), flip(tied(x), 2), atol=1e-5)
    assert not torch.allclose(plain(flip(x, 2)), flip(plain(x), 2), atol=1e-2)
    assert not torch.allclose(tied(flip(x, 1)), flip(tied(x), 1), atol=1e-2)
    assert zs.equivariance_error(tied, tied.group(), x) < 1e-5
    if cut % 2 == 0:
        assert tied.w_diag.shape[2] == cut * cut // 2
        assert tied.w_off.shape[2] == cut**4 // 2


def test_all_maps_that_mirror():
    assert spans([0, 0, 1, 1], [[1, 0]])
    assert spans([0, 1, 2, 0, 1, 2], [[1, 2, 0], [1, 0, 2]])
    assert spans([0, 0, 1, 1, 2], [[1, 0, 2]])


@given(st.integers(1, 4), st.integers(1, 4))
def test_one_cluster_is_the_linear_layer_of_deep_sets(one, other):
    layer, x = CoarsenedLinear([0] * 6, one, other), signals(6, one)
    diag, off = layer.w_diag[..., 0], layer.w_off[..., 0, 0]
    expected = x @ diag.T + x.mean(1, keepdim=True) @ off.T + layer.bias
    assert torch.allclose(layer(x), expected, atol=1e-5)


@given(partitions, st.randoms(use_true_random=False))
def test_a_finer_layer_has_the_maps_of_a_coarser_one(clusters, random):
    layer, x = CoarsenedLinear(clusters, 2, 2), signals(len(clusters), 2)
    finer = [f"{label} {random.randrange(2)}" for label in clusters]
    assert torch.allclose(layer.refined(finer)(x), layer(x), atol=1e-5)


def test_cuts_that_do_not_divide_are_not_nested():
    layer = CoarsenedLinear(patches((28, 28), 4).tolist())
    with pytest.raises(BadInput, match="no finer"):
        layer.refined(patches((28, 28), 14).tolist())
    layer.refined(patches((28, 28), 28).tolist())


def test_a_gradient_step_changes_each_cluster_its_own_way():
    torch.manual_seed(0)
    layer = CoarsenedLinear([0, 0, 1, 1], 1, 1)
    before = [layer.w_diag.clone(), layer.w_off.clone()]
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.1)
    layer(signals(4, 1)).square().sum().backward()
    optimizer.step()
    for old, new in zip(before, (layer.w_diag, layer.w_off), strict=True):
        steps = (new - old).flatten()
        assert len(steps.unique()) == len(steps)


@pytest.mark.parametrize(
    "group",
    [zs.trivial(4), zs.cyclic(5), zs.dihedral(6), zs.symmetric(4)],
    ids=["trivial", "cyclic", "dihedral", "symmetric"],
)
def test_any_group_by_its_orbits(group):
    generators = [list(one) for one in group.generators]
    layer, x = OrbitLinear(group.degree, generators, 2, 3), signals(group.degree, 2)
    assert layer.weight.shape == (3, 2, zs.rank(group))
    assert zs.equivariance_error(layer, group, x) < 1e-5
    if zs.rank(group) < group.degree**2:
        swap = list(range(group.degree))
        swap[0], swap[1] = 1, 0
        other = zs.PermutationGroup(group.degree, (tuple(swap),))
        commutes = zs.equivariance_error(layer, other, x) < 1e-5
        assert commutes == (zs.rank(group) == 2)


def test_layers_follow_each_other():
    layers = torch.nn.ModuleList(
        CoarsenedLinear([0, 1, 1], one, other) for one, other in widths(2, 4, 3, 1)
    )
    x = signals(3, 2)
    expected = layers[2](layers[1](layers[0](x).relu()).relu())
    assert torch.allclose(through(layers, x), expected, atol=1e-6)
    with pytest.raises(BadInput, match="layers=0"):
        widths(1, 4, 0, 1)


def test_what_is_no_group_is_refused():
    with pytest.raises(BadInput, match="cluster 0 of 2 nodes to cluster 1 of 1"):
        CoarsenedLinear([0, 0, 1], coarse=[[1, 0]])
    with pytest.raises(BadInput, match="no permutation"):
        CoarsenedLinear([0, 1], coarse=[[0, 0]])
    with pytest.raises(BadInput, match="up to 400 nodes"):
        OrbitLinear(401)
    for wrong in ([], [[0, 1]], [0.5, 1.0], [float("nan"), 1.0], [None, 1]):
        with pytest.raises(BadInput, match=r"[Cc]lusters"):
            CoarsenedLinear(wrong)
