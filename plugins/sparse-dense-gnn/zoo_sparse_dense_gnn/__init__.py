"""Sparse/dense GNN (arXiv:2211.03231): graph filters beside spectral embeddings."""

from __future__ import annotations

from zoo_core import Architecture, Dataset, Model, Paper, hookimpl
from zoo_sparse_dense_gnn.specs.data import DATASETS
from zoo_sparse_dense_gnn.specs.models import ARCHITECTURES, MODELS
from zoo_sparse_dense_gnn.specs.paper import PAPER

ZOO_API = 2


@hookimpl
def zoo_papers() -> tuple[Paper, ...]:
    """Return the paper."""
    return (PAPER,)


@hookimpl
def zoo_architectures() -> tuple[Architecture, ...]:
    """Return the two methods that the paper compares."""
    return ARCHITECTURES


@hookimpl
def zoo_datasets() -> tuple[Dataset, ...]:
    """Return the dense-sparse graph model, and three real graphs with edges removed."""
    return DATASETS


@hookimpl
def zoo_models() -> tuple[Model, ...]:
    """Return graph filters and spectral embeddings on sampled, real and thinned graphs."""
    return MODELS
