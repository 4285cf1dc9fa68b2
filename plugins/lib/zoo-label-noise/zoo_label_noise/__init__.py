"""Label noise for the zoo: transition matrices, generators, corrected accuracy, losses, estimators.

Only hooks live here; see `zoo_label_noise.transitions`, `corruption`, `accuracy`, `losses`,
`estimation` and `theory` for what plugins use. A transition matrix T is (K, K) with
T[i, j] = P(given label j | true label i): its rows sum to 1.
"""

from zoo_core import hookimpl
from zoo_label_noise.specs.data import DATASETS
from zoo_label_noise.specs.metrics import METRICS

ZOO_API = 2

zoo_datasets = hookimpl(lambda: DATASETS)
zoo_metrics = hookimpl(lambda: METRICS)
