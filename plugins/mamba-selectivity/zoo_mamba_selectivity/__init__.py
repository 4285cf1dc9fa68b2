"""What input selectivity buys Mamba (arXiv:2506.11891): exact and trained S6, Mamba-2, S4D models.

Only specs live here, in `paper.py`, and in two modules: `exact_registered.py` has the models whose
weights are set by hand and all about Haar wavelets, `learned_registered.py` the models trained on
associative recall (MQAR) and on keep-n-th. The mixers themselves are in `zoo_ssm`.
"""

from __future__ import annotations

from zoo_core import Architecture, Dataset, Metric, Model, Paper, hookimpl
from zoo_mamba_selectivity import exact_registered, learned_registered
from zoo_mamba_selectivity.paper import PAPER

ZOO_API = 1


@hookimpl
def zoo_papers() -> list[Paper]:
    """Return the paper."""
    return [PAPER]


@hookimpl
def zoo_architectures() -> list[Architecture]:
    """Return the constructions and the networks that are trained."""
    return [*exact_registered.ARCHITECTURES, *learned_registered.ARCHITECTURES]


@hookimpl
def zoo_models() -> list[Model]:
    """Return the exact models and the trained ones."""
    return [*exact_registered.MODELS, *learned_registered.MODELS]


@hookimpl
def zoo_datasets() -> list[Dataset]:
    """Return the generators of MQAR, keep-n-th and Haar projections."""
    return [*exact_registered.DATASETS, *learned_registered.DATASETS]


@hookimpl
def zoo_metrics() -> list[Metric]:
    """Return the metrics that these data need beside the core's."""
    return [*exact_registered.METRICS, *learned_registered.METRICS]
