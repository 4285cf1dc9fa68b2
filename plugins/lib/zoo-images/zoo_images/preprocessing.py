"""`Preprocessing`: pixels to what a model takes. It is JSON, and travels with the weights."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from zoo_core import BadInput

INTERPOLATIONS = ("nearest", "bilinear", "bicubic")
CROP_MODES = ("center", "squash", "border")
GREY = torch.tensor([0.299, 0.587, 0.114])
"""The weights of red, green and blue in luma (ITU-R BT.601)."""


@dataclass(frozen=True)
class Preprocessing:
    """What turns images of any size into float tensors (n, channels, height, width).

    Sides are resized to ``size / crop`` (antialiased), the centre of `size` is cut out, and values
    in 0..1 are normalised by `mean` and `std` of each channel. With ``crop_mode="center"`` it is
    the shorter side, and the image keeps its shape; with ``"squash"`` both, and it does not; with
    ``"border"`` the longer one, and `mean` fills the rest. These are timm's ``input_size``,
    ``mean``, ``std``, ``interpolation``, ``crop_pct`` and ``crop_mode``. Raises `BadInput` for
    values that make no sense.
    """

    size: tuple[int, int]
    channels: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    interpolation: str = "bilinear"
    crop: float = 1.0
    crop_mode: str = "center"

    def __post_init__(self) -> None:
        for name in ("size", "mean", "std"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        checks = {
            "size": len(self.size) == 2 and all(1 <= side <= 8192 for side in self.size),
            "channels": self.channels in (1, 3),
            "mean": len(self.mean) == self.channels,
            "std": len(self.std) == self.channels and all(value > 0 for value in self.std),
            "interpolation": self.interpolation in INTERPOLATIONS,
            "crop": 0 < self.crop <= 1,
            "crop_mode": self.crop_mode in CROP_MODES,
        }
        for name, good in checks.items():
            if not good:
                raise BadInput(
                    f"inputs cannot have {name}={getattr(self, name)!r}; expected size [H, W], "
                    "channels 1 or 3, a mean and a positive std for each channel, interpolation "
                    f"{', '.join(INTERPOLATIONS)}, crop in (0, 1], and crop_mode "
                    f"{', '.join(CROP_MODES)}."
                )

    @classmethod
    def of(cls, inputs: Mapping[str, Any]) -> Preprocessing:
        """Make it of JSON values; raises `BadInput` for names that it does not have."""
        try:
            return cls(**inputs)
        except TypeError as error:
            raise BadInput(
                f"inputs are {', '.join(inputs) or 'empty'}; expected size, channels, mean, std, "
                "and perhaps interpolation, crop and crop_mode."
            ) from error

    @classmethod
    def of_timm(cls, backbone: torch.nn.Module, size: int | None = None) -> Preprocessing:
        """Return what a timm model was trained with (its ``pretrained_cfg``), at another `size`."""
        # torch types a module's attributes as tensors or modules, never as mappings.
        known: Mapping[str, Any] = backbone.pretrained_cfg  # type: ignore[assignment]
        channels, height, width = known["input_size"]
        usual = known.get("interpolation", "bilinear")
        return cls(
            size=(height, width) if size is None else (size, size),
            channels=channels,
            mean=known["mean"],
            std=known["std"],
            interpolation=usual if usual in INTERPOLATIONS else "bicubic",
            crop=known.get("crop_pct", 0.875) if size is None else 1.0,
            crop_mode=known.get("crop_mode") or "center",
        )

    def as_json(self) -> dict[str, Any]:
        """Return it as the JSON values that `of` takes; the usual mode of cropping is left out."""
        values = {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()}
        if self.crop_mode == "center":
            del values["crop_mode"]
        return values

    def __call__(self, images: Tensor) -> Tensor:
        """Return uint8 images (n, C, h, w) of one size as float32 (n, channels, height, width)."""
        pixels = self.resized(self.recoloured(images))
        mean, std = (
            torch.tensor(values, dtype=torch.float32, device=images.device).view(-1, 1, 1) * 255
            for values in (self.mean, self.std)
        )
        return (pixels.float() - mean) / std

    def recoloured(self, images: Tensor) -> Tensor:
        """Return grey images of colour ones, or the other way round, as the channels ask for."""
        if images.shape[1] == self.channels:
            return images
        if self.channels == 3:
            return images.expand(-1, 3, -1, -1)
        luma = (images.float() * GREY.to(images.device).view(1, 3, 1, 1)).sum(1, keepdim=True)
        return luma.round().to(torch.uint8)

    def resized(self, images: Tensor) -> Tensor:
        """Return uint8 images of the size, as PIL's antialiased resizing and a centre crop give."""
        if tuple(images.shape[2:]) == self.size and self.crop == 1.0:
            return images
        scaled = _interpolated(images, self._scaled(images.shape[2:]), self.interpolation)
        return _centre(self._padded(scaled), self.size)

    def _scaled(self, shape: Sequence[int]) -> list[int]:
        """Return the sides that an image is resized to before its centre is cut out."""
        edges = [math.floor(side / self.crop) for side in self.size]
        if self.crop_mode == "squash":
            return edges
        if self.crop_mode == "border":
            ratio = max(length / edge for length, edge in zip(shape, edges, strict=True))
            return [max(1, round(length / ratio)) for length in shape]
        if edges[0] == edges[1]:
            # torchvision cuts off the longer side's fraction, where timm rounds.
            return [edges[0] * length // min(shape) for length in shape]
        ratio = min(length / edge for length, edge in zip(shape, edges, strict=True))
        scaled = [round(length / ratio) for length in shape]
        return [max(pair) for pair in zip(scaled, self.size, strict=True)]

    def _padded(self, images: Tensor) -> Tensor:
        """Return images of no less than the size, `mean` around those that are smaller."""
        lacking = [
            max(0, side - length) for side, length in zip(self.size, images.shape[2:], strict=True)
        ]
        if not any(lacking):
            return images
        fill = torch.tensor([round(255 * value) for value in self.mean], dtype=torch.uint8)
        shape = [length + more for length, more in zip(images.shape[2:], lacking, strict=True)]
        found = fill.to(images.device).view(1, -1, 1, 1).repeat(len(images), 1, *shape)
        top, left = (more // 2 for more in lacking)
        found[:, :, top : top + images.shape[2], left : left + images.shape[3]] = images
        return found


def _interpolated(images: Tensor, size: Sequence[int], mode: str) -> Tensor:
    if tuple(images.shape[2:]) == tuple(size):
        return images
    options: dict[str, Any] = {} if mode == "nearest" else {"antialias": True}
    mode = "nearest-exact" if mode == "nearest" else mode
    # On a CPU torch resizes bytes, and rounds between rows and columns as PIL does.
    given = images.contiguous() if images.device.type == "cpu" else images.float()
    scaled = functional.interpolate(given, tuple(size), mode=mode, **options)
    if scaled.is_floating_point():
        scaled = scaled.round().clamp(0, 255).to(torch.uint8)
    return scaled


def _centre(images: Tensor, size: Sequence[int]) -> Tensor:
    # Half pixels go where torchvision rounds them to.
    top, left = (round((a - b) / 2) for a, b in zip(images.shape[2:], size, strict=True))
    return images[:, :, top : top + size[0], left : left + size[1]]
