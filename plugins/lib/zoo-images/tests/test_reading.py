from __future__ import annotations

import shutil

import numpy as np
import pytest
import torch
from PIL import Image
from zoo_images.preprocessing import Preprocessing
from zoo_images.reading import read_labelled

from zoo_core import BadInput

MADE = Preprocessing((16, 16), 3, (0.5,) * 3, (0.5,) * 3)


def test_a_folder_for_each_class(folder):
    data = read_labelled(folder)
    assert data.classes == ("dark", "light")
    assert data.splits == ("train", "val", "test")
    everything = torch.cat([data.rows[name] for name in data.splits])
    assert everything.sort().values.tolist() == list(range(24))
    for name in data.splits:  # each with its share of every class
        assert torch.bincount(data.targets(name)).min() >= 2
    images = data.tensors(data.rows["test"], MADE)
    assert images.shape == (len(data.rows["test"]), 3, 16, 16)
    bright = images.mean((1, 2, 3)) > 0
    assert torch.equal(bright.long(), data.targets("test"))


def test_folds_are_disjoint_and_cover_everything(folder):
    tests = [read_labelled(folder, fold=i, folds=4).rows["test"] for i in range(4)]
    assert torch.cat(tests).sort().values.tolist() == list(range(24))
    with pytest.raises(BadInput, match="fold 4 of 4"):
        read_labelled(folder, fold=4, folds=4)


def test_an_official_split_is_taken_as_it_is(folder, tmp_path):
    for part in ("train", "test"):
        shutil.copytree(folder, tmp_path / "split" / part)
    data = read_labelled(tmp_path / "split")
    assert len(data.rows["test"]) == 24
    assert len(data.rows["train"]) + len(data.rows["val"]) == 24
    assert all("test" in str(data.images[i]) for i in data.rows["test"].tolist())
    shutil.rmtree(tmp_path / "split" / "test")
    shutil.copytree(folder, tmp_path / "split" / "valid")
    with pytest.raises(BadInput, match="needs train and test"):
        read_labelled(tmp_path / "split")


def test_a_table_of_files(folder, tmp_path):
    lines = ["file,label,checked"]
    for name in ("dark", "light"):
        lines += [f"pictures/{name}/{i}.png,{name},{'light' if i < 2 else name}" for i in range(12)]
    table = tmp_path / "labels.csv"
    table.write_text("\n".join(lines))
    data = read_labelled(table)
    assert data.truth is None
    assert data.labels.tolist() == [0] * 12 + [1] * 12
    data = read_labelled(table, truth="checked")
    assert data.truth.tolist() == [1, 1] + [0] * 10 + [1] * 12
    assert torch.equal(data.targets("test"), data.truth[data.rows["test"]])
    assert torch.equal(data.targets("train"), data.labels[data.rows["train"]])
    with pytest.raises(BadInput, match="kind"):
        read_labelled(table, label="kind")
    table.write_text("file,label\ngone.png,a\nalso.png,b\n")
    with pytest.raises(BadInput, match=r"names .*gone\.png, which is not there"):
        read_labelled(table)


def test_a_data_frame(folder):
    pandas = pytest.importorskip("pandas")
    files = sorted(map(str, folder.rglob("*.png")))
    frame = pandas.DataFrame({"path": files, "label": ["dark"] * 12 + ["light"] * 12})
    data = read_labelled(frame, file="path")
    assert torch.equal(data.labels, read_labelled(folder).labels)


def test_arrays_and_labels():
    rng = np.random.default_rng(0)
    images = rng.integers(0, 255, (30, 8, 8, 3)).astype(np.uint8)
    labels = np.arange(30) % 3 + 8
    data = read_labelled((images.transpose(0, 3, 1, 2), labels))
    assert data.classes == ("8", "9", "10")  # numbers in their own order
    assert data.channels == 3
    with pytest.raises(BadInput, match="expected uint8"):
        read_labelled((images / 255, labels))
    with pytest.raises(BadInput, match="30 images and 29 labels"):
        read_labelled((images.transpose(0, 3, 1, 2), labels[1:]))


def test_what_leaves_nothing_to_learn_is_refused(folder, tmp_path):
    with pytest.raises(BadInput, match="There is no folder or table"):
        read_labelled(tmp_path / "gone")
    with pytest.raises(BadInput, match="from a int"):
        read_labelled(3)
    with pytest.raises(BadInput, match="has no folders"):
        read_labelled(folder / "dark")
    (tmp_path / "one" / "dark").mkdir(parents=True)
    for i in range(4):
        Image.new("L", (4, 4)).save(tmp_path / "one" / "dark" / f"{i}.png")
    with pytest.raises(BadInput, match="All images are labelled dark"):
        read_labelled(tmp_path / "one")
    (tmp_path / "one" / "rare").mkdir()
    with pytest.raises(BadInput, match="has no image"):
        read_labelled(tmp_path / "one")
    Image.new("L", (4, 4)).save(tmp_path / "one" / "rare" / "1.png")
    with pytest.raises(BadInput, match="fewer than 3 images of rare"):
        read_labelled(tmp_path / "one")


def test_an_unbalanced_folder_has_every_class_in_every_split(folder):
    for i in range(3, 12):
        (folder / "dark" / f"{i}.png").unlink()
    for fold in range(5):
        data = read_labelled(folder, fold=fold)
        for name in data.splits:
            assert torch.bincount(data.targets(name), minlength=2).min() >= 1
