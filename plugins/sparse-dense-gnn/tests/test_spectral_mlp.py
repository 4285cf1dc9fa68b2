"""The classifier on spectral embeddings, and how it knows its own graph."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from zoo_graphs.thinning import drop_edges
from zoo_sparse_dense_gnn.spectral_mlp import SpectralMLP
from zoo_sparse_dense_gnn.train import train_spectral_mlp

from zoo_core import BadInput
from zoo_core.testing import UNTRAINED_CHECKS, make_run, untrained

N, P, C = 60, 20, 3  # of `labelled_graph`
SMALL = {"k": 6, "kappa": 4, "operator": "adj"}


def silent(steps, desc=None):
    return steps


@pytest.mark.parametrize("check", UNTRAINED_CHECKS)
@pytest.mark.parametrize("shape", [SMALL, {"k": 2, "kappa": 0, "hidden": 8}])
def test_untrained_classifiers_keep_the_contract(shape, check):
    check(untrained("spectral-mlp", in_features=P, num_classes=C, own_nodes=N, **shape))


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"operator": "rw"}, "adj, lap"),
        ({"k": 0}, f"expected 1 to {N}"),
        ({"k": N + 1}, f"expected 1 to {N}, the number of nodes"),
        ({"kappa": P + 1}, f"expected 0 to {P}, the smaller"),
        ({"kappa": -1}, f"expected 0 to {P}"),
        ({"hidden": 0}, "1 or more"),
    ],
)
def test_bad_arguments(config, message):
    with pytest.raises(ValueError, match=message):
        SpectralMLP(P, C, own_nodes=N, **{**SMALL, **config})


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
@pytest.mark.parametrize("operator", ["adj", "lap"])
def test_the_training_graph_is_recognised_and_no_other(labelled_graph, dtype, operator):
    data = labelled_graph()
    shape = {**SMALL, "operator": operator}
    run = make_run("spectral-mlp", data, shape=shape, recipe={"epochs": 2})
    module = train_spectral_mlp(run, silent)
    for name, buffer in list(module.named_buffers()):
        setattr(module, name, buffer.to(dtype).float())
    own = module.predict()
    assert module.predict(data) == own
    assert module.predict((data.edges[::-1], data.features)) == own
    other_features = data.features.toarray()
    other_features[:5] *= -1
    order = np.random.default_rng(1).permutation(N)
    for other in (
        labelled_graph(1, 1),
        drop_edges(data, 5, 0),
        replace(data, edge_weights=np.linspace(0, 1, data.num_edges, dtype=np.float32)),
        (data.edges, other_features),
        (order[data.edges], data.features[np.argsort(order)]),
        ([], np.ones((3, P))),
    ):
        with pytest.raises(BadInput, match="transductive model knows only"):
            module.predict(other)
    with pytest.raises(BadInput, match=f"p={P - 1} features"):
        module.predict((data.edges, data.features[:, 1:]))
