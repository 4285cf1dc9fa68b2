from __future__ import annotations

import pytest
from zoo_hierarchical_label_noise import pictures
from zoo_hierarchical_label_noise.specs.paper import PAPER


@pytest.mark.parametrize("picture", PAPER.pictures, ids=lambda picture: picture.name)
def test_pictures_are_drawn(picture):
    pytest.importorskip("matplotlib")
    figure = getattr(pictures, picture.draw.partition(":")[2])()
    assert figure.axes and (figure.axes[0].lines or figure.axes[0].collections)
