"""The estimators: the invariants of the method, scikit-learn's own checks, and bad parameters."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.cross_decomposition import PLSRegression
from sklearn.decomposition import PCA
from sklearn.linear_model import LinearRegression
from sklearn.linear_model import Ridge as SklearnRidge
from sklearn.model_selection import GridSearchCV, KFold, ShuffleSplit, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import check_estimator
from zoo_pca_ols import estimators as est
from zoo_pca_ols.estimators.projections import directions
from zoo_pca_ols.factorization import (
    factorize,
    krylov_basis,
    leave_one_out,
    nested_coefficients,
)
from zoo_pca_ols.networks import TwoLayerNet
from zoo_pca_ols.selection import cross_validate

from zoo_core import BadInput

SHAPES = ((12, 5), (8, 8), (7, 20), (20, 19))


@st.composite
def problems(draw):
    """A design with decaying spectrum and a mean, and targets with signal and noise."""
    n, p = draw(st.sampled_from(SHAPES))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    decay = draw(st.sampled_from([0.0, 0.1, 0.3]))
    x = rng.standard_normal((n, p)) * np.exp(-decay * np.arange(p)) + rng.standard_normal(p)
    return x, x @ rng.standard_normal(p) + 0.3 * rng.standard_normal(n) + 5.0


def wide(n=20, p=50, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, p))
    return x, x[:, 0] + 0.1 * rng.standard_normal(n)


def every(x):
    """One of each estimator that needs no population, valid for the design."""
    rank = factorize(x).rank
    k = min(3, rank)
    return [
        est.Null(),
        est.OLS(),
        est.PCAOLS(k),
        est.PLS(k),
        est.Ridge(0.1),
        est.Ridge("loo"),
        est.RandomProjection(4),
        est.RandomProjection(4, kind="orthogonal", penalty="loo"),
        est.Lasso(0.05),
        est.JointPCAOLS(k),
        est.NoiseAugmentation(0.1, draws=3),
        est.LatentModel(k),
        est.OraclePCR(np.arange(x.shape[1], 0, -1.0), 2),
        est.Population(np.ones(x.shape[1]), np.ones(x.shape[1])),
    ]


def close(first, second, tolerance=1e-8):
    np.testing.assert_allclose(first, second, atol=tolerance * (1 + np.abs(second).max()), rtol=0)


# --- invariants of the method ---


@given(problems())
def test_all_components_are_least_squares_and_none_is_null(problem):
    x, y = problem
    ols = est.OLS().fit(x, y)
    centred = x - x.mean(axis=0)
    close(ols.coef_, np.linalg.pinv(centred) @ (y - y.mean()))
    for cls in (est.PCAOLS, est.PLS):
        close(cls(None).fit(x, y).coef_, ols.coef_, 1e-6)
        close(cls(0).fit(x, y).coef_, np.zeros(x.shape[1]))
    direction = centred.T @ (y - y.mean())
    first = est.PLS(1).fit(x, y).coef_
    assert first @ direction == pytest.approx(np.linalg.norm(first) * np.linalg.norm(direction))


@given(problems())
def test_fit_and_norm_grow_with_components_and_pls_fits_best(problem):
    x, y = problem
    rank = factorize(x).rank
    residual, norm = {}, {}
    for cls in (est.PCAOLS, est.PLS):
        fits = [cls(k).fit(x, y) for k in range(rank + 1)]
        residual[cls] = np.array([np.sum((fit.predict(x) - y) ** 2) for fit in fits])
        norm[cls] = np.array([np.linalg.norm(fit.coef_) for fit in fits])
        slack = 1e-9 * (1 + residual[cls][0])
        assert (np.diff(residual[cls]) <= slack).all()
        assert (np.diff(norm[cls]) >= -1e-7 * (1 + norm[cls][-1])).all()
    assert (residual[est.PLS] <= residual[est.PCAOLS] + slack).all()


@given(problems())
def test_pls_fits_as_well_as_as_many_gradient_steps(problem):
    x, y = problem
    x, y = x - x.mean(axis=0), y - y.mean()
    step = 1 / np.linalg.norm(x, 2) ** 2
    b = np.zeros(x.shape[1])
    for k in range(1, factorize(x).rank + 1):
        b = b + step * x.T @ (y - x @ b)
        found = est.PLS(k).fit(x, y).predict(x)
        assert np.sum((found - y) ** 2) <= np.sum((x @ b - y) ** 2) + 1e-8 * y @ y


@given(problems())
def test_coefficients_lie_in_the_row_space(problem):
    x, y = problem
    v = factorize(x).v
    for fit in (est.OLS(), est.PCAOLS(2), est.PLS(2), est.Ridge(0.1), est.JointPCAOLS(2)):
        b = fit.fit(x, y).coef_
        close(v @ (v.T @ b), b)


@given(problems(), st.integers(0, 1000))
def test_equivariance(problem, seed):
    x, y = problem
    rng = np.random.default_rng(seed)
    turn = np.linalg.qr(rng.standard_normal((x.shape[1], x.shape[1])))[0]
    order = rng.permutation(len(y))
    for fit in (est.OLS(), est.PCAOLS(3), est.PLS(3), est.Ridge(0.1), est.LatentModel(3)):
        b = clone(fit).fit(x, y).coef_
        close(clone(fit).fit(x @ turn, y).coef_, turn.T @ b, 1e-6)
        close(clone(fit).fit(x[order], y[order]).coef_, b, 1e-6)
        close(clone(fit).fit(np.vstack([x, x]), np.append(y, y)).coef_, b, 1e-6)
        if not isinstance(fit, est.LatentModel):
            close(clone(fit).fit(x, -3 * y).coef_, -3 * b, 1e-6)


@given(problems())
def test_ridge_is_a_filter_between_null_and_least_squares(problem):
    x, y = problem
    n, centred = len(y), x - x.mean(axis=0)
    b = est.Ridge(0.7).fit(x, y).coef_
    square = centred.T @ centred + n * 0.7 * np.eye(x.shape[1])
    close(b, np.linalg.solve(square, centred.T @ (y - y.mean())))
    close(b, SklearnRidge(alpha=0.7 * n).fit(x, y).coef_, 1e-6)
    close(est.Ridge(1e14).fit(x, y).coef_, np.zeros(x.shape[1]))
    close(est.Ridge(1e-15).fit(x, y).coef_, est.OLS().fit(x, y).coef_, 1e-5)


@given(problems(), st.sampled_from([1e-6, 1e-3, 0.1, 10.0]))
def test_leave_one_out_is_refitting_without_each_row(problem, penalty):
    x, y = problem
    n = len(y)
    errors = []
    for row in range(n):
        kept = np.arange(n) != row
        # The strength n lambda stays that of all rows.
        fit = est.Ridge(penalty * n / (n - 1)).fit(x[kept], y[kept])
        errors.append((fit.predict(x[[row]])[0] - y[row]) ** 2)
    found = leave_one_out(factorize(x), y, [penalty])[0]
    assert found == pytest.approx(np.mean(errors), rel=1e-5)


@given(problems(), st.integers(1, 4))
def test_same_as_scikit_learn(problem, k):
    x, y = problem
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a constant residual, where all is explained
        theirs = PLSRegression(k, scale=False).fit(x, y).predict(x).ravel()
    close(est.PLS(k).fit(x, y).predict(x), theirs, 1e-9)
    pipeline = make_pipeline(PCA(k, svd_solver="full"), LinearRegression()).fit(x, y)
    close(est.PCAOLS(k).fit(x, y).predict(x), pipeline.predict(x))


@given(problems())
def test_a_constant_column_changes_no_prediction(problem):
    x, y = problem
    more = np.insert(x, 1, 1234.5, axis=1)
    for fit in every(x):
        if isinstance(fit, est.RandomProjection | est.NoiseAugmentation | est.OraclePCR):
            continue  # other random numbers, or another population
        if isinstance(fit, est.Population):
            continue
        plain = clone(fit).fit(x, y).predict(x)
        close(clone(fit).fit(more, y).predict(more), plain, 1e-5)


def test_only_constant_columns_leave_the_mean():
    x, y = np.tile([1.0, -3.3, 1e8], (6, 1)), np.arange(6.0)
    for fit in (est.OLS(), est.PCAOLS(), est.PLS(), est.Ridge(1.0), est.RandomProjection(2)):
        assert fit.fit(x, y).rank_ == 0
        close(fit.predict(x), np.full(6, 2.5))


def test_rank_deficient_designs_are_cut_where_rounding_begins():
    x, y = wide(30, 6)
    doubled = np.hstack([x, x @ np.ones((6, 3)), 1e6 + x])
    fit = est.OLS().fit(doubled, y)
    assert fit.rank_ == 6
    close(fit.predict(doubled), est.OLS().fit(x, y).predict(x), 1e-6)
    with pytest.raises(BadInput, match="from 0 to 6"):
        est.PCAOLS(7).fit(doubled, y)


def test_pls_stays_orthogonal_for_many_components():
    """The raw Krylov basis degenerates after about 15."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((60, 100)) * 0.9 ** np.arange(100)
    y = rng.standard_normal(60)
    krylov = krylov_basis(factorize(x), y, 50)
    close(krylov.basis.T @ krylov.basis, np.eye(50), 1e-12)
    assert np.isfinite(est.PLS(50).fit(x, y).coef_).all()


