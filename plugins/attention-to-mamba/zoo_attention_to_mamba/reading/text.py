"""A user's own text: a file in UTF-8, or a folder of such files."""

from __future__ import annotations

import codecs
import re
from os import PathLike
from pathlib import Path

from zoo_attention_to_mamba.text import WINDOW, Text, share_of_text, split_by_characters
from zoo_core import BadInput

_SEPARATOR_LINE = re.compile(r"^[ \t]*<\|endoftext\|>[ \t]*\n?", re.MULTILINE)
_MANY = 20
_SHORTEST = 100


def read_text(
    path: str | PathLike[str],
    *,
    validation: float = 0.05,
    test: float = 0.05,
    window: int = WINDOW,
) -> Text:
    """Read a user's own text: a file in UTF-8, or all ``.txt`` files of a folder by name.

    Documents are separated by lines that hold ``<|endoftext|>`` alone; a file without such a line
    is one document. The last share `test` is the test split and the share `validation` before it
    "val": whole documents where there are 20 or more, else characters, and a document on a border
    is cut in two.

    Raises `BadInput` where there is no such file or folder, it is no text, it has fewer than 100
    characters, the shares are not from 0 to 1 together, or `window` is no length.
    """
    shares = share_of_text("test", test), share_of_text("validation", validation)
    if sum(shares) > 1:
        raise BadInput(f"test={test} and validation={validation} are more than 1 together.")
    place = Path(path)
    files = [place]
    if place.is_dir():
        files = sorted(file for file in place.iterdir() if file.suffix.lower() == ".txt")
        if not files:
            raise BadInput(f"The folder {str(path)!r} has no .txt files; give one that has.")
    documents = [one for file in files for one in _documents(file)]
    length = sum(map(len, documents))
    if length < _SHORTEST:
        raise BadInput(
            f"{str(path)!r} has {length} characters of text, expected at least {_SHORTEST}; give "
            "a longer text."
        )
    total = len(documents) if len(documents) >= _MANY else length
    counts = [round(share * total) for share in shares]
    ends = (0, max(0, total - sum(counts)), total - counts[0], total)
    if len(documents) < _MANY:
        return Text(split_by_characters(documents, ends), name=place.name, window=window)
    train, val, end = ends[1:]
    return Text(
        {"train": documents[:train], "val": documents[train:val], "test": documents[val:end]},
        name=place.name,
        window=window,
    )


def _documents(path: Path) -> list[str]:
    """Return a file's documents, without the white space around them where there are several."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadInput(
            f"{str(path)!r} cannot be read ({error.strerror}); check the path."
        ) from error
    content = content.removeprefix(codecs.BOM_UTF8)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadInput(
            f"{str(path)!r} is not text in UTF-8 (byte {error.start} is none); save it as UTF-8."
        ) from error
    if "\0" in text:
        raise BadInput(f"{str(path)!r} is binary, expected text in UTF-8; give a .txt file.")
    text = text.replace("\r\n", "\n")
    parts = _SEPARATOR_LINE.split(text)
    parts = [part.strip() for part in parts] if len(parts) > 1 else parts
    return [part for part in parts if part.strip()]
