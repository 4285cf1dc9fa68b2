"""What the tests share: no network, and a cache of their own for what is made."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def surroundings(no_network):
    """Nothing is downloaded."""
