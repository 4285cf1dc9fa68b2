"""The nine equivariant tasks on sequences: a label 0 or 1 for each position (section 5.1).

A sequence that has no label (two windows of the same largest sum, say) is drawn anew, as is one
that has by chance what was not put into it. Everything is drawn by whole numbers from one
generator, so that a seed gives the same sequences everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zoo_core import BadInput

Whole = NDArray[np.int64]
Truth = NDArray[np.bool_]

WINDOW = 4
TARGET = 7


@dataclass(frozen=True)
class Task:
    """A task on sequences (m, n) of the values 0 to `values` - 1.

    `group` is the name of the group that its labels commute with (`zoo_asen.colours.NAMED`).
    `label` returns the labels (m, n) and which sequences have any (m,). `insert`, where there is
    one, writes into every sequence (m, n) what the task looks for, and is called for a half of
    them, which the coin chooses; in the others it must not occur.
    """

    values: int
    group: str
    label: Callable[[Whole], tuple[Truth, Truth]]
    insert: Callable[[np.random.Generator, Whole], Whole] | None = None

    def draw(self, rng: np.random.Generator, count: int, n: int = 10) -> tuple[Whole, Whole]:
        """Return `count` sequences (count, n) and their labels (count, n)."""
        if count < 1 or n < 2 * WINDOW:
            raise BadInput(
                f"{count} sequences of {n}; expected one or more, of {2 * WINDOW} positions or "
                "more."
            )
        found: list[tuple[Whole, Truth]] = []
        missing = count
        while missing > 0:
            x = rng.integers(self.values, size=(count, n))
            inserted = np.zeros(count, dtype=bool)
            if self.insert is not None:
                inserted = rng.integers(2, size=count).astype(bool)
                x = np.where(inserted[:, None], self.insert(rng, x), x)
            labels, good = self.label(x)
            if self.insert is not None:
                good &= inserted == labels.any(1)
            found.append((x[good], labels[good]))
            missing -= int(good.sum())
        sequences, labels = (np.concatenate(part)[:count] for part in zip(*found, strict=True))
        return sequences, labels.astype(np.int64)


def palindromes(x: Whole, window: int = WINDOW) -> tuple[Truth, Truth]:
    """Mark what lies in a window that reads the same from both ends."""
    views = np.lib.stride_tricks.sliding_window_view(x, window, axis=1)
    begins = (views == views[..., ::-1]).all(-1)
    return _covered(begins, window, x.shape[1]), np.ones(len(x), dtype=bool)


def monotone(x: Whole, window: int = WINDOW) -> tuple[Truth, Truth]:
    """Mark the longest strictly increasing or decreasing run, if it is as long as the window."""
    steps = np.diff(x, axis=1)
    return _longest([steps > 0, steps < 0], window)


def constant(x: Whole, window: int = WINDOW) -> tuple[Truth, Truth]:
    """Mark the longest run of one value, if it is as long as the window."""
    return _longest([np.diff(x, axis=1) == 0], window)


def cyclic_sum(x: Whole, window: int = WINDOW) -> tuple[Truth, Truth]:
    """Mark the cyclic window of the largest sum."""
    return _largest(_cyclic(x, window).sum(-1), window)


def cyclic_product(x: Whole, window: int = WINDOW) -> tuple[Truth, Truth]:
    """Mark the cyclic window of the largest product."""
    return _largest(_cyclic(x, window).prod(-1), window)


def cyclic_alternating_sum(x: Whole, window: int = WINDOW) -> tuple[Truth, Truth]:
    """Mark the cyclic window of the largest sum with alternating signs, + first.

    Reversal negates the sums of even windows, so that it is no symmetry of theirs.
    """
    signs = np.where(np.arange(window) % 2, -1, 1)
    return _largest((_cyclic(x, window) * signs).sum(-1), window)


def intersection(x: Whole) -> tuple[Truth, Truth]:
    """Mark the values that occur in the other half."""
    return _in_the_other_half(x, x), np.ones(len(x), dtype=bool)


def difference(x: Whole) -> tuple[Truth, Truth]:
    """Mark the values that do not occur in the other half."""
    return ~_in_the_other_half(x, x), np.ones(len(x), dtype=bool)


def target_sum(x: Whole, target: int = TARGET) -> tuple[Truth, Truth]:
    """Mark the values that one of the other half completes to the target."""
    return _in_the_other_half(x, target - x), np.ones(len(x), dtype=bool)


def _insert_palindrome(rng: np.random.Generator, x: Whole) -> Whole:
    half = rng.integers(10, size=(len(x), WINDOW // 2))
    return _written(rng, x, np.hstack([half, half[:, ::-1]]))


def _insert_monotone(rng: np.random.Generator, x: Whole) -> Whole:
    rising = rng.integers(2, size=(len(x), 1)).astype(bool)
    up, down = (rng.integers(low, high, size=(len(x), 1)) for low, high in ((0, 6), (3, 10)))
    steps = np.arange(WINDOW)
    return _written(rng, x, np.where(rising, up + steps, down - steps))


def _insert_constant(rng: np.random.Generator, x: Whole) -> Whole:
    return _written(rng, x, rng.integers(10, size=(len(x), 1)).repeat(WINDOW, 1))


TASKS: Mapping[str, Task] = {
    "constant": Task(10, "reversal", constant, _insert_constant),
    "cyclicaltsum": Task(7, "cyclic", cyclic_alternating_sum),
    "targetsum": Task(7, "halves", target_sum),
    "monotone": Task(10, "reversal", monotone, _insert_monotone),
    "cyclicprod": Task(7, "dihedral", cyclic_product),
    "symdiff": Task(7, "halves", difference),
    "palindrome": Task(10, "reversal", palindromes, _insert_palindrome),
    "cyclicsum": Task(7, "dihedral", cyclic_sum),
    "intersect": Task(7, "halves", intersection),
}
"""In the paper's order, of which k tasks are the last k. The published code takes the dihedral
group for cyclicaltsum, whose windows are even: the labels commute with rotations alone."""


def _written(rng: np.random.Generator, x: Whole, what: Whole) -> Whole:
    """Return sequences (m, n) with parts (m, w) written over them, each at a random place."""
    starts = rng.integers(x.shape[1] - what.shape[1] + 1, size=(len(x), 1))
    found = x.copy()
    np.put_along_axis(found, starts + np.arange(what.shape[1]), what, axis=1)
    return found


def _covered(begins: Truth, window: int, n: int) -> Truth:
    """Return which of n positions lie in one of the windows that begin where it is said."""
    found = np.zeros((len(begins), n), dtype=bool)
    for step in range(window):
        found[:, step : step + begins.shape[1]] |= begins
    return found


def _cyclic(x: Whole, window: int) -> Whole:
    """Return the n cyclic windows (m, n, window)."""
    n = x.shape[1]
    return x[:, (np.arange(n)[:, None] + np.arange(window)) % n]


def _largest(scores: Whole, window: int) -> tuple[Truth, Truth]:
    """Mark the cyclic window of the largest score, where there is one alone."""
    n = scores.shape[1]
    best = scores == scores.max(1, keepdims=True)
    covered = np.zeros_like(best)
    for step in range(window):
        covered |= np.roll(best, step, axis=1)
    return covered, (best.sum(1) == 1) & (window <= n)


def _longest(alike: list[Truth], least: int) -> tuple[Truth, Truth]:
    """Mark the longest run, of the kinds whose steps (m, n - 1) are given, if it is long enough.

    A sequence with two longest runs, both long enough, has no label.
    """
    m, n = len(alike[0]), alike[0].shape[1] + 1
    # The length of the run of each kind that ends at each position.
    lengths = np.ones((len(alike), m, n), dtype=np.int64)
    for i in range(1, n):
        for kind, steps in enumerate(alike):
            lengths[kind, :, i] = np.where(steps[:, i - 1], lengths[kind, :, i - 1] + 1, 1)
    most = lengths.max((0, 2))
    ends = lengths == most[:, None]
    good = (most < least) | (ends.sum((0, 2)) == 1)
    end = ends.any(0).argmax(1)[:, None]
    places = np.arange(n)
    found = (places <= end) & (places > end - most[:, None]) & (most[:, None] >= least)
    return found, good


def _in_the_other_half(x: Whole, wanted: Whole) -> Truth:
    """Return for each position whether what it wants occurs in the half that it is not in."""
    half = x.shape[1] // 2
    equal = x[:, None, :] == wanted[:, :, None]
    second = np.arange(x.shape[1]) >= half
    found: Truth = (equal & (second[:, None] != second[None, :])).any(2)
    return found
