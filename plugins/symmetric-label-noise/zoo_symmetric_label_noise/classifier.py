"""`NoisyLabelClassifier`: an ordinary image classifier that knows how noisy its labels were."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from zoo_images.classifier import ImageClassifier
from zoo_label_noise.noisy import LabelNoise, assumed_symmetric, noise_of

from zoo_core import BadInput


class NoisyLabelClassifier(ImageClassifier):
    """Images (B, C, H, W) to logits (B, K); nothing in it mitigates noise.

    `assumed_rate` is the rate of symmetric noise that the user says is in the labels (and
    `assumed_error` its standard error); it is for measuring, and stays None where the data know.
    `noise` records what the training labels were: kind, rate, seed, realised rate. See
    `ImageClassifier` for the rest. Raises `BadInput` for a rate outside of 0..1.
    """

    def __init__(
        self,
        backbone: str = "small-cnn",
        num_classes: int = 10,
        inputs: Mapping[str, Any] | None = None,
        classes: Sequence[str] | None = None,
        options: Mapping[str, Any] | None = None,
        frozen: bool = False,
        assumed_rate: float | None = None,
        assumed_error: float = 0.0,
        noise: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(backbone, num_classes, inputs, classes, options, frozen)
        self.noise = dict(noise or {})
        self.assumed: LabelNoise | None = None
        if assumed_rate is not None:
            self.assumed = assumed_symmetric(assumed_rate, num_classes, assumed_error)
        elif assumed_error:
            raise BadInput("assumed_error is the error of an assumed_rate; give that too.")

    def outputs(self, split: Any, batch_size: int = 256) -> Iterator[dict[str, Any]]:
        """Yield logits and targets, and the transition matrix (K, K) of these targets if known."""
        known = noise_of(split, self.assumed)
        more: dict[str, Any] = {}
        if known is not None:
            more = {
                "transition": torch.from_numpy(known.transition),
                "rate_error": known.rate_error,
            }
        for batch in super().outputs(split, batch_size):
            yield {**batch, **more}
