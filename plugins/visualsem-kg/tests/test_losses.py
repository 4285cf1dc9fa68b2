"""Losses against their closed forms."""

from __future__ import annotations

import math

import pytest
import torch
from zoo_visualsem_kg.losses import margin_loss, noise_contrast, one_to_n, softmax_loss


@pytest.mark.parametrize("count", [1, 7, 100])
def test_of_scores_that_are_all_zero(count):
    zeros = torch.zeros(3), torch.zeros(3, count)
    assert float(noise_contrast(*zeros)) == pytest.approx((count + 1) * math.log(2), rel=1e-6)
    assert float(softmax_loss(*zeros)) == pytest.approx(math.log(count + 1), rel=1e-6)
    assert float(margin_loss(*zeros, margin=5.0)) == 5.0
    assert float(one_to_n(zeros[1], zeros[1])) == pytest.approx(math.log(2), rel=1e-6)


def test_what_is_masked_adds_nothing():
    positive, negatives = torch.tensor([1.0]), torch.tensor([[0.5, -torch.inf]])
    for loss in (noise_contrast, softmax_loss):
        assert torch.isclose(loss(positive, negatives), loss(positive, negatives[:, :1]))


def test_labels_are_smoothed_as_in_the_official_code():
    labels, scores = torch.tensor([[1.0, 0, 0, 0]]), torch.randn(1, 4)
    smooth = 0.9 * labels + 0.25
    expected = torch.nn.functional.binary_cross_entropy_with_logits(scores, smooth)
    assert torch.isclose(one_to_n(scores, labels, 0.1), expected)
