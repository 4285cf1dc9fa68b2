"""WordNet 3.0's nouns: lemmas, definitions and the sentences that show their use."""

from __future__ import annotations

import io
import lzma
import re
import tarfile
from collections.abc import Iterator
from typing import NamedTuple

from zoo_core import DataError, fetch
from zoo_visualsem_kg.specs.data import WORDNET_DEB

NOUNS = "./usr/share/wordnet/data.noun"
_QUOTED = re.compile(r'"([^"]+)"')
_BLOCK = 60
_BROKEN = (OSError, EOFError, ValueError, StopIteration, lzma.LZMAError, tarfile.TarError)


class Noun(NamedTuple):
    """A synset: its id (n########), its lemmas, its definition, sentences that use it."""

    synset: str
    lemmas: tuple[str, ...]
    definition: str
    examples: tuple[str, ...]


def parted(gloss: str) -> tuple[str, tuple[str, ...]]:
    """Return a gloss's definition, and the sentences in quotes that follow it."""
    definition, _, rest = gloss.partition('; "')
    return definition.strip(), tuple(_QUOTED.findall(f'"{rest}')) if rest else ()


def nouns() -> Iterator[Noun]:
    """Yield WordNet's nouns in its own order; raises `DataError` where they cannot be had."""
    path = fetch(WORDNET_DEB)
    try:
        packed = io.BytesIO(_member(path.read_bytes(), b"data.tar"))
        with tarfile.open(fileobj=packed, mode="r|*") as archive:  # read no further than needed
            file = next(archive.extractfile(one) for one in archive if one.name == NOUNS)
            content = file.read().decode("ascii") if file is not None else ""
    except _BROKEN as error:
        raise DataError(f"{path} holds no {NOUNS} that can be read ({error}).") from error
    for line in content.splitlines():
        if not line.startswith("  "):  # the licence stands above, indented
            cells, _, gloss = line.partition(" | ")
            offset, _, _, count, *words = cells.split(" ")
            names = words[: 2 * int(count, 16) : 2]
            yield Noun(f"n{offset}", tuple(w.replace("_", " ") for w in names), *parted(gloss))


def _member(content: bytes, name: bytes) -> bytes:
    """Return a member of an ``ar`` archive, by the beginning of its name."""
    place = len(b"!<arch>\n")
    while place + _BLOCK <= len(content):
        header = content[place : place + _BLOCK]
        size = int(header[48:58])
        place += _BLOCK
        if header.startswith(name):
            return content[place : place + size]
        place += size + size % 2
    raise ValueError(f"no member {name.decode()}")
