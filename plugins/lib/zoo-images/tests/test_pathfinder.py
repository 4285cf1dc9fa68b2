"""Pathfinder in a small archive of the real layout."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image
from zoo_images.preprocessing import Preprocessing
from zoo_images.reading import read_labelled

from zoo_core import BadInput, Notice

SMALL = Preprocessing((16, 16), 3, (0.0,) * 3, (1.0,) * 3)
HARD = "curv_contour_length_14"


@pytest.fixture
def archive(tmp_path):
    """Two metadata files of 20 images each, as the archive writes them; white is connected."""
    level = tmp_path / "lra_release" / "pathfinder32" / HARD
    (level / "metadata").mkdir(parents=True)
    for part in (0, 10):
        (level / "imgs" / str(part)).mkdir(parents=True)
        lines = []
        for i in range(20):
            image = np.full((32, 32), 255 * (i % 2), np.uint8)
            Image.fromarray(image).save(level / "imgs" / str(part) / f"sample_{i}.png")
            lines.append(f"imgs/{part} sample_{i}.png {i} {i % 2} 1.2 0 14 2 6 32")
        (level / "metadata" / f"{part}.npy").write_text("\n".join(lines) + "\n")
    return tmp_path / "lra_release"


def test_images_have_the_labels_of_the_metadata(archive):
    data = read_labelled(archive / "pathfinder32" / HARD)
    assert data.classes == ("not connected", "connected")
    assert [len(data.rows[name]) for name in ("train", "val", "test")] == [32, 4, 4]
    assert torch.cat([*data.rows.values()]).sort().values.tolist() == list(range(40))
    for name in data.splits:
        images = data.tensors(data.rows[name], SMALL)
        assert torch.equal((images.mean((1, 2, 3)) > 0.5).long(), data.targets(name))
    with pytest.raises(BadInput, match="fold=1 has no say"):
        read_labelled(archive / "pathfinder32" / HARD, fold=1)


def test_an_empty_image_is_left_out(archive):
    level = archive / "pathfinder32" / HARD
    (level / "imgs" / "0" / "sample_17.png").write_bytes(b"")
    with pytest.warns(Notice, match=r"1 file was left out .* they are empty \(imgs/0/sample_17"):
        data = read_labelled(level)
    assert len(data) == 39


def test_several_levels_are_named(archive):
    (archive / "pathfinder32" / HARD).rename(archive / "pathfinder32" / "curv_baseline")
    for folder, told in (
        (archive, "pathfinder32/curv_baseline"),
        (archive.parent, "lra_release/pathfinder32/curv_baseline"),
        (archive / "pathfinder32", "curv_baseline"),
    ):
        with pytest.raises(BadInput, match=rf"\({told}\); give one of them"):
            read_labelled(folder)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("imgs/0 sample_0.png 0", "line 1, is 'imgs/0 sample_0.png 0'; expected a folder"),
        ("imgs/0 sample_0.png 0 2 1.2", "the label 0 or 1"),
        ("imgs/0 sample_99.png 0 1 1.2", "which is not there"),
    ],
    ids=["short", "label", "missing"],
)
def test_other_metadata_are_refused(archive, line, told):
    level = archive / "pathfinder32" / HARD
    (level / "metadata" / "0.npy").write_text(line + "\n")
    with pytest.raises(BadInput, match=told):
        read_labelled(level)
    np.save(level / "metadata" / "0.npy", np.full(3, 255, np.uint8))
    with pytest.raises(BadInput, match="is no text"):
        read_labelled(level)


@pytest.mark.parametrize("name", ["pathfinder32", HARD, "lra_release.gz"])
def test_who_has_no_archive_is_told_where_it_is(tmp_path, name):
    if name.endswith(".gz"):
        (tmp_path / name).write_bytes(b"\x1f\x8b")
    with pytest.raises(BadInput, match="Long Range Arena's archive"):
        read_labelled(tmp_path / name)
