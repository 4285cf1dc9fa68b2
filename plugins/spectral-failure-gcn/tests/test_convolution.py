"""The operator of the convolution, dense or sparse."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from zoo_spectral_failure_gcn import convolution
from zoo_spectral_failure_gcn.convolution import propagation
from zoo_spectral_failure_gcn.data import two_blocks


def test_dense_and_sparse_operators_are_the_same():
    graph = two_blocks(n=90, a=0.12, b=0.06, seed=0)
    dense = propagation(graph, torch.float64)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(convolution, "_DENSE", 1.0)
        sparse = propagation(graph, torch.float64)
    assert sparse.layout == torch.sparse_csr or dense.layout == torch.strided
    np.testing.assert_allclose(sparse.to_dense(), dense.to_dense(), atol=1e-14)
