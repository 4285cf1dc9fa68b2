"""What a user does: restore an image of their own, find the group of their own signals."""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from zoo_approx_equivariant.painting import grey_square

import zoo
from zoo_core import BadInput, Notice


@pytest.fixture(scope="session")
def model():
    return zoo.load("gnet7-fashion")


@pytest.fixture(scope="session")
def photo(home):
    """A picture of 28 x 28 with a square of 20 x 20 hidden, in mid-grey, at 3,5."""
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 90, (28, 28)).astype(np.uint8)
    pixels[3:23, 5:25] = 128
    Image.fromarray(pixels).save(home / "photo.png")
    return home / "photo.png"


def opened(media, suffix=".png"):
    return np.asarray(Image.open(io.BytesIO(media.as_bytes(suffix))))


def test_an_image_comes_back_restored(run, model, photo, home, tmp_path):
    done = run("predict", "gnet7-fashion", "photo.png", "--output", tmp_path / "out.png")
    assert done.code == 0, done.err
    found = np.asarray(Image.open(tmp_path / "out.png"))
    assert found.shape == (28, 28) and found.dtype == np.uint8
    media = model.predict(photo)
    assert (opened(media) == found).all()
    assert (opened(media, ".bmp") == found).all()
    pixels = np.array(Image.open(photo))
    for same in (pixels, pixels[None], Image.open(photo), torch.from_numpy(pixels)):
        assert (opened(model.predict(same)) == found).all()
    assert not (found[3:23, 5:25] == 128).all()
    with pytest.raises(BadInput, match="cannot be written as"):
        media.as_bytes(".txt")


def test_what_is_hidden_may_be_told_and_the_rest_kept(model, photo):
    pixels = np.array(Image.open(photo))
    whole = pixels.copy()
    whole[3:23, 5:25] = 77
    told = opened(model.predict(whole, hide="3,5"))
    assert (told == opened(model.predict(pixels))).all()
    kept = opened(model.predict(whole, hide="3,5", paste=True))
    outside = np.ones((28, 28), bool)
    outside[3:23, 5:25] = False
    assert (kept[outside] == pixels[outside]).all()
    assert (kept[3:23, 5:25] == told[3:23, 5:25]).all()


def test_images_of_other_kinds(model, photo, home):
    plain = opened(model.predict(photo))
    grey = Image.open(photo)
    grey.convert("RGB").save(home / "rgb.png")
    assert (opened(model.predict(home / "rgb.png")) == plain).all()
    grey.convert("RGBA").save(home / "rgba.png")
    assert (opened(model.predict(home / "rgba.png")) == plain).all()
    grey.resize((56, 56)).save(home / "large.png")
    with pytest.warns(Notice, match="has 56 x 56 pixels; it is resized"):
        model.predict(home / "large.png", hide="3,5")
    with pytest.warns(Notice, match="No square of 20 x 20"):
        model.predict(np.zeros((28, 28), np.uint8))


def test_what_is_no_image_or_no_square_is_refused(run, model, photo, home):
    (home / "words.png").write_text("no image")
    whole = np.zeros((28, 28), np.uint8)
    for source, options, told in (
        (None, {}, "Give an image"),
        (home / "words.png", {}, "not an image"),
        (np.zeros((28, 28)), {}, "uint8"),
        (np.zeros((3, 1, 28, 28), np.uint8), {}, "one image at a time"),
        (photo, {"hide": "somewhere"}, "expected TOP,LEFT"),
        (photo, {"hide": "9,9"}, "TOP up to 8, LEFT up to 8"),
    ):
        with pytest.raises(BadInput, match=told):
            model.predict(source, **options)
    with pytest.warns(Notice), pytest.raises(BadInput, match="say what is"):
        model.predict(whole, paste=True)
    done = run("predict", "gnet7-fashion", "nowhere.png", "--output", home / "no.png")
    assert done.code == 2 and "nowhere.png" in done.err


