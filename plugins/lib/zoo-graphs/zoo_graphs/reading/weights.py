"""Weights of edges: whole, or filled in as the user says, or refused."""

from __future__ import annotations

from typing import Any

import numpy as np

from zoo_core import BadInput, notice
from zoo_graphs.reading.source import ABSENT, EDGE_ATTRIBUTES, WEIGHTS, Source, first


def weights_of(
    found: Source, told: str | None, missing: float | None
) -> tuple[np.ndarray | None, str | None]:
    """Return the weights (m,) of edges, and the attribute that has them."""
    key = told if told is not None else first(found.edges, WEIGHTS)
    if key is None and EDGE_ATTRIBUTES in found.edges:
        attribute = np.asarray(found.edges[EDGE_ATTRIBUTES])
        if attribute.dtype.kind in "iuf" and attribute.size == len(attribute):
            key = EDGE_ATTRIBUTES
            if attribute.dtype.kind in "iu":
                notice(f"The integers in edge_attr of {found.name} were taken for weights.")
    if key is None or (not found.edges and told is None):
        return None, None
    if key not in found.edges:
        raise BadInput(
            f"The edges of {found.name} have no attribute {key!r}, only "
            f"{', '.join(map(repr, found.edges)) or 'none'}; name one of these as weight."
        )
    column = found.edges[key]
    values = np.asarray(column).reshape(-1) if not isinstance(column, list) else column
    if isinstance(values, list):
        values = _filled(values, key, found, missing)
    elif values.dtype.kind == "f" and np.isnan(values).any():
        if missing is None:
            raise BadInput(_missing_sentence(int(np.isnan(values).sum()), values.size, key, found))
        values = np.where(np.isnan(values), missing, values)
    return values, key


def _filled(column: list[Any], key: str, found: Source, missing: float | None) -> np.ndarray:
    gone = [value is None or value is ABSENT or value != value for value in column]
    if any(gone) and missing is None:
        raise BadInput(_missing_sentence(sum(gone), len(column), key, found))
    if any(gone):
        notice(f"{sum(gone)} edges of {found.name} without a weight were given {missing}.")
    for value, none in zip(column, gone, strict=True):
        if not none and (isinstance(value, str) or not np.isscalar(value)):
            raise BadInput(
                f"An edge of {found.name} has the weight {value!r:.40}, which is no number; "
                "correct it."
            )
    values = [missing if none else float(value) for value, none in zip(column, gone, strict=True)]
    return np.array(values, dtype=np.float64)


def _missing_sentence(gone: int, size: int, key: str, found: Source) -> str:
    return (
        f"{gone} of the {size} edges of {found.name} have no {key!r}, and others have; give every "
        "edge one, or say what is theirs with missing_weight=..."
    )


def check_signs(weights: np.ndarray | None, ends: np.ndarray, signed: bool) -> None:
    """Raise `BadInput` for negative weights where they are not allowed."""
    if weights is None or signed or not (weights < 0).any():
        return
    place = int(np.flatnonzero(weights < 0)[0])
    u, v = ends[:, place].tolist()
    raise BadInput(
        f"{int((weights < 0).sum())} edge weight(s) are negative, the first is {weights[place]:g} "
        f"of ({u}, {v}), and this model takes none; give weights from 0, or leave those edges out."
    )
