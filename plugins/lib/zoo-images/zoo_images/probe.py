"""A linear head on fixed features: softmax regression by L-BFGS, its penalty by validation."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from zoo_core import BadInput

STEPS = 100
Loss = Callable[[Tensor, Tensor], Tensor]
"""Logits (n, K) and labels (n,) to a mean loss."""


def fit_head(
    head: nn.Linear,
    train: tuple[Tensor, Tensor],
    validation: tuple[Tensor, Tensor],
    penalties: Sequence[float],
    loss: Loss = functional.cross_entropy,
) -> float:
    """Fit a linear layer (d, K) to features (n, d) and labels (n,); return the penalty chosen.

    Features are standardised and divided by sqrt(d) for fitting, which the layer's weights then
    undo. See `choose_regression` for the penalty.
    """
    mean, scale = standardisation(train[0])
    x, kept = ((one - mean) / scale for one in (train[0], validation[0]))
    penalty, weight, bias = choose_regression(
        (x, train[1]), (kept, validation[1]), head.out_features, penalties, loss
    )
    with torch.no_grad():
        head.weight.copy_(weight / scale)
        head.bias.copy_(bias - (weight / scale) @ mean)
    return penalty


def standardisation(features: Tensor) -> tuple[Tensor, Tensor]:
    """Return the mean (d,) of features (n, d), and their deviation times sqrt(d)."""
    return features.mean(0), (features.std(0) + 1e-6) * features.shape[1] ** 0.5


def choose_regression(
    train: tuple[Tensor, Tensor],
    validation: tuple[Tensor, Tensor],
    num_classes: int,
    penalties: Sequence[float],
    loss: Loss = functional.cross_entropy,
    judge: Loss = functional.cross_entropy,
) -> tuple[float, Tensor, Tensor]:
    """Return a penalty with its weights (K, d) and biases (K,), chosen on validation labels.

    `loss` of logits and labels is what is made least on the standardised features (n, d) and labels
    (n,) of `train`. The penalty, of half the squared weights, is that with the least `judge` on
    those of `validation`, whose labels are taken as they are. Raises `BadInput` for no penalty.
    """
    if not penalties or any(one < 0 for one in penalties):
        raise BadInput(f"penalties are {list(penalties)}; expected one or more numbers >= 0.")
    x, labels = validation
    fits = [(one, *softmax_regression(*train, num_classes, one, loss)) for one in penalties]
    return min(fits, key=lambda fit: float(judge(x @ fit[1].T + fit[2], labels)))


def softmax_regression(
    x: Tensor,
    labels: Tensor,
    num_classes: int,
    penalty: float,
    loss: Loss = functional.cross_entropy,
) -> tuple[Tensor, Tensor]:
    """Return weights (K, d) and biases (K,) of least penalised cross-entropy, or another `loss`."""
    weight = torch.zeros(num_classes, x.shape[1], device=x.device, requires_grad=True)
    bias = torch.zeros(num_classes, device=x.device, requires_grad=True)
    optimizer = torch.optim.LBFGS(
        [weight, bias], max_iter=STEPS, history_size=20, line_search_fn="strong_wolfe"
    )

    def closure() -> Tensor:
        optimizer.zero_grad()
        found = loss(x @ weight.T + bias, labels) + penalty / 2 * weight.square().sum()
        torch.autograd.backward(found)
        return found

    with torch.enable_grad():
        optimizer.step(closure)  # type: ignore[no-untyped-call]  # torch has no types for it
    return weight.detach(), bias.detach()
