"""Listing is light: what computing needs is imported when something is computed."""

from __future__ import annotations

import json
import os
import subprocess
import sys

HEAVY = frozenset(
    """
    ase einops gymnasium h5py huggingface_hub joblib matplotlib networkx numpy ot pandas PIL pooch
    rich scipy sklearn sympy timm tokenizers torch torchmetrics torchvision transformers
    """.split()
)
"""Packages that nobody should wait for who wants to know what there is."""
_LISTING = """
import json, sys, zoo
from zoo_core._registry.registry import registry
papers = [spec.name for spec in registry().papers]  # as the index makes no plugin be read
print(json.dumps([papers, sorted(sys.modules)]))
"""


def check_listing(plugin: str) -> None:
    """Check in a new process that a plugin is read without importing what is `HEAVY`.

    `plugin` is the name of its entry point. Raises `AssertionError` with what is wrong.

    >>> zoo_core.testing.check_listing("mypaper")
    """
    environment = {**os.environ, "ZOO_PLUGINS": plugin}
    done = subprocess.run(
        [sys.executable, "-c", _LISTING], env=environment, capture_output=True, text=True
    )
    if done.returncode:
        raise AssertionError(f"{plugin} cannot be listed: {done.stderr.strip()}")
    papers, modules = json.loads(done.stdout)
    if not papers:
        raise AssertionError(f"{plugin} lists no paper.")
    heavy = HEAVY & {name.partition(".")[0] for name in modules}
    if heavy:
        raise AssertionError(f"Listing {plugin} imports {', '.join(sorted(heavy))}.")
