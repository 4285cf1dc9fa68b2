"""One poisoned row, and the exact updates of the fits."""

from __future__ import annotations

import numpy as np
import pytest
from zoo_pca_ols import experiments
from zoo_pca_ols.attack import Poison, add_row, interpolator_update, least_squares_update, poison
from zoo_pca_ols.estimators import OLS
from zoo_pca_ols.risk import excess_risk
from zoo_pca_ols.simulators import joint_model, linear_model

from zoo_core import BadInput

RAW = {"fit_intercept": False}


def rng(seed=0):
    return np.random.default_rng(seed)


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
