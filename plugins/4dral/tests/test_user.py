"""What a user does with scans and drives of their own, in the shell and in Python."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image
from zoo_4dral.bev import RADAR_CAP, image
from zoo_4dral.networks.turning import SENSOR, turned

import zoo
from zoo_core import BadInput, Notice

FLAGSHIP = "4dral-r2r-streetsim"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A drive past random walls, 30 places of which the last ten are the first ten again."""
    folder, rng = tmp_path_factory.mktemp("home"), np.random.default_rng(0)
    walls = np.column_stack([rng.uniform(0, 260, 900), rng.choice([-9.0, 7.0], 900)])
    xs = np.r_[10.0 * np.arange(20), 10.0 * np.arange(10) + 0.5]
    (folder / "drive/radar").mkdir(parents=True)
    for number, x in enumerate(xs):
        near = walls[np.abs(walls[:, 0] - x - 32) < 32] - [x, 0]
        points = np.column_stack([near, 0 * near]).astype("<f4")[:, [0, 1, 2, 3, 3, 3, 3]]
        points.tofile(folder / f"drive/radar/{number:03}.bin")
    np.savetxt(folder / "drive/poses.txt", np.stack([xs, 0 * xs, 0 * xs], 1))
    (folder / "alone.bin").write_bytes((folder / "drive/radar/005.bin").read_bytes())
    np.full((5, 7), -9, "<f4").tofile(folder / "behind.bin")
    view = image(np.fromfile(folder / "alone.bin", "<f4").reshape(-1, 7), RADAR_CAP)
    Image.fromarray(view).save(folder / "view.png")
    Image.fromarray(view[:50, :50]).save(folder / "small.png")
    return folder


@pytest.fixture
def run(home, monkeypatch, zoo_here):
    monkeypatch.chdir(home)
    return zoo_here


def test_a_map_is_made_and_a_scan_is_found_in_it(run, home):
    done = run("predict", FLAGSHIP, "drive", "--output", "map.safetensors")
    assert done.code == 0, done.err
    rows = run("predict", FLAGSHIP, "alone.bin", "--index", "map.safetensors", "--json").json
    assert [row["rank"] for row in rows] == [1, 2, 3, 4, 5]
    assert rows[0]["place"] == 5 and rows[0]["distance"] < 1e-2 and rows[0]["x"] == 50
    assert {row["place"] for row in rows[:2]} == {5, 25}
    distances = [row["distance"] for row in rows]
    assert distances == sorted(distances) and distances[2] > 1.3 * distances[1]
    others = run("predict", FLAGSHIP, "view.png", "--index", "drive", "--json").json
    assert [row["place"] for row in others] == [row["place"] for row in rows]
    refused = run("predict", "r2r-nokd-streetsim", "alone.bin", "--index", "map.safetensors")
    assert refused.code == 2 and f"made by {FLAGSHIP}" in refused.err


def test_closures_become_a_pose_graph(run, home):
    done = run("predict", FLAGSHIP, "drive", "--output", "drive.g2o")
    assert done.code == 0, done.err
    lines = (home / "drive.g2o").read_text().splitlines()
    assert sum(line.startswith("VERTEX_SE2") for line in lines) == 30
    closed = [line.split()[1:3] for line in lines if line.startswith("EDGE")][29:]
    assert len(closed) >= 3 and f"{len(closed)} loop closures, up to a distance" in done.err
    assert all(int(newer) - int(older) == 20 for older, newer in closed)


def test_turned_queries_are_found_by_their_turns(home):
    module = zoo.load(FLAGSHIP)
    with pytest.warns(Notice, match="rows of 7"):
        index = module.build_index(home / "drive")
    view = torch.from_numpy(np.array(Image.open(home / "view.png")))[None, None].float() / 255
    away = turned(view, torch.tensor([np.radians(30)]), about=SENSOR)[0]
    plain, held = (module.predict(away, index=index, rotations=k) for k in (0, 3))
    # Random walls are much alike to a network of streets: the first answers are nearly as near.
    assert any(one["place"] % 20 in (4, 5, 6) for one in held[:3])
    assert held[0]["distance"] < plain[0]["distance"] / 2


def test_descriptors_of_a_drive_and_of_a_scan(home):
    rows = zoo.embed(FLAGSHIP, home / "drive")
    assert rows.shape == (30, 2048)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    with pytest.warns(Notice, match="thinner than what networks"):
        alone = zoo.embed(FLAGSHIP, home / "alone.bin")
    np.testing.assert_allclose(alone[0], rows[5], atol=1e-5)
    order = np.argsort(((rows - alone) ** 2).sum(1))
    assert order.tolist() == np.argsort(-(rows @ alone[0])).tolist()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "Give a scan"),
        (["alone.bin"], "One scan has no map"),
        (["small.png", "--index", "drive"], "50 x 50 pixels, and this model takes 64 x 64"),
        (["none.bin", "--index", "drive"], "no file none.bin"),
        (["alone.bin", "--index", "none"], "no index at none"),
        (["alone.bin", "--index", "drive", "--rotations", "-1"], "0 to 18"),
        (["alone.bin", "--index", "drive", "--count", "0"], "1 place or more"),
        (["alone.bin", "--index", "drive", "--sensor", "lidar"], "does not take lidar"),
        (["alone.bin", "--index", "drive", "--sensor", "sonar"], "radar or lidar"),
        (["drive", "--output", "drive.g2o", "--precision", "much"], "a share above 0"),
        (["behind.bin", "--index", "drive"], "behind.bin has nothing in view"),
    ],
    ids=[
        "nothing",
        "alone",
        "size",
        "file",
        "index",
        "turns",
        "count",
        "lidar",
        "sonar",
        "precision",
        "view",
    ],
)
def test_what_is_refused_in_one_sentence(run, arguments, told):
    done = run("predict", FLAGSHIP, *arguments)
    assert done.code == 2 and told in done.err and "Traceback" not in done.err


def test_images_in_memory_are_checked():
    module = zoo.load(FLAGSHIP)
    with pytest.raises(BadInput, match="outside of 0 to 1"):
        module.embed(np.full((64, 64), 2.0))
    with pytest.raises(BadInput, match="index is of the type int"):
        module.predict(np.eye(64), index=3)
    with pytest.raises(BadInput, match="places, such as those of streetsim"):
        list(module.outputs(type("Split", (), {"data": None, "name": "test"})))
