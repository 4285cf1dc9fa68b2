"""The WL subtree and optimal assignment kernels, exact, and as scikit-learn transformers."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted
from zoo_graphs.graph_set import GraphSet
from zoo_graphs.samples import GraphSamples, read_samples

from zoo_core import BadInput
from zoo_wl_tutorial.features import (
    MAX_GIGABYTES,
    Histograms,
    assignment_features,
    histograms,
)
from zoo_wl_tutorial.refinement.comparison import rounds_needed
from zoo_wl_tutorial.refinement.variants import check_rounds

Kernel = Literal["subtree", "assignment"]
KERNELS = ("subtree", "assignment")
_EXACT_IN_FLOAT32 = 2.0**24
_DENSE_SHARE = 0.02
"""Colours that occur in more than this share of the graphs go through dense products."""


def kernel_features(
    graphs: GraphSet,
    rounds: int,
    variant: str = "1-wl",
    kernel: str = "subtree",
    *,
    edge_labels: bool = False,
    max_nodes: int | None = None,
) -> Histograms:
    """Return the features whose inner products are a kernel; raises what `histograms` raises."""
    if kernel not in KERNELS:
        raise BadInput(f"There is no kernel {kernel!r}; the kernels are {', '.join(KERNELS)}.")
    found = histograms(graphs, rounds, variant, edge_labels=edge_labels, max_nodes=max_nodes)
    return assignment_features(found) if kernel == "assignment" else found


def gram(found: Histograms) -> np.ndarray:
    """Return K = Phi Phi^T, (g, g) float64, symmetric, whose entries are exact integers.

    Raises `BadInput` where it would take more than `MAX_GIGABYTES`.

    Few colours are frequent and make nearly all of the work: these go through one dense product
    (in float32 where every sum fits into its 24 bits), the others through a sparse one. Colours
    seen in one graph only touch the diagonal.
    """
    counts, size = found.counts, len(found)
    _check_size(size, size)
    norms = found.squared_norms()
    seen = np.bincount(counts.indices, minlength=counts.shape[1])
    often = seen > max(_DENSE_SHARE * size, 2)
    columns = counts.tocsc()
    # No partial sum exceeds an entry of K, and no entry its row's or column's diagonal.
    kind = np.float32 if norms.max(initial=0) < _EXACT_IN_FLOAT32 else np.float64
    dense = columns[:, often].toarray().astype(kind)
    matrix: np.ndarray = (dense @ dense.T).astype(np.float64)
    rare = sparse.csr_array(columns[:, ~often & (seen > 1)])
    product = sparse.coo_array(rare @ rare.T)
    matrix[product.row, product.col] += product.data
    np.fill_diagonal(matrix, norms)
    return matrix


def cross_gram(rows: Histograms, columns: Histograms) -> np.ndarray:
    """Return Phi Phi'^T between two sets of graphs, (g, g') float64 of exact integers.

    Raises `BadInput` as `gram` does.
    """
    _check_size(len(rows), len(columns))
    product = rows.onto(columns.vocabulary) @ columns.counts.T
    return np.asarray(product.todense(), dtype=np.float64)


def _check_size(rows: int, columns: int) -> None:
    needed = 2 * 8 * rows * columns / 1e9
    if needed > MAX_GIGABYTES:
        raise BadInput(
            f"A kernel matrix of {rows} and {columns} graphs takes {needed:.0f} GB with its copy, "
            f"and up to {MAX_GIGABYTES:g} GB are taken; use WLFeatures with a linear model, which "
            "is the same machine, or fewer graphs."
        )


def normalised(matrix: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Return K_ij / sqrt(K_ii K_jj), given both diagonals; empty graphs have zeros."""
    scale = np.sqrt(np.outer(rows, columns))
    scaled: np.ndarray = np.divide(matrix, scale, out=np.zeros_like(matrix), where=scale > 0)
    return scaled


class _Counting(GraphSamples, TransformerMixin, BaseEstimator):  # type: ignore[misc]  # untyped
    """What both transformers do with graphs."""

    rounds: int | None
    variant: str
    kernel: Kernel
    edge_labels: bool

    def _fitted_features(self, X: Any) -> Histograms:
        graphs = self._read(X)
        if self.rounds is None:
            self.rounds_ = rounds_needed(graphs, self.variant, edge_labels=self.edge_labels)
        else:
            self.rounds_ = check_rounds(self.rounds)
        return self._features(graphs)

    def _features(self, graphs: GraphSet) -> Histograms:
        return kernel_features(
            graphs, self.rounds_, self.variant, self.kernel, edge_labels=self.edge_labels
        )

    def _read(self, X: Any) -> GraphSet:
        return read_samples(X, edge_labels=self.edge_labels)