def test_pls_stops_where_the_krylov_space_is_exhausted():
    x, y = np.vstack([np.eye(6), -np.eye(6)]), np.arange(12.0)
    fit = est.PLS(4).fit(x, y)
    assert fit.n_components_ == 1  # all singular values are equal
    close(fit.coef_, est.OLS().fit(x, y).coef_)


@given(problems(), st.integers(0, 1000))
def test_nested_projections_are_pseudo_inverses(problem, seed):
    x, y = problem
    found = factorize(x)
    # Without centring: the identity is stated for X of full row rank.
    found = factorize(x, centre=False)
    basis = directions(x.shape[1], 30, "gaussian", np.random.default_rng(seed))
    counts = (1, 3, found.rank + 4, 30, 99)
    got = nested_coefficients(found, y, basis, counts)
    for column, h in enumerate(counts):
        part = basis[:, :h]
        exact = part @ (np.linalg.pinv(x @ part) @ y)
        np.testing.assert_allclose(x @ got[:, column], x @ exact, atol=1e-5 * np.abs(y).max())
        close(got[:, column], exact, 1e-4)


def test_random_projections():
    x, y = wide()
    full = est.RandomProjection(80, kind="orthogonal").fit(x, y)
    assert full.components_.shape == (50, 50)
    close(full.coef_, est.OLS().fit(x, y).coef_)
    fit = est.RandomProjection(7, random_state=3).fit(x, y)
    centred = x - x.mean(axis=0)
    exact = fit.components_ @ np.linalg.pinv(centred @ fit.components_) @ (y - y.mean())
    close(fit.coef_, exact)
    assert est.RandomProjection(2000).fit(x, y).components_.var() == pytest.approx(1 / 50, rel=0.03)
    again = est.RandomProjection(7, random_state=3).fit(x, y)
    assert np.array_equal(again.coef_, fit.coef_)
    ridge = est.RandomProjection(7, random_state=3, penalty=2.0).fit(x, y)
    image = centred @ fit.components_
    a = np.linalg.solve(image.T @ image + 40 * np.eye(7), image.T @ (y - y.mean()))
    close(ridge.reduced_coef_, a)


