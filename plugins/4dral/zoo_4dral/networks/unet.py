"""`UNetTiny`: local image enhancement, from a radar image to one that looks like a LiDAR's."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional


class UNetTiny(nn.Module):
    """An image (B, 1, H, W) to one of the same size with values in (0, 1).

    Double convolutions (3 x 3 without bias, batch normalisation, ReLU, twice) at `width`, 2, 4 and
    8 times as many channels, with max pooling on the way down; transposed convolutions on the way
    up, zeros where an odd size lacks a row, and what was there on the way down beside it. With a
    width of 16 it is the paper's, with 482,449 weights.
    """

    def __init__(self, width: int = 16) -> None:
        super().__init__()
        widths = [width * 2**level for level in range(4)]
        self.down = nn.ModuleList(_double(a, b) for a, b in pairwise([1, *widths]))
        steps = list(pairwise(reversed(widths)))
        self.up = nn.ModuleList(nn.ConvTranspose2d(a, b, 2, stride=2) for a, b in steps)
        self.joined = nn.ModuleList(_double(a, b) for a, b in steps)
        self.last = nn.Conv2d(width, 1, 1)

    def forward(self, images: Tensor) -> Tensor:
        """Return the enhanced images."""
        found, skips = images, []
        for level, convolutions in enumerate(self.down):
            found = convolutions(functional.max_pool2d(found, 2) if level else found)
            skips.append(found)
        for up, convolutions, skip in zip(self.up, self.joined, skips[-2::-1], strict=True):
            found = convolutions(torch.cat([skip, _padded(up(found), skip)], 1))
        return torch.sigmoid(self.last(found))


def _padded(found: Tensor, skip: Tensor) -> Tensor:
    """Return a map with zeros around it, of the size of the one beside it."""
    high, wide = (skip.shape[axis] - found.shape[axis] for axis in (2, 3))
    return functional.pad(found, [wide // 2, wide - wide // 2, high // 2, high - high // 2])


def _double(inputs: int, outputs: int) -> nn.Module:
    layers: list[nn.Module] = []
    for channels in (inputs, outputs):
        layers += [
            nn.Conv2d(channels, outputs, 3, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
        ]
    return nn.Sequential(*layers)
