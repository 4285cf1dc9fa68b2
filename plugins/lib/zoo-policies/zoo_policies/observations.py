"""What a policy gets at each step: a batch of episodes that go on, images only when asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from zoo_core import BadInput

Camera = Callable[[Sequence[int]], NDArray[Any]]
"""Draws some rows of a batch: bytes (B, H, W, 3)."""


@dataclass(frozen=True, eq=False)
class Observation:
    """B episodes at one moment.

    `states` (B, n, d) are the last n states, the newest last; an environment gives one, and
    `zoo_policies.chunks.Chunks` as many as its history. `seeds` (B,) are those of the episodes and
    `steps` (B,) how many actions were done. Nothing else is known of an episode: what comes later
    and what people once did there is out of reach.
    """

    states: Tensor
    seeds: Tensor
    steps: Tensor
    cameras: Mapping[str, Camera] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.states)

    def images(self, camera: str | None = None) -> Tensor:
        """Return what a camera sees now, bytes (B, H, W, 3); without a name the first camera.

        It is drawn when it is asked for. Raises `BadInput` where there is no such camera, and where
        the episodes went on since.
        """
        chosen = next(iter(self.cameras), None) if camera is None else camera
        if chosen is None or chosen not in self.cameras:
            known = ", ".join(self.cameras)
            raise BadInput(
                f"There is no camera {camera} here; known are: {known}."
                if known
                else "There is no camera here; give images, or make the environment with "
                "render_mode='rgb_array'."
            )
        return torch.from_numpy(np.ascontiguousarray(self.cameras[chosen](range(len(self)))))

    def take(self, rows: Tensor) -> Observation:
        """Return some of the episodes, by their places in the batch (k,)."""
        places = rows.tolist()

        def of(camera: Camera) -> Camera:
            return lambda wanted: camera([places[row] for row in wanted])

        return replace(
            self,
            states=self.states[rows],
            seeds=self.seeds[rows],
            steps=self.steps[rows],
            cameras={name: of(camera) for name, camera in self.cameras.items()},
        )

    def noise(self, *shape: int) -> Tensor:
        """Return standard normal numbers (B, *shape) that depend on seed and step alone.

        A policy that samples from them does the same in an episode whichever others run beside it.
        """
        drawn = [
            np.random.default_rng([seed % 2**63, step]).standard_normal(shape, np.float32)
            for seed, step in zip(self.seeds.tolist(), self.steps.tolist(), strict=True)
        ]
        return torch.from_numpy(np.stack(drawn)) if drawn else torch.zeros(0, *shape)


def taken(state: Any, rows: Tensor, episodes: int | None = None) -> Any:
    """Return a policy's state for some rows of its batch.

    A state is None, a tensor or array whose first axis is the batch, or a dictionary, tuple or list
    of states. Raises `BadInput` for anything else, which nobody could divide by episodes, and where
    there is not a row for each of `episodes`.
    """
    if state is None:
        return None
    if isinstance(state, Mapping):
        return {key: taken(value, rows, episodes) for key, value in state.items()}
    if isinstance(state, tuple | list):
        parts = [taken(value, rows, episodes) for value in state]
        return type(state)(*parts) if hasattr(state, "_fields") else type(state)(parts)
    if not isinstance(state, Tensor | np.ndarray):
        raise BadInput(
            f"A policy's state has a {type(state).__name__} in it; expected tensors or arrays with "
            "a row for each episode, in dictionaries, tuples or lists."
        )
    if episodes is not None and (not state.ndim or len(state) != episodes):
        raise BadInput(
            f"A policy's state has a tensor of the shape {tuple(state.shape)} in it; expected a "
            f"row for each of the {episodes} episodes that go on, first."
        )
    if isinstance(state, Tensor):
        return state[rows.to(state.device)]
    return state[rows.numpy()]
