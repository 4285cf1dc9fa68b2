"""`PixelTransformer`: a transformer on pixels that are told apart by their positions alone."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from einops import rearrange, reduce
from torch import Tensor, nn
from torch.nn import functional

from zoo_core import BadInput


class Attention(nn.Module):
    """Tokens (B, n, width) to tokens, by attention of all to all, which no order enters."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.inner = nn.Linear(width, 3 * width)
        self.outer = nn.Linear(width, width)

    def forward(self, tokens: Tensor) -> Tensor:
        """Return what each token takes from all (B, n, width)."""
        parts = rearrange(
            self.inner(tokens), "b n (part heads d) -> part b heads n d", part=3, heads=self.heads
        )
        found = functional.scaled_dot_product_attention(parts[0], parts[1], parts[2])
        mixed: Tensor = self.outer(rearrange(found, "b heads n d -> b n (heads d)"))
        return mixed


class Block(nn.Module):
    """Attention and two layers on each token, both behind a LayerNorm and added to their input."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.before = nn.LayerNorm(width)
        self.attention = Attention(width, heads)
        self.between = nn.LayerNorm(width)
        self.layers = nn.Sequential(
            nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width)
        )

    def forward(self, tokens: Tensor) -> Tensor:
        """Return tokens (B, n, width)."""
        tokens = tokens + self.attention(self.before(tokens))
        found: Tensor = tokens + self.layers(self.between(tokens))
        return found


class PixelTransformer(nn.Module):
    """Images (B, C, H, W) to features (B, width): a token a pixel, the mean over them at the end.

    The base is equivariant to every permutation of the tokens; what breaks this symmetry is the
    vector that is added to each, and `labels` (H * W,) says which one: pixels of one label share
    theirs, so that the features do not change when these pixels change places (section 3 of the
    paper, with node features). Raises `BadInput` for a width that the heads do not divide.
    """

    def __init__(
        self, channels: int, labels: Sequence[int], width: int = 64, depth: int = 2, heads: int = 2
    ) -> None:
        super().__init__()
        if min(width, depth, heads) < 1 or width % heads:
            raise BadInput(
                f"width={width}, depth={depth}, heads={heads}; expected numbers from 1, and a "
                "width that the heads divide."
            )
        self.num_features = width
        self.pixel = nn.Linear(channels, width)
        self.position = nn.Embedding(max(labels) + 1, width)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(depth))
        self.norm = nn.LayerNorm(width)
        self.labels: Tensor
        self.register_buffer("labels", torch.tensor(labels, dtype=torch.int64))

    def forward(self, images: Tensor) -> Tensor:
        """Return features (B, width)."""
        pixels = rearrange(images, "b c h w -> b (h w) c")
        tokens = self.pixel(pixels) + self.position(self.labels)
        for block in self.blocks:
            tokens = block(tokens)
        found: Tensor = reduce(self.norm(tokens), "b n d -> b d", "mean")
        return found
