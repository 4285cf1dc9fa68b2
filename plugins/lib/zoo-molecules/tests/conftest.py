"""What the tests share: no network, and two molecules by hand."""

from __future__ import annotations

import numpy as np
import pytest

CH = 1.087
"""Of methane, in angstrom."""
METHANE = (
    [6, 1, 1, 1, 1],
    CH / np.sqrt(3) * np.array([[0, 0, 0], [1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]]),
)
H2 = ([1, 1], np.array([[0, 0, 0], [0, 0, 0.7414]]))


@pytest.fixture(autouse=True)
def surroundings(no_network):
    """Data come from the mirror and the cache alone."""


@pytest.fixture
def methane():
    return METHANE


@pytest.fixture
def h2():
    return H2
