"""The texts with a name, from their public files."""

from __future__ import annotations

from zoo_attention_to_mamba.specs.data import TINYSHAKESPEARE, TINYSTORIES, WIKITEXT
from zoo_attention_to_mamba.text import SPLITS, WINDOW, Text, share_of_text, split_by_characters
from zoo_core import BadInput, DataError, fetch, plain

SEPARATOR = "<|endoftext|>"
_STORIES = 2316
_TRAINING_STORIES = 2100
_TRAINING_CHARACTERS = 1_003_854


def tinystories(validation: int = 100, window: int = WINDOW) -> Text:
    """Return the first 2 MiB of TinyStories (Eldan and Li, arXiv:2305.07759), split by story.

    Of the 2,316 whole stories the last 216 are the test split, and the 2,100 before them are there
    to learn from: their last `validation` are "val", by which a training may be watched or a
    setting chosen, and the others "train". With ``validation=0`` all 2,100 are "train".

    Raises `BadInput` where `validation` leaves nothing to train on or `window` is no length, and
    `DataError` where the file cannot be had or is not what it should be.
    """
    validation = plain(validation)
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

    Raises `BadInput` where `validation` is no share below 1 or `window` no length, and `DataError`
    where the file cannot be had or is not what it should be.
    """
    share = share_of_text("validation", validation)
    whole = fetch(TINYSHAKESPEARE).read_text(encoding="ascii")
    cut = _TRAINING_CHARACTERS - round(share * _TRAINING_CHARACTERS)
    ends = (0, cut, _TRAINING_CHARACTERS, len(whole))
    return Text(split_by_characters([whole], SPLITS, ends), name="tinyshakespeare", window=window)


def wikitext(window: int = WINDOW) -> Text:
    """Return the validation and test texts of WikiText-2 (arXiv:1609.07843), a document each.

    Words are apart by spaces and rare ones are ``<unk>``, five characters like any others. There
    is no training text: this is for a look at what a model makes of another kind of text. Raises
    `BadInput` where `window` is no length, and `DataError` where a file cannot be had.
    """
    documents = {s: [fetch(file).read_text(encoding="utf-8")] for s, file in WIKITEXT.items()}
    return Text(documents, name="wikitext-2", window=window)
