"""What a map answers to the queries of a world, as metrics take it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor

from zoo_4dral.data import World
from zoo_4dral.retrieval.search import QUERIES, distances_of

KEPT = 10
"""Answers to a query that metrics look at."""
RADIUS = 25.0
"""Metres within which a place is the same one, by the official rule."""
CELLS = 20_000_000
"""Of the table of queries by places that is held at a time."""


def answers(world: World, queries: Tensor, database: Tensor) -> Iterator[Mapping[str, Tensor]]:
    """Yield what is found for the queries of a world, some at a time, by unit descriptors.

    ``metres`` (b, 10) is how far the places that come first are from where the query was, nearest
    descriptor first, and ``nearest`` (b,) how far the nearest place of the map is. With "-same" and
    "-opposite" behind their names they are of a map without the places within 25 m that are looked
    at the other way round, or the same way. ``distance`` (b,) is that of the first answer's
    descriptor, ``precision`` (b,) the average precision of the whole ranking at 25 m. Metres are
    infinite where there is no such place.
    """
    step = max(1, min(QUERIES, CELLS // max(1, len(database))))
    for first in range(0, len(queries), step):
        rows = slice(first, first + step)
        metres = torch.from_numpy(world.metres(rows))
        cosines = (queries[rows] @ database.to(queries).T).cpu()
        found = {
            "metres": _of_the_first(cosines, metres),
            "nearest": metres.min(1).values,
            "distance": distances_of(cosines.max(1).values),
            "precision": average_precision(cosines, metres <= RADIUS),
        }
        if world.positives is None:
            opposite = torch.from_numpy(world.opposite(rows))
            for name, other in (("same", opposite), ("opposite", ~opposite)):
                out = other & (metres <= RADIUS)
                left = metres.masked_fill(out, torch.inf)
                found[f"metres-{name}"] = _of_the_first(cosines.masked_fill(out, -torch.inf), left)
                found[f"nearest-{name}"] = left.masked_fill(other, torch.inf).min(1).values
        yield found


def _of_the_first(cosines: Tensor, metres: Tensor) -> Tensor:
    """Return the metres of the first answers (b, 10), or of fewer in a smaller map."""
    return metres.gather(1, cosines.topk(min(KEPT, cosines.shape[1])).indices)


def average_precision(cosines: Tensor, positive: Tensor) -> Tensor:
    """Return the average precision (b,) of rankings of all places (b, n); 0 without a positive."""
    ranked = positive.gather(1, cosines.argsort(1, descending=True)).double()
    precision = ranked.cumsum(1) / torch.arange(1, ranked.shape[1] + 1)
    return (precision * ranked).sum(1) / ranked.sum(1).clamp(min=1)
