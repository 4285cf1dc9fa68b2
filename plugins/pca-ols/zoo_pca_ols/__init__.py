"""PCA-OLS (arXiv:2011.11477): the paper, its regressions, fitted models, data and claims.

The estimators are in `estimators/`, over the one factorisation of `factorization.py`; the modules
that carry what was fitted in `regression.py` and `networks.py`; the paper's experiments in
`experiments.py`.
"""

from zoo_core import hookimpl
from zoo_pca_ols.specs.data import DATASETS, METRICS
from zoo_pca_ols.specs.models import ARCHITECTURES, MODELS
from zoo_pca_ols.specs.paper import PAPER

ZOO_API = 2

zoo_papers = hookimpl(lambda: [PAPER])
zoo_architectures = hookimpl(lambda: ARCHITECTURES)
zoo_models = hookimpl(lambda: MODELS)
zoo_datasets = hookimpl(lambda: DATASETS)
zoo_metrics = hookimpl(lambda: METRICS)