class WLFeatures(_Counting):
    """A scikit-learn transformer: graphs to sparse counts of the colours that `fit` saw.

    `rounds` is H: features are the histograms of c_0, ..., c_H under a `variant` of
    `zoo_wl_tutorial.refinement.rounds.refine`, with the edges' labels if `edge_labels`. None is as
    many as change anything in the graphs that `fit` sees; `rounds_` says how many. The `kernel` is
    "subtree" (counts), or "assignment" (columns of ones whose inner product is the optimal
    assignment kernel). Colours that occur in fewer than `min_graphs` of the graphs that `fit` sees
    are dropped.
    """

    def __init__(
        self,
        rounds: int | None = 5,
        variant: str = "1-wl",
        kernel: Kernel = "subtree",
        edge_labels: bool = False,
        min_graphs: int = 1,
    ) -> None:
        self.rounds = rounds
        self.variant = variant
        self.kernel = kernel
        self.edge_labels = edge_labels
        self.min_graphs = min_graphs

    def fit(self, X: Any, y: Any = None) -> WLFeatures:
        """Learn the vocabulary of graphs, which are what `zoo_graphs.samples` reads.

        Raises `BadInput` for unusable graphs, and options out of range.
        """
        least = self.min_graphs
        if isinstance(least, bool) or not isinstance(least, int | np.integer) or least < 1:
            raise BadInput(f"min_graphs={least!r} is no number of graphs; give an integer from 1.")
        self.vocabulary_ = self._fitted_features(X).without_rare(least).vocabulary
        return self

    def transform(self, X: Any) -> sparse.csr_array:
        """Return (g, V) counts; colours that `fit` did not see are dropped."""
        check_is_fitted(self)
        return self._features(self._read(X)).onto(self.vocabulary_)

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Return the colours as hexadecimal texts, (V,) objects."""
        check_is_fitted(self)
        return np.array([f"{int(one) % 2**64:016x}" for one in self.vocabulary_], dtype=object)


class WLKernel(ClassNamePrefixFeaturesOutMixin, _Counting):  # type: ignore[misc]  # untyped
    """A scikit-learn transformer: graphs to rows of the kernel matrix with the graphs of `fit`.

    ``fit(X).transform(X)`` equals ``fit_transform(X)``, and a graph's row is the same whatever
    other graphs are transformed with it. For ``SVC(kernel="precomputed")``.

    `rounds`, `variant` and `edge_labels` are those of `WLFeatures`. The `kernel` is "subtree",
    K = Phi Phi^T, or "assignment", the sum over all colours of the smaller of both counts (WL-OA);
    `normalise` divides it by sqrt(K_ii K_jj).
    """

    def __init__(
        self,
        rounds: int | None = 5,
        variant: str = "1-wl",
        kernel: Kernel = "subtree",
        normalise: bool = False,
        edge_labels: bool = False,
    ) -> None:
        self.rounds = rounds
        self.variant = variant
        self.kernel = kernel
        self.normalise = normalise
        self.edge_labels = edge_labels

    def fit(self, X: Any, y: Any = None) -> WLKernel:
        """Keep the features of graphs, which are what `zoo_graphs.samples` reads.

        Raises `BadInput` for unusable graphs, and options out of range.
        """
        self.features_ = self._fitted_features(X)
        self._n_features_out = len(self.features_)
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Return (g, number of fitted graphs) float64."""
        check_is_fitted(self)
        found = self._features(self._read(X))
        return self._scaled(cross_gram(found, self.features_), found)

    def fit_transform(self, X: Any, y: Any = None) -> np.ndarray:
        """Return the kernel matrix of graphs, (g, g) float64."""
        self.fit(X)
        return self._scaled(gram(self.features_), self.features_)

    def _scaled(self, matrix: np.ndarray, found: Histograms) -> np.ndarray:
        if not self.normalise:
            return matrix
        return normalised(matrix, found.squared_norms(), self.features_.squared_norms())
