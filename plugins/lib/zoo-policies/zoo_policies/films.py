"""Films of episodes, side by side, and strips of their frames."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zoo_core import BadInput, Media

Array = NDArray[Any]
GAP = 4
"""White pixels between pictures."""


def film(frames: Array, fps: float = 10.0, *, every: int = 1, told: str = "") -> Media:
    """Return frames (T, H, W, 3), bytes, as a film: ``.gif``, ``.mp4``, or ``.png``, a strip.

    `every` keeps one frame of so many, at the same pace of time. Raises `BadInput` for what are no
    frames; for ``.mp4`` where av is not installed.
    """
    kept = checked(frames)
    if every < 1:
        raise BadInput(f"every={every}; expected 1 or more.")
    # The last frame says how it ended.
    kept = kept[np.unique([*range(0, len(kept), every), len(kept) - 1])]
    rate = fps / every
    contents: dict[str, Any] = {
        ".gif": lambda: _gif(kept, rate),
        ".mp4": lambda: _mp4(kept, rate),
        ".png": lambda: _png(strip(kept)),
    }
    return Media(contents, told=told or f"{len(kept)} frames of {len(kept) / rate:.1f} s")


def strip(frames: Array, count: int = 8) -> Array:
    """Return `count` frames, from the first to the last, in one picture (H, W', 3)."""
    kept = checked(frames)
    if count < 1:
        raise BadInput(f"count={count}; expected 1 or more.")
    chosen = np.linspace(0, len(kept) - 1, min(count, len(kept))).round().astype(int)
    return _beside([kept[place] for place in chosen])


def side_by_side(films: Sequence[Array] | Mapping[Any, Array]) -> Array:
    """Return films of one height as one (T, H, W', 3); those that are over stand still.

    Raises `BadInput` for none, and for unlike heights.
    """
    parts = [checked(one) for one in (films.values() if isinstance(films, Mapping) else films)]
    if not parts:
        raise BadInput("There is no film to be shown; film one seed at least.")
    if len({part.shape[1] for part in parts}) > 1:
        raise BadInput("Films of unlike heights do not stand side by side; draw them in one size.")
    longest = max(map(len, parts))
    whole = [np.concatenate([part, np.repeat(part[-1:], longest - len(part), 0)]) for part in parts]
    return np.stack([_beside([part[step] for part in whole]) for step in range(longest)])


def checked(frames: Array) -> Array:
    """Return frames (T, H, W, 3); raises `BadInput` for what are none."""
    found = np.asarray(frames)
    if found.ndim != 4 or found.shape[-1] != 3 or found.dtype != np.uint8 or 0 in found.shape:
        raise BadInput(
            f"Frames have the shape {found.shape} and the type {found.dtype}; expected bytes (T, "
            "height, width, 3)."
        )
    return found


def _beside(pictures: Sequence[Array]) -> Array:
    gap = np.full((pictures[0].shape[0], GAP, 3), 255, np.uint8)
    parts = [part for picture in pictures for part in (picture, gap)][:-1]
    return np.concatenate(parts, axis=1)


def _gif(frames: Array, fps: float) -> bytes:
    from PIL import Image

    first, *others = (
        Image.fromarray(frame).quantize(64, dither=Image.Dither.NONE) for frame in frames
    )
    target = io.BytesIO()
    first.save(
        target, "GIF", save_all=True, append_images=others, duration=round(1000 / fps), loop=0
    )
    return target.getvalue()


def _png(picture: Array) -> bytes:
    from PIL import Image

    target = io.BytesIO()
    Image.fromarray(picture).save(target, "PNG")
    return target.getvalue()


def _mp4(frames: Array, fps: float) -> bytes:
    try:
        import av
    except ImportError:
        raise BadInput(
            "A film as .mp4 needs av; run `pip install av`, or write it as .gif."
        ) from None
    from fractions import Fraction

    height, width = (size - size % 2 for size in frames.shape[1:3])
    target = io.BytesIO()
    with av.open(target, "w", format="mp4") as container:
        # H.264 is what browsers show; builds of av without it have MPEG-4.
        codec = "libx264" if "libx264" in av.codecs_available else "mpeg4"
        stream: Any = container.add_stream(codec, rate=Fraction(fps).limit_denominator(1000))
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.bit_rate = 2_000_000
        for frame in frames:
            picture = np.ascontiguousarray(frame[:height, :width])
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return target.getvalue()
