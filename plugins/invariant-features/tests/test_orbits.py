"""The theorem by brute force: all orbits of small matrices, and what is lost without f_*."""

from __future__ import annotations

import numpy as np
from zoo_invariant_features.checks import theory
from zoo_invariant_features.orbits import canonical, conjugates, glued_pair, invariants
from zoo_invariant_features.specs.claims import CLAIMS


def bounds(name):
    (claim,) = [one for one in CLAIMS if one.name == name]
    return claim.bounds


def test_graphs_on_three_nodes_are_all_told_apart():
    found = theory.orbits(draws=15)
    assert set(found.quantities) == set(bounds("orbits"))
    assert list(found.quantities.values()) == [20, 16, 20, 0]


def test_a_matrix_and_its_conjugates_have_one_name_and_the_same_invariants():
    matrix = np.arange(9.0).reshape(3, 3)
    matrix = matrix + matrix.T
    assert len(conjugates(matrix)) == 6
    assert len({canonical(one) for one in conjugates(matrix)}) == 1
    assert len({invariants(one) for one in conjugates(matrix)}) == 1
    matrix[0, 0] += 1
    assert canonical(matrix) != canonical(conjugates(np.eye(3))[0])


def test_only_the_glue_invariant_tells_the_example_apart():
    first, second = glued_pair(4, 0)
    assert invariants(first, glue=False) == invariants(second, glue=False)
    assert invariants(first)[2] != invariants(second)[2]
    assert canonical(first) != canonical(second)
    found = theory.glue(seeds=(0, 1))
    assert set(found.quantities) == set(bounds("glue"))
    assert found.quantities["largest difference without f_*"] == 0
    assert found.quantities["least difference with f_*"] > 1e-6
