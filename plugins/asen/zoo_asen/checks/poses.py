"""Claims on poses: which exchanges of joints serve a network, and that it commutes with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from zoo_signals.blocks import by_blocks
from zoo_signals.pose_metrics import mpjpe, p_mpjpe
from zoo_signals.skeleton import H36M16
from zoo_symmetry import PermutationGroup, act, equivariance_error

from zoo_asen.colours import colour_count, pair_colours
from zoo_asen.poses.groups import NAMED, TITLES
from zoo_asen.poses.network import PoseNetwork
from zoo_asen.poses.recipe import train
from zoo_asen.specs.models import POSE_RECIPE
from zoo_core import Finding, Run, create, dataset, load

COLOURS = {"identity": 256, "reflection": 136, "limbs": 118, "pairs": 106, "symmetric": 2}
"""As published."""
SHIPPED = "reflection"
BLOCK = 50
"""Poses of a recording that are drawn together."""


def trained(data: Any, group: str, seed: int = 0, **recipe: Any) -> Any:
    """Train one network by the recipe of the plugin; the shipped one needs none."""
    if group == SHIPPED and not recipe and not seed:
        return load("asen-cmupose")

    def make(**more: Any) -> nn.Module:
        torch.manual_seed(seed)
        made: nn.Module = create("asen-pose", group=group, **more)
        return made

    run = Run(data=data, seed=seed, make=make, recipe={**POSE_RECIPE, **recipe})
    with torch.random.fork_rng(devices=[]):
        return train(run, lambda steps, **_: steps)


@torch.no_grad()
def millimetres(module: Any, data: Any) -> tuple[Tensor, Tensor]:
    """Return MPJPE and P-MPJPE of each test pose (B,) in mm, means over its cameras."""
    parts = [
        (mpjpe(batch["prediction"], batch["target"]), p_mpjpe(batch["prediction"], batch["target"]))
        for batch in module.outputs(data.split("test"))
    ]
    cameras = data.inputs.shape[1]
    plain, aligned = (
        1000 * torch.cat(one).reshape(-1, cameras).mean(1) for one in zip(*parts, strict=True)
    )
    return plain, aligned


def groups(names: Sequence[str] = tuple(NAMED), **recipe: Any) -> Finding:
    """Train with every group, and compare errors on the test poses in one run."""
    data = dataset("cmu-pose16")
    found = {name: millimetres(trained(data, name, **recipe), data) for name in names}
    errors = {name: plain for name, (plain, _) in found.items()}
    return Finding(
        quantities={
            "S_16 minus reflection": by_blocks(errors["symmetric"] - errors["reflection"], BLOCK),
            "reflection minus identity": by_blocks(
                errors["reflection"] - errors["identity"], BLOCK
            ),
        },
        told=f"one run, its spread over blocks of {BLOCK} poses; MPJPE (P-MPJPE) in mm: "
        + ", ".join(
            f"{TITLES[name]} {float(plain.mean()):.1f} ({float(aligned.mean()):.1f})"
            for name, (plain, aligned) in found.items()
        ),
        figures={
            name: {
                "mpjpe": float(plain.mean()),
                "reach": by_blocks(plain, BLOCK).reach,
                "p-mpjpe": float(aligned.mean()),
            }
            for name, (plain, aligned) in found.items()
        },
    )


@torch.no_grad()
def symmetry() -> Finding:
    """Hold networks of random weights to their groups, and to exchanges outside of them."""
    generator = torch.Generator().manual_seed(0)
    joints = torch.randn(4, 16, 2, generator=generator)
    largest, unseen, miscounted, gap = 0.0, 0, 0, 0.0
    for name, make in NAMED.items():
        group = make(H36M16)
        module = _network(name)
        largest = max(largest, equivariance_error(module, group, joints))
        outside = _outside(group)
        if outside is not None:
            broken = module(act(outside, joints)) - act(outside, module(joints))
            unseen += float(broken.abs().max()) < 1e-3
        miscounted += colour_count(module.colours) != COLOURS[name]
        fine = _network("identity")
        shared = torch.zeros(256, dtype=torch.int64)
        shared[fine.colours.flatten()] = module.colours.flatten()
        state = {**module.state_dict(), "colours": fine.colours, "most": module.most[shared]}
        fine.load_state_dict({**state, "table": module.table[shared]})
        gap = max(gap, float((fine(joints) - module(joints)).abs().max()))
    return Finding(
        quantities={
            "largest error of equivariance": largest,
            "groups that an exchange outside of them leaves equivariant": unseen,
            "groups with other numbers of colours than published": miscounted,
            "largest error of a coarser network in a finer one": gap,
        }
    )


def _network(group: str) -> PoseNetwork:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return PoseNetwork(group, hidden=16, layers=2, heads=4).eval()


def _outside(group: PermutationGroup) -> tuple[int, ...] | None:
    """Return an exchange of two joints that changes the colours of pairs; None for all of S_16."""
    colours = pair_colours(group)
    for one in range(group.degree - 1):
        order = list(range(group.degree))
        order[one], order[one + 1] = one + 1, one
        if not torch.equal(colours[order][:, order], colours):
            return tuple(order)
    return None
