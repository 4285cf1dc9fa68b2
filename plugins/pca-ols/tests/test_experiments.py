"""The experiments: what the shared factorisation gives is what fitting one by one gives."""

from __future__ import annotations

import numpy as np
import pytest
from zoo_pca_ols import experiments
from zoo_pca_ols.estimators import PCAOLS, PLS, OraclePCR, RandomProjection, Ridge
from zoo_pca_ols.factorization import factorize
from zoo_pca_ols.simulators import linear_model

RAW = {"fit_intercept": False}


def rng(seed=0):
    return np.random.default_rng(seed)


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
