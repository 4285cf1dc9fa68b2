"""A spectral failure mode of GCN (arXiv:2010.13152): spectral embeddings beside GCN features."""

from __future__ import annotations

from zoo_core import Architecture, Dataset, Model, Paper, hookimpl
from zoo_spectral_failure_gcn.specs.data import DATASETS
from zoo_spectral_failure_gcn.specs.models import ARCHITECTURES, MODELS
from zoo_spectral_failure_gcn.specs.paper import PAPER

ZOO_API = 2


@hookimpl
def zoo_papers() -> tuple[Paper, ...]:
    """Return the paper."""
    return (PAPER,)


@hookimpl
def zoo_architectures() -> tuple[Architecture, ...]:
    """Return the spectral embeddings, the autoencoders, and the semi-supervised GCN."""
    return ARCHITECTURES


@hookimpl
def zoo_models() -> tuple[Model, ...]:
    """Return spectral and GCN embeddings of the same graphs, with their read-outs."""
    return MODELS


@hookimpl
def zoo_datasets() -> tuple[Dataset, ...]:
    """Return the paper's random graph and its simplest form, two blocks."""
    return DATASETS
