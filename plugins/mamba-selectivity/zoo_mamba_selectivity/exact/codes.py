"""Codes of keys and values: ±1 vectors from a seed, and unit vectors.

Keys are the tokens 1 to V/2 - 1, values V/2 to V - 1, as in MQAR; the code of anything else is 0.
"""

from __future__ import annotations

import numpy as np

from zoo_core import BadInput

Array = np.ndarray


def signs(count: int, bits: int, rng: np.random.Generator) -> Array:
    """Return independent random ±1 vectors (count, bits), float64."""
    return 2.0 * rng.integers(2, size=(count, bits)) - 1.0


def distinct_signs(count: int, bits: int, rng: np.random.Generator) -> Array:
    """Return ±1 vectors (count, bits) no two of which are equal, in a random order.

    Raises `BadInput` when there are not so many of so few bits.
    """
    if bits < 63 and count > 2**bits:
        raise BadInput(
            f"There are {2**bits} codes of {bits} bits, and {count} were asked for; use at least "
            f"{(count - 1).bit_length()} bits."
        )
    if bits > 20:  # enumerating them would take too long, and collisions are rare
        while True:
            drawn = signs(count, bits, rng)
            if len(np.unique(drawn, axis=0)) == count:
                return drawn
    numbers = rng.permutation(2**bits)[:count]
    return 2.0 * (numbers[:, None] >> np.arange(bits) & 1) - 1.0


def token_codes(
    vocabulary: int, key_bits: int, value_bits: int | None, distinct: bool, seed: int
) -> tuple[Array, Array]:
    """Return the codes of all tokens, a (V, p) and b (V, q).

    V, the `vocabulary`, is even and at least 4. `key_bits` is p; `value_bits` is q, or None for
    unit vectors, q = V/2. With `distinct` no two keys share a code. A `seed` gives the same codes
    everywhere. Raises `BadInput` for an odd or tiny vocabulary, no bits, or fewer codes than keys.
    """
    if vocabulary < 4 or vocabulary % 2:
        raise BadInput(f"vocabulary={vocabulary} is wrong; give an even number from 4.")
    if key_bits < 1 or (value_bits is not None and value_bits < 1):
        raise BadInput(f"{key_bits} and {value_bits} bits are wrong; give one or more of each.")
    half = vocabulary // 2
    rng = np.random.default_rng(seed)
    draw = distinct_signs if distinct else signs
    keys = np.zeros((vocabulary, key_bits))
    keys[1:half] = draw(half - 1, key_bits, rng)
    values = np.zeros((vocabulary, half if value_bits is None else value_bits))
    values[half:] = np.eye(half) if value_bits is None else signs(half, value_bits, rng)
    return keys, values
