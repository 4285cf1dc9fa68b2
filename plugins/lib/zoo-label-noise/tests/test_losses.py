from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional
from zoo_label_noise import losses
from zoo_label_noise import transitions as t

from zoo_core import BadInput

LOGITS = torch.randn(6, 4, generator=torch.Generator().manual_seed(0))
LABELS = torch.tensor([0, 1, 2, 3, 0, 1])


@pytest.mark.parametrize("make", [losses.forward_correction, losses.backward_correction])
def test_without_noise_both_corrections_are_cross_entropy(make):
    found = make(np.eye(4))(LOGITS, LABELS)
    torch.testing.assert_close(found, functional.cross_entropy(LOGITS, LABELS))


def minimiser(loss, given, steps=800):
    """Return the probabilities (K,) of least expected loss, for given labels of these chances."""
    logits = torch.zeros(1, len(given), requires_grad=True)
    optimizer = torch.optim.Adam([logits], lr=0.05)
    for _ in range(steps):
        optimizer.zero_grad()
        total = sum(p * loss(logits, torch.tensor([y])) for y, p in enumerate(given))
        total.backward()
        optimizer.step()
    return logits.softmax(1)[0].detach().numpy()


@pytest.mark.parametrize("matrix", [t.symmetric(0.5, 4), t.pair(0.45, 4)])
def test_corrections_have_the_clean_posterior_as_their_minimiser(matrix):
    eta = np.array([0.5, 0.3, 0.15, 0.05])
    noisy = (eta @ matrix).tolist()
    for make in (losses.forward_correction, losses.backward_correction):
        np.testing.assert_allclose(minimiser(make(matrix), noisy), eta, atol=0.02)
    plain = minimiser(functional.cross_entropy, noisy)
    np.testing.assert_allclose(plain, noisy, atol=0.01)
    if np.allclose(matrix, matrix.T):
        assert plain.argmax() == eta.argmax()


def test_the_generalised_loss_is_between_cross_entropy_and_the_error():
    near = losses.generalised_cross_entropy(1e-4)(LOGITS, LABELS)
    torch.testing.assert_close(near, functional.cross_entropy(LOGITS, LABELS), rtol=1e-3, atol=1e-3)
    chances = LOGITS.softmax(1).gather(1, LABELS[:, None])
    torch.testing.assert_close(
        losses.generalised_cross_entropy(1.0)(LOGITS, LABELS), (1 - chances).mean()
    )
    with pytest.raises(BadInput, match="0 < q"):
        losses.generalised_cross_entropy(0)


def test_the_symmetric_loss_in_numbers():
    found = losses.symmetric_cross_entropy(0.1, 1.0)(torch.zeros(1, 4), torch.tensor([2]))
    assert float(found) == pytest.approx(0.1 * np.log(4) + 4 * 0.75)


def test_losses_by_name():
    for name in losses.LOSSES:
        assert losses.loss_of(name, t.symmetric(0.2, 4))(LOGITS, LABELS).isfinite()
    with pytest.raises(BadInput, match="needs to know the noise"):
        losses.loss_of("forward")
    with pytest.raises(BadInput, match="There is no loss 'focal'"):
        losses.loss_of("focal")
    with pytest.raises(BadInput, match="cannot be undone"):
        losses.loss_of("backward", t.symmetric(0.75, 4))


def test_small_losses():
    found = losses.small_loss_rows(torch.tensor([3.0, 1.0, 2.0, 4.0]), 0.5)
    assert found.tolist() == [1, 2]
    assert len(losses.small_loss_rows(torch.ones(3), 0.0)) == 1
