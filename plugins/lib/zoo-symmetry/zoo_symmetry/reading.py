"""Groups as people write them: images in a row, cycles, arrays, files."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from zoo_core import BadInput
from zoo_symmetry.group import PermutationGroup, checked

_CYCLE = re.compile(r"\(([^()]*)\)")
_EXAMPLE = "give a row of images (1 2 0), or cycles ((0 1 2)(3 4))"


def read_group(source: Any, degree: int | None = None, *, first: int = 0) -> PermutationGroup:
    """Return the group that generators generate, from what a person has.

    `source` is a group; a list or array (generators, n) of images; text, or the path of a text or
    JSON file, with one generator a line: the images of all points, "1 2 0" or "[1, 2, 0]", or its
    cycles, "(0 1 2)(3 4)", in which fixed points may be left out. Empty lines and those that begin
    with # say nothing. Cycles, and no generators at all, need `degree`, how many points there are.
    `first` is the number of the first point, 0 or 1.

    Raises `BadInput` for what is none of these, permutations of unequal length, points that do not
    exist, and rows whose points are numbered from 1 where `first` is 0.
    """
    if isinstance(source, PermutationGroup):
        if degree not in (None, source.degree):
            raise BadInput(f"The group acts on {source.degree} points, and {degree} are asked for.")
        return source
    if first not in (0, 1):
        raise BadInput(f"Points are numbered from 0 or from 1, not from {first}.")
    generators = [
        (where, _cycles(given, where, degree, first))
        if isinstance(given, str) and "(" in given
        else (where, _row(given, where, first))
        for where, given in _generators(source)
    ]
    if degree is None:
        if not generators:
            raise BadInput(
                "Without a generator the group is trivial; say degree=, how many points."
            )
        degree = len(generators[0][1])
    for where, images in generators:
        if len(images) != degree:
            raise BadInput(f"{where} moves {len(images)} points, and {degree} are expected.")
    return PermutationGroup(degree, tuple(images for _, images in generators))


def _generators(source: Any) -> list[tuple[str, Any]]:
    """Return what stands for each generator, with where it stands."""
    if isinstance(source, Path) or (isinstance(source, str) and _is_file(source)):
        path = Path(source)
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise BadInput(f"{path} cannot be read as text ({error}); {_EXAMPLE}.") from None
        if path.suffix == ".json":
            try:
                return _generators(json.loads(text))
            except json.JSONDecodeError as error:
                raise BadInput(f"{path} is no JSON ({error}).") from None
        return _lines(text)
    if isinstance(source, str):
        return _lines(source)
    if hasattr(source, "detach"):
        source = source.detach().cpu().numpy()
    if isinstance(source, np.ndarray):
        if source.ndim != 2:
            raise BadInput(f"Generators have the shape (generators, n), not {source.shape}.")
        source = source.tolist()
    if isinstance(source, Iterable) and not isinstance(source, dict | bytes):
        given = list(source)
        if given and all(isinstance(one, int | np.integer) for one in given):
            raise BadInput("One permutation is given where a list of them is expected: [[…]].")
        return [(f"Generator {number}", one) for number, one in enumerate(given, 1)]
    raise BadInput(f"{type(source).__name__} is no list of permutations; {_EXAMPLE}.")


def _lines(text: str) -> list[tuple[str, str]]:
    lines = [line.strip() for line in text.splitlines()]
    return [
        (f"Line {number}", line)
        for number, line in enumerate(lines, 1)
        if line and not line.startswith("#")
    ]


def _is_file(text: str) -> bool:
    return "\n" not in text and bool(re.search(r"\.\w+$|[/\\]", text.strip()))


def _row(given: Any, where: str, first: int) -> tuple[int, ...]:
    if isinstance(given, str):
        images = [_number(word, where) for word in re.split(r"[\s,;]+", given.strip("[] \t"))]
    elif isinstance(given, Iterable):
        images = list(given)
    else:
        raise BadInput(f"{where} is {given!r}; {_EXAMPLE}.")
    if (
        first == 0
        and images
        and sorted(images, key=str) == sorted(range(1, len(images) + 1), key=str)
    ):
        raise BadInput(f"{where} numbers the points from 1; say first=1.")
    return checked([_shift(one, first) for one in images], len(images), where)


def _shift(image: Any, first: int) -> Any:
    return image - first if first and not isinstance(image, str | bool) else image


def _cycles(text: str, where: str, degree: int | None, first: int) -> tuple[int, ...]:
    if degree is None:
        raise BadInput(f"{where} has cycles, which may leave points out; say degree=, how many.")
    if _CYCLE.sub("", text).strip(" ,;"):
        raise BadInput(f"{where}, {text!r}, is no product of cycles; {_EXAMPLE}.")
    images, moved = list(range(degree)), set()
    for inside in _CYCLE.findall(text):
        points = [
            _number(word, where) - first for word in re.split(r"[\s,;]+", inside.strip()) if word
        ]
        for point in points:
            if not 0 <= point < degree:
                raise BadInput(
                    f"{where} has the point {point + first}; the points are {first} to "
                    f"{degree - 1 + first}."
                )
            if point in moved:
                raise BadInput(f"{where} has the point {point + first} twice; cycles are disjoint.")
            moved.add(point)
        for one, other in zip(points, [*points[1:], *points[:1]], strict=True):
            images[one] = other
    return tuple(images)


def _number(word: str, where: str) -> int:
    try:
        return int(word)
    except ValueError:
        raise BadInput(f"{where} has {word!r}; points are whole numbers.") from None
