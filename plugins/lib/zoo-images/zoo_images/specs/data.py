"""The registered datasets: where images come from, under which licence, with which options."""

from __future__ import annotations

from zoo_core import Dataset
from zoo_images.specs.sources import CIFAR10N, CIFAR100, HUMAN, OFFICIAL, idx_files

_LIMIT = "only the first so many training images (all)"
_FULL = "all 50,000 and 10,000 images, from the official archive of 170 MB (false)"

DATASETS = [
    Dataset(
        name="fashion-mnist",
        title="Fashion-MNIST",
        factory="zoo_images.datasets:fashion_mnist",
        license="MIT",
        source="https://github.com/zalandoresearch/fashion-mnist",
        task="image-classification",
        options={"limit": _LIMIT},
        files=tuple(idx_files("fashion-mnist").values()),
        summary="70,000 grey images of clothes, 28 x 28, ten classes; of the official training "
        "images every tenth is for validation.",
    ),
    Dataset(
        name="mnist",
        title="MNIST",
        factory="zoo_images.datasets:mnist",
        license="CC-BY-SA-3.0",
        source="http://yann.lecun.com/exdb/mnist/",
        task="image-classification",
        options={"limit": _LIMIT},
        files=tuple(idx_files("mnist").values()),
        summary="70,000 grey images of handwritten digits, 28 x 28; of the official training "
        "images every tenth is for validation.",
    ),
    Dataset(
        name="cifar10n",
        title="CIFAR-10N, a subset of CIFAR-10 with human labels",
        factory="zoo_images.datasets:cifar10n",
        license="LicenseRef-CIFAR-10-and-CC-BY-NC-4.0",
        source="https://github.com/UCSC-REAL/cifar-10-100n",
        task="image-classification",
        options={
            "labels": "clean, aggre, random1, random2, random3 or worst (worst)",
            "limit": _LIMIT,
            "full": _FULL,
        },
        files=(*CIFAR10N.values(), OFFICIAL["cifar10"], HUMAN["cifar10n"]),
        origin="mirrored",
        summary="10,000 colour images, 32 x 32, as each of several people labelled them, and 2,000 "
        "test images with clean labels; re-encoded as WebP. The images have no formal licence; the "
        "human labels are CC BY-NC 4.0.",
    ),
    Dataset(
        name="cifar100",
        title="CIFAR-100, a subset with its two-level hierarchy",
        factory="zoo_images.datasets:cifar100",
        license="LicenseRef-CIFAR-100",
        source="https://www.cs.toronto.edu/~kriz/cifar.html",
        task="image-classification",
        options={"limit": _LIMIT, "full": _FULL},
        files=(*CIFAR100.values(), OFFICIAL["cifar100"]),
        origin="mirrored",
        summary="10,000 colour images, 32 x 32, of 100 classes in 20 superclasses of five, and "
        "2,000 test images; re-encoded as WebP. The images have no formal licence.",
    ),
]
