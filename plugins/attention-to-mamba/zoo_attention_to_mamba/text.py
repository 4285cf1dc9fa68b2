"""Texts to train and measure language models on: documents by split, windows, token streams."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from zoo_attention_to_mamba.sources import TINYSHAKESPEARE, TINYSTORIES, WIKITEXT
from zoo_attention_to_mamba.tokenizer import Tokenizer
from zoo_core.errors import BadInput, DataError
from zoo_core.files import fetch

SEPARATOR = "<|endoftext|>"
_SEPARATOR_LINE = re.compile(r"^[ \t]*<\|endoftext\|>[ \t]*\n?", re.MULTILINE)
WINDOW = 256
"""How many tokens a window has where nothing else is asked for."""

_STORIES = 2316
_TRAINING_STORIES = 2100
_TRAINING_CHARACTERS = 1_003_854
_MANY = 20
_SHORTEST = 100


class Text:
    """A text by split, as lists of documents; each tokenizer makes its own tokens of it.

    `documents` maps a split's name to its documents in order. Windows and streams are made when
    they are asked for, and streams are kept. `window` is how many tokens a model is measured at.

    Raises:
        BadInput: `window` is no length.
    """

    metric_options: Mapping[str, Any] = {}
    """None is needed: every target of a window counts."""

    def __init__(
        self, documents: Mapping[str, Sequence[str]], *, name: str = "text", window: int = WINDOW
    ) -> None:
        if not isinstance(window, int) or isinstance(window, bool) or window < 1:
            raise BadInput(f"window={window!r} is no number of tokens; give 1 or more.")
        self.window = window
        self.documents = {split: tuple(several) for split, several in documents.items()}
        self.name = name
        self._streams: dict[tuple[str, str], Tensor] = {}

    def __repr__(self) -> str:
        told = ", ".join(f"{split}: {len(d)}" for split, d in self.documents.items())
        return f"Text({self.name!r}, documents: {told})"

    def text(self, split: str) -> Sequence[str]:
        """Return the documents of a split.

        Raises:
            BadInput: the text has no such split, or nothing in it.
        """
        found = self.documents.get(split)
        if not found:
            full = ", ".join(name for name, several in self.documents.items() if several)
            raise BadInput(f"{self.name} has nothing in a split {split!r}; use one of {full}.")
        return found

    def stream(self, tokenizer: Tokenizer, split: str) -> Tensor:
        """Return a split's tokens end to end, (tokens,) int64, each document behind a start token.

        Raises:
            BadInput: see `text` and `Tokenizer.encode`.
        """
        key = (tokenizer.key, split)
        if key not in self._streams:
            ids = tokenizer.encode_many(self.text(split))
            self._streams[key] = torch.cat([torch.tensor(one, dtype=torch.int64) for one in ids])
        return self._streams[key]

    def windows(self, tokenizer: Tokenizer, split: str, context: int) -> tuple[Tensor, Tensor]:
        """Return a split cut into consecutive windows: inputs and targets, (n, context) int64 each.

        Targets are the inputs shifted by one, so window i has tokens i·context to (i+1)·context of
        `stream`; what does not fill the last window is left out.

        Raises:
            BadInput: the split has less than one window; see also `stream`.
        """
        if context < 1:
            raise BadInput(f"context={context} is no length of a window; give 1 or more.")
        tokens = self.stream(tokenizer, split)
        count = (len(tokens) - 1) // context
        if count < 1:
            raise BadInput(
                f"The split {split!r} of {self.name} has {len(tokens)} tokens, too few for a "
                f"window of {context} and the token after it; give a longer text or a shorter "
                "context."
            )
        used = count * context
        return tokens[:used].view(count, context), tokens[1 : used + 1].view(count, context)


def tinystories(validation: int = 100, window: int = WINDOW) -> Text:
    """Return the first 2 MiB of TinyStories (Eldan and Li, arXiv:2305.07759), split by story.

    Of the 2,316 whole stories the last 216 are the test split, and the 2,100 before them are there
    to learn from: their last `validation` are "val", by which a training may be watched or a
    setting chosen, and the others "train". With ``validation=0`` all 2,100 are "train".

    Raises:
        BadInput: `validation` leaves nothing to train on, or `window` is no length.
        DataError: the file cannot be had, or is not what it should be.
    """
    good = isinstance(validation, int) and not isinstance(validation, bool)
    if not good or not 0 <= validation < _TRAINING_STORIES:
        raise BadInput(
            f"validation={validation!r} is no number of stories to hold back; give 0 to "
            f"{_TRAINING_STORIES - 1}."
        )
    # The last piece is cut off by the end of the 2 MiB.
    pieces = fetch(TINYSTORIES).read_bytes().split(SEPARATOR.encode())[:-1]
    if len(pieces) != _STORIES:
        raise DataError(f"{TINYSTORIES.path} has {len(pieces)} stories, expected {_STORIES}.")
    stories = [piece.decode("utf-8").strip() for piece in pieces]
    cut = _TRAINING_STORIES - validation
    return Text(
        {
            "train": stories[:cut],
            "val": stories[cut:_TRAINING_STORIES],
            "test": stories[_TRAINING_STORIES:],
        },
        name="tinystories-sample",
        window=window,
    )


def tinyshakespeare(validation: float = 0.05, window: int = WINDOW) -> Text:
    """Return 1.1 MB of Shakespeare: the first 90 % of its characters to learn from, 10 % to test.

    The last share `validation` of the first part is "val", by which a training may be watched or
    a setting chosen; with ``validation=0`` all of it is "train". A split is one document.

    Raises:
        BadInput: `validation` is no share below 1, or `window` no length.
        DataError: the file cannot be had, or is not what it should be.
    """
    share = _share("validation", validation)
    whole = fetch(TINYSHAKESPEARE).read_text(encoding="ascii")
    cut = _TRAINING_CHARACTERS - round(share * _TRAINING_CHARACTERS)
    ends = (0, cut, _TRAINING_CHARACTERS, len(whole))
    return Text(_cut([whole], ends), name="tinyshakespeare", window=window)


def wikitext(window: int = WINDOW) -> Text:
    """Return the validation and test texts of WikiText-2 (arXiv:1609.07843), a document each.

    Words are apart by spaces and rare ones are ``<unk>``, five characters like any others. There
    is no training text: this is for a look at what a model makes of another kind of text.

    Raises:
        BadInput: `window` is no length.
        DataError: a file cannot be had.
    """
    documents = {s: [fetch(file).read_text(encoding="utf-8")] for s, file in WIKITEXT.items()}
    return Text(documents, name="wikitext-2", window=window)


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

    Raises:
        BadInput: there is no such file or folder, it is no text, it has fewer than 100 characters,
            the shares are not from 0 to 1 together, or `window` is no length.
    """
    shares = _share("test", test), _share("validation", validation)
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
        return Text(_cut(documents, ends), name=place.name, window=window)
    train, val, end = ends[1:]
    return Text(
        {"train": documents[:train], "val": documents[train:val], "test": documents[val:end]},
        name=place.name,
        window=window,
    )


def _share(name: str, value: Any) -> float:
    good = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1
    if not good or (name == "validation" and value == 1):
        raise BadInput(f"{name}={value!r} is no share of a text; give a number from 0 to 1.")
    return float(value)


def _cut(documents: Sequence[str], ends: Sequence[int]) -> dict[str, list[str]]:
    """Return documents by split, cut where the characters laid end to end pass the split's ends."""
    made: dict[str, list[str]] = {"train": [], "val": [], "test": []}
    offset = 0
    for document in documents:
        for split, first, last in zip(made, ends[:-1], ends[1:], strict=True):
            part = document[max(0, first - offset) : max(0, last - offset)]
            if part:
                made[split].append(part)
        offset += len(document)
    return made


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
