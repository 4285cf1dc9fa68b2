"""The recipes that make the weights: each fits the module of one run, on its graph alone."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from torch import nn

from zoo_core import Run
from zoo_spectral_failure_gcn.autoencoder import GraphAutoencoder
from zoo_spectral_failure_gcn.convolution import feature_width
from zoo_spectral_failure_gcn.spectral_embedding import SpectralEmbedding


def train_spectral(run: Run, progress: Callable[..., Any]) -> nn.Module:
    """Fit ASE or LSE; seeds change nothing."""
    fitted = SpectralEmbedding(**run.shape).to(run.device)
    return _made(run, fitted.fit(run.data))


def train_autoencoder(run: Run, progress: Callable[..., Any]) -> nn.Module:
    """Train GAE or VGAE. Defaults: 200 epochs of Adam, lr 0.01."""
    bar = functools.partial(progress, desc="training")
    fitted = GraphAutoencoder(**run.shape).to(run.device)
    return _made(run, fitted.fit(run.data, seed=run.seed, progress=bar, **run.recipe))


def train_structural_gcn(run: Run, progress: Callable[..., Any]) -> nn.Module:
    """Train `StructuralGCN`. Defaults: 1000 epochs of Adam, lr 0.01; nothing is selected."""
    module = run.make(
        in_features=feature_width(run.shape["features"], run.data, run.shape["hidden"]),
        num_classes=run.data.num_classes,
        class_names=list(run.data.class_names),
    )
    trained: nn.Module = module.fit(run.data, seed=run.seed, **run.recipe)
    return trained


def _made(run: Run, fitted: SpectralEmbedding | GraphAutoencoder) -> nn.Module:
    """Return a fitted module's tensors in one that the run makes, of the shape that fitting gave.

    The graph decides its nodes and classes and, with "elbow", its dimension.
    """
    module: nn.Module = run.make(**fitted.arguments())
    module.load_state_dict(fitted.state_dict())
    return module
