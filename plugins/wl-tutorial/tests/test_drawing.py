"""The pictures: palettes, layouts and figures."""

from __future__ import annotations

import numpy as np
import pytest
from zoo_graphs.graph_set import GraphSet
from zoo_wl_tutorial import drawing, pictures
from zoo_wl_tutorial.data import families
from zoo_wl_tutorial.layout import place_nodes

from zoo_core import BadInput


def test_palettes_are_shared_and_children_keep_a_hue():
    pair = GraphSet.concatenate([families.decalin(), families.bicyclopentyl()])
    found = drawing.refine(pair, "2-fwl", 3)
    shades = drawing.palettes(found)
    for before, after, old, new in zip(
        found.colours[:-1], found.colours[1:], shades[:-1], shades[1:], strict=True
    ):
        assert set(new) == {int(colour) for colour in after}
        assert len(set(new.values())) == len(new)
        parents = dict(zip(after.tolist(), before.tolist(), strict=True))
        for parent, shade in old.items():
            children = [child for child, own in parents.items() if own == parent]
            assert [new[child] == shade for child in children].count(True) == 1


def test_layouts_are_steady_and_apart():
    for graph in (families.decalin(), families.cycles(3, 3), families.rook()):
        places = place_nodes(graph)
        assert np.array_equal(places, place_nodes(graph))
        gaps = np.linalg.norm(places[:, None] - places[None], axis=2)
        assert gaps[~np.eye(len(places), dtype=bool)].min() > 0.2
    single = GraphSet.from_edges(np.empty((2, 0)), [0, 3])
    assert np.unique(place_nodes(single), axis=0).shape == (3, 2)


@pytest.mark.parametrize("draw", [pictures.molecules, pictures.hexagon_and_triangles])
def test_pictures_are_figures(draw, tmp_path):
    figure = draw()
    figure.savefig(tmp_path / "a.svg")
    assert 1_000 < (tmp_path / "a.svg").stat().st_size < 300_000


def test_pictures_need_two_graphs_and_known_rows():
    with pytest.raises(BadInput, match="two are drawn"):
        drawing.draw_refinement(families.rook())
    pair = GraphSet.concatenate([families.rook(), families.rook()])
    with pytest.raises(BadInput, match="'3-fwl' cannot be drawn"):
        drawing.draw_refinement(pair, ["3-fwl"])
