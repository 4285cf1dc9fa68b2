"""What the paper publishes of its models: radii, frequencies and powers, found on its suites."""

from __future__ import annotations

RADII = {
    "Quijote": (
        (112, 6, 23, 73, 105, 115, 76, 89, 7, 86, 99, 88),
        (15, 53, 6, 27, 100, 8, 83, 31, 67, 7, 79, 110),
    ),
    "CAMELS-SAM": (
        (60.5, 1, 8, 1.5, 44, 3.5, 48.5, 52, 0.5, 11, 8.5, 53),
        (3, 20, 1, 58.5, 15.5, 8.5, 15, 0.5, 26, 22, 22.5, 35.5),
    ),
    "CAMELS": (
        (0.4, 7.1, 0.6, 0.1, 9.6, 2.3, 0.2, 13.7, 2.4, 1.7, 3.1, 2.5),
        (3.3, 3.7, 0.4, 20.5, 7.1, 11.6, 0.2, 0.1, 1.9, 1.2, 0.3, 2),
    ),
}
"""In Mpc/h, for Omega_m and for sigma_8, in the order in which they were chosen."""
VELOCITIES = {"Quijote": (15, 4), "CAMELS-SAM": (25, 3), "CAMELS": (10, 3)}
"""Frequencies and powers of the least squares on velocities."""
BINS = {"Quijote": (2.0, 80.0, 24), "CAMELS-SAM": (1.0, 40.0, 19), "CAMELS": (0.1, 12.0, 19)}
"""Of the two-point function: from, to, how many."""
