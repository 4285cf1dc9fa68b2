"""The bounds of claims, as data: what is shown as expected is what the verdict is judged by.

A bound is made by one of four words, and only by these:

=========  ===============================  ======================================================
word       what is measured                 it holds when
=========  ===============================  ======================================================
`value`    an estimate with an interval     the whole interval is on the right side of the bound
`gain`     a (paired) difference            the interval is clear of zero, and the mean as large as
                                            asked
`exact`    a number or bool without spread  it equals the bound, or is on the right side of it
`order`    values by run of several names   each is ahead of the next by a difference that the
                                            interval resolves
=========  ===============================  ======================================================

A value or gain fails when the whole interval is on the wrong side of the bound, an order when one
pair is resolved the wrong way round; in between nothing is established. An interval's end may touch
the bound of a value; a gain must be clear of zero. Upper bounds are exact mirrors of lower ones:
``gain(at_most=-5)`` judges ``-x`` as ``gain(at_least=5)`` judges ``x``. NaN is never a result, and
only what is exact may be infinite.

Specs make bounds when they are listed, so nothing heavy is imported before something is judged.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

from zoo_core.errors import SpecError

if TYPE_CHECKING:
    from zoo_core.interfaces import Estimate, Verdict


COMPARING = ("points", "times", "fold", "decades")
"""The units of differences and ratios, as against those of what is measured of one method."""


class Bound(ABC):
    """What one quantity of a claim is held against; made by `value`, `gain`, `exact` or `order`.

    >>> bound = zoo_core.value(at_least=80)
    >>> isinstance(bound, zoo_core.Bound), bound.told("accuracy")
    (True, 'accuracy at least 80 %')
    """

    @abstractmethod
    def told(self, name: str) -> str:
        """Return the bound on a quantity of that name, for people."""

    @abstractmethod
    def shown(self, name: str, quantity: Any) -> str:
        """Return what was measured of a quantity of that name, for people."""

    @abstractmethod
    def checked(self, quantity: Any) -> Any:
        """Return what was measured in the one form that is judged, shown and stored.

        That is an `Estimate`, a number or bool, or a mapping of names to lists of numbers by run.
        Raises `SpecError` for what this bound does not judge, `ValueError` for what is no result:
        NaN, an infinity that is not exact, a single run without a bootstrap.
        """

    @abstractmethod
    def judge(self, quantity: Any) -> Verdict:
        """Hold what was measured against the bound; raises what `checked` raises."""

    def undecided(self, quantity: Any) -> list[tuple[Estimate, float]]:
        """Return the estimates that leave it not established, each with how far it is from clear.

        The distance is that of the mean from where the verdict turns: what half of the interval's
        width must become smaller than. Nothing is undecided when the bound holds or fails.
        """
        return []

    @property
    def relative(self) -> bool:
        """Whether it is on how methods compare, and so can be asked on other data."""
        return False


@dataclass(frozen=True, kw_only=True)
class Limit(Bound):
    """A bound by one number: from below, from above, or (what is exact) by being equal."""

    kind: str
    equal: float | bool | None = None
    at_least: float | None = None
    at_most: float | None = None
    unit: str = ""

    def __post_init__(self) -> None:
        sides = ["at_least", "at_most", *(["equal"] if self.kind == "exact" else [])]
        given = [side for side in sides if getattr(self, side) is not None]
        _check(self, len(given) == 1, f"one of {', '.join(sides)}")
        limit = getattr(self, given[0])
        good = isinstance(limit, int | float) and not math.isnan(limit)
        good = good and (given == ["equal"] or not isinstance(limit, bool))
        _check(self, good, f"a number as {given[0]}")
        _check(self, isinstance(self.unit, str), "a text as unit")

    @property
    def limit(self) -> str:
        """The bound alone, for people, such as "at least 84.1 %" or "exactly 3,749"."""
        for words, limit in (
            ("exactly", self.equal),
            ("at least", self.at_least),
            ("at most", self.at_most),
        ):
            if isinstance(limit, bool):
                return _number(limit)
            if limit is not None:
                return f"{words} {_number(limit)} {self.unit}".rstrip()
        raise AssertionError("a limit has a side")

    def told(self, name: str) -> str:
        """Return the bound on a quantity of that name, such as "accuracy at least 84.1 %"."""
        return f"{name} {self.limit}"


class Value(Limit):
    """An estimate whose whole interval must be on the right side of the bound.

    What is judged is the form with a lower bound: an upper bound holds for a quantity when its
    negative does for the negated quantity.
    """

    sign = ""

    @property
    def relative(self) -> bool:
        """Whether it is on a difference or a ratio, which its unit tells."""
        return self.unit in COMPARING

    def __post_init__(self) -> None:
        super().__post_init__()
        finite = all(math.isfinite(side or 0) for side in (self.at_least, self.at_most))
        _check(self, finite, "a finite bound")

    def shown(self, name: str, quantity: Any) -> str:
        """Return the mean with half of its interval's width, the unit, and the number of runs."""
        found = self.checked(quantity)
        text = f"{name} {_interval(found, self.sign)} {self.unit}"
        return f"{text.rstrip()} ({_runs(found)})"

    def checked(self, quantity: Any) -> Estimate:
        """Return an estimate as it is, and values by run as their estimate."""
        from zoo_core._statistics import estimate
        from zoo_core.interfaces import Estimate

        if isinstance(quantity, Estimate):
            return quantity
        if isinstance(quantity, Mapping | str) or not isinstance(quantity, Iterable):
            raise SpecError(
                f"What is to be {self.limit} was measured as {quantity!r:.60}; expected an "
                "Estimate or one number a run (what has no spread is judged by `exact`)."
            )
        return estimate([float(one) for one in quantity])

    def judge(self, quantity: Any) -> Verdict:
        """Hold an estimate, or the estimate of values by run, against the bound."""
        return self._judge(*self._upwards(quantity))

    def undecided(self, quantity: Any) -> list[tuple[Estimate, float]]:
        """Return the estimate and its distance from being clear, when nothing is established."""
        found, least = self._upwards(quantity)
        if self._judge(found, least) != "not established":
            return []
        return [(found, self._distance(found, least))]

    def _upwards(self, quantity: Any) -> tuple[Estimate, float]:
        found = self.checked(quantity)
        if self.at_least is not None:
            return found, self.at_least
        assert self.at_most is not None
        return -found, -self.at_most

    def _judge(self, found: Estimate, least: float) -> Verdict:
        if found.low >= least:
            return "holds"
        return "fails" if found.high < least else "not established"

    def _distance(self, found: Estimate, least: float) -> float:
        return abs(found.mean - least)


