"""Demonstrations: recorded episodes with their splits, whole episodes each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from zoo_core import Split
from zoo_policies.episodes import Episodes


@dataclass(frozen=True, eq=False)
class Demonstrations:
    """Recorded episodes; `rows` maps each split to the numbers of its episodes."""

    episodes: Episodes
    rows: Mapping[str, NDArray[Any]]
    facts: Mapping[str, int | str] = field(default_factory=dict)

    @property
    def splits(self) -> tuple[str, ...]:
        """The names of the splits."""
        return tuple(self.rows)

    def split(self, name: str) -> Split:
        """Return the view of one split: the numbers of its episodes."""
        return Split(self, name, self.rows[name])
