"""What several tests need."""

from __future__ import annotations

import pytest
import torch
from zoo_molecules.reading import read_molecules

WATER = ([8, 1, 1], [[0, 0, 0.119], [0, 0.763, -0.477], [0, -0.763, -0.477]])
METHANE = (
    [6, 1, 1, 1, 1],
    [
        [0, 0, 0],
        [0.63, 0.63, 0.63],
        [-0.63, -0.63, 0.63],
        [-0.63, 0.63, -0.63],
        [0.63, -0.63, -0.63],
    ],
)


@pytest.fixture(autouse=True)
def one_thread():
    """Small networks are fastest so."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def molecules():
    """Water and methane."""
    return read_molecules([WATER, METHANE])