class Gain(Value):
    """A difference that must be resolved from zero, and as large as asked in the mean."""

    sign = "+"

    @property
    def relative(self) -> bool:
        """A gain is a difference, whatever its unit."""
        return True

    def __post_init__(self) -> None:
        super().__post_init__()
        good = (self.at_least or 0) >= 0 and (self.at_most or 0) <= 0
        _check(self, good, "at_least >= 0 or at_most <= 0 (a loss that is allowed is a `value`)")

    @property
    def limit(self) -> str:
        """The bound alone, for people, such as "at least 5 points, resolved from zero"."""
        if not (self.at_least or self.at_most):
            return f"resolved {'below' if self.at_least is None else 'above'} zero"
        return f"{super().limit}, resolved from zero"

    def _judge(self, found: Estimate, least: float) -> Verdict:
        if found.low > 0 and found.mean >= least:
            return "holds"
        return "fails" if found.high < least else "not established"

    def _distance(self, found: Estimate, least: float) -> float:
        return found.mean if found.mean >= least else least - found.mean


class Exact(Limit):
    """A number or bool without spread: it holds or fails, and there is nothing between."""

    def __post_init__(self) -> None:
        super().__post_init__()
        _check(self, not (self._logical and self.unit), "no unit of a bool")

    @property
    def _logical(self) -> bool:
        return isinstance(self.equal, bool)

    def told(self, name: str) -> str:
        """Return the bound on a quantity of that name, such as "separated: yes"."""
        return super().told(f"{name}:" if self._logical else name)

    def shown(self, name: str, quantity: Any) -> str:
        """Return the number with its unit, or "yes" or "no"."""
        found = self.checked(quantity)
        digits = 4 if self.equal is None else 12
        label = f"{name}:" if self._logical else name
        return f"{label} {_number(found, digits)} {self.unit}".rstrip()

    def checked(self, quantity: Any) -> float | bool:
        """Return a number where a number is expected, a bool where a bool is."""
        if not isinstance(quantity, Real) or isinstance(quantity, bool) != self._logical:
            raise SpecError(
                f"What is to be {self.limit} was measured as {quantity!r:.60}; expected "
                f"{'a bool' if self._logical else 'a number'} (what has spread is judged by "
                "`value`)."
            )
        if math.isnan(quantity):
            raise ValueError(f"What is to be {self.limit} was measured as NaN, which is no result.")
        if isinstance(quantity, Integral):
            return quantity if isinstance(quantity, bool) else int(quantity)
        return float(quantity)

    def judge(self, quantity: Any) -> Verdict:
        """Hold a number or bool against the bound."""
        found = self.checked(quantity)
        if self.equal is not None:
            good = found == self.equal
        elif self.at_least is not None:
            good = found >= self.at_least
        else:
            assert self.at_most is not None
            good = found <= self.at_most
        return "holds" if good else "fails"


