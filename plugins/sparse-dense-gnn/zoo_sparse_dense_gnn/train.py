"""The recipes that make the weights: section 3.4, with epochs chosen on validation nodes.

Every trainer is called as `train(runs, config, progress)`; `config` holds constructor arguments
without those that the data determine, and what `zoo_graphs.training.fit` reads (`lr`,
`weight_decay`, `epochs`, `select`, `patience`, `tolerance`). Runs on the same graph share its
operator and its embedding. Test nodes are never looked at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from zoo_graphs.products import Constant
from zoo_graphs.training import Progress, create_untrained, fit, graph_tensors

from zoo_core import Run
from zoo_sparse_dense_gnn.embedding import feature_embedding, graph_embedding
from zoo_sparse_dense_gnn.filters import GraphFilterNetwork
from zoo_sparse_dense_gnn.spectral_mlp import SpectralMLP

EPOCHS = 200


def train_graph_filter(
    runs: Sequence[Run], config: Mapping[str, Any], progress: Progress
) -> list[nn.Module]:
    """Train `GraphFilterNetwork`, one run after the other; at most 200 epochs by default."""
    epochs = config.get("epochs", EPOCHS)
    steps = iter(progress(range(epochs * len(runs)), desc="training graph filters"))
    constants: dict[str, tuple[Constant, Tensor | Constant]] = {}
    models: list[nn.Module] = []
    for run in runs:
        model: GraphFilterNetwork = create_untrained(GraphFilterNetwork, config, run)
        key = run.data.fingerprint()
        if key not in constants:
            constants = {key: _constants(model, run.data)}  # one graph at a time in memory
        operator, features = constants[key]
        _fit_filters(model, operator, features, run, config, epochs, steps)
        models.append(model)
    next(steps, None)  # lets a progress bar finish
    return models


def train_spectral_mlp(
    runs: Sequence[Run], config: Mapping[str, Any], progress: Progress
) -> list[nn.Module]:
    """Train `SpectralMLP`, one run after the other; at most 200 epochs by default."""
    epochs = config.get("epochs", EPOCHS)
    steps = iter(progress(range(epochs * len(runs)), desc="training on spectral embeddings"))
    embeddings: dict[str, tuple[Tensor, Tensor]] = {}
    models: list[nn.Module] = []
    for run in runs:
        model: SpectralMLP = create_untrained(SpectralMLP, {**config, "own_nodes": True}, run)
        key = run.data.fingerprint()
        if key not in embeddings:
            embeddings = {key: _embed(model, run.data)}
        columns, spectrum = embeddings[key]
        model.own_representations = columns.to(model.own_representations.dtype)
        model.spectrum = spectrum.to(model.spectrum.dtype)
        models.append(fit(model, model, run, config, epochs, steps))
    next(steps, None)
    return models


def _constants(model: GraphFilterNetwork, data: Any) -> tuple[Constant, Tensor | Constant]:
    """Return S and X as training multiplies them."""
    edges, features, weight = graph_tensors(data)
    operator = Constant(model.graph_operator(edges, features, weight), symmetric=True)
    return operator, features if features.layout == torch.strided else Constant(features)


def _fit_filters(
    model: GraphFilterNetwork,
    operator: Constant,
    features: Tensor | Constant,
    run: Run,
    config: Mapping[str, Any],
    epochs: int,
    steps: Any,
) -> None:
    def logits(nodes: Tensor) -> Tensor:
        return model.propagate(operator, features)[nodes]

    fit(model, logits, run, config, epochs, steps)
    if model.own_outputs is not None:
        with torch.no_grad():
            model.own_outputs = model.propagate(operator, features)


def _embed(model: SpectralMLP, data: Any) -> tuple[Tensor, Tensor]:
    """Return [V_K, V'_kappa] (n, K + kappa), and its columns' eigenvalues and singular values."""
    pairs = graph_embedding(data, model.k, model.operator), feature_embedding(data, model.kappa)
    columns, spectra = zip(*pairs, strict=True)
    return torch.cat(columns, dim=1), torch.cat(spectra)
