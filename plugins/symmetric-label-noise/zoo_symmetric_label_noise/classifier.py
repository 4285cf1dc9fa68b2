"""`NoisyLabelClassifier`: an ordinary image classifier that knows how noisy its labels were."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from zoo_images.classifier import ImageClassifier
from zoo_images.reading import read_labelled
from zoo_label_noise.noisy import LabelNoise, assumed_symmetric, noise_of

from zoo_core import BadInput
from zoo_symmetric_label_noise.issues import label_issues


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

    def predict(
        self,
        *sources: Any,
        top: int = 1,
        invert: bool = False,
        batch_size: int = 64,
        issues: int = 0,
        beside_cleanlab: bool = False,
    ) -> list[dict[str, Any]]:
        """Return the label of each image with its score; see `ImageClassifier.predict`.

        The score is the probability of the label *as such labels are given*: of a network that was
        trained on noise it is lower than that of being right. With ``issues=20`` the sources are
        labelled (folders of a folder for each class, or tables of files and labels), and the 20
        labels that are most likely wrong are listed instead, with the class suggested; with
        `beside_cleanlab` cleanlab's scores stand beside. Raises `BadInput`.
        """
        if not issues:
            return super().predict(*sources, top=top, invert=invert, batch_size=batch_size)
        rows: list[dict[str, Any]] = []
        for source in sources:
            data = read_labelled(source)
            if set(data.classes) - set(self.classes):
                unknown = ", ".join(sorted(set(data.classes) - set(self.classes))[:3])
                raise BadInput(
                    f"The labels have classes that the model does not know ({unknown}); it knows "
                    f"{', '.join(self.classes[:5])}."
                )
            index = {name: self.classes.index(name) for name in data.classes}
            labels = [index[data.classes[i]] for i in data.labels.tolist()]
            parts = torch.split(torch.arange(len(data)), batch_size)
            chances = torch.cat([self._chances(data, part, invert) for part in parts])
            names = data.images if not isinstance(data.images, torch.Tensor) else range(len(data))
            rows += label_issues(
                [str(name) for name in names],
                self.classes,
                labels,
                chances.double().cpu().numpy(),
                None if self.assumed is None else self.assumed.transition,
                most=issues,
                beside=beside_cleanlab,
            )
        return rows

    def _chances(self, data: Any, rows: torch.Tensor, invert: bool) -> torch.Tensor:
        images = data.tensors(rows, self.preprocessing)
        if invert:
            mean, std = (
                torch.tensor(values).view(-1, 1, 1)
                for values in (self.preprocessing.mean, self.preprocessing.std)
            )
            images = (1 - (images * std + mean) - mean) / std
        chances: torch.Tensor = self(images).softmax(1)
        return chances
