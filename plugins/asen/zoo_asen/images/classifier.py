"""`PixelClassifier`: images to classes, with positions that the pixels of a patch share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from zoo_images.classifier import ImageClassifier
from zoo_images.preprocessing import Preprocessing
from zoo_symmetry import PermutationGroup, young

from zoo_asen.images.positions import patch_labels, shared_by
from zoo_asen.images.transformer import PixelTransformer

SIZE = (14, 14)
GREY_14 = {"size": list(SIZE), "channels": 1, "mean": [0.286], "std": [0.353]}
"""What images are taken for where nothing else is said: Fashion-MNIST, a quarter of its pixels."""


class PixelClassifier(ImageClassifier):
    """Images (B, C, H, W), normalised as `inputs` says, to logits (B, num_classes).

    A transformer whose tokens are the pixels. Those of one patch of `patch` x `patch` pixels share
    one vector as their position, and the network cannot tell them apart: its answer does not change
    when they change places. Patch 1 leaves no symmetry, one as large as the image all of it.
    `positions` is any other partition, as the label of each pixel in rows. `selection` is the table
    of the patches that were tried, where validation chose among several.

    Raises `BadInput` for what does not fit together.
    """

    def __init__(
        self,
        patch: int = 2,
        width: int = 64,
        depth: int = 2,
        heads: int = 2,
        num_classes: int = 10,
        inputs: Mapping[str, Any] | None = None,
        classes: Sequence[str] | None = None,
        positions: Sequence[int] | None = None,
        selection: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        given = GREY_14 if inputs is None else inputs
        known = Preprocessing.of(given)
        labels = (
            patch_labels(known.size, patch)
            if positions is None
            else shared_by(positions, known.size)
        )
        self.positions = tuple(labels.tolist())
        super().__init__(
            PixelTransformer(known.channels, self.positions, width, depth, heads),
            num_classes,
            given,
            classes,
        )
        self.selection = [dict(row) for row in selection]

    def group(self) -> PermutationGroup:
        """Return the permutations of the pixels that the network does not notice."""
        return young(self.positions)

    def predict(
        self, *sources: Any, top: int = 1, invert: bool = False, batch_size: int = 64
    ) -> list[dict[str, Any]]:
        """Return the label of each image with its score; see `ImageClassifier.predict`.

        Without an image: the patches that were tried in training, with their accuracy in
        validation, in points how far it is behind the chosen one's, and half the width of the 95 %
        interval of that. Raises `BadInput` where nothing was tried, and what reading images raises.
        """
        if sources or not self.selection:
            return super().predict(*sources, top=top, invert=invert, batch_size=batch_size)
        return [dict(row) for row in self.selection]
