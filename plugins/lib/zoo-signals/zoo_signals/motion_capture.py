"""Motion capture in the ASF/AMC files of the CMU database: a skeleton and its motion to joints."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from zoo_core import BadInput

Array = NDArray[np.float64]

INCH = 0.0254
"""Metres; lengths in an ASF file are inches times its own unit of length (0.45 at CMU)."""
_ROOT_ORDER = ("TX", "TY", "TZ", "RX", "RY", "RZ")
_DOFS = ("rx", "ry", "rz")

JOINT_BONES = (
    *("root", "rhipjoint", "rfemur", "rtibia", "lhipjoint", "lfemur", "ltibia", "upperback"),
    *("thorax", "head", "lclavicle", "lhumerus", "lradius", "rclavicle", "rhumerus", "rradius"),
)
"""The bones of CMU's skeleton whose ends are the 16 joints of `zoo_signals.skeleton.H36M16`."""


@dataclass(frozen=True)
class Bone:
    """A bone: its parent's name, its offset (3,) in metres at rest, its axis, what turns."""

    parent: str
    offset: Array
    axis: Rotation
    dofs: tuple[str, ...]


@dataclass(frozen=True)
class Rig:
    """The skeleton of an ASF file: bones after their parents, and metres a unit of length."""

    bones: dict[str, Bone]
    scale: float
    label: str


def read_asf(path: str | Path) -> Rig:
    """Return the skeleton of an ASF file (Acclaim), as the CMU database has one a subject.

    Raises `BadInput` for what is no such file: missing sections, angles that are no degrees, orders
    of rotation other than XYZ, bones without a parent.
    """
    label = Path(path).name
    sections = _sections(_text(path), label)
    for needed in ("units", "root", "bonedata", "hierarchy"):
        if needed not in sections:
            raise BadInput(f"{label} has no :{needed}; expected an ASF skeleton.")
    units = {words[0]: words[1] for words in sections["units"] if len(words) == 2}
    if units.get("angle", "deg") != "deg":
        raise BadInput(f"{label} has angles in {units['angle']!r}; expected deg.")
    root = {words[0]: words[1:] for words in sections["root"]}
    order = tuple(word.upper() for word in root.get("order", _ROOT_ORDER))
    if order != _ROOT_ORDER or root.get("axis", ["XYZ"]) != ["XYZ"]:
        raise BadInput(f"{label} moves its root in the order {order}; expected {_ROOT_ORDER}.")
    moved = [*root.get("position", ()), *root.get("orientation", ())]
    if any(_number(word, label) != 0 for word in moved):
        raise BadInput(f"{label} has a root that is not at rest at the origin.")
    scale = INCH / _number(units.get("length", "1"), label)
    parents = _hierarchy(sections["hierarchy"], label)
    given = _bone_data(sections["bonedata"], label)
    if set(parents) != set(given):
        lost = sorted(set(parents) ^ set(given))[0]
        raise BadInput(f"{label} has the bone {lost!r} in one of :bonedata and :hierarchy alone.")
    bones = {}
    for name, parent in parents.items():
        rows = given[name]
        direction = np.array([_number(word, label) for word in rows["direction"]])
        length = _number(rows["length"][0], label)
        axis = [_number(word, label) for word in rows["axis"][:3]]
        if len(direction) != 3 or len(axis) != 3 or rows["axis"][3:] not in (["XYZ"], []):
            raise BadInput(f"{label}: bone {name!r} has no direction and axis in the order XYZ.")
        dofs = tuple(rows.get("dof", ()))
        # "l" is a change of length that no motion of the database has.
        if not set(dofs) <= set(_DOFS):
            raise BadInput(f"{label}: bone {name!r} moves by {dofs}; expected rx, ry and rz.")
        turned = Rotation.from_euler("xyz", axis, degrees=True)
        bones[name] = Bone(parent, direction * length * scale, turned, dofs)
    return Rig(bones, scale, label)


