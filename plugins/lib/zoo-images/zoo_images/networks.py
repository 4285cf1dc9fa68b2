"""Small networks for small images, where a timm backbone would be too much."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn


def _block(inputs: int, outputs: int, *after: nn.Module) -> nn.Sequential:
    convolution = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(outputs), *after)


class SmallCNN(nn.Module):
    """Three convolutions of 3 x 3 with batch norm, images (B, C, H, W) to features (B, 4 w).

    The first two are followed by max-pooling, the last by averages over a 2 x 2 grid; w is the last
    of the `widths`. With the default ones, 26,000 parameters for grey images and ten classes.
    """

    def __init__(self, channels: int = 1, widths: Sequence[int] = (16, 32, 64)) -> None:
        super().__init__()
        first, second, third = widths
        self.num_features = 4 * third
        # ReLU after pooling is the same function, for a quarter of the work.
        self.layers = nn.Sequential(
            _block(channels, first, nn.MaxPool2d(2)),
            nn.ReLU(inplace=True),
            _block(first, second, nn.MaxPool2d(2)),
            nn.ReLU(inplace=True),
            _block(second, third, nn.ReLU(inplace=True)),
            nn.AdaptiveAvgPool2d(2),
            nn.Flatten(),
        )

    def forward(self, images: Tensor) -> Tensor:
        """Return features (B, 4 w)."""
        features: Tensor = self.layers(images)
        return features


class MLP(nn.Module):
    """Layers of ReLU units on flattened inputs: (B, …) with `in_features` numbers to (B, width)."""

    def __init__(self, in_features: int, widths: Sequence[int] = (64,)) -> None:
        super().__init__()
        sizes = [in_features, *widths]
        layers: list[nn.Module] = [nn.Flatten()]
        for inputs, outputs in pairwise(sizes):
            layers += [nn.Linear(inputs, outputs), nn.ReLU(inplace=True)]
        self.layers = nn.Sequential(*layers)
        self.num_features = sizes[-1]

    def forward(self, inputs: Tensor) -> Tensor:
        """Return features (B, width)."""
        features: Tensor = self.layers(inputs)
        return features
