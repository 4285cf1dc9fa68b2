"""Omega_m and sigma_8 of a cloud of points: least squares, two-point function, graph network."""
