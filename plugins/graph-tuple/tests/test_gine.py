"""GINE-Gt: its formula by hand, what its ablations are, and what it does not depend on."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch
from zoo_graph_tuple.gine.layer import GineGt
from zoo_graph_tuple.gine.molecules import MoleculeGine, coulomb_views
from zoo_graph_tuple.gine.network import GineNetwork
from zoo_graph_tuple.views import graph_tuple
from zoo_molecules.coulomb import coulomb
from zoo_molecules.reading import read_molecules

from zoo_core import BadInput, Notice

H = 6


@pytest.fixture
def graph():
    """States of five nodes, and two views with features of three channels."""
    generator = torch.Generator().manual_seed(0)
    state = torch.randn(5, H, generator=generator, dtype=torch.float64)
    views = [
        (
            torch.randint(0, 5, (2, edges), generator=generator),
            torch.randn(edges, 3, generator=generator, dtype=torch.float64),
        )
        for edges in (4, 9)
    ]
    return state, views


def layer(**more):
    torch.manual_seed(0)
    return GineGt(H, 3, **more).double().eval()


def by_hand(found, state, views, word):
    """Return p_w of one layer with a loop over the edges."""
    for place, view in enumerate(word):
        state = state if not place else found[word[:place]].relu()
        edges, features = views[view]
        total = state.clone()
        for edge, (source, target) in enumerate(edges.T.tolist()):
            encoded = found["layer"].encoders[str(view)](features[edge])
            total[target] = total[target] + (state[source] + encoded).relu()
        words = found["layer"].words
        prefix = word[: place + 1]
        gine = found["layer"].passes[min(words.index(prefix), len(found["layer"].passes) - 1)]
        found[prefix] = gine.mlp(total)
        state = found[prefix]
    return state


@pytest.mark.parametrize("kind", ["crossed", "single", "all", "first"])
@pytest.mark.parametrize("tied", [False, True], ids=["own", "tied"])
def test_the_layer_is_its_formula(graph, kind, tied):
    state, views = graph
    one = layer(words=kind, tied=tied)
    expected = state + sum(
        weight * by_hand({"layer": one}, state, views, word)
        for word, weight in zip(one.words, one.weights, strict=True)
    )
    assert torch.allclose(one(state, views), expected)


def test_without_the_other_words_it_is_gine_and_a_residual(graph):
    state, views = graph
    one = layer()
    with torch.no_grad():
        one.weights[1:] = 0
    edges, features = views[0]
    expected = state + one.weights[0] * one.passes[0](state, edges, one.encoders["0"](features))
    assert torch.allclose(one(state, views), expected)


def test_an_empty_view_leaves_what_gine_keeps_of_itself(graph):
    state, views = graph
    empty = (torch.zeros(2, 0, dtype=torch.long), torch.zeros(0, 3, dtype=torch.float64))
    one = layer()
    p1 = one.passes[0](state, views[0][0], one.encoders["0"](views[0][1]))
    p2 = one.passes[1].mlp(state)
    p12 = one.passes[2].mlp(p1.relu())
    p21 = one.passes[3](p2.relu(), views[0][0], one.encoders["0"](views[0][1]))
    expected = state + torch.einsum("w,wnh->nh", one.weights, torch.stack([p1, p2, p12, p21]))
    assert torch.allclose(one(state, [views[0], empty]), expected)


def test_compositions_do_not_commute_unless_views_and_maps_are_one(graph):
    state, views = graph
    assert not torch.allclose(*_both_orders(layer(), state, views))
    same = layer(tied=True)
    same.encoders["1"].load_state_dict(same.encoders["0"].state_dict())
    assert torch.allclose(*_both_orders(same, state, [views[0], views[0]]))


def _both_orders(one, state, views):
    found = []
    for place in (2, 3):
        with torch.no_grad():
            one.weights.zero_()
            one.weights[place] = 1
            found.append(one(state, views))
    return found


def test_three_views_and_attributes_of_a_graph_of_pyg():
    pyg = pytest.importorskip("torch_geometric.data")
    generator = torch.Generator().manual_seed(0)
    edges = torch.randint(0, 7, (2, 30), generator=generator)
    data = pyg.Data(
        x=torch.randn(7, 4, generator=generator),
        edge_index=edges,
        edge_attr=torch.rand(30, 1, generator=generator),
    )
    network = GineNetwork(features=4, edge_features=1, outputs=2, hidden=8, views=3).eval()
    views = graph_tuple(data, [0.3, 0.7], quantiles=True)
    found = network(data.x, torch.tensor([0, 7]), views)
    order = torch.randperm(7, generator=generator)
    moved = pyg.Data(edge_index=order.argsort()[edges], edge_attr=data.edge_attr)
    other = network(
        data.x[order], torch.tensor([0, 7]), graph_tuple(moved, [0.3, 0.7], quantiles=True)
    )
    assert found.shape == (1, 2) and torch.allclose(found, other, atol=1e-5)


def test_the_views_of_a_molecule_are_all_pairs_and_loops(molecules):
    matrices = molecules.matrices
    strong, weak = coulomb_views(matrices, [2.0])
    pairs = [set(map(tuple, view.edges.T.tolist())) for view in (strong, weak)]
    assert not pairs[0] & pairs[1]
    expected = {(i, j) for low, high in ((0, 3), (3, 8)) for i in range(low, high)
                for j in range(low, high)}  # fmt: skip
    assert pairs[0] | pairs[1] == expected
    assert {(i, i) for i in range(8)} <= pairs[1]
    assert all({(b, a) for a, b in view} == view for view in pairs)
    assert bool((strong.values >= 2).all()) and (3, 4) in pairs[0]
    loops = weak.edges[0] == weak.edges[1]
    assert torch.equal(weak.values[loops], matrices.diagonal)
    (dense,) = coulomb_views(matrices, [])
    assert set(map(tuple, dense.edges.T.tolist())) == expected
    assert len(coulomb_views(matrices, [4.0, 2.0, 0.5])) == 4


@pytest.mark.parametrize(
    "shape", [{}, {"plain": True, "words": "first"}, {"thresholds": [4.0, 1.0]}], ids=str
)
def test_a_molecule_is_the_same_in_any_order_and_company(molecules, shape):
    torch.manual_seed(0)
    network = MoleculeGine(hidden=8, expansion="paper", **shape).double().eval()
    both = network(*network.batch(molecules.matrices))
    for row in range(2):
        alone = network(*network.batch(molecules.matrices.take(torch.tensor([row]))))
        assert torch.allclose(alone[0], both[row])
    order = np.random.default_rng(0).permutation(5)
    numbers, places = molecules.numbers[3:], molecules.positions[3:]
    moved = coulomb(numbers[order], places[order], torch.tensor([0, 5]))
    assert torch.allclose(network(*network.batch(moved))[0], both[1])


def test_the_baseline_is_the_papers_and_the_counts_are_as_said():
    def count(**shape):
        network = GineNetwork(features=100, edge_features=100, hidden=100, **shape)
        return sum(one.numel() for one in network.parameters())

    assert 215_000 < count() < 245_000
    assert 65_000 < count(plain=True, views=1) < 85_000
    fair = [MoleculeGine(thresholds=t, hidden=h) for t, h in (([2.0], 48), ([], 84))]
    sizes = [sum(one.numel() for one in each.parameters()) for each in fair]
    assert abs(sizes[0] / sizes[1] - 1) < 0.15


@pytest.mark.parametrize("asked", ["predict", "embed"])
def test_sizes_that_were_not_learnt_from_are_told(molecules, asked):
    @torch.no_grad()
    def ask(sizes):
        getattr(MoleculeGine(hidden=4, sizes=sizes).eval(), asked)(molecules)

    for sizes in ([4, 23], [2, 3]):
        with pytest.warns(Notice, match=f"{sizes[0]} to {sizes[1]} atoms.* 1 of 2 here"):
            ask(sizes)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ask([3, 5])
        ask([])


def test_what_does_not_fit_is_refused(molecules):
    with pytest.raises(BadInput, match="expected as many"):
        MoleculeGine(mean=[0.0, 1.0])
    with pytest.raises(BadInput, match="hidden=0"):
        MoleculeGine(hidden=0)
    with pytest.raises(BadInput, match="falling"):
        MoleculeGine(thresholds=[1.0, 2.0])
    network = MoleculeGine(elements=[1, 8], hidden=4).eval()
    with pytest.raises(BadInput, match="never saw C"):
        network.predict(molecules)
    with pytest.raises(BadInput, match="Give a molecule"):
        network.predict()
    with pytest.raises(BadInput):
        network.predict(read_molecules([([1, 1], [[0, 0, 0], [0, 0, float("nan")]])]))
