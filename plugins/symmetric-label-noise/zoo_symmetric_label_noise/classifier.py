"""`NoisyLabelClassifier`: an ordinary image classifier that knows how noisy its labels were."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from zoo_images.classifier import ImageClassifier
from zoo_images.reading import read_labelled
from zoo_label_noise.noisy import assumed_symmetric, metrics_for_noise, noise_for_metrics

from zoo_core import BadInput
from zoo_symmetric_label_noise.issues import image_names, label_issues


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
        self.assumed = assumed_symmetric(assumed_rate, num_classes, assumed_error)

    def outputs(self, split: Any, batch_size: int = 256) -> Iterator[dict[str, Any]]:
        """Yield logits and targets, and the transition matrix (K, K) of these targets if known."""
        more = noise_for_metrics(split, self.assumed)
        for batch in super().outputs(split, batch_size):
            yield {**batch, **more}

    def more_metrics(self, split: Any) -> Sequence[str]:
        """Return the metrics that tell the accuracy on clean labels, where these are noisy."""
        return metrics_for_noise(split, self.assumed)

    def predict(
        self,
        *sources: Any,
        top: int = 1,
        invert: bool = False,
        batch_size: int = 64,
        issues: int = 0,
        fold: int | None = None,
        folds: int = 5,
        beside_cleanlab: bool = False,
    ) -> list[dict[str, Any]]:
        """Return the label of each image with its score; see `ImageClassifier.predict`.

        The score is the probability of the label *as such labels are given*: of a network that was
        trained on noise it is lower than that of being right. With ``issues=20`` the sources are
        labelled (folders of a folder for each class, or tables of files and labels), and the 20
        labels that are most likely wrong are listed instead, with the class suggested; with
        `beside_cleanlab` cleanlab's scores stand beside. A model is mild on labels that it was
        trained on: one that was trained with ``fold=2`` has not seen those of fold 2, and `fold`
        lists these alone (`issues.cross_validated_issues` goes through all). Raises `BadInput`.
        """
        if not issues:
            if beside_cleanlab or fold is not None:
                raise BadInput("fold and beside_cleanlab are for listing issues; give issues=20.")
            return super().predict(*sources, top=top, invert=invert, batch_size=batch_size)
        rows: list[dict[str, Any]] = []
        for source in sources:
            data = read_labelled(source, fold=fold or 0, folds=folds)
            if set(data.classes) - set(self.classes):
                unknown = ", ".join(sorted(set(data.classes) - set(self.classes))[:3])
                raise BadInput(
                    f"The labels have classes that the model does not know ({unknown}); it knows "
                    f"{', '.join(self.classes[:5])}."
                )
            judged = torch.arange(len(data)) if fold is None else data.rows["test"]
            names, index = image_names(data), [self.classes.index(name) for name in data.classes]
            rows += label_issues(
                [names[row] for row in judged.tolist()],
                self.classes,
                torch.tensor(index)[data.labels[judged]].numpy(),
                self.chances(data, judged, batch_size, invert).double().cpu().numpy(),
                None if self.assumed is None else self.assumed.transition,
                most=issues,
                beside=beside_cleanlab,
            )
        return rows

    @torch.no_grad()
    def chances(
        self, data: Any, rows: torch.Tensor, batch_size: int = 64, invert: bool = False
    ) -> torch.Tensor:
        """Return the probabilities (n, K) of each given label for the images in `rows`."""
        parts = [data.tensors(part, self.preprocessing) for part in torch.split(rows, batch_size)]
        if invert:
            parts = [self._inverted(part) for part in parts]
        return torch.cat([self(part).softmax(1) for part in parts])

    def _inverted(self, images: torch.Tensor) -> torch.Tensor:
        mean, std = (
            torch.tensor(values, device=images.device).view(-1, 1, 1)
            for values in (self.preprocessing.mean, self.preprocessing.std)
        )
        return (1 - 2 * mean) / std - images
