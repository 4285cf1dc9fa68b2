from __future__ import annotations

import numpy as np
import pytest
from zoo_hierarchical_label_noise.induction import (
    class_means,
    hierarchy_of_groups,
    induced_groups,
    merges,
    number_of_groups,
)
from zoo_label_noise import transitions
from zoo_label_noise.corruption import corrupt

from zoo_core import BadInput

CENTRES = np.array([[0, 0], [1, 0], [10, 10], [0, 1], [10, 11], [-12, 9]], float)
GROUPS = (0, 0, 1, 0, 1, 2)


@pytest.fixture
def points():
    rng = np.random.default_rng(0)
    labels = np.arange(6000) % 6
    return CENTRES[labels] + 0.5 * rng.standard_normal((6000, 2)), labels


@pytest.mark.parametrize("rate", [0.0, 0.4, 0.7])
@pytest.mark.parametrize("method", ["ward", "kmeans"])
def test_classes_that_look_alike_are_together(points, rate, method):
    features, labels = points
    noisy = corrupt(labels, transitions.symmetric(rate, 6), 0).labels
    means = class_means(features, noisy, 6)
    assert induced_groups(means, 3, method) == GROUPS
    assert number_of_groups(merges(means)) == 3
    assert induced_groups(means, method=method) == GROUPS


def test_symmetric_noise_shrinks_all_distances_alike(points):
    features, labels = points
    clean = class_means(features, labels, 6)
    noisy = transitions.symmetric(0.5, 6).T @ clean
    distances = [np.linalg.norm(m[:, None] - m[None], axis=2) for m in (clean, noisy)]
    signal = transitions.signal(0.5, 6)
    np.testing.assert_allclose(distances[1], signal * distances[0], atol=1e-12)
    assert merges(noisy)[:, :2].tolist() == merges(clean)[:, :2].tolist()


def test_what_is_confused_is_together():
    same = np.array(GROUPS)[:, None] == np.array(GROUPS)[None]
    confusion = np.where(same, 40.0, 1.0) + 60 * np.eye(6)
    assert induced_groups(CENTRES, 3, "confusion", confusion) == GROUPS


def test_induced_superclasses_have_the_names_of_their_classes():
    tree = hierarchy_of_groups(GROUPS, list("abcdef"))
    assert tree.group_names == ("a+b+d", "c+e", "f")
    assert tree.groups.tolist() == list(GROUPS)


def test_wrong_use(points):
    features, labels = points
    with pytest.raises(BadInput, match="No image is labelled with class 6"):
        class_means(features, labels, 7)
    for options, words in (
        ({"groups": 9}, "expected 1 to 6"),
        ({"method": "guess"}, "expected ward, kmeans, confusion"),
        ({"groups": 2, "method": "confusion"}, "needs a confusion matrix"),
    ):
        with pytest.raises(BadInput, match=words):
            induced_groups(CENTRES, **options)


def test_two_classes():
    assert induced_groups(CENTRES[:2]) == (0, 1)
