from __future__ import annotations

import pickle

import numpy as np
import pytest
import torch
from zoo_images import cifar, datasets

from zoo_core import DataError

VERSIONS = ("10 python", "10 binary", "100 python", "100 binary")


@pytest.fixture
def make(official, tmp_path):
    """Make the folder of a version."""

    def one(version):
        write = official.ten if version.startswith("10 ") else official.hundred
        return write(tmp_path / "cifar", binary=version.endswith("binary"))

    return one


@pytest.mark.parametrize("packed", [False, True], ids=["folder", "archive"])
@pytest.mark.parametrize("version", VERSIONS)
def test_every_published_version_is_read_in_its_order(version, packed, make, official):
    folder = make(version)
    found = cifar.read_cifar(official.packed(folder) if packed else folder)
    for part, count, seed in (("train", 40, 0), ("test", 12, 1)):
        expected = official.pixels(count, seed).reshape(-1, 3, 32, 32)
        np.testing.assert_array_equal(found.parts[part]["images"], expected)
    data = datasets.published(found)
    assert data.splits == ("train", "val", "test")
    if version.startswith("10 "):
        assert data.classes[3] == "class 3" and not data.groups
        assert data.labels.tolist() == [*(i % 10 for i in range(40)), *(i % 10 for i in range(12))]
    else:
        assert data.classes == official.fine
        assert data.groups == (1, 0, 1, 0) and data.group_names == official.coarse
        assert data.targets("test").tolist() == [i % 4 for i in range(12)]


def test_a_class_in_two_superclasses_is_refused(make):
    found = cifar.read_cifar(make("100 binary"))
    found.parts["train"]["coarse_labels"][0] ^= 1
    with pytest.raises(DataError, match="two superclasses"):
        datasets.published(found)


@pytest.mark.parametrize(
    ("version", "lost", "words"),
    [
        ("10 python", "data_batch_3", "lacks data_batch_3"),
        ("10 binary", "test_batch.bin", "lacks training or test batches"),
        ("100 python", "meta", "lacks meta"),
        ("100 binary", "fine_label_names.txt", "lacks fine_label_names.txt"),
        ("100 binary", "train.bin", "lacks train.bin"),
    ],
)
def test_what_is_missing_is_named(version, lost, words, make):
    folder = make(version)
    (folder / lost).unlink()
    with pytest.raises(DataError, match=words):
        cifar.read_cifar(folder)


def test_without_names_ten_classes_have_their_own(make):
    folder = make("10 binary")
    (folder / "batches.meta.txt").unlink()
    assert cifar.read_cifar(folder).names["labels"] == cifar.CLASSES


def test_a_limit_leaves_the_test_as_it_is(make):
    data = datasets.published(cifar.read_cifar(make("10 binary")))
    few = datasets.limited(data, 20)
    assert [len(few.rows[name]) for name in few.splits] == [18, 2, 12]
    assert torch.equal(few.targets("test"), data.targets("test"))


def test_a_pickle_that_asks_for_code_is_refused():
    class Evil:
        def __reduce__(self):
            return (print, ("run",))

    with pytest.raises(DataError, match=r"builtins\.print"):
        cifar.read_batch(pickle.dumps({b"data": Evil()}), "it")


UNLABELLED = {b"data": np.zeros((2, 3072), np.uint8)}


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"nothing", id="words"),
        pytest.param(pickle.dumps([1]), id="a list"),
        pytest.param(pickle.dumps({b"labels": [1]}), id="no pixels"),
        pytest.param(pickle.dumps(UNLABELLED), id="no labels"),
        pytest.param(pickle.dumps(UNLABELLED | {b"labels": [1]}), id="too few labels"),
        pytest.param(pickle.dumps({b"data": [1, 2], b"labels": [1]}), id="too few pixels"),
        pytest.param(pickle.dumps(UNLABELLED)[:-20], id="cut off"),
    ],
)
def test_damaged_batches_are_refused(content):
    with pytest.raises(DataError, match="it "):
        cifar.read_batch(content, "it")


def test_damaged_binaries_are_refused(make):
    folder = make("10 binary")
    batch = folder / "data_batch_2.bin"
    whole = batch.read_bytes()
    batch.write_bytes(whole[:-1])
    with pytest.raises(DataError, match=r"data_batch_2.bin in .* multiple of 3,073"):
        cifar.read_cifar(folder)
    batch.write_bytes(b"\x0a" + whole[1:])
    with pytest.raises(DataError, match="none of the 10 classes"):
        cifar.read_cifar(folder)


def test_a_damaged_archive_is_refused(make, official, tmp_path):
    (tmp_path / "cut.tar.gz").write_bytes(b"\x1f\x8b\x08")
    with pytest.raises(DataError, match="damaged archive"):
        cifar.read_cifar(tmp_path / "cut.tar.gz")
    path = official.packed(make("10 python"))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(DataError, match="damaged archive"):
        cifar.read_cifar(path)
