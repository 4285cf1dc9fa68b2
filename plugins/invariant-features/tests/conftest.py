"""What the tests share: no network, water, and random matrices and clouds."""

from __future__ import annotations

import numpy as np
import pytest

WATER = ([8, 1, 1], [[0, 0, 0.1193], [0, 0.7632, -0.4770], [0, -0.7632, -0.4770]])
ETHANE = """8

C -0.7560  0.0000  0.0000
C  0.7560  0.0000  0.0000
H -1.1404  0.6586  0.7845
H -1.1404  0.3501 -0.9626
H -1.1405 -1.0087  0.1781
H  1.1404 -0.3501  0.9626
H  1.1405  1.0087 -0.1781
H  1.1404 -0.6586 -0.7845
"""


@pytest.fixture(autouse=True)
def surroundings(no_network, monkeypatch):
    monkeypatch.delenv("ZOO_TRACEBACK", raising=False)


@pytest.fixture
def water():
    return WATER


@pytest.fixture
def run(tmp_path, monkeypatch, zoo_here):
    """The shell, in a folder with water and ethane as xyz."""
    lines = [f"{s} {x} {y} {z}" for s, (x, y, z) in zip("OHH", WATER[1], strict=True)]
    (tmp_path / "water.xyz").write_text("\n".join(["3", "", *lines, ""]))
    (tmp_path / "ethane.xyz").write_text(ETHANE)
    monkeypatch.chdir(tmp_path)
    return zoo_here


@pytest.fixture
def graphs():
    """Sixty weighted graphs of 3 to 6 nodes, as one array each, with a target that needs f_*."""
    rng = np.random.default_rng(0)
    found = []
    for _ in range(60):
        raw = rng.standard_normal((int(rng.integers(3, 7)),) * 2)
        found.append(raw + raw.T)
    return found
