from __future__ import annotations

import math

import pytest
import torch
from zoo_hierarchical_label_noise.hierarchy import Hierarchy

import zoo

TREE = Hierarchy.of_groups([0, 0, 1, 1], list("abcd"))
GROUPS, HEIGHTS = torch.from_numpy(TREE.groups), torch.from_numpy(TREE.heights)
# Predicted: a, a, d, c; true: a, b, a, c.
LOGITS = torch.tensor(
    [[0.9, 0.05, 0.02, 0.03], [0.5, 0.3, 0.1, 0.1], [0.3, 0.3, 0.0, 0.4], [0.3, 0.3, 0.35, 0.05]]
).log()
TARGET = torch.tensor([0, 1, 0, 2])


def value(name, *parts, **options):
    meter = zoo.metric(name, **options)
    meter.update(*parts)
    return float(meter.compute())


def test_three_coarse_accuracies_are_three_things():
    assert value("coarse-accuracy", LOGITS, TARGET, GROUPS) == 0.75
    # Summed over classes the third is right, and the last is not.
    assert value("coarse-accuracy-summed", LOGITS, TARGET, GROUPS) == 0.75
    assert value("coarse-accuracy-summed", LOGITS[2:3], TARGET[2:3], GROUPS) == 1
    assert value("coarse-accuracy", LOGITS[2:3], TARGET[2:3], GROUPS) == 0
    coarse = torch.tensor([[1.0, 0], [0, 1], [0, 1], [0, 1]])
    assert value("coarse-accuracy-direct", coarse, TARGET, GROUPS) == 0.5


def test_accuracy_where_the_superclass_is_right():
    assert value("accuracy-within", LOGITS, TARGET, GROUPS) == pytest.approx(2 / 3)
    assert math.isnan(value("accuracy-within", LOGITS[2:3], TARGET[2:3], GROUPS))


def test_severity_is_the_mean_height_of_errors():
    assert value("mistake-severity", LOGITS, TARGET, HEIGHTS) == 1.5
    assert value("mistake-severity", LOGITS[:1], TARGET[:1], HEIGHTS) == 0


def test_an_unknown_way_is_refused():
    with pytest.raises(ValueError, match="expected leaf, summed, direct"):
        zoo.metric("coarse-accuracy", way="best")
