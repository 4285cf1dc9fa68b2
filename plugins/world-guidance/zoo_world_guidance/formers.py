"""Query formers: a few learnt queries that read many tokens and answer with few numbers.

The Q-Former reads features of true future frames, the O-Former the policy's own hidden states;
both answer with a condition (B, queries, condition) (paper, section on conditions).
"""

from __future__ import annotations

import torch
from einops import repeat
from torch import Tensor, nn

from zoo_world_guidance.blocks import QueryBlock


class QueryFormer(nn.Module):
    """Learnt queries that attend to tokens (B, S, inputs); returns (B, queries, outputs).

    With `causal` a query hears only itself and those before it, as in the published code, where
    the layers are configured as a decoder's. Nothing tells the tokens' order: what matters of it
    belongs into the tokens.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        queries: int = 16,
        width: int = 1024,
        layers: int = 6,
        heads: int = 8,
        ratio: float = 2.0,
        causal: bool = False,
    ) -> None:
        super().__init__()
        self.queries = nn.Parameter(torch.randn(queries, width))
        self.layers = nn.ModuleList(
            QueryBlock(width, inputs, heads, ratio, causal) for _ in range(layers)
        )
        self.norm = nn.LayerNorm(width)
        self.out = nn.Linear(width, outputs)

    def forward(self, tokens: Tensor) -> Tensor:
        """Return what the queries found in the tokens."""
        x = repeat(self.queries, "q d -> b q d", b=tokens.shape[0])
        for layer in self.layers:
            x = layer(x, tokens)
        found: Tensor = self.out(self.norm(x))
        return found
