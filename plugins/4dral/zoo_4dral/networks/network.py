"""`PlaceNetwork`: the teacher and both students, from an image of a place to its descriptor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from zoo_4dral.networks.encoder import encoder_of
from zoo_4dral.networks.recognition import Recognition
from zoo_4dral.networks.unet import UNetTiny
from zoo_core import BadInput


class Parts(NamedTuple):
    """What a network makes of images on its way to descriptors.

    `features` (B, C, h, w) are what the descriptor is made of: the encoder's, with the branch's
    added where there is one. `enhanced` (B, 1, H, W) is the image that the encoder saw, where it is
    another one; `branch` (B, C, h, w) what the branch gives, in (0, 1).
    """

    descriptor: Tensor
    features: Tensor
    enhanced: Tensor | None
    branch: Tensor | None


class PlaceNetwork(Recognition):
    """Images (B, 1, H, W) in [0, 1] to descriptors (B, C h w) of unit norm.

    The teacher (LiDAR to LiDAR) is an encoder alone. The student from radar to radar has a U-Net of
    width `unet` before it (0: none), and the `branch` P = sigmoid(conv(relu(conv F))) whose output
    is added to the features F; the student from radar to LiDAR has no branch, and one network for
    both sensors. `query` and `database` are the sensors of the images that are looked for, and of
    those in the map; `size` is the side of the images in pixels.

    From section III of the paper, and its released model classes.
    """

    def __init__(
        self,
        query: str = "radar",
        database: str = "radar",
        encoder: str = "stages",
        widths: Sequence[int] = (16, 32, 64),
        unet: int = 8,
        branch: bool = True,
        size: int = 64,
    ) -> None:
        super().__init__(query, database, size)
        if unet < 0:
            raise BadInput(f"unet={unet}; expected the width of the U-Net, or 0 for none.")
        self.encoder = encoder_of(encoder, widths)
        if size <= self.encoder.stride:
            raise BadInput(
                f"size={size} is too small: the encoder halves images until a pixel is of "
                f"{self.encoder.stride}; expected more pixels, or fewer widths."
            )
        self.unet = UNetTiny(unet) if unet else None
        channels = self.encoder.channels
        self.branch = (
            nn.Sequential(
                nn.Conv2d(channels, channels // 2, 3, padding=1),
                nn.ReLU(),
                nn.Conv2d(channels // 2, channels, 3, padding=1),
            )
            if branch
            else None
        )

    def parts(self, images: Tensor) -> Parts:
        """Return the descriptors of images, and what they are made from."""
        enhanced = None if self.unet is None else self.unet(images)
        features = self.encoder(images if enhanced is None else enhanced)
        branch = None if self.branch is None else torch.sigmoid(self.branch(features))
        if branch is not None:
            features = features + branch
        descriptor = functional.normalize(features.flatten(1), dim=1)
        return Parts(descriptor, features, enhanced, branch)

    def forward(self, images: Tensor) -> Tensor:
        """Return the descriptors (B, C h w) of images (B, 1, H, W)."""
        return self.parts(images).descriptor

    def example_inputs(self, seed: int) -> tuple[Tensor, ...]:
        """Return two images with a few bright pixels."""
        generator = torch.Generator().manual_seed(seed)
        images = torch.rand(2, 1, self.size, self.size, generator=generator)
        return ((images - 0.8).clamp(min=0) * 5,)
