"""The invariant tasks on sequences: one number for each, of the length 8 (section 5.1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from zoo_asen.sequences.tasks import WINDOW, Whole, palindromes
from zoo_core import BadInput

LENGTH = 8
CAPITALS = 26
"""Letters 0 to 25 are lower case, 26 to 51 are capitals."""


@dataclass(frozen=True)
class InvariantTask:
    """A task on sequences (m, 8) of the values 0 to `values` - 1, with one number for each.

    `group` is the name of the group under which the number stays, or "first" for all permutations
    that leave the first position, or "alternating". `propose` draws sequences (m, 8); of a task
    that is `even`, with numbers 0 and 1, both come equally often.
    """

    values: int
    group: str
    number: Callable[[Whole], Whole]
    propose: Callable[[np.random.Generator, int], Whole]
    even: bool = False

    def draw(self, rng: np.random.Generator, count: int) -> tuple[Whole, Whole]:
        """Return `count` sequences (count, 8) and their numbers (count,)."""
        if count < 1:
            raise BadInput(f"{count} sequences; expected one or more.")
        if not self.even:
            sequences = self.propose(rng, count)
            return sequences, self.number(sequences)
        numbers = rng.integers(2, size=count)
        sequences = np.empty((count, LENGTH), dtype=np.int64)
        left = np.arange(count)
        while len(left):
            x = self.propose(rng, len(left))
            good = self.number(x) == numbers[left]
            sequences[left[good]] = x[good]
            left = left[~good]
        return sequences, numbers


def common_values(x: Whole) -> Whole:
    """Return how many values both halves have."""
    one, other = (np.sort(part, axis=1) for part in np.split(x, 2, axis=1))
    equal = (one[:, :, None] == other[:, None, :]).any(2)
    first = np.ones_like(equal)
    first[:, 1:] = one[:, 1:] != one[:, :-1]
    return np.asarray((equal & first).sum(1))


def longest_palindrome(x: Whole) -> Whole:
    """Return the length of the longest palindrome that the values can be put into."""
    counts = np.stack([(x == value).sum(1) for value in range(int(x.max()) + 1)], 1)
    pairs = 2 * (counts // 2).sum(1)
    return np.asarray(pairs + (pairs < x.shape[1]))


def has_palindrome(x: Whole) -> Whole:
    """Return 1 where a window of four reads the same from both ends."""
    return np.asarray(palindromes(x)[0].any(1), dtype=np.int64)


def capitals_in_order(x: Whole) -> Whole:
    """Return 1 where no letter, every letter, or the first one alone is a capital."""
    capital = x >= CAPITALS
    count = capital.sum(1)
    good = (count == 0) | (count == x.shape[1]) | ((count == 1) & capital[:, 0])
    return np.asarray(good, dtype=np.int64)


def largest_window(x: Whole) -> Whole:
    """Return the largest sum of a cyclic window of four."""
    n = x.shape[1]
    windows = x[:, (np.arange(n)[:, None] + np.arange(WINDOW)) % n]
    return np.asarray(windows.sum(-1).max(1))


def vandermonde_sign(x: Whole) -> Whole:
    """Return 1 where the product of all x_j - x_i, i < j, is positive, else 0."""
    i, j = np.triu_indices(x.shape[1], 1)
    return np.asarray((x[:, i] > x[:, j]).sum(1) % 2 == 0, dtype=np.int64)


def _uniform(values: int) -> Callable[[np.random.Generator, int], Whole]:
    return lambda rng, count: rng.integers(values, size=(count, LENGTH))


def _pairs(rng: np.random.Generator, count: int) -> Whole:
    """Draw from none to four pairs of values, among others that are all different."""
    singles = rng.permuted(np.tile(np.arange(10), (count, 1)), axis=1)[:, :LENGTH]
    paired = np.arange(LENGTH) < 2 * rng.integers(LENGTH // 2 + 1, size=(count, 1))
    values = rng.integers(10, size=(count, LENGTH // 2)).repeat(2, axis=1)
    return rng.permuted(np.where(paired, values, singles), axis=1)


def _with_palindromes(rng: np.random.Generator, count: int) -> Whole:
    x = rng.integers(10, size=(count, LENGTH))
    half = rng.integers(10, size=(count, WINDOW // 2))
    starts = rng.integers(LENGTH - WINDOW + 1, size=(count, 1))
    inserted = x.copy()
    what = np.hstack([half, half[:, ::-1]])
    np.put_along_axis(inserted, starts + np.arange(WINDOW), what, axis=1)
    return np.where(rng.integers(2, size=(count, 1)).astype(bool), inserted, x)


def _letters(rng: np.random.Generator, count: int) -> Whole:
    letters = rng.integers(CAPITALS, size=(count, LENGTH))
    kind = rng.integers(4, size=(count, 1))
    first = np.arange(LENGTH) == 0
    some = rng.integers(2, size=(count, LENGTH)).astype(bool)
    capital = np.select([kind == 0, kind == 1, kind == 2], [False, True, first], some)
    found: Whole = letters + CAPITALS * capital
    return found


def _distinct(rng: np.random.Generator, count: int) -> Whole:
    return rng.permuted(np.tile(np.arange(20), (count, 1)), axis=1)[:, :LENGTH]


INVARIANT: Mapping[str, InvariantTask] = {
    "intersect": InvariantTask(7, "halves", common_values, _uniform(7)),
    "longestpal": InvariantTask(10, "symmetric", longest_palindrome, _pairs),
    "palindrome": InvariantTask(10, "reversal", has_palindrome, _with_palindromes, even=True),
    "detectcapital": InvariantTask(52, "first", capitals_in_order, _letters, even=True),
    "cyclicsum": InvariantTask(7, "dihedral", largest_window, _uniform(7)),
    "vandermonde": InvariantTask(20, "alternating", vandermonde_sign, _distinct),
}
"""Colours of pairs cannot tell "alternating" from all permutations: the last task is out of reach,
the paper's own example of what they miss."""
