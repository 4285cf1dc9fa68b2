from __future__ import annotations

import numpy as np
import pytest
import torch
from zoo_label_noise import transitions
from zoo_label_noise.corruption import corrupt
from zoo_symmetric_label_noise.issues import (
    cleanlab_scores,
    cross_validated_issues,
    label_issues,
    wrong_label_scores,
)
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


def test_equal_scores_are_ranked_by_the_label_s_own_probability():
    """The projected posterior is 0 for many labels alike: what is less probable comes first."""
    chances = np.array([[0.12, 0.68, 0.1, 0.1], [0.02, 0.78, 0.1, 0.1], [0.07, 0.73, 0.1, 0.1]])
    rows = label_issues("abc", "wxyz", [0, 0, 0], chances, transitions.symmetric(0.4, 4), most=2)
    assert [(row["image"], row["score"]) for row in rows] == [("b", 1.0), ("c", 1.0)]


def test_cross_validation_judges_no_label_by_a_network_that_saw_it():
    """Random labels can only be learnt by heart: who has seen them finds fewer of them doubtful."""
    generator = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (60, 1, 8, 8), dtype=torch.uint8, generator=generator)
    labels = (torch.arange(60) % 2).tolist()
    size = {"size": [8, 8], "channels": 1, "mean": [0.5], "std": [0.5]}
    config = {"backbone": "mlp", "epochs": 40, "batch_size": 20, "select": "last", "inputs": size}
    rows = cross_validated_issues((images, labels), folds=3, most=60, config=config)
    assert sorted(int(row["image"]) for row in rows) == list(range(60))
    assert 15 < sum(row["label"] != row["suggested"] for row in rows) < 45


def test_images_that_come_split_are_not_cross_validated(home, tmp_path):
    for part in ("train", "test"):
        (tmp_path / part).symlink_to(home / "mine")
    config = {"epochs": 1, "backbone": "mlp"}
    with pytest.raises(BadInput, match="come in train and test"):
        cross_validated_issues(tmp_path, folds=3, config=config)


def test_wrong_use(known, monkeypatch):
    chances, labels, _, matrix = known
    with pytest.raises(BadInput, match=r"expected \(n, K\)"):
        wrong_label_scores(chances, labels[1:])
    with pytest.raises(BadInput, match="lists no label"):
        label_issues([], "abcd", labels, chances, matrix, most=0)
    monkeypatch.setitem(__import__("sys").modules, "cleanlab.rank", None)
    with pytest.raises(BadInput, match="pip install cleanlab"):
        cleanlab_scores(chances, labels)
