"""The policy's trunk: what is seen of the present becomes hidden states for head and O-Former.

Tokens are patches of camera images, the state, the task, and read-outs, which are learnt; after a
few transformer layers the read-outs are the policy's last hidden states, and the last one of them
is the cognition feature z. In the paper the trunk is a vision-language model of 7 billion weights.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from einops import rearrange, repeat
from torch import Tensor, nn

from zoo_core import BadInput
from zoo_world_guidance.blocks import SelfBlock, position

CHANNELS = (16, 32, 64)
"""Of the small convolutional network, before the trunk's own width."""
GRID = 4
"""Patches along each side of an image."""
_GROUPS = 8


class Patches(nn.Module):
    """Images (B, 3, H, W) with values in [0, 1] as tokens (B, 16, width), by four convolutions.

    Small images have fewer tokens. Raises `BadInput` for sizes that are no multiple of 16.
    """

    def __init__(self, width: int, size: int) -> None:
        super().__init__()
        if size < 16 or size % 16:
            raise BadInput(f"Images of {size} pixels; expected a multiple of 16.")
        layers: list[nn.Module] = []
        before = 3
        for channels in (*CHANNELS, width):
            layers += [
                nn.Conv2d(before, channels, 3, 2, 1),
                nn.GroupNorm(_GROUPS, channels),
                nn.SiLU(),
            ]
            before = channels
        self.layers = nn.Sequential(*layers)
        side = min(size // 16, GRID)
        self.pool = nn.AdaptiveAvgPool2d(side) if side < size // 16 else nn.Identity()
        self.position = position(side**2, width)

    def forward(self, images: Tensor) -> Tensor:
        """Return the tokens, row by row."""
        maps = self.pool(self.layers(images - 0.5))
        found: Tensor = rearrange(maps, "b d h w -> b (h w) d") + self.position
        return found


class Trunk(nn.Module):
    """Hidden states (B, read-outs, width) of a vector of states (B, states) and camera images.

    `groups` are how many of the state's numbers make a token each. `tasks` instructions have a
    learnt token each; a policy of one task still has it.
    """

    def __init__(
        self,
        groups: Sequence[int],
        cameras: int,
        size: int,
        width: int,
        layers: int,
        heads: int,
        ratio: float = 4.0,
        readouts: int = 4,
        tasks: int = 1,
    ) -> None:
        super().__init__()
        self.groups = list(groups)
        self.patches = nn.ModuleList(Patches(width, size) for _ in range(cameras))
        self.states = nn.ModuleList(nn.Linear(count, width) for count in groups)
        self.task = nn.Embedding(tasks, width)
        self.readouts = nn.Parameter(torch.randn(readouts, width) * width**-0.5)
        self.layers = nn.ModuleList(SelfBlock(width, heads, ratio) for _ in range(layers))
        self.norm = nn.LayerNorm(width)

    def forward(self, states: Tensor, images: Sequence[Tensor], task: int = 0) -> Tensor:
        """Return the hidden states; the last of them is the cognition feature."""
        batch = states.shape[0]
        tokens = [each(one) for each, one in zip(self.patches, images, strict=True)]
        parts = torch.split(states, self.groups, -1)
        tokens += [
            rearrange(each(one), "b d -> b 1 d")
            for each, one in zip(self.states, parts, strict=True)
        ]
        tokens.append(repeat(self.task.weight[task], "d -> b 1 d", b=batch))
        tokens.append(repeat(self.readouts, "r d -> b r d", b=batch))
        x = torch.cat(tokens, 1)
        for layer in self.layers:
            x = layer(x)
        found: Tensor = self.norm(x[:, -self.readouts.shape[0] :])
        return found
