"""The registered datasets with injected or human noise; images come from `zoo_images`."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from zoo_images import datasets
from zoo_images.specs.sources import CIFAR10N

from zoo_core import BadInput, fetch
from zoo_label_noise.noisy import NOISY_TEST, LabelNoise, with_noise
from zoo_label_noise.transitions import ASYMMETRIC, Matrix, counted, cyclic_pairs

GROUPS = {
    "fashion-mnist": (0, 1, 0, 0, 0, 2, 0, 2, 3, 2),
    "cifar10": (0, 0, 1, 1, 1, 1, 1, 1, 0, 0),
}
"""Tops, trousers, shoes and bags; vehicles and animals."""
HUMAN = {
    "aggre": "aggre",
    "random1": "random1",
    "random2": "random2",
    "random3": "random3",
    "worst": "worse",
}
"""Human labels, and their names in the arrays of all 50,000 images."""


def noisy_fashion_mnist(
    kind: str = "symmetric",
    rate: float = 0.4,
    noise_seed: int = 0,
    exact: bool = False,
    limit: int | None = None,
) -> Any:
    """Return Fashion-MNIST with injected noise in its training and validation labels."""
    return with_noise(
        datasets.fashion_mnist(limit),
        kind,
        rate,
        noise_seed,
        exact=exact,
        pairs=ASYMMETRIC["fashion-mnist"],
        groups=GROUPS["fashion-mnist"],
    )


def noisy_mnist(
    kind: str = "symmetric",
    rate: float = 0.4,
    noise_seed: int = 0,
    exact: bool = False,
    limit: int | None = None,
) -> Any:
    """Return MNIST with injected noise in its training and validation labels."""
    pairs = ASYMMETRIC["mnist"]
    return with_noise(datasets.mnist(limit), kind, rate, noise_seed, exact=exact, pairs=pairs)


def noisy_cifar10n(
    kind: str = "symmetric",
    rate: float = 0.4,
    noise_seed: int = 0,
    exact: bool = False,
    limit: int | None = None,
) -> Any:
    """Return CIFAR-10N with injected noise, or with a person's labels (`kind` names them).

    For human labels (``aggre``, ``random1`` to ``random3``, ``worst``) `rate` has no say, and the
    transition matrix is counted over all 50,000 images; the split ``test-noisy`` is then drawn from
    it.
    """
    if kind not in HUMAN:
        clean = datasets.cifar10n("clean", limit)
        plain = dataclasses.replace(clean, truth=None, true_splits=())
        return with_noise(
            plain,
            kind,
            rate,
            noise_seed,
            exact=exact,
            pairs=ASYMMETRIC["cifar10"],
            groups=GROUPS["cifar10"],
        )
    if exact:
        raise BadInput("Human labels are as they are; leave `exact` out.")
    from zoo_label_noise.corruption import corrupt

    data = datasets.cifar10n(kind, limit)
    matrix, _ = counted(*human_labels(kind), 10)
    assert data.truth is not None
    test = data.rows["test"]
    labels = data.labels.clone()
    drawn = corrupt(data.truth[test].numpy(), matrix, noise_seed)
    labels[test] = labels.new_tensor(drawn.labels)
    wrong = (data.labels != data.truth)[: int(test[0])].double().mean()
    realised = round(float(wrong), 6)
    return dataclasses.replace(
        data,
        labels=labels,
        rows={**data.rows, NOISY_TEST: test},
        noise=LabelNoise(kind, realised, noise_seed, matrix, realised),
    )


def human_labels(kind: str) -> tuple[Any, Any]:
    """Return clean and human labels (50,000,) of CIFAR-10N, each an integer array.

    Raises `DataError` when the file cannot be had.
    """
    with np.load(fetch(CIFAR10N["cifar10n_labels_all50000.npz"]), allow_pickle=False) as arrays:
        return arrays["clean"].astype(np.int64), arrays[HUMAN[kind]].astype(np.int64)


def noisy_cifar100(
    kind: str = "human",
    rate: float = 0.4,
    noise_seed: int = 0,
    exact: bool = False,
    limit: int | None = None,
) -> Any:
    """Return CIFAR-100 with injected noise, by default as people confuse its classes.

    ``human`` draws labels from the transition matrix counted over the 50,000 images of CIFAR-100N
    (40 % wrong; `rate` has no say): which of its images these are is not known, so that their own
    human labels cannot be given. ``within``, ``across`` and ``asymmetric`` (the next class of the
    same superclass, cyclic) go by the 20 superclasses.
    """
    data = datasets.cifar100(limit)
    if kind == "human":
        matrix = human_matrix_100()
        return with_noise(data, kind, rate, noise_seed, exact=exact, transition=matrix)
    pairs = cyclic_pairs(data.groups)
    return with_noise(data, kind, rate, noise_seed, exact=exact, pairs=pairs)


def human_matrix_100() -> Matrix:
    """Return T (100, 100) counted over the 50,000 images of CIFAR-100N."""
    with np.load(fetch(CIFAR10N["cifar100n_labels_all50000.npz"]), allow_pickle=False) as arrays:
        matrix, _ = counted(arrays["clean_fine"], arrays["noisy_fine"], 100)
    return matrix
