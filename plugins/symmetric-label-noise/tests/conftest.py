"""What the tests share: no network, and a user's folder of pictures that are easily told apart."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image


@pytest.fixture(autouse=True)
def surroundings(no_network, monkeypatch):
    monkeypatch.delenv("ZOO_TRACEBACK", raising=False)


@pytest.fixture(scope="session")
def home(tmp_path_factory):
    """A folder with two classes of forty pictures, four of each in the other one's folder."""
    folder = tmp_path_factory.mktemp("home")
    rng = np.random.default_rng(0)
    for name, level in (("dark", 60), ("light", 190)):
        (folder / "mine" / name).mkdir(parents=True)
        for i in range(40):
            brightness = 250 - level if i < 4 else level
            pixels = brightness + rng.integers(-40, 40, (16, 16))
            Image.fromarray(pixels.astype(np.uint8)).save(folder / "mine" / name / f"{i:02}.png")
    return folder


@pytest.fixture
def run(home, monkeypatch, zoo_here):
    """The shell, in the user's folder."""
    monkeypatch.chdir(home)
    return zoo_here
