from __future__ import annotations

import hashlib
import os

import numpy as np
import pytest
import torch
from zoo_images import cifar, datasets, human
from zoo_images.specs import sources

import zoo
from zoo_core import BadInput, DataError


def labels(count=40, classes=10):
    """As the labels of the small archive, every fifth of the people's wrong."""
    clean = np.arange(count) % classes
    wrong = np.where(np.arange(count) % 5 == 0, (clean + 1) % classes, clean)
    return clean, wrong


def published(path, classes=10):
    """Write a file as CIFAR-N publishes it, in the format that its suffix tells."""
    clean, wrong = labels(classes=classes)
    names = ("clean_label", "noisy_label")
    if classes == 10:
        names = ("clean_label", "aggre_label", "random_label1", "random_label2", "random_label3",
                 "worse_label")  # fmt: skip
    given = {name: wrong if i else clean for i, name in enumerate(names)}
    if path.suffix == ".pt":
        torch.save(given, path)
    elif path.suffix == ".npy":
        np.save(path, np.array(given, dtype=object), allow_pickle=True)
    else:
        np.savez(path, **{name.removesuffix("_label"): one for name, one in given.items()})
    return path


@pytest.mark.parametrize("suffix", [".pt", ".npy", ".npz"])
def test_every_published_format_is_read(suffix, tmp_path):
    found = human.read_human(published(tmp_path / f"CIFAR-100_human{suffix}", 4))
    clean, wrong = labels(classes=4)
    np.testing.assert_array_equal(found["clean"], clean)
    np.testing.assert_array_equal(found["noisy"], wrong)


def test_old_pickles_of_torch_are_read(tmp_path):
    """Those before torch 1.6, which are no zip files."""
    path = tmp_path / "old.pt"
    torch.save(
        {"clean_label": np.arange(4), "noisy_label": np.arange(4).astype(np.uint8)},
        path,
        _use_new_zipfile_serialization=False,
    )
    assert human.read_human(path)["noisy"].tolist() == [0, 1, 2, 3]


class Evil:
    def __reduce__(self):
        return (os.mkdir, ("harm",))


@pytest.mark.parametrize("suffix", [".pt", ".npy"])
def test_a_file_that_asks_for_code_is_refused(suffix, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / f"evil{suffix}"
    if suffix == ".pt":
        torch.save({"clean_label": Evil()}, path)
    else:
        np.save(path, np.array({"clean_label": Evil()}, dtype=object), allow_pickle=True)
    with pytest.raises(DataError, match="mkdir"):
        human.read_human(path)
    assert not (tmp_path / "harm").exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ([1, 2], "holds a list"),
        ({"clean_label": np.arange(3) / 2}, "no class indices"),
        ({"noisy_label": np.arange(3)}, "expected clean labels"),
        ({"clean_label": np.arange(3), "noisy_label": np.arange(2)}, "one of each"),
    ],
    ids=["a list", "fractions", "no clean ones", "of two lengths"],
)
def test_other_content_is_refused(content, words, tmp_path):
    torch.save(content, tmp_path / "it.pt")
    if "clean_label" in content and content["clean_label"].dtype.kind == "f":
        words = "no class indices|cannot be read"
    with pytest.raises(DataError, match=words):
        human.read_human(tmp_path / "it.pt")


@pytest.mark.parametrize("suffix", [".pt", ".npy", ".npz"])
def test_a_damaged_file_is_refused(suffix, tmp_path):
    path = published(tmp_path / f"it{suffix}")
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(DataError, match=r"it\."):
        human.read_human(path)


