"""The relative error of predicted coefficients."""

from __future__ import annotations

import pytest
import torch
from zoo_mamba_selectivity.haar.relative_error import RelativeError


def test_the_relative_error_is_of_all_batches_together():
    metric = RelativeError()
    metric.update(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 0.0]))
    metric.update(torch.tensor([[0.0]]), torch.tensor([[3.0]]))
    assert float(metric.compute()) == pytest.approx((13 / 10) ** 0.5)
