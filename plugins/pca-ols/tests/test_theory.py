"""Closed forms, simulators, the attack and the linear networks against direct computation."""

from __future__ import annotations

import numpy as np
import pytest
from zoo_pca_ols import experiments
from zoo_pca_ols.attack import Poison, add_row, interpolator_update, least_squares_update, poison
from zoo_pca_ols.estimators import OLS, PCAOLS, PLS, OraclePCR, RandomProjection, Ridge
from zoo_pca_ols.factorization import factorize
from zoo_pca_ols.networks import TwoLayerNet
from zoo_pca_ols.risk import (
    excess_risk,
    isotropic_excess_risk,
    pca_risk_path,
    projected_risk,
    times,
)
from zoo_pca_ols.simulators import COVARIANCES, joint_model, linear_model, spectrum

from zoo_core.errors import BadInput

RAW = {"fit_intercept": False}


def rng(seed=0):
    return np.random.default_rng(seed)


# --- risk ---


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


# --- simulators ---


def test_populations_are_those_of_the_paper():
    model = linear_model("isotropic", 16)
    assert np.linalg.norm(model.beta) == pytest.approx(8.9104, abs=5e-5)
    assert model.sigma == pytest.approx(8.9104 / 16, abs=1e-4)
    assert linear_model("isotropic", 16, misaligned=True).sigma == model.sigma
    values = spectrum("gapped")
    assert values[0] == 1 and values[15] / values[16] > 90
    assert spectrum("exponential")[3] == pytest.approx(np.exp(-3))
    assert spectrum("polynomial")[3] == pytest.approx(1 / 16)
    joint = joint_model()
    np.testing.assert_allclose(joint.root @ joint.root.T, joint.covariance, atol=1e-6)
    top = np.linalg.eigvalsh(joint.covariance)[::-1]
    assert top[31] / top[32] > 90
    # The unexplained variance is the Schur complement: 1 over the precision's last diagonal entry.
    assert joint.noise(512) == pytest.approx(1 / np.linalg.inv(joint.covariance)[-1, -1], rel=1e-4)
    assert joint.noise(128) > joint.noise(256) > joint.noise(512)


def test_samples_have_the_covariance_and_leave_the_global_state():
    np.random.seed(7)
    before = np.random.get_state()[1].copy()
    for name in COVARIANCES:
        model = linear_model(name, 16)
        sample = model.draw(4000, rng())
        np.testing.assert_allclose(sample.x.var(axis=0), model.spectrum, rtol=0.15)
        residual = sample.y - sample.x @ model.beta
        assert residual.std() == pytest.approx(model.sigma, rel=0.05)
    joint = joint_model().draw(3000, rng(), p=40)
    residual = joint.y - joint.x @ joint_model().best(40)
    assert residual.var() == pytest.approx(joint_model().noise(40), rel=0.1)
    experiments.projections(linear_model("gapped", 16), rng(), grid=(1, 60), draws=1)
    assert np.array_equal(before, np.random.get_state()[1])


@pytest.mark.parametrize(("name", "snr"), [("cubic", 16), ("gapped", 0), ("gapped", -1)])
def test_unknown_populations(name, snr):
    with pytest.raises(BadInput, match="expected"):
        linear_model(name, snr)


# --- experiments: the shared factorisation gives what fitting one by one gives ---


def test_grid_of_section_7_2_is_fitting_one_by_one():
    model, grid = linear_model("gapped", 16), (1, 10, 50, 60, 100)
    found = experiments.projections(model, rng(5), grid=grid, draws=1)
    draws = rng(5)
    train, test = model.draw(50, draws), model.draw(256, draws)

    def error(fit):
        return np.mean((fit.fit(train.x, train.y).predict(test.x) - test.y) ** 2)

    for place, k in enumerate(grid):
        inside = min(k, 50)
        assert found["pca"][place] == pytest.approx(error(PCAOLS(inside, **RAW)))
        assert found["pls"][place] == pytest.approx(error(PLS(inside, **RAW)), rel=1e-6)
        if k != 50:  # where the condition number decides
            oracle = OraclePCR(model.spectrum, min(k, 75), **RAW)
            assert found["oracle"][place] == pytest.approx(error(oracle), rel=1e-5)
    assert found["orthogonal"][-1] == pytest.approx(found["ols"][0], rel=1e-6)
    penalty = experiments.PENALTIES[20]
    assert found["ridge"][20] == pytest.approx(error(Ridge(penalty, **RAW)))
    assert found["null"][0] == pytest.approx(np.mean(test.y**2))


