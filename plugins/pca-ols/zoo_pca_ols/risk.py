"""Risk, bias and variance in closed form, for a known population (section 3 of the paper).

x ~ N(0, C), y = x^T beta + e, e ~ N(0, sigma^2). A covariance is given whole, (p, p), or by its
diagonal, (p,). No square root of C is taken anywhere: what is needed are quadratic forms.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from zoo_core import BadInput
from zoo_pca_ols.factorization import Array, Factorization


class Risk(NamedTuple):
    """Squared bias and variance given the design, in squared units of y; risk adds the noise.

    Each is a number, or an array with a value for each number of components.
    """

    bias: Array
    variance: Array
    noise: float

    @property
    def risk(self) -> Array:
        """bias + variance + sigma^2, the expected squared error on a new row."""
        return self.bias + self.variance + self.noise


def times(covariance: Array, columns: Array) -> Array:
    """Return C A for columns A (p, ...), with C (p, p) or its diagonal (p,)."""
    if covariance.ndim == 2:
        return covariance @ columns
    return covariance.reshape(-1, *[1] * (columns.ndim - 1)) * columns


def excess_risk(coefficients: Array, beta: Array, covariance: Array) -> Array:
    """Return (b - beta)^T C (b - beta) for coefficients b, (p,) or one a column (p, m).

    The risk E (x^T b - y)^2 less sigma^2.
    """
    gap = (coefficients.T - beta).T
    excess: Array = np.sum(gap * times(covariance, gap), axis=0)
    return excess


def projected_risk(
    design: Array, projection: Array, beta: Array, covariance: Array, sigma: float
) -> Risk:
    """Return bias and variance of least squares on X Pi, given X (n, p), for Pi (p, h).

    With M = Pi (X Pi)^+ and P = M X: bias^2 = |C^(1/2) (I - P) beta|^2 and variance =
    sigma^2 tr(C M M^T).
    """
    inverse = projection @ np.linalg.pinv(design @ projection)
    missed = beta - inverse @ (design @ beta)
    bias = np.asarray(missed @ times(covariance, missed))
    variance = sigma**2 * np.sum(inverse * times(covariance, inverse))
    return Risk(bias, np.asarray(variance), sigma**2)


def pca_risk_path(found: Factorization, beta: Array, covariance: Array, sigma: float) -> Risk:
    """Return bias and variance (r + 1,) of PCA-OLS with 0 to r components, given the design.

    P = V_k V_k^T and variance = sigma^2 tr(V_k S_k^-2 V_k^T C); k = r is min-norm OLS. The design
    is not centred: the population's mean is zero.
    """
    if found.centred:
        raise BadInput("The closed forms are for designs without centring; factorize(centre=False)")
    along = found.v * (found.v.T @ beta)  # (p, r): what each component catches of beta
    missed = beta[:, None] - np.concatenate([np.zeros((len(beta), 1)), along.cumsum(axis=1)], 1)
    bias = np.sum(missed * times(covariance, missed), axis=0)
    spent = np.sum(found.v * times(covariance, found.v), axis=0) / found.s**2
    variance = sigma**2 * np.concatenate([[0.0], np.cumsum(spent)])
    return Risk(bias, variance, sigma**2)


def population_coefficients(covariance: Array, cross_covariance: Array) -> Array:
    """Return C_xx^+ C_xy (p,), the best linear predictor; C_xx (p, p) or its diagonal (p,)."""
    if covariance.ndim == 1:
        safe = np.where(covariance > 0, covariance, 1.0)
        return np.where(covariance > 0, cross_covariance / safe, 0.0)
    return np.linalg.pinv(covariance, hermitian=True) @ cross_covariance


def isotropic_excess_risk(n: int, p: int, beta_norm: float, sigma: float) -> float:
    """Return the expected excess risk of min-norm OLS for x ~ N(0, I_p), exactly.

    sigma^2 p / (n - p - 1) for n > p + 1, and |beta|^2 (1 - n / p) + sigma^2 n / (p - n - 1) for
    p > n + 1, by the mean of an inverse Wishart matrix.

    Raises `BadInput` for p within one of n, where the expectation is infinite.
    """
    if abs(n - p) <= 1:
        raise BadInput(f"The expected risk is infinite for n={n}, p={p}; they must differ by 2.")
    if n > p:
        return sigma**2 * p / (n - p - 1)
    return beta_norm**2 * (1 - n / p) + sigma**2 * n / (p - n - 1)
