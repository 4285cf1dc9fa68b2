"""IDX, the format of MNIST and its relatives: a header that tells type and sizes, then numbers."""

from __future__ import annotations

import gzip
import io
import struct
import zlib
from pathlib import Path

import numpy as np

from zoo_core import DataError

TYPES = {8: ">u1", 9: ">i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}
LARGEST = 2**31
"""Bytes that a file may unfold to: no known set of this format is as large."""


def read_idx(source: str | Path | bytes) -> np.ndarray:
    """Return the array of an IDX file, plain or gzipped, in the machine's byte order.

    Raises `DataError` for a file that is no IDX, is cut off, or is longer than it says.
    """
    label = "The IDX file" if isinstance(source, bytes) else str(source)
    content = source if isinstance(source, bytes) else Path(source).read_bytes()
    if content[:2] == b"\x1f\x8b":
        content = _unzipped(content, label)
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] not in TYPES:
        raise DataError(
            f"{label} is not an IDX file (it begins with {content[:4].hex() or 'nothing'}); "
            "expected 0000, a type and the number of dimensions."
        )
    kind, dimensions = np.dtype(TYPES[content[2]]), content[3]
    start = 4 + 4 * dimensions
    if len(content) < start:
        raise DataError(f"{label} is cut off in its header; get it again.")
    shape = struct.unpack(f">{dimensions}I", content[4:start])
    expected = start + kind.itemsize * int(np.prod(shape, dtype=object))
    if len(content) != expected:
        raise DataError(
            f"{label} has {len(content):,} bytes; its header promises {expected:,} for {shape}. "
            "Get it again."
        )
    values = np.frombuffer(content, kind, offset=start).reshape(shape)
    return values.astype(kind.newbyteorder("="))


def _unzipped(content: bytes, label: str) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as stream:
            found = stream.read(LARGEST + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{label} is a damaged gzip file ({error}); get it again.") from error
    if len(found) > LARGEST:
        raise DataError(f"{label} unfolds to over {LARGEST:,} bytes; that is no set of images.")
    return found
