"""Answers of `predict` to files: rows and media, as the suffix says."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from zoo_core._disk import whole_file, write_json
from zoo_core._plain import plain_json
from zoo_core._shell.rows import SUFFIXES, TABLES, rows_to
from zoo_core.errors import BadInput
from zoo_core.interfaces import Media


def write_answer(answer: Any, path: Path) -> None:
    """Write what `predict` returned, whole or not at all.

    Rows go to .json, .jsonl, .csv, .tsv or .parquet, text to .txt, media to the suffixes that they
    have. Raises `BadInput` for a suffix that does not fit, and for rows that are no table.
    """
    suffix = path.suffix.lower()
    if isinstance(answer, Media):
        content = answer.as_bytes(suffix)
        with whole_file(path) as part:
            part.write_bytes(content)
    elif suffix == ".json":
        write_json(path, plain_json(answer))
    elif suffix == ".txt":
        _write_text(path, answer)
    elif suffix in SUFFIXES:
        _write_rows(path, answer)
    else:
        raise BadInput(
            f"{path} has no suffix that is known here; expected {', '.join((*SUFFIXES, '.txt'))}."
        )


def _write_rows(path: Path, answer: Any) -> None:
    rows = answer if isinstance(answer, list) else [answer]
    table = all(isinstance(row, Mapping) for row in rows)
    if not table and path.suffix.lower() in TABLES:
        raise BadInput(f"This answer is no table, so it cannot be written to {path}; use .json.")
    with rows_to(path) as write:
        for row in rows:
            write(row)


def _write_text(path: Path, answer: Any) -> None:
    pieces = answer if isinstance(answer, list) else [answer]
    if not all(isinstance(piece, str) for piece in pieces):
        raise BadInput(f"This answer is no text, so it cannot be written to {path}; use .json.")
    with whole_file(path) as part:
        part.write_text("".join(pieces) + "\n", encoding="utf-8")
