"""Every kind of picture file is handled, or refused by its name."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch
from PIL import Image
from zoo_images.decoding import decode

from zoo_core import BadInput, Notice, strictly

COLOUR = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3) * 3
GREY = COLOUR[:, :, 0]


def saved(tmp_path, image, name="it.png", **options):
    path = tmp_path / name
    image.save(path, **options)
    return path


def test_colour_and_grey(tmp_path):
    path = saved(tmp_path, Image.fromarray(COLOUR))
    np.testing.assert_array_equal(decode(path, 3).permute(1, 2, 0), COLOUR)
    path = saved(tmp_path, Image.fromarray(GREY), "grey.png")
    np.testing.assert_array_equal(decode(path, 1)[0], GREY)
    assert torch.equal(decode(path, 3)[0], decode(path, 3)[2])
    np.testing.assert_array_equal(decode(path.read_bytes(), 1)[0], GREY)


def test_colours_that_are_dropped_are_told(tmp_path):
    path = saved(tmp_path, Image.fromarray(COLOUR))
    with pytest.warns(Notice, match=r"it\.png is in colour"):
        grey = decode(path, 1)
    np.testing.assert_array_equal(grey[0], np.asarray(Image.fromarray(COLOUR).convert("L")))
    with strictly(), pytest.raises(BadInput, match="in colour"):
        decode(path, 1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        decode(saved(tmp_path, Image.fromarray(GREY).convert("RGB"), "same.png"), 1)


def test_transparency_is_laid_on_white(tmp_path):
    pixels = np.dstack([COLOUR, np.full((4, 6), 255, np.uint8)])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        opaque = decode(saved(tmp_path, Image.fromarray(pixels)), 3)
    np.testing.assert_array_equal(opaque.permute(1, 2, 0), COLOUR)
    pixels[0, 0, 3] = 0
    with pytest.warns(Notice, match="transparent"):
        laid = decode(saved(tmp_path, Image.fromarray(pixels)), 3)
    assert laid[:, 0, 0].tolist() == [255, 255, 255]


def test_palettes_and_single_bits(tmp_path):
    palette = Image.fromarray(COLOUR).quantize(256)
    found = decode(saved(tmp_path, palette), 3)
    np.testing.assert_array_equal(found.permute(1, 2, 0), np.asarray(palette.convert("RGB")))
    bits = Image.fromarray(GREY > 20)
    assert set(decode(saved(tmp_path, bits, "bits.png"), 1).unique().tolist()) == {0, 255}


def test_sixteen_bits_are_scaled(tmp_path):
    deep = (np.arange(24).reshape(4, 6) * 2700).astype(np.uint16)
    found = decode(saved(tmp_path, Image.fromarray(deep)), 1)
    np.testing.assert_array_equal(found[0], np.round(deep / 257))


@pytest.mark.parametrize("kind", [np.float32, np.int32])
def test_thirty_two_bits_are_refused(tmp_path, kind):
    path = saved(tmp_path, Image.fromarray(GREY.astype(kind)), "deep.tiff")
    with pytest.raises(BadInput, match=r"deep\.tiff has 32-bit pixels"):
        decode(path, 1)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_orientation_of_a_camera_is_obeyed(tmp_path, orientation):
    image = Image.fromarray(COLOUR)
    exif = image.getexif()
    exif[0x0112] = orientation
    path = saved(tmp_path, image, exif=exif)
    turned = {1: COLOUR, 2: COLOUR[:, ::-1], 3: COLOUR[::-1, ::-1], 4: COLOUR[::-1]}
    expected = turned.get(orientation)
    found = decode(path, 3).permute(1, 2, 0).numpy()
    if expected is None:
        assert found.shape == (6, 4, 3)
    else:
        np.testing.assert_array_equal(found, expected)


def test_frames_after_the_first_are_told(tmp_path):
    frames = [Image.fromarray(np.full((4, 4), v, np.uint8)) for v in (10, 200)]
    path = saved(tmp_path, frames[0], "film.gif", save_all=True, append_images=frames[1:])
    with pytest.warns(Notice, match=r"film\.gif has 2 frames"):
        assert int(decode(path, 1).max()) < 100


def test_what_is_no_picture_is_refused_by_name(tmp_path):
    with pytest.raises(BadInput, match=r"no file .*gone\.png"):
        decode(tmp_path / "gone.png", 3)
    (tmp_path / "text.png").write_text("not a picture")
    with pytest.raises(BadInput, match=r"text\.png is not an image"):
        decode(tmp_path / "text.png", 3)
    rng = np.random.default_rng(0)
    noise = Image.fromarray(rng.integers(0, 255, (64, 64, 3)).astype(np.uint8))
    path = saved(tmp_path, noise, "cut.png")
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(BadInput, match=r"cut\.png is broken or cut off"):
        decode(path, 3)
