"""Chunks of actions: receding horizon, and the adaptive ensemble of several chunks."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from einops import einsum, rearrange
from torch import Tensor
from torch.nn.functional import cosine_similarity

from zoo_core import BadInput
from zoo_policies.observations import Observation

State = dict[str, Tensor]


def ensemble_weights(actions: Tensor, alpha: float, known: Tensor | None = None) -> Tensor:
    """Return the weights (B, K) of K predictions (B, K, A) of one action, the newest first.

    w_k = exp(alpha cos(a_k, a_0)) / sum, over those that are `known` (B, K): the adaptive ensemble
    of CogACT, which WoG executes with; alpha = 0 gives the plain mean.
    """
    likeness = alpha * cosine_similarity(actions, actions[:, :1], dim=-1)
    if known is not None:
        likeness = likeness.masked_fill(~known, -torch.inf)
    return likeness.softmax(-1)


class Chunks:
    """A policy of what plans chunks: ``act(observation, state) -> actions, state``.

    `plan` takes an `Observation` whose states are the last `history` ones and returns a chunk
    (B, H, A) in units of the environment, the first action for now. After `execute` actions it is
    asked again. With an `ensemble` of K, the last K chunks are kept, and what is done is the mean
    of what they say for now, by `ensemble_weights`. Cosines are taken in the plan's own units, or
    in those of `space`, a function of actions (a `Normaliser`, say).

    Nothing is kept here: `state` has the rows of the episodes, "states" (B, history, d), "chunks"
    (B, K, H, A) with the newest first, and "ages" (B, K), how many steps ago they were planned.
    Raises `BadInput` for numbers below 1, and for plans that are no chunks or shorter than what is
    to be executed.
    """

    def __init__(
        self,
        plan: Callable[[Observation], Tensor],
        *,
        execute: int = 8,
        history: int = 1,
        ensemble: int = 1,
        alpha: float = 0.1,
        space: Callable[[Tensor], Tensor] | None = None,
    ) -> None:
        if min(execute, history, ensemble) < 1:
            raise BadInput(
                f"execute={execute}, history={history}, ensemble={ensemble}; expected 1 or more."
            )
        if not math.isfinite(alpha):
            raise BadInput(f"alpha={alpha}; expected a number.")
        self.plan, self.execute, self.history = plan, execute, history
        self.ensemble, self.alpha, self.space = ensemble, alpha, space

    def act(self, observation: Observation, state: State | None = None) -> tuple[Tensor, State]:
        """Return what to do now (B, A), and the state for the next step."""
        now = observation.states[:, -1:]
        if state is None:
            states = now.expand(-1, self.history, -1)
            chunks, ages = self._planned(observation, states), None
        else:
            states = torch.cat([state["states"], now], 1)[:, -self.history :]
            chunks, ages = state["chunks"], state["ages"]
            due = torch.nonzero(ages[:, 0] >= self.execute).flatten()
            if len(due):
                newest = self._planned(observation.take(due), states[due])
                if newest.shape[2:] != chunks.shape[2:]:
                    raise BadInput("The plan changed the length of its chunks.")
                chunks, ages = chunks.clone(), ages.clone()
                chunks[due] = torch.cat([newest[:, :1], chunks[due, :-1]], 1)
                ages[due] = torch.cat([torch.zeros_like(ages[due, :1]), ages[due, :-1]], 1)
        if ages is None:
            ages = torch.full(chunks.shape[:2], chunks.shape[2])
            ages[:, 0] = 0
        return self._now(chunks, ages), {"states": states, "chunks": chunks, "ages": ages + 1}

    def _planned(self, observation: Observation, states: Tensor) -> Tensor:
        """Return what is planned as a stack of chunks (B, K, H, A) whose first one it is."""
        seen = Observation(states, observation.seeds, observation.steps, observation.cameras)
        chunk = self.plan(seen)
        if not isinstance(chunk, Tensor) or chunk.dim() != 3 or len(chunk) != len(observation):
            shape = tuple(getattr(chunk, "shape", ()))
            raise BadInput(
                f"The plan has the shape {shape}; expected a chunk ({len(observation)}, horizon, "
                "dimensions of actions)."
            )
        if chunk.shape[1] < self.execute:
            raise BadInput(
                f"The plan has {chunk.shape[1]} actions and {self.execute} are to be executed; "
                "execute fewer, or plan farther."
            )
        others = chunk.new_zeros(()).expand(len(chunk), self.ensemble - 1, *chunk.shape[1:])
        return torch.cat([chunk.detach().cpu()[:, None], others.cpu()], 1)

    def _now(self, chunks: Tensor, ages: Tensor) -> Tensor:
        horizon = chunks.shape[2]
        place = rearrange(ages.clamp_max(horizon - 1), "b k -> b k 1 1")
        said = chunks.take_along_dim(place, 2)[:, :, 0]
        if self.ensemble == 1:
            return said[:, 0]
        compared = said if self.space is None else self.space(said)
        weights = ensemble_weights(compared, self.alpha, ages < horizon)
        return einsum(weights, said, "b k, b k a -> b a")


def policy_of(model: Any, **options: Any) -> Any:
    """Return what acts: the model itself, or `Chunks` of its `plan`; raises `BadInput` for neither.

    `options` are those of `Chunks`.
    """
    if callable(getattr(model, "act", None)):
        return model
    if callable(getattr(model, "plan", None)):
        return Chunks(model.plan, **options)
    raise BadInput(f"A {type(model).__name__} neither acts nor plans; expected act or plan.")
