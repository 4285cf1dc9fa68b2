"""Generators: what they make, and what they refuse."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from zoo_fine_grained_expressivity.data import block_models, closed_forms, small_graphs

from zoo_core import BadInput


def test_small_graphs_are_all_there():
    sizes = small_graphs(5).sizes
    assert np.bincount(sizes).tolist() == [0, 1, 2, 4, 11, 34]


def test_closed_forms_have_one_split():
    data = closed_forms(2)
    assert data.splits == ("test",)
    view = data.split("test")
    assert view.data is data and view.indices.tolist() == list(range(21))


def test_closed_forms_refuse():
    with pytest.raises(BadInput, match="kind='cut' is unknown"):
        closed_forms(kind="cut")
    with pytest.raises(BadInput, match="level=0 is no level"):
        closed_forms(0)


def test_block_models_end_without_blocks():
    graphs = block_models(5)
    assert graphs.sizes.tolist() == [30] * 5
    first, last = (graphs.adjacency(i) for i in (0, 4))
    assert first[:15, 15:].mean() < last[:15, 15:].mean()
    np.testing.assert_array_equal(
        last, nx.to_numpy_array(nx.stochastic_block_model([15, 15], [[0.5] * 2] * 2, seed=4))
    )
