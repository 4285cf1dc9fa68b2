"""The claims' verdicts: their statistics, and each check on errors made up to decide it."""

from __future__ import annotations

import importlib
import json

import numpy as np
import pytest
from scipy import stats
from zoo_pca_ols import experiments, pictures
from zoo_pca_ols.checks import comparing, joint, measured, projections, theory
from zoo_pca_ols.simulators import linear_model
from zoo_pca_ols.specs.paper import PAPER

import zoo
from zoo_core import BadInput, figures, together, value

HOLDS, FAILS, OPEN = "holds", "fails", "not established"
CLAIMS = {claim.name: claim for claim in PAPER.claims}


def verdict_of(name, finding):
    """What the claim's bounds make of a finding: the same as `zoo verify`."""
    bounds = CLAIMS[name].bounds
    assert set(finding.quantities) == set(bounds)
    return together([bound.judge(finding.quantities[key]) for key, bound in bounds.items()])


def check_of(string):
    module, _, name = string.partition(":")
    return getattr(importlib.import_module(module), name)


def test_distances_are_standard_errors_of_the_difference():
    values = np.random.default_rng(0).normal(10, 2, 50).tolist()
    mean, error = np.mean(values), np.std(values, ddof=1) * np.sqrt(1 / 10 + 1 / 50)
    (bound,) = CLAIMS["gaussian-table"].bounds.values()
    for shift, verdict in ((2.9, HOLDS), (-2.9, HOLDS), (3.1, FAILS), (-3.1, FAILS)):
        found = comparing.distance(values, mean + shift * error, 10)
        assert found == pytest.approx(abs(shift))
        assert bound.judge(found) == verdict


def test_intervals_of_medians_cover_the_median():
    rng = np.random.default_rng(0)
    hits = []
    for _ in range(400):
        found = comparing.median(rng.standard_cauchy(40).tolist())
        assert found.low <= found.mean <= found.high
        hits.append(found.low <= 0 <= found.high)
    assert 0.93 < np.mean(hits) <= 1
    found = comparing.median(list(range(100)))
    assert found.runs == 100 and found.mean == 49.5
    assert value(at_least=30).judge(found) == HOLDS
    assert value(at_least=49).judge(found) == OPEN
    assert value(at_least=70).judge(found) == FAILS


def test_ratios_of_means_have_the_interval_of_fieller():
    rng = np.random.default_rng(0)
    below = 5 + rng.standard_normal(200)
    above = 2 * below + 0.3 * rng.standard_normal(200)
    found = comparing.ratio_of_means(above.tolist(), below.tolist())
    assert found.mean == pytest.approx(above.mean() / below.mean())
    for end in (found.low, found.high):  # where a - end * b is just not resolved from zero
        gap = above - end * below
        t = abs(gap.mean()) / stats.sem(gap)
        assert t == pytest.approx(stats.t.ppf(0.975, 199), rel=0.05)


def test_null_error_is_held_against_what_it_is():
    model = linear_model("gapped", 16)
    exact = np.sum(model.spectrum * model.beta**2) + model.sigma**2
    values = (exact + np.random.default_rng(0).normal(0, 0.1, 50)).tolist()
    assert projections.null_distance(values, model) <= 3
    assert projections.null_distance([value + 0.2 for value in values], model) > 3


def sweep(**methods):
    """A made-up sweep of section 7.1 that returns these errors, with a little spread."""

    def run(model, rng, features, **options):
        return {
            name: [float(value(p) * rng.uniform(0.99, 1.01)) for p in features]
            for name, value in methods.items()
        }

    return run


def flat(p):
    return 1000.0 if p != 54 else 1500.0


@pytest.mark.parametrize(("peak", "verdict"), [(1e8, HOLDS), (1e5, FAILS)], ids=["sharp", "blunt"])
def test_peaks(monkeypatch, peak, verdict):
    made = sweep(OLS=lambda p: peak if p == 64 else 1e3, ridge=flat, **{"PCA-OLS": flat})
    monkeypatch.setattr(experiments, "joint_sweep", made)
    assert verdict_of("gaussian-peak", joint.gaussian_peak()) == verdict


def test_a_peak_of_pca_ols_fails(monkeypatch):
    bad = sweep(
        OLS=lambda p: 1e8 if p == 64 else 1e3,
        ridge=flat,
        **{"PCA-OLS": lambda p: 2000.0 if p == 64 else 1000.0},
    )
    monkeypatch.setattr(experiments, "joint_sweep", bad)
    assert verdict_of("gaussian-peak", joint.gaussian_peak()) == FAILS


