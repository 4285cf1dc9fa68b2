from __future__ import annotations

import numpy as np
import pytest
from zoo_symmetric_label_noise.simulations import (
    bayes_accuracy,
    corners,
    gauss,
    neighbour_limit,
    posterior,
)

from zoo_core import BadInput


def test_the_bayes_rule_in_numbers():
    assert bayes_accuracy() == pytest.approx(0.870849, abs=1e-6)
    assert bayes_accuracy(3) == pytest.approx(0.812670, abs=1e-6)
    data = gauss(n=20, tests=100_000, rate=0.6)
    x = data.images[data.rows["test"]].numpy()
    eta = posterior(x)
    np.testing.assert_allclose(eta.sum(1), 1)
    found = (eta.argmax(1) == data.targets("test").numpy()).mean()
    assert found == pytest.approx(bayes_accuracy(), abs=4e-3)
    assert eta.max(1).mean() == pytest.approx(bayes_accuracy(), abs=4e-3)
    assert (np.sign(x) == np.sign(corners(2)[eta.argmax(1)])).all()


def test_the_posterior_is_that_of_the_densities():
    x = np.random.default_rng(0).standard_normal((50, 3)) * 2
    density = np.exp(-((x[:, None] - corners(3)) ** 2).sum(2) / 2)
    np.testing.assert_allclose(posterior(x), density / density.sum(1, keepdims=True))


def test_the_limits_of_one_neighbour():
    x = gauss(n=20, tests=50_000).images.numpy()
    for signal, expected in ((1.0, 0.81), (1 - 0.4 * 4 / 3, 0.51), (1 - 0.7 * 4 / 3, 0.29)):
        assert neighbour_limit(x, signal) == pytest.approx(expected, abs=0.01)


def test_what_leaves_no_points_is_refused():
    with pytest.raises(BadInput, match="20 or more points"):
        gauss(n=5)
    with pytest.raises(BadInput, match="between 0 and 1"):
        gauss(n=100, rate=1.5)
