"""Policies: rollouts in lockstep, drawing for those who ask, the flow head, frozen features.

    python benchmarks/policies.py [--quick] [--only lockstep drawing head features] [--json FILE]

"lockstep": 50 episodes of PushT, 40 steps each, under an untrained policy of world guidance, from
states, which plans 16 actions and executes 8. Ours asks the policy for all episodes at once;
"stepping alone" gives the same actions to the same environments and nothing else, and ours is to
cost at most 1.5 times as much; "one by one" is ours with one episode at a time, reckoned from 10.

"drawing": 20 of these under a policy that looks at 64 x 64 pixels when it plans. Ours draws then;
"at every step" draws as an environment does whose observations are pixels.

"head": a chunk for each of 50 observations from a shipped size, and of 16 from the published size S
with 16 tokens of condition. Ours passes the trunk once and makes the condition's keys and values
once, for all nine Euler steps; the "plain loop" calls all of it at each step; "one by one" is ours
with one observation at a time, reckoned from 4.

"features": what the frozen encoder sees in the four future frames of 32 windows, a training batch:
ours reads it from the memory map that was filled once, "recomputed" encodes the frames each time.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from contest import Row, row, run_parts, take_turns
from torch import Tensor
from zoo_policies.normalising import Statistics
from zoo_policies.pusht.simulator import Painter, make_env, pusht
from zoo_policies.rollouts import Rollout, rollout
from zoo_world_guidance.dit import ActionHead
from zoo_world_guidance.flow import integrate
from zoo_world_guidance.policy import WorldGuidance
from zoo_world_guidance.seeing import CHANNELS, ENCODER, SIZE, TOKENS, Encoder
from zoo_world_guidance.specs.models import BODY

PACKAGES = (
    "numpy",
    "torch",
    "timm",
    "gymnasium",
    "gym-pusht",
    "pymunk",
    "zoo-core",
    "zoo-policies",
    "zoo-world-guidance",
)
EPISODES, STEPS, LARGE = 50, 40, 16
SINGLE_EPISODES, SINGLE_CHUNKS = 10, 4
"""So many are done one by one; the cost of all is reckoned from them."""
MOST = 1.5
"""Times the cost of stepping the environments alone."""
WINDOWS, AHEAD, FRAMES = 32, 4, 512


def policy_of(**shape: Any) -> WorldGuidance:
    """Return an untrained policy for PushT; its actions are spread over the room."""
    torch.manual_seed(0)
    draw = np.random.default_rng(0)
    states, actions = draw.uniform(50, 450, (99, 5)), draw.uniform(50, 450, (99, 2))
    known = {"states": states, "actions": actions}
    statistics = {name: Statistics.of(values).to_dict() for name, values in known.items()}
    return WorldGuidance(statistics=statistics, **shape).eval()


def stepped(found: Rollout, environments: Sequence[Any]) -> float:
    """Give what was done to environments of their own, one after the other; return the coverage."""
    most = 0.0
    for environment, seed, actions in zip(environments, found.seeds, found.actions, strict=True):
        environment.reset(seed=seed)
        for action in actions:
            *_, info = environment.step(action)
            most = max(most, info["coverage"])
    return most


def seeds_of(quick: bool) -> tuple[list[int], int]:
    """Return the seeds and how many steps an episode has."""
    return list(range(100_000, 100_000 + (4 if quick else EPISODES))), 10 if quick else STEPS


def bench_lockstep(quick: bool) -> Iterator[Row | str]:
    """Yield the lines of the first part."""
    seeds, steps = seeds_of(quick)
    policy = policy_of(**BODY)
    together, single, some = pusht(), pusht(at_once=1), seeds[:SINGLE_EPISODES]
    found = rollout(policy, together, seeds, steps=steps)
    alone = [make_env() for _ in seeds]
    assert np.isclose(stepped(found, alone), found.measured["coverage"].max(), atol=1e-9)
    yield f"\n{len(seeds)} episodes of {steps} steps, {len(seeds) * steps:,} steps"
    costs = take_turns(
        {
            "ours": partial(rollout, policy, together, seeds, steps=steps),
            "stepping alone": partial(stepped, found, alone),
            "one by one": partial(rollout, policy, single, some, steps=steps),
        },
        1 if quick else 2,
    )
    for name, cost in costs.items():
        whole = name != "one by one"
        all_of_it = cost if whole else cost * (len(seeds) / len(some))
        yield row("lockstep", name, all_of_it, costs["ours"], measured=whole)
    ratio = costs["ours"].cpu / costs["stepping alone"].cpu
    told = "" if quick else f" (at most {MOST}: {'met' if ratio <= MOST else 'MISSED'})"
    yield f"  ours over stepping alone: {ratio:.2f}{told}"


class Watching:
    """A policy that draws at every step."""

    def __init__(self, policy: WorldGuidance) -> None:
        self.policy = policy

    def act(self, observation: Any, state: Any = None) -> tuple[Tensor, Any]:
        """Return what the policy does."""
        observation.images("top")
        return self.policy.act(observation, state)


def bench_drawing(quick: bool) -> Iterator[Row | str]:
    """Yield the lines of the second part."""
    seeds, steps = seeds_of(quick)
    seeds = seeds[:20]
    policy, together = policy_of(cameras=1, seen=[0, 1], width=64), pusht(64)
    results: dict[str, Rollout] = {}
    ways = {
        "ours": partial(rollout, policy, together, seeds, steps=steps),
        "at every step": partial(rollout, Watching(policy), together, seeds, steps=steps),
    }
    costs = take_turns(ways, 1 if quick else 2, results)
    first, second = (one.measured["score"] for one in results.values())
    assert np.allclose(first, second, atol=1e-9)
    yield f"\nDrawing 64 x 64 pixels, {len(seeds)} episodes of {steps} steps"
    for name, cost in costs.items():
        yield row("drawing", name, cost, costs["ours"])


def bench_head(quick: bool) -> Iterator[Row | str]:
    """Yield the lines of the third part."""
    count = 4 if quick else EPISODES
    generator = torch.Generator().manual_seed(0)
    policy = policy_of(**BODY)
    torch.nn.init.normal_(policy.head.out.weight, std=0.1)
    states = torch.rand(count, 2, 5, generator=generator) * 400 + 50
    noise = torch.randn(count, 16, 2, generator=generator)

    def every(states: Tensor, noise: Tensor) -> Tensor:
        def velocity(x: Tensor, t: Tensor) -> Tensor:
            hidden = policy.hidden(states)
            heard, _ = policy.heard(hidden)
            return policy.head.velocity(x, t, hidden[:, -1], heard)

        return policy.actions.undo(integrate(velocity, noise))

    yield from compared(
        f"shipped size, {count} chunks", policy.sample, every, (states, noise), quick
    )
    head = ActionHead(condition=32).eval()
    torch.nn.init.normal_(head.out.weight, std=0.1)
    count = 4 if quick else LARGE
    noise = torch.randn(count, 16, 7, generator=generator)
    z = torch.randn(count, 4096, generator=generator)
    tokens = torch.randn(count, 16, 32, generator=generator)

    def ours(noise: Tensor, z: Tensor, tokens: Tensor) -> Tensor:
        heard = head.heard(tokens, len(tokens))
        return integrate(lambda x, t: head.velocity(x, t, z, heard), noise)

    def plain(noise: Tensor, z: Tensor, tokens: Tensor) -> Tensor:
        return integrate(lambda x, t: head(x, t, z, tokens), noise)

    yield from compared(f"size S, {count} chunks", ours, plain, (noise, z, tokens), quick)


@torch.no_grad()
def compared(
    label: str,
    ours: Callable[..., Tensor],
    plain: Callable[..., Tensor],
    inputs: Sequence[Tensor],
    quick: bool,
) -> Iterator[Row | str]:
    """Yield the lines of one size of the head."""

    count = len(inputs[0])

    def single() -> Tensor:
        parts = [[one[k : k + 1] for one in inputs] for k in range(SINGLE_CHUNKS)]
        return torch.cat([ours(*part) for part in parts])

    results: dict[str, Tensor] = {}
    ways = {"ours": partial(ours, *inputs), "plain loop": partial(plain, *inputs)}
    costs = take_turns({**ways, "one by one": single}, 1 if quick else 2, results)
    costs["one by one"] *= count / SINGLE_CHUNKS
    scale = results["ours"].abs().max()
    for one in results.values():
        assert (one - results["ours"][: len(one)]).abs().max() < 1e-4 * scale
    yield f"\nThe flow head, {label}"
    for name, cost in costs.items():
        whole = name != "one by one"
        yield row("head", f"{label}, {name}", cost, costs["ours"], measured=whole)


def bench_features(quick: bool) -> Iterator[Row | str]:
    """Yield the lines of the fourth part."""
    from zoo_images.backbones import create_backbone

    draw = np.random.default_rng(0)
    frames = Painter(64)(draw.uniform(100, 400, (16 if quick else FRAMES, 5)))
    # Its weights at random: what is timed does not depend on them.
    encoder = Encoder()
    vars(encoder)["network"] = create_backbone(ENCODER, 3, (SIZE, SIZE)).eval()
    count = 2 if quick else WINDOWS
    rows = draw.integers(0, len(frames), (count, AHEAD))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "features.npy"
        found = np.concatenate([encoded(encoder, part) for part in np.split(frames, 4)])
        np.save(path, found)
        kept = np.load(path, mmap_mode="r")

        def read() -> Tensor:
            return torch.from_numpy(kept[rows]).float()

        def recomputed() -> Tensor:
            again = encoded(encoder, frames[rows.reshape(-1)])
            return torch.from_numpy(again).view(count, AHEAD, TOKENS, CHANNELS).float()

        assert torch.allclose(read(), recomputed(), atol=1e-2, rtol=1e-2)
        yield f"\nFrozen features of {count} windows, {AHEAD} frames each"
        costs = take_turns({"ours": read, "recomputed": recomputed}, 1 if quick else 5)
    for name, cost in costs.items():
        yield row("features", name, cost, costs["ours"])


def encoded(encoder: Encoder, frames: np.ndarray) -> np.ndarray:
    """Return the encoder's tokens (N, 16, 112), in half precision."""
    return encoder(torch.from_numpy(np.ascontiguousarray(frames))).half().numpy()


if __name__ == "__main__":
    run_parts(globals())
