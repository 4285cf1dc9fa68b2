"""What a user has, words with tags in CoNLL files, to a `TaggedSet`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from zoo_triples.reading.files import existing, parts_of, text_of
from zoo_triples.triples import SPLITS

from zoo_core import BadInput, DataError, notice
from zoo_visualsem_kg.data.tagged import Sentence, TaggedSet, assembled, conll
from zoo_visualsem_kg.reading.splits import dealt


def read_tagged(
    source: Any,
    *,
    word: int = 0,
    tag: int = -1,
    fractions: Any = (0.8, 0.1, 0.1),
    seed: int = 0,
) -> TaggedSet:
    """Return a user's sentences of words with tags.

    `source` is a CoNLL file (a word and its tag a line, an empty line between sentences), a folder
    with such files train, valid and test, or a list of sentences, each a list of pairs. `word` and
    `tag` are the columns, counted from 0, and from -1 from the end. Where there is one file its
    sentences are dealt by `fractions` and `seed`. BIOES and tags whose spans begin with I-TYPE are
    written as BIO, which is told. Raises `BadInput` for anything that is not known.
    """
    if isinstance(source, TaggedSet):
        return source
    for name, column in (("word", word), ("tag", tag)):
        if not isinstance(column, int) or isinstance(column, bool):
            raise BadInput(f"{name}={column!r}; expected a column's number, from 0 or from -1.")
    try:
        parts = dict(_parts(source, word, tag))
    except DataError as error:
        raise BadInput(str(error)) from error
    if not any(parts.values()):
        raise BadInput("There is no sentence: each line is a word and its tag, such as O.")
    data = assembled({name: _as_bio(part) for name, part in parts.items()})
    if len(data.names) == 1:
        raise BadInput("All tags are O: there is no name to learn from.")
    if set(parts) == {"train"}:
        return replace(data, rows=dealt(len(data.sentences), fractions, seed))
    return data


def _parts(source: Any, word: int, tag: int) -> Iterator[tuple[str, list[Sentence]]]:
    if isinstance(source, list | tuple):
        yield "train", [_sentence(one, number) for number, one in enumerate(source, 1)]
        return
    if not isinstance(source, str | Path):
        raise BadInput(
            f"Words with tags are not read from a {type(source).__name__}; give a CoNLL file, or a "
            "list of sentences of (word, tag) pairs."
        )
    path = Path(source).expanduser()
    if not path.is_dir():
        yield "train", list(conll(text_of(existing(path)), str(path), word, tag))
        return
    files = parts_of(path)
    for split in SPLITS:
        if split not in files:
            raise BadInput(f"{path} has no file {split}; expected train, valid and test.")
        yield split, list(conll(text_of(files[split]), str(files[split]), word, tag))


def _sentence(pairs: Any, number: int) -> Sentence:
    good = isinstance(pairs, list | tuple) and all(
        isinstance(pair, list | tuple) and len(pair) == 2 for pair in pairs
    )
    if not good or not pairs:
        raise BadInput(f"Sentence {number} is no list of (word, tag) pairs: {pairs!r:.60}.")
    words, tags = zip(*((str(word), str(tag)) for word, tag in pairs), strict=True)
    return words, tags


def _as_bio(sentences: Sequence[Sentence]) -> list[Sentence]:
    """Return tags as BIO: E-TYPE and S-TYPE are written anew, and I-TYPE that begins a span."""
    found, changed = [], 0
    for words, tags in sentences:
        plain: list[str] = []
        for written in tags:
            side, _, kind = written.partition("-")
            before = plain[-1][2:] if plain else ""
            side = {"S": "B", "U": "B", "E": "I", "L": "I"}.get(side, side)
            if side not in ("O", "B", "I"):
                raise BadInput(f"{written!r} is no tag; expected O, B-TYPE or I-TYPE.")
            if side == "I" and before != kind:
                side = "B"
            plain.append("O" if side == "O" else f"{side}-{kind}")
        changed += tuple(plain) != tags
        found.append((words, tuple(plain)))
    if changed:
        notice(f"Tags of {changed} sentences were written anew as B-TYPE and I-TYPE.")
    return found
