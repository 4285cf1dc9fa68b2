"""The distances for scikit-learn: a transformer to distances from the graphs it was fitted on."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted
from zoo_graphs.graph_set import GraphSet
from zoo_graphs.reading import read_graphs

from zoo_fine_grained_expressivity.idm.distance import between, pairwise


class DistancesToGraphs(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # untyped bases
    """Turns graphs into their distances to the graphs of the training data.

    In a pipeline before ``KNeighborsClassifier(metric="precomputed")`` it can be cross-validated on
    a list of graphs. `level`, `kind`, `workers` and `cache` are those of
    `zoo_fine_grained_expressivity.idm.distance.pairwise`.
    """

    def __init__(
        self,
        level: int = 3,
        kind: str = "wasserstein",
        workers: int = 1,
        cache: str | None = None,
    ) -> None:
        self.level = level
        self.kind = kind
        self.workers = workers
        self.cache = cache

    def fit(self, X: Any, y: Any = None) -> DistancesToGraphs:
        """Keep graphs, a list or a `GraphSet`; raises what `read_graphs` does."""
        self.graphs_: GraphSet = read_graphs(X)
        return self

    def fit_transform(self, X: Any, y: Any = None) -> np.ndarray:
        """Keep graphs and return the distances of all pairs of them, (g, g)."""
        return pairwise(
            self.fit(X).graphs_, self.level, self.kind, workers=self.workers, cache=self.cache
        )

    def transform(self, X: Any) -> np.ndarray:
        """Return the distances of graphs to those kept, (g, r)."""
        check_is_fitted(self)
        return between(
            read_graphs(X),
            self.graphs_,
            self.level,
            self.kind,
            workers=self.workers,
            cache=self.cache,
        )
