from __future__ import annotations

import gzip
import struct

import numpy as np
import pytest
from zoo_images.idx import read_idx

from zoo_core import DataError


def idx(array, code):
    header = bytes((0, 0, code, array.ndim)) + struct.pack(f">{array.ndim}I", *array.shape)
    return header + array.astype(array.dtype.newbyteorder(">")).tobytes()


@pytest.mark.parametrize(
    ("kind", "code"), [("u1", 8), ("i1", 9), ("i2", 11), ("i4", 12), ("f4", 13), ("f8", 14)]
)
@pytest.mark.parametrize("packed", [False, True])
def test_every_type_plain_and_gzipped(tmp_path, kind, code, packed):
    array = np.arange(24).reshape(2, 3, 4).astype(kind)
    content = idx(array, code)
    path = tmp_path / "it"
    path.write_bytes(gzip.compress(content) if packed else content)
    found = read_idx(path)
    assert found.dtype == np.dtype(kind)
    np.testing.assert_array_equal(found, array)
    np.testing.assert_array_equal(read_idx(content), array)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is not an IDX file"),
        (b"PNG!", "is not an IDX file"),
        (b"\0\0\x08\x03\0\0", "cut off in its header"),
        (idx(np.zeros((2, 3), np.uint8), 8)[:-1], "promises 18"),
        (idx(np.zeros((2, 3), np.uint8), 8) + b"!", "promises 18"),
        (gzip.compress(b"\0\0\x08\x01\0\0\0\1\7", mtime=0)[:-4], "damaged gzip"),
        # A header that promises more than any memory has.
        (b"\0\0\x08\x03" + b"\xff" * 12, "promises"),
    ],
)
def test_damaged_files_are_refused(content, words):
    with pytest.raises(DataError, match=words):
        read_idx(content)
