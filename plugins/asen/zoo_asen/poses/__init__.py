"""Poses: 2-D joints to 3-D joints, with a group of exchanges of left and right as an input."""
