from __future__ import annotations

import io
import shutil
import tracemalloc
import warnings

import numpy as np
import pytest
import torch
from PIL import Image
from zoo_images.preprocessing import Preprocessing
from zoo_images.reading import read_labelled

from zoo_core import BadInput, Notice

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


@pytest.fixture
def table(folder, tmp_path):
    """Write a table of three files of each class, changed by a function of its lines."""

    def write(change):
        lines = [f"pictures/{name}/{i}.png,{name}" for name in ("dark", "light") for i in range(3)]
        (tmp_path / "labels.csv").write_text("\n".join(["file,label", *change(lines)]))
        return tmp_path / "labels.csv"

    return write


def test_files_that_a_table_does_not_name_are_told(table):
    with pytest.warns(Notice, match=r"18 files were left out .*labels.csv does not name them"):
        data = read_labelled(table(lambda lines: lines))
    assert len(data) == 6


def test_a_file_named_twice(table):
    with (
        pytest.warns(Notice, match=r"1 repeated rows .*0\.png comes twice"),
        pytest.warns(Notice, match="does not name them"),
    ):
        data = read_labelled(table(lambda lines: [*lines, lines[0]]))
    assert len(data) == 6
    with pytest.raises(BadInput, match=r"dark/0\.png twice, in rows 1 and 7, with different"):
        read_labelled(table(lambda lines: [*lines, "pictures/../pictures/dark/0.png,light"]))


@pytest.mark.parametrize("line", ["pictures/dark/5.png,", ",dark"])
def test_an_empty_cell_is_named(table, line):
    missing = "label" if line.endswith(",") else "file"
    with pytest.raises(BadInput, match=f"Row 7 of .* has no {missing}"):
        read_labelled(table(lambda lines: [*lines, line]))


def test_files_that_are_missing_are_counted(table):
    more = [f"pictures/dark/gone{i}.png,dark" for i in range(3)]
    with pytest.raises(BadInput, match=r"gone0\.png, which is not there \(3 of 9 are missing\)"):
        read_labelled(table(lambda lines: [*lines, *more]))


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


def test_hidden_files_are_no_images_and_no_classes(folder):
    for name in ("dark/._1.png", "dark/.DS_Store", "light/Thumbs.db", "._dark", ".DS_Store"):
        (folder / name).write_bytes(b"nothing")
    for name in (".git", "__MACOSX", "@eaDir"):
        (folder / name).mkdir()
        (folder / name / "1.png").write_bytes(b"nothing")
    (folder / "dark" / ".cache").mkdir()
    (folder / "dark" / ".cache" / "1.png").write_bytes(b"nothing")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        data = read_labelled(folder)
    assert data.classes == ("dark", "light") and len(data) == 24


def test_what_is_no_image_or_has_no_class_is_told(folder):
    (folder / "dark" / "notes.txt").write_text("dark ones")
    (folder / "dark" / "IMG_1.HEIC").write_bytes(b"")
    Image.new("L", (4, 4)).save(folder / "loose.png")
    with (
        pytest.warns(Notice, match=r"2 files were left out of .*dark: no images .*IMG_1\.HEIC"),
        pytest.warns(Notice, match=r"1 file was left out .* in no class's folder \(loose\.png\)"),
    ):
        assert len(read_labelled(folder)) == 24


def test_one_name_in_two_classes_is_two_images(folder):
    data = read_labelled(folder)
    assert [path.name for path in data.images].count("0.png") == 2
    assert len(set(data.images)) == 24
    deep = folder / "dark" / "deep"
    deep.mkdir()
    shutil.copy(folder / "dark" / "0.png", deep / "0.png")
    assert len(read_labelled(folder)) == 25


def test_a_split_is_never_guessed(folder, tmp_path):
    for part in ("train", "test", "val", "valid"):
        shutil.copytree(folder, tmp_path / "twice" / part)
    with pytest.raises(BadInput, match="val, valid; a split needs train and test"):
        read_labelled(tmp_path / "twice")
    for part in ("train", "test", "rest"):
        shutil.copytree(folder, tmp_path / "more" / part)
    with pytest.raises(BadInput, match=r"rest, test, train; a split needs .* nothing else"):
        read_labelled(tmp_path / "more")
    # Trains and planes are classes.
    shutil.copytree(folder / "dark", tmp_path / "vehicles" / "train")
    shutil.copytree(folder / "light", tmp_path / "vehicles" / "plane")
    assert read_labelled(tmp_path / "vehicles").classes == ("plane", "train")
    shutil.rmtree(tmp_path / "more" / "rest")
    assert read_labelled(tmp_path / "more").splits == ("train", "val", "test")
    with pytest.raises(BadInput, match="fold=1 has no say"):
        read_labelled(tmp_path / "more", fold=1)


def test_a_folder_of_files_is_read_as_it_is_asked_for(tmp_path):
    """A thousand files take little memory until they are read, and a batch when they are."""
    content = io.BytesIO()
    Image.new("RGB", (64, 64), (9, 99, 200)).save(content, "PNG")
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        for i in range(500):
            (tmp_path / name / f"{i}.png").write_bytes(content.getvalue())
    tracemalloc.start()
    data = read_labelled(tmp_path)
    assert tracemalloc.get_traced_memory()[0] < 4e5  # 400 bytes a file; the pixels take 12 MB
    tracemalloc.stop()
    opened = []
    original = Image.open
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Image, "open", lambda path, **more: (opened.append(path), original(path))[1])
        batch = data.tensors(data.rows["test"][:16], MADE)
    assert batch.shape == (16, 3, 16, 16) and len(opened) == 16
