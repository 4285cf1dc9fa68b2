"""The decoder's loss and gradient against autograd's."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.functional import binary_cross_entropy_with_logits
from zoo_graphs.graph import Graph
from zoo_spectral_failure_gcn import decoder
from zoo_spectral_failure_gcn.decoder import Reconstruction

examples = settings(max_examples=25)
seeds = st.integers(0, 10**6)


def random_graph(seed, n=14):
    rng = np.random.default_rng(seed)
    edges = np.stack([np.arange(n), (np.arange(n) + 1) % n])
    edges = np.concatenate([edges, rng.integers(0, n, (2, n))], axis=1)
    return Graph.from_edges(edges, rng.standard_normal((n, 3)))


def target_matrix(graph):
    target = torch.eye(graph.num_nodes, dtype=torch.float64)
    low, high = torch.from_numpy(graph.edges)
    target[low, high] = target[high, low] = 1
    return target


def points_of(seed, n, k=3, scale=1.0):
    generator = torch.Generator().manual_seed(seed)
    return scale * torch.randn(n, k, generator=generator, dtype=torch.float64)


@examples
@given(seeds, st.sampled_from([0.1, 1.0, 10.0]), st.sampled_from([1, 40, 2**20]))
def test_loss_and_gradient_are_those_of_autograd(seed, scale, block):
    graph = random_graph(seed)
    target = target_matrix(graph)
    n, ones = graph.num_nodes, target.sum()
    points = points_of(seed, n, scale=scale).requires_grad_()
    weight = (n * n - ones) / ones
    reference = binary_cross_entropy_with_logits(points @ points.T, target, pos_weight=weight)
    reference = reference * n * n / (2 * (n * n - ones))
    reference.backward()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decoder, "_BLOCK", block)
        own = Reconstruction(torch.from_numpy(graph.edges), n)
    assert own.loss(points).item() == pytest.approx(reference.item(), rel=1e-9)
    np.testing.assert_allclose(own.gradient(points.detach()), points.grad, atol=1e-12)


@examples
@given(seeds)
def test_loss_knows_points_up_to_a_rotation(seed):
    own = Reconstruction(torch.from_numpy(random_graph(seed).edges), 14)
    points = points_of(seed, 14)
    turn = torch.linalg.qr(points_of(seed + 1, 3)).Q
    assert float(own.loss(points @ turn)) == pytest.approx(float(own.loss(points)))


def test_loss_at_the_origin_is_log_two():
    own = Reconstruction(torch.from_numpy(random_graph(0).edges), 14)
    assert float(own.loss(torch.zeros(14, 2).double())) == pytest.approx(math.log(2))
