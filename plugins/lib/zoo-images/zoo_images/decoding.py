"""Image files to uint8 tensors: what a file may be, what is made of it, and what is refused."""

from __future__ import annotations

import contextvars
import io
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from zoo_core import BadInput, notice

if TYPE_CHECKING:
    from PIL.Image import Image

    from zoo_images.preprocessing import Preprocessing

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".ppm", ".pgm")
THREADS = 4
_DEEP = ("I;16", "I;16L", "I;16B", "I;16N")
_UNREADABLE = ("I", "F")


def decode(
    source: str | Path | bytes,
    channels: int,
    name: str | None = None,
    formats: tuple[str, ...] | None = None,
    told: set[str] | None = None,
) -> Tensor:
    """Return an image file, or its bytes, as uint8 (channels, H, W).

    Of what kind it is is seen from its bytes, not from its suffix; `formats` are those of PIL that
    are tried (default: all).

    It is turned as its EXIF orientation says. Palettes and other colour spaces become RGB, 16-bit
    grey is scaled to 8 bits. What is lost is said by a notice: transparency (laid on white),
    colours where `channels` is 1, frames after the first. `told` are the kinds of loss that were
    said of other images already: of many, the first is named. Raises `BadInput`, by the file's
    name, for what is no image, is broken, is too large to be one, or has 32-bit pixels.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    label = name or (str(source) if not isinstance(source, bytes) else "The image")
    stream = io.BytesIO(source) if isinstance(source, bytes) else source
    try:
        with Image.open(stream, formats=formats) as opened:
            frames = getattr(opened, "n_frames", 1)
            if frames > 1:
                _say("frames", f"{label} has {frames} frames, of which the first is taken.", told)
            upright = ImageOps.exif_transpose(opened)
            upright.load()
            return _as_tensor(_flat(upright, label, told), channels, label, told)
    except FileNotFoundError:
        raise BadInput(f"There is no file {label}; give an image or a folder of images.") from None
    except UnidentifiedImageError:
        raise BadInput(
            f"{label} is not an image of a known kind; give a PNG, JPEG, WebP, BMP, GIF or TIFF."
        ) from None
    except BadInput:
        raise
    # A damaged file fails in as many ways as its format has fields; PIL lets them all through.
    except Exception as error:
        reason = str(error).partition("\n")[0].rstrip(".")
        if isinstance(error, OSError) and error.errno is not None:
            raise BadInput(f"{label} cannot be opened ({error.strerror}).") from error
        raise BadInput(f"{label} is broken or cut off ({reason}); get it again.") from error


def _say(kind: str, text: str, told: set[str] | None) -> None:
    if told is None:
        notice(text)
    elif kind not in told:
        told.add(kind)
        notice(f"{text[:-1]}; the same is done to any other such image.")


def _flat(image: Image, label: str, told: set[str] | None) -> Image:
    """Return an image in mode L or RGB."""
    from PIL import Image

    if image.mode in _UNREADABLE:
        raise BadInput(
            f"{label} has 32-bit pixels (mode {image.mode}), whose range nothing tells; convert "
            "it to 8 or 16 bits."
        )
    if image.mode in _DEEP:
        deep = np.asarray(image).astype(np.uint32)
        return Image.fromarray(((deep + 128) // 257).astype(np.uint8))
    if image.mode == "P" or image.has_transparency_data:
        image = image.convert("RGBA")
        opaque = image.getchannel("A").getextrema() == (255, 255)
        if not opaque:
            text = f"{label} has transparent pixels, which are laid on white."
            _say("transparency", text, told)
            white = Image.new("RGBA", image.size, (255, 255, 255, 255))
            image = Image.alpha_composite(white, image)
        return image.convert("RGB")
    return image.convert("L" if image.mode in ("1", "L") else "RGB")


def _as_tensor(image: Image, channels: int, label: str, told: set[str] | None) -> Tensor:
    pixels = np.array(image, dtype=np.uint8)
    if channels == 1 and pixels.ndim == 3:
        grey = bool((pixels == pixels[:, :, :1]).all())
        if not grey:
            text = f"{label} is in colour and the model takes grey: its colours are dropped."
            _say("colours", text, told)
        pixels = np.array(image.convert("L"), dtype=np.uint8)
    if pixels.ndim == 2:
        return torch.from_numpy(pixels).expand(channels, -1, -1)
    return torch.from_numpy(pixels).permute(2, 0, 1).contiguous()


def decode_all(
    files: Sequence[Any], preprocessing: Preprocessing, told: set[str]
) -> Iterator[Tensor]:
    """Yield each file as (1, C, H, W) as a model takes it, in order, decoded by a few threads."""

    def one(file: Any) -> Tensor:
        return preprocessing(decode(file, preprocessing.channels, told=told)[None])

    return threaded(one, files)


def threaded(function: Callable[[Any], Tensor], items: Sequence[Any]) -> Iterator[Tensor]:
    """Yield what a function gives for each item, in order, by a few threads.

    Each task in a copy of this context: a notice is an error there too when strict was asked for.
    """
    if len(items) == 1:
        yield function(items[0])
        return
    contexts = [contextvars.copy_context() for _ in items]
    with ThreadPoolExecutor(THREADS) as pool:
        yield from pool.map(lambda context, one: context.run(function, one), contexts, items)
