"""Windows of a series: what came before, what comes next, and which part of the time it is of."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from zoo_core import BadInput

SHARES = (0.7, 0.1)
"""Of the time, for training and for choosing the epoch; the rest is the test. As in DCRNN."""


def windows_of(
    steps: int, history: int, horizon: int, breaks: Tensor | None = None
) -> dict[str, Tensor]:
    """Return the first steps of windows by split: "train", "val", "test", one after the other.

    A window has `history` steps and then `horizon` to forecast. It is of the split in whose part of
    the time all that it forecasts lies, so that no step is forecast in two splits; what it is given
    may reach back into the part before. `breaks` are steps before which time jumps: no window goes
    over one. Raises `BadInput` where a split has none.
    """
    if history < 1 or horizon < 1:
        raise BadInput(f"history={history}, horizon={horizon}; expected 1 step or more of each.")
    ends = [round(SHARES[0] * steps), round(sum(SHARES) * steps), steps]
    found: dict[str, Tensor] = {}
    begin = 0
    for name, end in zip(("train", "val", "test"), ends, strict=True):
        first = torch.arange(max(begin - history, 0), max(end - history - horizon + 1, 0))
        found[name] = _unbroken(first, history + horizon, breaks)
        begin = end
    short = [name for name, first in found.items() if not len(first)]
    if short:
        raise BadInput(
            f"{steps} steps give no window of {history} + {horizon} for {' and '.join(short)}; "
            "give a longer series, or one with fewer gaps."
        )
    return found


def cut(series: Tensor, first: Tensor, begin: int, length: int) -> Tensor:
    """Return `length` steps (B, L, …) of the windows that start at `first`, from their `begin`."""
    return series[first[:, None] + torch.arange(begin, begin + length)]


def shares_of(rows: Mapping[str, Tensor]) -> str:
    """Return how many windows each split has, in words."""
    return ", ".join(f"{len(first):,} {name}" for name, first in rows.items())


def _unbroken(first: Tensor, length: int, breaks: Tensor | None) -> Tensor:
    if breaks is None or not len(breaks):
        return first
    jumps = breaks.sort().values
    # A jump before step b parts a window that starts before b and ends at b or later.
    after = torch.searchsorted(jumps, first, right=True)
    following = torch.cat([jumps, jumps.new_full((1,), torch.iinfo(jumps.dtype).max)])[after]
    return first[following >= first + length]
