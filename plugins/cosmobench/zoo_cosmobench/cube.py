"""The periodic cube that clouds are in: those of other spaces are refused, other sides are told."""

from __future__ import annotations

from zoo_clouds.clouds import Cloud

from zoo_core import BadInput, notice


def check_cube(cloud: Cloud, length: float, otherwise: str) -> None:
    """Raise `BadInput` for a cloud that lies in no periodic cube.

    A notice tells of a side that is not the `length` (Mpc/h) that was trained on, and what holds
    `otherwise`.
    """
    sides = set(cloud.box.periods)
    if cloud.box.dimension != 3 or None in sides or len(sides) > 1:
        raise BadInput(
            f"The points lie in {cloud.box.told()}; the model was trained on periodic cubes. "
            f"Give the side of the box, such as box={length:g}."
        )
    (side,) = sides
    if side != length:
        notice(
            f"The box is {side:g} Mpc/h wide and the model was trained on boxes of {length:g}: "
            f"{otherwise}."
        )
