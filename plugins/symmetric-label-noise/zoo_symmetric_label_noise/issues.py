"""Which labels are most likely wrong, by a network's posterior, beside cleanlab's ranking."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from zoo_label_noise.theory import recover
from zoo_label_noise.transitions import Matrix, checked

from zoo_core import BadInput, train
from zoo_symmetric_label_noise.reading import read_labelled_images

Scores = NDArray[np.float64]


def wrong_label_scores(chances: Any, labels: Any, transition: Matrix | None = None) -> Scores:
    """Return for each example (n,) how likely its given label is wrong, from 0 to 1.

    `chances` (n, K) are the probabilities of the *given* labels, as a network that was trained on
    such labels and not on these examples says. With the `transition` matrix of the noise, Bayes'
    rule turns them into P(true label is another | x, given label); without one the score is
    1 - the probability of the given label, which ranks alike under symmetric noise. Raises
    `BadInput` for arrays that do not fit together.
    """
    given, found = np.asarray(labels), np.asarray(chances, np.float64)
    if found.ndim != 2 or given.shape != (len(found),):
        raise BadInput(
            f"Probabilities of shape {found.shape} and labels of shape {given.shape} were given; "
            "expected (n, K) and (n,)."
        )
    rows = np.arange(len(given))
    if transition is None:
        plain: Scores = 1 - found[rows, given]
        return plain
    matrix = checked(transition, found.shape[1])
    clean = recover(found, matrix)
    right = clean[rows, given] * matrix[given, given]
    # The posterior of the given label that the projected clean one implies: the two agree.
    total = (clean * matrix[:, given].T).sum(1)
    scores: Scores = 1 - right / np.maximum(total, 1e-12)
    return scores


def label_issues(
    names: Sequence[str],
    classes: Sequence[str],
    labels: Any,
    chances: Any,
    transition: Matrix | None = None,
    *,
    most: int = 20,
    beside: bool = False,
) -> list[dict[str, Any]]:
    """Return the `most` suspicious labels, the worst first: name, label, suggestion, score.

    Where scores are equal (of the projected posterior many are 1) the less probable label is first.
    With `beside` each row has cleanlab's score and rank too (its label quality score, turned
    round); cleanlab must be installed. Raises `BadInput` for a number that lists nothing.
    """
    if most < 1:
        raise BadInput(f"most={most} lists no label; expected 1 or more.")
    given, found = np.asarray(labels), np.asarray(chances, np.float64)
    scores = wrong_label_scores(found, given, transition)
    other = cleanlab_scores(found, given) if beside else None
    ranks = None if other is None else np.argsort(np.argsort(-other, kind="stable"))
    order = np.lexsort((found[np.arange(len(given)), given], -scores))[:most]
    suggested = found.argmax(1)
    rows = []
    for i in order.tolist():
        row = {
            "image": names[i],
            "label": classes[given[i]],
            "suggested": classes[suggested[i]],
            "score": round(float(scores[i]), 4),
        }
        if other is not None and ranks is not None:
            row |= {"cleanlab": round(float(other[i]), 4), "cleanlab rank": int(ranks[i]) + 1}
        rows.append(row)
    return rows


def cross_validated_issues(
    source: Any,
    *,
    folds: int = 5,
    most: int = 20,
    beside: bool = False,
    config: Mapping[str, Any] | None = None,
    **reading: Any,
) -> list[dict[str, Any]]:
    """Return the labels of a user's images that are most likely wrong, none judged by itself.

    A network is trained for each of the `folds`, and judges the labels of that fold, which it has
    not seen: one that has seen them has begun to learn them by heart. `config` is that of ``zoo
    train symnoise`` (``{"assumed_rate": 0.2}``), `reading` that of the reader; rows are those of
    `label_issues`. Raises `BadInput` for data that come split, since not all of them are in a fold.
    """
    data = read_labelled_images(source, folds=folds, **reading)
    parts = [data.rows["test"]]
    try:
        for fold in range(1, folds):
            part = read_labelled_images(source, **{**reading, "fold": fold, "folds": folds})
            parts.append(part.rows["test"])
    except BadInput as error:
        raise BadInput(
            "These images come in train and test, so that some would be judged by networks that "
            "saw them; give one folder with a folder for each class."
        ) from error
    chances = np.full((len(data), len(data.classes)), np.nan)
    transition = None
    with tempfile.TemporaryDirectory() as folder:
        for fold, rows in enumerate(parts):
            options = {**reading, "fold": fold, "folds": folds}
            module: Any = train(
                "symnoise", source, out=Path(folder) / str(fold), config=config, options=options
            )
            chances[rows.numpy()] = module.chances(data, rows).double().cpu().numpy()
            transition = None if module.assumed is None else module.assumed.transition
    names = image_names(data)
    return label_issues(
        names, data.classes, data.labels.numpy(), chances, transition, most=most, beside=beside
    )


def image_names(data: Any) -> list[str]:
    """Return the files of images, or their numbers where they are in memory."""
    in_files = not hasattr(data.images, "dtype")
    return [str(name) for name in (data.images if in_files else range(len(data)))]


def cleanlab_scores(chances: Any, labels: Any) -> Scores:
    """Return 1 - cleanlab's label quality (self-confidence) of each example (n,).

    Raises `BadInput` where cleanlab is not installed.
    """
    try:
        from cleanlab.rank import get_label_quality_scores
    except ImportError as error:
        raise BadInput(
            f"cleanlab cannot be imported ({error}); `pip install cleanlab` to see its scores too."
        ) from error
    quality = get_label_quality_scores(labels=np.asarray(labels), pred_probs=np.asarray(chances))
    return 1 - np.asarray(quality, np.float64)
