"""The claims on clouds: scores by hand, folds, and that a check sees what is wrong."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from zoo_clouds import lognormal
from zoo_clouds.mini import cosmo_mini_clouds
from zoo_cosmobench.checks import generator
from zoo_cosmobench.checks import velocities as own
from zoo_cosmobench.checks.parameters import folded
from zoo_cosmobench.checks.scores import r2, r2_gap, ratio_gap, ratio_r2


def test_scores_are_r2_and_as_wide_as_theory_says():
    rng = np.random.default_rng(0)
    truth = rng.normal(size=4000)
    errors = 0.5 * rng.normal(size=4000)
    found = r2(errors, truth)
    assert found.mean == pytest.approx(1 - (errors**2).mean() / truth.var())
    # Both mean squares have a relative spread of sqrt(2 / n).
    assert found.error == pytest.approx(0.25 * np.sqrt(4 / 4000), rel=0.1)
    gap = r2_gap(errors, 1.1 * errors, truth)
    assert gap.low > 0 and gap.mean == pytest.approx(0.21 * (1 - found.mean), rel=1e-6)
    assert r2_gap(errors, errors, truth).reach == 0
    sums = np.stack([errors**2, truth**2], 1)
    assert ratio_r2(sums).mean == pytest.approx(1 - (errors**2).mean() / (truth**2).mean())
    assert ratio_gap(sums, sums).mean == 0


def test_folds_test_each_cloud_once_and_learn_from_none_of_them():
    data = cosmo_mini_clouds()
    parts = [folded(data, fold) for fold in range(5)]
    tested = torch.cat([part.rows["test"] for part in parts])
    assert sorted(tested.tolist()) == list(range(1024))
    for part in parts:
        every = torch.cat(list(part.rows.values()))
        assert sorted(every.tolist()) == list(range(1024))
        assert abs(len(part.rows["val"]) / 1024 - 0.16) < 0.01


def test_the_generator_s_claim_sees_a_wrong_field(monkeypatch):
    cosmology = generator.Cosmology(0.3, 0.8)
    assert generator.left_over(cosmology, 100.0, 8) < 1e-12
    monkeypatch.setattr(
        generator, "displacement", lambda modes, side: 1.01 * lognormal.displacement(modes, side)
    )
    assert generator.left_over(cosmology, 100.0, 8) > 1e-3


def test_the_claim_on_features_sees_exchanged_sums(monkeypatch):
    """The published code takes sin x, sin y, cos z for sin x, cos y, sin z."""
    right = own.fourier

    def wrong(positions, box, frequencies, transverse):
        found = right(positions, box, frequencies, transverse)
        return found[:, [0, 2, 1]]

    monkeypatch.setattr(own, "fourier", wrong)
    found = own.separable(points=12).quantities
    assert found["largest distance of separable from double sums"] > 1e-3
