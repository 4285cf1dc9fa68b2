"""The claims, measured again where that is quick, and the pictures of them."""

from __future__ import annotations

import numpy as np
import pytest
from zoo_fine_grained_expressivity.checks import distances, networks, preservation
from zoo_fine_grained_expressivity.checks.exact import all_hold
from zoo_fine_grained_expressivity.data import block_models

from zoo_core import DataError


def test_linear_layers_keep_distances_of_block_models():
    graphs = block_models(12)
    true = preservation.to_last(graphs)
    found = preservation.embedded_to_last(graphs, 0, **preservation.NETWORKS["GC-m, L = 3, H = 64"])
    assert true.shape == found.shape == (11,)
    assert np.corrcoef(true, found)[0, 1] > 0.8
    again = preservation.embedded_to_last(graphs, 0, **preservation.NETWORKS["GC-m, L = 3, H = 64"])
    np.testing.assert_array_equal(found, again)


def test_the_figures_of_preservation(monkeypatch):
    small = {name: lambda: block_models(6) for name in preservation.SEQUENCES}
    monkeypatch.setattr(preservation, "SEQUENCES", small)
    monkeypatch.setattr(preservation, "DRAWS", 2)
    found = preservation.distance_preservation()
    assert len(found.figures) == 2 * len(preservation.NETWORKS)
    assert all(len(row) == 2 and max(map(abs, row)) <= 1 for row in found.figures.values())


def test_times_are_measured_for_three_ways():
    try:
        found = networks.epoch_time(epochs=1, repetitions=2)
    except DataError as error:
        pytest.skip(str(error))
    assert set(found.figures) == {"trained", "frozen", "embedded once"}
    assert all(len(row) == 2 and min(row) > 0 for row in found.figures.values())


def test_the_picture_has_a_panel_for_each_sequence(monkeypatch):
    pytest.importorskip("matplotlib")
    from zoo_fine_grained_expressivity import pictures

    small = {name: lambda: block_models(6) for name in preservation.SEQUENCES}
    monkeypatch.setattr(pictures, "SEQUENCES", small)
    figure = pictures.preservation()
    assert [axes.get_title() for axes in figure.axes] == list(preservation.SEQUENCES)


def test_recomputed_claims():
    assert distances.worked_examples().verdict == "holds"
    broken = all_hold({"this": True, "that": np.bool_(False)}, "seen", {})
    assert broken.verdict == "fails" and broken.measured == "seen; not so: that"


def test_pictures_are_drawn():
    pytest.importorskip("matplotlib")
    from zoo_fine_grained_expressivity.pictures import distances_by_level

    (axes,) = distances_by_level().axes
    assert len(axes.lines) == 8
