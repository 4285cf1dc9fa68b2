"""What an entity's texts and images say: vectors in 8 bits, so that they travel with the weights.

Each column has its own scale; what is stored are integers from -127 to 127, which leaves cosines to
about 0.002. Of many entities only the leading directions are kept (an uncentred PCA, which loses
least of all inner products), and the basis is kept with them for texts that come later.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

LEVELS = 127
MANY = 8
"""So many times more rows than directions are needed before directions are left out."""


def reduced(vectors: Tensor, most: int) -> tuple[Tensor, Tensor]:
    """Return coordinates (n, k) and the basis (d, k) that they are in, k at most `most`.

    The basis is the identity where there are few rows (below 8 k), as it could not be told from
    them. Its signs are fixed, so that it is the same each time.
    """
    n, d = vectors.shape
    if d <= most or n < MANY * most:
        return vectors, torch.eye(d)
    _, directions = torch.linalg.eigh((vectors.T @ vectors).double())
    basis = directions.flip(1)[:, :most]
    largest = basis.abs().argmax(0)
    basis = (basis * basis[largest, torch.arange(most)].sign()).float()
    return vectors @ basis, basis


class Quantised(nn.Module):
    """Vectors (n, k) as integers, and a scale for each column."""

    values: Tensor
    scale: Tensor

    def __init__(self, rows: int, columns: int) -> None:
        super().__init__()
        self.register_buffer("values", torch.zeros(rows, columns, dtype=torch.int8))
        self.register_buffer("scale", torch.ones(columns))

    def take(self, vectors: Tensor) -> None:
        """Store vectors (n, k)."""
        scale = (vectors.abs().amax(0) / LEVELS).clamp(min=1e-8)
        # Loaded scales may have been rounded to 16 bits: round them before the values are.
        self.scale.copy_(scale.half().float().clamp(min=2**-14))
        self.values.copy_((vectors / self.scale).round().clamp(-LEVELS, LEVELS))

    def forward(self) -> Tensor:
        """Return the vectors (n, k)."""
        return self.values.to(self.scale.dtype) * self.scale


class EntityFeatures(nn.Module):
    """Glosses and names (n, k) of entities, and images (m, j) of some of them.

    `text` is k (0: the entities have no texts) out of the encoder's `width` numbers, `image` is j
    (0: no images) and `images` is m.
    """

    basis: Tensor
    image_rows: Tensor

    def __init__(
        self, entities: int, text: int = 0, width: int = 0, images: int = 0, image: int = 0
    ) -> None:
        super().__init__()
        self.entities = entities
        self.glosses = Quantised(entities, text) if text else None
        self.names = Quantised(entities, text) if text else None
        self.images = Quantised(images, image) if image else None
        self.register_buffer("basis", torch.zeros(width, text) if text else None)
        rows = torch.zeros(images, dtype=torch.int32) if image else None
        self.register_buffer("image_rows", rows)

    def texts(self) -> Tensor:
        """Return the unit vectors of glosses and names (n, 2, k); 0 where there is none."""
        assert self.glosses is not None and self.names is not None
        both = torch.stack([self.glosses(), self.names()], 1)
        return functional.normalize(both, dim=-1)

    def gloss(self) -> tuple[Tensor, Tensor] | None:
        """Return the glosses (n, k) and which entities have one (n,); None without texts."""
        if self.glosses is None:
            return None
        return self.glosses(), (self.glosses.values != 0).any(1)

    def image(self) -> tuple[Tensor, Tensor] | None:
        """Return the images (n, j) and which entities have one (n,); None without images."""
        if self.images is None:
            return None
        rows = self.image_rows.long()
        found = self.images()
        vectors = found.new_zeros(self.entities, found.shape[1]).index_copy(0, rows, found)
        has = torch.zeros(self.entities, dtype=torch.bool, device=rows.device)
        return vectors, has.index_fill(0, rows, True)

    def coordinates(self, vectors: Tensor) -> Tensor:
        """Return an encoder's vectors (m, width) in the coordinates that texts are kept in."""
        return vectors.to(self.basis) @ self.basis
