"""The network of teachers and students, from token ids to logits.

Teacher and student differ in their mixers alone. The rest is the teacher's: Llama's blocks
(RMSNorm, gated SiLU) or GPT-NeoX's (LayerNorm with bias, GELU, often a parallel residual).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal, NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from zoo_attention_to_mamba.attention import Attention
from zoo_attention_to_mamba.hedgemamba import PARTS, HedgeMamba
from zoo_attention_to_mamba.rotary import Rotation, frequencies, rotation
from zoo_attention_to_mamba.tokenizer import Tokenizer

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "silu": functional.silu,
    "gelu": functional.gelu,
    "gelu-tanh": lambda x: functional.gelu(x, approximate="tanh"),
}


# Reading a large vocabulary takes a second; a copy in the module would go stale with new weights.
_tokenizer = functools.lru_cache(maxsize=4)(Tokenizer)


class Cache(NamedTuple):
    """What a model keeps of the tokens so far: their number in each row (b,), and each mixer's."""

    position: Tensor
    mixers: Sequence[Any]


class GatedMLP(nn.Module):
    """Llama's: down(activation(gate u) * up u)."""

    def __init__(self, width: int, hidden: int, biases: bool, activation: str) -> None:
        super().__init__()
        self.gate = nn.Linear(width, hidden, biases)
        self.up = nn.Linear(width, hidden, biases)
        self.down = nn.Linear(hidden, width, biases)
        self.activation = activation

    def forward(self, u: Tensor) -> Tensor:
        """Map (…, d) to (…, d)."""
        out: Tensor = self.down(ACTIVATIONS[self.activation](self.gate(u)) * self.up(u))
        return out


class MLP(nn.Module):
    """GPT-NeoX's: down(activation(up u))."""

    def __init__(self, width: int, hidden: int, biases: bool, activation: str) -> None:
        super().__init__()
        self.up = nn.Linear(width, hidden, biases)
        self.down = nn.Linear(hidden, width, biases)
        self.activation = activation

    def forward(self, u: Tensor) -> Tensor:
        """Map (…, d) to (…, d)."""
        out: Tensor = self.down(ACTIVATIONS[self.activation](self.up(u)))
        return out


class Block(nn.Module):
    """Mixer and MLP, each behind its norm; `parallel` feeds both from the block's input."""

    def __init__(
        self,
        mixer: Attention | HedgeMamba,
        mlp: GatedMLP | MLP,
        norm: Callable[[], nn.Module],
        parallel: bool,
    ) -> None:
        super().__init__()
        self.mixer_norm = norm()
        self.mixer = mixer
        self.mlp_norm = norm()
        self.mlp = mlp
        self.parallel = parallel

    def forward(
        self, x: Tensor, turn: Rotation, cache: Any = None, documents: Tensor | None = None
    ) -> tuple[Tensor, Any]:
        """Take the residual stream (b, T, d) one block further."""
        mixed, cache = self.mixer(self.mixer_norm(x), turn, cache=cache, documents=documents)
        return self.after(x, mixed), cache

    def after(self, x: Tensor, mixed: Tensor) -> Tensor:
        """Return the block's output, given its input and its mixer's output."""
        after = x + mixed
        mapped: Tensor = self.mlp(self.mlp_norm(x if self.parallel else after))
        return after + mapped


