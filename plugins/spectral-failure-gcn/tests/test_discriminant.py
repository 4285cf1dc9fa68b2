"""The discriminant against scikit-learn's, and where there is nothing to divide by."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from zoo_spectral_failure_gcn.discriminant import LinearDiscriminant

examples = settings(max_examples=30)
seeds = st.integers(0, 10**6)


def clouds(seed, n=60, k=3, classes=4):
    rng = np.random.default_rng(seed)
    labels = np.concatenate([np.arange(classes), rng.integers(0, classes, n - classes)])
    mixing = np.linalg.qr(rng.standard_normal((k, k)))[0] * np.arange(1, k + 1)
    points = (rng.standard_normal((classes, k))[labels] + rng.standard_normal((n, k))) @ mixing
    return torch.from_numpy(points + 5), torch.from_numpy(labels)


def fit(points, labels, classes):
    return LinearDiscriminant(points.shape[1], classes).to(points.dtype).fit(points, labels)


@examples
@given(seeds)
def test_posteriors_are_those_of_scikit_learn(seed):
    sklearn = pytest.importorskip("sklearn.discriminant_analysis")
    points, labels = clouds(seed)
    model = sklearn.LinearDiscriminantAnalysis().fit(points.numpy(), labels.numpy())
    priors = torch.bincount(labels).double() / len(labels)
    theirs, ours = (
        (log_posteriors - priors.log()).sub((log_posteriors - priors.log()).mean(1, keepdim=True))
        for log_posteriors in (
            torch.from_numpy(model.predict_log_proba(points.numpy())),
            fit(points, labels, 4)(points).log_softmax(dim=1),
        )
    )
    # Some releases divide the covariance by n and not, as here, by n - C.
    factor = 60 / 56 if abs(ours * 60 / 56 - theirs).max() < abs(ours - theirs).max() else 1.0
    np.testing.assert_allclose(factor * ours, theirs, atol=1e-3)


@examples
@given(seeds)
def test_affine_maps_of_the_points_change_nothing(seed):
    points, labels = clouds(seed)
    rng = np.random.default_rng(seed)
    moved = 100 * points * torch.from_numpy(rng.uniform(0.01, 10, 3)) - 7
    expected = fit(points, labels, 4)(points)
    np.testing.assert_allclose(fit(moved, labels, 4)(moved), expected, atol=1e-6)


@pytest.mark.parametrize("value", [0.0, 3.7])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_constant_points_give_the_most_frequent_class(value, dtype):
    labels = torch.tensor([0, 1, 1, 2, 1])
    points = torch.full((5, 2), value, dtype=dtype)
    points += torch.randn(5, 2).to(dtype) * torch.finfo(dtype).eps * value  # rounding
    logits = fit(points, labels, 3)(points)
    assert logits.isfinite().all()
    assert (logits.argmax(dim=1) == 1).all()


def test_collinear_coordinates_change_nothing():
    points, labels = clouds(0)
    twice = torch.cat([points, points, points[:, :1] + points[:, 1:2]], dim=1)
    np.testing.assert_allclose(
        fit(twice, labels, 4)(twice), fit(points, labels, 4)(points), atol=1e-3
    )


def test_classes_that_are_points_are_told_apart():
    points = torch.tensor([[0.0, 1.0], [0.0, 1.0], [0.0, -1.0], [0.0, -1.0]])
    labels = torch.tensor([0, 0, 1, 1])
    assert (fit(points, labels, 2)(points).argmax(dim=1) == labels).all()


@examples
@given(seeds)
def test_a_class_without_points_never_wins(seed):
    points, labels = clouds(seed)
    labels = torch.where(labels == 2, 0, labels)
    far = 1000 * torch.randn(500, 3, generator=torch.Generator().manual_seed(seed)).double()
    assert not (fit(points, labels, 4)(far).argmax(dim=1) == 2).any()


def test_fewer_points_than_classes_or_coordinates():
    points = torch.randn(3, 8, generator=torch.Generator().manual_seed(0))
    logits = fit(points, torch.tensor([4, 0, 2]), 6)(points)
    assert logits.isfinite().all()
