"""Groups on the joints of a skeleton, from none to all permutations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor
from zoo_signals.skeleton import H36M16, Skeleton
from zoo_symmetry import PermutationGroup, act, symmetric, trivial, young

from zoo_asen.colours import as_group
from zoo_core import BadInput, closest


def _pairs(skeleton: Skeleton) -> PermutationGroup:
    """Return the exchange of left and right of each joint by itself."""
    labels = list(range(len(skeleton.joints)))
    for pairs in skeleton.limbs.values():
        for left, right in pairs:
            labels[right] = left
    return young(labels)


NAMED: Mapping[str, Callable[[Skeleton], PermutationGroup]] = {
    "identity": lambda skeleton: trivial(len(skeleton.joints)),
    "reflection": lambda skeleton: PermutationGroup(len(skeleton.joints), (skeleton.mirror(),)),
    "limbs": lambda skeleton: PermutationGroup(
        len(skeleton.joints), tuple(skeleton.swaps().values())
    ),
    "pairs": _pairs,
    "symmetric": lambda skeleton: symmetric(len(skeleton.joints)),
}
"""From the smallest group to the largest: none, left and right of the whole body, legs and arms by
themselves, each pair of joints by itself, all permutations of the joints."""
TITLES = {
    "identity": "none",
    "reflection": "S_2",
    "limbs": "S_2 x S_2",
    "pairs": "S_2^6",
    "symmetric": "S_16",
}
"""What the paper calls these groups, on 16 joints."""


def pose_group(source: Any, joints: int = len(H36M16.joints)) -> PermutationGroup:
    """Return a group on joints: by its name in `NAMED`, or by generators (see `as_group`).

    Names of exchanges are known for the 16 joints of Human3.6M alone. Raises `BadInput` for a name
    that is none, and for generators of another number of joints.
    """
    if not isinstance(source, str) or not source.strip().isidentifier():
        return as_group(source, joints)
    name = source.strip()
    if name not in NAMED:
        raise BadInput(
            f"No group on joints is called {name!r}{closest(name, NAMED)} Known are "
            f"{', '.join(NAMED)}; or give generators."
        )
    if name == "identity":
        return trivial(joints)
    if name == "symmetric":
        return symmetric(joints)
    if joints != len(H36M16.joints):
        raise BadInput(
            f"Which of {joints} joints are left and right is not known; give generators in place "
            f"of {name!r}."
        )
    return NAMED[name](H36M16)


def exchanged(
    inputs: tuple[Tensor], generator: torch.Generator
) -> tuple[tuple[Tensor], Callable[[Any], Any]]:
    """Exchange left and right, the symmetry that is promised by default, for the contract's checks.

    There is one element beside the identity, so that nothing is drawn from the generator.
    """
    images = H36M16.mirror()
    (joints,) = inputs
    return (act(images, joints),), lambda outputs: act(images, outputs)
