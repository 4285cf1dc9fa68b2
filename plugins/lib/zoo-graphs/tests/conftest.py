"""Tests read the mirror and the cache, but download nothing."""

from __future__ import annotations

import pytest
from zoo_graphs.specs.data import DATASETS


@pytest.fixture(autouse=True)
def _offline(no_network):
    """Refuse downloads in every test."""


@pytest.fixture(scope="session")
def specs():
    return {spec.name: spec for spec in DATASETS}
