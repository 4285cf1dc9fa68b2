"""Reading one token at a time, fast: a model's weights laid out anew for the length of a text.

At the sizes of this plugin a token costs what its small operations cost to launch. So each mixer
projects once: keys copied to the heads that share them, the swapped halves that rotation needs,
and the ones behind the values are rows of that projection; both signs of a feature map are one
product. Attention writes keys and values into memory set aside for the whole text. The sums are
those of `Network.extend`, rounded in another order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.functional import linear, pad, scaled_dot_product_attention, silu, softplus

from zoo_attention_to_mamba.attention import Attention, AttentionCache
from zoo_attention_to_mamba.hedgemamba import SMALLEST, HedgeMamba, MambaCache
from zoo_attention_to_mamba.network import Cache, Network
from zoo_attention_to_mamba.rotary import frequencies, rotation

Rows = tuple[Tensor, Tensor]
"""Rows of a projection's weight by head, (heads, n, d), and of its bias (heads, n)."""


class Stepper:
    """A model behind what a cache has read; it takes one token after another.

    `room` is the number of tokens that may follow (attention sets memory aside for them). Mixers'
    weights are copied: do not train the model meanwhile. The cache can be used again.
    """

    @torch.inference_mode()
    def __init__(self, model: Network, cache: Cache, room: int) -> None:
        self._model = model
        self._position = cache.position.clone()
        angles = frequencies(model.rotary, model.rope_base, model.rope_scaling)
        self._angles = angles.to(cache.position.device)
        half = model.rotary // 2
        self._mixers = [
            _Attention(block.mixer, kept, half, room)
            if isinstance(block.mixer, Attention)
            else _HedgeMamba(block.mixer, kept, half)
            for block, kept in zip(model.blocks, cache.mixers, strict=True)
        ]

    @torch.inference_mode()
    def step(self, tokens: Tensor) -> Tensor:
        """Read a token of each row (b,); return the logits of the next one, (b, V)."""
        x = self._model.embedding(tokens)
        turn = self._turn(x)
        for block, mixer in zip(self._model.blocks, self._mixers, strict=True):
            x = block.after(x, mixer.step(block.mixer_norm(x), turn))
        self._position += 1
        return self._model.logits(x)

    @torch.inference_mode()
    def keep(self, rows: Tensor) -> None:
        """Go on with these rows alone, given by their indices."""
        self._position = self._position[rows]
        for mixer in self._mixers:
            mixer.keep(rows)

    @property
    def state_bytes(self) -> int:
        """Bytes kept of the tokens so far: growing with them for attention, else constant."""
        kept = [one for mixer in self._mixers for one in mixer.kept()]
        return sum(one.numel() * one.element_size() for one in kept)

    def _turn(self, like: Tensor) -> Tensor:
        """Return cosines and sines (b, 1, 2, m): 1 and 0 for dimensions that do not rotate."""
        cos, sin = rotation(self._position, self._angles, like)
        turn = torch.stack([cos, sin], dim=2)
        turn = torch.cat([turn, turn], dim=3)
        beyond = self._mixers[0].head_width - turn.shape[3]
        if beyond:
            still = turn.new_tensor([1.0, 0.0]).view(1, 1, 2, 1)
            turn = torch.cat([turn, still.expand(len(turn), 1, 2, beyond)], dim=3)
        return turn


