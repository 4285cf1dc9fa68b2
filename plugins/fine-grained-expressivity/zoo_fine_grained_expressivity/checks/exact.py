"""Findings of exact statements, which one exception is enough to break."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zoo_core import Finding

EXACT = 1e-12
"""What rounding may add to a distance."""


def all_hold(parts: Mapping[str, bool], measured: str, figures: Mapping[str, Any]) -> Finding:
    """Return the finding of exact statements: one that is broken is enough to fail."""
    plain = {name: bool(holds) for name, holds in parts.items()}  # NumPy's are not JSON
    broken = [name for name, holds in plain.items() if not holds]
    words = f"{measured}; not so: {', '.join(broken)}" if broken else measured
    return Finding(
        verdict="fails" if broken else "holds", measured=words, figures={**figures, **plain}
    )
