"""Text to ids and back: one class for all models, kept as the bytes of a ``tokenizer.json``.

The bytes travel with a model's tensors, so that a checkpoint of the zoo is one safetensors file.
Encoding is the `tokenizers` library's; decoding is a table of bytes for each id, which gives the
same text whether ids come at once or one by one.
"""

from __future__ import annotations

import codecs
import json
import operator
import re
import struct
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from hashlib import sha256
from itertools import pairwise
from os import PathLike
from pathlib import Path
from typing import Any

import tokenizers
from tokenizers import decoders, models, normalizers, pre_tokenizers, processors

from zoo_core import BadInput

_BYTE_PIECE = re.compile(r"<0x([0-9A-F]{2})>")
_SHOWN, _LISTED = 12, 200
_MOST = 2**24


class Tokenizer:
    """A tokenizer that is fully described by the bytes of its ``tokenizer.json``.

    Special tokens are never read out of a text: the characters ``<s>`` are three characters. Ids
    are those of the file; `start` is the token that begins a text and `end` the one that ends it,
    each None where the file names none. Raises `BadInput` where the bytes are no such file, or its
    decoder is of an unknown kind.
    """

    def __init__(self, content: bytes) -> None:
        try:
            self._inner = tokenizers.Tokenizer.from_str(bytes(content).decode("utf-8"))
        except BaseException as error:
            # The library raises nothing narrower, and for some files its panic, no Exception.
            if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
                raise
            raise BadInput(
                f"The tokenizer cannot be read ({str(error)[:120]}); give the bytes of a "
                "tokenizer.json."
            ) from error
        # Before anything else is done with it: the library counts up to the largest id.
        largest = max(self._inner.get_vocab(with_added_tokens=True).values(), default=-1)
        if not 0 <= largest < _MOST:
            raise BadInput(f"The tokenizer has ids up to {largest}, expected 0 to {_MOST - 1}.")
        # A file may ask for its texts to be cut or filled up to a length, unseen.
        self._inner.no_truncation()
        self._inner.no_padding()
        self._inner.encode_special_tokens = True
        layout = json.loads(self._inner.to_str())
        try:
            self.start, self.end = _ends(layout.get("post_processor"))
        except LookupError as error:
            raise BadInput(
                f"The tokenizer's template names {error.args[0]!r:.40}, which it has no id for."
            ) from error
        unknown = layout["model"].get("unk_token")
        self._unknown = None if unknown is None else self._inner.token_to_id(unknown)
        if unknown is not None and self._unknown is None:
            raise BadInput(f"The tokenizer's unk_token {unknown!r:.40} is none of its tokens.")
        if layout["model"].get("dropout"):
            raise BadInput("The tokenizer drops merges at random; set its dropout to null.")
        self._pieces, self._drops_space = _pieces(self._inner, layout.get("decoder"))
        self._known: set[str] = set()

    @classmethod
    def from_file(cls, path: str | PathLike[str]) -> Tokenizer:
        """Read a ``tokenizer.json``; raises `BadInput` if it cannot be."""
        return cls(_read(path))

    @classmethod
    def from_characters(cls, characters: Iterable[str]) -> Tokenizer:
        """Return the character-level tokenizer of a text's distinct characters, in sorted order."""
        vocabulary = {character: i for i, character in enumerate(sorted(set(characters)))}
        if not vocabulary:
            raise BadInput("There are no characters to make a tokenizer of; give a text.")
        inner = tokenizers.Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
        inner.decoder = decoders.Fuse()
        return cls(inner.to_str(pretty=False).encode())

    @classmethod
    def from_llama2c(cls, path: str | PathLike[str]) -> Tokenizer:
        """Read a ``tokenizer.bin`` of llama2.c: an int32, then (float32, int32, bytes) a piece.

        Its encoder merges the adjacent pair whose concatenation is the piece of highest score,
        the leftmost of several, until none is left. Restricted to the characters of one piece,
        that is the encoder run on the piece alone, so a piece always arises from the same two
        parts: byte-pair encoding with those merges, ranked by score, is the same function.

        Raises `BadInput` where the file cannot be read, is of another layout, or has no bytes to
        fall back on; or two pieces have the same score, when ranks cannot stand in for scores.
        """
        scores = _read_llama2c(path)
        vocabulary = {piece: i for i, piece in enumerate(scores)}
        made = {p: parts for p in scores if len(p) > 1 and (parts := _last_parts(p, scores))}
        ranked = sorted(made, key=lambda piece: -scores[piece])
        for better, worse in pairwise(ranked):
            if scores[better] == scores[worse]:
                raise BadInput(
                    f"In {path} the pieces {better!r} and {worse!r} have the same score; give a "
                    "tokenizer whose merged pieces all have different scores."
                )
        inner = tokenizers.Tokenizer(
            models.BPE(
                vocab=vocabulary,
                merges=[made[piece] for piece in ranked],
                byte_fallback=True,
                unk_token="<unk>",
            )
        )
        inner.add_special_tokens(["<unk>", "<s>", "</s>"])
        inner.normalizer = normalizers.Prepend(" ")
        if not any(" " in piece[1:] for piece in made):
            # No merge crosses the front of a word: words apart are the same ids, and much faster.
            inner.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_next")
        inner.decoder = decoders.Sequence(
            [decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
        )
        return cls(inner.to_str(pretty=False).encode()).with_ends(1, 2)

    def with_ends(self, start: int | None, end: int | None) -> Tokenizer:
        """Return the same tokenizer with other tokens, by id, to begin and end a text.

        Raises `BadInput` for an id that is none of a token.
        """
        names = {i: self._inner.id_to_token(i) for i in (start, end) if i is not None}
        for i, name in names.items():
            if name is None:
                raise BadInput(f"The tokenizer has no token {i}; it has ids up to {self.size - 1}.")
        first = [] if start is None else [names[start]]
        last = [] if end is None else [names[end]]
        inner = tokenizers.Tokenizer.from_str(self._inner.to_str())
        # Two texts in one sequence are where the end of the first has its place.
        inner.post_processor = processors.TemplateProcessing(
            single=[*first, "$A"],
            pair=[*first, "$A", *last, *first, "$B"],
            special_tokens=[(name, i) for i, name in names.items()],
        )
        return Tokenizer(inner.to_str(pretty=False).encode())

    def as_bytes(self) -> bytes:
        """Return the compact ``tokenizer.json`` from which an equal tokenizer can be made."""
        return self._inner.to_str(pretty=False).encode()

    @cached_property
    def key(self) -> str:
        """A hash of the bytes: equal for equal tokenizers."""
        return sha256(self.as_bytes()).hexdigest()

    @property
    def size(self) -> int:
        """How many ids there are, 0 … size - 1 (a model may have rows for more)."""
        return len(self._pieces)

    @property
    def special(self) -> frozenset[int]:
        """The ids that mark something and stand for no text."""
        added = self._inner.get_added_tokens_decoder()
        return frozenset(i for i, token in added.items() if token.special)

    def encode(self, text: str, *, start: bool = True) -> list[int]:
        """Return the ids of a text, behind the start token where there is one and it is asked for.

        Raises `BadInput` for what is no text or has characters that the tokenizer cannot represent.
        """
        return self.encode_many([text], start=start)[0]

    def encode_many(self, texts: Sequence[str], *, start: bool = True) -> list[list[int]]:
        """Return the ids of each text, encoded together; see `encode`."""
        for text in texts:
            self._check(text)
        first = [self.start] if start and self.start is not None else []
        found = self._inner.encode_batch_fast(list(texts), add_special_tokens=False)
        return [first + one.ids for one in found]

    def _check(self, text: Any) -> None:
        if not isinstance(text, str):
            raise BadInput(f"Expected a text to encode, got {type(text).__name__}; give a string.")
        unseen = set(text) - self._known
        unknown = sorted(character for character in unseen if not self._represents(character))
        self._known |= unseen.difference(unknown)
        if unknown:
            told = ", ".join(map(ascii, unknown[:_SHOWN])) + (" …" if len(unknown) > _SHOWN else "")
            raise BadInput(
                f"The tokenizer has no token for {told}; it knows {self._alphabet()}. Leave out "
                "what it does not know, or use a model with another tokenizer."
            )

    def _represents(self, character: str) -> bool:
        if "\ud800" <= character <= "\udfff":  # half of a pair, which is no character
            return False
        ids = self._inner.encode(character, add_special_tokens=False).ids
        return bool(ids) and self._unknown not in ids

    def _alphabet(self) -> str:
        """Return in words which characters can be encoded."""
        if self._represents("\U0010fffd"):
            return "every character of Unicode (a lone surrogate is none)"
        tokens = self._inner.get_vocab(with_added_tokens=False)
        known = "".join(sorted(token for token in tokens if len(token) == 1))
        return f"the {len(known)} characters {known[:_LISTED]!r}{'…' * (len(known) > _LISTED)}"

    def decode(self, ids: Iterable[int]) -> str:
        """Return the text of ids; special tokens and the encoder's dummy space are left out.

        Bytes that are no UTF-8 become U+FFFD. Raises `BadInput` for an id that is none.
        """
        decoder = self.decoder()
        return "".join(map(decoder.feed, ids)) + decoder.finish()

    def decoder(self, after: Iterable[int] = ()) -> Decoder:
        """Return a decoder of ids that come one by one, such as those that follow a prompt.

        With the prompt's ids in `after`, it gives only what follows them, spaces and all.
        """
        made = Decoder(self._pieces, self.start, self._drops_space)
        for one in after:
            made.feed(one)
        return made


class Decoder:
    """Turns ids into text as they come, holding back the bytes of an unfinished character."""

    def __init__(self, pieces: Sequence[bytes], start: int | None, drops_space: bool) -> None:
        self._pieces, self._start, self._drops_space = pieces, start, drops_space
        self._utf8 = codecs.getincrementaldecoder("utf-8")("replace")
        self._begins = True

    def feed(self, token: int) -> str:
        """Return the text that this id completes, which may be empty; raises `BadInput`."""
        try:
            token = operator.index(token)
            piece = self._pieces[token] if token >= 0 else None
        except (TypeError, IndexError):
            piece = None
        if piece is None:
            raise BadInput(f"{token!r} is no token id; expected 0 to {len(self._pieces) - 1}.")
        if token == self._start:
            text, self._begins = self.finish(), True
            return text
        if self._begins and piece:
            self._begins = False
            piece = piece[1:] if self._drops_space and piece.startswith(b" ") else piece
        return self._utf8.decode(piece)

    def finish(self) -> str:
        """Return what was held back, as U+FFFD: no more ids will complete it."""
        return self._utf8.decode(b"", final=True)


def _read(path: str | PathLike[str]) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise BadInput(
            f"The tokenizer {str(path)!r} cannot be read ({error.strerror}); check the path."
        ) from error


def _ends(processor: Mapping[str, Any] | None) -> tuple[int | None, int | None]:
    """Return the ids that a template puts before a text and, in a pair, after it."""
    if processor is None:
        return None, None
    for one in processor.get("processors", [processor]):
        if one["type"] == "TemplateProcessing":
            ids = {name: token["ids"] for name, token in one["special_tokens"].items()}
            before, _ = _around(one["single"])
            _, after = _around(one["pair"])
            # In a pair, what follows the first text may already be the start of the second.
            if before and after[-len(before) :] == before:
                after = after[: -len(before)]
            start = ids[before[0]][0] if before else None
            return start, ids[after[0]][0] if after else None
    return None, None


def _around(template: Sequence[Mapping[str, Any]]) -> tuple[list[str], list[str]]:
    """Return the special tokens before text A, and those between it and text B or the end."""
    names = [part["SpecialToken"]["id"] if "SpecialToken" in part else None for part in template]
    texts = [*(i for i, name in enumerate(names) if name is None), len(names)]
    return list(filter(None, names[: texts[0]])), list(filter(None, names[texts[0] + 1 : texts[1]]))


def _pieces(
    inner: tokenizers.Tokenizer, decoder: Mapping[str, Any] | None
) -> tuple[list[bytes], bool]:
    """Return the bytes that each id stands for, and whether a text's first space is a dummy.

    Raises `BadInput` for a kind of decoder whose pieces' bytes are not known.
    """
    steps = [] if decoder is None else decoder.get("decoders", [decoder])
    kinds = [step["type"] for step in steps]
    replaced: dict[str, str] = {}
    drops_space = False
    for step in steps:
        match step:
            case {"type": "Replace", "pattern": {"String": old}, "content": new}:
                replaced[old] = new
            case {"type": "Strip", "content": " ", "start": 0 | 1 as count, "stop": 0}:
                drops_space = drops_space or count == 1
            case {"type": "Metaspace", "replacement": old}:
                replaced[old] = " "
                drops_space = drops_space or step.get("prepend_scheme", "always") != "never"
            case {"type": "ByteLevel" | "ByteFallback" | "Fuse"}:
                pass
            case _:
                kinds = []
    if not kinds:
        named = "none" if decoder is None else json.dumps(decoder)[:80]
        raise BadInput(
            f"The tokenizer's decoder ({named}) is not known here; give one that is byte-level "
            "(as GPT-2's and Llama 3's), or of pieces with byte fallback (as Llama 2's)."
        )
    tokens = inner.get_vocab(with_added_tokens=True)
    added = inner.get_added_tokens_decoder()
    pieces = [b""] * (max(tokens.values()) + 1)
    for token, i in tokens.items():
        if i in added:
            pieces[i] = b"" if added[i].special else added[i].content.encode()
        elif "ByteLevel" in kinds:
            pieces[i] = _byte_level(token)
        elif "ByteFallback" in kinds and (found := _BYTE_PIECE.fullmatch(token)):
            pieces[i] = bytes([int(found[1], 16)])
        else:
            for old, new in replaced.items():
                token = token.replace(old, new)
            pieces[i] = token.encode()
    return pieces, drops_space


def _byte_alphabet() -> dict[str, int]:
    """Return the characters by which byte-level pieces write bytes (as GPT-2's encoder).

    Printable characters of Latin-1 stand for themselves, the other bytes for U+0100 and on.
    """
    shown = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    hidden = sorted(set(range(256)).difference(shown))
    return {chr(b): b for b in shown} | {chr(256 + i): b for i, b in enumerate(hidden)}


_BYTES = _byte_alphabet()


def _byte_level(token: str) -> bytes:
    if all(character in _BYTES for character in token):
        return bytes(_BYTES[character] for character in token)
    return token.encode()


def _read_llama2c(path: str | PathLike[str]) -> dict[str, float]:
    """Return pieces and their scores, in the order of their ids.

    The first three are renamed: in the file the start and end tokens stand between line feeds.
    """
    content, offset = _read(path), 4
    found: list[tuple[str, float]] = []
    try:
        while offset < len(content):
            score, length = struct.unpack_from("<fi", content, offset)
            piece = content[offset + 8 : offset + 8 + length]
            if length < 0 or len(piece) < length:
                raise ValueError("it ends within a piece")
            found.append((piece.decode("utf-8"), score))
            offset += 8 + length
        pieces = dict(found)
        if len(pieces) < len(found):
            raise ValueError("a piece stands in it twice")
        if [piece.strip() for piece in list(pieces)[:3]] != ["<unk>", "<s>", "</s>"]:
            raise ValueError("its first three pieces are not <unk>, <s> and </s>")
        absent = [f"<0x{b:02X}>" for b in range(256) if f"<0x{b:02X}>" not in pieces]
        if absent:
            raise ValueError(f"it has no piece {absent[0]} for a raw byte")
    except (ValueError, struct.error) as error:
        raise BadInput(
            f"{str(path)!r} is not a tokenizer of llama2.c ({error}); give its tokenizer.bin."
        ) from error
    return {piece.strip() if i < 3 else piece: score for i, (piece, score) in enumerate(found)}


def _last_parts(piece: str, scores: Mapping[str, float]) -> tuple[str, str] | None:
    """Return the two parts that the greedy encoder joins last on the way to a piece, if it does."""
    parts = list(piece)
    if not all(part in scores for part in parts):
        return None
    while len(parts) > 2:
        joined = [left + right for left, right in pairwise(parts)]
        candidates = [i for i, one in enumerate(joined) if one in scores]
        if not candidates:
            return None
        best = max(candidates, key=lambda i: (scores[joined[i]], -i))
        parts[best : best + 2] = [joined[best]]
    return (parts[0], parts[1])