class _Attention:
    """One layer's attention, with memory for all keys and values to come."""

    def __init__(self, mixer: Attention, cache: AttentionCache, half: int, room: int) -> None:
        self.mixer, self.head_width = mixer, mixer.head_width
        q, k, v = (_by_head(one, self.head_width) for one in (mixer.q, mixer.k, mixer.v))
        self.heads, self.kv_heads = len(q[0]), len(k[0])
        self.weight, self.bias, sizes = _fused([_turning(q, half), _turning(k, half), v])
        self.sizes = [sizes[0] + sizes[1], sizes[2]]
        self.length = cache.keys.shape[2]
        # An odd length: rows a power of two apart fall on the same lines of the processor's cache.
        more = (self.length + room | 1) - self.length
        self.keys, self.values = (pad(one, (0, 0, 0, more)) for one in (cache.keys, cache.values))
        self.seen = None
        if cache.hidden is not None:
            self.seen = pad(~cache.hidden, (0, more), value=True)[:, None, None]

    def step(self, u: Tensor, turn: Tensor) -> Tensor:
        """Mix one token of each row, (b, d)."""
        batch = u.shape[0]
        both, v = torch.split(linear(u, self.weight, self.bias), self.sizes, dim=1)
        turned = (both.view(batch, -1, 2, self.head_width) * turn).sum(2)
        q, k = turned.tensor_split([self.heads], dim=1)
        self.keys[:, :, self.length] = k
        self.values[:, :, self.length] = v.view(batch, self.kv_heads, -1)
        self.length += 1
        seen = None if self.seen is None else self.seen[..., : self.length]
        # The queries that share a head of keys, as if they were tokens: no keys are copied.
        q = q.view(batch, self.kv_heads, -1, self.head_width)
        keys, values = self.kept()
        o = scaled_dot_product_attention(q, keys, values, seen)
        out: Tensor = self.mixer.o(o.reshape(batch, -1))
        return out

    def kept(self) -> tuple[Tensor, Tensor]:
        """Return the keys and values so far."""
        return self.keys[:, :, : self.length], self.values[:, :, : self.length]

    def keep(self, rows: Tensor) -> None:
        """Go on with these rows alone."""
        self.keys, self.values = self.keys[rows], self.values[rows]
        self.seen = None if self.seen is None else self.seen[rows]


class _HedgeMamba:
    """One layer's HedgeMamba or linear attention, whose state is changed in place.

    The state is (b · heads, P, N), its rows those of the values and the ones; Δ is one a head or
    one a row.
    """

    def __init__(self, mixer: HedgeMamba, cache: MambaCache, half: int) -> None:
        self.mixer, self.head_width = mixer, mixer.head_width
        q = _by_head(mixer.q, self.head_width)
        self.heads = len(q[0])
        k, v = (_shared(_by_head(one, self.head_width), self.heads) for one in (mixer.k, mixer.v))
        by_channel = isinstance(mixer.step, nn.Sequential)
        ones = self.head_width if by_channel else 1
        parts = [_turning(q, half), _turning(k, half)]
        parts.append((pad(v[0], (0, 0, 0, ones)), pad(v[1], (0, ones), value=1.0)))
        self.A: Tensor | None = None
        if isinstance(mixer.step, nn.Linear):
            self.A = mixer.A.view(-1, 1, 1)
            parts.append(_by_head(mixer.step, 1))
        elif mixer.step is not None:
            weight, bias = _by_head(_joined(mixer.step), self.head_width)
            A = torch.unflatten(mixer.A, 0, (self.heads, -1))
            # A value and its one have the same Δ and A.
            self.A = torch.cat([A, A], dim=1)
            parts.append((torch.cat([weight, weight], dim=1), torch.cat([bias, bias], dim=1)))
        self.weight, self.bias, sizes = _fused(parts)
        self.sizes = [sizes[0] + sizes[1], *sizes[2:]]
        self.inputs = cache.inputs
        if mixer.taps is not None:
            # The convolution within the projection: a block of columns for each token that it sees.
            self.weight = torch.cat([self.weight * taps for taps in mixer.taps.mT], dim=1)
        self.gated = mixer.gate is not None
        if mixer.gate is not None:
            # The gate sees the last token alone.
            last = pad(mixer.gate.weight, (self.weight.shape[1] - mixer.gate.in_features, 0))
            self.weight = torch.cat([last, self.weight])
            self.bias = torch.cat([mixer.gate.bias, self.bias])
            self.sizes = [mixer.gate.out_features, *self.sizes]
        maps = (mixer.query_features, mixer.key_features)
        weight, bias = torch.cat([f.weight for f in maps]), torch.cat([f.bias for f in maps])
        # The two parts of a rotated query or key are summed within the product with its map.
        weight = torch.cat([weight, weight], dim=2)
        self.features = torch.cat([weight, -weight], dim=1).mT.contiguous()
        self.features_bias = torch.cat([bias, -bias], dim=1).unsqueeze(1)
        self.state = cache.state.clone().view(-1, self.head_width + ones, cache.state.shape[-1])

    def step(self, u: Tensor, turn: Tensor) -> Tensor:
        """Mix one token of each row, (b, d)."""
        batch, x, state = u.shape[0], u, self.state
        if self.inputs is not None:
            window = torch.cat([self.inputs, u.unsqueeze(1)], dim=1)
            self.inputs, x = window[:, 1:], window.flatten(1)
        projected = list(torch.split(linear(x, self.weight, self.bias), self.sizes, dim=1))
        gate = projected.pop(0) if self.gated else None
        both, values, *delta = projected
        turned = both.view(batch, -1, 2, self.head_width) * turn
        turned = turned.view(batch, -1, 2 * self.head_width).transpose(0, 1)
        features = torch.baddbmm(self.features_bias, turned, self.features).softmax(-1)
        features = features.to(state.dtype).view(2, self.heads, batch, -1).transpose(1, 2)
        C, B = features.reshape(2, len(state), 1, -1).unbind()
        values = values.to(state.dtype).reshape(len(state), -1, 1)
        if self.A is not None:
            step = softplus(delta[0].to(state.dtype)).view(batch, self.heads, -1, 1)
            state.mul_((step * self.A).exp_().view(len(state), -1, self.A.shape[-1]))
            values = values * step.view(len(state), -1, 1)
        state.addcmul_(values, B)
        above, below = torch.bmm(state, C.mT).tensor_split([self.head_width], dim=1)
        y = (above / below.clamp_min_(SMALLEST)).view(batch, -1).to(u.dtype)
        if gate is not None:
            y = y * silu(gate)
        out: Tensor = self.mixer.o(y)
        return out

    def kept(self) -> tuple[Tensor, ...]:
        """Return the state, and the convolution's inputs if there are any."""
        return (self.state,) if self.inputs is None else (self.state, self.inputs)

    def keep(self, rows: Tensor) -> None:
        """Go on with these rows alone."""
        self.state = torch.unflatten(self.state, 0, (-1, self.heads))[rows].flatten(0, 1)
        self.inputs = None if self.inputs is None else self.inputs[rows]


