"""The pictures, from stored figures."""

from __future__ import annotations

import pytest
from zoo_mamba_selectivity import pictures
from zoo_mamba_selectivity.specs.paper import PICTURES

from zoo_core import BadInput, figures


@pytest.mark.parametrize("picture", PICTURES, ids=[picture.name for picture in PICTURES])
def test_pictures_are_drawn_from_what_is_stored(picture):
    pytest.importorskip("matplotlib")
    figure = getattr(pictures, picture.draw.partition(":")[2])()
    assert figure.axes
    assert all(axes.has_data() for axes in figure.axes)


def test_a_picture_without_its_finding_says_what_to_run(monkeypatch):
    def nothing(paper, claim):
        return figures(paper, f"{claim}-unknown")

    monkeypatch.setattr(pictures, "figures", nothing)
    with pytest.raises(BadInput, match="zoo verify mamba-selectivity --claim haar-rate"):
        pictures.haar_rate()
