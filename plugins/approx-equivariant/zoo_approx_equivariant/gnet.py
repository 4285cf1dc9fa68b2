"""`GNet`: the paper's network on images, whose pixels move within patches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

import torch
from torch import Tensor, nn

from zoo_approx_equivariant.coarsening import mirrored as mirror
from zoo_approx_equivariant.coarsening import patches
from zoo_approx_equivariant.layers import CoarsenedLinear, through, widths
from zoo_approx_equivariant.painting import decoded, hidden_square, painted
from zoo_core import BadInput, Media


class GNet(nn.Module):
    """Normalised pixels (B, H * W, 1) to pixels (B, H * W, 1), through layers with ReLU between.

    The grid of `size` is cut into `cut` x `cut` patches; every layer commutes with permutations of
    the pixels within patches, with `mirrored` also with the exchange of left and right. Cut 1 is
    invariant to every permutation of the image, and a cut as large as the grid to none. `mean` and
    `std` normalise pixels in 0..1, and 0 stands for what is hidden: a square of side `square`.

    One layer alone begins as the published one does, with weights in 0..1. Raises `BadInput` for
    cuts and layers that make no sense, and for patches of unequal widths that are to be mirrored.
    """

    def __init__(
        self,
        cut: int = 14,
        size: Sequence[int] = (28, 28),
        hidden: int = 28,
        layers: int = 2,
        mirrored: bool = False,
        mean: float = 0.5,
        std: float = 0.5,
        square: int = 20,
    ) -> None:
        super().__init__()
        if len(size) != 2:
            raise BadInput(f"size={list(size)}; expected the height and width of the images.")
        self.height, self.width = size
        self.mean, self.std, self.square = mean, std, square
        clusters = patches(size, cut).tolist()
        coarse = [mirror(cut)] if mirrored and cut > 1 else []
        self.layers = nn.ModuleList(
            CoarsenedLinear(clusters, one, other, coarse)
            for one, other in widths(1, hidden, layers, 1)
        )
        if layers == 1:
            only = cast(CoarsenedLinear, self.layers[0])
            for parameter in (only.w_diag, only.w_off):
                nn.init.uniform_(parameter)

    def forward(self, signals: Tensor) -> Tensor:
        """Return restored pixels (B, H * W, 1)."""
        return through(self.layers, signals)

    def example_inputs(self, seed: int) -> tuple[Tensor]:
        """Return three random images."""
        generator = torch.Generator().manual_seed(seed)
        return (torch.randn(3, self.height * self.width, 1, generator=generator),)

    def example_sources(self, seed: int) -> list[Any]:
        """Return a random grey image (uint8)."""
        generator = torch.Generator().manual_seed(seed)
        return [torch.randint(256, (self.height, self.width), generator=generator).byte().numpy()]

    def outputs(self, split: Any, batch_size: int = 250) -> Iterator[dict[str, Tensor]]:
        """Yield predictions and targets, in normalised units, of all pixels."""
        data, bias = split.data, cast(CoarsenedLinear, self.layers[0]).bias
        if data.inputs.shape[1:] != (self.height * self.width, 1):
            raise BadInput(
                f"The images have {data.inputs.shape[1]:,} pixels; the model takes {self.height} x "
                f"{self.width}."
            )
        for rows in split.indices.split(batch_size):
            prediction = self(data.inputs[rows].to(bias))
            yield {
                "prediction": prediction.flatten(),
                "target": data.targets[rows].to(bias.device).flatten(),
            }

    def predict(self, image: Any = None, *, hide: str | None = None, paste: bool = False) -> Media:
        """Return an image with what is hidden in it restored.

        `image` is a file, a PIL image or a uint8 array; another size than the model's is resized to
        it, with a notice. `hide` is where the square is that is hidden, as "TOP,LEFT" in pixels;
        without it a square of the grey that stands for hidden pixels is looked for. With `paste`
        only the square is the model's, and the rest stays as it was; otherwise all pixels are, as
        they are measured. Raises `BadInput` for what is no image, and for a square that lies
        outside.
        """
        if image is None:
            raise BadInput("Give an image: a file, a PIL image or a uint8 array.")
        shape = (self.height, self.width)
        grey = round(255 * self.mean)
        pixels = decoded(image, shape)
        place = hidden_square(pixels, self.square, grey, hide)
        given = (pixels / 255 - self.mean) / self.std
        if place is not None:
            given[place] = 0
        bias = cast(CoarsenedLinear, self.layers[0]).bias
        restored = self(given.reshape(1, -1, 1).to(bias)).reshape(shape)
        found = (restored.float().cpu() * self.std + self.mean) * 255
        result = found.round().clamp(0, 255).to(torch.uint8)
        if paste:
            if place is None:
                raise BadInput("paste keeps what is not hidden; say what is: hide=TOP,LEFT.")
            kept = pixels.to(torch.uint8)
            kept[place] = result[place]
            result = kept
        return painted(result)
