"""Two-layer linear networks against the closed forms they tend to."""

from __future__ import annotations

import numpy as np
import pytest
from zoo_pca_ols.estimators import OLS, RandomProjection
from zoo_pca_ols.networks import TwoLayerNet

from zoo_core import BadInput


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("hidden", [5, 60])
def test_training_the_second_layer_is_the_random_projection(hidden):
    x, y = rng().standard_normal((20, 30)), rng(1).standard_normal(20)
    net = TwoLayerNet(hidden, steps=20_000).fit(x, y)
    exact = RandomProjection(hidden).fit(x, y)
    np.testing.assert_allclose(net.first_, exact.components_, rtol=1e-12)
    np.testing.assert_allclose(net.coef_, exact.coef_, atol=1e-6)


@pytest.mark.parametrize("hidden", [1, 4, 60])
def test_training_the_first_layer_is_least_squares_whatever_the_width(hidden):
    x, y = rng().standard_normal((12, 40)), rng(1).standard_normal(12)
    net = TwoLayerNet(hidden, mode="first", steps=5_000).fit(x, y)
    np.testing.assert_allclose(net.coef_, OLS().fit(x, y).coef_, atol=1e-7)
    np.testing.assert_allclose(net.first_ @ net.second_, net.coef_, atol=1e-12)


def test_training_both_layers_interpolates():
    x, y = rng().standard_normal((12, 40)), rng(1).standard_normal(12)
    net = TwoLayerNet(6, mode="both", steps=10_000).fit(x, y)
    np.testing.assert_allclose(net.predict(x), y, atol=1e-4)


def test_few_steps_are_plain_gradient_descent():
    x, y = rng().standard_normal((10, 14)), rng(1).standard_normal(10)
    for mode in ("second", "first", "both"):
        net = TwoLayerNet(8, mode=mode, steps=3, random_state=2, fit_intercept=False).fit(x, y)
        draws = rng(2)
        first = draws.standard_normal((14, 8)) / np.sqrt(14)
        second = draws.standard_normal(8) / np.sqrt(8)
        if mode == "second":
            second, design = np.zeros(8), x @ first
            for _ in range(3):
                second -= design.T @ (design @ second - y) / np.linalg.norm(design, 2) ** 2
        elif mode == "first":
            first = np.zeros((14, 8))
            rate = 1 / (np.linalg.norm(x, 2) ** 2 * (second @ second))
            for _ in range(3):
                first -= rate * np.outer(x.T @ (x @ first @ second - y), second)
        else:
            first, second = first / 100, second / 100
            size = np.linalg.norm(np.linalg.pinv(x) @ y)
            rate = 1 / (2 * np.linalg.norm(x, 2) ** 2 * size)
            for _ in range(3):
                slope = x.T @ (x @ first @ second - y)
                first, second = (
                    first - rate * np.outer(slope, second),
                    second - rate * first.T @ slope,
                )
        np.testing.assert_allclose(net.coef_, first @ second, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    "options", [{"mode": "third"}, {"steps": 0}, {"hidden": 2.5}, {"steps": True}], ids=str
)
def test_bad_networks(options):
    with pytest.raises(BadInput, match="expected"):
        TwoLayerNet(**options).fit(np.eye(4), np.arange(4.0))
