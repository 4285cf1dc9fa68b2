"""What the tests share: random graphs, and no downloads."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from zoo_graphs.graph_set import GraphSet

import zoo_core.files
from zoo_core.errors import DataError

settings.register_profile("wl", max_examples=25, deadline=None, derandomize=True, database=None)
settings.load_profile("wl")


@pytest.fixture(autouse=True)
def surroundings(monkeypatch):
    """Tests read the mirror and the cache, but download nothing; errors are one sentence."""

    def refuse(file, url):
        raise DataError(f"{file.path} is not in the mirror, and tests download nothing.")

    monkeypatch.setattr(zoo_core.files, "_download", refuse)
    monkeypatch.delenv("ZOO_TRACEBACK", raising=False)


@pytest.fixture
def load():
    """Return load(name, **options), which skips the test when the data cannot be had offline."""
    import zoo

    def loader(name, **options):
        try:
            return zoo.dataset(name, **options)
        except DataError as error:
            pytest.skip(str(error))

    return loader


def random_graph(rng, nodes, *, labels=1, edge_labels=0, directed=False, density=0.4):
    """One random graph as a set of one."""
    adjacent = rng.random((nodes, nodes)) < density
    np.fill_diagonal(adjacent, False)
    if not directed:
        adjacent = np.triu(adjacent)
    edges = np.stack(adjacent.nonzero())
    return GraphSet.from_edges(
        edges,
        [0, nodes],
        rng.integers(0, labels, nodes) if labels > 1 else None,
        rng.integers(0, edge_labels, edges.shape[1]) if edge_labels else None,
        directed=directed,
    )


FEW, NODES, EITHER = st.integers(1, 4), st.integers(1, 6), st.booleans()


@st.composite
def graph_sets(draw, graphs=FEW, nodes=NODES, directed=EITHER):
    """Small random sets, labelled or not, directed or not."""
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    labels, edge_labels = draw(st.integers(1, 3)), draw(st.sampled_from([0, 0, 2]))
    way, density = draw(directed), draw(st.sampled_from([0.2, 0.4, 0.7]))
    return GraphSet.concatenate(
        random_graph(
            rng,
            draw(nodes),
            labels=labels,
            edge_labels=edge_labels,
            directed=way,
            density=density,
        )
        for _ in range(draw(graphs))
    )


def partition(colours):
    """Colours as numbers by first occurrence: equal for equal partitions."""
    known: dict[int, int] = {}
    return [known.setdefault(colour, len(known)) for colour in np.ravel(colours).tolist()]
