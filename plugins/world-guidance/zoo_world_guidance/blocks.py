"""Transformer parts that the trunk, the formers and the action head are made of."""

from __future__ import annotations

import torch
from einops import rearrange
from timm.layers.attention import Attention
from timm.layers.mlp import Mlp
from torch import Tensor, nn
from torch.nn import functional


class TanhGELU(nn.GELU):
    """GELU by its approximation with tanh."""

    def __init__(self) -> None:
        super().__init__(approximate="tanh")


class CrossAttention(nn.Module):
    """Attention of queries (B, T, width) to keys (B, S, keys), by `heads` heads.

    Nothing tells the keys' order: their permutation changes nothing.
    """

    def __init__(self, width: int, keys: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width)
        self.both = nn.Linear(keys, 2 * width)
        self.out = nn.Linear(width, width)

    def attended(self, keys: Tensor) -> tuple[Tensor, Tensor]:
        """Return what is asked and what is answered (B, heads, S, width / heads) of the keys."""
        k, v = rearrange(self.both(keys), "b s (two h d) -> two b h s d", two=2, h=self.heads)
        return k, v

    def forward(self, x: Tensor, attended: tuple[Tensor, Tensor]) -> Tensor:
        """Return the answers (B, T, width); `attended` is that of the keys."""
        q = rearrange(self.query(x), "b t (h d) -> b h t d", h=self.heads)
        found = functional.scaled_dot_product_attention(q, *attended)
        answers: Tensor = self.out(rearrange(found, "b h t d -> b t (h d)"))
        return answers


class SelfBlock(nn.Module):
    """A pre-norm transformer layer: self-attention and a perceptron, both added."""

    def __init__(self, width: int, heads: int, ratio: float = 4.0) -> None:
        super().__init__()
        self.before = nn.LayerNorm(width)
        self.attention = Attention(width, heads, qkv_bias=True)
        self.between = nn.LayerNorm(width)
        self.perceptron = Mlp(width, int(width * ratio), act_layer=TanhGELU)

    def forward(self, x: Tensor) -> Tensor:
        """Return tokens (B, T, width)."""
        x = x + self.attention(self.before(x))
        x = x + self.perceptron(self.between(x))
        return x


class QueryBlock(nn.Module):
    """A layer of a query former: queries hear each other, then the tokens, then themselves."""

    def __init__(self, width: int, keys: int, heads: int, ratio: float, causal: bool) -> None:
        super().__init__()
        self.causal = causal
        self.before = nn.LayerNorm(width)
        self.attention = Attention(width, heads, qkv_bias=True)
        self.between = nn.LayerNorm(width)
        self.cross = CrossAttention(width, keys, heads)
        self.after = nn.LayerNorm(width)
        self.perceptron = Mlp(width, int(width * ratio), act_layer=TanhGELU)

    def forward(self, x: Tensor, tokens: Tensor) -> Tensor:
        """Return queries (B, Q, width), of queries and tokens (B, S, keys)."""
        x = x + self.attention(self.before(x), is_causal=self.causal)
        x = x + self.cross(self.between(x), self.cross.attended(tokens))
        x = x + self.perceptron(self.after(x))
        return x


def position(count: int, width: int) -> nn.Parameter:
    """Return a learnt code (count, width) of positions, drawn from N(0, 1 / width)."""
    return nn.Parameter(torch.randn(count, width) * width**-0.5)
