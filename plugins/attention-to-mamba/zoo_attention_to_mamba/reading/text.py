"""A user's own text: a file in UTF-8, a folder of such files, or documents in memory."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Any

from zoo_attention_to_mamba.text import SPLITS, WINDOW, Text, share_of_text, split_by_characters
from zoo_core import BadInput, plain

_SEPARATOR_LINE = re.compile(r"^[ \t]*<\|endoftext\|>[ \t]*\n?", re.MULTILINE)
_MANY = 20
_SHORTEST = 100


def read_text(
    source: Any,
    *,
    validation: float = 0.05,
    test: float = 0.05,
    window: int = WINDOW,
    fold: int = 0,
    folds: int | None = None,
) -> Text:
    """Read a user's own text: a file in UTF-8, all ``.txt`` files of a folder by name, or texts.

    Documents are separated by lines that hold ``<|endoftext|>`` alone; a file without such a line
    is one document. In memory `source` is a sequence of documents (a list, an array, a column of a
    data frame). The last share `test` is the test split and the share `validation` before it "val":
    whole documents where there are 20 or more, else characters, and a document on a border is cut
    in two. With `folds` the text is cut into so many pieces of one length, in order: piece `fold`
    is the test split, and of what is left the last share `validation` is "val".

    Raises `BadInput` where there is no such file or folder, it is no text, it has fewer than 100
    characters, the shares are not from 0 to 1 together, there is no such fold, or `window` is no
    length.
    """
    shares = share_of_text("test", test), share_of_text("validation", validation)
    if sum(shares) > 1:
        raise BadInput(f"test={test} and validation={validation} are more than 1 together.")
    fold, folds = plain((fold, folds))
    _check_fold(fold, folds)
    name, documents = _named_documents(source)
    length = sum(map(len, documents))
    if length < _SHORTEST:
        raise BadInput(
            f"{name!r} has {length} characters of text, expected at least {_SHORTEST}; give a "
            "longer text."
        )
    by_documents = len(documents) >= _MANY
    total = len(documents) if by_documents else length
    if folds is None:
        tested = total - round(shares[0] * total), total
    else:
        tested = fold * total // folds, (fold + 1) * total // folds
    held = round(shares[1] * (total if folds is None else total - tested[1] + tested[0]))
    # What is left of the test split's piece is before it and behind it; "val" is its end.
    behind = total - tested[1]
    first = max(0, tested[0] - max(0, held - behind))
    last = max(tested[1], total - held)
    bounds = (0, first, *tested, last, total)
    names = ("train", "val", "test", "train", "val")
    if not by_documents:
        return Text(split_by_characters(documents, names, bounds), name=name, window=window)
    made: dict[str, list[str]] = {split: [] for split in SPLITS}
    for split, low, high in zip(names, bounds[:-1], bounds[1:], strict=True):
        made[split] += documents[low:high]
    return Text(made, name=name, window=window)


def _check_fold(fold: Any, folds: Any) -> None:
    whole = isinstance(fold, int) and not isinstance(fold, bool)
    if folds is None:
        if not whole or fold != 0:
            raise BadInput(
                f"fold={fold!r} would change nothing: a text has no folds of its own; say how many "
                "to make with folds."
            )
        return
    if not isinstance(folds, int) or isinstance(folds, bool) or folds < 2:
        raise BadInput(f"folds={folds!r} is no number of folds; give 2 or more.")
    if not whole or not 0 <= fold < folds:
        raise BadInput(f"fold={fold!r} is none of {folds} folds; give 0 to {folds - 1}.")


def _named_documents(source: Any) -> tuple[str, list[str]]:
    """Return how to call a text, and its documents that are not blank."""
    if isinstance(source, str | PathLike):
        place = Path(source)
        files = [place]
        if place.is_dir():
            files = sorted(file for file in place.iterdir() if file.suffix.lower() == ".txt")
            if not files:
                raise BadInput(f"The folder {str(source)!r} has no .txt files; give one that has.")
        return place.name, [one for file in files for one in _documents(file)]
    documents = source.tolist() if hasattr(source, "tolist") else source
    if not isinstance(documents, Sequence) or not all(isinstance(one, str) for one in documents):
        raise BadInput(
            f"A {type(source).__name__} is no text; give a file, a folder, or a list of texts."
        )
    return "text", [one for one in documents if one.strip()]


def _documents(path: Path) -> list[str]:
    """Return a file's documents, without the white space around them where there are several."""
    parts = _SEPARATOR_LINE.split(decoded(path))
    parts = [part.strip() for part in parts] if len(parts) > 1 else parts
    return [part for part in parts if part.strip()]


def decoded(path: Path) -> str:
    """Return a file's text, with line ends as on Unix; raises `BadInput` for what is none."""
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
    return text.replace("\r\n", "\n")
