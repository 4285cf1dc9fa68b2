"""Networks against distances: the Lipschitz bound, the sequences, the figures."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
import torch
from zoo_fine_grained_expressivity import networks_claims as claims
from zoo_fine_grained_expressivity.distance import pairwise
from zoo_fine_grained_expressivity.networks import GraphNetwork
from zoo_fine_grained_expressivity.networks_inputs import to_tensors
from zoo_graphs.graph_set import GraphSet

from zoo_core.errors import DataError


def random_graphs(count=8):
    """Random graphs of different sizes and densities."""
    graphs = []
    for seed in range(count):
        one = nx.gnp_random_graph(5 + seed, 0.2 + 0.09 * seed, seed=seed)
        edges = np.array(one.edges, dtype=int).reshape(-1, 2).T
        graphs.append(GraphSet.from_edges(edges, [0, len(one)]))
    return GraphSet.concatenate(graphs)


@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("seed", range(3))
def test_networks_on_measures_are_lipschitz(layers, seed):
    """Without root weights and biases GC-m is a network on measures, with phi = W_rel.

    Lambda_0 = 0, B_0 = 1; Lambda_{t+1} = |W| max(Lambda_t, B_t), B_{t+1} = |W| B_t, in the
    spectral norm.
    """
    torch.manual_seed(seed)
    module = GraphNetwork(1, 2, convolution="gc", hidden=8, layers=layers).double().eval()
    slope, bound = 0.0, 1.0
    for layer in module.convolutions:
        torch.nn.init.zeros_(layer.root.weight)
        torch.nn.init.zeros_(layer.relation.bias)
        norm = float(torch.linalg.matrix_norm(layer.relation.weight.detach(), 2))
        slope, bound = norm * max(slope, bound), norm * bound
    graphs = random_graphs()
    features, edges, batch = to_tensors(graphs, 1)
    with torch.no_grad():
        found = module.embed(features.double(), edges, batch)
    gaps = torch.cdist(found, found).numpy()
    assert (gaps <= slope * pairwise(graphs, layers) + 1e-9).all()
    assert gaps.max() > 0


def test_block_models_end_without_blocks():
    graphs = claims.block_models(5)
    assert graphs.sizes.tolist() == [30] * 5
    first, last = (graphs.adjacency(i) for i in (0, 4))
    assert first[:15, 15:].mean() < last[:15, 15:].mean()
    np.testing.assert_array_equal(
        last, nx.to_numpy_array(nx.stochastic_block_model([15, 15], [[0.5] * 2] * 2, seed=4))
    )


def test_linear_layers_keep_distances_of_block_models():
    graphs = claims.block_models(12)
    true = claims.to_last(graphs)
    found = claims.embedded_to_last(graphs, 0, **claims.NETWORKS["GC-m, L = 3, H = 64"])
    assert true.shape == found.shape == (11,)
    assert np.corrcoef(true, found)[0, 1] > 0.8
    again = claims.embedded_to_last(graphs, 0, **claims.NETWORKS["GC-m, L = 3, H = 64"])
    np.testing.assert_array_equal(found, again)


def test_the_figures_of_preservation(monkeypatch):
    small = {name: lambda: claims.block_models(6) for name in claims.SEQUENCES}
    monkeypatch.setattr(claims, "SEQUENCES", small)
    monkeypatch.setattr(claims, "DRAWS", 2)
    found = claims.distance_preservation()
    assert len(found.figures) == 2 * len(claims.NETWORKS)
    assert all(len(row) == 2 and max(map(abs, row)) <= 1 for row in found.figures.values())


def test_times_are_measured_for_three_ways():
    try:
        found = claims.epoch_time(epochs=1, repetitions=2)
    except DataError as error:
        pytest.skip(str(error))
    assert set(found.figures) == {"trained", "frozen", "embedded once"}
    assert all(len(row) == 2 and min(row) > 0 for row in found.figures.values())


def test_the_picture_has_a_panel_for_each_sequence(monkeypatch):
    pytest.importorskip("matplotlib")
    from zoo_fine_grained_expressivity import networks_pictures

    small = {name: lambda: claims.block_models(6) for name in claims.SEQUENCES}
    monkeypatch.setattr(networks_pictures, "SEQUENCES", small)
    figure = networks_pictures.preservation()
    assert [axes.get_title() for axes in figure.axes] == list(claims.SEQUENCES)
