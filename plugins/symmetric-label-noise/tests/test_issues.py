from __future__ import annotations

import numpy as np
import pytest
from zoo_label_noise import transitions
from zoo_label_noise.corruption import corrupt
from zoo_symmetric_label_noise.issues import cleanlab_scores, label_issues, wrong_label_scores
from zoo_symmetric_label_noise.simulations import gauss, posterior

from zoo_core import BadInput


@pytest.fixture
def known():
    """Points whose noisy posterior is known: the right answer is Bayes' rule."""
    data = gauss(n=20, tests=20_000, rate=0.0)
    eta, truth = posterior(data.images.numpy()), data.truth.numpy()
    matrix = transitions.symmetric(0.4, 4)
    found = corrupt(truth, matrix, 0)
    return eta @ matrix, found.labels, found.flipped, matrix


def area(scores, wrong):
    """Return the probability that a wrong label is ranked above a right one."""
    ranks = scores.argsort().argsort()
    count = wrong.sum()
    return (ranks[wrong].sum() - count * (count - 1) / 2) / (count * (~wrong).sum())


def test_scores_are_the_probabilities_that_labels_are_wrong(known):
    chances, labels, wrong, matrix = known
    scores = wrong_label_scores(chances, labels, matrix)
    for low in np.arange(0, 1, 0.1):
        part = (scores >= low) & (scores < low + 0.1)
        if part.sum() > 300:
            assert wrong[part].mean() == pytest.approx(scores[part].mean(), abs=0.06)
    assert scores.mean() == pytest.approx(0.4, abs=0.02)
    assert area(scores, wrong) > 0.9


def test_beside_cleanlab(known):
    pytest.importorskip("cleanlab")
    chances, labels, wrong, matrix = known
    ours, theirs = wrong_label_scores(chances, labels, matrix), cleanlab_scores(chances, labels)
    assert area(ours, wrong) >= area(theirs, wrong) - 0.005
    rows = label_issues(
        [str(i) for i in range(len(labels))], "abcd", labels, chances, matrix, most=5, beside=True
    )
    assert len(rows) == 5
    assert set(rows[0]) == {"image", "label", "suggested", "score", "cleanlab", "cleanlab rank"}
    assert all(row["label"] != row["suggested"] for row in rows)


def test_wrong_use(known, monkeypatch):
    chances, labels, _, matrix = known
    with pytest.raises(BadInput, match=r"expected \(n, K\)"):
        wrong_label_scores(chances, labels[1:])
    with pytest.raises(BadInput, match="lists no label"):
        label_issues([], "abcd", labels, chances, matrix, most=0)
    monkeypatch.setitem(__import__("sys").modules, "cleanlab.rank", None)
    with pytest.raises(BadInput, match="pip install cleanlab"):
        cleanlab_scores(chances, labels)
