from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from zoo_images.preprocessing import Preprocessing

from zoo_core import BadInput

GREY = Preprocessing((28, 28), 1, (0.5,), (0.25,))


def random_images(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(0, 256, shape, dtype=torch.uint8, generator=generator)


def test_images_of_the_size_are_normalised_alone():
    images = random_images(3, 1, 28, 28)
    expected = (images.float() / 255 - 0.5) / 0.25
    torch.testing.assert_close(GREY(images), expected)


@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic"])
@pytest.mark.parametrize("shape", [(50, 40), (17, 91), (28, 28)])
def test_resizing_is_that_of_pil(interpolation, shape):
    made = Preprocessing((28, 28), 3, (0,) * 3, (1,) * 3, interpolation)
    images = random_images(1, 3, *shape)
    found = made.resized(images)[0].permute(1, 2, 0).numpy().astype(int)
    image = Image.fromarray(images[0].permute(1, 2, 0).numpy())
    size = [28 * side // min(shape) for side in shape]
    wanted = image.resize(size[::-1], getattr(Image.Resampling, interpolation.upper()))
    top, left = round((size[0] - 28) / 2), round((size[1] - 28) / 2)
    expected = np.asarray(wanted).astype(int)[top : top + 28, left : left + 28]
    assert np.abs(found - expected).max() <= 1


@given(st.integers(1, 60), st.integers(1, 60), st.sampled_from([0.5, 0.875, 1.0]))
def test_every_size_gives_the_size_asked_for(height, width, crop):
    made = Preprocessing((12, 20), 1, (0,), (1,), "bilinear", crop)
    assert made(random_images(2, 1, height, width)).shape == (2, 1, 12, 20)


def test_crop_cuts_out_the_centre():
    image = torch.zeros(1, 1, 100, 100, dtype=torch.uint8)
    image[:, :, 25:75, 25:75] = 255
    made = Preprocessing((50, 50), 1, (0,), (1,), "bilinear", 0.5)
    assert bool((made(image) == 1).all())


def test_colour_and_grey_become_what_the_model_takes():
    colour = random_images(2, 3, 28, 28)
    luma = np.asarray(Image.fromarray(colour[0].permute(1, 2, 0).numpy()).convert("L"))
    assert np.abs(GREY.recoloured(colour)[0, 0].numpy().astype(int) - luma).max() <= 1
    grey = random_images(2, 1, 28, 28)
    three = Preprocessing((28, 28), 3, (0,) * 3, (1,) * 3).recoloured(grey)
    assert torch.equal(three[:, 2], grey[:, 0])


def test_it_is_json_there_and_back():
    made = Preprocessing((28, 32), 3, (0.1, 0.2, 0.3), (1, 2, 3), "bicubic", 0.875)
    assert Preprocessing.of(json.loads(json.dumps(made.as_json()))) == made


@pytest.mark.parametrize(
    "wrong",
    [
        {"size": (0, 28)},
        {"channels": 2},
        {"mean": (0.5, 0.5)},
        {"std": (0.0,)},
        {"interpolation": "cubic"},
        {"crop": 0},
        {"crop_mode": "centre"},
    ],
)
def test_what_makes_no_sense_is_refused(wrong):
    with pytest.raises(BadInput, match="inputs cannot have"):
        Preprocessing(**{**vars(GREY), **wrong})
    with pytest.raises(BadInput, match="expected size"):
        Preprocessing.of({"sizes": [1, 2]})


@pytest.mark.parametrize("shape", [(200, 260), (331, 97), (40, 40)])
@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"crop_mode": "squash", "crop_pct": 0.9},
        {"crop_mode": "border", "crop_pct": 1.0},
        {"crop_mode": "border", "crop_pct": 0.7},
        {"input_size": (3, 96, 64), "interpolation": "bilinear"},
        {"input_size": (3, 75, 75), "crop_pct": 0.8},
    ],
    ids=lambda changed: "-".join(map(str, changed.values())) or "own",
)
def test_it_is_what_timm_s_transforms_do(changed, shape):
    """Pixel by pixel, up to two levels of 255: PIL and torch round apart in rows and in columns.

    On smooth images, in which a pixel's shift is up to eleven; where noise of full contrast is
    clipped between rows and columns they differ by more, in a pixel of a hundred.
    """
    timm = pytest.importorskip("timm")
    backbone = timm.create_model("resnet10t", num_classes=0, pretrained_cfg_overlay=changed)
    made = Preprocessing.of_timm(backbone)
    config = timm.data.resolve_data_config(model=backbone)
    assert made.size == tuple(config["input_size"][1:])
    transform = timm.data.create_transform(**config, is_training=False)
    pixels = torch.nn.functional.interpolate(random_images(1, 3, 9, 9), shape, mode="bilinear")
    image = Image.fromarray(pixels[0].permute(1, 2, 0).numpy())
    difference = (transform(image) - made(pixels)[0]).abs().max()
    assert difference <= 2.01 / 255 / min(made.std)