@pytest.mark.parametrize(("pca", "verdict"), [(900, HOLDS), (1300, FAILS), (1132, OPEN)])
def test_order(monkeypatch, pca, verdict):
    made = sweep(
        **{"true beta": lambda p: 465.0, "PCA-OLS": lambda p: pca, "ridge": lambda p: 1132.2},
        OLS=lambda p: 1700.0,
        null=lambda p: 1e4,
    )
    monkeypatch.setattr(experiments, "joint_sweep", made)
    assert verdict_of("gaussian-order", joint.gaussian_order()) == verdict


@pytest.mark.parametrize(
    ("pca", "ols", "narrow", "verdict"),
    [(1.0, 1e12, 1.0, HOLDS), (1.1, 1e12, 1.0, FAILS), (1.0, 1e9, 1.0, FAILS),
     (1.0, 1e12, 1.01, FAILS)],
)  # fmt: skip
def test_attack(monkeypatch, pca, ols, narrow, verdict):
    def run(model, rng, features, **options):
        plain = {name: [1e3] * len(features) for name in ("OLS", "ridge", "PCA-OLS")}
        factor = {
            "OLS": [ols * rng.uniform(1, 1.1) if p > 64 else narrow for p in features],
            "ridge": [1 + 1e-3 * rng.random() for _ in features],
            "PCA-OLS": [pca + 1e-5 * rng.random() for _ in features],
        }
        after = {f"{name} attacked": [1e3 * f for f in row] for name, row in factor.items()}
        return {**plain, **after}

    monkeypatch.setattr(experiments, "joint_sweep", run)
    assert verdict_of("gaussian-attack", joint.gaussian_attack()) == verdict


@pytest.mark.parametrize(
    ("pca", "verdict"), [(0.070, HOLDS), (0.079, HOLDS), (0.081, FAILS), (0.0799, OPEN)]
)
def test_headline(monkeypatch, pca, verdict):
    spread = 0.004 if verdict == OPEN else 1e-4

    def splits(architecture, dataset, runs, **config):
        noise = np.random.default_rng(0).normal(0, spread, runs)
        return (noise - noise.mean() + (pca if architecture == "pca-ols" else 0.138)).tolist()

    monkeypatch.setattr(measured, "_splits", splits)
    assert verdict_of("gasoline-headline", measured.gasoline_headline()) == verdict


def test_headline_needs_the_distance_from_least_squares(monkeypatch):
    monkeypatch.setattr(
        measured,
        "_splits",
        lambda name, dataset, runs: (
            [0.07 + 1e-5 * i for i in range(runs)]
            if name == "pca-ols"
            else [0.1 + 1e-5 * i for i in range(runs)]
        ),
    )
    assert verdict_of("gasoline-headline", measured.gasoline_headline()) == FAILS


def test_networks_hold():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(projections, "TRIALS", 6)
        assert verdict_of("linear-networks", theory.linear_networks()) == HOLDS
    projections.projection_rows.cache_clear()


def test_real_sweeps_have_a_peak(data_or_skip):
    data_or_skip("gasoline")
    rows = measured._sweep("gasoline", (20, 39, 401), 5, 8)
    ols = [np.median(comparing.at(rows, "OLS", place)) for place in range(3)]
    assert ols[1] > 5 * ols[0] and ols[1] > 5 * ols[2]


# --- what is stored ---


@pytest.mark.parametrize("claim", PAPER.claims, ids=list(CLAIMS))
def test_checks_can_be_called_and_findings_are_stored(claim):
    assert callable(check_of(claim.check))
    assert len(json.dumps(figures("pca-ols", claim.name))) < 40_000
    (found,) = zoo.verify("pca-ols", claim=claim.name, stored=True)
    assert found.verdict in (HOLDS, FAILS, OPEN)
    assert found.measured and set(found.parts) == set(claim.bounds)


@pytest.mark.parametrize("picture", PAPER.pictures, ids=lambda picture: picture.name)
def test_pictures_are_drawn_from_what_is_stored(picture, tmp_path):
    pytest.importorskip("matplotlib")
    figure = check_of(picture.draw)()
    figure.savefig(tmp_path / "it.svg", format="svg")
    assert (tmp_path / "it.svg").stat().st_size < 300_000
    assert all(axes.lines for axes in figure.axes)


def test_a_picture_without_findings_says_what_to_run(monkeypatch):
    def nothing(paper, claim):
        return figures(paper, f"{claim}-of-nothing")

    monkeypatch.setattr(pictures, "figures", nothing)
    with pytest.raises(BadInput, match="zoo verify pca-ols --claim gaussian-peak"):
        pictures.double_descent()


def test_told_intervals_are_students():
    values = [1.0, 2.0, 4.0]
    reach = stats.sem(values) * stats.t.ppf(0.975, 2)
    assert comparing.told(values) == f"{np.mean(values):.3g} ± {reach:.1g}"
