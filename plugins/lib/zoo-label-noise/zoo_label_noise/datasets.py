"""The registered datasets with injected or human noise; images come from `zoo_images`."""

from __future__ import annotations

import dataclasses
from typing import Any

import torch
from zoo_images import datasets
from zoo_images.datasets import limited
from zoo_images.human import human_labels, with_human_labels

from zoo_core import BadInput
from zoo_label_noise.corruption import corrupt
from zoo_label_noise.noisy import NOISY_TEST, LabelNoise, with_noise
from zoo_label_noise.transitions import ASYMMETRIC, Matrix, counted, cyclic_pairs

GROUPS = {
    "fashion-mnist": (0, 1, 0, 0, 0, 2, 0, 2, 3, 2),
    "cifar10": (0, 0, 1, 1, 1, 1, 1, 1, 0, 0),
}
"""Tops, trousers, shoes and bags; vehicles and animals."""
HUMAN = ("aggre", "random1", "random2", "random3", "worst")
"""The human labels of CIFAR-10N."""


def noisy_fashion_mnist(
    kind: str = "symmetric",
    rate: float = 0.4,
    noise_seed: int = 0,
    exact: bool = False,
    stream: str = "vectorised",
    limit: int | None = None,
) -> Any:
    """Return Fashion-MNIST with injected noise in its training and validation labels."""
    return with_noise(
        datasets.fashion_mnist(limit),
        kind,
        rate,
        noise_seed,
        exact=exact,
        stream=stream,
        pairs=ASYMMETRIC["fashion-mnist"],
        groups=GROUPS["fashion-mnist"],
    )


def noisy_mnist(
    kind: str = "symmetric",
    rate: float = 0.4,
    noise_seed: int = 0,
    exact: bool = False,
    stream: str = "vectorised",
    limit: int | None = None,
) -> Any:
    """Return MNIST with injected noise in its training and validation labels."""
    pairs = ASYMMETRIC["mnist"]
    return with_noise(
        datasets.mnist(limit), kind, rate, noise_seed, exact=exact, stream=stream, pairs=pairs
    )


def noisy_cifar10n(
    kind: str = "symmetric",
    rate: float = 0.4,
    noise_seed: int = 0,
    exact: bool = False,
    stream: str = "vectorised",
    limit: int | None = None,
    full: bool = False,
) -> Any:
    """Return CIFAR-10N with injected noise, or with a person's labels (`kind` names them).

    For human labels (``aggre``, ``random1`` to ``random3``, ``worst``) `rate` has no say, and the
    transition matrix is counted over all 50,000 images; the split ``test-noisy`` is then drawn from
    it. ``worst-matrix`` and the like draw all labels from that matrix: noise with the same rates,
    that does not depend on the image.
    """
    human = kind.removesuffix("-matrix")
    if human not in HUMAN or human != kind:
        clean = datasets.cifar10n("clean", limit, full)
        plain = dataclasses.replace(clean, truth=None, true_splits=())
        return with_noise(
            plain,
            kind,
            rate,
            noise_seed,
            exact=exact,
            stream=stream,
            pairs=ASYMMETRIC["cifar10"],
            groups=GROUPS["cifar10"],
            transition=human_matrix("cifar10n", human) if human in HUMAN else None,
        )
    _check_as_they_are(exact, stream)
    matrix = human_matrix("cifar10n", kind)
    return _labelled_by_people(datasets.cifar10n(kind, limit, full), kind, noise_seed, matrix)


def noisy_cifar100(
    kind: str = "human",
    rate: float = 0.4,
    noise_seed: int = 0,
    exact: bool = False,
    stream: str = "vectorised",
    limit: int | None = None,
    full: bool = False,
) -> Any:
    """Return CIFAR-100 with injected noise, by default as people confuse its classes.

    ``human-matrix`` draws labels from the transition matrix counted over the 50,000 images of
    CIFAR-100N (40 % wrong; `rate` has no say). ``human`` are the labels that people gave to these
    images, with `full`; which of CIFAR-100N's images the subset has is not known, so that without
    it ``human`` is drawn from the matrix too. ``within``, ``across`` and ``asymmetric`` (the next
    class of the same superclass, cyclic) go by the 20 superclasses.
    """
    human = kind in ("human", "human-matrix")
    matrix = human_matrix("cifar100n", "noisy") if human else None
    if kind == "human" and full:
        _check_as_they_are(exact, stream)
        assert matrix is not None
        whole = datasets.cifar100(full=True)
        given = limited(with_human_labels(whole, human_labels("cifar100n"), "noisy"), limit)
        return _labelled_by_people(given, kind, noise_seed, matrix)
    data = datasets.cifar100(limit, full)
    return with_noise(
        data,
        kind,
        rate,
        noise_seed,
        exact=exact,
        stream=stream,
        pairs=cyclic_pairs(data.groups),
        transition=matrix,
    )


def human_matrix(name: str, kind: str) -> Matrix:
    """Return T counted over all 50,000 images of ``cifar10n`` or ``cifar100n``.

    `kind` is one of their human labels. Raises `DataError` when the file cannot be had.
    """
    labels = human_labels(name)
    matrix, _ = counted(labels["clean"], labels[kind], int(labels["clean"].max()) + 1)
    return matrix


def _check_as_they_are(exact: bool, stream: str) -> None:
    if exact or stream != "vectorised":
        raise BadInput("Human labels are as they are; leave `exact` and `stream` out.")


def _labelled_by_people(data: Any, kind: str, noise_seed: int, matrix: Matrix) -> Any:
    """Return data with their people's labels, and with noisy test labels drawn from T."""
    test = data.rows["test"]
    labels = data.labels.clone()
    drawn = corrupt(data.truth[test].numpy(), matrix, noise_seed)
    labels[test] = labels.new_tensor(drawn.labels)
    learnt = torch.cat([data.rows["train"], data.rows["val"]])
    wrong = (data.labels != data.truth)[learnt].double().mean()
    realised = round(float(wrong), 6)
    return dataclasses.replace(
        data,
        labels=labels,
        rows={**data.rows, NOISY_TEST: test},
        noise=LabelNoise(kind, realised, noise_seed, matrix, realised),
    )
