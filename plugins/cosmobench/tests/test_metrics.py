"""R2 as the benchmark has it."""

from __future__ import annotations

import pytest
import torch
from zoo_cosmobench.metrics import ColumnR2, VelocityR2


def test_a_column_of_predictions():
    target = torch.tensor([[0.1, 1.0], [0.2, 0.7], [0.4, 0.9]])
    found = ColumnR2(column=1)
    found.update(torch.tensor([[9.0, 0.9], [9.0, 0.8], [9.0, 0.9]]), target)
    error = torch.tensor([0.1, 0.1, 0.0]).square().mean()
    assert float(found.compute()) == pytest.approx(
        float(1 - error / target[:, 1].var(correction=0))
    )


def test_both_conventions_of_velocities():
    generator = torch.Generator().manual_seed(0)
    clouds = [
        (scale * torch.randn(n, 3, generator=generator) + 5, n) for scale, n in ((1.0, 7), (9.0, 4))
    ]
    ratio, mean = VelocityR2(), VelocityR2(per_cloud=True)
    errors, variances = [], []
    for target, _ in clouds:
        predicted = target * 0.5
        ratio.update(predicted, target)
        mean.update(predicted, target)
        errors.append(((predicted - target) ** 2).mean())
        variances.append(target.var(0, correction=0).mean())
    expected = 1 - sum(errors) / sum(variances)
    assert float(ratio.compute()) == pytest.approx(float(expected), rel=1e-5)
    each = [1 - e / v for e, v in zip(errors, variances, strict=True)]
    assert float(mean.compute()) == pytest.approx(float(sum(each) / 2), rel=1e-5)
    assert float(ratio.compute()) != pytest.approx(float(mean.compute()), rel=1e-3)
