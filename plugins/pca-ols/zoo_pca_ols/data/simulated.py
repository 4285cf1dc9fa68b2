"""Samples of the paper's simulations as tables."""

from __future__ import annotations

import numpy as np

from zoo_pca_ols.data.table import RegressionData
from zoo_pca_ols.parameters import whole
from zoo_pca_ols.simulators import WIDTH, Sample, joint_model, linear_model


def gaussian_joint(
    *, n: int = 64, p: int = 128, tests: int = 256, repeat: int = 0
) -> RegressionData:
    """Return a sample of section 7.1: the last p of 512 features that 32 directions drive.

    Raises `BadInput` for sizes that are no whole numbers in range, or a bad repeat.
    """
    whole("p", p, 1, WIDTH)
    rng = _generator(n, tests, repeat)
    sample = joint_model().draw(n + tests, rng, p=p)
    return _simulated("gaussian-joint", sample, n)


def gaussian_linear(
    *,
    covariance: str,
    snr: float = 16.0,
    misaligned: bool = False,
    n: int = 50,
    tests: int = 256,
    repeat: int = 0,
) -> RegressionData:
    """Return a sample of section 7.2: y = x^T beta + e with 75 features.

    Raises `BadInput` for an unknown covariance, sizes that are no whole numbers in range, or a
    bad repeat.
    """
    rng = _generator(n, tests, repeat)
    model = linear_model(covariance, snr, misaligned=misaligned)
    sample = model.draw(n + tests, rng)
    return _simulated(f"gaussian-{covariance}", sample, n)


def _generator(n: int, tests: int, repeat: int) -> np.random.Generator:
    whole("n", n, 2)
    whole("tests", tests, 2)
    return np.random.default_rng(whole("repeat", repeat, 0))


def _simulated(name: str, sample: Sample, n: int) -> RegressionData:
    order = np.arange(len(sample.y))
    return RegressionData(sample.x, sample.y, {"train": order[:n], "test": order[n:]}, name)
