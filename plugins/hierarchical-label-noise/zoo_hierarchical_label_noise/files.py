"""A user's hierarchy in a file: CSV, nested JSON, or an is-a list such as WordNet's."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from zoo_tables import read_table

from zoo_core import BadInput, notice
from zoo_hierarchical_label_noise.hierarchy import Hierarchy, Nested

CLASS_COLUMNS = {"class": "superclass", "fine_name": "coarse_name", "fine": "coarse"}
"""The column of classes of a CSV, and that of their superclasses."""


def read_hierarchy(source: Any, classes: Sequence[str]) -> Hierarchy:
    """Return the hierarchy of some classes from what a user has.

    `source` is a `Hierarchy`, its JSON form in memory, or the path of a file:

    * ``.json``: the nested form, or the superclass's number for each class in order;
    * ``.csv``: the columns ``class`` and ``superclass`` (or ``fine_name`` and ``coarse_name``, as
      CIFAR-100's has them; or ``fine`` and ``coarse``), a row for each class; or ``child`` and
      ``parent``, a row for each edge of a tree of any depth;
    * ``.txt``: an is-a list, two identifiers a line, as ImageNet's ``wordnet.is_a.txt`` has them
      (``parent child``; the other way round is told from it, since classes are no parents).

    Raises `BadInput` for a file that is not there or not of such a form, for a class that is
    missing, unknown or twice in it, for two parents and for a cycle.
    """
    if not isinstance(source, str | Path):
        return Hierarchy.of_nested(source, classes)
    path = Path(source).expanduser()
    if not path.is_file():
        raise BadInput(f"There is no file {path}; expected a hierarchy as .csv, .json or .txt.")
    readers = {".json": _json, ".csv": _csv, ".txt": _is_a}
    if path.suffix.lower() not in readers:
        raise BadInput(f"{path} is no hierarchy that can be read; expected .csv, .json or .txt.")
    names = tuple(map(str, classes))
    return Hierarchy.of_nested(readers[path.suffix.lower()](path, names), names)


def _json(path: Path, classes: Sequence[str]) -> Nested:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise BadInput(f"{path} has a superclass twice; give each once.")
        return found

    try:
        return json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=once)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise BadInput(f"{path} is no JSON ({error}).") from error


def _csv(path: Path, classes: Sequence[str]) -> Nested:
    table = read_table(path, header=True, text=True)
    names = [str(name) for name in table.names or ()]
    if {"child", "parent"} <= set(names):
        edges = zip(_column(table, "child"), _column(table, "parent"), strict=True)
        return _of_edges(list(edges), classes, str(path))
    for own, above in CLASS_COLUMNS.items():
        if {own, above} <= set(names):
            return _of_pairs(_column(table, own), _column(table, above), path)
    raise BadInput(
        f"{path} has the columns {', '.join(names)}; expected class and superclass (or fine_name "
        "and coarse_name), or child and parent."
    )


def _column(table: Any, name: str) -> list[str]:
    return ["" if cell is None else str(cell).strip() for cell in table.column(name)]


def _of_pairs(own: Sequence[str], above: Sequence[str], path: Path) -> Nested:
    parents: dict[str, str] = {}
    for name, parent in zip(own, above, strict=True):
        if not name or not parent:
            raise BadInput(f"{path} has an empty cell; each class has a superclass.")
        if parents.setdefault(name, parent) != parent:
            raise BadInput(
                f"{name} has two parents in {path}, {parents[name]} and {parent}; each class "
                "belongs to one."
            )
    tree: dict[str, list[str]] = {}
    for name, parent in parents.items():
        tree.setdefault(parent, []).append(name)
    return tree


def _is_a(path: Path, classes: Sequence[str]) -> Nested:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is no text ({error}).") from error
    rows = [line.split() for line in lines if line.strip() and not line.startswith("#")]
    bad = next((row for row in rows if len(row) != 2), None)
    if bad is not None or not rows:
        raise BadInput(
            f"{path} has {'the line ' + repr(' '.join(bad)) if bad else 'no lines'}; an is-a list "
            "has two identifiers a line (names with spaces belong into a CSV with the columns "
            "child and parent)."
        )
    upright = [(child, parent) for parent, child in rows]
    turned = [(child, parent) for child, parent in rows]
    known = set(classes)
    ways = [
        edges
        for edges in (upright, turned)
        if known & {child for child, _ in edges} and not known & {parent for _, parent in edges}
    ]
    if len(ways) != 1:
        raise BadInput(
            f"{path} does not tell parents from children: no class may have one below it; write "
            "a CSV with the columns child and parent."
        )
    return _of_edges(ways[0], classes, str(path))


def _of_edges(edges: Sequence[tuple[str, str]], classes: Sequence[str], label: str) -> Nested:
    """Return the nested form of the classes' ancestors; chains without a choice are cut short.

    What leads to no class is left out, with a notice. Raises `BadInput` for two parents, a cycle,
    and a class with others below it.
    """
    above: dict[str, list[str]] = {}
    for child, parent in edges:
        if not child or not parent:
            raise BadInput(f"{label} has an edge with an empty end.")
        if parent not in above.setdefault(child, []):
            above[child].append(parent)
    below = _ancestors(above, classes, label)
    everything = {*above, *(parent for _, parent in edges)}
    unused = len(everything - set(below) - set(classes))
    if unused:
        notice(f"{unused:,} nodes of {label} lead to no class, and were left out.")
    return _nested(below, classes)


def _ancestors(
    above: Mapping[str, list[str]], classes: Sequence[str], label: str
) -> dict[str, list[str]]:
    """Return for each ancestor of a class its children, in order of appearance; "" is the root."""
    below: dict[str, list[str]] = {"": []}
    for name in classes:
        if name not in above:
            raise BadInput(
                f"{label} does not say where {name} belongs: it has no parent there; every class "
                "must have one."
            )
        child, chain = name, {name}
        while True:
            parents = above.get(child, [""])
            if len(parents) > 1:
                raise BadInput(
                    f"{child} has two parents in {label}, {parents[0]} and {parents[1]}; a "
                    "hierarchy is a tree: leave one out."
                )
            (parent,) = parents
            if parent in chain:
                raise BadInput(f"{label} goes in a circle: {parent} is above itself.")
            if parent in classes:
                raise BadInput(
                    f"{parent} is a class and a parent of {child} in {label}; classes are the "
                    "leaves of a hierarchy."
                )
            known = below.setdefault(parent, [])
            if child in known:
                break
            known.append(child)
            if parent == "":
                break
            chain.add(parent)
            child = parent
    return below


def _nested(below: Mapping[str, list[str]], classes: Sequence[str]) -> Nested:
    """Return the nested form, in which no superclass has a single superclass in it alone."""
    leaves = set(classes)

    def cut(name: str) -> str:
        while len(below[name]) == 1 and below[name][0] not in leaves:
            (name,) = below[name]
        return name

    def tree(name: str, seen: int) -> Nested:
        if seen > 100:
            raise BadInput("The hierarchy is over 100 levels deep; expected a shallower one.")
        return {
            child: child if child in leaves else tree(cut(child), seen + 1) for child in below[name]
        }

    return tree(cut(""), 0)
