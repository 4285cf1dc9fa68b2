"""What the tests share: a small table, a user's folder, the shell in it, and no network."""

from __future__ import annotations

import numpy as np
import pytest

import zoo


@pytest.fixture(autouse=True)
def surroundings(no_network, monkeypatch):
    monkeypatch.delenv("ZOO_TRACEBACK", raising=False)


@pytest.fixture(scope="session")
def numbers():
    """Features (24, 6) with a mean, and a target (24,) that two of them decide."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((24, 6)) + 4
    return x, x[:, 0] - 2 * x[:, 3] + 0.01 * rng.standard_normal(24) + 90


@pytest.fixture(scope="session")
def home(tmp_path_factory, numbers):
    """A user's folder: a table in several files, and a model fitted to it."""
    folder = tmp_path_factory.mktemp("home")
    x, y = numbers
    names = [f"band {i}" for i in range(x.shape[1])]
    for file, header, columns in (
        ("mine.csv", [*names, "octane"], np.column_stack([x, y])),
        ("new.csv", names, x),
    ):
        np.savetxt(folder / file, columns, "%.17g", ",", header=",".join(header), comments="")
    np.savez(folder / "mine.npz", X=x, y=y)
    zoo.train(
        "pca-ols",
        str(folder / "mine.csv"),
        out=folder / "model",
        target="octane",
        unit="octane number",
        config={"n_components": 6},
    )
    return folder


@pytest.fixture(scope="session")
def model(home):
    return zoo.load(home / "model")


@pytest.fixture
def run(home, monkeypatch, zoo_here):
    """The shell, in the user's folder."""
    monkeypatch.chdir(home)
    return zoo_here
