"""Which labels are most likely wrong, by a network's posterior, beside cleanlab's ranking."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from zoo_label_noise.theory import recover
from zoo_label_noise.transitions import Matrix, checked

from zoo_core import BadInput

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

    With `beside` each row has cleanlab's score and rank too (its label quality score, turned
    round); cleanlab must be installed. Raises `BadInput` for a number that lists nothing.
    """
    if most < 1:
        raise BadInput(f"most={most} lists no label; expected 1 or more.")
    given, found = np.asarray(labels), np.asarray(chances, np.float64)
    scores = wrong_label_scores(found, given, transition)
    other = cleanlab_scores(found, given) if beside else None
    ranks = None if other is None else np.argsort(np.argsort(-other, kind="stable"))
    order = np.argsort(-scores, kind="stable")[:most]
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
