"""What the tests share: no network, and a folder of small pictures."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image


@pytest.fixture(autouse=True)
def surroundings(no_network):
    """Data come from the mirror and the cache alone."""


@pytest.fixture
def folder(tmp_path):
    """Two classes of twelve pictures each, told apart by their brightness; sizes vary."""
    rng = np.random.default_rng(0)
    for name, level in (("dark", 40), ("light", 200)):
        (tmp_path / "pictures" / name).mkdir(parents=True)
        for i in range(12):
            pixels = level + rng.integers(-30, 30, (20 + i, 24, 3))
            Image.fromarray(pixels.astype(np.uint8)).save(tmp_path / "pictures" / name / f"{i}.png")
    return tmp_path / "pictures"
