"""Softmax attention, the mixer of the teachers, with its growing cache of keys and values."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from zoo_attention_to_mamba.rotary import Rotation, rotate


class AttentionCache(NamedTuple):
    """Keys and values (b, kv heads, S, m) of the tokens so far; `hidden` (b, S) marks padding."""

    keys: Tensor
    values: Tensor
    hidden: Tensor | None = None


class Attention(nn.Module):
    """Causal softmax attention with grouped keys and values.

    `heads` query heads of width `head_width`; each of the `kv_heads` serves heads / kv_heads of
    them. Projections `q`, `k`, `v`, `o`; the scale is 1 / sqrt(head_width).
    """

    def __init__(
        self, width: int, heads: int, kv_heads: int, head_width: int, biases: bool
    ) -> None:
        super().__init__()
        self.head_width = head_width
        self.q = nn.Linear(width, heads * head_width, biases)
        self.k = nn.Linear(width, kv_heads * head_width, biases)
        self.v = nn.Linear(width, kv_heads * head_width, biases)
        self.o = nn.Linear(heads * head_width, width, biases)

    def forward(
        self,
        u: Tensor,
        turn: Rotation,
        *,
        cache: AttentionCache | None = None,
        documents: Tensor | None = None,
    ) -> tuple[Tensor, AttentionCache]:
        """Mix (b, T, d) along T; `documents` (b, T) numbers packed documents (no cache then)."""
        q, k = self._queries_and_keys(u, turn)
        v = torch.unflatten(self.v(u), -1, (-1, self.head_width)).transpose(1, 2)
        hidden = None
        if cache is not None:
            k, v = torch.cat([cache.keys, k], dim=2), torch.cat([cache.values, v], dim=2)
            if cache.hidden is not None:
                hidden = torch.nn.functional.pad(cache.hidden, (0, u.shape[1]))
        mask = _mask(u, k.shape[2], hidden, documents)
        # Behind a cache and without a mask there is one query, which sees all keys.
        causal = mask is None and cache is None
        o = scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=causal, enable_gqa=True)
        out: Tensor = self.o(o.transpose(1, 2).flatten(2))
        return out, AttentionCache(k, v, hidden)

    def log_weights(self, u: Tensor, turn: Rotation) -> Tensor:
        """Return the logs of the weights (b, heads, T, T) of a text's values; -inf ahead."""
        q, k = self._queries_and_keys(u, turn)
        k = k.repeat_interleave(q.shape[1] // k.shape[1], dim=1)
        scores: Tensor = q @ k.mT / self.head_width**0.5
        return scores.masked_fill(is_ahead(scores), -torch.inf).log_softmax(-1)

    def _queries_and_keys(self, u: Tensor, turn: Rotation) -> tuple[Tensor, Tensor]:
        """Return turned queries (b, heads, T, m) and keys (b, kv heads, T, m)."""
        q, k = (
            torch.unflatten(project(u), -1, (-1, self.head_width)) for project in (self.q, self.k)
        )
        return rotate(q, turn).transpose(1, 2), rotate(k, turn).transpose(1, 2)


def is_ahead(scores: Tensor) -> Tensor:
    """Return which keys come after a query, (T, T), of scores (…, T, T)."""
    length = scores.shape[-1]
    return torch.ones(length, length, dtype=torch.bool, device=scores.device).triu(1)


def _mask(u: Tensor, keys: int, hidden: Tensor | None, documents: Tensor | None) -> Tensor | None:
    """Return what may be seen, (b or 1, 1, T, S); None where plain causality says it all."""
    length = u.shape[1]
    if hidden is None and documents is None and (keys == length or length == 1):
        return None
    seen = torch.ones(length, keys, dtype=torch.bool, device=u.device).tril(keys - length)[None]
    if hidden is not None:
        seen = seen & ~hidden[:, None, :]
    if documents is not None:
        seen = seen & (documents[:, :, None] == documents[:, None, :])
    return seen[:, None]
