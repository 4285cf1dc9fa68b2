"""config.json: what a folder or repository says of its model, read as if it were hostile.

The constructor's arguments (the shape) stand at the top, where the Hub's loaders look for them; the
rest is under ``"zoo"``: architecture, SHA-256 of the weights and of what lies beside them, dataset,
what an input needs, and how the weights were made.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from zoo_core.errors import BadInput

FILE = "config.json"
ASSETS = "assets"
MAX_BYTES = 2**20
SECTION = "zoo"
_NAME = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_ASSET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True, kw_only=True)
class ModelConfig:
    """What is known of stored weights: architecture, shape, hashes, data, inputs, base.

    `dataset` is None for data that were in memory, whose type is then `in_memory`. `assets` maps
    the names of files beside the weights to their SHA-256; `base` names the model or architecture
    whose spec says which tensors are not in the file (None: all are).
    """

    architecture: str
    shape: Mapping[str, Any]
    sha256: str
    dataset: str | None
    options: Mapping[str, Any]
    in_memory: str = ""
    inputs: Mapping[str, Any] = field(default_factory=dict)
    assets: Mapping[str, str] = field(default_factory=dict)
    base: str | None = None

    def as_bytes(self, **facts: Any) -> bytes:
        """Return the file's content, with further facts under ``"zoo"``."""
        about = {
            "architecture": self.architecture,
            "sha256": self.sha256,
            "dataset": self.dataset,
            "options": dict(self.options),
            **({"in_memory": self.in_memory} if self.in_memory else {}),
            **({"inputs": dict(self.inputs)} if self.inputs else {}),
            **({"assets": dict(self.assets)} if self.assets else {}),
            **({"base": self.base} if self.base else {}),
            **facts,
        }
        content = {**self.shape, SECTION: about}
        return (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode()


def read(path: Path, *, place: str) -> ModelConfig:
    """Read a config.json; `place` is how to call the folder or repository in messages.

    Raises `BadInput` for a file that is missing, too large, nested too deeply, or not of this form.
    """
    expected = "expected what `zoo train --out` or `zoo publish` writes"
    try:
        if path.stat().st_size > MAX_BYTES:
            raise BadInput(f"The {FILE} of {place} is larger than {MAX_BYTES:,} bytes; {expected}.")
        content = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise BadInput(f"{place} has no {FILE}; {expected}.") from error
    except (ValueError, RecursionError, OSError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else error
        raise BadInput(f"The {FILE} of {place} is not readable JSON ({reason}); {expected}.") from (
            None if isinstance(error, RecursionError) else error
        )
    about = content.pop(SECTION, None) if isinstance(content, dict) else None
    if not isinstance(about, dict):
        raise BadInput(f'The {FILE} of {place} has no section "{SECTION}"; {expected}.')
    about = {"in_memory": "", "inputs": {}, "assets": {}, "base": None, **about}
    for key, fits in _FORMS.items():
        if key not in about or not fits(about[key]):
            raise BadInput(
                f'The {FILE} of {place} has no usable "{SECTION}"/"{key}" '
                f"({about.get(key)!r:.60}); {expected}."
            )
    return ModelConfig(shape=content, **{key: about[key] for key in _FORMS})


def are_assets(value: Any) -> bool:
    """Tell whether a value maps plain file names to hashes."""
    return isinstance(value, dict) and all(
        _ASSET.fullmatch(name) and isinstance(sha256, str) and _SHA256.fullmatch(sha256)
        for name, sha256 in value.items()
    )


_FORMS: dict[str, Callable[[Any], Any]] = {
    "architecture": lambda value: isinstance(value, str) and _NAME.fullmatch(value),
    "sha256": lambda value: isinstance(value, str) and _SHA256.fullmatch(value),
    "dataset": lambda value: value is None or (isinstance(value, str) and value.isprintable()),
    "options": lambda value: isinstance(value, dict),
    "in_memory": lambda value: isinstance(value, str) and value.isprintable(),
    "inputs": lambda value: isinstance(value, dict),
    "assets": are_assets,
    "base": lambda value: value is None or (isinstance(value, str) and _NAME.fullmatch(value)),
}
