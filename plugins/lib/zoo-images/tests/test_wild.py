"""Miniatures of published data sets with real noise, read by the one reader of folders."""

from __future__ import annotations

import gzip
import struct

import numpy as np
import pytest
import torch
from PIL import Image
from zoo_images import wild
from zoo_images.preprocessing import Preprocessing
from zoo_images.reading import read_labelled

from zoo_core import BadInput, DataError

SMALL = Preprocessing((8, 8), 3, (0.5,) * 3, (0.5,) * 3)


def picture(path, level=100):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 8), (level, level, level)).save(path)


def lines(path, *content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(content) + "\n")


@pytest.fixture
def animals(tmp_path):
    """Four training images and two test images of each class."""
    for place, count in (("training", 4), ("testing", 2)):
        for label in range(10):
            for i in range(count):
                picture(tmp_path / "animal" / place / f"{label}_{i}.png", 20 * label)
    return tmp_path / "animal"


def test_animals_are_labelled_by_their_file_names(animals):
    (animals / "training" / "Thumbs.db").write_bytes(b"")
    data = read_labelled(animals)
    assert data.classes[:2] == ("cat", "lynx")
    assert data.groups == (0, 0, 1, 1, 2, 2, 3, 3, 4, 4) and len(data.group_names) == 5
    assert [len(data.rows[name]) for name in data.splits] == [30, 10, 20]
    for name, each in (("train", 3), ("val", 1), ("test", 2)):
        assert torch.bincount(data.targets(name)).tolist() == [each] * 10
        images = data.tensors(data.rows[name], SMALL)
        levels = ((images[:, 0, 0, 0] / 2 + 0.5) * 255).round().long() // 20
        assert torch.equal(levels, data.targets(name))
    with pytest.raises(BadInput, match="fold=1 has no say"):
        read_labelled(animals, fold=1)


def test_an_animal_without_a_number_is_named(animals):
    picture(animals / "testing" / "lynx.png")
    with pytest.raises(BadInput, match=r"testing.lynx\.png tells no class"):
        read_labelled(animals)


def test_training_and_testing_with_folders_of_classes_are_no_animals(animals, tmp_path):
    for part in ("training", "testing"):
        for name in ("0_small", "1_large"):
            for i in range(3):
                picture(tmp_path / "mine" / part / name / f"{i}.png")
    assert read_labelled(tmp_path / "mine").classes == ("0_small", "1_large")


@pytest.fixture(params=["annotations", "."])
def clothing(request, tmp_path):
    """Six noisy images, of which one has a clean label too; two clean ones in each other part."""
    folder = tmp_path / "clothing"
    place = folder / request.param
    keys = [f"images/0/{i % 3}/{i},{i}.jpg" for i in range(12)]
    for key in keys:
        picture(folder / key)
    lines(place / "noisy_label_kv.txt", *(f"{key} {i % 3}" for i, key in enumerate(keys[:8])))
    lines(place / "clean_label_kv.txt", *(f"{key} 2" for key in keys[6:]))
    lines(place / "noisy_train_key_list.txt", *keys[:6])
    for part, chosen in (("train", keys[6:8]), ("val", keys[8:10]), ("test", keys[10:])):
        lines(place / f"clean_{part}_key_list.txt", *chosen)
    lines(place / "category_names_eng.txt", "T-Shirt", "Shirt", "Knitwear")
    return folder, place


def test_clothes_have_noisy_and_clean_labels(clothing):
    folder, _ = clothing
    data = read_labelled(folder)
    assert data.classes == ("T-Shirt", "Shirt", "Knitwear")
    assert data.splits == ("train", "val", "test", "clean-train")
    assert data.targets("train").tolist() == [0, 1, 2, 0, 1, 2]
    assert data.targets("test").tolist() == data.targets("clean-train").tolist() == [2, 2]
    assert data.images[6].name == "6,6.jpg"
    assert data.tensors(data.rows["test"], SMALL).shape == (2, 3, 8, 8)
    true, given = wild.clothing1m_pairs(folder)
    assert (true.tolist(), given.tolist()) == ([2, 2], [0, 1])


def test_clothes_unpacked_beside_their_lists(clothing):
    folder, _ = clothing
    for one in (folder / "images").iterdir():
        one.rename(folder / one.name)
    (folder / "images").rmdir()
    assert len(read_labelled(folder)) == 12


