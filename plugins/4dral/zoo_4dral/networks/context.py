"""Descriptors that need no training, as models to hold the networks against."""

from __future__ import annotations

from torch import Tensor

from zoo_4dral.networks.recognition import Recognition
from zoo_4dral.retrieval.baselines import RINGS, SECTORS, correlation, scan_context


class ScanContext(Recognition):
    """Images (B, 1, s, s) to the brightest pixel of each ring and sector (B, rings sectors)."""

    def __init__(
        self,
        query: str = "radar",
        database: str = "radar",
        size: int = 64,
        rings: int = RINGS,
        sectors: int = SECTORS,
    ) -> None:
        super().__init__(query, database, size)
        self.rings, self.sectors = rings, sectors

    def forward(self, images: Tensor) -> Tensor:
        """Return the unit rows of images."""
        return scan_context(images, self.rings, self.sectors)


class Correlation(Recognition):
    """Images (B, 1, s, s) to themselves, blurred (B, s s): places are told by their correlation."""

    def forward(self, images: Tensor) -> Tensor:
        """Return the unit rows of images."""
        return correlation(images)
