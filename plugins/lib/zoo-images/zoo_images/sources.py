"""What a person gives to predict on: files, folders and arrays, to batches of tensors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from zoo_core import BadInput
from zoo_images.decoding import decode, threaded
from zoo_images.files import Files, image_names
from zoo_images.preprocessing import Preprocessing


def pictures(
    sources: Sequence[Any], preprocessing: Preprocessing, batch_size: int, *, invert: bool = False
) -> Iterator[tuple[list[str], Tensor]]:
    """Yield names and tensors (n, C, H, W), batch by batch.

    A source is a file, a folder (all images in it, by name, subfolders too), a PIL image, or a
    uint8 array or tensor: (H, W), (H, W, C), (C, H, W) or a batch (N, C, H, W). Raises `BadInput`
    for anything else.
    """
    listed = list(_listed(sources))
    told: set[str] | None = set() if len(listed) > 1 else None

    def one(item: tuple[str, Any]) -> Tensor:
        pixels = _pixels(*item, preprocessing.channels, told)
        return preprocessing(255 - pixels if invert else pixels)

    for start in range(0, len(listed), batch_size):
        part = listed[start : start + batch_size]
        yield [name for name, _ in part], torch.cat(list(threaded(one, part)))


def _listed(sources: Sequence[Any]) -> Iterator[tuple[str, Any]]:
    for number, source in enumerate(sources):
        if isinstance(source, str | Path):
            path = Path(source).expanduser()
            if path.is_dir():
                yield from ((str(file), file) for file in Files(path, image_names(path)))
            else:
                yield str(path), path
        elif isinstance(source, np.ndarray | Tensor):
            batch = as_batch(source)
            yield from ((f"image {number}.{i}", one[None]) for i, one in enumerate(batch))
        else:
            yield f"image {number}", source


def _pixels(name: str, source: Any, channels: int, told: set[str] | None) -> Tensor:
    if isinstance(source, Tensor):
        return source
    if isinstance(source, Path | bytes):
        return decode(source, channels, name, told=told)[None]
    save = getattr(source, "save", None)  # a PIL image: read as its file would be
    if not callable(save):
        raise BadInput(
            f"{name} is a {type(source).__name__}; expected a file, a folder, a PIL image or a "
            "uint8 array."
        )
    import io

    stream = io.BytesIO()
    save(stream, format="PNG")
    return decode(stream.getvalue(), channels, name, told=told)[None]


def as_batch(array: np.ndarray | Tensor) -> Tensor:
    """Return an array of images as uint8 (N, C, H, W); raises `BadInput` for other numbers."""
    images = torch.as_tensor(array)
    if images.dtype != torch.uint8:
        raise BadInput(
            f"An array of images is of {str(images.dtype).removeprefix('torch.')}; expected uint8, "
            "0 to 255 (the model normalises it itself)."
        )
    if images.dim() == 2:
        images = images[None]
    elif images.dim() == 3 and images.shape[2] in (1, 3) and images.shape[0] not in (1, 3):
        images = images.permute(2, 0, 1)
    if images.dim() == 3:
        images = images[None]
    if images.dim() != 4 or images.shape[1] not in (1, 3):
        raise BadInput(
            f"An array of images has the shape {tuple(array.shape)}; expected (H, W), (H, W, C), "
            "(C, H, W) or (N, C, H, W) with 1 or 3 channels."
        )
    return images
