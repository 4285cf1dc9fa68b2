"""The Gaussian data models of the paper's two experiment sections.

Populations are fixed, as in the paper: their random parts come from NumPy's legacy stream (which
never changes) with the seeds of the published notebooks. Samples come from the generator that is
given; nothing touches the global random state.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from zoo_core import BadInput
from zoo_pca_ols.factorization import Array
from zoo_pca_ols.risk import population_coefficients

COVARIANCES = ("isotropic", "gapped", "exponential", "polynomial")
FEATURES = 75  # of the data models of section 7.2
LATENT = 32  # boosted eigenvalues of the joint model of section 7.1
WIDTH = 512  # features of the joint model


@dataclass(frozen=True)
class Sample:
    """Rows X (n, p) and targets y (n,)."""

    x: Array
    y: Array


@dataclass(frozen=True)
class LinearModel:
    """x ~ N(0, diag(spectrum)), y = x^T beta + sigma e (section 7.2).

    `spectrum` (p,) are the variances, which are the eigenvalues of the covariance; `beta` is (p,),
    and `sigma` the standard deviation of the noise.
    """

    spectrum: Array
    beta: Array
    sigma: float

    def draw(self, n: int, rng: np.random.Generator) -> Sample:
        """Return n rows."""
        x = rng.standard_normal((n, self.spectrum.size)) * np.sqrt(self.spectrum)
        return Sample(x, x @ self.beta + self.sigma * rng.standard_normal(n))

    @property
    def principal(self) -> Array:
        """The population's principal axes (p, p), leading first: an ordering of the unit axes."""
        return np.eye(self.spectrum.size)[:, np.argsort(-self.spectrum, kind="stable")]


@cache
def _gapped() -> Array:
    square = np.random.RandomState(0).standard_normal((FEATURES, FEATURES))
    descending = np.linalg.eigvalsh(square @ square.T)[::-1]
    values: Array = descending / descending[0]
    values[16:] *= 0.01
    return values


def spectrum(name: str) -> Array:
    """Return the eigenvalues (75,) of one of `COVARIANCES`, descending.

    isotropic: 1; exponential: exp(-j) from j = 0; polynomial: j^-2 from j = 1; gapped: the
    eigenvalues of a Wishart matrix over the largest, those after the 16th times 0.01.

    Raises `BadInput` for an unknown name.
    """
    index = np.arange(FEATURES, dtype=float)
    values: Array
    if name == "isotropic":
        values = np.ones(FEATURES)
    elif name == "exponential":
        values = np.exp(-index)
    elif name == "polynomial":
        values = (index + 1) ** -2
    elif name == "gapped":
        values = _gapped().copy()
    else:
        raise BadInput(f"covariance is {name!r}; expected one of {', '.join(COVARIANCES)}.")
    return values


def linear_model(covariance: str, snr: float, *, misaligned: bool = False) -> LinearModel:
    """Return a data model of section 7.2, with signal-to-noise ratio |beta| / sigma.

    beta is one draw of N(0, I), the same for all covariances. `misaligned` takes beta_j = j
    instead, largest where the variance is smallest, and the noise of the aligned model.

    Raises `BadInput` for an unknown covariance, or a ratio that is not positive.
    """
    if not snr > 0:
        raise BadInput(f"snr is {snr!r}; expected a number above 0.")
    aligned = np.random.RandomState(0).standard_normal(FEATURES)
    sigma = float(np.linalg.norm(aligned)) / snr
    beta = np.arange(FEATURES, dtype=float) if misaligned else aligned
    return LinearModel(spectrum(covariance), beta, sigma)


@dataclass(frozen=True, eq=False)
class JointModel:
    """x and y jointly Gaussian, driven by 32 strong directions (section 7.1).

    `covariance` (513, 513) is that of the 512 features and, last, y; root root^T = covariance.
    """

    covariance: Array
    root: Array

    def draw(self, n: int, rng: np.random.Generator, *, p: int = WIDTH) -> Sample:
        """Return n rows with the last p of the 512 features."""
        rows = rng.standard_normal((n, WIDTH + 1)) @ self.root.T
        return Sample(rows[:, WIDTH - p : WIDTH], rows[:, WIDTH])

    def best(self, p: int = WIDTH) -> Array:
        """Return the coefficients (p,) of the best linear predictor from the last p features."""
        return _best(self, p)

    def noise(self, p: int = WIDTH) -> float:
        """Return the variance of y that the last p features leave unexplained."""
        chosen = slice(WIDTH - p, WIDTH)
        explained = self.covariance[chosen, WIDTH] @ self.best(p)
        return float(self.covariance[WIDTH, WIDTH] - explained)


@cache
def _best(model: JointModel, p: int) -> Array:
    chosen = slice(WIDTH - p, WIDTH)
    return population_coefficients(
        model.covariance[chosen, chosen], model.covariance[chosen, WIDTH]
    )


@cache
def joint_model() -> JointModel:
    """Return the model of section 7.1: F F^T, its 32 largest eigenvalues times 100."""
    square = np.random.RandomState(13).standard_normal((WIDTH + 1, WIDTH + 1))
    values, vectors = np.linalg.eigh(square @ square.T)
    values[-LATENT:] *= 100
    return JointModel((vectors * values) @ vectors.T, vectors * np.sqrt(values))
