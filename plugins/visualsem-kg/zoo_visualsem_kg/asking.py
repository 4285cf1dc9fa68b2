"""What people ask with: sentences, how many answers, yes or no."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from zoo_core import BadInput


def checked_sentences(sentences: Sequence[Any]) -> None:
    """Raise `BadInput` where there is no sentence, or something else than a text with letters."""
    if not sentences:
        raise BadInput('Give a sentence, such as "a big cat with tufted ears".')
    for one in sentences:
        if not isinstance(one, str):
            raise BadInput(f"A sentence is a text, not a {type(one).__name__}: {one!r:.60}.")
        if not any(letter.isalnum() for letter in one):
            raise BadInput(f"There is no word in {one!r:.60}; give a sentence.")


def checked_top(top: Any) -> None:
    """Raise `BadInput` for a number of answers that is none."""
    if not isinstance(top, int) or isinstance(top, bool) or top < 1:
        raise BadInput(f"top={top!r} is wrong; expected a whole number from 1.")


def checked_flag(name: str, value: Any) -> None:
    """Raise `BadInput` for what is neither true nor false."""
    if not isinstance(value, bool):
        raise BadInput(f"{name}={value!r} is wrong; expected true or false.")
