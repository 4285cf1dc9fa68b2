"""Reading one token at a time, fast: a model's weights laid out anew for the length of a text.

At the sizes of this plugin a token costs what its small operations cost to launch. So each mixer
projects once: keys copied to the heads that share them, the swapped halves that rotation needs,
and the ones behind the values are rows of that projection; both signs of a feature map are one
product. Attention writes keys and values into memory set aside for the whole text. The sums are
those of `Network.extend`, rounded in another order.

A step is a function of tokens and state, which it changes in place, so that it can be recorded once
and run without Python, or compiled.
"""

from __future__ import annotations

import inspect
import os
import shutil
import sys
import warnings
from collections.abc import Callable, Sequence
from functools import cache, partial
from itertools import islice
from typing import Any, Literal, cast, get_args

import torch
from torch import Tensor, nn
from torch.nn.functional import linear, pad, scaled_dot_product_attention, silu, softplus

from zoo_attention_to_mamba.attention import Attention, AttentionCache
from zoo_attention_to_mamba.hedgemamba import SMALLEST, HedgeMamba, MambaCache
from zoo_attention_to_mamba.network import Cache, Network
from zoo_attention_to_mamba.rotary import frequencies, rotation
from zoo_core import BadInput

Mode = Literal["eager", "traced", "compiled"]
MODES: tuple[Mode, ...] = get_args(Mode)
"""How a step runs: from Python; recorded once and run without Python (`torch.jit.trace`), with the
same results; or compiled (`torch.compile`), with sums in another order."""
Rows = tuple[Tensor, Tensor]
"""Rows of a projection's weight by head, (heads, n, d), and of its bias (heads, n)."""


def compiler() -> str | None:
    """Return the path of the C++ compiler that `torch.compile` would call, None without one."""
    usual = {"darwin": "clang++", "win32": "cl"}.get(sys.platform, "g++")
    return shutil.which(os.environ.get("CXX", usual))


def check_mode(mode: Any) -> None:
    """Raise `BadInput` for an unknown mode, and for "compiled" where there is no compiler."""
    if mode not in MODES:
        raise BadInput(f"mode={mode!r} is unknown; expected one of {', '.join(MODES)}.")
    if mode == "compiled" and compiler() is None:
        raise BadInput(
            "mode='compiled' needs a C++ compiler, and none was found; install g++, name another "
            "in the variable CXX, or take mode='traced'."
        )


class Stepper:
    """A model behind what a cache has read; it takes one token after another.

    `room` is the number of tokens that may follow (attention sets memory aside for them). Mixers'
    weights are copied: do not train the model meanwhile. The cache can be used again. `mode` is one
    of `MODES`: to trace takes half a second, and to compile a minute for the first model of a shape
    in a process. Raises `BadInput` for another mode, and where there is no compiler.
    """

    @torch.inference_mode()
    def __init__(self, model: Network, cache: Cache, room: int, mode: Mode = "eager") -> None:
        check_mode(mode)
        self._step = _Step(model, cache, whole=mode == "compiled")
        self._length = cache.mixers[0].keys.shape[2] if self._step.attends else 0
        self._state = [cache.position.clone()]
        for mixer, kept in zip(self._step.mixers, cache.mixers, strict=True):
            self._state += mixer.state(kept, room)
        self._mode = mode
        self._run: Callable[..., Tensor] = self._step
        if mode == "traced":
            self._run = self._traced()
        elif mode == "compiled":
            self._run = partial(_compiled(str(model.shape)), self._step)

    @torch.inference_mode()
    def step(self, tokens: Tensor) -> Tensor:
        """Read a token of each row (b,); return the logits of the next one, (b, V)."""
        if self._mode == "eager":
            logits = self._run(tokens, self._length, *self._state)
        else:
            # In memory of their own: for tokens that are a view, all would be compiled again.
            logits = self._run(tokens.clone(), self._tokens_before(), *self._state)
        self._length += self._step.attends
        return logits

    @torch.inference_mode()
    def branch(self, rows: Tensor) -> Stepper:
        """Return a stepper behind these rows alone, given by their indices; this one can go on."""
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__, _state=[one[rows] for one in self._state])
        return other

    @property
    def state_bytes(self) -> int:
        """Bytes kept of the tokens so far: growing with them for attention, else constant."""
        state = iter(self._state[1:])
        kept = [
            one
            for mixer in self._step.mixers
            for one in mixer.kept(list(islice(state, mixer.holds)), self._length)
        ]
        return sum(one.numel() * one.element_size() for one in kept)

    def _tokens_before(self) -> Tensor:
        return torch.tensor(self._length, device=self._state[0].device)

    def _traced(self) -> Callable[..., Tensor]:
        """Return the step as recorded, which holds for any number of rows and of tokens before."""
        copies = [one.clone() for one in self._state]
        example = (copies[0].new_zeros(len(copies[0])), self._tokens_before(), *copies)
        with warnings.catch_warnings():
            # It is to go some day; its successors need a compiler, or run from Python.
            warnings.simplefilter("ignore", FutureWarning)
            warnings.simplefilter("ignore", DeprecationWarning)
            trace: Callable[..., Callable[..., Tensor]] = torch.jit.trace
            return trace(self._step, example, check_trace=False)


