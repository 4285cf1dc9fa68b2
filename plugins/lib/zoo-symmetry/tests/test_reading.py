"""Groups as people write them, and what is refused."""

import json

import numpy as np
import pytest
import torch
import zoo_symmetry as zs

from zoo_core import BadInput

SAME = zs.PermutationGroup(4, ((1, 0, 2, 3), (1, 2, 3, 0)))


@pytest.mark.parametrize(
    ("source", "options"),
    [
        (SAME, {}),
        ([[1, 0, 2, 3], [1, 2, 3, 0]], {}),
        (np.array([[1, 0, 2, 3], [1, 2, 3, 0]]), {}),
        (torch.tensor([[1, 0, 2, 3], [1, 2, 3, 0]]), {"degree": 4}),
        ("1 0 2 3\n1 2 3 0\n", {}),
        ("# swap\n[1, 0, 2, 3]\n\n1,2,3,0", {}),
        ("(0 1)\n(0 1 2 3)", {"degree": 4}),
        ("(0,1)(2)(3)\n(0, 1, 2, 3)", {"degree": 4}),
        (["(1 2)", "(1 2 3 4)"], {"degree": 4, "first": 1}),
        ("2 1 3 4\n2 3 4 1", {"first": 1}),
    ],
    ids=range(10),
)
def test_one_group_in_many_spellings(source, options):
    assert zs.read_group(source, **options) == SAME


@pytest.mark.parametrize("suffix", ["txt", "json", "csv"])
def test_files(tmp_path, suffix):
    path = tmp_path / f"generators.{suffix}"
    rows = [list(one) for one in SAME.generators]
    text = json.dumps(rows) if suffix == "json" else "\n".join(" ".join(map(str, r)) for r in rows)
    path.write_text(text)
    assert zs.read_group(path) == zs.read_group(str(path)) == SAME


def test_no_generator_is_the_trivial_group():
    assert zs.read_group([], 5) == zs.read_group("", 5) == zs.trivial(5)


@pytest.mark.parametrize(
    ("source", "options", "said"),
    [
        ("1 0 2\n1 2 x", {}, "Line 2 has 'x'; points are whole numbers"),
        ("1 0 2\n0 1", {}, "Line 2 moves 2 points, and 3 are expected"),
        ("0 1 1", {}, "Line 1 is no permutation: 1 is the image of two points, 2 of none"),
        ([[0, 1, 1]], {}, "Generator 1 is no permutation"),
        ("1 2 3", {}, "Line 1 numbers the points from 1; say first=1"),
        ("(0 1)", {}, "may leave points out; say degree="),
        ("(0 9)", {"degree": 4}, "Line 1 has the point 9; the points are 0 to 3"),
        ("(0 4)", {"degree": 4, "first": 1}, "has the point 0; the points are 1 to 4"),
        ("(0 1)(1 2)", {"degree": 4}, "has the point 1 twice; cycles are disjoint"),
        ("(0 1) then (2 3)", {"degree": 4}, "is no product of cycles"),
        ([1, 2, 0], {}, "One permutation is given where a list of them is expected"),
        ([5, 6], {"degree": 2}, "One permutation is given"),
        ([3.5], {}, "Generator 1 is 3.5"),
        (np.arange(3), {}, "have the shape"),
        ([], {}, "say degree="),
        (7, {}, "int is no list of permutations"),
        ("nowhere/generators.txt", {}, "cannot be read as text"),
        (SAME, {"degree": 5}, "acts on 4 points, and 5 are asked for"),
        ("1 0", {"first": 2}, "numbered from 0 or from 1, not from 2"),
    ],
    ids=range(19),
)
def test_what_is_no_group_is_refused_in_a_sentence(source, options, said):
    with pytest.raises(BadInput, match=said):
        zs.read_group(source, **options)


def test_broken_json_is_told(tmp_path):
    (tmp_path / "g.json").write_text("[[1, 0]")
    with pytest.raises(BadInput, match="is no JSON"):
        zs.read_group(tmp_path / "g.json")
