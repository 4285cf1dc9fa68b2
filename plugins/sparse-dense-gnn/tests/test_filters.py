"""Graph filters and their networks: the invariants of the paper, in float64."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from zoo_graphs.graph import Graph
from zoo_graphs.operators import operator_matrix
from zoo_sparse_dense_gnn import frequency
from zoo_sparse_dense_gnn.filters import GraphFilter, GraphFilterNetwork

from zoo_core import BadInput
from zoo_core.testing import UNTRAINED_CHECKS, untrained

P, C = 6, 3
seeds = st.integers(0, 1000)
examples = settings(max_examples=30)
CONFIGS = [
    {},
    {"layers": 2, "taps": 3, "operator": "adj", "hidden": 8},
    {"nonlinearity": "identity", "hidden": 4},
    {"taps": 1, "hidden": 5, "output_dropout": True},
    {"own_nodes": 12, "hidden": 4},
]


def random_graph(seed, n=12, m=20, weighted=False):
    rng = np.random.default_rng(seed)
    weights = rng.uniform(0.1, 2, m) if weighted else None
    return Graph.from_edges(
        rng.integers(0, n, (2, m)), rng.standard_normal((n, P)), edge_weights=weights
    )


def operator_of(graph, kind="lap"):
    weight = None if graph.edge_weights is None else torch.from_numpy(graph.edge_weights)
    return operator_matrix(
        torch.from_numpy(graph.edges),
        graph.num_nodes,
        kind,
        edge_weight=weight,
        dtype=torch.float64,
    )


def draw(seed, n=12, kind="lap", **options):
    graph = random_graph(seed, n, **options)
    features = graph.feature_tensor(torch.float64).to_dense()
    return operator_of(graph, kind), features


def network(seed=0, **config):
    torch.manual_seed(seed)
    return GraphFilterNetwork(P, C, **config).double().eval()


@pytest.mark.parametrize("check", UNTRAINED_CHECKS)
@pytest.mark.parametrize("shape", CONFIGS)
def test_untrained_networks_keep_the_contract(shape, check):
    check(untrained("graph-filter", in_features=P, num_classes=C, **shape))


def test_parameter_counts_are_the_papers():
    def count(module):
        return sum(parameter.numel() for parameter in module.parameters())

    assert count(GraphFilterNetwork(2, 2, hidden=8, layers=2)) == 178
    assert count(GraphFilterNetwork(2325, 5)) == 2 * 2325 * 128 + 1 + 128 * 5


def test_taps_start_within_their_bounds():
    taps = GraphFilter(50, 40, 2).taps
    assert taps.abs().max() <= 0.1
    assert taps.abs().max() > 0.099
    assert taps.mean().abs() < 0.01


@examples
@given(seeds, st.integers(1, 5), st.sampled_from(["adj", "lap"]))
def test_filters_are_sums_over_powers(seed, taps, kind):
    operator, x = draw(seed, kind=kind)
    torch.manual_seed(seed)
    layer = GraphFilter(P, 4, taps).double()
    dense = operator.to_dense()
    expected = sum(
        torch.linalg.matrix_power(dense, k) @ x @ tap for k, tap in enumerate(layer.taps)
    )
    for form in (operator, dense):
        torch.testing.assert_close(layer(form, x), expected, rtol=1e-9, atol=1e-9)
    torch.testing.assert_close(layer(operator, x.to_sparse_csr()), expected, rtol=1e-9, atol=1e-9)


@examples
@given(seeds, st.integers(1, 4), st.booleans())
def test_filters_act_on_each_eigenvector_by_itself(seed, taps, weighted):
    operator, x = draw(seed, weighted=weighted)
    torch.manual_seed(seed)
    layer = GraphFilter(P, 4, taps).double()
    eigenvalues, vectors = torch.linalg.eigh(operator.to_dense())
    found = vectors.T @ layer(operator, x)
    expected = torch.einsum("nab,na->nb", layer.response(eigenvalues), vectors.T @ x)
    torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-9)


@examples
@given(seeds, st.integers(1, 4))
def test_two_linear_layers_are_one_filter_of_twice_the_degree(seed, taps):
    operator, x = draw(seed)
    torch.manual_seed(seed)
    first, second = GraphFilter(P, 5, taps).double(), GraphFilter(5, 3, taps).double()
    one = GraphFilter(P, 3, 2 * (taps - 1) + 1).double()
    with torch.no_grad():
        one.taps.zero_()
        for i, j in np.ndindex(taps, taps):
            one.taps[i + j] += first.taps[i] @ second.taps[j]
    torch.testing.assert_close(second(operator, first(operator, x)), one(operator, x))
    eigenvalues = torch.linspace(-1, 1, 7, dtype=torch.float64)
    torch.testing.assert_close(
        first.response(eigenvalues) @ second.response(eigenvalues), one.response(eigenvalues)
    )


def test_one_tap_ignores_the_graph():
    module = network(taps=1, layers=2, hidden=4)
    edges, x = torch.randint(0, 12, (2, 30)), torch.randn(12, P).double()
    nothing = torch.zeros((2, 0), dtype=torch.long)
    torch.testing.assert_close(module(edges, x), module(nothing, x))
    two = network(taps=2, layers=2, hidden=4)
    assert not torch.allclose(two(edges, x), two(nothing, x))


def test_the_identity_sums_the_taps():
    layer, x = GraphFilter(P, 4, 3).double(), torch.randn(9, P).double()
    torch.testing.assert_close(layer(torch.eye(9).double(), x), x @ layer.taps.sum(dim=0))


@pytest.mark.parametrize("kind", ["adj", "lap"])
def test_without_edges_each_node_sees_itself_alone(kind):
    module, x = network(operator=kind, hidden=4), torch.randn(5, P).double()
    nothing = torch.zeros((2, 0), dtype=torch.long)
    each = torch.cat([module(nothing, x[i : i + 1]) for i in range(5)])
    torch.testing.assert_close(module(nothing, x), each)


def test_components_do_not_see_each_other():
    module = network(hidden=4, taps=3)
    one, two = (torch.randint(0, 6, (2, 9)) for _ in range(2))
    x = torch.randn(12, P).double()
    together = module(torch.cat([one, two + 6], dim=1), x)
    torch.testing.assert_close(together[:6], module(one, x[:6]))
    torch.testing.assert_close(together[6:], module(two, x[6:]))


def test_directions_and_repeats_do_not_count_and_weights_do():
    module, x = network(hidden=4), torch.randn(8, P).double()
    edges = torch.tensor([[0, 1, 2, 3], [1, 2, 3, 4]])
    expected = module(edges, x)
    torch.testing.assert_close(module(edges.flip(0), x), expected)
    torch.testing.assert_close(module(torch.cat([edges, edges.flip(0)], dim=1), x), expected)
    weights = torch.tensor([1.0, 2, 3, 4]).double()
    torch.testing.assert_close(module(edges, x, torch.ones(4).double()), expected)
    assert not torch.allclose(module(edges, x, weights), expected)


@pytest.mark.parametrize("config", CONFIGS[:4])
def test_dropout_is_for_training(config):
    module, (edges, x) = network(**config), network().example_inputs()
    quiet = module(edges, x)
    module.train()
    torch.manual_seed(0)
    noisy = module(edges, x)
    assert not torch.allclose(noisy, quiet)
    assert (noisy == 0).any() == module.output_dropout


@examples
@given(seeds, st.sampled_from(["adj", "lap"]))
def test_normalised_operators_have_radius_one_with_root_degrees(seed, kind):
    graph = random_graph(seed, n=10, m=8)  # several components
    values = operator_of(graph, "lap").to_dense()
    degrees = operator_of(graph, "adj").to_dense().sum(dim=1)
    assert torch.linalg.eigvalsh(values).abs().max() == pytest.approx(1)
    torch.testing.assert_close(values @ degrees.sqrt(), degrees.sqrt())
    part = torch.linalg.matrix_power(operator_of(graph, "adj").to_dense(), 10)[0] > 0
    root = torch.where(part, degrees.sqrt(), 0)
    torch.testing.assert_close(values @ root, root)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"operator": "rw"}, "adj, lap"),
        ({"nonlinearity": "relu"}, "prelu, identity"),
        ({"taps": 0}, "1 or more"),
        ({"layers": 0}, "1 or more"),
        ({"hidden": 0}, "1 or more"),
        ({"dropout": 1.0}, "a rate"),
    ],
)
def test_bad_arguments(config, message):
    with pytest.raises(ValueError, match=message):
        GraphFilterNetwork(P, C, **config)


# --- frequency response ---


@pytest.mark.parametrize("weighted", [False, True])
def test_response_is_the_output_in_the_eigenbasis(weighted):
    graph, module = random_graph(1, weighted=weighted), network(hidden=4).float()
    response = module.frequency_response(graph)
    operator = operator_of(graph).to_dense().numpy()
    assert (np.diff(response.eigenvalues) <= 0).all()
    np.testing.assert_allclose(response.eigenvalues[::-1], np.linalg.eigvalsh(operator), atol=1e-12)
    (edges, x) = torch.from_numpy(graph.edges), graph.feature_tensor()
    weight = None if not weighted else torch.from_numpy(graph.edge_weights)
    outputs = module(edges, x, weight).detach().double().numpy()
    # Parseval: the eigenbasis is orthonormal.
    np.testing.assert_allclose(
        (response.coefficients**2).sum(axis=0), (outputs**2).sum(axis=0), rtol=1e-5
    )
    np.testing.assert_allclose(response.energy.sum(axis=0), 1)
    assert np.abs(response.normalised).max(axis=0) == pytest.approx(1)
    assert response.beyond(0) == pytest.approx(1)
    assert response.beyond(12) == pytest.approx(0)
    leading = np.argsort(-np.abs(response.eigenvalues))[:5]
    assert response.beyond(5) == pytest.approx(1 - response.energy[leading].sum(axis=0))
    rows = response.rows()
    assert list(rows[0]) == ["index", "eigenvalue", "0", "1", "2"]
    assert len(rows) == 12


def test_linear_networks_respond_as_their_polynomial_says():
    graph = random_graph(2)
    module = network(nonlinearity="identity", hidden=4, layers=2).float()
    response = module.frequency_response(graph)
    _, vectors = np.linalg.eigh(operator_of(graph).to_dense().numpy())
    x = vectors[:, ::-1].T @ graph.features.toarray()
    values = torch.from_numpy(response.eigenvalues).float()
    with torch.no_grad():
        chain = module.filters[0].response(values) @ module.filters[1].response(values)
        polynomial = (chain @ module.output.taps[0]).double().numpy()
    expected = np.einsum("nac,na->nc", polynomial, x)
    np.testing.assert_allclose(response.coefficients, expected, atol=1e-5)


def test_response_refuses_what_it_cannot_do(monkeypatch):
    module = network(hidden=4).float()
    with pytest.raises(BadInput, match=f"p={P - 1} features"):
        module.frequency_response(([[0], [1]], np.ones((3, P - 1))))
    with pytest.raises(BadInput, match="0 to 12"):
        module.frequency_response(random_graph(0)).beyond(13)
    monkeypatch.setattr(frequency, "LARGEST", 11)
    with pytest.raises(BadInput, match="at most 11"):
        module.frequency_response(random_graph(0))
