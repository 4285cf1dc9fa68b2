"""Answers of `predict` to files: rows and media, as the suffix says."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from zoo_core._disk import whole_file, write_json
from zoo_core.errors import BadInput
from zoo_core.interfaces import Media

TABLES = {".csv": ",", ".tsv": "\t"}


def write_answer(answer: Any, path: Path) -> None:
    """Write what `predict` returned, whole or not at all.

    Rows go to .json, .jsonl, .csv or .tsv, text to .txt, media to the suffixes that they have.
    Raises `BadInput` for a suffix that does not fit, and for rows that are no table.
    """
    suffix = path.suffix.lower()
    if isinstance(answer, Media):
        content = answer.as_bytes(suffix)
        with whole_file(path) as part:
            part.write_bytes(content)
        return
    writers: Mapping[str, Callable[[Path, Any], None]] = {
        ".json": write_json,
        ".jsonl": _write_lines,
        ".csv": _write_table,
        ".tsv": _write_table,
        ".txt": _write_text,
    }
    if suffix not in writers:
        raise BadInput(f"{path} has no suffix that is known here; expected {', '.join(writers)}.")
    writers[suffix](path, answer)


def _rows(answer: Any) -> Sequence[Any]:
    return answer if isinstance(answer, list) else [answer]


def _write_lines(path: Path, answer: Any) -> None:
    lines = [json.dumps(row, ensure_ascii=False) for row in _rows(answer)]
    with whole_file(path) as part:
        part.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _write_table(path: Path, answer: Any) -> None:
    rows = _rows(answer)
    if not all(isinstance(row, Mapping) for row in rows):
        raise BadInput(f"This answer is no table, so it cannot be written to {path}; use .json.")
    names = list(dict.fromkeys(name for row in rows for name in row))
    with whole_file(path) as part, part.open("w", newline="", encoding="utf-8") as stream:
        delimiter = TABLES[path.suffix.lower()]
        writer = csv.writer(stream, delimiter=delimiter, lineterminator="\n")
        writer.writerow(names)
        writer.writerows([_cell(row.get(name)) for name in names] for row in rows)


def _cell(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict | list | tuple) else value


def _write_text(path: Path, answer: Any) -> None:
    pieces = answer if isinstance(answer, list) else [answer]
    if not all(isinstance(piece, str) for piece in pieces):
        raise BadInput(f"This answer is no text, so it cannot be written to {path}; use .json.")
    with whole_file(path) as part:
        part.write_text("".join(pieces) + "\n", encoding="utf-8")
