"""The layer: every operation of the graph, that it keeps the symmetry, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import zoo_symmetry as zs
from zoo_approx_equivariant.pose.layer import OPERATIONS, GraphLayer
from zoo_signals.skeleton import H36M16

from zoo_core import BadInput

SWAPS = tuple(H36M16.swaps().values())
AUT = zs.PermutationGroup(16, SWAPS)
KNEES = zs.PermutationGroup(16, ((0, 1, 5, 3, 4, 2, *range(6, 16)),))


def layer(operation, group="Aut", tied=SWAPS):
    torch.manual_seed(0)
    made = GraphLayer(H36M16.adjacency(), 3, 2, group, SWAPS, operation, tied).double()
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.add_(torch.randn_like(parameter))
    return made


def signals():
    return torch.randn(4, 16, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_keeps_the_symmetry(operation):
    made, x = layer(operation), signals()
    assert zs.equivariance_error(made, AUT, x) < 1e-12
    assert zs.equivariance_error(made, KNEES, x) > 1e-3


@pytest.mark.parametrize("operation", ["self", "full", "pt"])
def test_free_logits_break_it_when_trained(operation):
    assert zs.equivariance_error(layer(operation, tied=()), AUT, signals()) > 1e-3


def neighbours(node):
    return {int(one) for one in np.flatnonzero(H36M16.adjacency()[node])} | {node}


def test_what_is_heard_of_whom():
    """Of one joint's signal "self" moves what the map does, "full" that of its neighbours too."""
    weights = {name: layer(name).adjacency() for name in ("gc", "self", "full", "pt")}
    for name, matrix in weights.items():
        assert torch.allclose(matrix.sum(1), torch.ones(16, dtype=torch.float64)), name
        for node in range(16):
            heard = set(matrix[node].nonzero().flatten().tolist())
            assert heard == (set(range(16)) if name == "pt" else neighbours(node))
    mean = weights["gc"]
    assert float(mean[0, 0]) == pytest.approx(1 / 4) and float(mean[9, 9]) == pytest.approx(1 / 2)
    plain, x = layer("none"), signals()
    hidden = plain.map(x)
    for name in ("self", "full", "gc"):
        made = layer(name)
        made.map.load_state_dict(plain.map.state_dict())
        matrix = made.adjacency()
        expected = torch.diag(matrix.diagonal()) if name == "self" else matrix
        assert torch.allclose(made(x) - made.bias, expected @ hidden)


def test_weights_that_point_along_the_graph():
    made, x = layer("pt"), signals()
    matrix = made.map.dense() * made.adjacency().T[..., None, None]
    for receiver in (0, 8):
        expected = torch.einsum("bmi,mio->bo", x, matrix[:, receiver])
        assert torch.allclose(made(x)[:, receiver] - made.bias, expected)
    untouched = GraphLayer(H36M16.adjacency(), 1, 1, "trivial", (), "pt")
    weights = untouched.adjacency()[0].detach()
    absent = next(node for node in range(16) if node not in neighbours(0))
    # Logits are 1 on edges and -1 off them at first.
    assert float((weights[1] / weights[absent]).log()) == pytest.approx(2, abs=1e-5)


def test_edges_have_a_logit_each_or_one_an_orbit():
    assert layer("full", tied=()).logits.shape == (46,)
    assert layer("full").logits.shape == (28,)
    assert not hasattr(layer("gc"), "logits")


def test_what_does_not_fit_is_refused():
    adjacency = H36M16.adjacency()
    with pytest.raises(BadInput, match="expected one of S_N"):
        GraphLayer(adjacency, 1, 1, "S_16")
    with pytest.raises(BadInput, match="expected one of none"):
        GraphLayer(adjacency, 1, 1, operation="conv")
    with pytest.raises(BadInput, match="does not keep the edges"):
        GraphLayer(adjacency, 1, 1, generators=KNEES.generators, tied=KNEES.generators)
    plain = GraphLayer(
        adjacency, 1, 1, generators=KNEES.generators, operation="none", tied=KNEES.generators
    )
    assert zs.equivariance_error(plain, KNEES, torch.randn(2, 16, 1)) < 1e-6
