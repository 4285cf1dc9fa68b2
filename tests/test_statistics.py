"""Estimates against scipy and simulation; what is no result is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from zoo_core import Estimate, bootstrap, estimate, paired, resampled, runs_needed, together
from zoo_core._statistics import _student

numbers = st.floats(-1e6, 1e6)


@given(st.lists(numbers, min_size=2, max_size=20))
def test_an_estimate_is_the_t_interval(values):
    found = estimate(values)
    error = np.std(values, ddof=1) / math.sqrt(len(values))
    assert found.mean == pytest.approx(np.mean(values), abs=1e-6)
    assert found.error == pytest.approx(error, abs=1e-6)
    assert found.runs == len(values)
    half = stats.t.ppf(0.975, len(values) - 1) * error
    assert (found.low, found.high) == pytest.approx(
        (found.mean - half, found.mean + half), abs=1e-4, rel=1e-9
    )
    assert estimate([-one for one in values]) == -found


@given(st.floats(0.5, 0.9999), st.integers(1, 1100) | st.sampled_from([10**4, 10**6, 10**9]))
def test_quantiles_are_those_of_scipy(probability, freedom):
    assert _student(probability, freedom) == pytest.approx(
        stats.t.ppf(probability, freedom), rel=1e-9, abs=1e-12
    )


def test_a_paired_difference_drops_what_both_share():
    folds = [10.0, 50.0, 90.0]
    assert paired([fold + 1 for fold in folds], folds) == Estimate(1, 0, 0, 3)


@given(st.lists(numbers, min_size=2, max_size=50), st.floats(0.01, 0.9))
def test_runs_that_share_examples_have_the_corrected_error(values, share):
    found, plain = resampled(values, share), estimate(values)
    error = np.std(values, ddof=1) * math.sqrt(1 / len(values) + share / (1 - share))
    assert (found.mean, found.runs) == (plain.mean, plain.runs)
    assert found.error == pytest.approx(error, abs=1e-6)
    assert found.reach == pytest.approx(
        stats.t.ppf(0.975, len(values) - 1) * error, abs=1e-4, rel=1e-9
    )
    assert found.reach >= plain.reach


def test_no_number_of_folds_takes_the_shared_error_away():
    folds = [70.0, 72.0] * 5
    spread = np.std(folds * 10_000)
    assert estimate(folds * 10_000).error < 0.01
    assert resampled(folds * 10_000, 0.1).error == pytest.approx(spread / 3, rel=1e-3)


@pytest.mark.slow
def test_the_corrected_interval_covers_where_the_plain_one_does_not():
    """Repeated cross-validation of a majority vote, of which the true accuracy is known."""
    generator = np.random.default_rng(0)
    hits = {"plain": 0, "corrected": 0}
    for _ in range(200):
        labels = generator.random(100) < 0.7  # the majority class is right on 70 percent
        values = []
        for _ in range(20):
            for test in np.array_split(generator.permutation(100), 10):
                guess = np.delete(labels, test).mean() > 0.5
                values.append(float((labels[test] == guess).mean()))
        for name, found in (("plain", estimate(values)), ("corrected", resampled(values, 0.1))):
            hits[name] += found.low <= 0.7 <= found.high
    assert hits["plain"] < 130
    assert hits["corrected"] > 180


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: estimate([1.0]), "two or more, and got 1; .*`bootstrap`"),
        (lambda: estimate([]), "two or more, and got 0"),
        (lambda: estimate([1.0, math.nan]), "nan is no result"),
        (lambda: paired([1.0, 2.0], [1.0]), "as many runs on both sides, and got 2 and 1"),
        (lambda: resampled([1.0], 0.1), "two or more, and got 1"),
        (lambda: resampled([1.0, 2.0], 0), "a share of 0 "),
        (lambda: resampled([1.0, 2.0], 1), "a share of 1 "),
        (lambda: resampled([1.0, 2.0], math.nan), "a share of nan "),
        (lambda: bootstrap([1.0]), "two outcomes"),
        (lambda: bootstrap([1.0, math.inf]), "inf is no result"),
        (lambda: together([]), "from nothing"),
        (lambda: Estimate(math.nan, 0, 0), "mean=nan"),
        (lambda: Estimate(0, -1, 0), "error=-1"),
        (lambda: Estimate(0, 0, math.inf), "reach=inf"),
        (lambda: Estimate(0, 0, 0, 0), "one run or more"),
        (lambda: runs_needed(1, 0), "margin of 0"),
        (lambda: runs_needed(-1, 1), "spread of -1"),
        (lambda: runs_needed(math.nan, 1), "spread of nan"),
        (lambda: runs_needed(1, math.nan), "margin of nan"),
        (lambda: runs_needed(1, 1, power=0.2), "power"),
    ],
)
def test_what_is_no_result_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_a_bootstrap_is_the_percentile_interval():
    outcomes = np.random.default_rng(1).exponential(size=200)
    found = bootstrap(outcomes.tolist())
    theirs = stats.bootstrap(
        (outcomes,), np.mean, method="percentile", n_resamples=20_000, rng=np.random.default_rng(2)
    )
    low, high = theirs.confidence_interval
    assert found.mean == pytest.approx(outcomes.mean())
    assert found.reach == pytest.approx(max(found.mean - low, high - found.mean), rel=0.05)
    assert found.error == pytest.approx(theirs.standard_error, rel=0.05)
    assert found.runs == 1


def test_a_bootstrap_is_the_same_for_the_same_seed_only():
    outcomes = [0.0, 1.0, 1.0, 1.0, 0.0]
    assert bootstrap(outcomes) == bootstrap(outcomes)
    assert bootstrap(outcomes) != bootstrap(outcomes, seed=1)


def test_a_bootstrap_of_many_examples_is_drawn_in_blocks():
    found = bootstrap([0.0, 1.0] * 50_000, draws=100)
    assert found.mean == 0.5
    assert found.error == pytest.approx(0.5 / math.sqrt(100_000), rel=0.3)


def test_outcomes_that_are_all_the_same_have_no_spread():
    assert bootstrap([1.0] * 10) == Estimate(1, 0, 0)


@pytest.mark.parametrize(
    ("verdicts", "all_of_them"),
    [
        (["holds", "holds"], "holds"),
        (["holds", "not established"], "not established"),
        (["not established", "fails", "holds"], "fails"),
    ],
)
def test_together(verdicts, all_of_them):
    assert together(verdicts) == all_of_them


def clears(runs: int, spread: float, margin: float, power: float) -> bool:
    quantiles = stats.t.ppf([0.975, power], runs - 1).sum()
    return bool(quantiles * spread / math.sqrt(runs) <= margin)


@given(st.floats(0.01, 10), st.floats(0.1, 10), st.sampled_from([0.5, 0.8, 0.95]))
def test_the_runs_needed_are_the_fewest_that_clear(spread, margin, power):
    runs = runs_needed(spread, margin, power=power)
    assert clears(runs, spread, margin, power)
    assert runs == 2 or not clears(runs - 1, spread, margin, power)


def test_the_runs_needed_clear_the_bound_as_often_as_they_say():
    runs = runs_needed(1.0, 0.6)
    rows = np.random.default_rng(0).normal(0.6, 1.0, size=(4000, runs))
    reach = stats.t.ppf(0.975, runs - 1) * rows.std(axis=1, ddof=1) / math.sqrt(runs)
    assert (rows.mean(axis=1) - reach > 0).mean() == pytest.approx(0.8, abs=0.03)


def test_what_has_no_spread_needs_two_runs_and_what_is_close_needs_many():
    assert runs_needed(0, 1) == 2
    assert runs_needed(1, 1e-4) > 10**8
