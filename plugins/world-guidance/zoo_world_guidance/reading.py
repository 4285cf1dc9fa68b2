"""What a user has, read: demonstrations to learn from, and observations to act on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from zoo_policies.demonstrations import Demonstrations
from zoo_policies.numbers import real
from zoo_policies.reading import read_demonstrations as read
from zoo_tables import open_arrays

from zoo_core import BadInput

STATES = ("observation.state", "states", "state")
_PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".webp")


def read_demonstrations(
    source: Any, *, labelled: int | None = None, test: float = 0.1, seed: int = 0, **options: Any
) -> Demonstrations:
    """Return demonstrations of a user's own with splits, whole episodes each.

    `source` is an .npz, a LeRobot dataset folder, arrays, or a list of episodes; see
    `zoo_policies.reading.read_episodes`, whose options these are. Of the episodes to learn from
    the first `labelled` keep their actions (all). Raises `BadInput` for anything else.
    """
    data = read(source, test=test, seed=seed, **options)
    if labelled is None:
        return data
    train = data.rows["train"]
    if type(labelled) is not int or not 1 <= labelled <= len(train):
        raise BadInput(f"labelled={labelled!r}; expected 1 to {len(train)} episodes.")
    return Demonstrations(data.episodes.without_actions(train[labelled:]), data.rows, data.facts)


def read_observations(
    source: Any, sizes: tuple[int, int, int], seen: list[int], cameras: int, state: str
) -> tuple[Tensor, list[Tensor]]:
    """Return states (B, history, d) and images (B, H, W, 3) of what a robot sees.

    `sizes` are history, d, and how many numbers of the state a policy reads, those of `seen`.
    `source` is a state (d,), several (B, d), or their last ones (B, history, d), as an array, an
    .npy, or under "state" in an .npz or a mapping, which has images (B, H, W, 3) under other names;
    or a picture, with the state as text ("222,97"). Raises `BadInput` for anything else.
    """
    arrays = _arrays(source, state)
    key = next((name for name in STATES if name in arrays), None)
    if key is None:
        raise BadInput(
            f"There is no state among {', '.join(map(str, arrays)) or 'nothing'}; give it as "
            "'state', or beside a picture as an option (--state 222,97)."
        )
    states = _states(arrays.pop(key), sizes, seen)
    images = [_images(one, name, len(states)) for name, one in arrays.items()]
    if len(images) < cameras:
        raise BadInput(
            f"The policy sees {cameras} camera(s), and there are {len(images)} images; give bytes "
            "(height, width, 3) beside the state."
        )
    return states, images[:cameras]


def _arrays(source: Any, state: str) -> dict[str, Any]:
    if isinstance(source, str | Path):
        path = Path(source).expanduser()
        if not path.is_file():
            raise BadInput(f"There is no file {path}; give an .npz, an .npy, or a picture.")
        if path.suffix.lower() in _PICTURES:
            return {"state": _numbers_in(state), "image": _picture(path)}
        if path.suffix.lower() not in (".npz", ".npy"):
            raise BadInput(f"{path.name} is no .npz, .npy or picture.")
        with open_arrays(path) as arrays:
            found = {name: arrays[name] for name in arrays.names}
        return {"state": next(iter(found.values()))} if path.suffix.lower() == ".npy" else found
    if isinstance(source, Mapping):
        return dict(source)
    return {"state": source}


def _picture(path: Path) -> NDArray[np.uint8]:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as image:
            return np.asarray(image.convert("RGB"))
    except (OSError, UnidentifiedImageError) as error:
        raise BadInput(f"{path.name} cannot be read as a picture: {error}.") from None


def _numbers_in(text: str) -> list[float]:
    try:
        return [float(one) for one in text.split(",")]
    except ValueError:
        raise BadInput(
            f"state={text!r}; expected numbers with commas between them, such as 222,97."
        ) from None


def _states(given: Any, sizes: tuple[int, int, int], seen: list[int]) -> Tensor:
    history, whole, told = sizes
    try:
        states = real(given)
    except (TypeError, ValueError):
        raise BadInput("The state is no array of numbers.") from None
    states = states[None] if states.ndim == 1 else states
    states = states[:, None] if states.ndim == 2 else states
    if states.ndim != 3 or not len(states) or states.shape[2] not in (whole, told):
        needed = str(whole) if whole == told else f"{told}, or all {whole}"
        raise BadInput(
            f"The state has the shape {np.shape(given)}; expected {needed} numbers, or rows of "
            "them."
        )
    if not np.isfinite(states).all():
        raise BadInput("The state has NaN or infinite numbers.")
    if states.shape[2] != whole:
        # What the policy does not read may be anything.
        filled = np.zeros((*states.shape[:2], whole), np.float32)
        filled[..., seen] = states
        states = filled
    # The earliest state stands for those before it.
    states = states[:, -history:]
    missing = history - states.shape[1]
    states = np.concatenate([np.repeat(states[:, :1], missing, 1), states], 1)
    return torch.from_numpy(states)


def _images(given: Any, name: str, count: int) -> Tensor:
    # A copy, as PyTorch wants what can be written.
    images = np.asarray(given).copy()
    images = images[None] if images.ndim == 3 else images
    if images.ndim != 4 or images.shape[-1] != 3 or images.dtype != np.uint8 or 0 in images.shape:
        raise BadInput(
            f"{name} has the shape {np.shape(given)} and the type {images.dtype}; expected bytes "
            "(height, width, 3), or a stack of them."
        )
    if len(images) != count:
        raise BadInput(f"There are {count} states and {len(images)} images of {name}.")
    return torch.from_numpy(images)
