"""config.json: what a folder or repository says of its model, read as if it were hostile.

The constructor's arguments stand at the top, where the Hub's loaders look for them; the rest is
under ``"zoo"``: architecture, SHA-256 of the weights, dataset, and how they were made.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zoo_core.errors import BadInput

FILE = "config.json"
MAX_BYTES = 2**20
SECTION = "zoo"
_NAME = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True)
class ModelConfig:
    """What is known of stored weights: architecture, constructor's arguments, hash, data."""

    architecture: str
    config: Mapping[str, Any]
    sha256: str
    dataset: str
    options: Mapping[str, Any]

    def as_bytes(self, **facts: Any) -> bytes:
        """Return the file's content, with further facts under ``"zoo"``."""
        about = {
            "architecture": self.architecture,
            "sha256": self.sha256,
            "dataset": self.dataset,
            "options": dict(self.options),
            **facts,
        }
        content = {**self.config, SECTION: about}
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
    forms: dict[str, Callable[[Any], Any]] = {
        "architecture": lambda value: isinstance(value, str) and _NAME.fullmatch(value),
        "sha256": lambda value: isinstance(value, str) and _SHA256.fullmatch(value),
        "dataset": lambda value: isinstance(value, str) and value.isprintable(),
        "options": lambda value: isinstance(value, dict),
    }
    for key, fits in forms.items():
        if not fits(about.get(key)):
            raise BadInput(
                f'The {FILE} of {place} has no usable "{SECTION}"/"{key}" '
                f"({about.get(key)!r:.60}); {expected}."
            )
    return ModelConfig(config=content, **{key: about[key] for key in forms})
