"""The Haar wavelets on T = 2^J samples, and their coefficients by prefix sums.

With w = T / 2^j, the wavelet of level j and shift k is w^(-1/2) on the first half of the samples
kw, …, (k + 1)w - 1 and -w^(-1/2) on the second; the coarse function is T^(-1/2) everywhere. With
P_n the sum of the first n samples,

    <x, psi_jk> = w^(-1/2) (2 P_{kw + w/2} - P_{kw} - P_{(k+1)w}),    <x, phi> = T^(-1/2) P_T.

Rows are in the order of PyWavelets' `wavedec(x, "haar", mode="periodization")`, joined: row 0 is
the coarse coefficient, row 2^j + k the one of level j and shift k. Signs and scales are the same.
"""

from __future__ import annotations

import numpy as np

from zoo_core import BadInput

Array = np.ndarray


def check_length(length: int) -> int:
    """Return the number of levels J of signals of length 2^J; raises `BadInput` for others."""
    if length < 2 or length & (length - 1):
        raise BadInput(
            f"A Haar transform takes 2, 4, 8, … samples, not {length}; cut the signal, or pad it "
            "with zeros."
        )
    return length.bit_length() - 1


def level_and_shift(row: int) -> tuple[int, int] | None:
    """Return the level j and the shift k of a row, or None for the coarse function (row 0)."""
    if row == 0:
        return None
    level = row.bit_length() - 1
    return level, row - 2**level


def widths(length: int) -> Array:
    """Return w for each row, (T,) int64: over how many samples each function reaches."""
    check_length(length)
    return np.array([length >> (max(row, 1).bit_length() - 1) for row in range(length)])


def prefix_weights(length: int) -> Array:
    """Return the integers (T, T + 1) that turn P_0, …, P_T into coefficients times w^(1/2)."""
    found = np.zeros((length, length + 1), dtype=np.int64)
    for row, width in enumerate(widths(length).tolist()):
        place = level_and_shift(row)
        if place is None:
            found[row, [0, length]] = -1, 1
        else:
            start = place[1] * width
            found[row, [start, start + width // 2, start + width]] = -1, 2, -1
    return found


def haar_matrix(length: int) -> Array:
    """Return the orthogonal matrix (T, T) whose rows are the wavelets, float64."""
    ahead = np.tri(length + 1, length, -1)  # P = ahead @ x
    matrix: Array = (prefix_weights(length) @ ahead) / np.sqrt(widths(length))[:, None]
    return matrix


def haar_coefficients(x: Array) -> Array:
    """Return the T coefficients of signals (…, T), in float64.

    Raises `BadInput` when T is no power of two above 1.
    """
    check_length(x.shape[-1])
    means, found = np.asarray(x, dtype=np.float64), []
    while means.shape[-1] > 1:
        even, odd = means[..., ::2], means[..., 1::2]
        found.append((even - odd) / np.sqrt(2))
        means = (even + odd) / np.sqrt(2)
    return np.concatenate([means, *reversed(found)], axis=-1)
