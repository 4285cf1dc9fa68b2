"""The action head: a transformer that tells the velocity of a noisy action chunk.

Tokens are [c ; x_1 … x_T]: c is the time's embedding plus the cognition feature's, x the noisy
actions. In each block tokens hear each other, then the condition, if there is one, and pass a
perceptron (paper, section on the action head; sizes S, B and L are CogACT's).
"""

from __future__ import annotations

import math

import torch
from einops import rearrange, repeat
from timm.layers.attention import Attention
from timm.layers.mlp import Mlp
from torch import Tensor, nn

from zoo_core import BadInput
from zoo_world_guidance.blocks import CrossAttention, TanhGELU, position

FREQUENCIES = 256
LONGEST = 10_000.0
_EPS = 1e-6
INJECTIONS = ("learning", "released")


class TimeEmbedding(nn.Module):
    """Times (B,) as vectors (B, width): cosines and sines through two layers."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(FREQUENCIES, width), nn.SiLU(), nn.Linear(width, width)
        )

    def forward(self, t: Tensor) -> Tensor:
        """Return the embedding of times in [0, 1]."""
        half = FREQUENCIES // 2
        powers = torch.arange(half, device=t.device, dtype=t.dtype) / half
        angles = rearrange(t, "b -> b 1") * torch.exp(-math.log(LONGEST) * powers)
        found: Tensor = self.layers(torch.cat([angles.cos(), angles.sin()], -1))
        return found


class Droppable(nn.Module):
    """A linear map of conditions (B, K, inputs), some of which a learnt one takes the place of.

    The null condition is there for `dropout` above zero alone.
    """

    def __init__(self, inputs: int, width: int, dropout: float) -> None:
        super().__init__()
        self.dropout = dropout
        self.linear = nn.Linear(inputs, width)
        self.null = nn.Parameter(torch.randn(inputs) * 0.02) if dropout > 0 else None
        nn.init.normal_(self.linear.weight, std=0.02)
        nn.init.zeros_(self.linear.bias)

    def forward(self, given: Tensor, dropped: Tensor | None = None) -> Tensor:
        """Return conditions (B, K, width); those of the rows that `dropped` (B,) names are null.

        In training rows are dropped at random where `dropped` is not given.
        """
        if dropped is None and self.training and self.null is not None:
            dropped = torch.rand(given.shape[0], device=given.device) < self.dropout
        if dropped is not None:
            if self.null is None:
                raise BadInput("There is no null condition: it needs a dropout above 0.")
            given = torch.where(rearrange(dropped, "b -> b 1 1"), self.null, given)
        found: Tensor = self.linear(given)
        return found


class Injection(nn.Module):
    """Cross-attention to the condition, whose output is zero at first.

    Only the output projection starts at zero. In the released code ("released") queries, keys and
    values do instead: queries and keys then have a gradient of exactly zero for ever, attention
    stays uniform, and the mean of the condition's tokens is all that is ever heard of it.
    """

    def __init__(self, width: int, heads: int, kind: str) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width, eps=_EPS)
        self.cross = CrossAttention(width, width, heads)
        xavier(self.cross)
        dead = [self.cross.out] if kind == "learning" else [self.cross.query, self.cross.both]
        for layer in dead:
            nn.init.zeros_(layer.weight)

    def forward(self, x: Tensor, attended: tuple[Tensor, Tensor]) -> Tensor:
        """Return what is added to the tokens (B, T, width)."""
        found: Tensor = self.cross(self.norm(x), attended)
        return found


class Block(nn.Module):
    """x += self-attention; x += injection; x += perceptron; norms have no affine parameters."""

    def __init__(self, width: int, heads: int, ratio: float, injection: str | None) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width, eps=_EPS, elementwise_affine=False)
        self.attention = Attention(width, heads, qkv_bias=True)
        self.perceptron = Mlp(width, int(width * ratio), act_layer=TanhGELU)
        xavier(self)
        self.injection = Injection(width, heads, injection) if injection else None

    def forward(self, x: Tensor, attended: tuple[Tensor, Tensor] | None) -> Tensor:
        """Return tokens (B, 1 + T, width)."""
        x = x + self.attention(self.norm(x))
        if self.injection is not None and attended is not None:
            x = x + self.injection(x, attended)
        x = x + self.perceptron(self.norm(x))
        return x


class ActionHead(nn.Module):
    """The velocity (B, horizon, actions) of a noisy chunk at times (B,).

    `cognition` is the width of the feature z (B, cognition) of the present, which is dropped with
    probability `dropout` in training. `condition` is the width of the condition's tokens, 0 where
    none is heard; they are dropped with probability `condition_dropout`. `patch` actions make a
    token. `injection` is "learning", or "released" (see `Injection`). Raises `BadInput` for sizes
    that do not fit each other.
    """

    def __init__(
        self,
        actions: int = 7,
        horizon: int = 16,
        cognition: int = 4096,
        condition: int = 0,
        width: int = 384,
        depth: int = 6,
        heads: int = 4,
        ratio: float = 4.0,
        patch: int = 1,
        dropout: float = 0.1,
        condition_dropout: float = 0.0,
        injection: str = "learning",
    ) -> None:
        super().__init__()
        if min(horizon, patch, width, heads, depth, actions, cognition) < 1:
            raise BadInput(
                f"A horizon of {horizon} in patches of {patch}, a width of {width}, {depth} blocks "
                f"of {heads} heads, {actions} actions; expected 1 or more of each."
            )
        if horizon % patch or width % heads:
            raise BadInput(
                f"A horizon of {horizon} in patches of {patch}, a width of {width} in {heads} "
                "heads; expected numbers that divide."
            )
        if injection not in INJECTIONS:
            raise BadInput(f"injection={injection!r}; expected {' or '.join(INJECTIONS)}.")
        self.actions, self.horizon, self.cognition, self.patch = actions, horizon, cognition, patch
        self.condition = condition
        self.take = nn.Linear(patch * actions, width)
        nn.init.normal_(self.take.weight, std=0.02)
        nn.init.zeros_(self.take.bias)
        self.time = TimeEmbedding(width)
        self.present = Droppable(cognition, width, dropout)
        self.future = Droppable(condition, width, condition_dropout) if condition else None
        self.position = position(horizon // patch + 1, width)
        kind = injection if condition else None
        self.blocks = nn.ModuleList(Block(width, heads, ratio, kind) for _ in range(depth))
        self.norm = nn.LayerNorm(width, eps=_EPS, elementwise_affine=False)
        self.out = nn.Linear(width, patch * actions)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def heard(self, condition: Tensor | None, batch: int) -> list[tuple[Tensor, Tensor] | None]:
        """Return what each block attends to of a condition (B, K, condition), None for the null.

        It does not depend on the chunk, so that all steps of `integrate` share it. Raises
        `BadInput` where there is no null condition.
        """
        if self.future is None:
            return [None] * len(self.blocks)
        if condition is None:
            if self.future.null is None:
                raise BadInput("There is no null condition: it needs a dropout above 0.")
            null = repeat(self.future.null, "d -> b 1 d", b=batch)
            tokens = self.future.linear(null)
        else:
            tokens = self.future(condition)
        crosses = (block.get_submodule("injection.cross") for block in self.blocks)
        return [cross.attended(tokens) for cross in crosses if isinstance(cross, CrossAttention)]

    def velocity(
        self,
        x: Tensor,
        t: Tensor,
        z: Tensor,
        heard: list[tuple[Tensor, Tensor] | None],
        dropped: Tensor | None = None,
    ) -> Tensor:
        """Return the velocity, with what `heard` gave; z is null in the rows of `dropped` (B,)."""
        chunk = rearrange(x, "b (n p) a -> b n (p a)", p=self.patch)
        first = rearrange(self.time(t), "b d -> b 1 d") + self.present(
            rearrange(z, "b d -> b 1 d"), dropped
        )
        tokens = torch.cat([first, self.take(chunk)], 1) + self.position
        for block, attended in zip(self.blocks, heard, strict=True):
            tokens = block(tokens, attended)
        found = self.out(self.norm(tokens[:, 1:]))
        chunks: Tensor = rearrange(found, "b n (p a) -> b (n p) a", p=self.patch)
        return chunks

    def forward(self, x: Tensor, t: Tensor, z: Tensor, condition: Tensor | None = None) -> Tensor:
        """Return the velocity at x (B, horizon, actions); `condition` None is the null one."""
        return self.velocity(x, t, z, self.heard(condition, x.shape[0]))

    def example_inputs(self, seed: int) -> tuple[Tensor, ...]:
        """Return two noisy chunks, times, features, and conditions where they are heard."""
        generator = torch.Generator().manual_seed(seed)
        shapes: list[tuple[int, ...]] = [(2, self.horizon, self.actions), (2,), (2, self.cognition)]
        if self.condition:
            shapes.append((2, 16, self.condition))
        x, t, *rest = (torch.randn(shape, generator=generator) for shape in shapes)
        return (x, t.sigmoid(), *rest)


def xavier(module: nn.Module) -> None:
    """Give all linear maps of a module Xavier's uniform weights, and zero biases."""
    for part in module.modules():
        if isinstance(part, nn.Linear):
            nn.init.xavier_uniform_(part.weight)
            nn.init.zeros_(part.bias)
