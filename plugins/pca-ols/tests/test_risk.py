"""Bias, variance and risk in closed form against direct computation."""

from __future__ import annotations

import numpy as np
import pytest
from zoo_pca_ols.estimators import OLS
from zoo_pca_ols.factorization import factorize
from zoo_pca_ols.risk import (
    excess_risk,
    isotropic_excess_risk,
    pca_risk_path,
    projected_risk,
    times,
)
from zoo_pca_ols.simulators import COVARIANCES, linear_model

from zoo_core import BadInput

RAW = {"fit_intercept": False}


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("whole", [False, True])
def test_path_of_risks_is_the_risk_of_each_projection(whole):
    model = linear_model("polynomial", 4)
    covariance = np.diag(model.spectrum) if whole else model.spectrum
    if whole:  # a covariance that is not diagonal: an element-wise square root would be wrong
        turn = np.linalg.qr(rng(1).standard_normal((75, 75)))[0]
        covariance = turn @ covariance @ turn.T
    x = model.draw(20, rng()).x
    found = factorize(x, centre=False)
    path = pca_risk_path(found, model.beta, covariance, model.sigma)
    assert path.bias.shape == path.variance.shape == (21,)
    for k in (1, 7, 20):
        one = projected_risk(x, found.v[:, :k], model.beta, covariance, model.sigma)
        assert path.bias[k] == pytest.approx(one.bias)
        assert path.variance[k] == pytest.approx(one.variance)
    assert path.bias[0] == pytest.approx(model.beta @ times(covariance, model.beta))
    assert path.variance[0] == 0
    np.testing.assert_allclose(path.risk, path.bias + path.variance + model.sigma**2)


def test_risks_agree_with_simulated_noise():
    model = linear_model("gapped", 4)
    x = model.draw(30, rng()).x
    projection = rng(1).standard_normal((75, 10))
    exact = projected_risk(x, projection, model.beta, model.spectrum, model.sigma)
    noise = model.sigma * rng(2).standard_normal((30, 4000))
    fits = projection @ (np.linalg.pinv(x @ projection) @ ((x @ model.beta)[:, None] + noise))
    seen = excess_risk(fits, model.beta, model.spectrum)
    error = seen.std() / np.sqrt(seen.size)
    assert abs(seen.mean() - exact.bias - exact.variance) < 4 * error


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_variance_grows_and_isotropic_bias_falls(covariance):
    model = linear_model(covariance, 16)
    path = pca_risk_path(
        factorize(model.draw(50, rng()).x, centre=False), model.beta, model.spectrum, model.sigma
    )
    assert (np.diff(path.variance) >= 0).all()
    if covariance == "isotropic":
        assert (np.diff(path.bias) <= 1e-9).all()


@pytest.mark.parametrize(("n", "p"), [(40, 20), (20, 60)])
def test_isotropic_expectation_is_exact(n, p):
    beta = rng(1).standard_normal(p)
    values = []
    for seed in range(400):
        x = rng([2, seed]).standard_normal((n, p))
        y = x @ beta + 0.5 * rng([3, seed]).standard_normal(n)
        values.append(excess_risk(OLS(**RAW).fit(x, y).coef_, beta, np.ones(p)))
    exact = isotropic_excess_risk(n, p, float(np.linalg.norm(beta)), 0.5)
    assert abs(np.mean(values) - exact) < 4 * np.std(values) / 20


def test_no_expectation_near_the_peak():
    with pytest.raises(BadInput, match="infinite"):
        isotropic_excess_risk(50, 51, 1.0, 1.0)
