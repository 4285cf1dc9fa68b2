"""The recipes that make the weights: each fits one module for each run, on its graph alone."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Mapping, Sequence
from typing import Any

from torch import nn
from zoo_graphs.training import Progress

from zoo_core import Run
from zoo_spectral_failure_gcn.autoencoder import GraphAutoencoder
from zoo_spectral_failure_gcn.convolution import feature_width
from zoo_spectral_failure_gcn.spectral_embedding import SpectralEmbedding
from zoo_spectral_failure_gcn.structural_gcn import StructuralGCN


def train_spectral(
    runs: Sequence[Run], config: Mapping[str, Any], progress: Progress
) -> list[nn.Module]:
    """Fit ASE or LSE; seeds change nothing."""
    return [SpectralEmbedding(**config).fit(run.data).eval() for run in progress(runs)]


def train_autoencoder(
    runs: Sequence[Run], config: Mapping[str, Any], progress: Progress
) -> list[nn.Module]:
    """Train GAE or VGAE. Defaults: 200 epochs of Adam, lr 0.01."""
    made, trained = _parts(GraphAutoencoder, config)
    bar = functools.partial(progress, desc="training")
    return [
        GraphAutoencoder(**made).fit(run.data, seed=run.seed, progress=bar, **trained)
        for run in runs
    ]


def train_structural_gcn(
    runs: Sequence[Run], config: Mapping[str, Any], progress: Progress
) -> list[nn.Module]:
    """Train `StructuralGCN`. Defaults: 200 epochs of Adam, lr 0.01; nothing is selected."""
    made, trained = _parts(StructuralGCN, config)
    modules = []
    for run in progress(runs):
        arguments = {
            "features": "ones",
            "hidden": 32,
            **made,
            "num_classes": run.data.num_classes,
            "class_names": list(run.data.class_names),
        }
        arguments["in_features"] = feature_width(
            arguments["features"], run.data, arguments["hidden"]
        )
        module: Any = StructuralGCN(**arguments)
        module.config = arguments
        modules.append(module.fit(run.data, seed=run.seed, **trained))
    return modules


def _parts(cls: type, config: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what of the hyperparameters goes to the constructor, and what to `fit`."""
    known = inspect.signature(cls).parameters
    made = {key: value for key, value in config.items() if key in known}
    return made, {key: value for key, value in config.items() if key not in known}
