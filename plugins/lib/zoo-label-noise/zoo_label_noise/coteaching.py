"""Co-teaching (Han et al., 2018): two networks that pick each other's examples of small loss."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from zoo_core import BadInput
from zoo_label_noise.losses import small_loss_rows


def co_teach(
    networks: tuple[nn.Module, nn.Module],
    inputs: Tensor,
    labels: Tensor,
    rate: float,
    *,
    epochs: int,
    ramp: int = 10,
    batch_size: int = 128,
    learning_rate: float = 1e-3,
    seed: int = 0,
) -> None:
    """Train two networks (they are changed) on inputs (N, …) and noisy labels (N,).

    In epoch t each network learns from the share 1 - rate min(t / ramp, 1) of a batch that has the
    smallest cross-entropy under the other one: networks learn what is right before they learn what
    is wrong by heart. The two must be initialised differently. Raises `BadInput` for a rate that
    leaves nothing.
    """
    if not 0 <= rate < 1 or epochs < 1 or ramp < 1:
        raise BadInput(
            f"rate={rate}, epochs={epochs}, ramp={ramp}; expected 0 <= rate < 1, and one or more."
        )
    optimizers = [
        torch.optim.Adam(network.parameters(), lr=learning_rate, fused=True) for network in networks
    ]
    size = min(batch_size, len(labels))
    for network in networks:
        network.train()
    for epoch in range(epochs):
        keep = 1 - rate * min(epoch / ramp, 1)
        generator = torch.Generator().manual_seed(1_000_003 * seed + epoch)
        order = torch.randperm(len(labels), generator=generator)
        for batch in range(len(labels) // size):
            rows = order[batch * size : (batch + 1) * size]
            losses = [
                functional.cross_entropy(network(inputs[rows]), labels[rows], reduction="none")
                for network in networks
            ]
            chosen = [small_loss_rows(loss.detach(), keep) for loss in losses]
            for loss, others, optimizer in zip(losses, reversed(chosen), optimizers, strict=True):
                optimizer.zero_grad(set_to_none=True)
                torch.autograd.backward(loss[others].mean())
                optimizer.step()
    for network in networks:
        network.eval()
