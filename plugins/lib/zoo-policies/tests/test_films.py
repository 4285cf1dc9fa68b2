"""Films and strips: what is written can be read again."""

import io

import av
import numpy as np
import pytest
from PIL import Image
from zoo_policies.films import film, side_by_side, strip

from zoo_core import BadInput

SHADES = np.linspace(0, 240, 7).astype(np.uint8)
FRAMES = SHADES[:, None, None, None] + np.zeros((1, 17, 25, 3), np.uint8)


def test_a_film_is_read_again():
    media = film(FRAMES, 10)
    with Image.open(io.BytesIO(media.as_bytes())) as gif:
        assert gif.n_frames == 7 and gif.size == (25, 17) and gif.info["duration"] == 100
        gif.seek(6)
        assert abs(gif.convert("RGB").getpixel((3, 3))[0] - 240) < 4
    with av.open(io.BytesIO(media.as_bytes(".mp4"))) as film_:
        shown = [frame.to_ndarray(format="rgb24") for frame in film_.decode(video=0)]
    assert len(shown) == 7 and shown[0].shape == (16, 24, 3)
    assert np.abs(np.array([one[8, 8, 0] for one in shown], int) - SHADES).max() < 8
    with Image.open(io.BytesIO(media.as_bytes(".png"))) as picture:
        assert picture.size == (7 * 25 + 6 * 4, 17)
    fewer = film(FRAMES, 10, every=4)
    with Image.open(io.BytesIO(fewer.as_bytes())) as gif:
        assert gif.n_frames == 3 and gif.info["duration"] == 400


def test_strips_and_films_side_by_side():
    assert strip(FRAMES, 3)[0, ::29, 0].tolist() == [SHADES[0], SHADES[3], SHADES[6]]
    both = side_by_side({1: FRAMES, 2: FRAMES[:2]})
    assert both.shape == (7, 17, 54, 3)
    assert both[6, 0, [0, 53], 0].tolist() == [240, SHADES[1]] and both[0, 0, 26, 0] == 255


def test_what_is_no_film_is_refused(monkeypatch):
    for bad in (FRAMES / 255, FRAMES[0], FRAMES[:0]):
        with pytest.raises(BadInput, match="expected bytes"):
            film(bad)
    with pytest.raises(BadInput, match="no film to be shown"):
        side_by_side([])
    with pytest.raises(BadInput, match="unlike heights"):
        side_by_side([FRAMES, FRAMES[:, :9]])
    for bad in (lambda: film(FRAMES, every=0), lambda: strip(FRAMES, 0)):
        with pytest.raises(BadInput, match="expected 1 or more"):
            bad()
    monkeypatch.setitem(__import__("sys").modules, "av", None)
    with pytest.raises(BadInput, match=r"needs av; run `pip install av`, or write it as \.gif"):
        film(FRAMES).as_bytes(".mp4")
