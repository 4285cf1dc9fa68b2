"""Edge lists as text: two nodes on each line, and what their edge carries."""

from __future__ import annotations

import ast
import csv
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from zoo_core import BadInput
from zoo_graphs.reading.source import Ids, Source, columns_of
from zoo_graphs.reading.tables import ends_of, from_columns, is_header, typed, typed_ids

_SEPARATORS = (",", ";", "\t", "|")
_COMMENT = re.compile(r"(^|\s)#.*|^%.*")
_FIRST_COMMENTS = re.compile(r"([#%][^\n]*\n)*+")
# No zero before a number, which would be a name; at most 18 digits, which int64 holds.
_TWO_INTEGERS = re.compile(
    r"(?:[ \t]*+(?:0|[1-9][0-9]{0,17}+)(?:[ \t]*+,[ \t]*+|[ \t]++)"
    r"(?:0|[1-9][0-9]{0,17}+)[ \t]*+(?:\r?\n|$))*+"
)
_SPACES = re.compile(r"[\s,;]+")
Line = tuple[int, list[str], dict[Any, Any] | None]


def parse_edge_list(
    text: str, name: str, ids: Ids | None, num_nodes: int | None, header: bool | None
) -> Source:
    """Return the graph of an edge list.

    Each line has two nodes, by comma, semicolon, tab or space, and perhaps a weight (a number), a
    label (a text), or a dictionary as `networkx.write_edgelist` writes it. A line with one node
    names one that stands alone. "#" starts a comment. A header is known by its names (source and
    target, say), or where words stand above numbers; `header` says whether the first line is one
    where that is not certain.

    Raises `BadInput` for a line that is none of this, and where the header is not certain.
    """
    plain = _plain_numbers(text)
    if plain is not None:
        ends = {"source": plain[0], "target": plain[1]}
        return from_columns(ends, ("source", "target"), name, ids, num_nodes)
    lines = _split(text, name)
    names = _header(lines, name, header)
    if names is not None:
        lines = lines[1:]
    if lines and names is None and not any(len(words) > 1 for _, words, _ in lines):
        odd = next((words[0] for _, words, _ in lines if not words[0].isdecimal()), None)
        if odd is not None:
            raise BadInput(
                f"No line of {name} has two nodes; the first is {odd[:60]!r}. Give two on each "
                "line, by comma, tab or space."
            )
    alone = [words[0] for _, words, _ in lines if len(words) == 1]
    edges = [line for line in lines if len(line[1]) > 1]
    width = max((len(words) for _, words, _ in edges), default=2)
    _check_width(edges, width, names, name)
    rows = [words + [""] * (width - len(words)) for _, words, _ in edges]
    columns: list[list[str]] = [list(column) for column in zip(*rows, strict=True)] or [[], []]
    while names is None and len(columns) > 2 and not any(columns[-1]):
        columns.pop()
    labels = names or ["source", "target", "third"][: len(columns)]
    named = ends_of(labels)
    if named is None and len(labels) > 2:
        raise BadInput(
            f"{name} has the columns {', '.join(labels)}, and none are called 'source' and "
            "'target'; rename those that hold the ends of edges."
        )
    first, second = named or (labels[0], labels[1])
    table: dict[str, Sequence[Any]] = dict(zip(labels, columns, strict=False))
    words = [*table[first], *table[second], *alone]
    places = [labels.index(first), labels.index(second)]
    _check_ids(edges, places, name)
    _check_ids([line for line in lines if len(line[1]) == 1], [0], name)
    nodes = typed_ids(words)
    assert nodes is not None  # or the check above had found it
    m = len(edges)
    table[first], table[second] = nodes[:m], nodes[m : 2 * m]
    for column in labels[: len(columns)]:
        if column not in (first, second):
            table[column] = typed(list(map(str, table[column])))
    if "third" in table:
        third = table.pop("third")
        texts = [value for value in third if isinstance(value, str)]
        if texts and len(set(map(_is_number, texts))) > 1:
            odd = next(text for text in texts if not _is_number(text))
            raise BadInput(
                f"The third part of a line of {name} is {odd!r}, which is no number, and others "
                "are; correct it, or call the columns 'source', 'target' and 'weight' or 'label'."
            )
        table["label" if texts else "weight"] = third
    if any(data is not None for _, _, data in edges):
        table.update(columns_of([data or {} for _, _, data in edges]))
    return from_columns(table, (first, second), name, ids, num_nodes, nodes[2 * m :])