def _read(step: nn.Module, *arguments: Any) -> Tensor:
    logits: Tensor = step(*arguments)
    return logits


@cache
def _compiled(shape: str) -> Callable[..., Tensor]:
    """Return `_read` compiled for steps of models of a shape.

    What was compiled for one shape is not looked at for others: otherwise their sizes would be
    taken for such as change from call to call, and after eight of them nothing more is compiled.
    """
    known = inspect.signature(torch.compile).parameters
    options: dict[str, Any] = {"isolate_recompiles": True} if "isolate_recompiles" in known else {}
    return torch.compile(_read, fullgraph=True, **options)


class _Step(nn.Module):
    """A model's step: tokens (b,), the number of tokens before, positions (b,) and mixers' state.

    Positions and state are changed in place; the number is a tensor where the step is traced or
    compiled. `whole` lets attention look at all of its memory, with a mask, so that all sizes stay
    the same from token to token.
    """

    angles: Tensor
    still: Tensor

    def __init__(self, model: Network, cache: Cache, whole: bool) -> None:
        super().__init__()
        self.model, self.whole = model, whole
        self.attends = isinstance(model.blocks[0].mixer, Attention)
        angles = frequencies(model.rotary, model.rope_base, model.rope_scaling)
        self.register_buffer("angles", angles.to(cache.position.device))
        half = model.rotary // 2
        mixers = [
            _Attention(block.mixer, half, kept.hidden is not None)
            if isinstance(block.mixer, Attention)
            else _HedgeMamba(block.mixer, half)
            for block, kept in zip(model.blocks, cache.mixers, strict=True)
        ]
        # 1 and 0 for the dimensions that do not rotate.
        still = model.embedding.weight.new_zeros(1, 1, 2, mixers[0].head_width - 2 * half)
        still[:, :, 0] = 1
        self.register_buffer("still", still)
        # A list of modules does not tell their kind.
        self.mixers = cast(Sequence[_Attention | _HedgeMamba], nn.ModuleList(mixers))

    def forward(
        self, tokens: Tensor, length: int | Tensor, position: Tensor, *state: Tensor
    ) -> Tensor:
        """Return the logits of the next token, (b, V)."""
        x = self.model.embedding(tokens)
        turn = self._turn(position, x)
        mask = self._mask(length, state, x) if self.whole and self.attends else None
        first = 0
        for block, mixer in zip(self.model.blocks, self.mixers, strict=True):
            own = state[first : first + mixer.holds]
            first += mixer.holds
            x = block.after(x, mixer(block.mixer_norm(x), turn, length, mask, *own))
        position.add_(1)
        return self.model.logits(x)

    def _mask(self, length: int | Tensor, state: Sequence[Tensor], like: Tensor) -> Tensor:
        """Return what is added to scores, (b or 1, 1, 1, S): minus infinity where none may look."""
        keys, _, *rest = state[: self.mixers[0].holds]
        seen = torch.arange(keys.shape[2], device=keys.device) <= length
        seen = seen & rest[0] if rest else seen.view(1, 1, 1, -1)
        return torch.zeros_like(seen, dtype=like.dtype).masked_fill(~seen, -torch.inf)

    def _turn(self, position: Tensor, like: Tensor) -> Tensor:
        """Return cosines and sines (b, 1, 2, m): 1 and 0 for dimensions that do not rotate."""
        cos, sin = rotation(position, self.angles, like)
        turn = torch.stack([cos, sin], dim=2)
        return torch.cat([turn, turn, self.still.expand(like.shape[0], -1, -1, -1)], dim=3)


