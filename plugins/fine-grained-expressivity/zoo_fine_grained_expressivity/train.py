"""The recipes: keep references, or fit a head on tree densities; a distance has nothing to fit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from torch import nn
from zoo_graphs.graph_set import GraphSet

from zoo_core.building import construct
from zoo_core.errors import BadInput
from zoo_core.interfaces import Run
from zoo_fine_grained_expressivity.homomorphisms import densities
from zoo_fine_grained_expressivity.measuring import IDMDistance
from zoo_fine_grained_expressivity.nearest import IDMNearest
from zoo_fine_grained_expressivity.tree_classifier import TreeHomClassifier

GRID = tuple(10.0**power for power in range(-2, 4))
INNER_FOLDS = 5
_ITERATIONS = 10_000
Progress = Callable[..., Any]


def train_nothing(
    runs: Sequence[Run], config: Mapping[str, Any], progress: Progress
) -> list[nn.Module]:
    """Return the distance as it is: a pure algorithm has nothing to fit."""
    return [construct(IDMDistance, dict(config), "idm-metric").eval() for _ in runs]


def train_nearest(
    runs: Sequence[Run], config: Mapping[str, Any], progress: Progress
) -> list[nn.Module]:
    """Keep the training graphs of each run as references. Nothing is random."""
    modules = []
    for run in progress(runs, desc="runs"):
        part = _training_part(run.data)
        given = {
            **config,
            "num_classes": part.num_classes,
            "num_graphs": part.num_graphs,
            "num_edges": part.num_edges,
            "class_names": list(part.class_names),
        }
        module: Any = construct(IDMNearest, given, "idm-nearest")
        module.keep(part)
        modules.append(module.eval())
    return modules


def train_tree_head(
    runs: Sequence[Run], config: Mapping[str, Any], progress: Progress
) -> list[nn.Module]:
    """Fit a logistic regression on standardised tree densities of each run's training graphs.

    Of `GRID`, the penalty with the best accuracy in five-fold cross-validation among the training
    graphs is taken. Nothing is random.
    """
    modules = []
    for run in progress(runs, desc="runs"):
        part = _training_part(run.data)
        given = {
            **config,
            "num_classes": part.num_classes,
            "class_names": list(part.class_names),
        }
        module: Any = construct(TreeHomClassifier, given, "tree-densities")
        found = densities(part, module.trees)
        mean, deviation = found.mean(axis=0), found.std(axis=0)
        # A density that all graphs share says nothing, and is left at 0.
        deviation = np.where(deviation > 0, deviation, 1.0)
        search = GridSearchCV(LogisticRegression(max_iter=_ITERATIONS), {"C": GRID}, cv=INNER_FOLDS)
        best = search.fit((found - mean) / deviation, part.labels).best_estimator_
        with torch.no_grad():
            module.mean.copy_(torch.from_numpy(mean))
            module.deviation.copy_(torch.from_numpy(deviation))
            _write_head(module.head, best)
        modules.append(module.eval())
    return modules


def _write_head(head: nn.Linear, fitted: LogisticRegression) -> None:
    """Copy a fitted regression, which has one row of weights for two classes, into a layer."""
    weight, bias = fitted.coef_, fitted.intercept_
    if len(weight) == 1:
        weight, bias = np.concatenate([-weight, weight]) / 2, np.concatenate([-bias, bias]) / 2
    head.weight.copy_(torch.from_numpy(weight))
    head.bias.copy_(torch.from_numpy(bias))


def _training_part(data: Any) -> GraphSet:
    if not isinstance(data, GraphSet) or data.labels is None or "train" not in data.splits:
        raise BadInput("A graph classifier learns from a labelled set of graphs; give one.")
    return data.select(data.splits["train"])