def test_joint_components_reach_least_squares_and_zero():
    x, y = wide(40, 6)
    close(est.JointPCAOLS(7).fit(x, y).coef_, est.OLS().fit(x, y).coef_)
    found = est.JointPCAOLS(3).fit(x, y)
    joint = np.column_stack([x - x.mean(axis=0), y - y.mean()])
    _, s, vt = np.linalg.svd(joint, full_matrices=False)
    sigma = (vt[:3].T * s[:3] ** 2) @ vt[:3]
    close(found.coef_, np.linalg.pinv(sigma[:-1, :-1], rcond=1e-10) @ sigma[:-1, -1])


def test_noise_augmentation_is_near_ridge():
    x, y = wide(30, 200)
    scale = 0.5
    noisy = est.NoiseAugmentation(scale, draws=200).fit(x, y).coef_
    ridge = est.Ridge((200 + 30) * scale**2 / 30).fit(x, y).coef_
    assert np.linalg.norm(noisy - ridge) < 0.03 * np.linalg.norm(ridge)


def test_latent_model_recovers_latent_variables():
    rng = np.random.default_rng(0)
    latent, loadings = rng.standard_normal((60, 4)), rng.standard_normal((4, 100))
    x = latent @ loadings + 1e-3 * rng.standard_normal((60, 100))
    fit = est.LatentModel(4, fit_intercept=False).fit(x[:40], latent[:40, 1])
    np.testing.assert_allclose(fit.predict(x[40:]), latent[40:, 1], atol=0.01)