class _Attention(nn.Module):
    """One layer's attention, with memory for all keys and values to come.

    `padded` says whether the state has a third part: which keys may be seen, (b, 1, 1, S).
    """

    weight: Tensor
    bias: Tensor

    def __init__(self, mixer: Attention, half: int, padded: bool) -> None:
        super().__init__()
        self.o, self.head_width = mixer.o, mixer.head_width
        self.holds = 3 if padded else 2
        q, k, v = (_by_head(one, self.head_width) for one in (mixer.q, mixer.k, mixer.v))
        self.heads, self.kv_heads = len(q[0]), len(k[0])
        weight, bias, sizes = _fused([_turning(q, half), _turning(k, half), v])
        self.register_buffer("weight", weight)
        self.register_buffer("bias", bias)
        self.sizes = [sizes[0] + sizes[1], sizes[2]]

    def state(self, cache: AttentionCache, room: int) -> list[Tensor]:
        """Return copies of a cache's keys and values (b, kv heads, S, m), with room for more."""
        length = cache.keys.shape[2]
        # An odd length: rows a power of two apart fall on the same lines of the processor's cache.
        more = (length + room | 1) - length
        state = [pad(one, (0, 0, 0, more)) for one in (cache.keys, cache.values)]
        if cache.hidden is not None:
            state.append(pad(~cache.hidden, (0, more), value=True)[:, None, None])
        return state

    def forward(
        self,
        u: Tensor,
        turn: Tensor,
        length: int | Tensor,
        mask: Tensor | None,
        keys: Tensor,
        values: Tensor,
        seen: Tensor | None = None,
    ) -> Tensor:
        """Mix one token of each row, (b, d); with a mask, look at the whole memory through it."""
        batch = u.shape[0]
        both, v = torch.split(linear(u, self.weight, self.bias), self.sizes, dim=1)
        turned = (both.view(batch, -1, 2, self.head_width) * turn).sum(2)
        q, k = torch.split(turned, [self.heads, self.kv_heads], dim=1)
        k, v = k.unsqueeze(2), v.view(batch, self.kv_heads, 1, -1)
        if mask is None:
            keys.narrow(2, length, 1).copy_(k)
            values.narrow(2, length, 1).copy_(v)
            keys, values = self.kept([keys, values], length + 1)
            mask = None if seen is None else seen[..., : length + 1]
        else:
            place = cast(Tensor, length).view(1)
            keys.index_copy_(2, place, k)
            values.index_copy_(2, place, v)
        # The queries that share a head of keys, as if they were tokens: no keys are copied.
        q = q.view(batch, self.kv_heads, -1, self.head_width)
        o = scaled_dot_product_attention(q, keys, values, mask)
        out: Tensor = self.o(o.reshape(batch, -1))
        return out

    def kept(self, state: Sequence[Tensor], length: int | Tensor) -> list[Tensor]:
        """Return the keys and values so far."""
        return [one[:, :, :length] for one in state[:2]]