def test_a_grey_square_is_found_where_it_is():
    pixels = torch.zeros(10, 12)
    assert grey_square(pixels, 4, 128) is None
    pixels[5:9, 6:10] = 127
    assert grey_square(pixels, 4, 128) == (slice(5, 9), slice(6, 10))
    assert grey_square(pixels, 11, 128) is None


@pytest.mark.parametrize("name", ["gnet7-fashion", "gnet14-fashion", "gnet14-mnist"])
def test_pretrained_models_restore_their_test_images(data_or_skip, name):
    model = zoo.load(name)
    data = data_or_skip(model.zoo_source.dataset, **model.zoo_source.options)
    place = data.rows["test"][:20]
    restored = model(data.inputs[place])
    found = (restored - data.targets[place]).square().mean()
    given = (data.inputs - data.targets)[place].square().mean()
    assert found < 0.8 * given
    image = (data.inputs[place[0]] * data.std + data.mean) * 255
    pixels = image.round().clamp(0, 255).reshape(28, 28).to(torch.uint8)
    expected = (restored[0] * data.std + data.mean) * 255
    gap = opened(model.predict(pixels)) - expected.detach().numpy().reshape(28, 28).clip(0, 255)
    # Pixels of a file are rounded, and a hidden one is half a level off.
    assert np.abs(gap).max() < 3


def test_the_group_of_ones_own_signals(run, home, blocks, tmp_path):
    done = run(
        "train", "symmetry-chain", "--dataset", "mysignals.npz", "--option", "counts=[2]",
        "--set", "runs=3", "--set", "epochs=60", "--set", "learning_rate=0.03",
        "--out", tmp_path / "it",
    )  # fmt: skip
    assert done.code == 0, done.err
    rows = run("predict", tmp_path / "it", "--json").json
    assert [row["group"] for row in rows] == ["S_N", "2 clusters", "Aut(G)", "trivial"]
    (chosen,) = (row for row in rows if row["chosen"])
    assert chosen["group"] in ("2 clusters", "Aut(G)") and chosen["evidence"] == "least error"
    done = run("predict", tmp_path / "it", "--curve", "true", "--output", tmp_path / "curve.svg")
    assert done.code == 0, done.err
    assert "<svg" in (tmp_path / "curve.svg").read_text(encoding="utf-8")
    module = zoo.load(tmp_path / "it")
    found = zoo.predict(module, {"signals": blocks["signals"][:3]})
    values = np.array([row["values"] for row in found])
    assert (
        np.abs(values - blocks["targets"][:3]).mean() < 0.7 * np.abs(blocks["targets"][:3]).mean()
    )
    (row,) = zoo.evaluate(module, metrics=["signal-mse-x100"])
    assert row.value < 0.3
    with pytest.raises(BadInput, match=r"takes \(m, 10, 1\)"):
        module.predict(np.ones((2, 9)))
    with pytest.raises(BadInput, match="NaN"):
        module.predict(np.full((2, 10), np.nan))


def test_networks_of_ones_own_partition():
    module = zoo.create("symmetry-chain", nodes=5, clusters=[0, 0, 1, 1, 2])
    assert module(torch.ones(2, 5, 1)).shape == (2, 5, 1)
    with pytest.raises(BadInput, match="was not chosen"):
        module.predict()
    with pytest.raises(BadInput, match="not both"):
        zoo.create("symmetry-chain", nodes=2, clusters=[0, 1], generators=[[1, 0]])
    with pytest.raises(BadInput, match="names for 5 nodes"):
        zoo.create("symmetry-chain", nodes=5, clusters=[0, 1])


def test_images_of_ones_own(run, home, tmp_path):
    done = run(
        "train", "gnet", "--dataset", "pictures", "--option", "size=12", "--set", "cut=3",
        "--set", "epochs=5", "--out", tmp_path / "it",
    )  # fmt: skip
    assert done.code == 0, done.err
    module = zoo.load(tmp_path / "it")
    assert (module.height, module.square) == (12, 6)
    assert opened(module.predict(home / "pictures" / "00.png", hide="0,0")).shape == (12, 12)


def test_the_readmes_python_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    for code in re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL):
        exec(code, {})
    assert (tmp_path / "mysignals.npz").is_file()