@pytest.mark.parametrize("h", [10, 60, 75])
def test_ridge_on_orthogonal_directions(h):
    model = linear_model("polynomial", 4)
    train, test = model.draw(50, rng()), model.draw(100, rng(1))
    fit = RandomProjection(h, kind="orthogonal", penalty="loo", **RAW).fit(train.x, train.y)
    found = factorize(train.x, centre=False)
    basis = np.hstack([fit.components_, np.zeros((75, 75 - h))])
    got = experiments.ridged_errors(found, train.y, basis, test, (h,))
    assert got[0] == pytest.approx(np.mean((fit.predict(test.x) - test.y) ** 2), rel=1e-6)


# --- the attack ---


def test_interpolators_move_by_the_exact_update():
    x, y = rng().standard_normal((10, 25)), rng(1).standard_normal(10)
    before = OLS(**RAW).fit(x, y).coef_
    row = Poison(rng(2).standard_normal(25), 3.0)
    after = OLS(**RAW).fit(*add_row(x, y, row)).coef_
    np.testing.assert_allclose(interpolator_update(x, before, row), after, rtol=1e-10, atol=1e-12)
    outside = row.x - np.linalg.pinv(x) @ (x @ row.x)
    moved = abs(row.y - row.x @ before) / np.linalg.norm(outside)
    assert np.linalg.norm(after - before) == pytest.approx(moved)
    with pytest.raises(BadInput, match="row space"):
        interpolator_update(x, before, Poison(x[3], 0.0))


def test_overdetermined_fits_move_by_sherman_and_morrison():
    x, y = rng().standard_normal((25, 10)), rng(1).standard_normal(25)
    before = OLS(**RAW).fit(x, y).coef_
    row = poison(x, rng(2))
    after = OLS(**RAW).fit(*add_row(x, y, row)).coef_
    np.testing.assert_allclose(least_squares_update(x, before, row), after, rtol=1e-9)
    with pytest.raises(BadInput, match="dependent"):
        least_squares_update(np.hstack([x, x]), np.append(before, before), row)


def test_excess_risk_grows_as_the_inverse_square_of_epsilon():
    model = linear_model("isotropic", 16)
    train = model.draw(30, rng())
    risks = []
    for epsilon in (1e-3, 1e-4, 1e-5):
        bad = add_row(train.x, train.y, poison(train.x, rng(1), epsilon=epsilon))
        fit = OLS(**RAW).fit(*bad)
        risks.append(float(excess_risk(fit.coef_, model.beta, model.spectrum)))
    np.testing.assert_allclose(np.diff(np.log10(risks)), 2, atol=0.05)
    assert np.linalg.norm(poison(train.x, rng(1)).x) == pytest.approx(1)


def test_projection_and_penalty_withstand_the_attack():
    found = experiments.joint_sweep(joint_model(), rng(4), (32, 128, 400), attacked=True)
    after = {
        name: np.array(found[f"{name} attacked"]) / found[name]
        for name in found
        if f"{name} attacked" in found
    }
    assert (after["OLS"][1:] > 1e8).all() and after["OLS"][0] == pytest.approx(1, abs=1e-6)
    assert np.abs(after["PCA-OLS"] - 1).max() < 1e-3
    assert np.abs(after["ridge"] - 1).max() < 1e-2


# --- two-layer linear networks ---


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
