"""What a policy is trained on, as tensors: windows of demonstrations, features of the future."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor
from zoo_policies.windows import Windows

MOMENTS = 4
"""How many frames of the future are looked at."""


def offsets(horizon: int) -> tuple[int, ...]:
    """Return how far ahead the future frames are: quarters of the window, 3, 7, 11, 15 of 16."""
    last = horizon - 1
    return tuple(part * last // MOMENTS for part in range(1, MOMENTS + 1))


@dataclass(frozen=True, eq=False)
class Lessons:
    """W windows: states (W, history, d), actions (W, horizon, A), steps `now` (W,) and `later`.

    Steps `later` (W, F) are those of the future. `known` are the windows whose actions are known,
    `videos` the others. `frames` are cameras' images (N, S, S, 3) of all steps, looked up by step,
    and `features` (N, t, f) what is told of each step when it lies in the future.
    """

    states: Tensor
    actions: Tensor
    now: Tensor
    later: Tensor
    known: Tensor
    videos: Tensor
    frames: Sequence[Any] = ()
    features: Tensor | None = None

    @classmethod
    def of(cls, windows: Windows, frames: Sequence[Any] = (), rows: Any = None) -> Lessons:
        """Return the lessons of all windows, or of those of some `rows`."""
        every = windows.take(np.arange(len(windows)) if rows is None else rows)
        labelled = every["labelled"]
        return cls(
            states=every["states"],
            actions=every["actions"],
            now=every["now"],
            later=every["future"],
            known=labelled.nonzero().flatten(),
            videos=(~labelled).nonzero().flatten(),
            frames=frames,
        )

    def with_features(self, features: Tensor) -> Lessons:
        """Return the same lessons with features (N, t, f) of every step."""
        return replace(self, features=features)

    def seen(self, rows: Tensor, shift: int = 0) -> tuple[Tensor, list[Tensor]]:
        """Return states and images of some windows; images are moved by up to `shift` pixels."""
        steps = self.now[rows].numpy()
        images = [torch.from_numpy(np.asarray(one[steps])) for one in self.frames]
        return self.states[rows], [moved(one, shift) if shift else one for one in images]

    def future(self, rows: Tensor) -> Tensor:
        """Return features (B, F, t, f) of the future of some windows."""
        assert self.features is not None
        return self.features[self.later[rows]].float()


def moved(images: Tensor, most: int) -> Tensor:
    """Return images (B, S, S, 3) moved by up to `most` pixels each way; edges are repeated."""
    count, size = images.shape[:2]
    by = torch.randint(-most, most + 1, (2, count, 1))
    rows, columns = (by + torch.arange(size)).clamp(0, size - 1)
    return images[torch.arange(count)[:, None, None], rows[:, :, None], columns[:, None, :]]
