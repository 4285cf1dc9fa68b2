"""`EgnnGt`: equivariant message passing in views of a cloud and in their compositions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from zoo_graph_tuple.words import SoftmaxFusion, Word, words_of

H_START, P_START = (0.6, 0.3, 0.05, 0.05), (0.8, 0.15, 0.025, 0.025)
"""Logits that fusion of states and of positions starts from, as published; pairs have the last."""


class Near(NamedTuple):
    """One view of a cloud: its edges, and what does not change while points move.

    `edges` (2, E) go from sender to receiver, `vectors` (E, d) from sender to receiver by the
    nearest images, `degrees` (n,) count what a point receives (1 where that is nothing), and
    `cutoff` is the largest distance.
    """

    edges: Tensor
    vectors: Tensor
    degrees: Tensor
    cutoff: float


class Pass(nn.Module):
    """One pass of messages in one view; all words of a layer share its weights.

    m_ij = MLP(LayerNorm([h_i, h_j, rbf(r_ij)])) from sender j to receiver i, t_ij = tanh(w(m_ij)),
    and the changes dp_i = mean_j d_ij t_ij, dh_i = MLP([h_i, sum_j m_ij]). Without `edge_norm`
    there is no layer normalisation, and without `still` the last map of w does not begin at zero
    (the baseline; Satorras, Hoogeboom and Welling 2021).
    """

    def __init__(
        self, hidden: int, centres: int = 16, edge_norm: bool = True, still: bool = True
    ) -> None:
        super().__init__()
        self.hidden, self.centres = hidden, centres
        width = 2 * hidden + centres
        self.norm = nn.LayerNorm(width) if edge_norm else None
        self.first = nn.Linear(width, hidden)
        self.second = nn.Linear(hidden, hidden)
        self.gate = nn.Linear(hidden, hidden)
        self.step = nn.Linear(hidden, 1, bias=False)
        self.node = nn.Sequential(
            nn.Linear(2 * hidden, hidden), nn.SiLU(), nn.Linear(hidden, hidden), nn.SiLU()
        )
        if still:
            nn.init.zeros_(self.step.weight)

    def forward(
        self, state: Tensor, moved: Tensor, near: Near, move: bool = True
    ) -> tuple[Tensor, Tensor]:
        """Return the changes of states (n, H) and of positions (n, d).

        `moved` (n, d) is how far points are from where `near` has them; without `move` the change
        of positions is not computed, and zero.
        """
        sender, receiver = near.edges
        gap = near.vectors + moved.index_select(0, receiver) - moved.index_select(0, sender)
        # A square below the least leaves points in one place without a gradient that is NaN.
        distance = gap.square().sum(1, keepdim=True).clamp_min(1e-12).sqrt()
        message = self._first(state, radial(distance, near.cutoff, self.centres), near.edges)
        message = functional.silu(self.second(functional.silu(message)))
        arrived = torch.zeros_like(state).index_add(0, receiver, message)
        change = self.node(torch.cat([state, arrived], 1))
        if not move:
            return change, torch.zeros_like(moved)
        step = gap * self.step(functional.silu(self.gate(message))).tanh()
        summed = torch.zeros_like(moved).index_add(0, receiver, step)
        return change, summed / near.degrees[:, None]

    def _first(self, state: Tensor, rows: Tensor, edges: Tensor) -> Tensor:
        """Return the first linear map of the normalised [h_i, h_j, rows], (E, H).

        It is put together of maps of each point and of each distance, so that no row of 2 H + K
        numbers is made for an edge.
        """
        sender, receiver = edges
        weight: Tensor = self.first.weight
        bias: Tensor = self.first.bias
        if self.norm is not None:
            bias = bias + weight @ self.norm.bias
            weight = weight * self.norm.weight
            # Rows that sum to 0 take the mean away: what is left of the norm is one scale an edge.
            weight = weight - weight.mean(1, keepdim=True)
        here, there, radii = torch.split(weight, [self.hidden, self.hidden, self.centres], 1)
        found = (state @ here.T).index_select(0, receiver)
        found = found.add_((state @ there.T).index_select(0, sender))
        found = found.add_(rows @ radii.T)
        if self.norm is None:
            return found + bias
        of_point = moments(state)
        both = of_point.index_select(0, receiver).add_(of_point.index_select(0, sender))
        mean, square = torch.split(both.add_(moments(rows)) / weight.shape[1], 1, 1)
        scale = (square - mean.square()).clamp_min(0).add(self.norm.eps).rsqrt()
        return torch.addcmul(bias, found, scale)


class EgnnGt(nn.Module):
    """One layer of EGNN-Gt: h + sum of alpha_w dh_w, p + sum of beta_w dp_w over the words w.

    The pass of a pair begins where the pass of its first view ends. alpha and beta are softmaxes of
    learnable logits. All passes share their weights; for `words` see `words_of`. With `last` the
    positions after the layer are not asked for, and only what a pair needs of them is computed.
    """

    def __init__(
        self,
        hidden: int,
        views: int = 2,
        words: str | Sequence[Sequence[int]] = "crossed",
        centres: int = 16,
        edge_norm: bool = True,
        still: bool = True,
        last: bool = False,
    ) -> None:
        super().__init__()
        self.words = words_of(views, words)
        self.shared = Pass(hidden, centres, edge_norm, still)
        self.last = last
        single = len(self.words) == 1
        self.of_states = None if single else SoftmaxFusion(logits(self.words, H_START))
        self.of_positions = None if single else SoftmaxFusion(logits(self.words, P_START))

    def forward(self, state: Tensor, moved: Tensor, views: Sequence[Near]) -> tuple[Tensor, Tensor]:
        """Return states (n, H) and how far points (n, d) have moved, after the layer."""
        found: dict[Word, tuple[Tensor, Tensor]] = {}
        begins = {word[:-1] for word in self.words}
        for word in self.words:
            before = found.get(word[:-1])
            given = (state, moved) if before is None else (state + before[0], moved + before[1])
            move = not self.last or word in begins
            found[word] = self.shared(*given, views[word[-1]], move)
        changes = [torch.stack(each) for each in zip(*found.values(), strict=True)]
        if self.of_states is None or self.of_positions is None:
            return state + changes[0][0], moved + changes[1][0]
        return (
            state + torch.einsum("w,wnh->nh", self.of_states(), changes[0]),
            moved + torch.einsum("w,wnd->nd", self.of_positions(), changes[1]),
        )


def radial(distance: Tensor, cutoff: float, centres: int) -> Tensor:
    """Return exp(-(r - c_k)^2 / s^2) of distances (E, 1); centres over [0, cutoff] are s apart."""
    found: Tensor = _Radial.apply(distance * ((centres - 1) / cutoff), centres)
    return found


class _Radial(torch.autograd.Function):
    """exp(-(u - k)^2) for k = 0, 1, …: in place, with a gradient that keeps the values alone."""

    @staticmethod
    def forward(ctx: Any, scaled: Tensor, centres: int) -> Tensor:
        places = torch.arange(centres, dtype=scaled.dtype, device=scaled.device)
        found = (scaled - places).square_().neg_().exp_()
        ctx.save_for_backward(scaled, places, found)
        return found

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, None]:
        if not ctx.needs_input_grad[0]:
            return None, None
        scaled, places, found = ctx.saved_tensors
        slope = (places - scaled).mul_(found).mul_(gradients[0])
        return slope.sum(1, keepdim=True).mul_(2), None


def moments(rows: Tensor) -> Tensor:
    """Return the sum and the sum of squares (n, 2) of each row."""
    return torch.stack([rows.sum(1), torch.linalg.vecdot(rows, rows)], 1)


def logits(words: Sequence[Word], start: Sequence[float]) -> Tensor:
    """Return the logits (words,) that fusion starts from: the first view, other views, pairs."""
    found = [start[0] if len(word) == 1 else start[2] for word in words]
    found[1:] = [start[1] if len(word) == 1 else start[2] for word in words[1:]]
    return torch.tensor(found)
