"""The recipes that make the weights: section 3.4, with epochs chosen on validation nodes.

What a recipe holds is read by `zoo_graphs.training.fit`. Test nodes are never looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from zoo_graphs.graph import Graph
from zoo_graphs.products import Constant
from zoo_graphs.recognition import fingerprint
from zoo_graphs.training import fit, graph_tensors, make_module

from zoo_core import Run, device_of_module
from zoo_sparse_dense_gnn.embedding import feature_embedding, graph_embedding
from zoo_sparse_dense_gnn.filters import GraphFilterNetwork
from zoo_sparse_dense_gnn.spectral_mlp import SpectralMLP

_embedded: dict[tuple[object, ...], tuple[Tensor, Tensor]] = {}
"""The embedding of the last graph: the splits of a protocol share it, and it takes seconds."""


def train_graph_filter(run: Run, progress: Callable[..., Any]) -> nn.Module:
    """Train `GraphFilterNetwork`; the operator and the features are constants."""
    model: GraphFilterNetwork = make_module(run)
    operator, features = _constants(model, run.data)

    def logits(nodes: Tensor) -> Tensor:
        return model.propagate(operator, features)[nodes]

    fit(model, logits, run, progress)
    if model.own_outputs is not None:
        with torch.no_grad():
            model.own_outputs = model.propagate(operator, features)
    return model


def train_spectral_mlp(run: Run, progress: Callable[..., Any]) -> nn.Module:
    """Train `SpectralMLP` on the embedding of the graph."""
    model: SpectralMLP = make_module(run, own_nodes=True, fingerprint=fingerprint(run.data))
    columns, spectrum = _embed(model, run.data)
    model.own_representations = columns.to(model.own_representations)
    model.spectrum = spectrum.to(model.spectrum)
    trained: nn.Module = fit(model, model, run, progress)
    return trained


def _constants(model: GraphFilterNetwork, data: Graph) -> tuple[Constant, Tensor | Constant]:
    """Return S and X as training multiplies them."""
    edges, features, weight = graph_tensors(data, device_of_module(model))
    operator = Constant(model.graph_operator(edges, features, weight), symmetric=True)
    return operator, features if features.layout == torch.strided else Constant(features)


def _embed(model: SpectralMLP, data: Graph) -> tuple[Tensor, Tensor]:
    """Return [V_K, V'_kappa] (n, K + kappa), and its columns' eigenvalues and singular values."""
    key = (data.fingerprint(), model.k, model.kappa, model.operator)
    if key not in _embedded:
        pairs = graph_embedding(data, model.k, model.operator), feature_embedding(data, model.kappa)
        columns, spectra = zip(*pairs, strict=True)
        _embedded.clear()
        _embedded[key] = torch.cat(columns, dim=1), torch.cat(spectra)
    return _embedded[key]
