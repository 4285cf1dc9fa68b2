"""scikit-learn's digits: real handwriting of 8 x 8 pixels, in its wheel."""

from __future__ import annotations

import numpy as np
import torch
from zoo_images.image_set import ImageSet
from zoo_images.splitting import stratified

FOLDS = 4
"""One to test on, the next one for validation, the others to learn from."""
MEAN, STD = 0.3053, 0.3759
"""Of all pixels, in 0..1."""


def digits() -> ImageSet:
    """Return the 1,797 digits; their 17 levels of grey are stretched to those of a byte."""
    from sklearn.datasets import load_digits

    found = load_digits()
    levels = np.rint(found.images * (255 / 16)).astype(np.uint8)
    labels = torch.from_numpy(found.target.astype(np.int64))
    classes = tuple(map(str, range(10)))
    return ImageSet(
        images=torch.from_numpy(levels)[:, None],
        labels=labels,
        classes=classes,
        rows=stratified(labels, classes, 0, FOLDS),
        mean=(MEAN,),
        std=(STD,),
    )
