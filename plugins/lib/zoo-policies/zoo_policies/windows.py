"""Windows of episodes: what was known at a step, what was done next, what came later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

if TYPE_CHECKING:
    from zoo_policies.episodes import Episodes


@dataclass(frozen=True, eq=False)
class Windows:
    """A window for each of the steps `rows` (W,); see `Episodes.windows`, which makes them."""

    episodes: Episodes
    rows: NDArray[Any]
    horizon: int
    history: int = 1
    future: Sequence[int] = ()

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, numbers: Any) -> dict[str, Tensor]:
        """Return some windows, B of them.

        "states" (B, history, d) end with now; "actions" (B, horizon, A) begin now, and are NaN
        where they are not known; "padded" (B, horizon) are those after the episode's end, which
        repeat its last one; "labelled" (B,) says whether actions are known. "now" (B,) and "future"
        (B, F) are steps, by which images and features are looked up.
        """
        now = self.rows[np.asarray(numbers, np.int64)]
        known = self.episodes
        before = known.ahead(now, np.arange(1 - self.history, 1))
        steps = np.arange(self.horizon)
        after = known.ahead(now, steps)
        actions = torch.from_numpy(known.actions[after])
        return {
            "states": torch.from_numpy(known.states[before]),
            "actions": actions,
            "padded": torch.from_numpy(after != now[:, None] + steps),
            "labelled": ~actions[:, 0].isnan().any(1),
            "now": torch.from_numpy(now),
            "future": torch.from_numpy(known.ahead(now, np.asarray(self.future, np.int64))),
        }
