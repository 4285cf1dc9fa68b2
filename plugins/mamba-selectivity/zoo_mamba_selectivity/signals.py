"""A signal as users have it: a file of numbers, an array, or the numbers themselves."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from zoo_core.errors import BadInput


def read_signal(sources: Sequence[Any]) -> np.ndarray:
    """Return a signal (L,) as float64.

    Args:
        sources: one file (.npy, or text with numbers between commas, semicolons, spaces or line
            ends), one list, array or tensor, one text of numbers; or the numbers, one by one.

    Raises:
        BadInput: no numbers, text, NaN or infinities, more than one dimension, no such file.
    """
    given = sources[0] if len(sources) == 1 else list(sources)
    if isinstance(given, Path) or (isinstance(given, str) and not _numbers(given)):
        values = _of_file(Path(given))
    elif isinstance(given, str):
        values = np.array(_numbers(given))
    else:
        try:
            values = np.atleast_1d(np.asarray(given, dtype=np.float64))
        except (TypeError, ValueError) as error:
            raise BadInput(
                f"{str(given)[:60]!r} is no signal; give numbers, or one file of them."
            ) from error
    values = np.squeeze(values) if values.ndim == 2 and 1 in values.shape else values
    if values.ndim != 1 or values.size == 0:
        raise BadInput(
            f"The signal has shape {values.shape}; expected one row of numbers, at least one."
        )
    if not np.isfinite(values).all():
        place = int(np.flatnonzero(~np.isfinite(values))[0])
        raise BadInput(
            f"Sample {place} of the signal is {values[place]}; fill in or cut what is missing."
        )
    return values


def _numbers(text: str) -> list[float]:
    """Return the numbers of a text; none when some part of it is no number."""
    try:
        return [float(part) for part in re.split(r"[\s,;]+", text.strip()) if part]
    except ValueError:
        return []


def _of_file(path: Path) -> np.ndarray:
    if not path.is_file():
        raise BadInput(f"{str(path)!r} is neither a file nor a number; give a file or numbers.")
    if path.suffix.lower() == ".npy":
        try:
            return np.asarray(np.load(path), dtype=np.float64)
        except (OSError, ValueError, TypeError) as error:
            raise BadInput(
                f"{path} is no array of numbers ({error}); save one with np.save."
            ) from error
    try:
        found = _numbers(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} could not be read as text ({error}).") from error
    if not found:
        raise BadInput(
            f"{path} has no numbers, or something else among them; expected numbers between "
            "commas, spaces or line ends, without a header."
        )
    return np.array(found)
