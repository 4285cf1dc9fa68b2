"""Every kind of picture file is handled, or refused by its name."""

from __future__ import annotations

import io
import struct
import warnings
import zlib

import numpy as np
import pytest
import torch
from PIL import Image
from zoo_images.decoding import decode
from zoo_images.preprocessing import Preprocessing

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
    across = COLOUR.transpose(1, 0, 2)
    turned = (
        *(COLOUR, COLOUR[:, ::-1], COLOUR[::-1, ::-1], COLOUR[::-1]),
        *(across, across[:, ::-1], across[::-1, ::-1], across[::-1]),
    )
    found = decode(path, 3).permute(1, 2, 0).numpy()
    np.testing.assert_array_equal(found, turned[orientation - 1])


def test_inks_become_colours(tmp_path):
    """CMYK and the like are converted; a scan for printing is no error."""
    for mode in ("CMYK", "YCbCr"):
        image = Image.fromarray(np.full((8, 8, 3), (200, 30, 30), np.uint8)).convert(mode)
        path = saved(tmp_path, image, f"{mode}.jpg", quality=95)
        found = decode(path, 3).float().mean((1, 2))
        assert found[0] > 150 and found[1] < 90 and found[2] < 90, mode
    laboratory = Image.new("LAB", (4, 4), (200, 128, 128))
    assert decode(saved(tmp_path, laboratory, "lab.tiff"), 3).shape == (3, 4, 4)


def test_grey_with_transparency(tmp_path):
    pixels = np.dstack([GREY, np.full((4, 6), 255, np.uint8)])
    pixels[0, 0] = 0
    with pytest.warns(Notice, match="transparent"):
        laid = decode(saved(tmp_path, Image.fromarray(pixels, "LA")), 1)
    assert laid[0, 0, 0] == 255 and laid[0, 1, 1] == GREY[1, 1]
    # A palette with one colour that means transparent, as in GIF files.
    palette = Image.fromarray(GREY).quantize(16)
    with pytest.warns(Notice, match="transparent"):
        found = decode(saved(tmp_path, palette, "it.gif", transparency=palette.getpixel((2, 2))), 3)
    assert found[:, 2, 2].tolist() == [255, 255, 255]


def test_sixteen_bits_of_colour_are_scaled(tmp_path):
    """PIL cannot write them: this is a PNG of one pixel, of 16 bits a channel."""
    body = zlib.compress(b"\0" + struct.pack(">3H", 0xFFFF, 0x8000, 0))

    def chunk(name, content):
        checked = name + content
        return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))

    header = struct.pack(">2I5B", 1, 1, 16, 2, 0, 0, 0)
    content = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body)
    found = decode(content + chunk(b"IEND", b""), 3)
    assert found.flatten().tolist() == [255, 128, 0]


@pytest.mark.parametrize("suffix", ["webp", "png"])
def test_other_films_are_told_too(tmp_path, suffix):
    frames = [Image.fromarray(np.full((4, 4, 3), v, np.uint8)) for v in (10, 200)]
    path = saved(tmp_path, frames[0], f"film.{suffix}", save_all=True, append_images=frames[1:])
    with pytest.warns(Notice, match="has 2 frames"):
        assert int(decode(path, 3).max()) < 100


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "bmp", "gif", "tiff", "ppm"])
def test_a_damaged_file_is_read_or_refused_by_name(suffix):
    """Whatever is cut off or changed: pixels, or one sentence that names the file."""
    rng = np.random.default_rng(0)
    stream = io.BytesIO()
    noise = Image.fromarray(rng.integers(0, 255, (24, 24, 3)).astype(np.uint8))
    noise.save(stream, "JPEG" if suffix == "jpg" else suffix.upper())
    whole = stream.getvalue()
    damaged = [whole[:length] for length in range(0, len(whole), max(1, len(whole) // 12))]
    for _ in range(60):
        changed = bytearray(whole)
        for place in rng.integers(0, min(len(whole), 120), 3):
            changed[place] = rng.integers(256)
        damaged.append(bytes(changed))
    refused = 0
    for content in damaged:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                assert decode(content, 3, "it").dtype == torch.uint8
            except BadInput as error:
                refused += 1
                assert str(error).startswith("it "), error
    assert refused >= 10


def test_what_is_lost_of_many_is_said_once(tmp_path):
    paths = [saved(tmp_path, Image.fromarray(COLOUR), f"{i}.png") for i in range(3)]
    told: set[str] = set()
    with pytest.warns(Notice) as said:
        for path in paths:
            decode(path, 1, told=told)
    assert len(said) == 1
    assert "0.png is in colour" in str(said[0].message)
    assert "any other such image" in str(said[0].message)


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (5, 7), (1000, 3)])
@pytest.mark.parametrize("crop", [1.0, 0.875])
def test_every_size_comes_to_the_models(size, crop):
    inputs = Preprocessing((28, 24), 3, (0.5,) * 3, (0.5,) * 3, crop=crop)
    image = torch.full((1, 3, *size), 255, dtype=torch.uint8)
    found = inputs(image)
    assert found.shape == (1, 3, 28, 24)
    torch.testing.assert_close(found, torch.ones_like(found))


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
    (tmp_path / "empty.png").write_bytes(b"")
    with pytest.raises(BadInput, match=r"empty\.png is not an image"):
        decode(tmp_path / "empty.png", 3)
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(BadInput, match=r"folder\.png cannot be opened"):
        decode(tmp_path / "folder.png", 3)
