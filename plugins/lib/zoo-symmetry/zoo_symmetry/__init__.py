"""Permutation symmetry: groups by generators, orbits, 2-closures, projections, isotypic bases.

A permutation g of n points is an array with g[i] the image of point i; it acts on a signal x, whose
points lie along one axis, by (g x)[g[i]] = x[i].
"""

from zoo_symmetry.closure import preserves, two_closure
from zoo_symmetry.equivariance import act, equivariance_error
from zoo_symmetry.group import PermutationGroup
from zoo_symmetry.isotypic import Component, isotypic_components
from zoo_symmetry.named import (
    alternating,
    cyclic,
    dihedral,
    direct_product,
    reversal,
    symmetric,
    trivial,
    wreath,
    young,
)
from zoo_symmetry.orbits import hom_dimension, orbits, rank
from zoo_symmetry.reading import read_group
from zoo_symmetry.reynolds import mean_gap, project

__all__ = [
    "Component",
    "PermutationGroup",
    "act",
    "alternating",
    "cyclic",
    "dihedral",
    "direct_product",
    "equivariance_error",
    "hom_dimension",
    "isotypic_components",
    "mean_gap",
    "orbits",
    "preserves",
    "project",
    "rank",
    "read_group",
    "reversal",
    "symmetric",
    "trivial",
    "two_closure",
    "wreath",
    "young",
]