@dataclass(frozen=True, kw_only=True)
class Order(Bound):
    """An order of names by what was measured of each, run by run."""

    kind: str
    names: Sequence[str]
    lowest_first: bool = False

    @property
    def relative(self) -> bool:
        """An order compares, whatever is ordered."""
        return True

    def __post_init__(self) -> None:
        good = all(isinstance(one, str) and one.strip() for one in self.names)
        good = good and len(set(self.names)) == len(self.names) >= 2
        _check(self, good, "at least two names, all different")

    @property
    def limit(self) -> str:
        """The bound alone, for people, such as "GCN ahead of MLP ahead of ASE"."""
        return (" below " if self.lowest_first else " ahead of ").join(self.names)

    def told(self, name: str) -> str:
        """Return the order; a name other than "order" says what of, as in "cora: A ahead of B"."""
        return self.limit if name == "order" else f"{name}: {self.limit}"

    def shown(self, name: str, quantity: Any) -> str:
        """Return the mean of each name, and by how much each is ahead of the next."""
        found = self.checked(quantity)
        means = ", ".join(
            f"{one} {_number(math.fsum(row) / len(row), 4)}" for one, row in found.items()
        )
        leads = self.leads(found)
        ahead = ", ".join(_interval(lead, "+") for lead in leads)
        sense = "below" if self.lowest_first else "ahead of"
        return f"{name}: {means}; {sense} the next by {ahead} ({_runs(leads[0])})"

    def checked(self, quantity: Any) -> dict[str, list[float]]:
        """Return the values by run of exactly the names of the order, and in their order."""
        if not isinstance(quantity, Mapping) or set(quantity) != set(self.names):
            had = ", ".join(map(str, quantity)) if isinstance(quantity, Mapping) else repr(quantity)
            raise SpecError(
                f"An order of {', '.join(self.names)} was measured as {had:.80}; expected a "
                "mapping of just these names to one number a run."
            )
        found = {name: [float(one) for one in quantity[name]] for name in self.names}
        self.leads(found)  # which tells of runs that are not paired, and of what is no number
        return found

    def judge(self, quantity: Any) -> Verdict:
        """Hold each name against the next by their differences, paired by run."""
        leads = self.leads(self.checked(quantity))
        if all(lead.low > 0 for lead in leads):
            return "holds"
        return "fails" if any(lead.high < 0 for lead in leads) else "not established"

    def undecided(self, quantity: Any) -> list[tuple[Estimate, float]]:
        """Return the leads that are not resolved, each with its distance from zero."""
        if self.judge(quantity) != "not established":
            return []
        leads = self.leads(self.checked(quantity))
        return [(lead, abs(lead.mean)) for lead in leads if lead.low <= 0]

    def leads(self, found: Mapping[str, Sequence[float]]) -> list[Estimate]:
        """Return by how much each name is ahead of the next (below it, with `lowest_first`)."""
        from zoo_core._statistics import paired

        leads = [paired(found[first], found[second]) for first, second in pairwise(self.names)]
        return [-lead for lead in leads] if self.lowest_first else leads


