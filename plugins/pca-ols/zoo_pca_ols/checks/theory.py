"""The claims that have exact answers: bias and variance, and linear networks."""

from __future__ import annotations

import statistics
from typing import Any

import numpy as np

from zoo_core import Finding, estimate
from zoo_pca_ols import experiments
from zoo_pca_ols.checks.comparing import at, generators, logs, told
from zoo_pca_ols.checks.projections import projection_rows
from zoo_pca_ols.estimators import OLS, RandomProjection
from zoo_pca_ols.factorization import factorize
from zoo_pca_ols.networks import TwoLayerNet
from zoo_pca_ols.risk import Risk, excess_risk, isotropic_excess_risk, pca_risk_path
from zoo_pca_ols.simulators import COVARIANCES, LinearModel, linear_model

DESIGNS, NOISES, COMPONENTS = 20, 400, 20


def bias_and_variance() -> Finding:
    """Check the closed forms by simulation, and how bias and variance go with k."""
    figures: dict[str, Any] = {}
    distances, rising, parts = {}, [], []
    for covariance in COVARIANCES:
        model = linear_model(covariance, 16)
        drawn = [
            _simulated(model, rng)
            for rng in generators(DESIGNS, 40 + COVARIANCES.index(covariance))
        ]
        # Each score is standard normal if the closed form is right.
        mean_score = statistics.fmean(score for _, score in drawn)
        distances[covariance] = abs(mean_score) * DESIGNS**0.5
        rising += [bool(np.all(np.diff(path.variance) >= 0)) for path, _ in drawn]
        bias, variance = (
            np.mean([getattr(path, part) for path, _ in drawn], axis=0)
            for part in ("bias", "variance")
        )
        best = int(np.argmin(bias + variance))
        figures[covariance] = {
            "bias": bias,
            "variance": variance,
            "noise": model.sigma**2,
            "best": best,
        }
        parts.append(f"{covariance} {best}")
    isotropic = {}
    for n, p in ((100, 40), (50, 150)):
        values = _isotropic_excess(n, p)
        exact, seen = isotropic_excess_risk(n, p, 1.0, 1.0), estimate(values)
        isotropic[f"n = {n}, p = {p}: {told(values)}, exactly {exact:.3f}"] = (
            abs(seen.mean - exact) / seen.error
        )
    return Finding(
        quantities={
            "largest distance of simulated noise from the closed forms": max(distances.values()),
            "variance grows with the number of components": all(rising),
            "largest distance of isotropic OLS from its expected risk": max(isotropic.values()),
        },
        told=f"the least risk is at k = {', '.join(parts)}; isotropic OLS {'; '.join(isotropic)}",
        figures=figures,
        seeds=range(DESIGNS),
    )


def _simulated(model: LinearModel, rng: np.random.Generator) -> tuple[Risk, float]:
    """Return the closed forms for a random design, and a score of them by simulated noise.

    The score is how far the mean excess risk over draws of the noise is from bias and variance of
    20 components, in standard errors.
    """
    x = model.draw(experiments.ROWS, rng).x
    found = factorize(x, centre=False)
    path = pca_risk_path(found, model.beta, model.spectrum, model.sigma)
    k = COMPONENTS
    noise = model.sigma * rng.standard_normal((experiments.ROWS, NOISES))
    target = found.u.T @ ((x @ model.beta)[:, None] + noise)
    fits = found.v[:, :k] @ (target[:k] / found.s[:k, None])
    seen = estimate(excess_risk(fits, model.beta, model.spectrum).tolist())
    return path, float((seen.mean - path.bias[k] - path.variance[k]) / seen.error)


def _isotropic_excess(n: int, p: int) -> list[float]:
    """Return the excess risk of min-norm OLS for 400 samples of isotropic features."""
    beta = np.full(p, 1 / np.sqrt(p))
    values = []
    for rng in generators(400, 50 + p):
        x = rng.standard_normal((n, p))
        fit = OLS(fit_intercept=False).fit(x, x @ beta + rng.standard_normal(n))
        values.append(float(excess_risk(fit.coef_, beta, np.ones(p))))
    return values


def linear_networks() -> Finding:
    """Train two-layer linear nets, and hold them against the closed forms they tend to."""
    trials, widths = 5, (10, 25, 150)
    gaps: dict[str, list[float]] = {"second": [], "first": []}
    model = linear_model("isotropic", 16)
    for seed, rng in enumerate(generators(trials, 60)):
        train, test = (model.draw(n, rng) for n in (experiments.ROWS, 200))
        plain = OLS(fit_intercept=False).fit(train.x, train.y).predict(test.x)
        for hidden in widths:
            options: Any = {"random_state": seed, "fit_intercept": False}
            random = RandomProjection(hidden, **options).fit(train.x, train.y).predict(test.x)
            for mode, exact in (("second", random), ("first", plain)):
                net = TwoLayerNet(hidden, mode=mode, steps=20_000, **options)
                got = net.fit(train.x, train.y).predict(test.x)
                gaps[mode].append(float(np.linalg.norm(got - exact) / np.linalg.norm(exact)))
    rows = projection_rows("isotropic", 16)
    peak, end = (experiments.GRID.index(h) for h in (50, 150))
    second = "second layer trained: largest distance from the random projection"
    return Finding(
        quantities={
            second: max(gaps["second"]),
            "first layer trained: largest distance from OLS": max(gaps["first"]),
            "random projection at h = 50 over h = 150": logs(
                at(rows, "random", peak), at(rows, "random", end)
            ),
        },
        told=f"h = {', '.join(map(str, widths))}",
        figures=gaps,
        seeds=range(trials),
    )