def test_what_is_wrong_with_clothes_is_named(clothing):
    folder, place = clothing
    (folder / "images" / "0" / "1" / "4,4.jpg").unlink()
    with pytest.raises(BadInput, match=r"4,4\.jpg, which is not there"):
        read_labelled(folder)
    lines(place / "clean_val_key_list.txt", "images/0/9/9,9.jpg")
    with pytest.raises(BadInput, match=r"clean_val_key_list.txt names .* clean_label_kv.txt gives"):
        read_labelled(folder)
    lines(place / "clean_label_kv.txt", "images/0/9/9,9.jpg two")
    with pytest.raises(BadInput, match=r"Line 1 of .*expected a key and its label"):
        read_labelled(folder)
    (place / "clean_label_kv.txt").unlink()
    with pytest.raises(BadInput, match=r"There is no .*clean_label_kv"):
        read_labelled(folder)


@pytest.fixture
def food(tmp_path):
    """Ten images of each of two dishes; two of each were checked for the test."""
    folder = tmp_path / "food"
    keys = [f"{name}/{i}.jpg" for name in ("apple_pie", "waffles") for i in range(10)]
    for key in keys:
        picture(folder / "images" / key)
    lines(folder / "meta" / "imagelist.tsv", "class_name/key", *keys)
    head = "class_name/key\tverification_label"
    checked = [f"{name}/{i}.jpg\t{i % 2}" for name in ("apple_pie", "waffles") for i in (8, 9)]
    lines(folder / "meta" / "verified_val.tsv", head, *checked)
    checked = [f"{name}/{i}.jpg\t{int(i > 0)}" for name in ("apple_pie", "waffles") for i in (0, 1)]
    lines(folder / "meta" / "verified_train.tsv", head, *checked)
    return folder


def test_food_is_tested_on_what_was_checked(food):
    data = read_labelled(food)
    assert data.classes == ("apple_pie", "waffles")
    tested = [str(data.images[i].relative_to(food)) for i in data.rows["test"].tolist()]
    assert tested == ["images/apple_pie/9.jpg", "images/waffles/9.jpg"]
    learnt = torch.cat([data.rows["train"], data.rows["val"]])
    assert len(learnt) == 16 and not set(learnt.tolist()) & set(data.rows["test"].tolist())
    assert all(data.images[i].stem == "1" for i in data.rows["clean-train"].tolist())
    assert wild.food101n_checked(food) == (4, 8)
    assert data.tensors(data.rows["val"], SMALL).shape[1:] == (3, 8, 8)


def test_what_is_wrong_with_food_is_named(food):
    lines(food / "meta" / "classes.txt", "class_name", "apple_pie")
    with pytest.raises(BadInput, match=r"images of waffles, which .*classes.txt lacks"):
        read_labelled(food)
    (food / "meta" / "classes.txt").unlink()
    lines(food / "meta" / "verified_train.tsv", "apple_pie/0.jpg\tyes")
    with pytest.raises(BadInput, match="says 'yes' of apple_pie"):
        read_labelled(food)
    lines(food / "meta" / "verified_train.tsv", "apple_pie/0.jpg 1")
    with pytest.raises(BadInput, match="2 columns"):
        read_labelled(food)
    (food / "meta" / "verified_train.tsv").unlink()
    with pytest.raises(BadInput, match=r"There is no .*verified_train.tsv"):
        read_labelled(food)


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzipped"])
def test_relatives_of_digits(packed, tmp_path):
    rng = np.random.default_rng(0)
    for part, count in (("train", 30), ("t10k", 10)):
        arrays = {
            "images-idx3": rng.integers(0, 255, (count, 6, 5)).astype(np.uint8),
            "labels-idx1": (np.arange(count) % 3).astype(np.uint8),
        }
        for kind, array in arrays.items():
            head = bytes((0, 0, 8, array.ndim)) + struct.pack(f">{array.ndim}I", *array.shape)
            content = head + array.tobytes()
            name = f"{part}-{kind}-ubyte"
            if packed:
                (tmp_path / f"{name}.gz").write_bytes(gzip.compress(content))
            else:
                (tmp_path / name).write_bytes(content)
    data = read_labelled(tmp_path)
    assert data.images.shape == (40, 1, 6, 5)
    assert [len(data.rows[name]) for name in data.splits] == [27, 3, 10]
    assert data.targets("test").tolist() == [i % 3 for i in range(10)]
    next(tmp_path.glob("t10k-labels*")).unlink()
    with pytest.raises(DataError, match="lacks t10k-labels"):
        read_labelled(tmp_path)


def test_cifar_as_it_is_published(official, tmp_path):
    folder = official.hundred(tmp_path / "cifar", binary=True)
    data = read_labelled(folder)
    assert data.group_names == official.coarse
    assert torch.equal(read_labelled(official.packed(folder)).images, data.images)
    (folder / "train.bin").unlink()
    with pytest.raises(DataError, match="lacks train"):
        read_labelled(folder)
