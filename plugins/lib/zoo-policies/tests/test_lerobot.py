"""LeRobot folders of v2.1 and v3.0: tables, videos, images and statistics as they are written."""

import io
import json
import shutil

import av
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image
from zoo_policies.lerobot.reading import read_statistics
from zoo_policies.normalising import Normaliser, Statistics
from zoo_policies.reading import read_demonstrations, read_episodes

from zoo_core import BadInput, Notice

FPS = 10
LENGTHS = (3, 5, 4)
N = sum(LENGTHS)
STATES = np.random.default_rng(0).random((N, 3), np.float32)
ACTIONS = np.random.default_rng(1).random((N, 2), np.float32)
SHADES = np.linspace(10, 240, N).astype(np.uint8)
EPISODE = np.repeat(np.arange(3), LENGTHS)
FRAME = np.concatenate([np.arange(n) for n in LENGTHS])
VIDEO, IMAGE = "observation.images.top", "observation.images.wrist"


def pictures():
    """One grey a step, in bytes that a codec keeps to within a few."""
    return SHADES[:, None, None, None] + np.zeros((1, 32, 48, 3), np.uint8)


def png(picture):
    target = io.BytesIO()
    Image.fromarray(picture).save(target, "PNG")
    return {"bytes": target.getvalue(), "path": None}


def write_video(path, frames):
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=FPS)
        stream.height, stream.width, stream.pix_fmt = *frames.shape[1:3], "yuv420p"
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode())


def table(rows):
    return pa.table(
        {
            "observation.state": pa.array(STATES[rows].tolist(), pa.list_(pa.float32(), 3)),
            "action": pa.array(ACTIONS[rows].tolist(), pa.list_(pa.float32())),
            "observation.effort": pa.array(np.zeros(len(rows), np.float32)),
            IMAGE: [png(picture) for picture in pictures()[rows, :4, :4]],
            "timestamp": pa.array((FRAME[rows] / FPS).astype(np.float32)),
            "frame_index": FRAME[rows],
            "episode_index": EPISODE[rows],
            "index": rows,
            "task_index": np.zeros(len(rows), np.int64),
        }
    )


def info(version, data_path, video_path):
    def one(dtype, *shape, names=None):
        return {"dtype": dtype, "shape": list(shape), "names": names}

    return {
        "codebase_version": version,
        "fps": FPS,
        "chunks_size": 2,
        "data_path": data_path,
        "video_path": video_path,
        "features": {
            "observation.state": one("float32", 3, names={"motors": ["x", "y", "grip"]}),
            "action": one("float32", 2, names=["dx", "dy"]),
            "observation.effort": one("float32", 1),
            VIDEO: one("video", 32, 48, 3),
            IMAGE: one("image", 4, 4, 3),
            **{name: one("int64", 1) for name in ("frame_index", "episode_index", "index")},
        },
    }


def entry(values):
    known = Statistics.of(values).to_dict()
    return {name: known[name] for name in ("min", "max", "mean", "std")} | {"count": [len(values)]}


