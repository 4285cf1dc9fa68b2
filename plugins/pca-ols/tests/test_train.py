"""The recipe: every architecture trains on a user's file, and its seed decides."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from zoo_pca_ols.specs.models import ARCHITECTURES

import zoo


def values(rows):
    return np.array([row["prediction"] for row in rows])


@pytest.mark.parametrize("spec", ARCHITECTURES, ids=lambda spec: spec.name)
def test_every_architecture_trains_on_a_file(home, tmp_path, numbers, spec):
    config = {"steps": 500} if spec.name == "two-layer-linear" else {}
    if spec.name in ("joint-pca-ols", "latent-regression"):
        config = {"n_components": 4}
    module = zoo.train(spec.name, str(home / "mine.npz"), out=tmp_path / "it", config=config)
    assert np.isfinite(values(module.predict(numbers[0]))).all()
    found = zoo.evaluate(module, str(home / "mine.npz"), metrics=["mean-squared-error"])
    assert np.isfinite(found[0].value)


def test_the_seed_decides_random_directions(home, tmp_path):
    def weights(folder, seed):
        module = zoo.train(
            "random-projection-ols", str(home / "mine.npz"), out=tmp_path / folder, seed=seed
        )
        return module.components

    first, again, other = weights("a", 0), weights("b", 0), weights("c", 1)
    assert torch.equal(first, again) and not torch.equal(first, other)


def test_constant_columns_are_harmless(tmp_path, numbers):
    x, y = numbers
    np.savez(tmp_path / "it.npz", X=np.column_stack([x, np.full(len(x), 7.7)]), y=y)
    module = zoo.train("pca-ols", str(tmp_path / "it.npz"), out=tmp_path / "it")
    assert np.isfinite(values(module.predict(np.ones((2, 7))))).all()
