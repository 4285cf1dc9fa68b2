"""Training: every recipe on a few small clouds, the same for the same seed; what is refused."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from zoo_clouds.reading import read_clouds
from zoo_cosmobench.parameters.training import described, half_width
from zoo_cosmobench.velocities.training import best_mesh, clouds_of

import zoo
from zoo_core import BadInput

RECIPES = {
    "cosmo-lls-param": {"count": 2, "candidates": 5},
    "cosmo-2pcf-mlp": {"epochs": 3, "bins": 4, "least": 2.0, "most": 9.0, "hidden": 4},
    "cosmo-gnn-param": {"epochs": 2, "hidden": 4, "share": 0.3},
    "cosmo-lls-velocity": {"clouds": 5, "frequencies": 2, "powers": 2},
    "cosmo-linear-theory": {"clouds": 5, "grids": [4, 5], "smoothings": [0.0, 0.1]},
    "cosmo-gnn-velocity": {
        "clouds": 5, "val_clouds": 2, "epochs": 2, "hidden": 4, "layers": 2, "share": 0.3,
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def clouds():
    """Twenty clouds of thirty points around centres, whose number is what is to be predicted."""
    rng = np.random.default_rng(0)
    targets = rng.integers(3, 12, 20)
    positions = [
        np.mod(rng.random((n, 3))[rng.integers(0, n, 30)] * 20 + rng.normal(size=(30, 3)), 20)
        for n in targets
    ]
    speeds = [rng.normal(size=(30, 3)) + 0.1 * one for one in positions]
    return read_clouds(
        {
            "positions": np.stack(positions),
            "velocities": np.stack(speeds),
            "targets": targets[:, None].astype(float),
            "names": ["centres"],
        },
        box=20.0,
    )


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_runs_and_is_the_same_for_the_same_seed(name, clouds, tmp_path):
    first, second = (
        zoo.train(name, clouds, out=tmp_path / str(number), config=RECIPES[name])
        for number in range(2)
    )
    for (key, tensor), again in zip(
        first.state_dict().items(), second.state_dict().values(), strict=True
    ):
        assert torch.equal(tensor, again), key
    one = zoo.load(tmp_path / "0")
    outputs = list(one.outputs(clouds.split("test")))
    assert all(bool(item["prediction"].isfinite().all()) for item in outputs)
    if hasattr(one, "reach"):
        assert one.names == ["centres"] and bool(one.reach.isfinite().all())
        rows = one.predict(clouds.clouds[0])
        assert rows[0]["from"] <= rows[0]["value"] <= rows[0]["to"]


def test_published_settings_are_of_their_suites(clouds):
    with pytest.raises(BadInput, match="radii for Quijote, CAMELS-SAM, CAMELS, and none"):
        zoo.train("cosmo-lls-param", clouds, config={"choose": "published"})
    with pytest.raises(BadInput, match="frequencies for Quijote"):
        zoo.train("cosmo-lls-velocity", clouds, config={"published": True})


def test_linear_theory_chooses_its_mesh(clouds):
    from zoo_cosmobench.velocities.linear_theory import flow

    some = [clouds.clouds[number] for number in range(4)]
    made = [
        type(one)(one.positions, one.box, 0.7 * flow(one.positions, one.box, 6, 1.0))
        for one in some
    ]
    assert best_mesh(made, [4, 6, 9], [0.0, 1.0], lambda steps, **_: steps) == (6, 1.0)


@pytest.mark.parametrize(
    ("name", "more", "told"),
    [
        ("cosmo-lls-param", {"choose": "any"}, "choose='any'"),
        ("cosmo-lls-param", {"count": 9, "candidates": 5}, "as many candidates"),
        ("cosmo-lls-param", {"largest": 3.0}, "up to 0.87"),
        ("cosmo-2pcf-mlp", {"epochs": 0}, "epochs=0"),
        ("cosmo-gnn-velocity", {"learning_rate": -1.0}, "learning_rate=-1.0"),
        ("cosmo-gnn-velocity", {"clouds": 0}, "clouds=0"),
    ],
)
def test_recipes_that_make_no_sense(name, more, told, clouds):
    with pytest.raises(BadInput, match=told):
        zoo.train(name, clouds, config={"most": 9.0, **more} if "2pcf" in name else more)


def test_data_that_do_not_fit(clouds):
    open_space = read_clouds({"positions": np.zeros((12, 3, 3)), "targets": np.arange(12.0)})
    with pytest.raises(BadInput, match="expected a periodic cube"):
        described(open_space)
    with pytest.raises(BadInput, match="no velocities"):
        clouds_of(open_space, "train", None)
    with pytest.raises(BadInput, match="known parameters"):
        described({"x": 1})
    with pytest.raises(BadInput, match="with velocities"):
        clouds_of({"x": 1}, "train", None)
    assert half_width(np.array([1.0])) == 1.0
