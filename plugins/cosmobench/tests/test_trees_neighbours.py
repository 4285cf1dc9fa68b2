"""The baselines: the statistic against SciPy's, the nearest tree, the nearest mergers."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ks_2samp
from zoo_cosmobench.trees.forest import Forest, Trees
from zoo_cosmobench.trees.infilling import Infill, questions
from zoo_cosmobench.trees.neighbours import (
    boosted_answers,
    ks_distances,
    local_of,
    nearest_answers,
    nearest_targets,
)
from zoo_cosmobench.trees.preparation import binarised
from zoo_cosmobench.trees.samples import example_forest


@given(st.integers(0, 10**6), st.booleans())
def test_distances_are_those_of_scipy(seed, tied):
    forest = example_forest(seed % 50)
    features = forest.features.round(1 if tied else 6)
    forest = Forest(features, forest.parent, forest.offsets, forest.lengths)
    found = ks_distances(forest, forest)
    parts = np.split(forest.features, forest.offsets[1:-1])
    for one, first in enumerate(parts):
        for other, second in enumerate(parts):
            values = [ks_2samp(first[:, k], second[:, k]).statistic ** 2 for k in range(3)]
            assert abs(found[one, other] - sum(values)) < 1e-6


def test_the_nearest_tree_lends_its_targets():
    forest = example_forest(0)
    both = Forest.of(
        np.concatenate([forest.features, forest.features]),
        np.concatenate([forest.parent, np.where(forest.parent < 0, -1, forest.parent + 26)]),
        np.concatenate([forest.offsets, forest.offsets[1:] + 26]),
    )
    data = Trees(
        source=both,
        targets=torch.arange(12.0).reshape(6, 2),
        simulations=torch.arange(6),
        rows={"train": torch.tensor([0, 1, 2]), "test": torch.tensor([5, 3, 4])},
    )
    assert nearest_targets(data).tolist() == [[4, 5], [0, 1], [2, 3]]


def test_mergers_are_answered_by_those_like_them():
    forest = binarised(example_forest(0, (60,) * 12))
    asked = questions(forest)
    labels = torch.from_numpy((asked.local[:, 3] > 0.3).astype(np.int64))
    rows = {"train": torch.arange(6), "val": torch.arange(6, 9), "test": torch.arange(9, 12)}
    data = Infill((asked, labels), rows)
    truth = local_of(data, "test")[1]
    found, count = nearest_answers(data, [3])
    assert 5 <= count < 25 and (found == truth).mean() > 0.95
    assert (boosted_answers(data) == truth).mean() > 0.95
