from __future__ import annotations

import io
import pickle
import tarfile

import numpy as np
import pytest
from zoo_images import cifar

from zoo_core import DataError


def batch(count, seed=0, **labels):
    rng = np.random.default_rng(seed)
    return {b"data": rng.integers(0, 255, (count, 3072)).astype(np.uint8), **labels}


def archive(tmp_path, **members):
    path = tmp_path / "cifar.tar.gz"
    with tarfile.open(path, "w:gz") as stream:
        for name, value in members.items():
            content = value if isinstance(value, bytes) else pickle.dumps(value)
            info = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            info.size = len(content)
            stream.addfile(info, io.BytesIO(content))
    return path


def test_batches_are_put_together_in_order(tmp_path):
    parts = {f"data_batch_{i}": batch(4, i, **{}) | {b"labels": [i] * 4} for i in (2, 1)}
    path = archive(tmp_path, test_batch=batch(3) | {b"labels": [0, 1, 2]}, **parts)
    found = cifar.read_archive(path)
    assert found["train"]["labels"].tolist() == [1] * 4 + [2] * 4
    assert found["train"]["images"].shape == (8, 3, 32, 32)
    assert found["test"]["labels"].tolist() == [0, 1, 2]


def test_fine_and_coarse_labels(tmp_path):
    one = batch(2) | {b"fine_labels": [5, 6], b"coarse_labels": [1, 2]}
    found = cifar.read_archive(archive(tmp_path, train=one, test=one))
    assert found["test"]["coarse_labels"].tolist() == [1, 2]


def test_a_pickle_that_asks_for_code_is_refused(tmp_path):
    class Evil:
        def __reduce__(self):
            return (print, ("run",))

    with pytest.raises(DataError, match=r"builtins\.print"):
        cifar.read_batch(pickle.dumps({b"data": Evil()}), "it")


@pytest.mark.parametrize(
    "content",
    [b"", b"nothing", pickle.dumps([1]), pickle.dumps({b"labels": [1]}), pickle.dumps(batch(2))],
)
def test_damaged_batches_are_refused(content):
    with pytest.raises(DataError, match="it "):
        cifar.read_batch(content, "it")


def test_an_archive_without_batches_is_refused(tmp_path):
    with pytest.raises(DataError, match="lacks training or test batches"):
        cifar.read_archive(archive(tmp_path, readme=b"hello"))
    (tmp_path / "cut.tar.gz").write_bytes(b"\x1f\x8b\x08")
    with pytest.raises(DataError, match="damaged archive"):
        cifar.read_archive(tmp_path / "cut.tar.gz")
