"""`LabelNoise`: what is known of the noise in a dataset's labels, and datasets given noise."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from zoo_core import BadInput, notice
from zoo_label_noise import transitions
from zoo_label_noise.corruption import corrupt, corrupt_by_instance
from zoo_label_noise.transitions import Matrix

KINDS = ("symmetric", "uniform", "pair", "asymmetric", "within", "across", "cyclic", "instance")
NOISY_TEST = "test-noisy"
"""The test images with noisy labels: they choose nothing, so that an estimate on them is fair."""
CHOOSING = ("train", "val")
"""The splits whose labels choose weights and epochs, so that an estimate on them is not fair."""
CORRECTED = ("noise-corrected-accuracy", "noise-corrected-accuracy-error")
"""The metrics by which noisy labels tell the accuracy on clean ones, and its standard error."""


@dataclass(frozen=True)
class LabelNoise:
    """How given labels came about: the transition matrix, and what made it.

    `rate` is what was asked for (the probability of a wrong label, except for ``uniform``),
    `realised` the share of labels that are wrong, None where the truth is not known. `rate_error`
    is the standard error of an estimated or assumed rate of symmetric noise, 0 for injected noise.
    """

    kind: str
    rate: float
    seed: int | None
    transition: Matrix
    realised: float | None
    rate_error: float = 0.0

    @property
    def told(self) -> dict[str, Any]:
        """What is recorded beside a model that was trained on such labels."""
        return {
            "kind": self.kind,
            "rate": self.rate,
            "convention": "redrawn" if self.kind == "uniform" else "wrong",
            "seed": self.seed,
            "realised": self.realised,
        }


def transition_of(
    kind: str,
    rate: float,
    num_classes: int,
    *,
    pairs: Mapping[int, int] | None = None,
    groups: Sequence[int] | None = None,
) -> Matrix:
    """Return the transition matrix of a kind of noise by name.

    ``asymmetric`` needs `pairs`, ``within``, ``across`` and ``cyclic`` need `groups`. Raises
    `BadInput` for another kind, or where these are missing.
    """
    simple: dict[str, Callable[[float, int], Matrix]] = {
        "symmetric": transitions.symmetric,
        "uniform": transitions.uniform,
        "pair": transitions.pair,
    }
    grouped: dict[str, Callable[[float, Sequence[int]], Matrix]] = {
        "within": transitions.within,
        "across": transitions.across,
        "cyclic": transitions.cyclic_within,
    }
    if kind in simple:
        return simple[kind](rate, num_classes)
    if kind == "asymmetric" and pairs:
        return transitions.asymmetric(rate, num_classes, pairs)
    if kind in grouped and groups:
        if len(groups) != num_classes:
            raise BadInput(f"There are {len(groups)} groups' numbers for {num_classes} classes.")
        return grouped[kind](rate, groups)
    if kind in KINDS:
        raise BadInput(
            f"{kind} noise is not defined for these data: it needs to know which classes are "
            "confused; take symmetric, uniform or pair."
        )
    raise BadInput(f"There is no noise of the kind {kind!r}; expected {', '.join(KINDS)}.")


def with_noise(
    data: Any,
    kind: str,
    rate: float,
    seed: int,
    *,
    exact: bool = False,
    pairs: Mapping[int, int] | None = None,
    groups: Sequence[int] | None = None,
    transition: Matrix | None = None,
    stream: str = "vectorised",
    measured_on_truth: bool = True,
) -> Any:
    """Return a dataset whose labels were corrupted once, with this seed, before anything is drawn.

    `data` is a dataclass with `labels`, `truth`, `classes`, `rows`, `true_splits` and `noise`, as
    `zoo_images.image_set.ImageSet` has them. Training and validation labels become noisy, its test
    labels stay clean, and the split ``test-noisy`` has the test images with noisy labels. With
    ``measured_on_truth=False`` the test labels are noisy too (those of a user, to try things out).
    `groups` are those of the dataset, where it has any. With a `transition` (K, K) `kind` is but
    its name, and the `rate` that is recorded is that of its rows, all classes being as frequent.
    `exact` and `stream` are those of `corruption.corrupt`. Raises `BadInput` for noise on labels
    whose truth is known to differ already, and for instance noise on images that are not in memory.
    """
    if data.noise is not None or data.truth is not None:
        raise BadInput("These labels are noisy already; noise is injected into clean labels only.")
    clean: Tensor = data.labels
    count = len(data.classes)
    if kind == "instance":
        if exact or stream != "vectorised":
            raise BadInput(
                "Instance noise is drawn for each example by itself; leave `exact` and `stream` "
                "out."
            )
        if not isinstance(data.images, Tensor):
            raise BadInput(
                "Instance noise looks at every pixel and needs images in memory; these are files: "
                "take another kind, or give the images as an array."
            )
        features = data.images.flatten(1).numpy()
        found = corrupt_by_instance(features, clean.numpy(), rate, seed, count)
        matrix = found.realised
    else:
        if transition is not None:
            matrix, rate = (
                transitions.checked(transition, count),
                transitions.noise_rate(transition),
            )
        else:
            groups = groups or getattr(data, "groups", None)
            matrix = transition_of(kind, rate, count, pairs=pairs, groups=groups)
        found = corrupt(clean.numpy(), matrix, seed, exact=exact, stream=stream)
    rows = dict(data.rows)
    if measured_on_truth:
        rows[NOISY_TEST] = rows["test"]
    return dataclasses.replace(
        data,
        labels=torch.from_numpy(found.labels),
        truth=clean,
        rows=rows,
        true_splits=("test",) if measured_on_truth else (),
        noise=LabelNoise(kind, rate, seed, matrix, round(found.rate, 6)),
    )


def noise_of(split: Any, assumed: LabelNoise | None = None) -> LabelNoise | None:
    """Return what is known of the noise in the labels that a split is measured against.

    None means that nothing is known. A split that is measured against the truth has the identity;
    `assumed` is taken where the data say nothing. Raises `BadInput` when both speak.
    """
    data = split.data
    known: LabelNoise | None = getattr(data, "noise", None)
    if split.name in data.true_splits:
        return LabelNoise("none", 0.0, None, transitions.symmetric(0, len(data.classes)), 0.0)
    if known is not None and assumed is not None:
        raise BadInput(
            f"The labels have injected noise ({known.kind}, {known.rate}), and noise of rate "
            f"{assumed.rate} is assumed to be in them as well; give one of the two."
        )
    return known if assumed is None else assumed


def noise_for_metrics(split: Any, assumed: LabelNoise | None = None) -> dict[str, Any]:
    """Return what metrics take of the noise in a split's labels; see `noise_of`.

    `transition` (K, K) and `rate_error`, or nothing where nothing is known.
    """
    known = noise_of(split, assumed)
    if known is None:
        return {}
    return {"transition": torch.from_numpy(known.transition), "rate_error": known.rate_error}


def metrics_for_noise(split: Any, assumed: LabelNoise | None = None) -> Sequence[str]:
    """Return the metrics that tell the accuracy on clean labels from a split's noisy ones.

    There are none where the labels are clean, where nothing is known of their noise, and for
    training and validation, whose labels have chosen weights or epoch. Labels that tell nothing of
    the truth have none either, with a notice.
    """
    known = None if split.name in CHOOSING else noise_of(split, assumed)
    if known is None or known.rate == 0:
        return ()
    try:
        transitions.inverse(known.transition)
    except BadInput as error:
        notice(f"The accuracy on clean labels is not estimated. {error}")
        return ()
    return CORRECTED


def assumed_symmetric(
    rate: float | None, num_classes: int, error: float = 0.0
) -> LabelNoise | None:
    """Return noise that somebody says is in the labels: symmetric, of this rate and its error.

    None for no rate. Raises `BadInput` for an error of none.
    """
    if rate is None:
        if error:
            raise BadInput("assumed_error is the error of an assumed_rate; give that too.")
        return None
    matrix = transitions.symmetric(rate, num_classes)
    return LabelNoise("symmetric", rate, None, matrix, None, error)
