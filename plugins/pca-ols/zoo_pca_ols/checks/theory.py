"""The claims that have exact answers: bias and variance, and linear networks."""

from __future__ import annotations

import statistics
from typing import Any

import numpy as np

from zoo_core import Finding, Verdict, estimate
from zoo_core.statistics import at_least
from zoo_pca_ols import experiments
from zoo_pca_ols.checks.comparing import at, finding, generators, logs, told
from zoo_pca_ols.checks.projections import projection_rows
from zoo_pca_ols.estimators import OLS, RandomProjection
from zoo_pca_ols.factorization import factorize
from zoo_pca_ols.networks import TwoLayerNet
from zoo_pca_ols.risk import excess_risk, isotropic_excess_risk, pca_risk_path
from zoo_pca_ols.simulators import COVARIANCES, linear_model


def bias_and_variance() -> Finding:
    """Check the closed forms by simulation, and how bias and variance go with k."""
    verdicts: list[Verdict] = []
    figures: dict[str, Any] = {}
    parts = []
    trials, noises = 20, 400
    for covariance in COVARIANCES:
        model = linear_model(covariance, 16)
        paths, scores = [], []
        for rng in generators(trials, 40 + COVARIANCES.index(covariance)):
            x = model.draw(experiments.ROWS, rng).x
            found = factorize(x, centre=False)
            path = pca_risk_path(found, model.beta, model.spectrum, model.sigma)
            paths.append(path)
            k = 20
            noise = model.sigma * rng.standard_normal((experiments.ROWS, noises))
            target = found.u.T @ ((x @ model.beta)[:, None] + noise)
            fits = found.v[:, :k] @ (target[:k] / found.s[:k, None])
            seen = estimate(excess_risk(fits, model.beta, model.spectrum).tolist())
            scores.append((seen.mean - path.bias[k] - path.variance[k]) / seen.error)
        # Each score is standard normal if the closed form is right.
        verdicts.append("holds" if abs(statistics.fmean(scores)) * trials**0.5 <= 3 else "fails")
        rising = all(np.all(np.diff(path.variance) >= 0) for path in paths)
        verdicts.append("holds" if rising else "fails")
        bias, variance = (
            np.mean([getattr(path, part) for path in paths], axis=0)
            for part in ("bias", "variance")
        )
        figures[covariance] = {"bias": bias, "variance": variance, "noise": model.sigma**2}
        least = int(np.argmin(bias + variance))
        parts.append(
            f"{covariance}: least at k = {least}, simulation apart by "
            f"{statistics.fmean(scores) * trials**0.5:+.1f} standard errors"
        )
        figures[covariance]["best"] = least
    for n, p in ((100, 40), (50, 150)):
        values = []
        for rng in generators(400, 50 + p):
            beta = np.full(p, 1 / np.sqrt(p))
            x = rng.standard_normal((n, p))
            fit = OLS(fit_intercept=False).fit(x, x @ beta + rng.standard_normal(n))
            values.append(float(excess_risk(fit.coef_, beta, np.ones(p))))
        exact, seen = isotropic_excess_risk(n, p, 1.0, 1.0), estimate(values)
        verdicts.append("holds" if abs(seen.mean - exact) <= 3 * seen.error else "fails")
        parts.append(f"isotropic OLS n = {n}, p = {p}: {told(values)}, exactly {exact:.3f}")
    return finding(verdicts, "; ".join(parts), figures, trials)


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
    verdicts: list[Verdict] = ["holds" if max(row) <= 1e-3 else "fails" for row in gaps.values()]
    rows = projection_rows("isotropic", 16)
    peak, end = (experiments.GRID.index(h) for h in (50, 150))
    rise = logs(at(rows, "random", peak), at(rows, "random", end))
    verdicts.append(at_least(estimate(rise), 1.0))
    measured = (
        f"largest relative difference of predictions: second layer {max(gaps['second']):.1g} from "
        f"the random projection, first layer {max(gaps['first']):.1g} from OLS (h = 10, 25, 150); "
        f"random projection at h = 50 over h = 150: 10^{statistics.fmean(rise):.1f}"
    )
    return finding(verdicts, measured, gaps, trials)