def test_oracle_and_population():
    x, y = wide(40, 6)
    spectrum = np.array([1.0, 5, 3, 2, 4, 6])
    fit = est.OraclePCR(spectrum, 2, fit_intercept=False).fit(x, y)
    assert set(np.flatnonzero(fit.coef_)) == {1, 5}
    whole = est.OraclePCR(np.diag(spectrum), 2, fit_intercept=False).fit(x, y)
    close(whole.coef_, fit.coef_)
    root = np.random.default_rng(1).standard_normal((6, 6))
    beta = np.arange(6.0)
    covariance = root @ root.T
    close(est.Population(covariance, covariance @ beta).fit(x, y).coef_, beta, 1e-6)


# --- choosing the number of components ---


def test_share_of_variance():
    x, y = wide(40, 6)
    x = x * [10, 3, 1, 1, 1, 0.1]
    s = np.linalg.svd(x - x.mean(axis=0), compute_uv=False) ** 2
    share = s.cumsum() / s.sum()
    for k in (1, 2, 4):
        assert est.PCAOLS(float(share[k - 1] - 1e-9)).fit(x, y).n_components_ == k
        assert est.PCAOLS(float(share[k - 1] + 1e-9)).fit(x, y).n_components_ == k + 1
    assert est.PCAOLS(0.5).fit(x, y).explained_variance_ratio_.sum() >= 0.5


@pytest.mark.parametrize("cls", [est.PCAOLS, est.PLS])
def test_cross_validation_is_refitting(cls):
    x, y = wide(23, 30)
    errors = cross_validate(cls._method, x, y, candidates=(1, 4, 7, 99), seed=5)
    assert list(errors) == [0, 1, 4, 7]
    order = np.array_split(np.random.default_rng(5).permutation(23), 5)
    for k, error in errors.items():
        total = 0.0
        for rows in order:
            kept = np.setdiff1d(np.arange(23), rows)
            fit = cls(k).fit(x[kept], y[kept])
            total += np.sum((fit.predict(x[rows]) - y[rows]) ** 2)
        assert error == pytest.approx(total / 23)


def test_cross_validation_finds_signals_and_refuses_noise():
    x, _ = wide(200, 20)
    x = x * ([30.0] * 3 + [1.0] * 17)
    noise = np.random.default_rng(9).standard_normal(200)
    fit = est.PCAOLS("cv").fit(x, x[:, :3].sum(axis=1) + 5 * noise)
    assert 3 <= fit.n_components_ <= 5
    assert fit.cv_errors_[3] < 0.1 * fit.cv_errors_[2]
    errors = est.PCAOLS("cv").fit(x, noise).cv_errors_
    assert min(errors.values()) > 0.95 * errors[0]


# --- scikit-learn ---


@pytest.mark.parametrize(
    "estimator",
    [
        est.Null(),
        est.OLS(),
        est.PCAOLS(),
        est.PCAOLS(0.9),
        est.PLS(),
        est.RandomProjection(3, kind="orthogonal", penalty="loo"),
        est.Ridge(),
        est.Lasso(0.1),
        est.JointPCAOLS(1),
        est.NoiseAugmentation(0.1),
        est.LatentModel(1),
        TwoLayerNet(3, steps=200),
    ],
    ids=repr,
)
def test_scikit_learns_own_checks(estimator):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = check_estimator(estimator, on_fail=None)
    assert len(found) > 40
    failed = {row["check_name"]: row["exception"] for row in found if row["status"] == "failed"}
    assert not failed


def test_searches_and_scores():
    x, y = wide(40, 20)
    search = GridSearchCV(est.PCAOLS(), {"n_components": [1, 5, 10, 15]}, cv=4).fit(x, y)
    assert search.best_params_["n_components"] in (5, 10, 15)
    assert cross_val_score(est.Ridge(), x, y, cv=4).mean() > 0.3
    params = est.PCAOLS(3, cv=7).get_params()
    assert params["n_components"] == 3 and params["cv"] == 7


