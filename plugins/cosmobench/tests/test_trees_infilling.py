"""Virtual nodes and their answers; features within a tree; the questions of coarse trees."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from zoo_cosmobench.trees.forest import Forest
from zoo_cosmobench.trees.infilling import Infill, coarse_questions, questions, standardised
from zoo_cosmobench.trees.preparation import binarised
from zoo_cosmobench.trees.samples import example_forest

from zoo_core import BadInput


def forest_of(parent, times, masses=None):
    masses = np.full(len(parent), 12.0) if masses is None else np.asarray(masses)
    features = np.stack([masses, 1 + 0.01 * np.arange(len(parent)), masses / 6, times], 1)
    return Forest.of(features, parent, [0, len(parent)])


@pytest.fixture
def binary():
    return binarised(example_forest(0))


def test_each_merger_has_a_virtual_node_with_three_edges(binary):
    asked = questions(binary)
    mergers = int((binary.children == 2).sum())
    assert len(asked.virtual) == mergers == len(asked.about)
    assert asked.edges.shape[1] == binary.edges.shape[1] + 3 * mergers
    assert len(asked.features) == len(binary.parent) + mergers
    assert (asked.features[asked.virtual] == 0).all()
    for virtual, about in zip(asked.virtual, asked.about, strict=True):
        sources = asked.edges[0, asked.edges[1] == virtual]
        assert sorted(sources) == sorted(about)
        merger, heavy, light = about
        below = asked.edges[0, asked.edges[1] == merger]
        assert sorted(below) == sorted((heavy, light))
        assert asked.features[heavy, 0] >= asked.features[light, 0]
        assert virtual not in asked.edges[0]
    assert asked.nodes.tolist()[-1] == len(asked.features)
    assert asked.mergers.tolist()[-1] == mergers
    assert asked.local.shape == (mergers, 12)


def test_a_tree_s_questions_stand_alone(binary):
    asked = questions(binary)
    for tree in range(len(binary)):
        alone = questions(binary.take([tree]))
        found = asked.one(tree)
        expected = alone.one(0)
        assert all(torch.equal(one, other) for one, other in zip(found, expected, strict=True))


def test_features_are_standardised_within_each_tree(binary):
    found = standardised(binary)
    for low, high in zip(binary.offsets, binary.offsets[1:], strict=False):
        logs = torch.from_numpy(binary.features[low:high, :3]).double()
        expected = (logs - logs.mean(0)) / logs.std(0)
        assert found[low:high, :3] == pytest.approx(expected.numpy(), abs=1e-3)
    assert (found[:, 3] == binary.features[:, 3]).all()
    same = forest_of([-1, 0, 0], [1, 0.5, 0.5])
    assert (standardised(same)[:, 0] == 0).all()


def test_a_merger_that_was_left_out_is_hidden_at_its_parent():
    # 0 has the children 1 and 2; of these 1 is a merger of 3 and 4, and 2 has one child, 5.
    forest = forest_of(
        [-1, 0, 0, 1, 1, 2, 5], [1, 0.8, 0.8, 0.6, 0.6, 0.6, 0.4], [13, 12.5, 12, 12, 11, 11.9, 11]
    )
    asked, answers = coarse_questions(forest)
    # 3, 4 and 5 are children of 0 now, of which the two heaviest stay.
    assert len(asked.virtual) == 1 and answers.tolist() == [1]
    plain = forest_of([-1, 0, 0, 1, 2, 4], [1, 0.8, 0.8, 0.6, 0.6, 0.4])
    assert coarse_questions(plain)[1].tolist() == [0]


def test_splits_are_of_whole_trees(binary):
    asked = questions(binary)
    labels = torch.arange(len(asked.virtual)) % 2
    data = Infill((asked, labels), {"train": torch.tensor([2, 0]), "test": torch.tensor([1])})
    assert data.splits == ("train", "test") and data.metric_options == {"num_classes": 2}
    mergers = data.mergers_of(torch.tensor([2, 0]))
    bounds = asked.mergers
    assert mergers.tolist() == [*range(bounds[2], bounds[3]), *range(bounds[0], bounds[1])]
    assert data.mergers_of(torch.zeros(0, dtype=torch.int64)).tolist() == []


def test_trees_without_a_merger_are_refused():
    with pytest.raises(BadInput, match="nothing to infill"):
        questions(forest_of([-1, 0, 1], [1, 0.8, 0.6]))
