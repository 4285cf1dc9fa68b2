"""Bounds drawn on lines, as SVG within a page: what is expected, published and measured.

Places are percentages of the line's width, so that a line is as wide as there is room for and its
signs and words keep their size. Colours are the style sheet's; the shape of the sign of what was
measured says the verdict without them: a disc holds, a cross fails, a ring is open.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from markupsafe import Markup, escape

Facts = Mapping[str, Any]
HEIGHT = 40
AXIS = 17
"""Where the line is, from the top."""
MARGIN = 0.1
"""So much of the whole is left free at either end."""
DECADES = 1.7
"""Numbers that differ by more powers of ten than this are drawn by their logarithm."""
SIGNS = {
    "holds": '<circle r="5"/>',
    "fails": '<path d="M-5-5 5 5M-5 5 5-5"/>',
    "not established": '<circle r="4.5" class="open"/>',
}
BOUND = '<path class="bound" d="M0-13V9"/>'
PUBLISHED = '<path class="published" d="M0-6 6 0 0 6-6 0Z"/>'
WORST = ("fails", "not established", None, "holds")


@dataclass(frozen=True)
class Line:
    """One bound on a line: the side that holds, and what there is to put on it.

    `side` is 1 where larger is better, -1 where smaller is, 0 where only equality holds. `low` and
    `high` are the ends of the interval, the same as `mean` where there is none.
    """

    name: str
    verdict: str | None
    limit: float
    side: int
    unit: str
    mean: float | None = None
    low: float | None = None
    high: float | None = None
    published: float | None = None
    signed: bool = False

    @property
    def numbers(self) -> list[float]:
        """All that must be on the line."""
        zero = [0.0] if self.signed else []
        some = (self.limit, self.mean, self.low, self.high, self.published)
        return zero + [one for one in some if one is not None]

    @property
    def margin(self) -> float:
        """How far what was measured is inside the bound: in halves of its interval, below 0 out."""
        if self.mean is None or self.low is None or self.high is None or not self.side:
            return math.inf
        inside = self.low - self.limit if self.side > 0 else self.limit - self.high
        return inside / ((self.high - self.low) / 2 or abs(self.limit) or 1)


class Scale:
    """Where numbers are on a line, in percent of its width."""

    def __init__(self, numbers: Sequence[float]) -> None:
        least, most = min(numbers), max(numbers)
        self.logarithmic = least > 0 and math.log10(most / least) > DECADES
        self.low, self.high = self._of(least), self._of(most)
        if self.high == self.low:
            self.low, self.high = self.low - 1, self.high + 1
        room = MARGIN * (self.high - self.low)
        self.low, self.high = self.low - room, self.high + room

    def _of(self, number: float) -> float:
        return math.log10(number) if self.logarithmic else number

    def at(self, number: float) -> float:
        """Return the place of a number."""
        return 100 * (self._of(number) - self.low) / (self.high - self.low)


def lines(claim: Facts) -> list[dict[str, Any]]:
    """Return the bounds of a claim, each with its drawing ("" where numbers do not draw).

    Estimates in one unit share a scale, so that they can be compared.
    """
    drawn = [list(_lines(claim, bound)) for bound in claim["bounds"]]
    shared: dict[str, list[float]] = {}
    for bound, several in zip(claim["bounds"], drawn, strict=True):
        for line in several:
            shared.setdefault(_group(bound, line), []).extend(line.numbers)
    return [
        {
            "bound": bound,
            "drawings": [
                {"name": line.name, "svg": _svg(line, Scale(shared[_group(bound, line)]))}
                for line in several
            ],
        }
        for bound, several in zip(claim["bounds"], drawn, strict=True)
    ]


def decisive(claim: Facts) -> dict[str, Any] | None:
    """Return the bound that the verdict hangs on, with its drawing; None where none draws.

    That is the worst one, and of several equally bad the one with the least margin.
    """
    found = [(bound, line) for bound in claim["bounds"] for line in _lines(claim, bound)]
    found.sort(key=lambda pair: (WORST.index(pair[1].verdict), pair[1].margin))
    for bound, line in found:
        if line.mean is not None or line.verdict is None:
            return {"bound": bound, "name": line.name, "svg": _svg(line, Scale(line.numbers))}
    return None


def ladder(counts: Mapping[str, int]) -> Markup:
    """Return verdicts as parts of one bar."""
    total, at, parts = sum(counts.values()), 0.0, []
    for verdict, count in counts.items():
        share = 100 * count / total
        kind = verdict.replace(" ", "-")
        parts.append(f'<rect class="v-{kind}" x="{at:.2f}%" width="{share:.2f}%" height="100%"/>')
        at += share
    told = escape(", ".join(f"{count} {verdict}" for verdict, count in counts.items()))
    return Markup(f'<svg class="ladder" role="img" aria-label="{told}">{"".join(parts)}</svg>')


def legend(line: Line) -> Markup:
    """Return a line that explains lines, with words at its signs."""
    scale, drawn = Scale(line.numbers), str(_svg(line, Scale(line.numbers)))
    words = {line.limit: "the bound", line.mean: "measured", line.published: "published"}
    told = "".join(
        f'<text x="{scale.at(number):.2f}%" y="-4" text-anchor="middle">{word}</text>'
        for number, word in words.items()
        if number is not None
    )
    return Markup(drawn.replace("</title>", f"</title>{told}"))


def _group(bound: Facts, line: Line) -> str:
    """Return what shares a scale: estimates in one unit; what is exact has its own."""
    kind = bound["kind"]
    return f"{kind} {bound['name']}" if kind in ("exact", "order") else f"estimate {line.unit}"


def _lines(claim: Facts, bound: Facts) -> Iterator[Line]:
    """Yield the lines of a bound: one, or for an order one for each step; none for a yes or no."""
    found, verdict = bound["measured"], bound["verdict"]
    if bound["kind"] == "order":
        word = "below" if bound["lowest_first"] else "ahead of"
        for (first, second), lead in zip(
            pairwise(bound["names"]), bound.get("leads", ()), strict=False
        ):
            mean, low, high = lead["mean"], lead["low"], lead["high"]
            step = "holds" if low > 0 else "fails" if high < 0 else "not established"
            name = f"{first} {word} {second}"
            yield Line(name, step, 0.0, 1, "", mean, low, high, signed=True)
        return
    limit, side = _limit(bound)
    if limit is None:
        return
    mean = low = high = None
    if isinstance(found, Mapping):
        mean, low, high = found["mean"], found["low"], found["high"]
    elif isinstance(found, int | float) and not isinstance(found, bool):
        mean = low = high = float(found)
    elif found is not None:
        return  # an infinity, which has no place on a line
    if side == 0 and mean == limit:
        return  # it is what it is to be: words say it better
    yield Line(
        *(bound["name"], verdict, limit, side, bound["unit"], mean, low, high),
        published=_published(claim, bound),
        signed=bound["kind"] == "gain",
    )


def _limit(bound: Facts) -> tuple[float | None, int]:
    for key, side in (("at_least", 1), ("at_most", -1), ("equal", 0)):
        limit = bound[key]
        if limit is not None and not isinstance(limit, bool) and math.isfinite(limit):
            return float(limit), side
    return None, 0


def _published(claim: Facts, bound: Facts) -> float | None:
    """Return the paper's figure where there is no doubt which it is: one number, and one bound."""
    unit = re.escape(bound["unit"])
    told = re.fullmatch(rf"\D*?(-?\d+(?:\.\d+)?) ?{unit}(?![.\d])\D*", claim["published"])
    if told is None or len(claim["bounds"]) != 1 or bound["kind"] != "value" or not unit:
        return None
    return float(told[1])


