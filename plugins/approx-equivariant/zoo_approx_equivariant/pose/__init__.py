"""Poses: 2-D joints to 3-D joints, by graph networks with a chosen symmetry of the skeleton."""
