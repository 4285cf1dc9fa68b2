"""Poses that a person has (motion capture, Human3.6M, arrays) to data that networks train on."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from zoo_tables import open_arrays

from zoo_core import BadInput, notice
from zoo_signals.cameras import normalised
from zoo_signals.motion_capture import joint_positions, read_amc, read_asf
from zoo_signals.pickled import read_objects
from zoo_signals.poses import Poses
from zoo_signals.recordings import Array, Recording, as_poses, checked, dealt, named, upright

H36M = "positions_3d"
H36M_2D = "positions_2d"
_PLAIN = ("positions", "subject", "action", "trial")


def read_poses(
    source: Any,
    *,
    keypoints: str | None = None,
    width: float | None = None,
    height: float | None = None,
    every: int = 1,
    seed: int = 0,
) -> Poses:
    """Return poses of 16 joints with what cameras see of them.

    `source` is one of

    - a folder with ASF and AMC files as the CMU database names them (35.asf, 35_01.amc): each
      motion is read with the skeleton that its name begins with, or with the only one there is;
    - an .npz with ``positions`` (n, 16, 3) in metres, y up, and the ``trial`` of each frame,
      perhaps its ``subject`` and ``action``; or a dictionary of these;
    - ``data_3d_h36m.npz`` of Human3.6M as VideoPose3D prepares it, or its dictionary: positions of
      the world in metres, z up, by subject and action, with 16, 17 or 32 joints. With cameras below
      the actions, positions are in the camera's frame, and `keypoints` is the file (or the
      dictionary) of their 2-D joints in pixels of images of `width` x `height`.

    Without 2-D joints four virtual cameras see each recording, which is moved to the middle of the
    room. `every` takes each so many frames. For splits see `zoo_signals.recordings.dealt`; the
    `seed` draws them. Raises `BadInput`, in one sentence, for what is none of these.
    """
    if not isinstance(every, int) or isinstance(every, bool) or every < 1:
        raise BadInput(f"every={every!r}; expected a whole number of frames from 1.")
    if not isinstance(seed, int) or isinstance(seed, bool) or seed < 0:
        raise BadInput(f"seed={seed!r}; expected a whole number from 0.")
    given = _opened(source)
    if not isinstance(given, Mapping):
        recordings = [_thinned(one, every) for one in _motions(given)]
        return as_poses(recordings, seed)
    if "positions" in given:
        recordings = [_thinned(one, every) for one in _plain(given)]
        return as_poses(recordings, seed)
    if keypoints is not None:
        return _filmed(given, _dictionary(keypoints, H36M_2D), width, height, every, seed)
    recordings = []
    for subject, action, leaf in _leaves(given):
        label = f"{subject}, {action}"
        if isinstance(leaf, Mapping | list | tuple):
            raise BadInput(
                f"{label} has cameras; give the 2-D joints that they see with keypoints=FILE."
            )
        x, y, z = np.moveaxis(_space(leaf, label), -1, 0)
        positions = upright(np.stack([x, z, -y], axis=-1), label)
        recordings.append(_thinned(Recording(positions, subject, action, label), every))
    return as_poses(recordings, seed)


def _opened(source: Any) -> Mapping[str, Any] | Path:
    """Return a folder, or what a file or a dictionary has."""
    if isinstance(source, Mapping):
        return source
    if not isinstance(source, str | Path):
        raise BadInput(
            f"{type(source).__name__} is no data of poses; give a folder, an .npz or a dictionary."
        )
    path = Path(source)
    if path.is_dir():
        return path
    if path.suffix != ".npz":
        raise BadInput(
            f"{path.name} is no folder with ASF and AMC files, and no .npz with positions."
        )
    try:
        with zipfile.ZipFile(path) as archive:
            objects = f"{H36M}.npy" in archive.namelist()
    except (OSError, zipfile.BadZipFile) as error:
        raise BadInput(f"{path.name} cannot be read ({type(error).__name__}).") from None
    if objects:
        return _dictionary(path, H36M)
    with open_arrays(path) as arrays:
        if "positions" not in arrays:
            raise BadInput(
                f"{path.name} has neither 'positions' nor '{H36M}'; it has "
                f"{', '.join(arrays.names)}."
            )
        unused = sorted(set(arrays.names) - set(_PLAIN))
        if unused:
            notice(f"{path.name} has {', '.join(unused)}, which are not used.")
        return {name: arrays[name] for name in _PLAIN if name in arrays}


def _dictionary(source: Any, name: str) -> Mapping[str, Any]:
    found = source if isinstance(source, Mapping) else read_objects(source, name)
    if not isinstance(found, Mapping) or not found:
        raise BadInput(f"{name} is no dictionary by subject and action.")
    return found


def _leaves(given: Mapping[str, Any]) -> Iterable[tuple[str, str, Any]]:
    for subject, actions in given.items():
        if not isinstance(actions, Mapping) or not actions:
            raise BadInput(f"{subject!r} has no dictionary of actions; expected subject, action.")
        for action, leaf in actions.items():
            yield str(subject), str(action), leaf


def _motions(folder: Path) -> list[Recording]:
    """Return the recordings of a folder with ASF and AMC files."""
    rigs = {path.stem: read_asf(path) for path in sorted(folder.rglob("*.asf"))}
    motions = sorted(folder.rglob("*.amc"))
    if not rigs or not motions:
        raise BadInput(f"{folder} has no ASF and AMC files.")
    found = []
    for path in motions:
        subject = path.stem.split("_")[0]
        if subject not in rigs and len(rigs) > 1:
            raise BadInput(
                f"{path.name} has no {subject}.asf beside it; of several skeletons the name says "
                "which is whose."
            )
        rig = rigs.get(subject) or next(iter(rigs.values()))
        positions = upright(joint_positions(rig, read_amc(path, rig)), path.name)
        found.append(Recording(positions, subject, "motion", path.name))
    return found


def _plain(arrays: Mapping[str, Any]) -> list[Recording]:
    """Return the recordings of one array, told apart by trial, subject and action."""
    positions = upright(_space(arrays["positions"], "positions"), "positions")
    names = {
        key: np.asarray(arrays[key]).astype(str)
        for key in ("subject", "action", "trial")
        if key in arrays
    }
    if "trial" not in names:
        raise BadInput(
            "There is no 'trial' that names the recording of each frame; frames of one recording "
            "are alike, and have to be in one split."
        )
    for key, column in names.items():
        if column.shape != (len(positions),):
            raise BadInput(
                f"{key} has the shape {column.shape}; expected one name for each of "
                f"{len(positions)} frames."
            )
    unknown = np.full(len(positions), "unknown")
    subjects, actions = (names.get(key, unknown) for key in ("subject", "action"))
    places: dict[tuple[str, str, str], list[int]] = {}
    for row, (one, act, trial) in enumerate(zip(subjects, actions, names["trial"], strict=True)):
        places.setdefault((str(one), str(act), str(trial)), []).append(row)
    return [
        Recording(positions[rows], one, act, f"{one}, {act}, {trial}")
        for (one, act, trial), rows in places.items()
    ]


def _filmed(
    space: Mapping[str, Any],
    flat: Mapping[str, Any],
    width: float | None,
    height: float | None,
    every: int,
    seed: int,
) -> Poses:
    """Return poses with the 2-D joints that real cameras saw."""
    if width is None or height is None:
        raise BadInput("2-D joints are in pixels; say the width and height of the images.")
    recordings, inputs, targets = [], [], []
    known = {(subject, action): leaf for subject, action, leaf in _leaves(flat)}
    for subject, action, leaf in _leaves(space):
        label = f"{subject}, {action}"
        if (subject, action) not in known:
            raise BadInput(f"keypoints have no {label}; expected those of the same recordings.")
        if not isinstance(leaf, Mapping | list | tuple):
            raise BadInput(
                f"{label} has no cameras below it: positions are the world's, and keypoints belong "
                "to positions in the frames of cameras."
            )
        seen = _cameras(known[subject, action], label)
        views = _cameras(leaf, label)
        if set(seen) != set(views):
            raise BadInput(f"{label}: positions and keypoints have other cameras.")
        points = [_space(views[name], f"{label}, {name}")[::every] for name in views]
        pixels = [checked(seen[name], f"{label}, {name}")[::every] for name in views]
        shapes = {one.shape for one in points} | {(*one.shape[:2], 3) for one in pixels}
        if len(shapes) > 1 or pixels[0].shape[-1] != 2:
            raise BadInput(f"{label}: positions and keypoints of its cameras have other lengths.")
        inputs.append(np.stack([normalised(one, width, height) for one in pixels], axis=1))
        targets.append(np.stack([one - one[:, :1] for one in points], axis=1))
        recordings.append(Recording(points[0], subject, action, label))
    if len({one.shape[1] for one in inputs}) > 1:
        raise BadInput("Some recordings have more cameras than others; give the same of all.")
    flat_all, space_all = (
        torch.from_numpy(np.concatenate(one).astype(np.float32)) for one in (inputs, targets)
    )
    return named(recordings, flat_all, space_all, dealt(recordings, seed))


def _cameras(leaf: Any, label: str) -> dict[str, Any]:
    if isinstance(leaf, Mapping):
        return {str(name): one for name, one in leaf.items()}
    if isinstance(leaf, list | tuple):
        return {str(number): one for number, one in enumerate(leaf)}
    raise BadInput(f"{label} has no cameras: expected a list or a dictionary of arrays.")


def _space(positions: Any, label: str) -> Array:
    found = checked(positions, label)
    if found.shape[-1] != 3:
        raise BadInput(f"{label} has the shape {found.shape}; expected three coordinates.")
    return found


def _thinned(one: Recording, every: int) -> Recording:
    return Recording(one.positions[::every], one.subject, one.action, one.label)
