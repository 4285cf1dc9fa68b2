"""How strongly a layer's state depends on an earlier token, by autograd and in closed form.

Through the value path, the steps and weights of the tokens being what they are,

    S6:   dh_t[c, n] / dx_s[c] = exp(A[c, n] Σ_{r=s+1..t} Δ_r[c]) Δ_s[c] B_s[n],
    S4D:  dh_t[c, n] / dx_s[c] = λ̄[c, n]^(t - s) b̄[c, n].

The second falls exponentially in t - s, at a rate that is fixed in advance; the first need not.
"""

from __future__ import annotations

import torch
from torch import Tensor
from zoo_ssm.blocks import S4D, Mamba
from zoo_ssm.s4d import s4d_convolution, zero_order_hold
from zoo_ssm.selective_scan import selective_scan


@torch.no_grad()
def to_last(block: Mamba | S4D, u: Tensor) -> Tensor:
    """Return dh_t / dx_s for the last t and every s, (T, D, N), from the block's input u (T, d)."""
    decay, written = _terms(block, u)
    total = decay.cumsum(0)
    return (total[-1] - total).exp() * written


@torch.no_grad()
def of_token(block: Mamba | S4D, u: Tensor, s: int) -> Tensor:
    """Return dh_t / dx_s for one s and t = s, …, T - 1, (T - s, D, N)."""
    decay, written = _terms(block, u)
    total = decay.cumsum(0)
    return (total[s:] - total[s]).exp() * written[s]


def by_autograd(block: Mamba | S4D, u: Tensor) -> Tensor:
    """Return what `to_last` does, differentiating the mixer's own state."""
    with torch.no_grad():
        x = block.conv(block.in_x(u[None]))[0]
        system = block.system() if isinstance(block, S4D) else block.selection(x)
    x.requires_grad_()
    if isinstance(block, S4D):
        state = s4d_convolution(x, *system)[1]
    else:
        state = selective_scan(x, *system)[1]
    # Channels do not mix here, so that one backward pass gives a mode's derivatives of all.
    parts = [
        torch.autograd.grad(mode.sum(), x, retain_graph=True)[0][0] for mode in state.unbind(-1)
    ]
    return torch.stack(parts, dim=-1)


def _terms(block: Mamba | S4D, u: Tensor) -> tuple[Tensor, Tensor]:
    """Return the logarithm of each token's decay and what it writes, both (T, D, N)."""
    if isinstance(block, S4D):
        poles, _, step = block.system()
        rows = (len(u), -1, -1)
        return (step[:, None] * poles).expand(rows), zero_order_hold(poles, step)[1].expand(rows)
    x = block.conv(block.in_x(u[None]))[0][0]
    delta, A, B, _ = block.selection(x)
    return delta.unsqueeze(-1) * A, delta.unsqueeze(-1) * B.unsqueeze(1)
