"""What is seen: cameras' images in one size, and features of frames by a frozen encoder, kept.

The encoder is EfficientNet-Lite0 with its ImageNet weights, at the stage with stride 16: of a frame
of 64 pixels 4 x 4 tokens of 112 channels. It stands in for DINOv2 and the video autoencoder of the
paper, and is needed in training alone, and to measure predicted conditions against true ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from hashlib import sha256
from typing import Any

import numpy as np
import torch
from einops import rearrange
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional
from zoo_policies.episodes import Chosen, Episodes
from zoo_policies.kept import kept
from zoo_policies.normalising import Statistics

from zoo_core import BadInput, notice
from zoo_world_guidance.lessons import MOMENTS, Lessons

ENCODER = "tf_efficientnet_lite0"
STRIDE, CHANNELS = 16, 112
SIZE = 64
"""Pixels along a side of what the encoder is given."""
TOKENS = 16
_BATCH = 128
_MEAN, _STD = (0.5, 0.5, 0.5), (0.5, 0.5, 0.5)
"""With which the weights were trained."""


class Frames:
    """Images (N, H, W, 3) of a camera, brought to one size when they are read."""

    def __init__(self, frames: Any, size: int) -> None:
        self.frames, self.size = frames, size
        self.shape = (int(frames.shape[0]), size, size, 3)

    def __getitem__(self, rows: Any) -> NDArray[np.uint8]:
        return resized(torch.from_numpy(np.asarray(self.frames[rows])), self.size).numpy()


def resized(images: Tensor, size: int) -> Tensor:
    """Return images (B, H, W, 3), bytes, as squares of a size, by the mean over areas."""
    if images.shape[1:3] == (size, size):
        return images
    planes = rearrange(images, "b h w c -> b c h w").float()
    small = functional.interpolate(planes, (size, size), mode="area")
    return rearrange(small, "b c h w -> b h w c").round().to(torch.uint8)


def frames_of(data: Any, shape: Mapping[str, Any], rows: Any = None) -> Sequence[Any]:
    """Return the images of each camera by step, as many as the shape has.

    They are the recorded ones, or drawn from the states where the data can do so: all of them, once
    and for all, or when they are asked for where some `rows` alone are wanted. Raises `BadInput`
    for data that have fewer cameras.
    """
    count, size = int(shape["cameras"]), int(shape["size"])
    recorded = list(data.episodes.cameras.items())
    if not recorded and count == 1 and hasattr(data, "images"):
        drawn = data.images(size)
        return [drawn.kept() if rows is None else Chosen(drawn, rows)]
    if len(recorded) < count:
        raise BadInput(
            f"The data have {len(recorded)} cameras, and the policy {count}; set cameras."
        )
    for name, frames in recorded[:count]:
        height, width = frames.shape[1:3]
        if (height, width) != (size, size):
            notice(f"Images of {name} ({width} x {height}) are brought to {size} x {size}.")
    chosen = (one if rows is None else Chosen(one, rows) for _, one in recorded[:count])
    return [Frames(one, size) for one in chosen]


def future_shape(shape: Mapping[str, Any]) -> list[int]:
    """Return frames, tokens of a frame and their width, of what is told of the future.

    Of images it is what the encoder sees, otherwise the state as the policy itself is told it.
    """
    if shape["cameras"]:
        return [MOMENTS, TOKENS * int(shape["cameras"]), CHANNELS]
    seen = shape.get("seen")
    told = len(seen) if seen is not None else int(shape["states"])
    told += 2 + 2 * len(shape["points"]) if shape.get("pose") else 0
    return [MOMENTS, 1, told]


@torch.no_grad()
def future_features(module: Any, lessons: Lessons, data: Any) -> Lessons:
    """Return the lessons with features of every step; the module takes up their statistics.

    A module that looks at no future is left alone.
    """
    if not hasattr(module, "features"):
        return lessons
    found = features_of(module, data.episodes, lessons.frames)
    module.features.fit(Statistics.of(found.flatten(0, 1).numpy()), "standard", name="features")
    return lessons.with_features(found)


@torch.no_grad()
def features_of(module: Any, episodes: Episodes, frames: Sequence[Any]) -> Tensor:
    """Return features (N, tokens, width) of every step of episodes, in half precision."""
    if not frames:
        states = torch.from_numpy(episodes.states)[:, None]
        found: Tensor = rearrange(module.described(states), "n f -> n 1 f")
        return found.half()
    # A copy in memory: what is kept is mapped from its file, and cannot be written.
    return torch.from_numpy(np.concatenate([encoded(one) for one in frames], 1))


def encoded(frames: Any) -> NDArray[np.float16]:
    """Return what the encoder sees in frames (N, S, S, 3): (N, 16, 112), computed once and kept.

    Raises `DataError` where its weights cannot be had.
    """
    count = int(frames.shape[0])
    digest = sha256()
    for start in range(0, count, 1024):
        digest.update(frames[np.arange(start, min(start + 1024, count))].tobytes())
    encoder = Encoder()
    found: NDArray[np.float16] = kept(
        f"future-features/{ENCODER}-{digest.hexdigest()[:16]}",
        (count, TOKENS, CHANNELS),
        np.float16,
        lambda rows: encoder(torch.from_numpy(np.array(frames[rows]))).half().numpy(),
    )
    return found


class Encoder:
    """The frozen encoder: images (B, S, S, 3), bytes, to tokens (B, 16, 112)."""

    @cached_property
    def network(self) -> nn.Module:
        """The network, made when the first image comes."""
        from zoo_images.backbones import create_backbone, fill_pretrained

        made = create_backbone(ENCODER, 3, (SIZE, SIZE))
        fill_pretrained(made, ENCODER, 3)
        return made.eval()

    @torch.no_grad()
    def __call__(self, images: Tensor) -> Tensor:
        """Return the tokens, row by row."""
        planes = rearrange(resized(images, SIZE), "b h w c -> b c h w").float() / 255
        mean, std = (rearrange(torch.tensor(one), "c -> c 1 1") for one in (_MEAN, _STD))
        network: Any = self.network
        maps = network.forward_intermediates(
            (planes - mean) / std, indices=[3], intermediates_only=True, stop_early=True
        )[0]
        found: Tensor = rearrange(maps, "b c h w -> b (h w) c")
        return found
