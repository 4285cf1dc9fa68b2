"""The populations are those of the paper, and samples are theirs."""

from __future__ import annotations

import numpy as np
import pytest
from zoo_pca_ols import experiments
from zoo_pca_ols.simulators import COVARIANCES, joint_model, linear_model, spectrum

from zoo_core import BadInput


def rng(seed=0):
    return np.random.default_rng(seed)


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
