"""Expansions of scalars: a number becomes a row of sigmoids, so that a network sees it finely.

After Montavon et al. (New Journal of Physics 15, 095003, 2013), as Blum-Smith, Huang, Cuturi and
Villar (arXiv:2405.08097) use it.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from zoo_core import BadInput

PAPER_REACH = 49
"""The published offsets go from -49 to 49 (its array has a hundredth column, which stays 0)."""
SMALLEST = 1e-6
"""The least scale s, over the largest |f|."""
KINDS = ("paper", "fitted", "none")


class Expansion(nn.Module):
    """Scalars of any shape (…) to rows (…, width).

    `kind` is one of

    - "paper": sigmoid((f - k theta) / theta) with theta = 1 and k = -49, …, 49, whatever the data;
    - "fitted": sigmoid((t - c_k) / theta) with t = sign(f) log(1 + |f| / s), `width` centres c_k
      evenly from the least to the largest t of the data that `fit` was given, theta their spacing,
      and s the least |f| that is not 0, a millionth of the largest at least;
    - "none": (f - mean) / spread, one column.

    What was fitted (s, centres, theta; mean and spread) are buffers, which travel with weights.
    Raises `BadInput` for another kind, and for fewer than two centres.
    """

    scale: Tensor
    centres: Tensor
    theta: Tensor

    def __init__(self, kind: str = "fitted", width: int = 64) -> None:
        super().__init__()
        if kind not in KINDS:
            raise BadInput(f"expansion={kind!r}; expected {', '.join(KINDS)}.")
        if width < 2:
            raise BadInput(f"There are {width} centres; expected two or more.")
        self.kind = kind
        self.width = {"paper": 2 * PAPER_REACH + 1, "fitted": width, "none": 1}[kind]
        centres = torch.linspace(-PAPER_REACH, PAPER_REACH, 2 * PAPER_REACH + 1)
        if kind != "paper":
            centres = torch.linspace(0, 1, self.width)
        self.register_buffer("scale", torch.ones(()))
        self.register_buffer("centres", centres)
        self.register_buffer("theta", torch.ones(()))

    def forward(self, scalars: Tensor) -> Tensor:
        """Return the rows (…, width) of scalars (…)."""
        distance = (self.warp(scalars)[..., None] - self.centres) / self.theta
        return distance if self.kind == "none" else distance.sigmoid()

    def warp(self, scalars: Tensor) -> Tensor:
        """Return t, the scale on which the centres lie, of scalars of any shape."""
        if self.kind != "fitted":
            return scalars
        return scalars.sign() * (scalars.abs() / self.scale).log1p()

    def unwarp(self, t: Tensor) -> Tensor:
        """Return the scalars whose `warp` is t."""
        if self.kind != "fitted":
            return t
        return t.sign() * t.abs().expm1() * self.scale

    @torch.no_grad()
    def fit(self, scalars: Tensor) -> Expansion:
        """Lay the centres over scalars (n,), and return the module; the paper's stay as they are.

        Raises `BadInput` for none, and for NaN.
        """
        given = scalars.double()
        if not given.numel() or not bool(given.isfinite().all()):
            raise BadInput("An expansion is fitted to numbers; there are none, or not finite ones.")
        if self.kind == "none":
            self.centres.fill_(float(given.mean()))
            self.theta.fill_(float(given.std(correction=0)) or 1.0)
        if self.kind == "fitted":
            sizes = given.abs()[given != 0]
            # One number far below the others would leave the centres between it and them.
            least = max(float(sizes.min()), SMALLEST * float(sizes.max())) if len(sizes) else 1.0
            self.scale.fill_(least)
            t = self.warp(given)
            low, high = float(t.min()), float(t.max())
            # Scalars that are all alike leave no range: a unit around them is as good as any.
            low, high = (low, high) if high > low else (low - 0.5, high + 0.5)
            self.centres.copy_(torch.linspace(low, high, self.width))
            self.theta.fill_((high - low) / (self.width - 1))
        return self
