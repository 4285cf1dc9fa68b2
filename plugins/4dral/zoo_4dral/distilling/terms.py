"""Which of the teacher's terms are in a loss, and with what weight at which step."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from torch import Tensor

from zoo_4dral.distilling import losses
from zoo_4dral.networks.network import Parts
from zoo_core import BadInput


@dataclass(frozen=True)
class Terms:
    """Weights of the terms beside the triplet loss; 0 leaves a term out, and any subset will do.

    `lie` is local image enhancement, `fdd` feature distribution distillation and `pie` its other
    reading (the bounded branch), `rd` response distillation by margins and `matrix` on all
    distances of a batch, `descriptor` the squared distance of descriptors. The last is not the
    paper's.
    """

    lie: float = 0.0
    fdd: float = 0.0
    pie: float = 0.0
    rd: float = 0.0
    matrix: float = 0.0
    descriptor: float = 0.0

    def __post_init__(self) -> None:
        wrong = [
            name
            for name, value in self.weights.items()
            if not isinstance(value, int | float) or not 0 <= value < math.inf
        ]
        if wrong:
            raise BadInput(
                f"The weight of {wrong[0]} is negative or no number; expected 0 or more."
            )

    @classmethod
    def of_recipe(cls, recipe: Mapping[str, Any]) -> Terms:
        """Return the weights that a recipe names."""
        return cls(**{one.name: recipe.get(one.name, 0.0) for one in fields(cls)})

    @property
    def weights(self) -> dict[str, float]:
        """The weights by name."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    @property
    def of_teacher(self) -> bool:
        """Whether a teacher is needed: for all terms but the enhancement of images."""
        return any(value > 0 for name, value in self.weights.items() if name != "lie")

    @property
    def of_features(self) -> bool:
        """Whether the teacher's features must have the shape of the student's."""
        return max(self.fdd, self.pie, self.descriptor) > 0

    def check_fits(self, *, unet: bool, branch: bool) -> None:
        """Raise `BadInput` for a term on a part that the network does not have."""
        if self.lie > 0 and not unet:
            raise BadInput("LIE enhances images, and this network has no U-Net; set unet=8.")
        if self.pie > 0 and not branch:
            raise BadInput("The weight `pie` is of a branch, and this network has none.")

    def loss(
        self,
        far: Tensor,
        student: Parts,
        teacher: Parts | None,
        lidar: Tensor | None,
        margin: float,
    ) -> Tensor:
        """Return the weighted sum of the terms on one batch.

        The parts are of 2 B images, the queries' first; `far` (B, B) tells which of the positives
        are negatives of a query. LIE needs the LiDAR's images `lidar` (2 B, 1, H, W).
        """
        total = student.descriptor.new_zeros(())
        if self.lie > 0:
            assert student.enhanced is not None and lidar is not None
            total = total + self.lie * losses.enhancement(student.enhanced, lidar)
        if teacher is None:
            return total
        if self.fdd > 0:
            gap = losses.feature_distribution(student.features, teacher.features)
            total = total + self.fdd * gap
        if self.pie > 0:
            assert student.branch is not None
            total = total + self.pie * losses.branch_target(student.branch, teacher.features)
        if self.rd > 0 or self.matrix > 0:
            found, known = (
                losses.distances(*one.descriptor.chunk(2)) for one in (student, teacher)
            )
            if self.rd > 0:
                total = total + self.rd * losses.response_hinge(far, found, known, margin)
            if self.matrix > 0:
                total = total + self.matrix * losses.response_matrix(found, known)
        if self.descriptor > 0:
            gap = losses.descriptor_gap(student.descriptor, teacher.descriptor)
            total = total + self.descriptor * gap
        return total


def share_left(step: int, steps: int, until: float) -> float:
    """Return the factor of the terms' weights at a step: 1 falling linearly to 0 at `until`.

    `until` is a share of the steps; 0 stands for constant weights.
    """
    return 1.0 if until == 0 else max(0.0, 1 - step / (until * steps))
