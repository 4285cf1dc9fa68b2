"""A pose as a picture: the joints in the image, and in space from the front and from the side."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Bones = Sequence[tuple[int, int]]
BLUE, ORANGE, GREY = "#0072b2", "#d55e00", "0.55"
SIDES = {"from the front": (0, 1), "from the side": (2, 1)}
"""Which axes of the camera's frame are drawn: to the right and down, away from it and down."""


def drawn(flat: Any, space: Any, bones: Bones) -> dict[str, Callable[[], bytes]]:
    """Return the picture of one pose by suffix: 2-D joints (J, 2) and 3-D joints (J, 3) in mm."""
    return {f".{kind}": partial(_written, flat, space, bones, kind) for kind in ("svg", "png")}


def _written(flat: Any, space: Any, bones: Bones, kind: str) -> bytes:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.5, 3.0), layout="constrained")
    draw_pose(figure.subplots(1, 3), flat, {"predicted": (space, ORANGE)}, bones)
    stream = io.BytesIO()
    figure.savefig(stream, format=kind)
    return stream.getvalue()


def draw_pose(
    axes: Sequence[Axes],
    flat: Any,
    poses: dict[str, tuple[Any, str]],
    bones: Bones,
    titles: bool = True,
) -> None:
    """Draw 2-D joints, then poses (J, 3) in mm from two sides; each has a label and a colour."""
    _sticks(axes[0], flat[:, 0], flat[:, 1], bones, GREY, "given")
    for place, (a, b) in zip(axes[1:], SIDES.values(), strict=True):
        for label, (pose, colour) in poses.items():
            _sticks(place, pose[:, a], pose[:, b], bones, colour, label)
    for place, title in zip(axes, ("in the image", *SIDES), strict=True):
        place.set_aspect("equal")
        place.invert_yaxis()
        if titles:
            place.set_title(title, fontsize=9)
        place.tick_params(labelsize=7)
        place.grid(alpha=0.3)
    axes[1].set_ylabel("mm", fontsize=8)


def _sticks(axes: Axes, x: Any, y: Any, bones: Bones, colour: str, label: str) -> None:
    for number, (one, other) in enumerate(bones):
        axes.plot(
            [x[one], x[other]], [y[one], y[other]],
            "o-", color=colour, ms=2, lw=1.4, label=None if number else label,
        )  # fmt: skip
