"""Vectors that take long to make, made once and kept on disk."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor

from zoo_core import WeightsError, notice, whole_file, zoo_home


def kept(kind: str, key: Any, make: Callable[[], Tensor], keep: bool = True) -> Tensor:
    """Return the vectors that `make` makes, rounded to 16 bits.

    What was made for a key (JSON that says all that decides it) is taken from below `zoo_home`, and
    written there if `keep`. A file that is damaged is made again; where nothing can be written that
    is told.
    """
    digest = sha256(json.dumps(key).encode()).hexdigest()[:24]
    path = zoo_home() / "made" / kind / f"{digest}.safetensors"
    try:
        return load_file(path)["vectors"].float()
    except (OSError, KeyError, SafetensorError):
        vectors = make().half()
    if keep:
        try:
            with whole_file(path) as part:
                part.write_bytes(save({"vectors": vectors}))
        except WeightsError as error:
            notice(f"What was made is not kept, and will be made again: {error}")
    return vectors.float()