def value(*, at_least: float | None = None, at_most: float | None = None, unit: str = "%") -> Bound:
    """Return a bound on an estimate: its whole interval must be on the right side.

    One of `at_least` and `at_most` is given, in the `unit` in which the estimate is measured.
    Raises `SpecError` for none and for both.

    >>> zoo_core.value(at_most=5, unit="ms").told("time")
    'time at most 5 ms'
    """
    return Value(kind="value", at_least=at_least, at_most=at_most, unit=unit)


def gain(
    *, at_least: float | None = None, at_most: float | None = None, unit: str = "points"
) -> Bound:
    """Return a bound on a difference: resolved from zero, and its mean as large as asked.

    `at_least` is not negative and `at_most` not positive; a loss that is allowed is no gain, but
    ``value(at_least=-4, unit="points")``.

    One of the two is given, in the `unit` in which the difference is measured. Raises `SpecError`
    for another sign.

    >>> zoo_core.gain(at_least=5).told("lead")
    'lead at least 5 points, resolved from zero'
    """
    return Gain(kind="gain", at_least=at_least, at_most=at_most, unit=unit)


def exact(
    *,
    equal: float | bool | None = None,
    at_least: float | None = None,
    at_most: float | None = None,
    unit: str = "",
) -> Bound:
    """Return a bound on what has no spread: a count, a yes or no, the error of a computation.

    One of `equal` (a number, or yes or no), `at_least` and `at_most` is given, in the `unit` in
    which the quantity is measured. Raises `SpecError` for none and for several.

    >>> zoo_core.exact(equal=0).told("wrong pairs")
    'wrong pairs exactly 0'
    """
    return Exact(kind="exact", equal=equal, at_least=at_least, at_most=at_most, unit=unit)


def order(*names: str, lowest_first: bool = False) -> Bound:
    """Return the bound that each name is ahead of the next, or below it with `lowest_first`.

    `names` are the quantity's own, two or more, the foremost first. Raises `SpecError` for fewer.

    >>> zoo_core.order("deep", "shallow").told("accuracy")
    'accuracy: deep ahead of shallow'
    """
    return Order(kind="order", names=names, lowest_first=lowest_first)


def _check(bound: Bound, holds: bool, expected: str) -> None:
    if not holds:
        raise SpecError(f"{bound!r} is wrong; expected {expected}.")


def _number(found: float | bool, digits: int = 12) -> str:
    if isinstance(found, bool):
        return "yes" if found else "no"
    return f"{found:,}" if isinstance(found, int) else f"{found:.{digits}g}"


def _interval(found: Estimate, sign: str = "") -> str:
    """Return mean ± half of the interval's width, to two digits of the latter."""
    if found.reach == 0:
        return f"{found.mean:{sign}.4g} ± 0"
    decimals = 1 - math.floor(math.log10(found.reach))
    if decimals > 6 or decimals < -6:
        return f"{found.mean:{sign}.3g} ± {found.reach:.2g}"
    places = max(decimals, 0)
    return f"{found.mean:{sign}.{places}f} ± {found.reach:.{places}f}"


def _runs(found: Estimate) -> str:
    return "one run" if found.runs == 1 else f"{found.runs:,} runs"
