"""What the tests share: no network, small episodes, and a simulator of three numbers."""

from __future__ import annotations

from typing import ClassVar

import gymnasium
import numpy as np
import pytest
from zoo_policies.episodes import Episodes


@pytest.fixture(autouse=True)
def surroundings(no_network):
    """Nothing is downloaded."""


def counted(lengths=(4, 6, 5), dimensions=2, **more):
    """Episodes whose numbers say where they are: 100 e + step."""
    steps = np.concatenate([100 * e + np.arange(n) for e, n in enumerate(lengths)])
    return Episodes(
        states=np.stack([steps, -steps], 1),
        actions=np.stack([steps + place / 10 for place in range(dimensions)], 1),
        ends=np.cumsum(lengths),
        **more,
    )


class Walk(gymnasium.Env):
    """A place on a line that actions move; done beyond 3, where an episode of `length` ends too."""

    metadata: ClassVar = {"render_modes": ["rgb_array"], "render_fps": 5}

    def __init__(self, length=12, render_mode="rgb_array"):
        self.observation_space = gymnasium.spaces.Box(-np.inf, np.inf, (2,), np.float64)
        self.action_space = gymnasium.spaces.Box(-1, 1, (1,), np.float32)
        self.length, self.render_mode, self.drawn = length, render_mode, 0

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.place, self.steps = self.np_random.uniform(-1, 1), 0
        return self._seen(), {}

    def step(self, action):
        self.place += float(action[0])
        self.steps += 1
        done = self.place > 3
        info = {"is_success": done, "coverage": min(max(self.place / 4, 0), 1)}
        return self._seen(), self.place, done, self.steps >= self.length, info

    def render(self):
        self.drawn += 1
        return np.full((8, 8, 3), self.steps, np.uint8)

    def _seen(self):
        return np.array([self.place, self.steps])
