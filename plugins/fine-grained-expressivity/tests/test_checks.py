"""The claims, measured again where that is quick, and the pictures of them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import zoo_fine_grained_expressivity
from zoo_fine_grained_expressivity.checks import distances, networks, preservation
from zoo_fine_grained_expressivity.data import block_models
from zoo_fine_grained_expressivity.specs.paper import PAPER

from zoo_core import figures, resampled

CLAIMS = {claim.name: claim for claim in PAPER.claims}
RESULTS = Path(zoo_fine_grained_expressivity.__file__).parent / "results"


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


def test_times_are_measured_for_three_ways(data_or_skip):
    data_or_skip("mutag")
    found = networks.epoch_time(epochs=1, repetitions=2)
    assert set(found.figures) == {"trained", "frozen", "embedded once"}
    assert all(len(row) == 2 and min(row) > 0 for row in found.figures.values())


def test_more_than_ten_folds_are_corrected_for_the_graphs_they_share(monkeypatch):
    def protocol(architecture, data, runs, *, shape):
        assert [run["fold"] for run in runs] == list(range(len(runs)))
        return [0.7 + 0.01 * (run["fold"] % 2) for run in runs]

    monkeypatch.setattr(networks, "protocol", protocol)
    ten = networks.accuracy("mutag", size_norm=False)
    more = networks.accuracy("mutag", size_norm=False, folds=30)
    assert ten.quantities["accuracy"] == ten.figures["untrained"]
    assert more.quantities["accuracy"] == resampled(more.figures["untrained"], 0.1)
    assert len(more.seeds) == 30 and "share" in more.told


def test_the_picture_has_a_panel_for_each_sequence(monkeypatch):
    pytest.importorskip("matplotlib")
    from zoo_fine_grained_expressivity import pictures

    small = {name: lambda: block_models(6) for name in preservation.SEQUENCES}
    monkeypatch.setattr(pictures, "SEQUENCES", small)
    figure = pictures.preservation()
    assert [axes.get_title() for axes in figure.axes] == list(preservation.SEQUENCES)


def judged(name, quantities):
    return {key: bound.judge(quantities[key]) for key, bound in CLAIMS[name].bounds.items()}


def test_recomputed_claims():
    found = distances.worked_examples()
    assert set(judged("worked-examples", found.quantities).values()) == {"holds"}
    broken = distances.errors({**found.figures, "star and C5, prokhorov": [0.2, 0.4, 0.41]})
    assert judged("worked-examples", broken)["largest error on the examples"] == "fails"


QUANTITIES = {
    "worked-examples": distances.errors,
    "nearest-neighbour": distances.extreme_means,
    "untrained-imdb-binary": lambda figures: {
        "accuracy": networks.over_folds(figures["untrained"])
    },
    "par-gin-mutag": lambda figures: {"untrained minus trained": networks.differences(figures)},
    "epoch-time": networks.speeds,
    "preservation": preservation.correlations,
}


@pytest.mark.parametrize("name", QUANTITIES)
def test_stored_quantities_follow_from_stored_figures(name):
    found = QUANTITIES[name](figures(PAPER.name, name))
    stored = json.loads((RESULTS / "claims.json").read_text())[name]
    assert set(found) == set(CLAIMS[name].bounds)
    assert judged(name, found) == stored["parts"]
    for key, bound in CLAIMS[name].bounds.items():
        assert bound.shown(key, found[key]) in stored["measured"]


def test_pictures_are_drawn():
    pytest.importorskip("matplotlib")
    from zoo_fine_grained_expressivity.pictures import distances_by_level

    (axes,) = distances_by_level().axes
    assert len(axes.lines) == 8
