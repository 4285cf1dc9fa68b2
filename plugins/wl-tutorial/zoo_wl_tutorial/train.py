"""The recipe: a support vector machine on the kernel, its C chosen inside the training graphs."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from scipy import sparse
from sklearn.model_selection import GridSearchCV
from sklearn.svm import SVC
from torch import nn
from zoo_graphs.graph_set import GraphSet

from zoo_core import BadInput, Run
from zoo_wl_tutorial.classifier import WLClassifier
from zoo_wl_tutorial.features import Histograms
from zoo_wl_tutorial.kernels import gram, kernel_features, normalised

GRID = tuple(10.0**power for power in range(-3, 4))
INNER_FOLDS = 5
FEATURES = ("rounds", "variant", "kernel", "edge_labels", "max_nodes")
"""What of a shape the features depend on."""


def train_classifier(run: Run, progress: Any) -> nn.Module:
    """Fit a `WLClassifier` on the training graphs of a run.

    Of `GRID`, the C with the best accuracy in five-fold cross-validation among the training graphs
    is taken (the recipe's `C` sets one instead). The machine's weights are then written out over
    the colours that occur in at least `min_graphs` of the training graphs. Nothing is random.
    """
    data = run.data
    if not isinstance(data, GraphSet) or data.labels is None:
        raise BadInput("A WL classifier learns from a labelled set of graphs; give one.")
    train = data.split("train").indices
    labels = data.labels[train]
    found = kernel_features(data.select(train), **{key: run.shape[key] for key in FEATURES})
    norms = found.squared_norms()
    machine = fit_machine(normalised(gram(found), norms, norms), labels, run.recipe["C"])
    kept = found.without_rare(run.recipe["min_graphs"])
    weight, bias = machine_weights(machine, labels, _unit_rows(kept, norms))
    module: WLClassifier = run.make(
        num_classes=data.num_classes,
        class_names=list(data.class_names),
        label_names=list(data.node_label_names) or None,
        edge_label_names=list(data.edge_label_names) or None,
        node_labels=data.node_labels is not None,
        vocabulary_size=int(kept.vocabulary.size),
    )
    with torch.no_grad():
        module.vocabulary.copy_(torch.from_numpy(kept.vocabulary))
        module.weight.copy_(torch.from_numpy(weight))
        module.bias.copy_(torch.from_numpy(bias))
    return module.eval()


def _unit_rows(kept: Histograms, squared_norms: np.ndarray) -> sparse.csr_array:
    """Return the counts divided by the length of the whole of each graph's features."""
    lengths = np.sqrt(squared_norms)
    return sparse.diags_array(1 / np.where(lengths > 0, lengths, 1)) @ kept.counts


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
