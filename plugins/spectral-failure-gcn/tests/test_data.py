"""The random graphs: the model's exact facts, and the drawn graphs' bytes and frequencies."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from zoo_spectral_failure_gcn.data import (
    BAYES_ERROR,
    NORMAL,
    latent_positions,
    rdpg_segment,
    two_blocks,
)

import zoo
from zoo_core import BadInput

examples = settings(max_examples=30)
angles = st.floats(0, np.pi / 8)
R, H = 0.745, 0.3


def mean_position(delta):
    u = np.array([np.cos(NORMAL), np.sin(NORMAL)])
    v = np.array([np.sin(NORMAL), -np.cos(NORMAL)])
    return R * (u + np.tan(delta) * v)


@examples
@given(angles)
def test_probabilities_are_probabilities(delta):
    ends = latent_positions(np.array([0, 1]), np.array([0.0, 0.0]), delta)
    assert ((ends @ ends.T >= 0) & (ends @ ends.T <= 1)).all()
    assert np.linalg.norm(ends[0] - ends[1]) == pytest.approx(2 * H)


@examples
@given(angles, st.integers(0, 10**6))
def test_mean_position_is_off_the_normal_by_the_angle(delta, seed):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, 4000)
    positions = latent_positions(labels, rng.random(4000), delta)
    mean = mean_position(delta)
    assert np.arctan2(mean[1], mean[0]) == pytest.approx(NORMAL - delta)
    np.testing.assert_allclose(positions.mean(axis=0), mean, atol=0.02)


@examples
@given(st.integers(0, 10**6))
def test_expected_degrees_are_equal_at_angle_zero(seed):
    rng = np.random.default_rng(seed)
    positions = latent_positions(rng.integers(0, 2, 50), rng.random(50), 0.0)
    np.testing.assert_allclose(positions @ mean_position(0.0), R**2, atol=1e-12)


@pytest.mark.parametrize("delta", [0.0, 0.2, np.pi / 8])
def test_bayes_error_from_the_positions_is_a_quarter(delta):
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 200_000)
    positions = latent_positions(labels, rng.random(labels.size), delta)
    direction = np.array([np.sin(NORMAL), -np.cos(NORMAL)])
    middle = mean_position(delta) @ direction
    error = ((positions @ direction > middle) != labels).mean()
    assert error == pytest.approx(BAYES_ERROR, abs=0.005)
    # No other threshold is better.
    for shift in (-0.05, 0.05):
        assert ((positions @ direction > middle + shift) != labels).mean() > error


def test_edges_are_drawn_with_their_probabilities():
    graph = rdpg_segment(n=600, delta=0.3, seed=3)
    streams = np.random.SeedSequence(3).spawn(3)
    rng = np.random.Generator(np.random.PCG64(streams[0]))
    labels = (rng.random(600) < 0.5).astype(int)
    assert np.array_equal(graph.labels, labels)
    positions = latent_positions(labels, rng.random(600), 0.3)
    chances = (positions @ positions.T)[np.triu_indices(600, 1)]
    present = np.zeros((600, 600), bool)
    present[tuple(graph.edges)] = True
    present = present[np.triu_indices(600, 1)]
    cuts = np.quantile(chances, [0, 0.2, 0.5, 0.8, 1])
    for low, high in pairwise(cuts):
        chosen = (chances >= low) & (chances < high)
        spread = np.sqrt((chances * (1 - chances))[chosen].sum()) / chosen.sum()
        assert abs(present[chosen].mean() - chances[chosen].mean()) < 4 * spread


def test_the_same_bytes_everywhere():
    assert rdpg_segment(n=200, delta=0.1, seed=5).fingerprint() == SEGMENT
    assert two_blocks(n=200, seed=5).fingerprint() == BLOCKS


SEGMENT = "4aba6d2a9ff9cdce63be745126b73d1e5adccc735ea01cae2430f388206669bb"
BLOCKS = "1acafe4af86e349fa2ce855591a24aaabe2144202488bba56b4232da2ac6c533"


def test_registered_datasets_and_their_splits():
    graph = zoo.dataset("rdpg-segment", n=101, seed=2)
    assert graph.masks.keys() == {"train", "test"} and graph.masks["train"].sum() == 50
    assert (graph.masks["train"] ^ graph.masks["test"]).all()
    assert zoo.dataset("sbm", n=101, c=0.5).num_nodes == 101
    assert len({rdpg_segment(n=50, seed=seed).fingerprint() for seed in range(5)}) == 5


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n": 1}, "n=1"),
        ({"n": 2.5}, "n=2.5"),
        ({"seed": -1}, "seed=-1"),
        ({"delta": -0.1}, "delta"),
        ({"delta": "wide"}, "delta"),
        ({"delta": float("nan")}, "delta"),
        ({"delta": 1.0}, "shorter segment"),
        ({"h": 2.0}, "shorter segment"),
    ],
)
def test_bad_segments_are_one_sentence(options, message):
    with pytest.raises(BadInput, match=message) as caught:
        zoo.dataset("rdpg-segment", **options)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("options", [{"n": 0}, {"a": 1.5}, {"seed": "x"}])
def test_bad_blocks_are_one_sentence(options):
    with pytest.raises(BadInput):
        zoo.dataset("sbm", **options)
