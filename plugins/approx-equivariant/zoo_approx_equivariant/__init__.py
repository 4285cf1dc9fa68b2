"""Approximately equivariant graph networks (arXiv:2308.10436): the paper and its models.

The layers are in `layers.py`, partitions in `coarsening.py`, the image network in `gnet.py`, the
chain of groups on a user's own graph in `chain.py`, the bias-variance formulas in `risk.py`.
"""

from zoo_approx_equivariant.specs.data import DATASETS, METRICS
from zoo_approx_equivariant.specs.models import ARCHITECTURES, MODELS
from zoo_approx_equivariant.specs.paper import PAPER
from zoo_core import hookimpl

ZOO_API = 2

zoo_papers = hookimpl(lambda: [PAPER])
zoo_architectures = hookimpl(lambda: ARCHITECTURES)
zoo_models = hookimpl(lambda: MODELS)
zoo_datasets = hookimpl(lambda: DATASETS)
zoo_metrics = hookimpl(lambda: METRICS)
