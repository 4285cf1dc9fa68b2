"""Where the zoo keeps what it downloads and what it can make again."""

from __future__ import annotations

import os
import sys


def home() -> str:
    """Return the folder in which the zoo keeps what it downloads (not made here)."""
    if os.environ.get("ZOO_HOME"):
        return os.path.expanduser(os.environ["ZOO_HOME"])
    if sys.platform == "linux":  # as platformdirs does, whose import is a quarter of a list's time
        cache = os.environ.get("XDG_CACHE_HOME", "").strip()
        if not os.path.isabs(cache):
            cache = os.path.expanduser("~/.cache")
        return os.path.join(cache, "zoo")
    import platformdirs

    return platformdirs.user_cache_dir("zoo")
