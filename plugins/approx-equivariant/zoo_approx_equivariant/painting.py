"""Images in and out: an image to pixels, the square that is hidden in it, and back to a file."""

from __future__ import annotations

import io
import re
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor
from zoo_images.preprocessing import Preprocessing
from zoo_images.sources import pictures

from zoo_core import BadInput, Media, notice

KINDS = {".png": "PNG", ".bmp": "BMP", ".tif": "TIFF", ".webp": "WEBP", ".jpg": "JPEG"}
"""The files that an image is written in; JPEG loses some of it."""
NEAR = 2
"""How far grey levels may lie from that of hidden pixels, of 255: files round."""
Place = tuple[slice, slice]


def decoded(image: Any, size: tuple[int, int]) -> Tensor:
    """Return one image as grey levels (H, W), float32 from 0 to 255, of the size.

    Another size is resized, with a notice. Raises `BadInput` for what is no image, for several.
    """
    plain = Preprocessing(size, 1, (0.0,), (1 / 255,))
    seen: list[tuple[int, ...]] = []

    def watched(pixels: Tensor) -> Tensor:
        seen.append(tuple(pixels.shape[2:]))
        return plain(pixels)

    watching: Any = _Watching(watched)
    found = list(pictures([image], watching, 2))
    if len(found) != 1 or len(found[0][1]) != 1:
        raise BadInput("Give one image at a time: it is one image that comes back.")
    if seen[0] != size:
        name = found[0][0][0]
        notice(
            f"{name} has {seen[0][0]} x {seen[0][1]} pixels; it is resized and cut to "
            f"{size[0]} x {size[1]}, which the model takes."
        )
    return found[0][1][0, 0].clone()


class _Watching:
    """A preprocessing that tells of the sizes that it is given."""

    channels = 1

    def __init__(self, call: Any) -> None:
        self.call = call

    def __call__(self, pixels: Tensor) -> Tensor:
        made: Tensor = self.call(pixels)
        return made


def hidden_square(pixels: Tensor, side: int, grey: int, hide: str | None) -> Place | None:
    """Return where the hidden square of an image is: as `hide` says, else where all is grey.

    What is neither told nor found is said by a notice. Raises `BadInput` for a place that is none.
    """
    height, width = pixels.shape
    if hide is None:
        found = grey_square(pixels, side, grey)
        if found is None:
            notice(
                f"No square of {side} x {side} pixels in the grey {grey} is hidden in the image, "
                "which is taken as it is; say where one is with hide=TOP,LEFT."
            )
        return found
    match = re.fullmatch(r"\s*(\d+)\s*[,;x ]\s*(\d+)\s*", str(hide))
    if match is None:
        raise BadInput(f"hide={hide!r}; expected TOP,LEFT: two whole numbers of pixels from 0.")
    top, left = int(match[1]), int(match[2])
    if top + side > height or left + side > width:
        raise BadInput(
            f"A square of {side} x {side} pixels at {top},{left} does not lie within {height} x "
            f"{width}; expected TOP up to {height - side}, LEFT up to {width - side}."
        )
    return slice(top, top + side), slice(left, left + side)


def grey_square(pixels: Tensor, side: int, grey: int) -> Place | None:
    """Return the first square of a side that is grey all over, or None."""
    if side > min(pixels.shape):
        return None
    near = ((pixels - grey).abs() <= NEAR).numpy()
    windows = np.lib.stride_tricks.sliding_window_view(near, (side, side)).all((2, 3))
    places = np.argwhere(windows)
    if not len(places):
        return None
    top, left = map(int, places[0])
    return slice(top, top + side), slice(left, left + side)


def painted(pixels: Tensor) -> Media:
    """Return grey levels (H, W), uint8, as an image in any of `KINDS`."""
    array = pixels.cpu().numpy()

    def written(kind: str) -> bytes:
        from PIL import Image

        stream = io.BytesIO()
        Image.fromarray(array).save(stream, format=kind)
        return stream.getvalue()

    height, width = array.shape
    return Media(
        contents={suffix: partial(written, kind) for suffix, kind in KINDS.items()},
        told=f"the restored image, {height} x {width} pixels",
    )


def squares_at(count: int, size: tuple[int, int], side: int, seed: int) -> Tensor:
    """Return the top left corners (count, 2) of hidden squares, uniform over all that fit."""
    if not 1 <= side <= min(size):
        raise BadInput(
            f"square={side}; expected the side of a square within {size[0]} x {size[1]} pixels."
        )
    room = np.array(size) - side
    return torch.from_numpy(np.random.default_rng(seed).integers(0, room + 1, (count, 2)))


def hide_squares(images: Tensor, corners: Tensor, side: int) -> Tensor:
    """Return normalised images (n, H, W) with a square of each set to 0."""
    hidden = images.clone()
    for image, (top, left) in zip(hidden, corners.tolist(), strict=True):
        image[top : top + side, left : left + side] = 0
    return hidden