def test_all_fit_predict_and_keep_their_inputs():
    x, y = wide()
    before = x.copy(), y.copy()
    for fit in every(x):
        fit.fit(x, y)
        rows = fit.predict(x)
        assert rows.shape == (20,) and np.isfinite(rows).all()
        close(rows, x @ fit.coef_ + fit.intercept_)
        assert np.array_equal(clone(fit).fit(x, y).coef_, fit.coef_)
    assert np.array_equal(x, before[0]) and np.array_equal(y, before[1])


def test_numpys_numbers_are_numbers():
    x, y = wide()
    for ours, plain in (
        (est.PCAOLS(np.int64(3)), est.PCAOLS(3)),
        (est.PCAOLS(np.float32(0.5)), est.PCAOLS(0.5)),
        (est.PLS(cv=np.int32(4), random_state=np.int64(1)), est.PLS(cv=4, random_state=1)),
        (est.Ridge(np.float64(0.1)), est.Ridge(0.1)),
        (est.RandomProjection(np.int64(3), random_state=np.int64(2)),
         est.RandomProjection(3, random_state=2)),
    ):  # fmt: skip
        close(ours.fit(x, y).coef_, plain.fit(x, y).coef_)


@pytest.mark.parametrize("cls", [est.PCAOLS, est.PLS])
def test_folds_as_scikit_learn_has_them(cls):
    x, y = wide(23, 30)
    parts = list(KFold(3).split(x))
    fits = [cls(cv=cv).fit(x, y) for cv in (KFold(3), parts, iter(parts))]
    for k in (1, 4):
        errors = [(cls(k).fit(x[a], y[a]).predict(x[b]) - y[b]) ** 2 for a, b in parts]
        for fit in fits:
            assert fit.cv_errors_[k] == pytest.approx(np.concatenate(errors).mean())
    assert cls(cv=None).fit(x, y).cv_errors_ == cls().fit(x, y).cv_errors_
    repeated = ShuffleSplit(3, test_size=5, random_state=0)
    assert cls(cv=repeated).fit(x, y).cv_errors_[0] > 0
    assert clone(cls(cv=KFold(3))).cv.n_splits == 3


PROJECTIONS = [est.PCAOLS(3), est.PLS(3), est.RandomProjection(3)]


@pytest.mark.parametrize("estimator", PROJECTIONS, ids=repr)
def test_projections_are_transformers(estimator):
    x, y = wide()
    frame = pd.DataFrame(x, columns=[f"x{i}" for i in range(50)])
    fit = clone(estimator).set_output(transform="pandas").fit(frame, y)
    scores = fit.transform(frame)
    names = [f"{type(estimator).__name__.lower()}{i}" for i in range(3)]
    assert list(scores.columns) == names == list(fit.get_feature_names_out())
    assert list(fit.feature_names_in_) == list(frame.columns)
    close(scores.to_numpy() @ fit.reduced_coef_ + fit.y_mean_, fit.predict(frame))
    close(clone(estimator).fit_transform(x, y), scores.to_numpy())
    follow = make_pipeline(clone(estimator), LinearRegression()).fit(x, y)
    close(follow.predict(x), fit.predict(frame), 1e-6)
    with pytest.raises(BadInput, match="eature names"):
        fit.predict(frame[frame.columns[::-1]])


def test_components_have_one_sign():
    x, y = wide()
    first = est.PCAOLS(3).fit(x, y)
    other = est.PCAOLS(3).fit(x[::-1], y[::-1])
    close(first.transform(x), other.transform(x))
    theirs = PCA(3, svd_solver="full").fit_transform(x)
    close(np.abs(first.transform(x)), np.abs(theirs))


@given(problems(), st.integers(0, 1000))
def test_weights_are_repetitions(problem, seed):
    x, y = problem
    weights = np.random.default_rng(seed).integers(0, 4, len(y))
    weights[:3] = 1, 2, 3
    repeated = x.repeat(weights, axis=0), y.repeat(weights)
    for fit in every(x):
        if isinstance(fit, est.NoiseAugmentation):
            continue
        try:
            expected = clone(fit).fit(*repeated)
        except BadInput:
            continue  # more components than the rows that are left have
        found = clone(fit).fit(x, y, sample_weight=weights)
        close(found.predict(x), expected.predict(x), 1e-5)


