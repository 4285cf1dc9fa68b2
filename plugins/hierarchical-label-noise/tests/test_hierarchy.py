from __future__ import annotations

import numpy as np
import pytest
from zoo_hierarchical_label_noise.hierarchy import Hierarchy

from zoo_core import BadInput

ANIMALS = {"animals": {"pets": ["cat", "dog"], "wild": ["lynx"]}, "things": ["car", "ship"]}
CLASSES = ("car", "cat", "dog", "lynx", "ship")


@pytest.fixture
def tree():
    return Hierarchy.of_nested(ANIMALS, CLASSES)


def test_a_tree_of_three_levels(tree):
    assert tree.depth == 3
    assert tree.groups.tolist() == [1, 0, 0, 0, 1]
    assert tree.group_names == ("animals", "things")
    assert [tree.nodes[i].name for i in tree.branching] == ["", "animals", "pets", "things"]
    assert tree.heights.tolist() == [
        [0, 3, 3, 3, 1],
        [3, 0, 1, 2, 3],
        [3, 1, 0, 2, 3],
        [3, 2, 2, 0, 3],
        [1, 3, 3, 3, 0],
    ]
    assert tree.branch_of(1).tolist() == [-1, 0, 0, 1, -1]
    assert Hierarchy.of_nested(tree.nested, CLASSES) == tree


def test_the_same_tree_in_other_forms():
    groups = Hierarchy.of_groups([0, 1, 1, 0], list("abcd"), ["x", "y"])
    assert groups.nested == {"x": ["a", "d"], "y": ["b", "c"]}
    for form in ([0, 1, 1, 0], [["a", "d"], ["b", "c"]]):
        np.testing.assert_array_equal(Hierarchy.of_nested(form, list("abcd")).groups, groups.groups)
    numbers = Hierarchy.of_nested({"low": [0, 1], "high": [2]}, ["0", "1", "2"])
    assert numbers.groups.tolist() == [0, 0, 1]
    flat = Hierarchy.flat(list("abc"))
    assert (flat.depth, flat.heights.max(), len(flat.branching)) == (1, 1, 1)


def test_a_class_beside_superclasses():
    tree = Hierarchy.of_nested({"a": "a", "rest": ["b", "c"]}, list("abc"))
    assert tree.group_names == ("a", "rest")
    assert Hierarchy.of_nested(tree.nested, list("abc")) == tree
    alone = Hierarchy.of_nested({"group": "a", "rest": ["b", "c"]}, list("abc"))
    assert alone.group_names == ("group", "rest")


@pytest.mark.parametrize(
    ("nested", "words"),
    [
        ({"x": ["a", "b"]}, "does not say where c belongs"),
        ({"x": ["a", "b"], "y": ["c", "d"]}, "no class of the data"),
        ({"x": ["a", "b"], "y": ["b", "c"]}, "b has two parents in the hierarchy, x and y"),
        ({"x": ["a", "b", "c"], "y": []}, "y of the hierarchy is empty"),
        ({"x": 3.5, "y": ["a", "b", "c"]}, "expected names of classes"),
        ([0, 1], "superclass of 2 classes, and there are 3"),
        ([0, 1, -1], "0 or more"),
        ("tree.csv", "--option hierarchy=FILE"),
        (None, "expected names of classes"),
    ],
    ids=["missing", "unknown", "twice", "empty", "number", "short", "negative", "text", "none"],
)
def test_what_is_no_tree_is_refused(nested, words):
    with pytest.raises(BadInput, match=words):
        Hierarchy.of_nested(nested, list("abc"))


def test_a_close_name_is_told():
    with pytest.raises(BadInput, match="did you mean 'ship'"):
        Hierarchy.of_nested({"x": ["car", "shipp"]}, ["car", "ship"])


def test_one_class_is_no_tree():
    with pytest.raises(BadInput, match=r"one class only \(a\)"):
        Hierarchy.of_nested(["a"], ["a"])