def test_people_label_the_images_they_saw(official, tmp_path):
    data = datasets.published(cifar.read_cifar(official.ten(tmp_path / "cifar", binary=False)))
    given = human.read_human(published(tmp_path / "CIFAR-10_human.pt"))
    found = human.with_human_labels(data, given, "worst")
    clean, wrong = labels()
    np.testing.assert_array_equal(found.labels[: official.train].numpy(), wrong)
    np.testing.assert_array_equal(found.truth[: official.train].numpy(), clean)
    assert torch.equal(found.targets("test"), data.targets("test"))
    with pytest.raises(BadInput, match="expected one of clean, aggre"):
        human.with_human_labels(data, given, "best")
    other = {name: np.roll(one, 1) for name, one in given.items()}
    with pytest.raises(BadInput, match="other images or to another order"):
        human.with_human_labels(data, other, "worst")
    with pytest.raises(BadInput, match="39 for 40 images"):
        human.with_human_labels(data, {k: one[1:] for k, one in given.items()}, "worst")


@pytest.fixture
def small_archives(official, tmp_path, monkeypatch):
    """A mirror with small files where the official ones would be, pinned as they are."""
    for name, make, classes in (("cifar10", official.ten, 10), ("cifar100", official.hundred, 4)):
        archive = official.packed(make(tmp_path / name / "it", binary=False))
        path = archive.rename(tmp_path / sources.OFFICIAL[name].path)
        digest = hashlib.md5(path.read_bytes()).hexdigest()
        monkeypatch.setitem(datasets.OFFICIAL_MD5, name, digest)
        file = tmp_path / sources.HUMAN[f"{name}n"].path
        file.parent.mkdir(exist_ok=True)
        clean, wrong = labels(classes=classes)
        kinds = len(human.PINNED[f"{name}n"])
        content = b"".join(
            one.astype(np.uint8).tobytes() for one in (clean, *[wrong] * (kinds - 1))
        )
        digest = hashlib.sha256(content).hexdigest()
        monkeypatch.setitem(human.HUMAN_HASHES, f"{name}n", digest)
        published(file, classes)
    monkeypatch.setenv("ZOO_DATA_MIRROR", str(tmp_path))
    return tmp_path


def test_the_whole_of_both_from_the_official_files(small_archives, official):
    data = zoo.dataset("cifar10n", labels="worst", full=True)
    wrong = labels()[1]
    np.testing.assert_array_equal(data.labels[: official.train].numpy(), wrong)
    assert [len(data.rows[name]) for name in data.splits] == [36, 4, 12]
    few = zoo.dataset("cifar100", full=True, limit=20)
    assert [len(few.rows[name]) for name in few.splits] == [18, 2, 12]
    assert few.group_names == official.coarse
    noisy = zoo.dataset("noisy-cifar100", kind="human", full=True)
    np.testing.assert_array_equal(noisy.labels[: official.train].numpy(), labels(classes=4)[1])
    assert noisy.noise.kind == "human" and noisy.noise.realised == pytest.approx(0.2)
    drawn = zoo.dataset("noisy-cifar100", kind="human-matrix", full=True)
    assert drawn.noise.kind == "human-matrix"
    np.testing.assert_allclose(drawn.noise.transition, noisy.noise.transition)
    worst = zoo.dataset("noisy-cifar10n", kind="worst", full=True, limit=20)
    assert [len(worst.rows[name]) for name in ("train", "val", "test-noisy")] == [18, 2, 12]


def test_other_archives_and_other_labels_are_refused(small_archives, monkeypatch):
    monkeypatch.setitem(human.HUMAN_HASHES, "cifar10n", "0" * 64)
    with pytest.raises(DataError, match="other labels than those of cifar10n"):
        zoo.dataset("cifar10n", full=True)
    monkeypatch.setitem(datasets.OFFICIAL_MD5, "cifar10", "0" * 32)
    with pytest.raises(DataError, match="is not the official archive of cifar10"):
        zoo.dataset("cifar10n", full=True)


def test_the_mirrors_labels_are_the_pinned_ones(data_or_skip):
    data_or_skip("noisy-cifar10n", limit=10)
    for name, rate in (("cifar10n", 0.4021), ("cifar100n", 0.4020)):
        found = human.human_labels(name)
        kind = human.PINNED[name][-1]
        assert (found[kind] != found["clean"]).mean() == pytest.approx(rate, abs=1e-4)
        assert found["clean"].shape == (50_000,)