def write_v21(path):
    """A file an episode, in chunks of two."""
    (path / "meta").mkdir(parents=True)
    data = "data/chunk-{episode_chunk:03d}/episode_{episode_index:06d}.parquet"
    video = "videos/chunk-{episode_chunk:03d}/{video_key}/episode_{episode_index:06d}.mp4"
    (path / "meta/info.json").write_text(json.dumps(info("v2.1", data, video)))
    told, single = [], []
    for e, length in enumerate(LENGTHS):
        rows = np.flatnonzero(np.equal(EPISODE, e))
        file = path / data.format(episode_chunk=e // 2, episode_index=e)
        file.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table(rows), file)
        name = video.format(episode_chunk=e // 2, episode_index=e, video_key=VIDEO)
        write_video(path / name, pictures()[rows])
        told.append({"episode_index": e, "tasks": ["Push it."], "length": length})
        stats = {"observation.state": entry(STATES[rows]), "action": entry(ACTIONS[rows])}
        single.append({"episode_index": e, "stats": stats})
    for name, lines in (("episodes", told), ("episodes_stats", single)):
        text = "".join(json.dumps(line) + "\n" for line in lines)
        (path / f"meta/{name}.jsonl").write_text(text)


def write_v30(path):
    """All episodes in one file of each kind, the video of the second and third in another one."""
    data = "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"
    video = "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4"
    (path / "meta/episodes/chunk-000").mkdir(parents=True)
    (path / "data/chunk-000").mkdir(parents=True)
    (path / "meta/info.json").write_text(json.dumps(info("v3.0", data, video)))
    rows = np.arange(N)
    pq.write_table(table(rows), path / "data/chunk-000/file-000.parquet", row_group_size=5)
    for file, part in enumerate((rows[:3], rows[3:])):
        name = video.format(video_key=VIDEO, chunk_index=0, file_index=file)
        write_video(path / name, pictures()[part])
    told = pa.table(
        {
            "episode_index": [0, 1, 2],
            "length": list(LENGTHS),
            "tasks": [["Push it."]] * 3,
            "data/chunk_index": [0, 0, 0],
            "data/file_index": [0, 0, 0],
            f"videos/{VIDEO}/chunk_index": [0, 0, 0],
            f"videos/{VIDEO}/file_index": [0, 1, 1],
            f"videos/{VIDEO}/from_timestamp": [0.0, 0.0, 0.5],
            "stats/action/min": [[0.0, 0.0]] * 3,
        }
    )
    pq.write_table(told, path / "meta/episodes/chunk-000/file-000.parquet")
    known = {
        key: Statistics.of(values).to_dict()
        for key, values in (("observation.state", STATES), ("action", ACTIONS))
    }
    (path / "meta/stats.json").write_text(json.dumps(known))


WRITERS = {"v2.1": write_v21, "v3.0": write_v30}


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lerobot")
    for version, write in WRITERS.items():
        write(folder / version)
    return folder


@pytest.fixture
def copied(written, tmp_path):
    def get(version):
        return shutil.copytree(written / version, tmp_path / version)

    return get


@pytest.mark.parametrize("version", WRITERS)
def test_a_folder_is_read_as_it_was_recorded(written, version):
    with pytest.warns(Notice, match="Not read of v.*: observation.effort"):
        episodes = read_episodes(written / version)
    assert np.array_equal(episodes.states, STATES) and np.array_equal(episodes.actions, ACTIONS)
    assert episodes.lengths.tolist() == list(LENGTHS) and episodes.fps == FPS
    assert episodes.state_names == ("x", "y", "grip") and episodes.action_names == ("dx", "dy")
    assert episodes.tasks == ["Push it."] * 3
    assert {name: one.shape for name, one in episodes.cameras.items()} == {
        "top": (N, 32, 48, 3),
        "wrist": (N, 4, 4, 3),
    }
    order = np.array([[11, 0, 3], [7, 2, 8]])
    seen = episodes.cameras["top"][order][..., 16, 24, :].astype(int)
    assert np.abs(seen - SHADES[order][..., None]).max() <= 6
    assert np.array_equal(episodes.cameras["wrist"][order], pictures()[order, :4, :4])
    assert episodes.of([2]).cameras["wrist"][np.array([0])][0, 0, 0, 0] == SHADES[8]


@pytest.mark.parametrize("version", WRITERS)
def test_stated_statistics_are_those_of_the_data(written, version):
    known = read_statistics(written / version)
    for name, values in (("states", STATES), ("actions", ACTIONS)):
        measured = Statistics.of(values).to_dict()
        for key, value in known[name].to_dict().items():
            assert value == pytest.approx(measured[key], rel=1e-6), key
    if version == "v2.1":
        with pytest.raises(BadInput, match="have no q01 and q99, which mode='quantiles' needs"):
            Normaliser(2).fit(known["actions"])
    both = read_statistics(written / version, states=("action", "observation.state"))
    assert both["states"].mean.shape == (5,)


def test_states_and_cameras_are_chosen(written):
    folder = written / "v3.0"
    states = ("observation.effort", "observation.state")
    episodes = read_episodes(folder, states=states, cameras=["wrist"])
    assert episodes.states.shape == (N, 4) and list(episodes.cameras) == ["wrist"]
    data = read_demonstrations(folder, states=states, cameras=[], test=0.3)
    assert data.splits == ("train", "val", "test") and data.episodes.cameras == {}
    for options, said in (
        ({"cameras": ["left"]}, "no camera 'left'; it has top, wrist"),
        ({"states": ("joints",)}, "has no joints; its features are"),
    ):
        with pytest.raises(BadInput, match=said):
            read_episodes(folder, **options)


def test_depth_maps_are_told_and_left_out(copied):
    folder = copied("v3.0")
    features = json.loads((folder / "meta/info.json").read_text())["features"]
    features[VIDEO]["info"] = {"video.is_depth_map": True}
    change(folder, features=features)
    with pytest.warns(Notice, match=f"observation.effort, {VIDEO}"):
        assert list(read_episodes(folder).cameras) == ["wrist"]


def change(path, **values):
    told = json.loads((path / "meta/info.json").read_text())
    (path / "meta/info.json").write_text(json.dumps(told | values))


def ragged(path):
    actions = [[1.0], [2.0, 3.0, 4.0], [5.0, 6.0]]
    known = table(np.arange(3))
    known = known.set_column(known.column_names.index("action"), "action", pa.array(actions))
    pq.write_table(known, path / "data/chunk-000/episode_000000.parquet")


BROKEN = {
    "ragged": ("v2.1", ragged, "action is no list of numbers of the same length"),
    "old": ("v2.1", lambda p: change(p, codebase_version="v1.6"), "version v1.6; expected v2.0"),
    "fps": ("v2.1", lambda p: change(p, fps="ten"), "tells fps='ten'"),
    "chunks": ("v2.1", lambda p: change(p, chunks_size="two"), "does not say where episode 0"),
    "features": ("v2.1", lambda p: change(p, features={"action": 3}), "does not tell"),
    "no-info": ("v2.1", lambda p: (p / "meta/info.json").unlink(), "expected a LeRobot dataset"),
    "bad-info": ("v2.1", lambda p: (p / "meta/info.json").write_text("{"), "read as JSON"),
    "outside": ("v2.1", lambda p: change(p, data_path="../../{episode_index}"), "has no file"),
    "template": ("v2.1", lambda p: change(p, data_path="{nowhere}"), "does not say where episode"),
    "lost": (
        "v3.0",
        lambda p: (p / "data/chunk-000/file-000.parquet").unlink(),
        "has no file data/chunk-000/file-000.parquet",
    ),
    "no-table": (
        "v2.1",
        lambda p: (p / "data/chunk-000/episode_000000.parquet").write_bytes(b"no"),
        "cannot be read as parquet",
    ),
    "shorter": (
        "v2.1",
        lambda p: pq.write_table(table(np.arange(2)), p / "data/chunk-000/episode_000000.parquet"),
        "has 2 steps of episode 0",
    ),
    "column": (
        "v2.1",
        lambda p: pq.write_table(
            table(np.arange(3)).drop_columns(["action"]),
            p / "data/chunk-000/episode_000000.parquet",
        ),
        "has no column action",
    ),
    "lines": ("v2.1", lambda p: (p / "meta/episodes.jsonl").write_text("1\n"), "lines of JSON"),
    "empty": ("v2.1", lambda p: (p / "meta/episodes.jsonl").write_text(""), "tells of no episode"),
    "no-video": (
        "v3.0",
        lambda p: next(p.glob("videos/*/*/*.mp4")).write_bytes(b"no"),
        "is no video",
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_folder_is_refused_in_one_sentence(copied, what):
    version, damage, said = BROKEN[what]
    folder = copied(version)
    damage(folder)
    with pytest.raises(BadInput, match=said):
        read_episodes(folder)


@pytest.mark.filterwarnings("ignore::zoo_core.Notice")
def test_a_video_that_is_too_short_is_refused_when_it_is_looked_at(copied):
    folder = copied("v2.1")
    write_video(next(folder.glob(f"videos/chunk-000/{VIDEO}/*_000001.mp4")), pictures()[:2])
    episodes = read_episodes(folder)
    assert episodes.cameras["top"][np.array([0])].shape == (1, 32, 48, 3)
    with pytest.raises(BadInput, match=r"no frame at 0\.200 s"):
        episodes.cameras["top"][np.array([4])]


def test_statistics_that_are_not_stated_are_refused(copied):
    folder = copied("v2.1")
    path = folder / "meta/episodes_stats.jsonl"
    path.write_text(json.dumps({"episode_index": 0, "stats": {}}) + "\n")
    with pytest.raises(BadInput, match="do not tell of observation"):
        read_statistics(folder)
    path.unlink()
    with pytest.raises(BadInput, match="states no statistics"):
        read_statistics(folder)


@pytest.mark.filterwarnings("ignore::zoo_core.Notice")
@pytest.mark.parametrize(("module", "said"), [("pyarrow", "pyarrow"), ("av", "av")])
def test_what_is_not_installed_is_said(written, monkeypatch, module, said):
    for name in list(__import__("sys").modules):
        if name.partition(".")[0] == module:
            monkeypatch.setitem(__import__("sys").modules, name, None)
    with pytest.raises(BadInput, match=f"run `pip install {said}`"):
        read_episodes(written / "v3.0")
