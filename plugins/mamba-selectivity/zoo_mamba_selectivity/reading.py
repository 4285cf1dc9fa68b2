"""What a person has: tokens as text or numbers, pairs and questions, signals as files or arrays."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from zoo_core import BadInput

_SHOWN = "give token numbers, such as '8 15 3 12 8 0'"


def one_source(sources: Sequence[Any]) -> Any:
    """Return the one source of a prediction, or the sequence of several: tokens one by one.

    A file is what stands in it: a JSON value (.json), an array (.npy), or a text with tokens.
    Raises `BadInput` for a file that is not there or cannot be read.
    """
    if len(sources) != 1:
        return list(sources)
    (source,) = sources
    named = isinstance(source, str) and bool(source.strip()) and not _numbers(source)
    if not isinstance(source, PathLike) and not (named and _is_path(source)):
        return source
    path = Path(source).expanduser()
    if path.suffix.lower() == ".npy":
        return _of_file(path)
    text = _text_of(path)
    if path.suffix.lower() != ".json":
        return text
    try:
        return json.loads(text)
    except ValueError as error:
        raise BadInput(f"{path} is no JSON ({error}); {_SHOWN}.") from error


def _is_path(word: str) -> bool:
    """Tell whether a word is meant as a file: it is one, or it has a file's ending or folder."""
    try:
        return Path(word).is_file() or re.fullmatch(r"\S*/\S+|\S+\.[A-Za-z]\w*", word) is not None
    except (OSError, ValueError):  # too long for a name
        return False


def _text_of(path: Path) -> str:
    if not path.is_file():
        raise BadInput(f"There is no file {str(path)!r}; give one that is there, or {_SHOWN}.")
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} could not be read as text ({error}).") from error


def read_tokens(source: Any, vocabulary: int) -> list[int]:
    """Return the tokens of a text with numbers (by spaces or commas) or a sequence of integers.

    Raises `BadInput` for what has none, what is no number, and tokens the model does not know.
    """
    words: Sequence[Any]
    if isinstance(source, str):
        words = source.replace(",", " ").split()
    elif hasattr(source, "tolist") or isinstance(source, Sequence):
        words = source.tolist() if hasattr(source, "tolist") else source
    else:
        raise BadInput(f"A {type(source).__name__} is no prompt; {_SHOWN}.")
    tokens = [_token(word, vocabulary) for word in words]
    if not tokens:
        raise BadInput(f"The prompt has no tokens; {_SHOWN}.")
    return tokens


def read_question(source: Any, vocabulary: int) -> tuple[list[int], list[int]]:
    """Return the tokens of an MQAR prompt and the positions of its queries.

    A text or a sequence has a query wherever a key (1 to V/2 - 1) stands again that stood before.
    A mapping `{"pairs": [[key, value], …], "queries": [key, …]}` is laid out as the training
    data are, a blank after each query.

    Raises `BadInput` as `read_tokens`, and for a prompt without a query or with an unknown key.
    """
    half = vocabulary // 2
    if isinstance(source, Mapping):
        tokens, shown = _laid_out(source, vocabulary)
        return tokens, list(range(shown, len(tokens), 2))
    tokens = read_tokens(source, vocabulary)
    seen: set[int] = set()
    places = []
    for place, token in enumerate(tokens):
        if token in seen:
            places.append(place)
        if 0 < token < half:
            seen.add(token)
    if not places:
        raise BadInput(
            f"Nothing is asked: no key (1 to {half - 1}) stands a second time; repeat a key after "
            f"the pairs, as in '8 {half} 3 {half + 1} 8'."
        )
    return tokens, places


def _laid_out(source: Mapping[str, Any], vocabulary: int) -> tuple[list[int], int]:
    """Return the tokens of pairs and queries, and how many are of pairs."""
    pairs = source.get("pairs")
    if set(source) != {"pairs", "queries"} or not isinstance(pairs, list | tuple):
        raise BadInput(
            f"The question {dict(source)!r:.80} is not usable; give 'pairs', a list of [key, "
            "value], and 'queries', a list of keys."
        )
    half = vocabulary // 2
    tokens: list[int] = []
    for pair in pairs:
        numbers = read_tokens(pair, vocabulary)
        if len(numbers) != 2 or not 0 < numbers[0] < half <= numbers[1]:
            raise BadInput(
                f"{pair!r} is no pair; give [key, value] with a key from 1 to {half - 1} and a "
                f"value from {half} to {vocabulary - 1}."
            )
        if numbers[0] in tokens[::2]:
            raise BadInput(f"Key {numbers[0]} has two values; give each key once.")
        tokens += numbers
    shown, queries = len(tokens), read_tokens(source["queries"], vocabulary)
    for key in queries:
        if key not in tokens[:shown:2]:
            raise BadInput(f"Key {key} is asked for but is in no pair; add [{key}, VALUE].")
    return [*tokens, *(token for key in queries for token in (key, 0))][:-1], shown


def _token(word: Any, vocabulary: int) -> int:
    try:
        token = int(word)
        whole = isinstance(word, str) or token == word
    except (TypeError, ValueError):
        whole = False
    if not whole or isinstance(word, bool | np.bool_):
        raise BadInput(f"{word!r} is no token; give whole numbers from 0 to {vocabulary - 1}.")
    if not 0 <= token < vocabulary:
        raise BadInput(
            f"Token {token} is out of the vocabulary; this model knows 0 to {vocabulary - 1}."
        )
    return token


def read_signal(sources: Sequence[Any]) -> np.ndarray:
    """Return a signal (L,) as float64.

    `sources` are one file (.npy, or text with numbers between commas, semicolons, spaces or line
    ends), one list, array or tensor, one text of numbers; or the numbers, one by one. Raises
    `BadInput` for no numbers, text, NaN or infinities, more than one dimension, and no such file.
    """
    given = sources[0] if len(sources) == 1 else list(sources)
    if isinstance(given, PathLike) or (isinstance(given, str) and not _numbers(given)):
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
    found = _numbers(_text_of(path))
    if not found:
        raise BadInput(
            f"{path} has no numbers, or something else among them; expected numbers between "
            "commas, spaces or line ends, without a header."
        )
    return np.array(found)
