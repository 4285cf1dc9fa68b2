"""The paper's pictures, drawn from graphs and not from stored results."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from zoo_graphs.graph_set import GraphSet

from zoo_core import dataset as load_dataset
from zoo_wl_tutorial.data import families
from zoo_wl_tutorial.drawing import draw_refinement

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def molecules() -> Figure:
    """Draw decalin and bicyclopentyl under 1-WL and both 2-dimensional rules."""
    pair = GraphSet.concatenate([families.decalin(), families.bicyclopentyl()])
    return draw_refinement(pair, rounds=3, names=("decalin", "bicyclopentyl"))


def hexagon_and_triangles() -> Figure:
    """Draw one cycle of six nodes and two of three."""
    pair = GraphSet.concatenate([families.cycles(6), families.cycles(3, 3)])
    return draw_refinement(pair, rounds=2, names=("one hexagon", "two triangles"))


def mutag_compounds() -> Figure:
    """Draw the first compound of each class of MUTAG that has as many atoms as one of the other."""
    data = load_dataset("mutag")
    assert data.labels is not None
    sizes = data.sizes
    other, own = (np.flatnonzero(data.labels == label) for label in (0, 1))
    first = next(int(i) for i in other if sizes[i] in sizes[own])
    second = int(own[sizes[own] == sizes[first]][0])
    plain = [data.select([i]) for i in (first, second)]
    names = tuple(data.class_names)
    return draw_refinement(GraphSet.concatenate(plain), ("1-wl",), rounds=3, names=names)
