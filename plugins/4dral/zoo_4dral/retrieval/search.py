"""Exact nearest neighbours of descriptors, a block at a time, so that memory is bounded."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from zoo_core import BadInput

BLOCK_BYTES = 64_000_000
"""Of one block of the map's descriptors in float32, about, and of the similarities to it."""
QUERIES = 256
"""That are looked up together."""


def as_tensor(numbers: Any) -> Tensor:
    """Return descriptors as a tensor of real numbers; raises `BadInput` for what is none."""
    try:
        found = torch.as_tensor(numbers)
    except (TypeError, ValueError, RuntimeError):
        raise BadInput(
            f"{type(numbers).__name__} is no table of descriptors; expected a tensor, or an array."
        ) from None
    if found.is_complex() or found.dtype == torch.bool:
        raise BadInput(f"Descriptors are of {found.dtype}; expected real numbers.")
    return found


def unit(descriptors: Any) -> Tensor:
    """Return descriptors (n, d) of norm 1, float32; a row of zeros stays.

    Raises `BadInput` for what is no such table, and for numbers that are not finite.
    """
    rows = as_tensor(descriptors)
    if rows.ndim != 2 or not rows.shape[1]:
        raise BadInput(f"Descriptors have the shape {tuple(rows.shape)}; expected (n, d).")
    rows = rows.float()
    if not bool(torch.isfinite(rows).all()):
        raise BadInput("Descriptors have numbers that are not finite.")
    return torch.nn.functional.normalize(rows, dim=1)


def distances_of(cosines: Tensor) -> Tensor:
    """Return the distances of unit vectors by their cosines: the root of 2 - 2 cos, 0 to 2."""
    return (2 - 2 * cosines).clamp(0, 4).sqrt()


def nearest(
    queries: Tensor, database: Tensor, count: int, faiss: bool = False
) -> tuple[Tensor, Tensor]:
    """Return the distances (m, k) and numbers (m, k) of the `count` nearest rows of the database.

    Descriptors (m, d) and (n, d) are of norm 1; the database may be float16, and a block of it is
    float32 at a time. Fewer come where the database has fewer. `faiss` looks up by that library, as
    exactly. Raises `BadInput` for an empty database, and for descriptors of another length.
    """
    if not len(database):
        raise BadInput("The map has no places; add some first.")
    if queries.shape[1] != database.shape[1]:
        raise BadInput(
            f"Descriptors of {queries.shape[1]:,} numbers are looked for in a map of "
            f"{database.shape[1]:,}; expected those of one model."
        )
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        raise BadInput(f"count={count!r}; expected 1 place or more.")
    count = min(count, len(database))
    if faiss:
        return _by_faiss(queries, database, count)
    step = max(1, BLOCK_BYTES // (4 * max(database.shape[1], QUERIES)))
    found = [_nearest(part, database, count, step) for part in torch.split(queries, QUERIES)]
    if not found:
        return torch.empty(0, count), torch.empty(0, count, dtype=torch.long)
    cosines, numbers = (torch.cat(part) for part in zip(*found, strict=True))
    return distances_of(cosines), numbers


def _nearest(queries: Tensor, database: Tensor, count: int, step: int) -> tuple[Tensor, Tensor]:
    """Return the cosines and numbers (m, count) of the nearest, merged block by block."""
    cosines = queries.new_empty(len(queries), 0)
    numbers = torch.empty(len(queries), 0, dtype=torch.long, device=queries.device)
    for first in range(0, len(database), step):
        similar = queries @ database[first : first + step].to(queries).T
        best, places = similar.topk(min(count, similar.shape[1]))
        cosines = torch.cat([cosines, best], 1)
        numbers = torch.cat([numbers, places + first], 1)
        cosines, kept = cosines.topk(min(count, cosines.shape[1]))
        numbers = numbers.gather(1, kept)
    return cosines, numbers


def _by_faiss(queries: Tensor, database: Tensor, count: int) -> tuple[Tensor, Tensor]:
    try:
        import faiss
    except ImportError:
        raise BadInput(
            "faiss is not installed; install faiss-cpu, or leave faiss out: both are exact."
        ) from None
    flat: Any = faiss.IndexFlatIP(database.shape[1])
    for block in torch.split(database, max(1, BLOCK_BYTES // (4 * database.shape[1]))):
        flat.add(block.float().cpu().numpy())
    cosines, numbers = flat.search(queries.float().cpu().numpy(), count)
    return distances_of(torch.from_numpy(cosines)), torch.from_numpy(numbers)
