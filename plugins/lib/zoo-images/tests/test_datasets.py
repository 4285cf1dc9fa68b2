from __future__ import annotations

import gzip
import io
import struct
import zipfile

import numpy as np
import pytest
import torch
from PIL import Image
from zoo_images import datasets
from zoo_images.specs.sources import CIFAR10N
from zoo_images.zipped import read_hierarchy, read_labels, read_zip

import zoo
from zoo_core import BadInput, DataError, fetch


@pytest.mark.parametrize(
    ("name", "mean", "std"), [("fashion-mnist", 0.2860, 0.3530), ("mnist", 0.1307, 0.3081)]
)
def test_official_numbers(data_or_skip, name, mean, std):
    data = data_or_skip(name)
    assert [len(data.rows[split]) for split in data.splits] == [54_000, 6_000, 10_000]
    train = data.images[:60_000].float() / 255
    assert float(train.mean()) == pytest.approx(mean, abs=1e-4)
    assert float(train.std()) == pytest.approx(std, abs=1e-4)
    assert torch.bincount(data.labels[60_000:]).sum() == 10_000
    if name == "fashion-mnist":
        assert data.classes[int(data.labels[0])] == "ankle boot"
        assert torch.equal(torch.bincount(data.labels[:60_000]), torch.full((10,), 6_000))


def test_a_limit_takes_the_first_ones(data_or_skip):
    data = data_or_skip("mnist", limit=1000)
    assert [len(data.rows[split]) for split in data.splits] == [900, 100, 10_000]
    with pytest.raises(BadInput, match="limit=5"):
        zoo.dataset("mnist", limit=5)


def test_other_content_is_refused(tmp_path, monkeypatch):
    """However it is packed: the numbers are pinned, not the gzip file."""
    (tmp_path / "mnist").mkdir()
    for stem in ("train", "t10k"):
        for kind, shape in (("images-idx3", (2, 28, 28)), ("labels-idx1", (2,))):
            header = bytes((0, 0, 8, len(shape))) + struct.pack(f">{len(shape)}I", *shape)
            content = header + bytes(int(np.prod(shape)))
            path = tmp_path / "mnist" / f"{stem}-{kind}-ubyte.gz"
            path.write_bytes(gzip.compress(content))
    monkeypatch.setenv("ZOO_DATA_MIRROR", str(tmp_path))
    with pytest.raises(DataError, match="does not hold the train-images-idx3 of mnist"):
        zoo.dataset("mnist")


def test_human_labels(data_or_skip):
    data = data_or_skip("cifar10n", labels="worst", limit=1_000)
    assert data.images.shape == (3_000, 3, 32, 32)
    _, labels = read_labels(fetch(CIFAR10N["train_labels.csv"]))
    assert (labels["worst"] != labels["clean"]).mean() == pytest.approx(0.4104, abs=1e-4)
    np.testing.assert_array_equal(data.labels[:1_000].numpy(), labels["worst"][:1_000])
    np.testing.assert_array_equal(data.truth[:1_000].numpy(), labels["clean"][:1_000])
    assert torch.bincount(data.targets("test")).tolist() == [200] * 10
    frog = data.images[0].float().mean((1, 2))
    assert data.classes[int(data.truth[0])] == "frog"
    assert frog.min() > 20
    with pytest.raises(BadInput, match="expected one of clean, aggre"):
        zoo.dataset("cifar10n", labels="best")


def test_classes_with_their_superclasses(data_or_skip):
    data = data_or_skip("cifar100", limit=1_000)
    assert data.images.shape == (3_000, 3, 32, 32)
    assert [len(data.rows[split]) for split in data.splits] == [900, 100, 2_000]
    for split, each in (("train", 9), ("val", 1), ("test", 20)):
        assert torch.equal(torch.bincount(data.targets(split)), torch.full((100,), each))
    assert data.classes[0] == "apple" and data.classes[29] == "dinosaur"
    assert len(data.group_names) == 20
    assert data.group_names[data.groups[19]] == "large_omnivores_and_herbivores"
    assert np.bincount(data.groups).tolist() == [5] * 20
    pixels = data.images.float() / 255
    for found, known in ((pixels.mean((0, 2, 3)), data.mean), (pixels.std((0, 2, 3)), data.std)):
        np.testing.assert_allclose(found.numpy(), known, atol=0.01)


def test_every_beginning_and_every_tenth_has_its_share_of_every_class():
    labels = np.repeat(np.arange(100), 100)
    order = datasets.interleaved(labels)
    assert sorted(order) == list(range(10_000))
    learnt, kept = (rows.numpy() for rows in datasets.validation_rows(10_000))
    assert np.bincount(labels[order][kept]).tolist() == [10] * 100
    assert np.bincount(labels[order][learnt]).tolist() == [90] * 100
    assert np.bincount(labels[order][:300]).tolist() == [3] * 100


def test_a_hierarchy_has_one_superclass_a_class(tmp_path):
    path = tmp_path / "hierarchy.csv"
    head = "fine,fine_name,coarse,coarse_name\n"
    path.write_text(head + "0,cat,0,animals\n1,car,1,vehicles\n2,dog,0,animals\n")
    found = read_hierarchy(path)
    assert found.classes == ("cat", "car", "dog")
    assert found.groups == (0, 1, 0) and found.group_names == ("animals", "vehicles")
    for rows, words in (
        ("0,cat,0,animals\n0,cat,1,vehicles\n", "a class twice"),
        ("0,cat,0,animals\n1,dog,0,beasts\n", "a superclass in two ways"),
        ("0,cat,0,animals\n2,dog,0,animals\n", "leaves out numbers"),
        ("0,cat,one,animals\n", "expected the columns"),
    ):
        path.write_text(head + rows)
        with pytest.raises(DataError, match=words):
            read_hierarchy(path)


def test_zipped_images_are_named_when_they_are_missing_or_broken(tmp_path):
    path = tmp_path / "images.zip"
    content = io.BytesIO()
    Image.new("RGB", (4, 4), (1, 2, 3)).save(content, "WEBP", lossless=True)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.webp", content.getvalue())
        archive.writestr("b.webp", content.getvalue()[:20])
    found = read_zip(path, ["a.webp", "a.webp"])
    assert found.shape == (2, 3, 4, 4) and found[0, :, 0, 0].tolist() == [1, 2, 3]
    for name in ("b.webp", "c.webp"):
        with pytest.raises(DataError, match=name.replace(".", r"\.")):
            read_zip(path, [name])
    path.write_bytes(path.read_bytes()[:30])
    with pytest.raises(DataError, match="lacks images"):
        read_zip(path, ["a.webp", "a.webp"])
