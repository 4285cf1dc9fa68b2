"""The linear theory: which maps words over operators span, and what is lost outside of them.

Velasco, O'Hare, Rychtenberg and Villar (2024, arXiv:2411.04265), section 3 of Chen, Huang and
Villar (2025).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

from zoo_core import BadInput

Floats = NDArray[np.float64]
Word = tuple[int, ...]


def words_up_to(operators: int, degree: int) -> tuple[Word, ...]:
    """Return all words over so many letters up to a length, the empty one (the identity) first.

    A word reads as a product: (0, 1) is the first operator times the second.
    """
    if operators < 1 or degree < 0:
        raise BadInput(f"{operators} operators, degree={degree}; expected from 1, and from 0.")
    return tuple(
        word for length in range(degree + 1) for word in product(range(operators), repeat=length)
    )


def named(word: Word, letters: str = "SW") -> str:
    """Return a word as letters, "I" for the empty one."""
    return "".join(letters[one] if one < len(letters) else f"A{one + 1}" for one in word) or "I"


def products(operators: Sequence[Floats], words: Sequence[Word]) -> Floats:
    """Return the products (words, n, n) of operators (n, n) along each word.

    Raises `BadInput` for operators that are not square, of one size and finite.
    """
    given = [np.asarray(one, dtype=np.float64) for one in operators]
    shapes = {one.shape for one in given}
    if len(shapes) != 1 or any(one.ndim != 2 or len(set(one.shape)) > 1 for one in given):
        raise BadInput(
            f"The operators have the shapes {sorted(shapes)}; expected square matrices of one size."
        )
    if not all(np.isfinite(one).all() for one in given):
        raise BadInput("An operator has entries that are not finite (NaN); give numbers.")
    known: dict[Word, Floats] = {(): np.eye(len(given[0]))}

    def product_of(word: Word) -> Floats:
        if word not in known:
            known[word] = product_of(word[:-1]) @ given[word[-1]]
        return known[word]

    return np.stack([product_of(tuple(word)) for word in words])


def rank(matrices: Floats) -> int:
    """Return the dimension of the span of matrices (m, n, n)."""
    flat = matrices.reshape(len(matrices), -1)
    lengths = np.linalg.norm(flat, axis=1)
    kept = lengths > 0
    # Scaled to one length: long products would hide short ones from the tolerance.
    return int(np.linalg.matrix_rank(flat[kept] / lengths[kept, None], tol=1e-9))


def oracle_risk(matrices: Floats, target: Floats, noise: float = 0.0) -> float:
    """Return the least E |y - F x|^2 / n over F in the span of matrices (m, n, n).

    y = T x + noise with T the `target` (n, n), x and the noise (of variance noise^2) white: so that
    the expectation is |T - F|^2 / n + noise^2, and the least is where F is T's projection.
    """
    flat = matrices.reshape(len(matrices), -1).T
    wanted = np.asarray(target, dtype=np.float64).ravel()
    # An orthonormal basis of the span, without directions that are rounding.
    lengths = np.linalg.norm(flat, axis=0)
    left, singular, _ = np.linalg.svd(flat / np.where(lengths > 0, lengths, 1), full_matrices=False)
    basis = left[:, singular > 1e-9 * singular[0]]
    left_over = wanted - basis @ (basis.T @ wanted)
    return float(left_over @ left_over / len(target) + noise**2)


def classes(strong: Floats, weak: Floats, degree: int = 2) -> Mapping[str, Floats]:
    """Return the maps that span the filters of the graph-tuple, of S alone, and of S + W."""
    one = words_up_to(1, degree)
    return {
        "graph-tuple": products([strong, weak], words_up_to(2, degree)),
        "S": products([strong], one),
        "S + W": products([np.asarray(strong) + np.asarray(weak)], one),
    }
