"""Encoders from bird's-eye-view images (B, 1, H, W) to maps of features (B, C, h, w)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from torch import Tensor, nn

from zoo_core import BadInput

ENCODERS = ("stages", "resnet18")


class Stages(nn.Sequential):
    """A small encoder: for each of the `widths` two 3 x 3 convolutions, the first with stride 2.

    Each is followed by batch normalisation and ReLU; a max pooling over 2 x 2 ends it. With three
    widths an image of 64 x 64 becomes a map of 4 x 4.
    """

    def __init__(self, widths: Sequence[int]) -> None:
        layers: list[nn.Module] = []
        for inputs, outputs in pairwise([1, *widths]):
            layers += [*_convolution(inputs, outputs, 2), *_convolution(outputs, outputs, 1)]
        super().__init__(*layers, nn.MaxPool2d(2))
        self.channels, self.stride = widths[-1], 2 ** len(widths)


class ResNet18(nn.Module):
    """The paper's encoder: a convolution from one channel to three, ResNet-18 up to its layer3.

    A max pooling over 2 x 2 ends it: an image of 200 x 200 becomes a map of 6 x 6 with 256
    channels. The paper starts from ImageNet's weights; here they are random, or those that a
    training starts from. 2,782,814 weights.
    """

    channels, stride = 256, 16

    def __init__(self) -> None:
        super().__init__()
        import timm

        self.stem = nn.Sequential(nn.Conv2d(1, 3, 3, padding=1), nn.ReLU())
        self.trunk: Any = timm.create_model(
            "resnet18", features_only=True, out_indices=(3,), pretrained=False
        )
        self.pool = nn.MaxPool2d(2)

    def forward(self, images: Tensor) -> Tensor:
        """Return the map of features of images (B, 1, H, W)."""
        (found,) = self.trunk(self.stem(images))
        pooled: Tensor = self.pool(found)
        return pooled


def encoder_of(kind: str, widths: Sequence[int]) -> Stages | ResNet18:
    """Return an encoder by its name; raises `BadInput` for another one, and for no widths."""
    if kind not in ENCODERS:
        raise BadInput(f"encoder={kind!r}; expected {' or '.join(ENCODERS)}.")
    if kind == "resnet18":
        return ResNet18()
    if len(widths) == 0 or min(widths) < 1:
        raise BadInput(f"widths={list(widths)}; expected the channels of each stage, 1 or more.")
    return Stages(widths)


def _convolution(inputs: int, outputs: int, stride: int) -> list[nn.Module]:
    return [
        nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    ]
