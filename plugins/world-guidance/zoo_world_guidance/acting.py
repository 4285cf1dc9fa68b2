"""What a policy does for people: plan, act, be rolled out, answer, be measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from einops import rearrange
from torch import Tensor, nn
from zoo_policies.chunks import Chunks
from zoo_policies.films import film
from zoo_policies.observations import Observation
from zoo_policies.pusht.simulator import pusht
from zoo_policies.rollouts import Rollout, rollout

from zoo_core import BadInput, Media, Split, notice
from zoo_world_guidance.conditions import cosine_distance
from zoo_world_guidance.data import EVERY, recorded_in
from zoo_world_guidance.lessons import Lessons, offsets
from zoo_world_guidance.reading import read_observations
from zoo_world_guidance.seeing import features_of, frames_of, resized

MEASURED = ("score", "coverage", "success", "return")
OF_CONDITIONS = ("condition-cosine", "condition-r2")
LONGEST = 300
"""Steps of an episode that is filmed."""
_BATCH = 256


class Acting(nn.Module):
    """The verbs of `WorldGuidance`; see there for what it is made of."""

    def plan(self: Any, observation: Observation) -> Tensor:
        """Return a chunk (B, horizon, actions) in the environment's units, of the present alone.

        The noise that the flow starts from depends on an episode's seed and step: the same episode
        goes the same way whichever others run beside it. Raises `BadInput` for an untrained policy,
        and for observations that it cannot see.
        """
        self.ready()
        states = self.filled(observation.states)
        images = [
            resized(observation.images(name), self.size)
            for name in list(observation.cameras)[: self.cameras]
        ]
        if len(images) < self.cameras:
            raise BadInput(f"The policy sees {self.cameras} camera(s); there are {len(images)}.")
        noise = observation.noise(self.horizon, self.action_size)
        with torch.no_grad():
            found: Tensor = self.sample(*self.placed(states, noise, *images))
        return found.float().cpu()

    def act(self: Any, observation: Observation, state: Any = None) -> tuple[Tensor, Any]:
        """Return what to do now (B, actions), and the state for the next step.

        A chunk is planned anew after `execute` of its actions.
        """
        chunks: Chunks = self.chunks()
        return chunks.act(observation, state)

    def chunks(self: Any, ensemble: int = 1, alpha: float = 0.1, execute: int = 0) -> Chunks:
        """Return what acts by this policy's chunks, with an ensemble of the last ones if asked."""
        return Chunks(
            self.plan,
            execute=execute or self.execute,
            history=self.history,
            ensemble=ensemble,
            alpha=alpha,
        )

    def ready(self: Any) -> None:
        """Raise `BadInput` for a policy without statistics, which has not been trained."""
        if self.statistics is None:
            raise BadInput(
                "The statistics of normalisation are missing: this policy is untrained; train it "
                "(zoo train), or load one that was."
            )

    def filled(self: Any, states: Tensor) -> Tensor:
        """Return states (B, n, states), of which those that are read may be given alone."""
        if states.shape[-1] == self.state_size:
            return states
        if states.shape[-1] != len(self.seen):
            raise BadInput(
                f"States have {states.shape[-1]} numbers; the policy was trained on "
                f"{self.state_size}, and reads {len(self.seen)}."
            )
        whole = states.new_zeros(*states.shape[:-1], self.state_size)
        whole[..., self.seen] = states
        return whole

    def placed(self: Any, *tensors: Tensor) -> list[Tensor]:
        """Return tensors where the parameters are; floating ones in their type."""
        like = self.head.position
        return [
            one.to(like.device, like.dtype if one.is_floating_point() else None) for one in tensors
        ]

    def predict(
        self: Any,
        observations: Any = None,
        *,
        seed: int | None = None,
        state: str = "",
        steps: int = LONGEST,
    ) -> Any:
        """Return a chunk of actions for each observation, or the film of an episode.

        `observations` are a state or several, with images where the policy sees some: an array,
        an .npy, an .npz or a mapping with "state" and images, or a picture with its `state`
        ("222,97"). Rows have the observation's number, the step from now, and the action in the
        environment's units. With `seed` the policy acts in PushT's episode of that seed for at most
        `steps`, and the film is returned (.gif, .mp4, or .png, a strip). Raises `BadInput` for
        anything else, and where no simulator is installed.
        """
        self.ready()
        if (observations is None) == (seed is None):
            raise BadInput(
                "Give what the robot sees (a state, an .npz), or the seed of an episode (--seed "
                "100003), one of the two."
            )
        if seed is not None:
            return self._filmed(seed, steps)
        chunk = self._chunk_of(observations, state).tolist()
        names = self.action_names
        return [
            {"observation": row, "step": step, **dict(zip(names, action, strict=True))}
            for row, actions in enumerate(chunk)
            for step, action in enumerate(actions)
        ]

    def _chunk_of(self: Any, observations: Any, state: str) -> Tensor:
        states, images = self._read(observations, state)
        zeros = torch.zeros(len(states), dtype=torch.int64)
        noise = Observation(states, zeros, zeros).noise(self.horizon, self.action_size)
        found: Tensor = self.sample(*self.placed(states, noise, *images))
        return found.float().cpu()

    def _read(self: Any, observations: Any, state: str = "") -> tuple[Tensor, list[Tensor]]:
        sizes = (self.history, self.state_size, len(self.seen))
        states, images = read_observations(observations, sizes, self.seen, self.cameras, state)
        for one in images:
            if one.shape[1:3] != (self.size, self.size):
                notice(
                    f"Images of {one.shape[2]} x {one.shape[1]} pixels are brought to "
                    f"{self.size} x {self.size}."
                )
        return states, [resized(one, self.size) for one in images]

    def _filmed(self: Any, seed: int, steps: int) -> Media:
        if type(steps) is not int or steps < 1:
            raise BadInput(f"steps={steps!r}; expected 1 or more.")
        if type(seed) is not int or not 0 <= seed < 2**32:
            raise BadInput(f"seed={seed!r}; expected an integer from 0 to {2**32 - 1}.")
        # The simulator alone: what people once did there may be absent.
        found = rollout(self, pusht(self.size), [seed], steps=steps, film=[seed], camera="film")
        (row,) = found.rows()
        told = (
            f"seed {seed}: score {row['score']:.3f}, coverage {row['coverage']:.3f}, "
            f"{'a' if row['success'] else 'no'} success, {int(row['steps'])} steps"
        )
        return film(found.films[seed], found.fps, every=2, told=told)

    def rolled_out(self: Any, split: Split, **options: Any) -> Rollout:
        """Return what comes of the episodes of a split, 64 at most side by side.

        Raises `BadInput` where no simulator is installed.
        """
        environment = split.data.environment(self.size)
        return rollout(self, environment, list(split.indices), **options)

    def outputs(self: Any, split: Split) -> Iterator[Mapping[str, Tensor]]:
        """Yield, once, what metrics take of a split.

        Of recorded episodes "prediction" and "target" (W, horizon, actions) of every fourth step,
        and of conditions that are predicted their cosine, error and variance (W,). Of a simulator's
        split a value for each episode besides, and the recorded episodes are the held-out ones.
        """
        self.ready()
        found: dict[str, Tensor] = {}
        if split.name in getattr(split.data, "seeds", ()):
            found |= next(iter(self.rolled_out(split).outputs()))
        yield {**self.recorded(split), **found}

    def more_metrics(self: Any, split: Split) -> Sequence[str]:
        """Return what a simulator's split is measured by besides, and predicted conditions are."""
        played = MEASURED if split.name in getattr(split.data, "seeds", ()) else ()
        return (*played, *(OF_CONDITIONS if self.predicts_conditions else ()))

    def recorded(self: Any, split: Split) -> dict[str, Tensor]:
        """Return what the policy says of recorded episodes, beside what is true of them."""
        found: dict[str, Tensor] = self.said_of(self.lessons_of(split))
        return found

    @torch.no_grad()
    def said_of(self: Any, lessons: Lessons) -> dict[str, Tensor]:
        """Return what `recorded` does, of lessons."""
        names = ("prediction", "target", "cosine", "error", "variance")
        found: dict[str, list[Tensor]] = {name: [] for name in names}
        for rows in torch.split(torch.arange(len(lessons.states)), _BATCH):
            states, images = lessons.seen(rows)
            seen = Observation(states, rows, torch.zeros_like(rows))
            noise = seen.noise(self.horizon, self.action_size)
            states, noise, *images = self.placed(states, noise, *images)
            hidden = self.hidden(states, images)
            heard, predicted = self.heard(hidden)
            found["prediction"].append(self.sampled(hidden, heard, noise).float().cpu())
            found["target"].append(lessons.actions[rows])
            if self.predicts_conditions:
                true = self.true_condition(*self.placed(lessons.future(rows)))
                said = self.conditions.injected(predicted)
                found["cosine"].append(1 - cosine_distance(said, true).cpu())
                found["error"].append((said - true).square().sum((1, 2)).cpu())
                found["variance"].append((true - self.conditions.mean).square().sum((1, 2)).cpu())
        return {name: torch.cat(parts) for name, parts in found.items() if parts}

    def lessons_of(self: Any, split: Split) -> Lessons:
        """Return every fourth window of a split's recorded episodes, with features if needed.

        Raises `BadInput` for data of another kind or size.
        """
        data = split.data
        episodes = getattr(data, "episodes", None)
        if episodes is None:
            raise BadInput("A policy is measured on demonstrations, such as pusht-play.")
        sizes = (episodes.states.shape[1], episodes.actions.shape[1])
        if sizes != (self.state_size, self.action_size):
            raise BadInput(
                f"States and actions have {sizes[0]} and {sizes[1]} numbers; the policy was "
                f"trained on {self.state_size} and {self.action_size}."
            )
        chosen = recorded_in(split)
        own = episodes.of(chosen)
        later = offsets(self.horizon)
        windows = own.windows(self.horizon, history=self.history, future=later, labelled=True)
        shape = {"cameras": self.cameras, "size": self.size}
        frames = frames_of(data, shape, episodes.rows_of(chosen))
        lessons = Lessons.of(windows, frames, np.arange(0, len(windows), EVERY))
        if not self.predicts_conditions:
            return lessons
        return lessons.with_features(features_of(self, own, frames))

    @torch.no_grad()
    def embed(self: Any, observations: Any, *, state: str = "") -> Tensor:
        """Return the condition that is predicted of each observation, or the cognition feature.

        Rows are the tokens of the condition one after the other, without their mean over the data;
        of a policy that predicts none the last hidden state. Sources are those of `predict`, or a
        split, of which every fourth step is taken.
        """
        self.ready()
        if isinstance(observations, Split):
            lessons = self.lessons_of(observations)
            states, images = lessons.seen(torch.arange(len(lessons.states)))
        else:
            states, images = self._read(observations, state)
        states, *images = self.placed(states, *images)
        hidden = self.hidden(states, images)
        if not self.predicts_conditions:
            last: Tensor = hidden[:, -1]
            return last
        said = self.conditions.injected(self.oformer(hidden)) - self.conditions.mean
        rows: Tensor = rearrange(said, "b k d -> b (k d)")
        return rows

    def example_sources(self: Any, seed: int) -> Sequence[Any]:
        """Return a small observation."""
        states, _, _, *images = self.example_inputs(seed)
        named = {f"image {number}": one[0].numpy() for number, one in enumerate(images)}
        return [{"state": states[:1].numpy(), **named}]
