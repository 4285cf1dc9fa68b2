"""Images of LeRobot folders: encoded in parquet files, or frames of videos; decoded on demand."""

from __future__ import annotations

import io
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zoo_core import BadInput

Array = NDArray[Any]
HELD = 4
"""So many episodes of a video are held decoded."""


class Encoded:
    """PNG or JPEG images in the rows of a parquet column, one a step (N, H, W, 3)."""

    def __init__(self, encoded: Sequence[bytes | None], label: str) -> None:
        self._encoded, self._label = encoded, label
        self.dtype = np.dtype(np.uint8)
        self.shape: tuple[int, ...] = (len(encoded), *self._decoded(0).shape)

    def __getitem__(self, rows: Any) -> Array:
        chosen = np.arange(self.shape[0])[rows]
        found = np.empty((chosen.size, *self.shape[1:]), np.uint8)
        for place, row in enumerate(chosen.reshape(-1).tolist()):
            image = self._decoded(row)
            if image.shape != self.shape[1:]:
                raise BadInput(
                    f"Image {row} of {self._label} is {image.shape[1]} x {image.shape[0]} pixels, "
                    f"the first one {self.shape[2]} x {self.shape[1]}; expected images of one size."
                )
            found[place] = image
        return found.reshape((*chosen.shape, *self.shape[1:]))

    def _decoded(self, row: int) -> Array:
        from PIL import Image, UnidentifiedImageError

        stored = self._encoded[row]
        if not stored:
            raise BadInput(
                f"Image {row} of {self._label} is stored as a path alone; expected its bytes in "
                "the parquet file, as LeRobot writes them."
            )
        try:
            with Image.open(io.BytesIO(stored)) as opened:
                return np.asarray(opened.convert("RGB"))
        except (OSError, UnidentifiedImageError):
            raise BadInput(f"Image {row} of {self._label} cannot be decoded.") from None


@dataclass(frozen=True)
class Clip:
    """The part of a video file that an episode is: `length` steps from `begin`, in seconds."""

    path: Path
    begin: float
    length: int


class Video:
    """Frames of one camera (N, H, W, 3), an episode decoded when one of its frames is asked for.

    The frame of a step is the one whose time is nearest, at most half a step away.
    """

    def __init__(self, clips: Sequence[Clip], fps: float) -> None:
        self._clips, self._fps = clips, fps
        self._ends = np.cumsum([clip.length for clip in clips])
        self._held: OrderedDict[int, Array] = OrderedDict()
        self.dtype = np.dtype(np.uint8)
        self.shape: tuple[int, ...] = (int(self._ends[-1]), *_size(clips[0].path), 3)

    def __getitem__(self, rows: Any) -> Array:
        chosen = np.arange(self.shape[0])[rows]
        flat = chosen.reshape(-1)
        found = np.empty((flat.size, *self.shape[1:]), np.uint8)
        episodes = np.searchsorted(self._ends, flat, side="right")
        for episode in np.unique(episodes).tolist():
            here = episodes == episode
            begin = self._ends[episode] - self._clips[episode].length
            found[here] = self._episode(episode)[flat[here] - begin]
        return found.reshape((*chosen.shape, *self.shape[1:]))

    def _episode(self, number: int) -> Array:
        if number not in self._held:
            self._held[number] = self._decoded(self._clips[number])
            if len(self._held) > HELD:
                self._held.popitem(last=False)
        self._held.move_to_end(number)
        return self._held[number]

    def _decoded(self, clip: Clip) -> Array:
        av = _av()
        found = np.empty((clip.length, *self.shape[1:]), np.uint8)
        missing = set(range(clip.length))
        try:
            with av.open(str(clip.path)) as container:
                stream = container.streams.video[0]
                container.seek(int(clip.begin / stream.time_base), stream=stream, backward=True)
                for frame in container.decode(stream):
                    step = round((float(frame.pts * stream.time_base) - clip.begin) * self._fps)
                    if step >= clip.length:
                        break
                    if step in missing:
                        found[step] = frame.to_ndarray(format="rgb24")
                        missing.discard(step)
        except (av.error.FFmpegError, OSError, IndexError, TypeError, ValueError) as error:
            raise BadInput(
                f"{clip.path.name} cannot be decoded as a video of one size "
                f"({type(error).__name__})."
            ) from None
        if missing:
            at = clip.begin + min(missing) / self._fps
            raise BadInput(
                f"{clip.path.name} has no frame at {at:.3f} s, where a step is; expected one for "
                f"each step at {self._fps:g} a second."
            )
        return found


def _size(path: Path) -> tuple[int, int]:
    av = _av()
    try:
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            return int(stream.height), int(stream.width)
    except (av.error.FFmpegError, OSError, IndexError) as error:
        raise BadInput(f"{path.name} is no video ({type(error).__name__}).") from None


def _av() -> Any:
    try:
        import av
        import av.error
    except ImportError:
        raise BadInput("Reading videos needs av; run `pip install av`.") from None
    return av
