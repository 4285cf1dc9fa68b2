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
from zoo_core.testing import check_architecture

N, P, C = 60, 20, 3  # of `make_run`'s graphs
SMALL = {"k": 6, "kappa": 4, "operator": "adj"}


def silent(steps, desc=None):
    return steps


@pytest.mark.parametrize("config", [SMALL, {"k": 2, "kappa": 0, "hidden": 8}])
def test_untrained_classifiers_keep_the_contract(config):
    check_architecture("spectral-mlp", in_features=P, num_classes=C, own_nodes=N, **config)


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
def test_the_training_graph_is_recognised_and_no_other(make_run, dtype, operator):
    run = make_run()
    config = {**SMALL, "operator": operator, "epochs": 2}
    (module,) = train_spectral_mlp([run], config, silent)
    for name, buffer in list(module.named_buffers()):
        setattr(module, name, buffer.to(dtype).float())
    own = module.predict()
    assert module.predict(run.data) == own
    assert module.predict((run.data.edges[::-1], run.data.features)) == own
    other_features = run.data.features.toarray()
    other_features[:5] *= -1
    order = np.random.default_rng(1).permutation(N)
    for other in (
        make_run(1, 1).data,
        drop_edges(run.data, 5, 0),
        replace(run.data, edge_weights=np.linspace(0, 1, run.data.num_edges, dtype=np.float32)),
        (run.data.edges, other_features),
        (run.data.edges, run.data.features[:, 1:]),
        (order[run.data.edges], run.data.features[np.argsort(order)]),
        ([], np.ones((3, P))),
    ):
        with pytest.raises(BadInput, match="transductive model knows only"):
            module.predict(other)
