"""The estimators of section 3.2 of the paper's comparison, in the manner of scikit-learn.

Each has ``fit(X, y)``, ``predict(X)``, ``get_params()`` and takes part in scikit-learn's clone,
pipelines and searches; scikit-learn is a dependency for that, and for the lasso. Fitted, each has
``coef_`` (p,), ``intercept_``, ``x_mean_`` (p,), ``y_mean_``, ``rank_`` of the centred design and
``n_features_in_``. Means of the training rows are subtracted and added back; columns are never
scaled; with ``fit_intercept=False`` neither (as in the paper's simulations).

Whatever cannot be fitted raises `zoo_core.BadInput`, a ValueError, in one sentence.
"""

from zoo_pca_ols.estimators.components import PCAOLS, PLS
from zoo_pca_ols.estimators.lasso import Lasso
from zoo_pca_ols.estimators.latent import JointPCAOLS, LatentModel
from zoo_pca_ols.estimators.least_squares import OLS, Null
from zoo_pca_ols.estimators.population import OraclePCR, Population
from zoo_pca_ols.estimators.projections import RandomProjection, directions
from zoo_pca_ols.estimators.ridge import NoiseAugmentation, Ridge

__all__ = [
    "OLS",
    "PCAOLS",
    "PLS",
    "JointPCAOLS",
    "Lasso",
    "LatentModel",
    "NoiseAugmentation",
    "Null",
    "OraclePCR",
    "Population",
    "RandomProjection",
    "Ridge",
    "directions",
]
