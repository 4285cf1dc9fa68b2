"""The verbs that the core brings. Lists import this file, so it imports nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping

VERBS: Mapping[str, str] = {
    "look": "list show plugins",
    "predict": "predict",
    "embed": "embed",
    "use": "evaluate demo",
    "make": "train import migrate new",
    "check": "verify cards draw",
    "export": "export",
    "share": "publish download install",
    "cached": "cache",
    "completion": "completion",
}
"""The modules of the shell that have the core's verbs, imported when one of these is asked for."""
OWN = frozenset(name for names in VERBS.values() for name in names.split())