def _by_head(layer: nn.Linear, size: int) -> Rows:
    """Return the rows of each head's `size` outputs."""
    bias = layer.weight.new_zeros(layer.out_features) if layer.bias is None else layer.bias
    return torch.unflatten(layer.weight, 0, (-1, size)), bias.view(-1, size)


def _shared(rows: Rows, heads: int) -> Rows:
    """Return a row for each of the heads, of rows that several of them share."""
    weight, bias = (one.repeat_interleave(heads // len(one), 0) for one in rows)
    return weight, bias


def _joined(layers: nn.Sequential) -> nn.Linear:
    """Return the one layer that two in a row make, of which the first has no bias."""
    first, last = (cast(nn.Linear, layer) for layer in layers)
    made = nn.Linear(first.in_features, last.out_features, device="meta")
    made.weight = nn.Parameter(last.weight @ first.weight)
    made.bias = last.bias
    return made


def _turning(rows: Rows, half: int) -> Rows:
    """Put behind each head's rows those that the sines multiply: -second half, first half, 0."""

    def both(one: Tensor) -> Tensor:
        first, second, rest = one.tensor_split([half, 2 * half], dim=1)
        return torch.cat([one, -second, first, torch.zeros_like(rest)], dim=1)

    return both(rows[0]), both(rows[1])


def _fused(parts: Sequence[Rows]) -> tuple[Tensor, Tensor, list[int]]:
    """Return one projection's weight and bias, and the number of rows of each part."""
    weight = torch.cat([weight.flatten(0, 1) for weight, _ in parts])
    bias = torch.cat([bias.flatten() for _, bias in parts])
    return weight, bias, [bias.numel() for _, bias in parts]
