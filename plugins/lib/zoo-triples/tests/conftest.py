"""What the tests share: small graphs, without a network."""

from __future__ import annotations

import pytest
import torch
from zoo_triples.splitting import random_rows
from zoo_triples.triples import TripleSet, Vocabulary


@pytest.fixture(autouse=True)
def surroundings(no_network, monkeypatch):
    monkeypatch.delenv("ZOO_TRACEBACK", raising=False)


def _random_triples(entities, relations, count, seed=0):
    generator = torch.Generator().manual_seed(seed)
    sizes = (entities, relations, entities)
    columns = [torch.randint(size, (count,), generator=generator) for size in sizes]
    return torch.unique(torch.stack(columns, 1), dim=0)


def _graph_of(triples, entities, relations, **more):
    return TripleSet(
        triples,
        Vocabulary(tuple(f"e{i}" for i in range(entities))),
        Vocabulary(tuple(f"r{i}" for i in range(relations)), kind="relation"),
        more.pop("rows", None) or random_rows(triples),
        **more,
    )


@pytest.fixture(scope="session")
def graph():
    """A random graph of 30 entities, 3 relations and about 200 triples."""
    return _graph_of(_random_triples(30, 3, 220), 30, 3)


@pytest.fixture(scope="session")
def random_triples():
    """A function of entities, relations, triples and a seed."""
    return _random_triples


@pytest.fixture(scope="session")
def graph_of():
    """A function of triples, entities and relations that returns a `TripleSet`."""
    return _graph_of
