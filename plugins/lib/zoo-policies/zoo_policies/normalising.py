"""Normalisation by statistics of the training data, which travel with the weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from zoo_core import BadInput, notice
from zoo_policies.numbers import real

Mode = Literal["quantiles", "range", "standard"]
_NEEDS = {"quantiles": ("q01", "q99"), "range": ("min", "max"), "standard": ("mean", "std")}


@dataclass(frozen=True, eq=False)
class Statistics:
    """What is known of each dimension (d,) of the training data; None is what was not measured.

    The names are those of LeRobot's ``meta/stats.json``: `min`, `max`, `mean`, `std` (of the
    population), `q01` and `q99`, the 1 % and 99 % quantiles, and how many values (`count`).
    """

    min: NDArray[Any] | None = None
    max: NDArray[Any] | None = None
    mean: NDArray[Any] | None = None
    std: NDArray[Any] | None = None
    q01: NDArray[Any] | None = None
    q99: NDArray[Any] | None = None
    count: int | None = None

    @classmethod
    def of(cls, values: Any) -> Statistics:
        """Return the statistics of values (n, d).

        Raises `BadInput` for none, and for NaN: leave out the episodes without actions.
        """
        try:
            known = real(values, np.float64)
        except (TypeError, ValueError):
            raise BadInput("The values are no array of real numbers (steps, dimensions).") from None
        if known.ndim != 2 or not known.size or not np.isfinite(known).all():
            raise BadInput(
                f"Values of the shape {known.shape} give no statistics; expected finite numbers "
                "(steps, dimensions): leave out episodes whose actions are not known."
            )
        low, high = np.quantile(known, [0.01, 0.99], axis=0)
        return cls(
            min=known.min(0),
            max=known.max(0),
            mean=known.mean(0),
            std=known.std(0),
            q01=low,
            q99=high,
            count=len(known),
        )

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], label: str = "The statistics") -> Statistics:
        """Return the statistics that `to_dict` gave, or an entry of LeRobot's ``stats.json``.

        Names that are not known are left alone. Raises `BadInput` for what is no number, and where
        there is none of them.
        """
        if not isinstance(data, Mapping):
            raise BadInput(f"{label} are a {type(data).__name__}; expected them by name.")
        found: dict[str, Any] = {}
        for one in fields(cls):
            if data.get(one.name) is None:
                continue
            try:
                numbers = real(data[one.name], np.float64).reshape(-1)
            except (TypeError, ValueError):
                raise BadInput(f"{label}: {one.name} is no list of numbers.") from None
            if not len(numbers) or not np.isfinite(numbers).all():
                raise BadInput(f"{label}: {one.name} has a number that is not finite, or none.")
            found[one.name] = int(numbers[0]) if one.name == "count" else numbers
        if not set(found) - {"count"}:
            raise BadInput(
                f"{label} have none of min, max, mean, std, q01 and q99; measure them of the "
                "training data."
            )
        if len({len(numbers) for name, numbers in found.items() if name != "count"}) > 1:
            raise BadInput(f"{label} are of unlike numbers of dimensions.")
        return cls(**found)

    def to_dict(self) -> dict[str, Any]:
        """Return them as JSON values; `from_dict` takes them."""
        known = {one.name: getattr(self, one.name) for one in fields(self)}
        return {
            name: value if isinstance(value, int) else np.asarray(value).tolist()
            for name, value in known.items()
            if value is not None
        }


class Normaliser(nn.Module):
    """Takes values (…, d) to about [-1, 1], and back by `undo`; a constant dimension becomes 0.

    Its two buffers, `shift` and `spread` (d,), are the statistics that it needs: they are saved
    with the weights of the module that has it, and are NaN before `fit` or loading. As in the
    training of robot policies nothing is clipped: values outside of the quantiles lie outside of
    [-1, 1].
    """

    shift: Tensor
    spread: Tensor

    def __init__(self, dimensions: int) -> None:
        super().__init__()
        for name in ("shift", "spread"):
            self.register_buffer(name, torch.full((dimensions,), float("nan")))

    def fit(
        self, statistics: Statistics, mode: Mode = "quantiles", *, name: str = "values"
    ) -> Normaliser:
        """Take up statistics and return itself: by quantiles, by the range, or to spread 1.

        A dimension that is the same throughout is told; `name` says whose it is. Raises `BadInput`
        for statistics that lack what the mode needs, and where every dimension is constant.
        """
        if mode not in get_args(Mode):
            raise BadInput(f"mode={mode!r}; expected {', '.join(get_args(Mode))}.")
        first, second = (getattr(statistics, key) for key in _NEEDS[mode])
        if first is None or second is None:
            raise BadInput(
                f"The statistics have no {' and '.join(_NEEDS[mode])}, which mode={mode!r} needs; "
                "measure them of the training data, or take another mode."
            )
        if len(first) != len(self.shift):
            raise BadInput(
                f"The statistics are of {len(first)} dimensions; expected {len(self.shift)}."
            )
        shift, spread = (
            (first, second) if mode == "standard" else ((first + second) / 2, (second - first) / 2)
        )
        # Float32 values near 500 differ by 3e-5 from one to the next.
        constant = spread <= 1e-6 * np.maximum(np.abs(shift), 1e-3)
        if (spread < 0).any() or constant.all():
            raise BadInput(
                f"All {name} are constant, or an upper bound lies below its lower one: such "
                "statistics normalise nothing; measure them of data that move."
            )
        if constant.any():
            places = ", ".join(map(str, np.flatnonzero(constant)))
            notice(f"Dimension {places} of {name} is constant in these data; it becomes 0.")
        self.shift.copy_(torch.as_tensor(shift))
        self.spread.copy_(torch.as_tensor(np.where(constant, 0.0, spread)))
        return self

    def ready(self) -> Normaliser:
        """Return itself; raises `BadInput` where no statistics were taken up or loaded."""
        if bool(torch.isnan(self.spread).any()):
            raise BadInput(
                "The statistics of normalisation are missing; fit the normaliser on the training "
                "data, or load weights that have them."
            )
        return self

    def forward(self, values: Tensor) -> Tensor:
        """Return normalised values."""
        moves = self.spread != 0
        away = (values - self.shift) / torch.where(moves, self.spread, 1.0)
        return torch.where(moves, away, 0.0)

    def undo(self, values: Tensor) -> Tensor:
        """Return values in their own units again; a constant dimension has its constant."""
        return values * self.spread + self.shift