def test_weights_scale_nothing_in_least_squares():
    x, y = wide(30, 6)
    weights = np.random.default_rng(0).uniform(0.1, 2, 30)
    theirs = LinearRegression().fit(x, y, weights)
    for scale in (1.0, 1e-6):
        close(est.OLS().fit(x, y, scale * weights).predict(x), theirs.predict(x))
    close(
        est.Ridge(0.3).fit(x, y, weights).predict(x),
        SklearnRidge(alpha=0.3 * weights.sum()).fit(x, y, weights).predict(x),
    )


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (np.ones(19), "sample_weight"),
        (-np.ones(20), "[Nn]egative"),
        (np.eye(20)[0], "fewer than two rows"),
        (np.full(20, np.nan), "NaN"),
    ],
)
def test_bad_weights(weights, message):
    with pytest.raises(BadInput, match=message):
        est.OLS().fit(*wide(), sample_weight=weights)


# --- bad input ---

X, Y = wide()
HOLE = X.copy()
HOLE[4, 5] = np.nan
BAD = {
    "NaN": (est.PCAOLS(), HOLE, Y, "NaN"),
    "infinite target": (est.PCAOLS(), X, np.append(Y[1:], np.inf), "infinity"),
    "one row": (est.PCAOLS(), X[:1], Y[:1], "1 sample"),
    "no rows": (est.OLS(), X[:0], Y[:0], "0 sample"),
    "text": (est.OLS(), np.full((20, 3), "red"), Y, "could not convert string"),
    "lengths": (est.OLS(), X, Y[1:], "inconsistent numbers of samples"),
    "no target": (est.OLS(), X, None, "target y is None"),
    "a vector": (est.OLS(), Y, Y, "Reshape your data"),
    "beyond the rank": (est.PCAOLS(20), X, Y, "n_components is 20; .* from 0 to 19"),
    "PLS beyond the rank": (est.PLS(20), X, Y, "n_components is 20; .* from 0 to 19"),
    "negative": (est.PCAOLS(-1), X, Y, "from 0 to 19"),
    "true": (est.PCAOLS(True), X, Y, "from 0 to 19"),
    "share of 1": (est.PCAOLS(1.0), X, Y, "between 0 and 1"),
    "share for PLS": (est.PLS(0.9), X, Y, "whole number, 'cv' or None"),
    "words": (est.PCAOLS("mle"), X, Y, "'cv' or None"),
    "one fold": (est.PCAOLS(cv=1), X, Y, "into 1 folds"),
    "more folds than rows": (est.PLS(cv=21), X, Y, "into 21 folds"),
    "folds in words": (est.PLS(cv="three"), X, Y, "cv is 'three'"),
    "folds of nothing": (est.PLS(cv=[]), X, Y, "cv"),
    "folds of another table": (est.PLS(cv=KFold(30)), X, Y, "cannot split 20 rows"),
    "no penalty": (est.Ridge(0.0), X, Y, "penalty is 0.0"),
    "NaN penalty": (est.Ridge(float("nan")), X, Y, "penalty is nan"),
    "penalty in words": (est.Ridge("cv"), X, Y, "or 'loo'"),
    "lasso in words": (est.Lasso("loo"), X, Y, "or 'cv'"),
    "kind": (est.RandomProjection(3, kind="sparse"), X, Y, "'gaussian' or 'orthogonal'"),
    "no directions": (est.RandomProjection(0), X, Y, "from 1"),
    "joint beyond": (est.JointPCAOLS(21), X, Y, "from 1 to 19|from 1 to 20"),
    "scale": (est.NoiseAugmentation(-1.0), X, Y, "scale is -1.0"),
    "covariance": (est.OraclePCR(np.ones(3)), X, Y, r"shape \(3,\)"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_sentence(case):
    estimator, x, y, message = BAD[case]
    with pytest.raises(BadInput, match=message) as caught:
        estimator.fit(x, y)
    assert "\n" not in str(caught.value)


def test_rows_of_another_width_are_refused():
    with pytest.raises(BadInput, match="expecting 50 features"):
        est.OLS().fit(X, Y).predict(X[:, :49])
