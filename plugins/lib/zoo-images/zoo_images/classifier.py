"""`ImageClassifier`: a backbone, a linear head, and the preprocessing that belongs to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from zoo_core import BadInput, Split
from zoo_images.backbones import create_backbone, intermediate_maps
from zoo_images.preprocessing import Preprocessing
from zoo_images.sources import pictures

GREY_28 = {"size": [28, 28], "channels": 1, "mean": [0.5], "std": [0.5]}
"""What images are taken for where nothing else is said: small, grey, in -1..1."""


class ImageClassifier(nn.Module):
    """Images (B, C, H, W), normalised as `inputs` says, to logits (B, num_classes).

    `backbone` is ``small-cnn``, ``mlp`` or any name of timm.list_models(), with `options` for its
    constructor, or a module that gives features (B, `num_features`); `inputs` are the JSON values
    of a `Preprocessing`; `classes` are the names of the classes. With `frozen` the backbone takes
    no gradients and stays in eval mode. Raises `BadInput` for what does not fit together.
    """

    def __init__(
        self,
        backbone: str | nn.Module = "small-cnn",
        num_classes: int = 10,
        inputs: Mapping[str, Any] | None = None,
        classes: Sequence[str] | None = None,
        options: Mapping[str, Any] | None = None,
        frozen: bool = False,
    ) -> None:
        super().__init__()
        if num_classes < 2:
            raise BadInput(f"{num_classes} classes leave nothing to tell apart; give two or more.")
        if classes is not None and len(classes) != num_classes:
            raise BadInput(f"There are {len(classes)} names for {num_classes} classes.")
        self.preprocessing = Preprocessing.of(GREY_28 if inputs is None else inputs)
        self.classes = tuple(classes or map(str, range(num_classes)))
        made = (
            create_backbone(backbone, self.preprocessing.channels, self.preprocessing.size, options)
            if isinstance(backbone, str)
            else backbone
        )
        self.backbone, self.frozen = made, frozen
        self.head = nn.Linear(width_of(made), num_classes)
        if frozen:
            self.backbone.requires_grad_(False)
            self.backbone.eval()

    def train(self, mode: bool = True) -> ImageClassifier:
        """Set the mode; a frozen backbone keeps the statistics of its batch norms."""
        super().train(mode)
        if self.frozen:
            self.backbone.eval()
        return self

    def features(self, images: Tensor) -> Tensor:
        """Return features (B, num_features)."""
        if images.dim() == 4:  # convolutions of this layout take about two thirds of the time
            images = images.contiguous(memory_format=torch.channels_last)
        found: Tensor = self.backbone(images.to(self.head.weight))
        return found

    def intermediates(
        self, images: Tensor, indices: int | Sequence[int] | None = None
    ) -> list[Tensor]:
        """Return maps (B, C, h, w) of a timm backbone's stages; see `intermediate_maps`."""
        return intermediate_maps(self.backbone, images.to(self.head.weight), indices)

    def forward(self, images: Tensor) -> Tensor:
        """Return logits (B, num_classes)."""
        logits: Tensor = self.head(self.features(images))
        return logits

    def embed(self, *sources: Any, batch_size: int = 64) -> Tensor:
        """Return the features (n, num_features) of images, as the head reads them.

        Sources are those of `predict`, or a split of an `ImageSet`; with `batch_size` images at
        once. Raises `BadInput` as `predict` does.
        """
        if not sources:
            raise BadInput("Nothing was given to embed; give images or folders of images.")
        if len(sources) == 1 and isinstance(sources[0], Split):
            data, rows = sources[0].data, sources[0].data.rows[sources[0].name]
            several = (data.tensors(part, self.preprocessing) for part in rows.split(batch_size))
        else:
            several = (images for _, images in self._batches(sources, batch_size))
        return torch.cat([self.features(images) for images in several])

    def example_sources(self, seed: int) -> list[Tensor]:
        """Return three random images, uint8 (C, H, W), for `embed`."""
        generator = torch.Generator().manual_seed(seed)
        shape = (self.preprocessing.channels, *self.preprocessing.size)
        return [torch.randint(256, shape, generator=generator).byte() for _ in range(3)]

    def example_inputs(self, seed: int) -> tuple[Tensor]:
        """Return four small random images."""
        generator = torch.Generator().manual_seed(seed)
        shape = (4, self.preprocessing.channels, *self.preprocessing.size)
        return (torch.randn(shape, generator=generator),)

    def answers(self, images: Tensor) -> dict[str, Tensor]:
        """Return what `outputs` yields of a batch of images beside its targets: the logits."""
        return {"logits": self(images)}

    def outputs(self, split: Any, batch_size: int = 256) -> Iterator[dict[str, Any]]:
        """Yield logits and targets of a split of an `ImageSet`."""
        data = split.data
        if tuple(data.classes) != self.classes and len(data.classes) != len(self.classes):
            raise BadInput(
                f"The data have {len(data.classes)} classes and the model {len(self.classes)}; "
                "measure it on data with its own classes."
            )
        rows, targets = data.rows[split.name], data.targets(split.name)
        for start in range(0, len(rows), batch_size):
            part = slice(start, start + batch_size)
            found = self.answers(data.tensors(rows[part], self.preprocessing))
            yield {**found, "target": targets[part].to(found["logits"].device)}

    def predict(
        self, *sources: str | Path, top: int = 1, invert: bool = False, batch_size: int = 64
    ) -> list[dict[str, Any]]:
        """Return the label of each image with its score, a probability; `top` labels each.

        Sources are files, folders of images, or uint8 arrays. `invert` turns dark on light into
        light on dark, as MNIST and Fashion-MNIST have it. Raises `BadInput` by name for what cannot
        be read.
        """
        if not sources:
            raise BadInput("Nothing was given to predict on; give images or folders of images.")
        if not 1 <= top <= len(self.classes):
            raise BadInput(f"top={top} of {len(self.classes)} classes; expected 1 or more of them.")
        rows: list[dict[str, Any]] = []
        for names, images in self._batches(sources, batch_size, invert):
            found = self(images).softmax(1)
            best = found.topk(top).indices.tolist()
            for name, labels, chances in zip(names, best, found.detach().cpu(), strict=True):
                rows += [{"image": name, **self.told(label, chances)} for label in labels]
        return rows

    def told(self, label: int, chances: Tensor) -> dict[str, Any]:
        """Return what a row of `predict` says of a label, given the probabilities (K,) of all."""
        return {"label": self.classes[label], "score": round(float(chances[label]), 4)}

    def _batches(
        self, sources: Sequence[Any], batch_size: int, invert: bool = False
    ) -> Iterator[tuple[list[str], Tensor]]:
        return pictures(sources, self.preprocessing, batch_size, invert=invert)


def width_of(backbone: nn.Module) -> int:
    """Return how many features a backbone gives; timm's `num_features` may be before a last layer.

    Some of timm's (MobileNet V3) have a hidden layer after the pooling, which counts.
    """
    width: Any = getattr(backbone, "head_hidden_size", None) or backbone.num_features
    return int(width)
