"""A skeleton: named joints, the bones between them, and which are left and right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from zoo_core import BadInput

Permutation = tuple[int, ...]
"""The image of every joint: g[i] is where joint i goes."""


@dataclass(frozen=True)
class Skeleton:
    """Joints by name, the parent of each (-1 for the root), and pairs (left, right) of each limb.

    Raises `BadInput` for names that are not unique, and for parents and pairs that are no joints.
    """

    joints: Sequence[str]
    parents: Sequence[int]
    limbs: Mapping[str, Sequence[tuple[int, int]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        count = len(self.joints)
        if len(set(self.joints)) < count or count == 0:
            raise BadInput("The joints of a skeleton have different names, one at least.")
        if len(self.parents) != count or not all(-1 <= one < count for one in self.parents):
            raise BadInput(
                f"parents={list(self.parents)}; expected one of -1 to {count - 1} a joint."
            )
        paired = [joint for pairs in self.limbs.values() for pair in pairs for joint in pair]
        if len(set(paired)) < len(paired) or not all(0 <= joint < count for joint in paired):
            raise BadInput("Each joint of a limb is in one pair, and is one of the skeleton's.")

    @property
    def bones(self) -> tuple[tuple[int, int], ...]:
        """The edges (parent, joint)."""
        return tuple((one, joint) for joint, one in enumerate(self.parents) if one >= 0)

    def adjacency(self) -> NDArray[np.float64]:
        """Return the symmetric adjacency (J, J) of the bones, without self-loops."""
        found = np.zeros((len(self.joints), len(self.joints)))
        for one, other in self.bones:
            found[one, other] = found[other, one] = 1
        return found

    def swaps(self) -> dict[str, Permutation]:
        """Return what exchanges left and right in each limb: generators of symmetries."""
        return {name: self._swap(pairs) for name, pairs in self.limbs.items()}

    def mirror(self) -> Permutation:
        """Return what exchanges left and right in all limbs at once."""
        return self._swap([pair for pairs in self.limbs.values() for pair in pairs])

    def _swap(self, pairs: Sequence[tuple[int, int]]) -> Permutation:
        images = list(range(len(self.joints)))
        for left, right in pairs:
            images[left], images[right] = right, left
        return tuple(images)


H36M16 = Skeleton(
    joints=(
        *("Hip", "RHip", "RKnee", "RFoot", "LHip", "LKnee", "LFoot", "Spine", "Thorax", "Head"),
        *("LShoulder", "LElbow", "LWrist", "RShoulder", "RElbow", "RWrist"),
    ),
    parents=(-1, 0, 1, 2, 0, 4, 5, 0, 7, 8, 8, 10, 11, 8, 13, 14),
    limbs={
        "legs": ((4, 1), (5, 2), (6, 3)),
        "arms": ((10, 13), (11, 14), (12, 15)),
    },
)
"""The 16 joints of Human3.6M as SemGCN uses them (Zhao et al. 2019); the feet are the ankles."""
