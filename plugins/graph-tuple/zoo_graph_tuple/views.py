"""Views of a graph: its edges split by strength or by distance, on the same nodes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from zoo_core import BadInput

Floats = NDArray[np.float64]


class View(NamedTuple):
    """Some of a graph's edges: `edges` (2, E) from source to target, `values` (E, a) of them."""

    edges: Tensor
    values: Tensor


def graph_tuple(
    edges: Any,
    thresholds: Sequence[float],
    *,
    weights: Any = None,
    distances: bool = False,
    quantiles: bool = False,
) -> list[View]:
    """Split a graph's edges into views on the same nodes; each edge is in one of them.

    `edges` is an array or tensor (2, E), or an object that has it as `edge_index`, such as PyG's
    `Data`, whose `edge_weight`, or `edge_attr` of one column, is then what is split by. Otherwise
    give `weights` (E,). The views are from strong to weak, |w| >= t_1, t_1 > |w| >= t_2, …, with
    thresholds that fall; with `distances` from near to far, r <= t_1, t_1 < r <= t_2, …, with
    thresholds that grow. There is one view more than thresholds. With `quantiles` the thresholds
    are shares of the edges that the views up to each have: 0.25 splits off the strongest, or
    nearest, quarter; equal weights stay together.

    A view's values are the edge attributes where the object has some, or else the weights. Raises
    `BadInput` for what does not fit: NaN, weights of another length, thresholds in another order.
    """
    index, attributes, found = _parts(edges, weights)
    measure = found if distances else np.abs(found)
    if quantiles:
        thresholds = quantile_thresholds(measure, thresholds, distances=distances)
    else:
        thresholds = check_thresholds(thresholds, distances)
    place = view_of(measure, thresholds, distances=distances)
    views = []
    for view in range(len(thresholds) + 1):
        rows = torch.from_numpy(np.flatnonzero(place == view))
        views.append(View(index[:, rows], attributes[rows]))
    return views


def view_of(measure: Floats, thresholds: Sequence[float], *, distances: bool) -> NDArray[np.int64]:
    """Return the view (E,) of each edge, by its strength or distance."""
    bounds = np.asarray(thresholds, dtype=np.float64)
    if distances:
        return np.searchsorted(bounds, measure, side="left")
    return np.searchsorted(-bounds, -measure, side="left")


def quantile_thresholds(
    measure: Any, shares: Sequence[float], *, distances: bool = False
) -> list[float]:
    """Return the thresholds that leave such shares of the edges on the strong or near side.

    `measure` (E,) are strengths, or with `distances` distances. Raises `BadInput` for shares that
    are not between 0 and 1 and growing, and for no edges.
    """
    given = np.asarray(measure, dtype=np.float64)
    wanted = [float(share) for share in shares]
    if not all(0 < share < 1 for share in wanted) or wanted != sorted(set(wanted)):
        raise BadInput(f"The shares are {wanted}; expected growing ones between 0 and 1.")
    if not given.size:
        raise BadInput("There are no edges to take quantiles of; give thresholds.")
    method: Any = "inverted_cdf"  # a weight that an edge has, so that no edge lies between
    found = np.quantile(given if distances else -given, wanted, method=method)
    return [float(one) for one in (found if distances else -found)]


def check_thresholds(thresholds: Sequence[float], distances: bool = False) -> list[float]:
    """Return thresholds as floats; raises `BadInput` for an order that makes no views."""
    found = [float(one) for one in thresholds]
    inner = found if distances else [-one for one in found]
    if not all(np.isfinite(found)) or inner != sorted(set(inner)) or min(found, default=0) < 0:
        order = "growing" if distances else "falling"
        raise BadInput(f"The thresholds are {found}; expected {order} ones, 0 or more.")
    return found


def _parts(edges: Any, weights: Any) -> tuple[Tensor, Tensor, Floats]:
    """Return the edges (2, E), what they carry (E, a), and what they are split by (E,)."""
    attributes = getattr(edges, "edge_attr", None)
    given = weights
    if given is None:
        given = getattr(edges, "edge_weight", None)
    if given is None:
        given = attributes
    if given is None:
        raise BadInput("Nothing says how strong the edges are; give weights, one for each edge.")
    index = torch.as_tensor(getattr(edges, "edge_index", edges))
    whole = index.dtype in (torch.int64, torch.int32)
    if index.dim() != 2 or len(index) != 2 or not whole:
        raise BadInput(
            f"The edges have the shape {tuple(index.shape)} and are {index.dtype}; expected (2, E) "
            "of whole numbers."
        )
    found = torch.as_tensor(given).detach().cpu()
    if found.dim() == 2 and found.shape[1] == 1:
        found = found[:, 0]
    if found.shape != (index.shape[1],):
        raise BadInput(
            f"The weights have the shape {tuple(found.shape)} for {index.shape[1]} edges; expected "
            "one for each (say which of several attributes: weights=data.edge_attr[:, 0])."
        )
    if not bool(found.isfinite().all()):
        raise BadInput("A weight of an edge is not finite (NaN); give numbers.")
    carried = found[:, None] if attributes is None else torch.as_tensor(attributes).cpu()
    carried = carried[:, None] if carried.dim() == 1 else carried
    if len(carried) != index.shape[1]:
        raise BadInput(f"{len(carried)} edges have attributes; there are {index.shape[1]}.")
    return (
        index.long().cpu(),
        carried.to(torch.get_default_dtype()),
        found.double().numpy(),
    )
