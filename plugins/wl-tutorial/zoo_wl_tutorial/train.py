"""The recipe: a support vector machine on the kernel, its C chosen inside the training graphs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from scipy import sparse
from sklearn.model_selection import GridSearchCV
from sklearn.svm import SVC
from torch import nn
from zoo_graphs.graph_set import GraphSet

from zoo_core import BadInput, Run
from zoo_core.building import construct
from zoo_core.models import constructor_part
from zoo_core.registry import registry
from zoo_wl_tutorial.classifier import WLClassifier
from zoo_wl_tutorial.features import Histograms
from zoo_wl_tutorial.kernels import gram, kernel_features, normalised
from zoo_wl_tutorial.verdicts import WLTest

GRID = tuple(10.0**power for power in range(-3, 4))
INNER_FOLDS = 5
Progress = Callable[..., Any]


def train_classifier(
    runs: Sequence[Run], config: Mapping[str, Any], progress: Progress
) -> list[nn.Module]:
    """Fit a `WLClassifier` on the training graphs of each run.

    Of `GRID`, the C with the best accuracy in five-fold cross-validation among the training graphs
    is taken (`config["C"]` sets one instead). The machine's weights are then written out over the
    colours of the training graphs that occur in at least `config["min_graphs"]` of them. Nothing
    is random. A graph's features do not depend on other graphs, so that they and the kernel are
    computed once for runs on the same graphs.
    """
    prepared: dict[str, tuple[Histograms, np.ndarray]] = {}
    modules: list[nn.Module] = []
    for run in progress(runs, desc="runs"):
        data = run.data
        if not isinstance(data, GraphSet) or data.labels is None:
            raise BadInput("A WL classifier learns from a labelled set of graphs; give one.")
        key = data.fingerprint()
        if key not in prepared:
            prepared[key] = _prepare(data, config)
        modules.append(_fit(data, *prepared[key], config))
    return modules


def train_nothing(
    runs: Sequence[Run], config: Mapping[str, Any], progress: Progress
) -> list[nn.Module]:
    """Return the tests as they are: a pure algorithm has nothing to fit."""
    return [construct(WLTest, dict(config), "wl-test").eval() for _ in runs]


def _prepare(data: GraphSet, config: Mapping[str, Any]) -> tuple[Histograms, np.ndarray]:
    found = kernel_features(
        data,
        config["rounds"],
        config["variant"],
        config["kernel"],
        edge_labels=config["edge_labels"],
        max_nodes=config["max_nodes"],
    )
    norms = found.squared_norms()
    return found, normalised(gram(found), norms, norms)


def _fit(
    data: GraphSet, found: Histograms, kernel: np.ndarray, config: Mapping[str, Any]
) -> WLClassifier:
    assert data.labels is not None
    train = data.splits["train"]
    machine = fit_machine(kernel[np.ix_(train, train)], data.labels[train], config["C"])
    part = found.select(train)
    kept = part.without_rare(config["min_graphs"])
    lengths = np.sqrt(part.squared_norms())
    scaled = sparse.diags_array(1 / np.where(lengths > 0, lengths, 1)) @ kept.counts
    weight, bias = machine_weights(machine, data.labels[train], scaled)
    given = {
        "num_classes": data.num_classes,
        "class_names": list(data.class_names),
        "label_names": list(data.node_label_names) or None,
        "vocabulary_size": int(kept.vocabulary.size),
    }
    architecture = registry().architecture("wl-subtree")
    full = {**constructor_part(architecture, config), **given}
    module = construct(WLClassifier, full, "wl-subtree")
    assert isinstance(module, WLClassifier)
    with torch.no_grad():
        module.vocabulary.copy_(torch.from_numpy(kept.vocabulary))
        module.weight.copy_(torch.from_numpy(weight))
        module.bias.copy_(torch.from_numpy(bias))
    return module.eval()


def fit_machine(kernel: np.ndarray, labels: np.ndarray, C: float | None = None) -> SVC:
    """Return a support vector machine on a kernel matrix (g, g); C by cross-validation if None."""
    if C is not None:
        return SVC(kernel="precomputed", C=C).fit(kernel, labels)
    search = GridSearchCV(SVC(kernel="precomputed"), {"C": GRID}, cv=INNER_FOLDS)
    best: SVC = search.fit(kernel, labels).best_estimator_
    return best


def machine_weights(
    machine: SVC, labels: np.ndarray, features: sparse.csr_array
) -> tuple[np.ndarray, np.ndarray]:
    """Return a fitted machine as weights of features whose inner products are its kernel.

    scikit-learn keeps, for classes a < b, the coefficients of a's support vectors in row b - 1 and
    those of b's in row a. With more than two classes a positive value speaks for a; here it always
    speaks for b.

    The machine was fitted on the kernel matrix of the features (g, V) and the labels (g,), classes
    0, 1, ... The weights (C (C - 1) / 2, V) and biases are those of the pairs of classes in
    lexicographic order.
    """
    support, dual = machine.support_, machine.dual_coef_
    classes = len(machine.classes_)
    if classes == 2:
        return np.asarray(dual @ features[support]), machine.intercept_
    rows = []
    for a in range(classes):
        for b in range(a + 1, classes):
            of = labels[support]
            alpha = np.where(of == a, dual[b - 1], 0.0) + np.where(of == b, dual[a], 0.0)
            rows.append(np.asarray(alpha @ features[support]).ravel())
    return -np.stack(rows), -machine.intercept_
