"""Folders of scans or images with poses, and the released sets, as data to train and measure on."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from zoo_4dral.bev import FRONT, LIDAR_CAP, RADAR_CAP, Window, front, image
from zoo_4dral.data import Images, Places, Session, World
from zoo_4dral.reading.pickled import read_queries
from zoo_4dral.reading.poses import read_track
from zoo_4dral.reading.scans import SUFFIXES, read_scan
from zoo_4dral.reading.times import Track, matched, times_of
from zoo_4dral.streetsim.sensors import gathered
from zoo_core import BadInput, notice

CAPS = {"radar": RADAR_CAP, "lidar": LIDAR_CAP}
PICTURES = (".jpg", ".jpeg", ".png")
SPLITS = ("train", "val", "test")
SESSIONS = ("database", "query")
POSES = ("poses.txt", "poses.csv", "poses.tum", "poses.npy")
_RELEASED = "*_evaluation_query_25.pickle"


def read_places(
    source: Any, *, frame: str = "camera", columns: str = "", scans: int = 1, size: int = 64
) -> Places:
    """Return a user's own drives as data that networks are trained on and measured with.

    `source` is a folder with a subfolder for each split, train, val and test (without these, all is
    test). A split is a world, or has a subfolder for each of its worlds; a world has two drives
    through the same streets, `database` (which makes the map) and `query`, each as `read_session`
    takes it. A folder of the released sets (ntu4d, or sjtu-rsvi/test_a and test_b) is read as it
    is, its test alone. `frame`, `columns`, `scans` and `size` are those of `read_session`. What is
    `Places` already is returned. Raises `BadInput` for other folders.
    """
    if isinstance(source, Places):
        return source
    if not isinstance(source, str | Path):
        raise BadInput(f"{type(source).__name__} are no drives; expected a folder.")
    folder = Path(source).expanduser()
    if not folder.is_dir():
        raise BadInput(f"There is no folder {source}; expected one with database and query drives.")
    lists = sorted(folder.glob(_RELEASED))
    if lists:
        return Places({"test": [_released(folder, lists[0])]}, {"places": folder.name})
    read = partial(read_session, frame=frame, columns=columns, scans=scans, size=size)
    parts = {name: folder / name for name in SPLITS if (folder / name).is_dir()}
    found = {name: _worlds(part, read) for name, part in (parts or {"test": folder}).items()}
    facts = {f"worlds to {name}": len(worlds) for name, worlds in found.items()}
    return Places(found, facts)


def _worlds(folder: Path, read: Callable[..., Session]) -> Sequence[World]:
    if all((folder / name).is_dir() for name in SESSIONS):
        return [_world(folder, read)]
    inner = [
        one for one in sorted(folder.iterdir()) if all((one / name).is_dir() for name in SESSIONS)
    ]
    if not inner:
        raise BadInput(
            f"{folder.name} has no world; expected folders database and query, or folders that "
            "have both."
        )
    return [_world(one, read) for one in inner]


def _world(folder: Path, read: Callable[..., Session]) -> World:
    database, query = (read(folder / name, name=name) for name in SESSIONS)
    return World(folder.name, database, query)


def read_session(
    folder: str | Path,
    *,
    name: str = "database",
    poses: Any = None,
    frame: str = "camera",
    columns: str = "",
    scans: int = 1,
    size: int = 64,
) -> Session:
    """Return one drive: what a sensor saw, in the order of the files' names, and where.

    The folder has a subfolder `radar` or `lidar`, or both, of scans (see `read_scan`) or of
    bird's-eye views (.png, .jpg; also `radar_bev` and `lidar_bev`), and the poses in poses.txt,
    poses.csv, poses.tum or poses.npy, a row for each scan, unless `poses` are given (what
    `read_poses` takes); `frame` is that of their matrices. `columns` name those of .bin files.
    TUM's poses are taken at the times of the scans, where names or times.txt tell these (see
    `zoo_4dral.reading.times`); otherwise there is one for each.
    `scans` of the radar, the newest and those before it, are gathered into one image, moved by
    their poses; the image of a scan has `size` pixels a side, for 64 m ahead and 32 m to either
    side. Raises `BadInput` for a folder without scans, for poses that are not as many, for
    images of different sizes, and as the readers of scans and poses do.
    """
    if not isinstance(folder, str | Path):
        raise BadInput(f"{type(folder).__name__} is no drive; expected a folder.")
    folder = Path(folder).expanduser()
    if not isinstance(scans, int) or isinstance(scans, bool) or not 1 <= scans <= 100:
        raise BadInput(f"scans={scans!r}; expected a whole number from 1 to 100.")
    window = front(size)
    files = {sensor: _files(folder, sensor) for sensor in CAPS}
    files = {sensor: found for sensor, found in files.items() if found}
    if not files:
        raise BadInput(
            f"{folder} has no scans; expected a folder radar or lidar with files "
            f"{', '.join((*SUFFIXES, *PICTURES))}."
        )
    if poses is None:
        poses = next((folder / one for one in POSES if (folder / one).is_file()), None)
        if poses is None:
            raise BadInput(f"{folder} has no poses; expected {', '.join(POSES)}.")
    known, files = _placed(folder, read_track(poses, frame), files)
    load = {
        sensor: partial(
            images_of, found, sensor, columns, known, scans if sensor == "radar" else 1, window
        )
        for sensor, found in files.items()
    }
    return Session(name, known, load, files=_names(files))


def _placed(
    folder: Path, track: Track, files: dict[str, list[Path]]
) -> tuple[NDArray[np.float64], dict[str, list[Path]]]:
    """Return the poses of scans, by their times or one for each, and the files that have one."""
    if track.times is not None:
        times = {sensor: times_of(folder, found) for sensor, found in files.items()}
        told = {sensor: one for sensor, one in times.items() if one is not None}
        if len(told) == len(files):
            poses, rows = matched(folder, track, told)
            return poses, {name: [found[k] for k in rows[name]] for name, found in files.items()}
    for sensor, found in files.items():
        if len(found) != len(track.poses):
            raise BadInput(
                f"{folder} has {len(found):,} files of {sensor} and {len(track.poses):,} poses; "
                "expected one pose for each, or times of both (TUM's poses; names, or times.txt)."
            )
    return track.poses, files


def _files(folder: Path, sensor: str) -> list[Path]:
    """Return the files of a sensor in the order of the numbers in their names."""
    for name in (sensor, f"{sensor}_bev"):
        if (folder / name).is_dir():
            every = [one for one in (folder / name).iterdir() if not one.name.startswith(".")]
            found = [one for one in every if one.suffix.lower() in (*SUFFIXES, *PICTURES)]
            if len(found) < len(every):
                notice(
                    f"{len(every) - len(found):,} files of {folder.name}/{name} are no scans by "
                    "their suffix and were left out."
                )
            kinds = {one.suffix.lower() in PICTURES for one in found}
            if len(kinds) > 1:
                raise BadInput(f"{folder.name}/{name} has scans and images; expected one of both.")
            return sorted(found, key=_by_number)
    return []


def _names(files: Mapping[str, Sequence[Path]]) -> dict[str, list[str]]:
    return {sensor: [one.name for one in found] for sensor, found in files.items()}


def _by_number(path: Path) -> list[Any]:
    parts = re.split(r"(\d+)", path.name)
    return [int(part) if part.isdecimal() else part for part in parts]


def images_of(
    files: Sequence[Path],
    sensor: str,
    columns: str = "",
    poses: NDArray[np.float64] | None = None,
    scans: int = 1,
    window: Window = FRONT,
) -> Images:
    """Return the images (n, s, s) of files of scans or of images, 255 for white.

    Scans are seen in `window`; with `scans` above 1 each image has those before it too, moved by
    their `poses` (n, 3). Raises `BadInput` for images of different sizes, and as `read_scan` does.
    """
    if files[0].suffix.lower() in PICTURES:
        return _stacked([read_image(one) for one in files], files)
    points = [read_scan(one, sensor, columns or None) for one in files]
    if scans > 1 and poses is not None:
        points = _gathered(points, poses, scans)
    return np.stack([image(one, CAPS[sensor], window) for one in points])


def _gathered(
    points: list[NDArray[np.float32]], poses: NDArray[np.float64], scans: int
) -> list[NDArray[np.float32]]:
    wide = [np.pad(one, ((0, 0), (0, 4))) for one in points]
    ranges = [range(last, max(-1, last - scans), -1) for last in range(len(wide))]
    return [gathered([wide[k] for k in one], [poses[k] for k in one]) for one in ranges]


def read_image(path: Path) -> NDArray[np.uint8]:
    """Return a square bird's-eye view (s, s) of a file; raises `BadInput` for another one.

    Colours are made grey, which a notice tells.
    """
    try:
        with Image.open(path) as opened:
            if opened.mode not in ("L", "1"):
                notice(f"Images such as {path.name} have colours, and were made grey.")
            found = np.array(opened.convert("L"))
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise BadInput(f"{path.name} is no image that can be read ({error}).") from error
    if found.shape[0] != found.shape[1]:
        raise BadInput(
            f"{path.name} has {found.shape[1]} x {found.shape[0]} pixels; expected a square."
        )
    return found


def _stacked(images: list[NDArray[np.uint8]], files: Sequence[Path]) -> Images:
    for one, path in zip(images, files, strict=True):
        if one.shape != images[0].shape:
            raise BadInput(
                f"{path.name} has {one.shape[0]} x {one.shape[1]} pixels, and {files[0].name} "
                f"{images[0].shape[0]} x {images[0].shape[1]}; expected images of one size."
            )
    return np.stack(images)


def _released(folder: Path, listed: Path) -> World:
    """Return the test of a released set: images, and lists of positives in place of poses."""
    queries = read_queries(listed)
    sessions = {}
    for name in SESSIONS:
        part = folder / "test" / name
        files = {sensor: _files(part, sensor) for sensor in CAPS} if part.is_dir() else {}
        files = {sensor: found for sensor, found in files.items() if found}
        if not files:
            raise BadInput(
                f"{part} has no images; expected radar_bev or lidar_bev with .jpg files."
            )
        if name == "query":
            files = {sensor: _chosen(found, queries) for sensor, found in files.items()}
        counts = set(map(len, files.values()))
        if len(counts) > 1:
            raise BadInput(f"{part} does not have as many images of the radar as of the LiDAR.")
        unknown = np.full((counts.pop(), 3), np.nan)
        load = {sensor: partial(images_of, found, sensor) for sensor, found in files.items()}
        sessions[name] = Session(name, unknown, load, files=_names(files))
    count = len(sessions["database"])
    positives = [one["positives"] for one in queries]
    if any(len(one) and not 0 <= one.min() <= one.max() < count for one in positives):
        raise BadInput(f"{listed.name} names places that the database of {count:,} does not have.")
    notice(
        f"{folder.name}: its lists of positives (within 25 m) stand for poses, which it does not "
        "tell; it is measured, and not trained on."
    )
    return World(folder.name, sessions["database"], sessions["query"], positives)


def _chosen(files: Sequence[Path], queries: Sequence[Mapping[str, Any]]) -> list[Path]:
    by_number = {int(one.stem): one for one in files if one.stem.isdecimal()}
    missing = [one["index"] for one in queries if one["index"] not in by_number]
    if missing:
        raise BadInput(f"There is no image {missing[0]:05d}.jpg among the queries; expected one.")
    return [by_number[one["index"]] for one in queries]