def _svg(line: Line, scale: Scale) -> Markup:
    """Return a line with its bound, the interval and the mean of what was measured."""
    at = scale.at(line.limit)
    parts = []
    if line.side > 0:
        parts.append(
            f'<rect class="good" x="{at:.2f}%" y="4" width="{100 - at:.2f}%" height="26"/>'
        )
    elif line.side < 0:
        parts.append(f'<rect class="good" x="0" y="4" width="{at:.2f}%" height="26"/>')
    parts.append(f'<line class="axis" x1="0" x2="100%" y1="{AXIS}" y2="{AXIS}"/>')
    if line.signed and line.limit and scale.at(0) > 0:
        parts.append(_at(scale.at(0), '<path class="zero" d="M0-13V9"/>'))
    parts.append(_at(at, BOUND))
    if line.published is not None:
        parts.append(_at(scale.at(line.published), PUBLISHED))
    kind = (line.verdict or "not measured").replace(" ", "-")
    if line.mean is not None and line.low is not None and line.high is not None:
        low, high = scale.at(line.low), scale.at(line.high)
        if line.low != line.high:
            parts.append(
                f'<line class="interval v-{kind}" x1="{low:.2f}%" x2="{high:.2f}%" '
                f'y1="{AXIS}" y2="{AXIS}"/>'
            )
        sign = SIGNS[line.verdict or "not established"]
        parts.append(_at(scale.at(line.mean), f'<g class="mean v-{kind}">{sign}</g>'))
    parts.append(_label(line, at))
    told = escape(_told(line))
    return Markup(
        f'<svg class="line" height="{HEIGHT}" role="img">'
        f"<title>{told}</title>{''.join(parts)}</svg>"
    )


def _at(place: float, drawing: str) -> str:
    return f'<svg x="{place:.2f}%" y="{AXIS}" overflow="visible">{drawing}</svg>'


def _label(line: Line, at: float) -> str:
    """Return the bound's number below the line, turned inwards where it is near an end."""
    anchor = "start" if at < 12 else "end" if at > 88 else "middle"
    sign = {1: "≥ ", -1: "≤ ", 0: "= "}[line.side]
    if line.signed and not line.limit:
        sign = "> " if line.side > 0 else "< "
    text = escape(f"{sign}{line.limit:.4g}{_unit(line.unit)}")
    return f'<text x="{at:.2f}%" y="{HEIGHT - 1}" text-anchor="{anchor}">{text}</text>'


def _unit(unit: str) -> str:
    return f" {unit}" if unit else ""


def _told(line: Line) -> str:
    """Return in words what a line shows, for those who hear the page."""
    word = {1: "at least", -1: "at most", 0: "exactly"}[line.side]
    told = [f"{line.name}: expected {word} {line.limit:.4g}{_unit(line.unit)}"]
    if line.published is not None:
        told.append(f"published {line.published:.4g}")
    if line.mean is None:
        told.append("not measured")
    elif line.low == line.high:
        told.append(f"measured {line.mean:.4g}")
    else:
        told.append(f"measured {line.mean:.4g}, interval {line.low:.4g} to {line.high:.4g}")
    return ", ".join(told)
