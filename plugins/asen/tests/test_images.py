"""Images: what shared positions make invariant, any partition, and the choice of a patch."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from zoo_asen.checks import images as checks
from zoo_asen.images.acting import permuted
from zoo_asen.images.classifier import PixelClassifier
from zoo_asen.images.digits import MEAN, STD
from zoo_asen.images.positions import patch_labels
from zoo_asen.images.selection import train
from zoo_asen.specs.claims import CLAIMS
from zoo_images.image_set import ImageSet

import zoo
from zoo_core import BadInput
from zoo_core.testing import make_run

INPUTS = {"size": [5, 4], "channels": 1, "mean": [0.5], "std": [0.5]}


def bounds(name):
    return next(claim.bounds for claim in CLAIMS if claim.name == name)


def striped(count=60, side=4):
    """Two classes that only positions tell apart: the upper or the lower half is bright."""
    rng = np.random.default_rng(0)
    labels = torch.arange(count) % 2
    images = rng.integers(0, 60, (count, 1, side, side)).astype(np.uint8)
    for image, label in zip(images, labels.tolist(), strict=True):
        image[:, : side // 2] += np.uint8(150 * (label == 0))
        image[:, side // 2 :] += np.uint8(150 * (label == 1))
    rows = torch.arange(count)
    return ImageSet(
        images=torch.from_numpy(images),
        labels=labels,
        classes=("upper", "lower"),
        rows={"train": rows[:30], "val": rows[30:44], "test": rows[44:]},
        mean=(0.4,),
        std=(0.3,),
    )


@given(st.lists(st.integers(-2, 4), min_size=20, max_size=20), st.integers(0, 2**31))
def test_pixels_of_one_label_may_change_places(positions, seed):
    torch.manual_seed(0)
    module = PixelClassifier(width=8, depth=1, inputs=INPUTS, positions=positions).eval()
    generator = torch.Generator().manual_seed(seed)
    images = torch.randn(2, 1, 5, 4, generator=generator)
    order = permuted(torch.tensor(positions), generator)
    moved = images.flatten(2)[..., order].reshape(images.shape)
    assert torch.allclose(module(moved), module(images), atol=1e-5)
    assert module.backbone.position.num_embeddings == len(set(positions))
    for images_of in module.group().generators:
        assert [positions[i] for i in images_of] == positions


def test_patches_tile_the_grid():
    labels = patch_labels((3, 5), 2).reshape(3, 5)
    assert labels.tolist() == [[0, 0, 1, 1, 2], [0, 0, 1, 1, 2], [3, 3, 4, 4, 5]]
    assert len(set(patch_labels((4, 6), 1))) == 24 and set(patch_labels((4, 6), 6)) == {0}
    assert [len(set(patch_labels((14, 14), patch))) for patch in (1, 2, 14)] == [196, 49, 1]


def test_one_patch_keeps_no_place_and_single_pixels_keep_all():
    images = torch.randn(3, 1, 5, 4)
    order = torch.randperm(20)
    moved = images.flatten(2)[..., order].reshape(images.shape)
    for patch, same in ((5, True), (1, False)):
        module = PixelClassifier(patch, width=8, inputs=INPUTS).eval()
        assert torch.allclose(module(moved), module(images), atol=1e-5) is same


def test_exactness_is_measured():
    found = checks.shared_positions(draws=2).quantities
    assert set(found) == set(bounds("shared-positions"))
    assert found["largest change when pixels of equal position change places"] < 1e-5
    assert found["exchanges of pixels of different positions that change nothing"] == 0
    assert found["largest error of a coarser network in a finer one"] < 1e-5


@pytest.mark.parametrize(
    ("shape", "told"),
    [
        ({"patch": 0}, "patch=0; expected the side"),
        ({"patch": 1.5}, "patch=1.5; expected int"),
        ({"positions": [0] * 19}, "19 positions for 5 x 4 pixels"),
        ({"positions": [0] * 19 + ["x"]}, "expected Sequence"),
        ({"positions": [0] * 19 + [float("nan")]}, "expected Sequence"),
        ({"width": 9}, "a width that the heads divide"),
        ({"depth": 0}, "numbers from 1"),
        ({"classes": ["a"]}, "1 names for 10 classes"),
    ],
    ids=["none", "part", "few", "word", "nan", "width", "depth", "classes"],
)
def test_shapes_that_make_no_sense_are_refused(shape, told):
    with pytest.raises(BadInput, match=told):
        zoo.create("asen-image", inputs=INPUTS, **shape)


def test_labels_of_pixels_are_whole_numbers():
    for wrong in ("x", 0.5, True, None):
        with pytest.raises(BadInput, match=f"positions has {wrong!r}"):
            PixelClassifier(inputs=INPUTS, positions=[0] * 19 + [wrong])


def test_validation_chooses_the_patch():
    data = striped()
    recipe = {"epochs": 6, "batch_size": 5, "learning_rate": 1e-2, "patches": [2, 9, 4], "size": 4}
    run = make_run("asen-image", data, shape={"width": 16, "depth": 1}, recipe=recipe)
    module = train(run, lambda steps, **_: steps)
    rows = module.predict()
    assert [row["patch"] for row in rows] == [4, 2]
    assert [row["positions"] for row in rows] == [1, 4]
    (chosen,) = (row for row in rows if row["chosen"])
    assert chosen["patch"] == 2 and chosen["behind"] == 0 and chosen["accuracy"] > 90
    assert rows[0]["behind"] > 20 and rows[0]["loss"] > chosen["loss"]
    assert zoo.predict(module, data.images[:2].numpy())[0]["label"] == "upper"
    again = train(run, lambda steps, **_: steps)
    assert module.predict() == again.predict()


def test_a_patch_that_is_named_is_trained_alone():
    recipe = {"epochs": 1, "size": 2}
    run = make_run("asen-image", striped(), shape={"patch": 1, "width": 8}, recipe=recipe)
    module = train(run, lambda steps, **_: steps)
    assert module.preprocessing.size == (2, 2) and not module.selection
    with pytest.raises(BadInput, match="Nothing was given"):
        module.predict()


@pytest.mark.parametrize(
    ("recipe", "told"),
    [
        ({"patches": []}, r"patches=\[\]"),
        ({"patches": [0]}, r"patches=\[0\]"),
        ({"patches": "12"}, "patches='12'"),
        ({"size": 0}, "size=0"),
        ({"epochs": 0}, "epochs=0"),
    ],
    ids=["none", "zero", "text", "size", "epochs"],
)
def test_recipes_that_make_no_sense_are_refused(recipe, told):
    run = make_run("asen-image", striped(), shape={"width": 8}, recipe=recipe)
    with pytest.raises(BadInput, match=told):
        train(run, lambda steps, **_: steps)


def test_data_of_another_kind_are_refused():
    run = make_run("asen-image", object(), recipe={"epochs": 1})
    with pytest.raises(BadInput, match="give labelled images"):
        train(run, lambda steps, **_: steps)
    data = striped()
    few = {**data.rows, "val": data.rows["val"][:1]}
    run = make_run("asen-image", dataclasses.replace(data, rows=few), recipe={"epochs": 1})
    with pytest.raises(BadInput, match="One image cannot choose"):
        train(run, lambda steps, **_: steps)


def test_pictures_of_ones_own(zoo_here, tmp_path):
    data = striped(24)
    for i, label in enumerate(data.labels.tolist()):
        place = tmp_path / "mine" / data.classes[label] / f"{i}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(data.images[i, 0].numpy()).save(place)
    done = zoo_here(
        "train", "asen-image", "--dataset", tmp_path / "mine", "--set", "patches=[1,4]",
        "--set", "size=4", "--set", "epochs=2", "--set", "width=8", "--out", tmp_path / "it",
    )  # fmt: skip
    assert done.code == 0, done.err
    rows = zoo_here("predict", tmp_path / "it", "--json").json
    assert [row["patch"] for row in rows] == [4, 1] and sum(row["chosen"] for row in rows) == 1
    rows = zoo_here("predict", tmp_path / "it", tmp_path / "mine" / "upper", "--json").json
    assert len(rows) == 12 and {row["label"] for row in rows} <= {"upper", "lower"}
    done = zoo_here("train", "asen-image", "--dataset", tmp_path / "pathfinder32")
    assert done.code == 2 and "Traceback" not in done.err


def test_digits_are_those_of_scikit_learn():
    data = zoo.dataset("digits")
    assert [len(data.rows[name]) for name in ("train", "val", "test")] == [892, 451, 454]
    pixels = data.images.float() / 255
    assert float(pixels.mean()) == pytest.approx(MEAN, abs=1e-4)
    assert float(pixels.std()) == pytest.approx(STD, abs=1e-4)
    assert data.images.shape == (1797, 1, 8, 8) and int(data.images.max()) == 255


def test_the_quantities_are_those_of_the_claims(monkeypatch):
    monkeypatch.setattr(checks, "dataset", lambda name, **_: name)
    monkeypatch.setattr(checks, "load", lambda name: PixelClassifier(2))
    monkeypatch.setattr(
        checks, "trained", lambda data, seed, shape, recipe: PixelClassifier(shape["patch"])
    )
    monkeypatch.setattr(
        checks,
        "right",
        lambda module, data, most=None: torch.arange(10.0) + len(set(module.positions)),
    )
    found = checks.digits_curve(seeds=(0, 1))
    assert set(found.quantities) == set(bounds("digits-curve"))
    found = checks.fashion_patches()
    assert set(found.quantities) == set(bounds("fashion-patches"))
    assert found.quantities["p = 1 minus p = 14"].mean == 195
    assert found.quantities["position vectors of p = 2 for one of p = 1"] == 0.25


def test_a_check_trains_by_the_recipe():
    data = striped()
    module = checks.trained(data, 0, {"patch": 1, "width": 8}, {"epochs": 3, "size": 4})
    assert checks.right(module, data).shape == (16,)
    assert checks.right(module, data, 5).shape == (5,)
