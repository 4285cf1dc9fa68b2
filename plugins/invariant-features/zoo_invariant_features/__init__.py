"""Lightweight invariant features (arXiv:2405.08097): the paper, its models and its clouds.

Functions of symmetric matrices are in `ds_ci.py`, of point clouds in `clouds/`, the theorem by
brute force in `orbits.py`, and what the networks are held against in `baselines.py`.
"""

from zoo_core import hookimpl
from zoo_invariant_features.specs.data import DATASETS, METRICS
from zoo_invariant_features.specs.models import ARCHITECTURES, MODELS
from zoo_invariant_features.specs.paper import PAPER

ZOO_API = 2

zoo_papers = hookimpl(lambda: [PAPER])
zoo_architectures = hookimpl(lambda: ARCHITECTURES)
zoo_models = hookimpl(lambda: MODELS)
zoo_datasets = hookimpl(lambda: DATASETS)
zoo_metrics = hookimpl(lambda: METRICS)
