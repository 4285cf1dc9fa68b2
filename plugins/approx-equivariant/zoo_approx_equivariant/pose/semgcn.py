"""`GSemGCN`: 2-D joints to 3-D joints, through layers with a chosen symmetry of the skeleton."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
import zoo_symmetry as zs
from torch import Tensor, nn
from zoo_signals.joints import read_joints, rows_of, warn_of_size
from zoo_signals.poses import Poses
from zoo_signals.skeleton import H36M16

from zoo_approx_equivariant.pose.drawing import drawn
from zoo_approx_equivariant.pose.layer import GraphLayer
from zoo_core import BadInput, Media


class GSemGCN(nn.Module):
    """Normalised image coordinates (B, J, 2) to metres (B, J, 3) in the camera's frame.

    A block is a layer, batch normalisation over poses and joints, and ReLU; one block takes 2
    channels to `hidden`, `blocks` residual units of two blocks follow, and a last layer gives 3
    channels (G-SemGCN of Huang, Levie and Villar 2023, after SemGCN of Zhao et al. 2019).

    `group` is what the linear maps commute with: "S_N" (all permutations of the joints), "Aut" (the
    automorphisms of the skeleton), "trivial" (none), or "relaxed": S_N with weights of each sender,
    which is no group. `edges` are the bones, as pairs of joints; by default those of the 16 joints
    of Human3.6M, whose legs and arms swap. `generators` are permutations, as lists of images, that
    take the place of the skeleton's own automorphisms: any group, with `graph_op` "none" also one
    that keeps no edges (`zoo_symmetry.young(labels).generators` for a partition). For `graph_op`
    see `GraphLayer`; its logits are tied along the group, so that the network of "Aut" has its
    symmetry exactly, and with `tied` false they are free, as published.

    `joints` names what the nodes are. `extent` are the least and the largest size of the poses that
    were trained on, in normalised image coordinates. Raises `BadInput` for what does not fit.
    """

    def __init__(
        self,
        group: str = "Aut",
        graph_op: str = "self",
        hidden: int = 32,
        blocks: int = 4,
        nodes: int = 16,
        edges: Sequence[Sequence[int]] | None = None,
        generators: Sequence[Sequence[int]] | None = None,
        joints: Sequence[str] | None = None,
        tied: bool = True,
        extent: Sequence[float] | None = None,
    ) -> None:
        super().__init__()
        if hidden < 1 or blocks < 0:
            raise BadInput(f"hidden={hidden}, blocks={blocks}; expected from 1, and from 0.")
        if generators is not None and group != "Aut":
            raise BadInput(f"generators are those of group='Aut', not of {group!r}.")
        self.joints = tuple(H36M16.joints if joints is None and nodes == 16 else joints or ())
        if self.joints and len(self.joints) != nodes:
            raise BadInput(f"There are {len(self.joints)} names for {nodes} joints.")
        self.bones = checked_edges(edges, nodes)
        self.extent = tuple(extent) if extent is not None else None
        adjacency = np.zeros((nodes, nodes))
        for one, other in self.bones:
            adjacency[one, other] = adjacency[other, one] = 1
        self.nodes, self.group = nodes, group
        self.generators: Sequence[Sequence[int]] = ()
        if group == "Aut":
            self.generators = (
                zs.two_closure(adjacency.astype(int))[0].generators
                if generators is None
                else generators
            )

        def layer(one: int, other: int) -> GraphLayer:
            ties = self.generators if tied else ()
            return GraphLayer(adjacency, one, other, group, self.generators, graph_op, ties)

        self.first = Block(layer(2, hidden), hidden)
        self.units = nn.ModuleList(
            nn.Sequential(
                *(Block(layer(hidden, hidden), hidden) for _ in range(2)),
            )
            for _ in range(blocks)
        )
        self.last = layer(hidden, 3)

    def forward(self, joints: Tensor) -> Tensor:
        """Return joints (B, J, 3) in metres of normalised image coordinates (B, J, 2)."""
        hidden = self.first(joints)
        for unit in self.units:
            hidden = hidden + unit(hidden)
        found: Tensor = self.last(hidden)
        return found

    def example_inputs(self, seed: int) -> tuple[Tensor]:
        """Return three random poses."""
        generator = torch.Generator().manual_seed(seed)
        return (0.2 * torch.randn(3, self.nodes, 2, generator=generator),)

    def outputs(self, split: Any, batch_size: int = 1024) -> Iterator[dict[str, Tensor]]:
        """Yield predictions and targets (B, J, 3) in metres from the root, of all cameras in turn.

        Raises `BadInput` for what are no poses, and for poses of other joints.
        """
        data, device = split.data, self.last.bias.device
        if not isinstance(data, Poses):
            raise BadInput("The network lifts poses; give poses, such as cmu-pose16.")
        if data.inputs.shape[2] != self.nodes:
            raise BadInput(
                f"The poses have {data.inputs.shape[2]} joints; the network takes {self.nodes}."
            )
        for rows in split.indices.split(max(1, batch_size // data.inputs.shape[1])):
            found = self(data.inputs[rows].flatten(0, 1).to(device))
            yield {
                "prediction": found - found[:, :1],
                "target": data.targets[rows].flatten(0, 1).to(device),
            }

    def predict(
        self,
        joints: Any = None,
        *,
        width: float | None = None,
        height: float | None = None,
        header: bool | None = None,
        picture: bool = False,
    ) -> Any:
        """Return where the joints of poses are in space, in millimetres from the root joint.

        `joints` is a table (CSV, and what else `zoo_tables` reads) with the columns x and y and a
        row for each joint: in the network's order, or with a column "joint" that names them; poses
        after one another, or with a column "pose". Or it has a row for each pose, and the columns
        NAME_x and NAME_y for every joint. Or an array (J, 2) or (poses, J, 2). Coordinates are
        pixels, y down, of images of `width` x `height`; without these they are normalised:
        x / width * 2 - 1 and y / width * 2 - height / width. `header` false says that a table has
        no names above its columns.

        There is a row for each joint: x to the right, y down, z away from the camera. With
        `picture` a pose is drawn instead: as it is given, and from two sides. Raises `BadInput` for
        what is not known: joints that lack or have other names, NaN, pixels without the image's
        size.
        """
        given = read_joints(joints, self.joints, self.nodes, width, height, header)
        warn_of_size(given, self.extent)
        found = self(torch.from_numpy(given).to(self.last.bias))
        if picture:
            if len(given) > 1:
                raise BadInput(f"One pose is drawn at a time; {len(given)} are given.")
            millimetres = (1000 * (found - found[:, :1])).double().cpu().numpy()
            return Media(
                contents=drawn(given[0], millimetres[0], self.bones),
                told="the 2-D joints, and the 3-D joints from the front and from the side",
            )
        return rows_of(found, self.joints)


class Block(nn.Module):
    """A layer, batch normalisation over signals and nodes together, and ReLU."""

    def __init__(self, layer: GraphLayer, channels: int) -> None:
        super().__init__()
        self.layer = layer
        self.norm = nn.BatchNorm1d(channels)

    def forward(self, signals: Tensor) -> Tensor:
        """Return (B, N, out) of signals (B, N, in)."""
        hidden = self.layer(signals)
        normed: Tensor = self.norm(hidden.flatten(0, 1))
        return normed.view_as(hidden).relu()


def checked_edges(edges: Sequence[Sequence[int]] | None, nodes: int) -> tuple[tuple[int, int], ...]:
    """Return the bones as pairs; those of Human3.6M's 16 joints without any."""
    if edges is None:
        if nodes != len(H36M16.joints):
            raise BadInput(f"Say which of the {nodes} joints are joined: edges=[[0, 1], …].")
        return H36M16.bones
    for pair in edges:
        whole = len(pair) == 2 and all(isinstance(one, int) for one in pair)
        if not whole or not all(0 <= one < nodes for one in pair):
            raise BadInput(f"An edge is {list(pair)}; expected two joints of 0 to {nodes - 1}.")
    return tuple((one, other) for one, other in edges)
