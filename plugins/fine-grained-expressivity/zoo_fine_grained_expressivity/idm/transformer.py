"""The distances for scikit-learn: a transformer to distances from the graphs it was fitted on."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted
from zoo_graphs.graph_set import GraphSet
from zoo_graphs.samples import GraphSamples, read_samples

from zoo_fine_grained_expressivity.idm.distance import (
    MAX_MINUTES,
    between,
    check_kind,
    check_workers,
    pairwise,
)
from zoo_fine_grained_expressivity.idm.measures import check_graphs, check_level


class DistancesToGraphs(
    GraphSamples,
    ClassNamePrefixFeaturesOutMixin,  # type: ignore[misc]  # scikit-learn has no types
    TransformerMixin,  # type: ignore[misc]  # nor here
    BaseEstimator,  # type: ignore[misc]  # nor here
):
    """Turns graphs into their distances to the graphs of the training data.

    In a pipeline before ``KNeighborsClassifier(metric="precomputed")`` it can be cross-validated on
    a `GraphSet` or a list of graphs; their labels are not used. `level`, `kind`, `workers`, `cache`
    and `max_minutes` are those of `zoo_fine_grained_expressivity.idm.distance.pairwise`.
    """

    def __init__(
        self,
        level: int = 3,
        kind: str = "wasserstein",
        workers: int = 1,
        cache: str | None = None,
        max_minutes: float = MAX_MINUTES,
    ) -> None:
        self.level = level
        self.kind = kind
        self.workers = workers
        self.cache = cache
        self.max_minutes = max_minutes

    def fit(self, X: Any, y: Any = None) -> DistancesToGraphs:
        """Keep graphs, which are what `zoo_graphs.samples` reads.

        Raises `BadInput` for unusable graphs, and options out of range.
        """
        check_level(self.level)
        check_kind(self.kind)
        check_workers(self.workers)
        self.graphs_: GraphSet = check_graphs(self._read(X))
        self._n_features_out = len(self.graphs_)
        return self

    def fit_transform(self, X: Any, y: Any = None) -> np.ndarray:
        """Keep graphs and return the distances of all pairs of them, (g, g)."""
        return pairwise(self.fit(X).graphs_, self.level, self.kind, **self._bounds())

    def transform(self, X: Any) -> np.ndarray:
        """Return the distances of graphs to those kept, (g, r)."""
        check_is_fitted(self)
        return between(self._read(X), self.graphs_, self.level, self.kind, **self._bounds())

    def _read(self, X: Any) -> GraphSet:
        return read_samples(X, node_labels=False, edge_labels=False)

    def _bounds(self) -> dict[str, Any]:
        return {"workers": self.workers, "cache": self.cache, "max_minutes": self.max_minutes}