class Network(nn.Module):
    """A causal network of the Llama or the GPT-NeoX family, with any of three mixers.

    `mixer` is "attention", "linear" (linear attention with feature maps, Hedgehog) or
    "hedgemamba", which has `parts` and `decay` (see `HedgeMamba`); `features` is F of the feature
    maps. `rotary` leading dimensions of each head of width `head_width` rotate. `context` is the
    number of positions that the teacher knows. The tokenizer travels with the weights: `tokenizer`
    holds the `tokenizer_size` bytes of its JSON. `shape` are the arguments that the network was
    made with: a student's are made of its teacher's.
    """

    tokenizer: Tensor

    def __init__(
        self,
        *,
        family: Literal["llama", "gpt-neox"],
        vocabulary: int,
        width: int,
        layers: int,
        heads: int,
        kv_heads: int,
        head_width: int,
        hidden: int,
        context: int,
        rotary: int,
        rope_base: float = 10000.0,
        rope_scaling: dict[str, Any] | None = None,
        epsilon: float = 1e-5,
        tied: bool = True,
        parallel: bool = False,
        biases: bool = False,
        activation: Literal["silu", "gelu", "gelu-tanh"] = "silu",
        mixer: Literal["attention", "linear", "hedgemamba"] = "attention",
        features: int = 0,
        decay: Literal["head", "channel"] = "head",
        parts: Sequence[str] = PARTS,
        tokenizer_size: int = 0,
    ) -> None:
        shape = {k: v for k, v in locals().items() if k not in ("self", "__class__")}
        super().__init__()
        self.shape: dict[str, Any] = shape
        if heads % kv_heads:
            raise ValueError(f"{kv_heads} key/value heads cannot serve {heads} query heads.")
        if rotary % 2 or rotary > head_width:
            raise ValueError(f"rotary={rotary} must be even and at most head_width={head_width}.")
        if mixer != "attention" and features < 1:
            raise ValueError(f"A {mixer} mixer needs features, at least 1.")
        if unknown := sorted(set(parts) - set(PARTS)):
            raise ValueError(f"parts={unknown} are not known; a mixer has {', '.join(PARTS)}.")
        self.context, self.rotary = context, rotary
        self.rope_base, self.rope_scaling = rope_base, rope_scaling

        def norm() -> nn.Module:
            kind = nn.RMSNorm if family == "llama" else nn.LayerNorm
            return kind(width, eps=epsilon)

        def mixing() -> Attention | HedgeMamba:
            sizes = (width, heads, kv_heads, head_width, biases)
            if mixer == "attention":
                return Attention(*sizes)
            return HedgeMamba(*sizes, features, decay, parts if mixer == "hedgemamba" else ())

        mlp = GatedMLP if family == "llama" else MLP
        self.embedding = nn.Embedding(vocabulary, width)
        blocks = nn.ModuleList(
            Block(mixing(), mlp(width, hidden, biases, activation), norm, parallel)
            for _ in range(layers)
        )
        self.blocks = cast(Sequence[Block], blocks)  # a list of modules does not tell their kind
        self.norm = norm()
        self.head = None if tied else nn.Linear(width, vocabulary, bias=False)
        self.register_buffer("tokenizer", torch.zeros(tokenizer_size, dtype=torch.uint8))

    def forward(
        self, tokens: Tensor, *, starts: Tensor | None = None, first: Tensor | None = None
    ) -> Tensor:
        """Return the next-token logits (b, T, V) of token ids (b, T).

        `starts` (b, T) is true at the first token of each packed document: it sees nothing before
        it, and its position is 0. `first` (b,) is the position of each row's first token, else 0.
        """
        return self.logits(self.hidden(tokens, starts=starts, first=first))

    def hidden(
        self, tokens: Tensor, *, starts: Tensor | None = None, first: Tensor | None = None
    ) -> Tensor:
        """Return the last block's output (b, T, d), before the last norm; see `forward`."""
        tokens = tokens.to(self.embedding.weight.device)
        positions = _positions(tokens, first)
        documents = None
        if starts is not None:
            starts = starts.to(tokens.device)
            documents = starts.long().cumsum(1)
            positions = positions - torch.where(starts, positions, 0).cummax(dim=1).values
        x: Tensor = self.embedding(tokens)
        turn = self._turn(positions, x)
        for block in self.blocks:
            x, _ = block(x, turn, None, documents)
        return x

    def extend(
        self, tokens: Tensor, cache: Cache | None = None, *, last: bool = False
    ) -> tuple[Tensor, Cache]:
        """Read further tokens (b, T) behind those in the cache.

        Returns their logits (b, T, V), or with `last` those of the last token alone (b, 1, V), and
        a new cache; the given one can be used again.
        """
        tokens = tokens.to(self.embedding.weight.device)
        count = torch.arange(tokens.shape[1], device=tokens.device)
        before = tokens.new_zeros(tokens.shape[0]) if cache is None else cache.position
        x = self.embedding(tokens)
        turn = self._turn(before[:, None] + count, x)
        kept = []
        for index, block in enumerate(self.blocks):
            x, one = block(x, turn, cache.mixers[index] if cache else None)
            kept.append(one)
        return self.logits(x[:, -1:] if last else x), Cache(before + tokens.shape[1], kept)

    def mixer_pairs(
        self, tokens: Tensor, first: Tensor | None = None
    ) -> Iterator[tuple[Tensor, Rotation, Tensor]]:
        """Yield each mixer's input (b, T, d), the tokens' rotation and the mixer's output.

        `first` is that of `forward`.
        """
        tokens = tokens.to(self.embedding.weight.device)
        x = self.embedding(tokens)
        turn = self._turn(_positions(tokens, first), x)
        for block in self.blocks:
            u = block.mixer_norm(x)
            mixed, _ = block.mixer(u, turn)
            yield u, turn, mixed
            x = block.after(x, mixed)

    @property
    def text_tokenizer(self) -> Tokenizer:
        """The tokenizer whose bytes the model carries."""
        return _tokenizer(self.tokenizer.numpy(force=True).tobytes())

    def logits(self, x: Tensor) -> Tensor:
        """Return logits (b, T, V) of the last block's output (b, T, d)."""
        weight = self.embedding.weight if self.head is None else self.head.weight
        return functional.linear(self.norm(x), weight)

    def _turn(self, positions: Tensor, like: Tensor) -> Rotation:
        angles = frequencies(self.rotary, self.rope_base, self.rope_scaling)
        return rotation(positions, angles, like)


def _positions(tokens: Tensor, first: Tensor | None) -> Tensor:
    """Return the positions of tokens (b, T): (T,) from 0, or (b, T) from each row's `first`."""
    count = torch.arange(tokens.shape[1], device=tokens.device)
    return count if first is None else first.to(tokens.device)[:, None] + count
