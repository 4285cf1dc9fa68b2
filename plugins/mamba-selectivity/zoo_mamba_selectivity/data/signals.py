"""Signals whose Haar coefficients are wanted: Gaussian noise, and those that PyWavelets ships."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import ClassVar

import numpy as np

from zoo_core import BadInput, DataError, Split
from zoo_mamba_selectivity.haar import basis

Array = np.ndarray


@dataclass(frozen=True)
class HaarSignals:
    """Gaussian signals of independent samples. Test and validation are fixed, training a stream.

    `length` is T, a power of two; `coefficients` are the rows that are wanted (see `haar.basis`),
    all T by default. The test split has as many `signals` as the validation split; `seed` is that
    of all splits.
    """

    splits: ClassVar[tuple[str, ...]] = ("train", "val", "test")
    length: int = 256
    coefficients: tuple[int, ...] | None = None
    signals: int = 64
    seed: int = 0

    def __post_init__(self) -> None:
        basis.check_length(self.length)
        if not self.rows or not all(0 <= row < self.length for row in self.rows):
            raise BadInput(
                f"coefficients={list(self.rows)} are wrong; give some of 0 to {self.length - 1}."
            )
        if self.signals < 1 or self.seed < 0:
            raise BadInput("signals must be 1 or more, and the seed not negative.")

    @property
    def rows(self) -> tuple[int, ...]:
        """The rows that are wanted."""
        every = tuple(range(self.length))
        return every if self.coefficients is None else tuple(self.coefficients)

    def split(self, name: str) -> Split:
        """Return the view of a split, whose indices are the seeds of its signals."""
        return Split(self, name, [self.seed, self.splits.index(name)])

    def part(self, name: str) -> Array:
        """Return the signals (n, T), float64, of the split "train", "val" or "test"."""
        rng = np.random.default_rng(self.split(name).indices)
        return rng.standard_normal((self.signals, self.length))

    def targets(self, x: Array) -> Array:
        """Return the wanted coefficients (n, K) of signals (n, T), float64."""
        return basis.haar_coefficients(x)[:, list(self.rows)]

    def stream(self, seed: int, batch: int) -> Iterator[Array]:
        """Yield training signals (batch, T) without end, from a generator that no split has."""
        # One more than the seed: numbers of a seed that end in zeros are padding to numpy.
        rng = np.random.default_rng([*self.split("train").indices, seed + 1])
        while True:
            yield rng.standard_normal((batch, self.length))


@dataclass(frozen=True)
class MeasuredSignal(HaarSignals):
    """One signal of PyWavelets, standardised; there is a test split only.

    `name` is "ecg", "nino" or "blocks", `start` the first sample that is taken.
    """

    splits: ClassVar[tuple[str, ...]] = ("test",)
    name: str = "ecg"
    start: int = 0

    def part(self, name: str = "test") -> Array:
        """Return the signal (1, T), float64, of mean 0 and standard deviation 1.

        Raises `BadInput` for a stretch that the signal does not have, `DataError` when PyWavelets
        is not installed.
        """
        whole = raw_signal(self.name, self.length)
        x = whole[self.start : self.start + self.length]
        if self.start < 0 or len(x) < self.length:
            raise BadInput(
                f"{self.name} has {len(whole)} samples; {self.length} from {self.start} on are not "
                "among them."
            )
        standardised: Array = (x - x.mean()) / x.std()
        return standardised[None]

    def stream(self, seed: int, batch: int) -> Iterator[Array]:
        """Refuse: one signal is nothing to train on."""
        raise BadInput(f"{self.name} is one signal, for testing only; train on the dataset haar.")


def raw_signal(name: str, length: int) -> Array:
    """Return a whole signal of PyWavelets as it ships it, float64.

    "ecg" is 1,024 samples of an electrocardiogram, "nino" 264 seasonal means of the sea surface
    temperature in the El Niño 3 region, "blocks" the piecewise-constant test function of Donoho and
    Johnstone (Biometrika 81, 1994) on `length` samples.

    Raises `BadInput` for another name, and `DataError` when PyWavelets is not installed.
    """
    data = pywavelets().data
    if name == "ecg":
        return np.asarray(data.ecg(), dtype=np.float64)
    if name == "nino":
        return np.asarray(data.nino()[1], dtype=np.float64)
    if name == "blocks":
        return np.asarray(data.demo_signal("Blocks", length), dtype=np.float64)
    raise BadInput(f"There is no signal {name!r}; use 'ecg', 'nino' or 'blocks'.")


def pywavelets() -> ModuleType:
    """Return the package `pywt` with its data; raises `DataError` when it is not installed."""
    try:
        import pywt
        import pywt.data
    except ImportError as error:
        raise DataError(
            "PyWavelets is not installed, which has these signals and is what Haar coefficients "
            "are held against; install it with `pip install PyWavelets`."
        ) from error
    module: ModuleType = pywt
    return module


def gaussian(
    length: int = 256,
    coefficients: list[int] | None = None,
    signals: int = 64,
    seed: int = 0,
) -> HaarSignals:
    """Return Gaussian signals, see `HaarSignals`; raises `BadInput` for sizes that do not fit."""
    return HaarSignals(length, None if coefficients is None else tuple(coefficients), signals, seed)


def measured(name: str, length: int = 256, start: int = 0) -> MeasuredSignal:
    """Return a stretch of a signal of PyWavelets, see `MeasuredSignal` and `raw_signal`."""
    return MeasuredSignal(length, name=name, start=start, signals=1)
