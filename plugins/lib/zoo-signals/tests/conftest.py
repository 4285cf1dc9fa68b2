"""What the tests share: data come from the mirror and the cache alone."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def surroundings(no_network):
    """Download nothing."""
