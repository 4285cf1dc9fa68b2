"""`PoseNetwork`: 2-D joints to 3-D joints, by attention on coloured pairs of joints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from zoo_signals.joints import read_joints, rows_of, warn_of_size
from zoo_signals.poses import Poses
from zoo_signals.skeleton import H36M16
from zoo_symmetry import PermutationGroup

from zoo_asen.attention import ColouredStack
from zoo_asen.colours import capped, caps, colour_count, generators_of, pair_colours, tied
from zoo_asen.poses.groups import pose_group
from zoo_core import BadInput

SUPPORTS = ("dense", "soft", "weak", "bones")
"""What bones have to say: nothing; features of norm 20 against 1; against 0; pairs of bones alone.

In the first three all pairs attend to each other."""
NEAR = 20.0


class PoseNetwork(nn.Module):
    """Normalised joints (B, J, 2) to metres from the root joint (B, J, 3), in the camera's frame.

    The base commutes with every permutation of the joints; it is given the colours of the ordered
    pairs by the orbits of `group` (a name in `NAMED`, or generators), whose features are learnt,
    and then commutes with that group. A layer on each joint, `layers` of coloured GATv2, a layer on
    each joint (section 3 of the paper; its pose network is the published one, with the features of
    the diagonal's own colours where `self_loop` is "orbit").

    `support` is one of `SUPPORTS`: norms of features are capped, at 1 where all pairs are alike.
    `bones` are pairs of joints and `names` what the joints are called, those of Human3.6M's 16
    joints by default. `extent` are the least and the largest size of the poses that were trained
    on, in normalised image coordinates. Raises `BadInput` for a group of other joints, a support
    that is none, bones that are no joints, and another number of names.
    """

    def __init__(
        self,
        group: str | Sequence[Sequence[int]] = "reflection",
        hidden: int = 64,
        layers: int = 4,
        heads: int = 8,
        support: str = "dense",
        self_loop: str = "orbit",
        joints: int = len(H36M16.joints),
        bones: Sequence[Sequence[int]] | None = None,
        names: Sequence[str] | None = None,
        extent: Sequence[float] | None = None,
    ) -> None:
        super().__init__()
        if support not in SUPPORTS:
            raise BadInput(f"support={support!r}; expected one of {', '.join(SUPPORTS)}.")
        usual = H36M16.joints if joints == len(H36M16.joints) else ()
        self.names = tuple(usual if names is None else names)
        if self.names and len(self.names) != joints:
            raise BadInput(f"There are {len(self.names)} names for {joints} joints.")
        self.joints, self.support, self.extent = joints, support, extent
        self.group = pose_group(group, joints)
        colours, edges = pair_colours(self.group), _both_ways(bones, joints)
        self.table = nn.Parameter(torch.randn(colour_count(colours), hidden))
        self.begin = nn.Sequential(
            nn.Linear(2, hidden),
            nn.LayerNorm(hidden),
            nn.ReLU(),
            nn.Linear(hidden, hidden),
            nn.LayerNorm(hidden),
        )
        self.stack = ColouredStack(hidden, layers, heads, self_loop=self_loop)
        self.end = nn.Linear(hidden, 3)
        self.colours: Tensor
        self.edges: Tensor
        self.most: Tensor
        self.register_buffer("colours", colours)
        self.register_buffer("edges", edges)
        self.register_buffer("most", _caps(support, colours, edges))

    def forward(self, joints: Tensor) -> Tensor:
        """Return joints (B, J, 3)."""
        table = capped(self.table, self.most)
        edges = self.edges if self.support == "bones" else None
        found: Tensor = self.end(self.stack(self.begin(joints), table, self.colours, edges))
        return found

    def coarser(self, group: PermutationGroup) -> PoseNetwork:
        """Return the network of a larger group: features of colours that become one are averaged.

        Where they are equal already, it is the same function. Raises `BadInput` for a group that
        does not contain this one, by its orbits on pairs.
        """
        features = tied(capped(self.table.detach(), self.most), self.colours, pair_colours(group))
        attention: Any = self.stack.attention[0]
        made = PoseNetwork(
            generators_of(group),
            self.table.shape[1],
            len(self.stack.attention),
            attention.heads,
            self.support,
            attention.self_loop,
            self.joints,
            self.edges.T.tolist(),
            self.names or None,
            self.extent,
        )
        state = {**self.state_dict(), "colours": made.colours, "most": made.most}
        made.load_state_dict({**state, "table": features})
        return made.to(self.table.device).train(self.training)

    def example_inputs(self, seed: int) -> tuple[Tensor]:
        """Return three random poses."""
        generator = torch.Generator().manual_seed(seed)
        return (torch.randn(3, self.joints, 2, generator=generator),)

    def outputs(self, split: Any, batch_size: int = 256) -> Iterator[dict[str, Tensor]]:
        """Yield predictions and targets (B, J, 3) in metres, of all cameras of a split's poses."""
        data = split.data
        if not isinstance(data, Poses):
            raise BadInput("The network lifts poses; measure it on poses, such as cmu-pose16.")
        if data.inputs.shape[2:] != (self.joints, 2):
            raise BadInput(
                f"The poses have {data.inputs.shape[2]} joints; the model takes {self.joints}."
            )
        for rows in split.indices.split(max(batch_size // data.inputs.shape[1], 1)):
            inputs, targets = (part[rows].flatten(0, 1) for part in (data.inputs, data.targets))
            prediction = self(inputs.to(self.table))
            yield {"prediction": prediction, "target": targets.to(prediction)}

    def predict(
        self, joints: Any = None, *, width: float | None = None, height: float | None = None
    ) -> list[dict[str, Any]]:
        """Return where the joints of poses are in space, in millimetres from the root joint.

        `joints` is a table of 2-D joints or an array, in pixels of images of `width` x `height`, or
        normalised: see `zoo_signals.joints.read_joints`. There is a row for each joint: x to the
        right, y down, z away from the camera. Raises `BadInput` for what is not known: joints that
        lack or have other names, NaN, pixels without the image's size.
        """
        given = read_joints(joints, self.names, self.joints, width, height)
        warn_of_size(given, self.extent)
        return rows_of(self(torch.from_numpy(given).to(self.table)), self.names)


def _both_ways(bones: Sequence[Sequence[int]] | None, joints: int) -> Tensor:
    """Return bones as edges (2, E), each way; none where those of other joints are not given."""
    if bones is None:
        bones = H36M16.bones if joints == len(H36M16.joints) else ()
    whole = all(len(bone) == 2 and all(0 <= one < joints for one in bone) for bone in bones)
    if not whole:
        raise BadInput(f"A bone joins two joints, each of 0 to {joints - 1}.")
    pairs = {way for one, other in bones for way in ((one, other), (other, one))}
    return torch.tensor(sorted(pairs), dtype=torch.int64).reshape(-1, 2).T.contiguous()


def _caps(support: str, colours: Tensor, edges: Tensor) -> Tensor:
    """Return the largest norm of each colour's features (r,)."""
    if support in ("soft", "weak"):
        return caps(colours, edges, near=NEAR, far=1.0 if support == "soft" else 0.0)
    return torch.ones(colour_count(colours))