def _plain_numbers(text: str) -> np.ndarray | None:
    """Return the ends (2, m) of a text of two integers on each line, or None of any other text."""
    comments = _FIRST_COMMENTS.match(text)
    start = comments.end() if comments else 0
    if _TWO_INTEGERS.fullmatch(text, start) is None:
        return None
    numbers = np.fromstring(text[start:].replace(",", " "), dtype=np.int64, sep=" ")
    return numbers.reshape(-1, 2).T if numbers.size else None


def _split(text: str, name: str) -> list[Line]:
    lines: list[Line] = []
    kept = []
    for number, line in enumerate(text.splitlines(), start=1):
        body = _COMMENT.sub("", line).strip(" ") if "#" in line or line[:1] == "%" else line
        if body.strip(" \t,;"):
            kept.append((number, body))
    bare = [body.partition("{")[0] for _, body in kept]
    separator = next((mark for mark in _SEPARATORS if bare and all(mark in b for b in bare)), None)
    for (number, body), words in zip(kept, bare, strict=True):
        data = None
        if body.rstrip().endswith("}") and "{" in body:
            data = _dictionary(body[body.index("{") :], number, name)
        else:
            words = body
        if separator is None:
            cells = _SPACES.split(words.strip(" \t,;"))
        else:
            quoted = csv.reader([words.strip(" ")], delimiter=separator) if '"' in words else None
            cells = next(quoted) if quoted else words.split(separator)
            cells = [cell.strip() for cell in cells]
            if data is not None and cells and not cells[-1]:
                cells.pop()
            if len(cells) == 2 and not cells[1]:
                cells.pop()
        lines.append((number, cells, data))
    return lines


def _dictionary(text: str, number: int, name: str) -> dict[Any, Any]:
    try:
        data = ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise BadInput(
            f"Line {number} of {name} ends in {text.strip()[:40]!r}, which is no dictionary; "
            "correct or remove it."
        )
    return data


def _header(lines: list[Line], name: str, told: bool | None) -> list[str] | None:
    """Return the names of the columns, or None where the first line is an edge."""
    if not lines or told is False:
        return None
    number, words, data = lines[0]
    if told or is_header(words):
        return words
    rest = [other for _, other, _ in lines[1:]]
    nodes = {word for other in rest for word in other[:2]}
    if data is not None or len(words) < 2 or not nodes or set(words[:2]) & nodes:
        return None
    if any(_is_number(word) for word in words):
        return None
    if all(_is_number(word) for word in nodes):
        return words
    if name.lower().endswith((".csv", ".tsv")):
        raise BadInput(
            f"Line {number} of {name} is {' '.join(words)[:60]!r}, which may be a header or an "
            "edge; say header=True or header=False, or call the columns 'source' and 'target'."
        )
    return None


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


def _check_width(edges: list[Line], width: int, names: list[str] | None, name: str) -> None:
    most = 3 if names is None else len(names)
    for number, words, _ in edges:
        if len(words) > most and any(words[most:]):
            raise BadInput(
                f"Line {number} of {name} has {len(words)} parts ({' '.join(words)[:60]!r}), "
                f"expected two nodes by comma, tab or space, and a weight or label; name the "
                "columns in a first line, or call an adjacency list .adjlist."
            )


def _check_ids(edges: list[Line], places: Sequence[int], name: str) -> None:
    for number, words, _ in edges:
        pair = [words[place] if place < len(words) else "" for place in places]
        if not all(pair) or typed_ids(pair) is None:
            raise BadInput(
                f"Line {number} of {name} is {' '.join(words)[:60]!r}, expected two nodes "
                "(integers or names) by comma, tab or space; correct or remove it."
            )
