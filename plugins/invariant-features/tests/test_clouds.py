"""OI-DS: invariant under turning and naming in any dimension, and not under moving."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from zoo_invariant_features.clouds.centroids import CENTROIDS, kmeans, polar, radial
from zoo_invariant_features.clouds.oi_ds import FEATURES, OIDS
from zoo_invariant_features.clouds.pairs import normalised
from zoo_molecules.symmetric import as_symmetric

from zoo_core import BadInput, Notice


def cloud(count, seed, dimension):
    rng = np.random.default_rng(seed)
    return normalised(rng.standard_normal((count, dimension)) ** 3, "it")


def network(features, dimension):
    torch.manual_seed(0)
    return OIDS(features, dimension, 8, 4).double().eval()


@torch.no_grad()
def told(module, points):
    return module(*module.inputs_of([points]))[0]


@settings(max_examples=20)
@given(st.integers(1, 8), st.integers(12, 20), st.integers(0, 50), st.sampled_from(FEATURES))
def test_it_hears_neither_turns_nor_names(dimension, count, seed, features):
    module, points = network(features, dimension), cloud(count, seed, dimension)
    rng = np.random.default_rng(seed)
    turn, _ = np.linalg.qr(rng.standard_normal((dimension, dimension)))
    turn[:, 0] *= rng.choice([-1, 1])
    moved = (points @ turn)[rng.permutation(count)]
    assert torch.allclose(told(module, moved), told(module, points), atol=1e-6)


@pytest.mark.parametrize("features", FEATURES)
def test_it_hears_where_a_cloud_is(features):
    module, points = network(features, 3), cloud(15, 0, 3)
    assert not torch.allclose(told(module, points + 0.3), told(module, points), atol=1e-6)


@pytest.mark.parametrize("name", CENTROIDS)
@pytest.mark.parametrize("dimension", [1, 2, 5])
def test_centroids_determine_a_cloud_up_to_turns(name, dimension):
    points = cloud(30, 3, dimension)
    c = CENTROIDS[name](points)
    assert np.linalg.matrix_rank(c) == dimension
    outer = c @ c.T
    assert np.allclose(outer, outer.T) and np.linalg.eigvalsh(outer).min() > -1e-12
    # V = (V C^T) (C C^T)^+ C
    assert np.allclose(points @ c.T @ np.linalg.pinv(outer) @ c, points, atol=1e-6)
    q = polar(c)
    assert np.allclose(q.T @ q, np.eye(dimension))
    assert np.allclose(np.linalg.norm(points @ q.T, axis=1), np.linalg.norm(points, axis=1))


def test_as_many_means_as_dimensions_are_too_few_for_a_centred_cloud():
    points = cloud(40, 1, 3)
    assert np.linalg.matrix_rank(kmeans(points, 3), tol=1e-9) == 2
    assert np.linalg.matrix_rank(kmeans(points), tol=1e-9) == 3


def test_radial_vectors_by_hand():
    points = np.array([[1.0, 0.0], [0.0, 2.0]])
    radii = np.array([1, 2]) / np.sqrt(2.5)
    found = radial(points)
    for row, middle in zip(found, (0.5, 1.5), strict=True):
        weights = np.exp(-((radii - middle) ** 2) * 9 / 2)
        assert np.allclose(row, weights / weights.sum() * [1, 2])


def test_the_gram_version_is_ds_ci_of_the_gram_matrix():
    module, points = network("gram", 3), cloud(9, 2, 3)
    inputs = module.matrices.inputs_of(as_symmetric(points @ points.T))
    with torch.no_grad():
        expected = module.metric(module.matrices(*inputs))[0]
    assert torch.allclose(told(module, points), expected)


def test_distances_and_their_order():
    module = network("radial", 2)
    one, other = cloud(20, 0, 2), cloud(9, 1, 2)
    found = module.predict(5 * one + 7, other)
    assert found["points"] == [20, 9]
    with torch.no_grad():
        vectors = module(*module.inputs_of([one, other]))
        gap = module.scale * (vectors[0] - vectors[1]).norm() + module.shift
    assert found["distance"] == pytest.approx(float(gap), rel=1e-6)
    rows = module.embed(one, other)
    assert torch.allclose(rows, vectors)
    with torch.no_grad():
        module.scale.mul_(3)
        module.shift.add_(1)
    assert module.predict(one, other)["distance"] == pytest.approx(3 * float(gap) + 1, rel=1e-5)


def test_what_is_no_cloud_is_refused():
    module, points = network("radial", 2), cloud(9, 0, 2)
    for bad, message in (
        (None, "Give two clouds"),
        (points[:1], "two points or more"),
        (np.zeros((0, 2)), "two points or more"),
        (points[:, :1], "1 dimensions; this network takes 2"),
        (np.where(points == points[0, 0], np.nan, points), "NaN"),
        (np.ones((5, 2)), "in one place"),
        (np.zeros((3, 9)), "1 to 8 dimensions"),
        ("words", "words"),
    ):
        with pytest.raises(BadInput, match=message):
            module.predict(points, bad)
    line = np.stack([np.linspace(-1, 1, 6) ** 3, np.zeros(6)], 1)
    with pytest.warns(Notice, match="1 of its 2 dimensions"):
        module.predict(points, line)
    # A repeated point is a point of more weight.
    assert np.isfinite(module.predict(points, np.concatenate([points, points[:1]]))["distance"])
    for shape in (("log", 2), ("radial", 9), ("radial", 0)):
        with pytest.raises(BadInput):
            OIDS(*shape)
