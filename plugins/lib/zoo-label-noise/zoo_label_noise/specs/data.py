"""The registered datasets: images with noise that is known."""

from __future__ import annotations

from typing import Any

from zoo_images.specs.sources import CIFAR10N, CIFAR100, HUMAN, OFFICIAL, idx_files

from zoo_core import Dataset

_OPTIONS = {
    "kind": "symmetric, uniform, pair, asymmetric, within, across, instance (symmetric)",
    "rate": "probability of a wrong label (0.4)",
    "noise_seed": "the seed of the wrong labels (0)",
    "exact": "exactly so many wrong labels in each class (false)",
    "stream": "legacy: the labels that Co-teaching's and CIFAR-N's code draws (vectorised)",
    "limit": "only the first so many training images (all)",
}
_FULL = {"full": "all 50,000 and 10,000 images, from the official archive of 170 MB (false)"}
_NOISE = (
    "Training and validation labels are corrupted once, by the seed; test labels are clean, and "
    "the split test-noisy has the test images with noisy labels."
)


def _noisy(name: str, title: str, **more: Any) -> Dataset:
    return Dataset(
        name=f"noisy-{name}",
        title=f"{title} with noisy labels",
        factory=f"zoo_label_noise.datasets:noisy_{name.replace('-', '_')}",
        task="image-classification",
        splits=("train", "val", "test", "test-noisy"),
        **more,
    )


DATASETS = [
    _noisy(
        "fashion-mnist",
        "Fashion-MNIST",
        license="MIT",
        source="https://github.com/zalandoresearch/fashion-mnist",
        options=_OPTIONS,
        files=tuple(idx_files("fashion-mnist").values()),
        summary=_NOISE,
    ),
    _noisy(
        "mnist",
        "MNIST",
        license="CC-BY-SA-3.0",
        source="http://yann.lecun.com/exdb/mnist/",
        options=_OPTIONS,
        files=tuple(idx_files("mnist").values()),
        summary=_NOISE,
    ),
    _noisy(
        "cifar10n",
        "CIFAR-10N",
        license="LicenseRef-CIFAR-10-and-CC-BY-NC-4.0",
        source="https://github.com/UCSC-REAL/cifar-10-100n",
        options={
            **_OPTIONS,
            **_FULL,
            "kind": f"{_OPTIONS['kind']}; or people's: aggre, random1, random2, random3, worst; or "
            "drawn as they confuse classes: worst-matrix and so on",
        },
        files=(*CIFAR10N.values(), OFFICIAL["cifar10"], HUMAN["cifar10n"]),
        origin="mirrored",
        summary=f"{_NOISE} Human labels are those of CIFAR-10N.",
    ),
    _noisy(
        "cifar100",
        "CIFAR-100",
        license="LicenseRef-CIFAR-100-and-CC-BY-NC-4.0",
        source="https://github.com/UCSC-REAL/cifar-10-100n",
        options={
            **_OPTIONS,
            **_FULL,
            "kind": "human, human-matrix, symmetric, uniform, pair, asymmetric, within, across, "
            "instance (human)",
        },
        files=(
            *CIFAR100.values(),
            CIFAR10N["cifar100n_labels_all50000.npz"],
            OFFICIAL["cifar100"],
            HUMAN["cifar100n"],
        ),
        origin="mirrored",
        summary=f"{_NOISE} Human noise is drawn from the confusions counted in CIFAR-100N.",
    ),
]
