"""Prompts: texts as they are, and files by what stands in them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from os import PathLike
from pathlib import Path

from zoo_attention_to_mamba.reading.text import decoded
from zoo_core import BadInput

_LIKE_A_FILE = re.compile(
    r"(~|\.{0,2})/\S+|\S+\.(txt|text|md|rst|prompt|json|jsonl|csv|tsv|html?|xml|tex|log|py)"
)


def read_prompts(sources: Sequence[str | PathLike[str]]) -> list[str]:
    """Return the prompts that are given: a text as it is, a file's content in its place.

    A text that names a file that is there is that file; a file's last line end is no part of its
    prompt. Raises `BadInput` for a file that is not there, or is no text in UTF-8, and for one word
    that looks like a file and is none.
    """
    return [_prompt(source) for source in sources]


def _prompt(source: str | PathLike[str]) -> str:
    named = source if isinstance(source, str) else None
    if not isinstance(source, str | PathLike):
        raise BadInput(f"A prompt must be a text, not {source!r:.80}; give a string, or a file.")
    if named is not None and not _is_file(named):
        if _LIKE_A_FILE.fullmatch(named):
            raise BadInput(
                f"There is no file {named!r}; give one that is there, or the text itself with "
                "prompt (--prompt TEXT)."
            )
        return named
    path = Path(source).expanduser()
    text = decoded(path).removesuffix("\n")
    if not text.strip():
        raise BadInput(f"{str(path)!r} has no text for a prompt; write some into it.")
    return text


def _is_file(text: str) -> bool:
    try:
        return Path(text).expanduser().is_file()
    except (OSError, ValueError, RuntimeError):  # too long, or with characters that no name has
        return False
