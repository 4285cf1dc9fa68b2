"""What the tests share: no network, and a user's folder of pictures of four classes."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

LEVELS = {"coal": 20, "slate": 75, "linen": 180, "snow": 235}


@pytest.fixture(autouse=True)
def surroundings(no_network, monkeypatch):
    monkeypatch.delenv("ZOO_TRACEBACK", raising=False)


@pytest.fixture(scope="session")
def home(tmp_path_factory):
    """A folder with two dark and two light classes of thirty pictures, and their hierarchy."""
    folder = tmp_path_factory.mktemp("home")
    rng = np.random.default_rng(0)
    for name, level in LEVELS.items():
        (folder / "mine" / name).mkdir(parents=True)
        for i in range(30):
            pixels = level + rng.integers(-12, 12, (12, 12))
            image = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
            image.save(folder / "mine" / name / f"{i:02}.png")
    (folder / "tree.csv").write_text(
        "class,superclass\ncoal,dark\nslate,dark\nlinen,light\nsnow,light\n"
    )
    return folder


@pytest.fixture
def run(home, monkeypatch, zoo_here):
    """The shell, in the user's folder."""
    monkeypatch.chdir(home)
    return zoo_here
