"""How far a function is from commuting with a group: measured over generators, which is enough."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from zoo_core import BadInput
from zoo_symmetry.group import Permutation, PermutationGroup, inverse


def act(permutation: Sequence[int] | Permutation, signal: Tensor, axis: int = -2) -> Tensor:
    """Return g x with (g x)[g[i]] = x[i] along `axis`, by default that of (batch, n, channels)."""
    images = np.asarray(permutation)
    if signal.shape[axis] != len(images):
        raise BadInput(
            f"The permutation moves {len(images)} points; axis {axis} of the signal has "
            f"{signal.shape[axis]}."
        )
    back = torch.as_tensor(inverse(images), device=signal.device)
    return signal.index_select(axis, back)


@torch.no_grad()
def equivariance_error(
    function: Callable[[Tensor], Tensor],
    group: PermutationGroup,
    signal: Tensor,
    *,
    axis: int = -2,
    out_axis: int | None = -2,
) -> float:
    """Return the largest |f(g x) - g f(x)| over the generators g.

    Where it is zero on the generators for every signal, it is on the whole group. `out_axis` is
    where the points lie in the output; None asks for invariance, f(g x) = f(x).
    """
    plain = function(signal)
    largest = 0.0
    for generator in group.generators:
        moved = function(act(generator, signal, axis))
        expected = plain if out_axis is None else act(generator, plain, out_axis)
        largest = max(largest, float((moved - expected).abs().max()))
    return largest