def read_amc(path: str | Path, rig: Rig) -> dict[str, Array]:
    """Return the frames of an AMC file: for the root (n, 6), for every bone that turns (n, dofs).

    The root has a position in units of the skeleton, then degrees; bones have degrees. Raises
    `BadInput` for frames that lack a bone, have one more, or another count of numbers.
    """
    label = Path(path).name
    expected = {"root": 6} | {name: len(bone.dofs) for name, bone in rig.bones.items() if bone.dofs}
    frames: list[dict[str, list[float]]] = []
    for number, line in enumerate(_text(path).splitlines(), 1):
        words = line.split()
        if not words or words[0].startswith(("#", ":")):
            if words and words[0].upper() == ":RADIANS":
                raise BadInput(f"{label} has radians; expected :DEGREES.")
            continue
        if len(words) == 1 and words[0].isdigit():
            _complete(frames, expected, label, rig)
            frames.append({})
            continue
        name, values = words[0], words[1:]
        if not frames or len(values) != expected.get(name, -1) or name in frames[-1]:
            raise BadInput(
                f"{label}, line {number}: {line.strip()[:40]!r} is no bone of {rig.label} with "
                f"{expected.get(name, 0)} numbers, once a frame; expected an AMC motion of that "
                "skeleton."
            )
        frames[-1][name] = [_number(word, label) for word in values]
    _complete(frames, expected, label, rig)
    if not frames:
        raise BadInput(f"{label} has no frames; expected an AMC motion.")
    return {name: np.array([frame[name] for frame in frames]) for name in expected}


def joint_positions(
    rig: Rig, motion: dict[str, Array], bones: Sequence[str] = JOINT_BONES
) -> Array:
    """Return where bones end (n, bones, 3), in metres with y up: forward kinematics.

    A bone turns by C E C^-1, with C from its axis and E from its degrees of freedom, both about x
    first, then y and z; it ends at its parent's end plus its turned offset. Raises `BadInput` for
    bones that the skeleton lacks.
    """
    unknown = [name for name in bones if name not in rig.bones and name != "root"]
    if unknown:
        raise BadInput(f"{rig.label} has no bone {unknown[0]!r}; expected CMU's skeleton.")
    moved = motion["root"]
    ends = {"root": moved[:, :3] * rig.scale}
    turns = {"root": Rotation.from_euler("xyz", moved[:, 3:], degrees=True)}
    for name, bone in rig.bones.items():
        turn = turns[bone.parent]
        if bone.dofs:
            angles = np.zeros((len(moved), 3))
            angles[:, [_DOFS.index(dof) for dof in bone.dofs]] = motion[name]
            local = Rotation.from_euler("xyz", angles, degrees=True)
            turn = turn * (bone.axis * local * bone.axis.inv())
        turns[name] = turn
        ends[name] = ends[bone.parent] + turn.apply(bone.offset)
    return np.stack([ends[name] for name in bones], axis=1)


def read_motion(asf: str | Path, amc: str | Path) -> Array:
    """Return the 16 joints (n, 16, 3) of a recording, in metres with y up."""
    rig = read_asf(asf)
    return joint_positions(rig, read_amc(amc, rig))


def _text(path: str | Path) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="strict")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(
            f"{str(path)!r} cannot be read as text ({type(error).__name__}); expected an ASF or "
            "AMC file."
        ) from None


def _sections(text: str, label: str) -> dict[str, list[list[str]]]:
    found: dict[str, list[list[str]]] = {}
    rows: list[list[str]] | None = None
    for line in text.splitlines():
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if words[0].startswith(":"):
            rows = found.setdefault(words[0][1:].lower(), [])
        elif rows is not None:
            rows.append(words)
    if not found:
        raise BadInput(f"{label} has no sections that begin with ':'; expected an ASF skeleton.")
    return found


def _bone_data(rows: list[list[str]], label: str) -> dict[str, dict[str, list[str]]]:
    bones: dict[str, dict[str, list[str]]] = {}
    inside: dict[str, list[str]] = {}
    for words in rows:
        if words[0] == "begin":
            inside = {}
        elif words[0] == "end":
            if not {"name", "direction", "length", "axis"} <= set(inside):
                raise BadInput(f"{label} has a bone without name, direction, length or axis.")
            bones[inside["name"][0]] = inside
        else:
            inside[words[0]] = words[1:]
    return bones


def _hierarchy(rows: list[list[str]], label: str) -> dict[str, str]:
    parents: dict[str, str] = {}
    for words in rows:
        if words[0] in ("begin", "end"):
            continue
        for name in words[1:]:
            if name in parents or words[0] not in {"root", *parents}:
                raise BadInput(f"{label}: bone {name!r} is not below the root, once.")
            parents[name] = words[0]
    return parents


def _complete(
    frames: list[dict[str, list[float]]], expected: dict[str, int], label: str, rig: Rig
) -> None:
    if frames and set(frames[-1]) != set(expected):
        lost = sorted(set(expected) - set(frames[-1]))[0]
        raise BadInput(
            f"{label}: frame {len(frames)} has no {lost!r}, which {rig.label} moves; give the "
            "motion of that skeleton."
        )


def _number(word: str, label: str) -> float:
    if re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", word) is None:
        raise BadInput(f"{label} has {word[:20]!r} where a number is expected.")
    return float(word)
