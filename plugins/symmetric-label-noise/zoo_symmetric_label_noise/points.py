"""`PointClassifier`: a small network on points, for the simulations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from zoo_images.networks import MLP
from zoo_label_noise.noisy import metrics_for_noise, noise_for_metrics

from zoo_core import BadInput


class PointClassifier(nn.Module):
    """Points (B, in_features) to logits (B, num_classes), through layers of ReLU units.

    `noise` records what the training labels were.
    """

    def __init__(
        self,
        in_features: int = 2,
        num_classes: int = 4,
        widths: Sequence[int] = (64, 64),
        noise: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__()
        self.in_features, self.noise = in_features, dict(noise or {})
        self.backbone = MLP(in_features, widths)
        self.head = nn.Linear(self.backbone.num_features, num_classes)

    def forward(self, points: Tensor) -> Tensor:
        """Return logits (B, num_classes)."""
        logits: Tensor = self.head(self.backbone(points.to(self.head.weight)))
        return logits

    def example_inputs(self, seed: int) -> tuple[Tensor]:
        """Return eight random points."""
        return (torch.randn(8, self.in_features, generator=torch.Generator().manual_seed(seed)),)

    def outputs(self, split: Any, batch_size: int = 5000) -> Iterator[dict[str, Any]]:
        """Yield logits, targets, and the transition matrix of these targets."""
        points, targets = split.data.images[split.indices], split.data.targets(split.name)
        more, device = noise_for_metrics(split), self.head.weight.device
        for start in range(0, len(points), batch_size):
            part = slice(start, start + batch_size)
            yield {
                "logits": self(points[part].to(device)),
                "target": targets[part].to(device),
                **more,
            }

    def more_metrics(self, split: Any) -> Sequence[str]:
        """Return the metrics that tell the accuracy on clean labels, where these are noisy."""
        return metrics_for_noise(split)

    def predict(self, *sources: Any) -> list[dict[str, Any]]:
        """Return the class of each point with its probability.

        Sources are arrays (n, in_features) or CSV files of numbers without a header; with none, the
        four corners of a square are taken. Raises `BadInput` for anything else.
        """
        rows = []
        for source in sources or (np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]]),):
            points = self._points(source)
            scores = self(points).detach().softmax(1)
            rows += [
                {"point": [round(float(v), 4) for v in x], "class": int(s.argmax()),
                 "score": round(float(s.max()), 4)}
                for x, s in zip(points, scores, strict=True)
            ]  # fmt: skip
        return rows

    def _points(self, source: Any) -> Tensor:
        try:
            if isinstance(source, str | Path):
                source = np.loadtxt(source, delimiter=",", ndmin=2)
            points = torch.as_tensor(np.asarray(source, np.float32))
        except (OSError, ValueError, TypeError) as error:
            raise BadInput(f"{source!r:.80} holds no points ({error}).") from error
        if points.dim() != 2 or points.shape[1] != self.in_features or not points.isfinite().all():
            raise BadInput(
                f"Points of shape {tuple(points.shape)} were given; expected (n, "
                f"{self.in_features}) finite numbers."
            )
        return points
