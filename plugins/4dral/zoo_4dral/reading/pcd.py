"""Point clouds in the .pcd files of the Point Cloud Library: ascii, binary and compressed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zoo_core import BadInput

_KINDS = {"F": "f", "I": "i", "U": "u"}
_SIZES = {"F": (4, 8), "I": (1, 2, 4, 8), "U": (1, 2, 4, 8)}
LONGEST_HEADER = 10_000
MOST_POINTS = 100_000_000


@dataclass(frozen=True)
class _Header:
    """What stands before the points: names with their types, how many points, how written."""

    kinds: Mapping[str, np.dtype]
    points: int
    written: str

    @property
    def row(self) -> np.dtype:
        return np.dtype(list(self.kinds.items()))


def read_pcd(path: Path) -> dict[str, NDArray[np.float64]]:
    """Return the fields of a .pcd file by name, each (n,), in its order.

    A field of several numbers is left out. Raises `BadInput` for what is no such file, or is cut.
    """
    content = path.read_bytes()
    header, start = _header(content[:LONGEST_HEADER], path.name)
    body = content[start:]
    try:
        if header.written == "ascii":
            table = np.atleast_2d(np.loadtxt(body.decode("ascii").splitlines(), ndmin=2))
            width = sum(max(1, int(np.prod(kind.shape))) for kind in header.kinds.values())
            if header.points and table.shape != (header.points, width):
                raise ValueError(f"{table.shape[0]} rows of {table.shape[1]} numbers")
            return _by_name(table, header)
        if header.written == "binary_compressed":
            rows = _columns(_unpacked(body), header)
        else:
            rows = np.frombuffer(body, header.row, header.points)
    except (ValueError, IndexError, UnicodeDecodeError) as error:
        raise BadInput(
            f"{path.name} does not have the {header.points:,} points that its header tells "
            f"({error}); get the file again."
        ) from error
    single = [name for name, kind in header.kinds.items() if not kind.shape]
    return {name: rows[name].astype(np.float64) for name in single}


def _header(content: bytes, label: str) -> tuple[_Header, int]:
    told: dict[str, list[str]] = {}
    start = 0
    while "DATA" not in told:
        end = content.find(b"\n", start)
        if end < 0:
            raise BadInput(f"{label} is no .pcd file: its header has no line DATA.")
        words = content[start:end].decode("ascii", "replace").split()
        start = end + 1
        if words and not words[0].startswith("#"):
            told[words[0].upper()] = words[1:]
    try:
        names = told["FIELDS"]
        counts = list(map(int, told.get("COUNT", ["1"] * len(names))))
        sizes = list(map(int, told["SIZE"]))
        kinds = told["TYPE"]
        points = int(told["POINTS"][0]) if "POINTS" in told else _product(told)
        fields: dict[str, np.dtype] = {}
        for name, size, kind, count in zip(names, sizes, kinds, counts, strict=True):
            if size not in _SIZES[kind] or count < 1:
                raise ValueError(f"{kind}{size}")
            base = np.dtype(f"<{_KINDS[kind]}{size}")
            # Several fields may be called "_": they pad.
            own = f"{name}{len(fields)}" if name in fields else name
            fields[own] = base if count == 1 else np.dtype((base, (count,)))
        written = told["DATA"][0].lower()
        if written not in ("ascii", "binary", "binary_compressed"):
            raise ValueError(written)
        if not 0 <= points <= MOST_POINTS:
            raise ValueError(f"{points} points")
    except (KeyError, ValueError, IndexError) as error:
        raise BadInput(
            f"{label} is no .pcd file that can be read: its header is {error}."
        ) from error
    return _Header(fields, points, written), start


def _product(told: Mapping[str, list[str]]) -> int:
    return int(told["WIDTH"][0]) * int(told["HEIGHT"][0])


def _by_name(table: NDArray[np.float64], header: _Header) -> dict[str, NDArray[np.float64]]:
    found, place = {}, 0
    for name, kind in header.kinds.items():
        if not kind.shape:
            found[name] = table[:, place] if header.points else np.empty(0)
        place += max(1, int(np.prod(kind.shape)))
    return found


def _columns(content: bytes, header: _Header) -> NDArray[np.void]:
    """Return rows of content that has all numbers of a field together."""
    rows = np.empty(header.points, header.row)
    place = 0
    for name, kind in header.kinds.items():
        end = place + kind.itemsize * header.points
        rows[name] = np.frombuffer(content[place:end], kind)[: header.points]
        place = end
    return rows


def _unpacked(body: bytes) -> bytes:
    """Return what LZF packed: two sizes, then runs of literals and of references backwards."""
    packed, size = (int.from_bytes(body[at : at + 4], "little") for at in (0, 4))
    content = body[8 : 8 + packed]
    if len(content) < packed:
        raise ValueError("it is cut")
    found = bytearray()
    place = 0
    while place < packed and len(found) < size:
        control = content[place]
        place += 1
        if control < 32:
            found += content[place : place + control + 1]
            place += control + 1
            continue
        length = control >> 5
        if length == 7:
            length += content[place]
            place += 1
        begin = len(found) - ((control & 31) << 8) - content[place] - 1
        place += 1
        if begin < 0:
            raise ValueError("it is damaged")
        length += 2
        # A reference may run into what it writes itself: then it repeats.
        part = bytes(found[begin : begin + length])
        found += (part * (length // len(part) + 1))[:length]
    if len(found) != size:
        raise ValueError("it is damaged")
    return bytes(found)
