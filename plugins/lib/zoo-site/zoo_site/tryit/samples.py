"""The sample pictures, ten test images of Fashion-MNIST (MIT licence).

``python -m zoo_site.tryit.samples`` writes them again.
"""

from __future__ import annotations

import re

import zoo_core
from zoo_site.tryit import SAMPLES

DATASET = "noisy-fashion-mnist"


def main() -> None:
    """Write the first test image of each class, with the number and the name of its class."""
    from PIL import Image

    data = zoo_core.dataset(DATASET, rate=0.0)
    SAMPLES.mkdir(exist_ok=True)
    for label, name in enumerate(data.classes):
        row = next(row for row in data.rows["test"].tolist() if data.labels[row] == label)
        told = re.sub(r"[^a-z]+", "-", name.lower())
        image = Image.fromarray(data.images[row].reshape(28, 28).numpy())
        image.save(SAMPLES / f"{label}-{told}.png", optimize=True)


if __name__ == "__main__":
    main()