class _HedgeMamba(nn.Module):
    """One layer's HedgeMamba or linear attention.

    The state is the convolution's inputs (b, 3, d) if there is one, and (b, heads, P, N), its rows
    those of the values and the ones; Δ is one a head or one a row.
    """

    weight: Tensor
    bias: Tensor
    A: Tensor | None
    features: Tensor
    features_bias: Tensor

    def __init__(self, mixer: HedgeMamba, half: int) -> None:
        super().__init__()
        self.o, self.head_width = mixer.o, mixer.head_width
        q = _by_head(mixer.q, self.head_width)
        self.heads = len(q[0])
        k, v = (_shared(_by_head(one, self.head_width), self.heads) for one in (mixer.k, mixer.v))
        by_channel = isinstance(mixer.step, nn.Sequential)
        self.rows = self.head_width + (self.head_width if by_channel else 1)
        ones = self.rows - self.head_width
        parts = [_turning(q, half), _turning(k, half)]
        parts.append((pad(v[0], (0, 0, 0, ones)), pad(v[1], (0, ones), value=1.0)))
        A: Tensor | None = None
        if isinstance(mixer.step, nn.Linear):
            A = mixer.A.view(-1, 1, 1)
            parts.append(_by_head(mixer.step, 1))
        elif mixer.step is not None:
            weight, bias = _by_head(_joined(mixer.step), self.head_width)
            A = torch.unflatten(mixer.A, 0, (self.heads, -1))
            # A value and its one have the same Δ and A.
            A = torch.cat([A, A], dim=1)
            parts.append((torch.cat([weight, weight], dim=1), torch.cat([bias, bias], dim=1)))
        weight, bias, sizes = _fused(parts)
        self.sizes = [sizes[0] + sizes[1], *sizes[2:]]
        self.convolves = mixer.taps is not None
        self.holds = 2 if self.convolves else 1
        if mixer.taps is not None:
            # The convolution within the projection: a block of columns for each token that it sees.
            weight = torch.cat([weight * taps for taps in mixer.taps.mT], dim=1)
        self.gated = mixer.gate is not None
        if mixer.gate is not None:
            # The gate sees the last token alone.
            last = pad(mixer.gate.weight, (weight.shape[1] - mixer.gate.in_features, 0))
            weight, bias = torch.cat([last, weight]), torch.cat([mixer.gate.bias, bias])
            self.sizes = [mixer.gate.out_features, *self.sizes]
        self.register_buffer("weight", weight)
        self.register_buffer("bias", bias)
        self.register_buffer("A", A)
        maps = (mixer.query_features, mixer.key_features)
        weight, bias = torch.cat([f.weight for f in maps]), torch.cat([f.bias for f in maps])
        # The two parts of a rotated query or key are summed within the product with its map.
        weight = torch.cat([weight, weight], dim=2)
        self.register_buffer("features", torch.cat([weight, -weight], dim=1).mT.contiguous())
        self.register_buffer("features_bias", torch.cat([bias, -bias], dim=1).unsqueeze(1))

    def state(self, cache: MambaCache, room: int) -> list[Tensor]:
        """Return copies of what a cache keeps; it needs no room."""
        state = cache.state.clone().view(-1, self.heads, self.rows, cache.state.shape[-1])
        return [state] if cache.inputs is None else [cache.inputs.clone(), state]

    def forward(self, u: Tensor, turn: Tensor, length: Any, mask: None, *own: Tensor) -> Tensor:
        """Mix one token of each row, (b, d); neither the number of tokens nor a mask matters."""
        batch, x, every = u.shape[0], u, own[-1]
        if self.convolves:
            window = torch.cat([own[0], u.unsqueeze(1)], dim=1)
            own[0].copy_(window[:, 1:])
            x = window.flatten(1)
        projected = list(torch.split(linear(x, self.weight, self.bias), self.sizes, dim=1))
        gate = projected.pop(0) if self.gated else None
        both, values, *delta = projected
        turned = both.view(batch, -1, 2, self.head_width) * turn
        turned = turned.view(batch, -1, 2 * self.head_width).transpose(0, 1)
        features = torch.baddbmm(self.features_bias, turned, self.features).softmax(-1)
        features = features.to(every.dtype).view(2, self.heads, batch, -1).transpose(1, 2)
        C, B = features.reshape(2, batch * self.heads, 1, -1).unbind()
        values = values.to(every.dtype).reshape(batch * self.heads, -1, 1)
        state = every.view(batch * self.heads, self.rows, -1)
        if self.A is not None:
            step = softplus(delta[0].to(state.dtype)).view(batch, self.heads, -1, 1)
            decay = (step * self.A).exp_()
            state.mul_(decay.view(batch * self.heads, -1, self.A.shape[-1]))
            values = values * step.view(batch * self.heads, -1, 1)
        state.addcmul_(values, B)
        sizes = [self.head_width, self.rows - self.head_width]
        above, below = torch.split(torch.bmm(state, C.mT), sizes, dim=1)
        y = (above / below.clamp_min_(SMALLEST)).view(batch, -1).to(u.dtype)
        if gate is not None:
            y = y * silu(gate)
        out: Tensor = self.o(y)
        return out

    def kept(self, state: Sequence[Tensor], length: int | Tensor) -> list[Tensor]:
        """Return the state, and the convolution's inputs if there are any."""
        return list(state)


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
