"""Why a list is empty, and what to try: imported only when one is."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from zoo_core._notices import Notice
from zoo_core._registry import listing
from zoo_core._registry.left_out import advice
from zoo_core._registry.names import matches
from zoo_core._registry.registry import registry
from zoo_core.errors import closest

FIELDS = {
    "paper": "paper",
    "task": "task",
    "dataset": "dataset",
    "license": "license",
    "metric": "metrics",
}
"""The field of a row that a filter is about."""
KINDS = ("paper", "dataset", "metric")
FEW = 12
"""So many values are told where none is like the one that was asked for."""


def why(kind: str, patterns: Sequence[str], filters: Mapping[str, Any]) -> str:
    """Return why nothing of a kind ("models", "papers", …) fits, and what to try: a sentence.

    It is empty where what hides all of them was said by the list itself.
    `patterns` and `filters` are those of `zoo_core._registry.listing`.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Notice)  # what is hidden was said by the list itself
        one = kind.removesuffix("s")
        every = {"untrained": True} if kind == "models" else {}
        rows = _rows(kind, "*", every)
        if not any(matches(row["name"], patterns) for row in rows):
            return _no_name(one, patterns, [row["name"] for row in rows])
        asked = {key: value for key, value in filters.items() if _is_given(key, value)}
        for key, value in asked.items():
            if key in FIELDS and not _rows(kind, "*", {**every, key: value}):
                values = {each for row in rows for each in _listed(row[FIELDS[key]])}
                return _no_value(one, key, value, sorted(values))
        untrained = len(_rows(kind, patterns, {**filters, **every}))
        if untrained:
            has = "1 model that fits has" if untrained == 1 else f"{untrained} models that fit have"
            return f"{has} no weights yet; --untrained lists what has none, too."
        found = {
            key: len(_rows(kind, patterns, {k: v for k, v in filters.items() if k != key}))
            for key in asked
        }
        parts = [f"{n} without --{key.replace('_', '-')}" for key, n in found.items() if n]
        there = f"; there would be {', '.join(parts)}" if parts else ""
        return f"no {one} fits all that was asked for{there}."


def _rows(kind: str, patterns: str | Sequence[str], filters: Mapping[str, Any]) -> list[Any]:
    if kind == "models":
        return listing.model_rows(patterns, **filters)
    return listing.rows(kind, patterns, **filters)


def _is_given(key: str, value: Any) -> bool:
    return key not in ("sort", "untrained") and value is not None and value != ()


def _listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def _no_name(kind: str, patterns: Sequence[str], names: Sequence[str]) -> str:
    if not names:
        # What is hidden was said, with what to do.
        none = f"no plugin that is read brings a {kind}; {advice()}."
        return "" if registry().hidden else none
    told = " or ".join(map(repr, patterns))
    hints = "".join(dict.fromkeys(registry().hint(pattern) for pattern in patterns))
    return f"no {kind}'s name fits {told}{_near(patterns[0], names)}{hints}"


def _no_value(kind: str, key: str, asked: str, there: Sequence[str]) -> str:
    near, more = _near(asked, there), ""
    if near == "." and len(there) <= FEW:
        more = f" There are {', '.join(there)}."
    elif near == "." and key in KINDS:
        more = f" `zoo list --{key}s` lists them."
    word = "licence" if key == "license" else key
    return f"no {kind} has a {word} that fits {asked!r}{near}{more}"


def _near(pattern: str, names: Sequence[str]) -> str:
    """Return how the sentence ends: a wildcard that fits, or the names that are alike."""
    word = pattern.strip("*?").casefold()
    holding = [name.casefold() for name in names if word and word in name.casefold()]
    if holding:
        first = "" if all(name.startswith(word) for name in holding) else "*"
        return f"; {first + word + '*'!r} fits {len(holding)}."
    spelt = {name.casefold(): name for name in names}
    told = closest(word, spelt)
    for lower, name in spelt.items():
        told = told.replace(repr(lower), repr(name))
    return told
