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
    undo. `loss` of logits and labels is what is made least. The penalty, of half the squared
    weights, is that with the least cross-entropy on the validation labels as they are. Raises
    `BadInput` for no penalty.
    """
    if not penalties or any(one < 0 for one in penalties):
        raise BadInput(f"penalties are {list(penalties)}; expected one or more numbers >= 0.")
    features, labels = train
    mean = features.mean(0)
    scale = (features.std(0) + 1e-6) * features.shape[1] ** 0.5
    x, kept = ((one - mean) / scale for one in (features, validation[0]))
    best: tuple[float, float, Tensor, Tensor] | None = None
    for penalty in penalties:
        weight, bias = softmax_regression(x, labels, head.out_features, penalty, loss=loss)
        found = float(functional.cross_entropy(kept @ weight.T + bias, validation[1]))
        if best is None or found < best[0]:
            best = (found, penalty, weight, bias)
    assert best is not None
    _, penalty, weight, bias = best
    with torch.no_grad():
        head.weight.copy_(weight / scale)
        head.bias.copy_(bias - (weight / scale) @ mean)
    return penalty


def softmax_regression(
    x: Tensor,
    labels: Tensor,
    num_classes: int,
    penalty: float,
    transition: Tensor | None = None,
    loss: Loss = functional.cross_entropy,
) -> tuple[Tensor, Tensor]:
    """Return weights (K, d) and biases (K,) of least penalised cross-entropy, or another `loss`.

    With a `transition` (K, K) the probabilities are sent through it before they are compared with
    the labels (forward correction).
    """
    weight = torch.zeros(num_classes, x.shape[1], device=x.device, requires_grad=True)
    bias = torch.zeros(num_classes, device=x.device, requires_grad=True)
    optimizer = torch.optim.LBFGS(
        [weight, bias], max_iter=STEPS, history_size=20, line_search_fn="strong_wolfe"
    )

    def closure() -> Tensor:
        optimizer.zero_grad()
        logits = x @ weight.T + bias
        if transition is None:
            found = loss(logits, labels)
        else:
            chances = (logits.softmax(1) @ transition.to(logits)).clamp_min(1e-12)
            found = functional.nll_loss(chances.log(), labels)
        found = found + penalty / 2 * weight.square().sum()
        torch.autograd.backward(found)
        return found

    with torch.enable_grad():
        optimizer.step(closure)  # type: ignore[no-untyped-call]  # torch has no types for it
    return weight.detach(), bias.detach()
