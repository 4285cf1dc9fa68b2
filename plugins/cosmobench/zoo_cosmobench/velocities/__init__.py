"""Velocities of points from their positions: least squares, linear theory, graph network."""
