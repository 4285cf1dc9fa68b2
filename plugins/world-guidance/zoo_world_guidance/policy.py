"""The policy: trunk, action head, and what it knows or predicts of the future, in one module.

`guidance` names the arm: "none" knows nothing of a future; "features" predicts features of the
future beside its actions; "oracle" (stage I) is given the conditions that the Q-Former makes of
true future features; "implicit" and "explicit" (stage II) predict these conditions from the
present. Explicit policies hear what they predict, implicit ones only share hidden states with it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from einops import einsum, rearrange
from torch import Tensor, nn
from zoo_policies.normalising import Normaliser, Statistics

from zoo_core import BadInput
from zoo_world_guidance.acting import Acting
from zoo_world_guidance.blocks import position
from zoo_world_guidance.conditions import Conditions
from zoo_world_guidance.dit import ActionHead
from zoo_world_guidance.flow import guided, integrate
from zoo_world_guidance.formers import QueryFormer
from zoo_world_guidance.trunks import Trunk

GUIDANCES = ("none", "features", "oracle", "implicit", "explicit")
TRUE_FUTURE = ("oracle", "implicit", "explicit")
"""Those that have a Q-Former; with "oracle" it is trained, with the others it is frozen."""
PREDICTING = ("features", "implicit", "explicit")
CONDITION_DROPOUT = 0.1
"""Of conditions in training, so that there is a null condition (the published code has none)."""


class WorldGuidance(Acting):
    """A policy for chunks (B, horizon, actions) of actions, in the environment's units.

    It sees the last `history` states (B, history, states), of which `seen` are the numbers that it
    may use (None: all), and images (B, size, size, 3) of `cameras` cameras. `pose` are the places
    of x, y and angle of a body among the states, whose `points` (in the body's frame) it is told.
    Future features are (B, frames, tokens, width), as `future` has their last three sizes.
    With a `scale` other than 1 the velocity is that of classifier-free guidance by the cognition
    feature. `statistics` are those of states and actions (`zoo_policies.normalising.Statistics`).

    Raises `BadInput` for what does not fit each other.
    """

    def __init__(
        self,
        states: int = 5,
        actions: int = 2,
        seen: Sequence[int] | None = None,
        pose: Sequence[int] | None = None,
        points: Sequence[Sequence[float]] = (),
        cameras: int = 0,
        size: int = 64,
        horizon: int = 16,
        execute: int = 8,
        history: int = 2,
        future: Sequence[int] = (4, 1, 5),
        guidance: str = "explicit",
        loss: str = "centred",
        detached: bool = False,
        tokens: int = 8,
        condition: int = 32,
        width: int = 48,
        layers: int = 2,
        heads: int = 4,
        former_layers: int = 2,
        head_width: int = 64,
        head_depth: int = 3,
        ratio: float = 2.0,
        patch: int = 2,
        injection: str = "learning",
        scale: float = 1.0,
        action_names: Sequence[str] = (),
        statistics: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        super().__init__()
        if guidance not in GUIDANCES:
            raise BadInput(f"guidance={guidance!r}; expected one of {', '.join(GUIDANCES)}.")
        if not 1 <= execute <= horizon:
            raise BadInput(f"execute={execute}; expected 1 to {horizon}, the horizon.")
        _refuse_sizes(
            states=states,
            actions=actions,
            history=history,
            tokens=tokens,
            condition=condition,
            layers=layers,
            former_layers=former_layers,
        )
        if not 0 <= cameras <= 3:
            raise BadInput(f"cameras={cameras}; expected 0 to 3.")
        if width < 1 or heads < 1 or width % heads:
            raise BadInput(f"width={width}, heads={heads}; expected a width that they divide.")
        if not 0 < ratio < math.inf or not math.isfinite(scale):
            raise BadInput(f"ratio={ratio}, scale={scale}; expected numbers, ratio above 0.")
        used = [*(seen or []), *(pose or [])]
        unread = seen is not None and not len(seen)
        outside = any(not 0 <= place < states for place in used)
        if unread or outside or (pose and len(pose) != 3):
            raise BadInput(
                f"seen={seen}, pose={pose}; expected places among the {states} numbers of the "
                "state, of a pose three: x, y and angle."
            )
        self.guidance, self.detached, self.scale = guidance, detached, scale
        self.horizon, self.execute, self.history = horizon, execute, history
        self.state_size, self.action_size = states, actions
        self.seen = list(range(states)) if seen is None else list(seen)
        self.pose, self.points = pose, [list(point) for point in points]
        self.cameras, self.size = cameras, size
        self.action_names = list(action_names) or [f"action {place}" for place in range(actions)]
        self.predicts_conditions = guidance in ("implicit", "explicit")
        self.statistics = statistics
        self.states, self.actions = Normaliser(states), Normaliser(actions)
        for name, normaliser in (("states", self.states), ("actions", self.actions)):
            if statistics is None:
                # An untrained network computes; `plan` refuses to act with it.
                nn.init.zeros_(normaliser.shift)
                nn.init.ones_(normaliser.spread)
            elif name not in statistics:
                raise BadInput(f"The statistics have no {name}; measure them of the training data.")
            else:
                normaliser.fit(Statistics.from_dict(statistics[name]), name=name)
        groups = [history * len(self.seen), *([2 + 2 * len(points)] if pose else [])]
        self.trunk = Trunk(groups, cameras, size, width, layers, heads, ratio)
        heard = condition if guidance in ("oracle", "explicit") else 0
        self.head = ActionHead(
            actions,
            horizon,
            cognition=width,
            condition=heard,
            width=head_width,
            depth=head_depth,
            heads=heads,
            ratio=ratio,
            patch=patch,
            condition_dropout=CONDITION_DROPOUT if heard else 0.0,
            injection=injection,
        )
        frames, per_frame, feature = future
        former: dict[str, Any] = {
            "width": width,
            "layers": former_layers,
            "heads": heads,
            "ratio": ratio,
        }
        if guidance != "none":
            self.features = Normaliser(feature)
            nn.init.zeros_(self.features.shift)
            nn.init.ones_(self.features.spread)
        if guidance in TRUE_FUTURE:
            self.take = nn.Linear(feature, width)
            self.moment = position(frames * per_frame, width)
            self.qformer = QueryFormer(width, condition, tokens, **former)
        if guidance in PREDICTING:
            asked = (per_frame * feature, frames) if guidance == "features" else (condition, tokens)
            self.oformer = QueryFormer(width, *asked, **former)
        kind = (frames, per_frame * feature) if guidance == "features" else (tokens, condition)
        # What features are asked to be is centred always: their mean says nothing.
        self.conditions = Conditions(*kind, "centred" if guidance == "features" else loss)

    def hidden(self, states: Tensor, images: Sequence[Tensor] = ()) -> Tensor:
        """Return the trunk's read-outs (B, 4, width), of states in the environment's units."""
        pixels = [rearrange(one, "b h w c -> b c h w").to(states.dtype) / 255 for one in images]
        found: Tensor = self.trunk(self.described(states), pixels)
        return found

    def described(self, states: Tensor) -> Tensor:
        """Return what is told of states (B, n, states): all that is seen, then the body as it is.

        States are normalised; the body has cosine, sine, and its points' offsets in the same unit.
        """
        seen = rearrange(self.states(states)[..., self.seen], "b n d -> b (n d)")
        return seen if self.pose is None else torch.cat([seen, self._body(states[:, -1])], -1)

    def _body(self, states: Tensor) -> Tensor:
        assert self.pose is not None
        x, y, angle = self.pose
        cos, sin = states[..., angle].cos(), states[..., angle].sin()
        turn = rearrange([cos, -sin, sin, cos], "(i j) b -> b i j", i=2)
        points = einsum(turn, states.new_tensor(self.points), "b i j, p j -> b p i")
        offsets = points / self.states.spread[[x, y]]
        return torch.cat([cos[:, None], sin[:, None], rearrange(offsets, "b p i -> b (p i)")], -1)

    def true_condition(self, future: Tensor) -> Tensor:
        """Return the conditions (B, tokens, condition) of future features (B, frames, t, f)."""
        known = self.features(rearrange(future, "b n t f -> b (n t) f"))
        tokens = self.take(known) + self.moment
        found: Tensor = self.qformer(tokens)
        return found

    def heard(self, hidden: Tensor, future: Tensor | None = None) -> tuple[Any, Tensor | None]:
        """Return what the head's blocks attend to, and the O-Former's answer where there is one.

        `future` are true future features, which "oracle" alone uses; without them its condition is
        the null one. No other guidance reads them.
        """
        predicted: Tensor | None = None
        condition: Tensor | None = None
        if self.guidance in PREDICTING:
            predicted = self.oformer(hidden)
        if self.guidance == "explicit" and predicted is not None:
            condition = self.conditions.injected(predicted)
            condition = condition.detach() if self.detached else condition
        if self.guidance == "oracle" and future is not None:
            condition = self.true_condition(future)
        return self.head.heard(condition, hidden.shape[0]), predicted

    def forward(self, states: Tensor, chunk: Tensor, t: Tensor, *images: Tensor) -> Tensor:
        """Return the velocity (B, horizon, actions) of noisy normalised chunks at times (B,).

        This is what is learnt and what is exported; `sample` goes its way in nine steps.
        """
        hidden = self.hidden(states, images)
        heard, _ = self.heard(hidden)
        found: Tensor = self.head.velocity(chunk, t, hidden[:, -1], heard)
        return found

    def sample(self, states: Tensor, noise: Tensor, *images: Tensor) -> Tensor:
        """Return the chunk (B, horizon, actions) that the flow makes of noise of the same shape."""
        hidden = self.hidden(states, images)
        heard, _ = self.heard(hidden)
        return self.sampled(hidden, heard, noise)

    def sampled(self, hidden: Tensor, heard: Any, noise: Tensor) -> Tensor:
        """Return the chunk of hidden states and what is heard, in the environment's units."""

        def velocity(x: Tensor, t: Tensor) -> Tensor:
            found: Tensor = self.head.velocity(x, t, hidden[:, -1], heard)
            if self.scale == 1:
                return found
            dropped = torch.ones_like(t, dtype=torch.bool)
            return guided(
                found, self.head.velocity(x, t, hidden[:, -1], heard, dropped), self.scale
            )

        chunk = integrate(velocity, noise)
        found: Tensor = self.actions.undo(chunk)
        return found

    def example_inputs(self, seed: int) -> tuple[Tensor, ...]:
        """Return three states, noisy chunks, times, and images where there are cameras."""
        generator = torch.Generator().manual_seed(seed)
        states = torch.rand(3, self.history, self.state_size, generator=generator) * 400 + 50
        noise = torch.randn(3, self.horizon, self.action_size, generator=generator)
        shape = (3, self.size, self.size, 3)
        images = (
            torch.randint(0, 256, shape, generator=generator, dtype=torch.uint8)
            for _ in range(self.cameras)
        )
        return (states, noise, torch.rand(3, generator=generator), *images)


def _refuse_sizes(**sizes: int) -> None:
    for name, size in sizes.items():
        if size < 1:
            raise BadInput(f"{name}={size}; expected 1 or more.")
