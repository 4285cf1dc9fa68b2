"""The T of PushT: where its corners are, in pixels of a room of 512."""

from __future__ import annotations

ROOM = 512.0
"""The side of the room; actions are places in it, where the agent is to go."""
STATE_NAMES = ("agent x", "agent y", "block x", "block y", "block angle")
ACTION_NAMES = ("target x", "target y")
CORNERS = (
    *((-60.0, 30.0), (60.0, 30.0), (60.0, 0.0), (-60.0, 0.0)),
    *((-15.0, 30.0), (-15.0, 120.0), (15.0, 120.0), (15.0, 30.0)),
)
"""The bar's corners and the stem's, from the block's position, which is the middle of the bar's
upper edge: gym-pusht's keypoints, in an order of our own."""
CENTRE_OF_GRAVITY = (0.0, 45.0)
"""Of the T, in its own frame; pymunk turns bodies about it."""
