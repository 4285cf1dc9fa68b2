"""Logits of choices to log-probabilities of classes: softmax at every node, added along the way."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from zoo_core import BadInput
from zoo_hierarchical_label_noise.hierarchy import Hierarchy

RULES = ("product", "topdown", "mixed")


class TreeSoftmax(nn.Module):
    """Logits (B, E) of all choices in a tree to log P (B, K) over its leaves.

    The E columns are the children of every node that has two or more, node by node in preorder
    (`columns`); a node with one child has no choice to make. The softmax over each node's children
    is taken by index, without a loop over nodes or classes, and ignores all other columns. Of these
    log-probabilities the ``product`` rule takes the sum on the way from the root to each class;
    ``topdown`` follows the likeliest child of each node, so that all other classes have probability
    zero. Under ``mixed`` the root has K columns instead, a flat softmax over classes, whose sums
    over each child are the root's probabilities.
    """

    options: Tensor
    place: Tensor
    ways: Tensor
    leaves: Tensor
    branches: Tensor

    def __init__(self, hierarchy: Hierarchy, rule: str = "product") -> None:
        super().__init__()
        if rule not in RULES:
            raise BadInput(f"rule={rule!r}; expected {', '.join(RULES)}.")
        self.rule, self.num_classes = rule, len(hierarchy.classes)
        nodes = hierarchy.branching
        sizes = [len(hierarchy.nodes[number].children) for number in nodes]
        starts = [sum(sizes[:i]) for i in range(len(sizes))]
        total, width = sum(sizes), max(sizes)
        self.mixed = rule == "mixed" and 0 in nodes
        flat = self.num_classes if self.mixed else 0
        own = [flat if self.mixed and number == 0 else size
               for number, size in zip(nodes, sizes, strict=True)]  # fmt: skip
        self.columns = {
            number: slice(sum(own[:i]), sum(own[: i + 1])) for i, number in enumerate(nodes)
        }
        # Padding points at one more column, of -inf for the softmax and of 0 for the sums.
        children = torch.full((len(nodes), width), total)
        place = torch.empty(total, dtype=torch.int64)
        ways = torch.full((self.num_classes, hierarchy.depth), total)
        leaves = torch.zeros(len(nodes), width, dtype=torch.bool)
        for row, (number, size, start) in enumerate(zip(nodes, sizes, starts, strict=True)):
            children[row, :size] = torch.arange(start, start + size)
            place[start : start + size] = row * width + torch.arange(size)
            for child, (leaf, _) in enumerate(hierarchy.nodes[number].children):
                leaves[row, child] = leaf
            branch = torch.from_numpy(hierarchy.branch_of(number))
            level = len(hierarchy.chain(number)) - 1
            ways[branch >= 0, level] = start + branch[branch >= 0]
        self.register_buffer("options", children, persistent=False)
        self.register_buffer("place", place, persistent=False)
        self.register_buffer("ways", ways, persistent=False)
        self.register_buffer("leaves", leaves, persistent=False)
        branches = torch.from_numpy(hierarchy.groups)
        self.register_buffer("branches", branches, persistent=False)
        self.num_branches = len(hierarchy.group_names)

    @property
    def width(self) -> int:
        """How many logits there are."""
        return max(columns.stop for columns in self.columns.values())

    def choices(self, logits: Tensor) -> Tensor:
        """Return the log-probability (B, E + 1) of each choice at its node, and a zero."""
        if self.mixed:
            flat = logits[:, : self.num_classes].log_softmax(1)
            logits = torch.cat([self.summed(flat), logits[:, self.num_classes :]], 1)
        padded = nn.functional.pad(logits, (0, 1), value=-torch.inf)
        found = padded[:, self.options].log_softmax(2).flatten(1)[:, self.place]
        return nn.functional.pad(found, (0, 1))

    def forward(self, logits: Tensor) -> Tensor:
        """Return log P (B, K), normalised; under ``topdown`` it is -inf off the way taken."""
        choices = self.choices(logits)
        if self.rule != "topdown":
            return self.along(choices)
        barred = self.options == len(self.place)
        offered = choices[:, self.options].masked_fill(barred, -torch.inf)
        best = offered.argmax(2, keepdim=True)
        likeliest = torch.arange(offered.shape[2], device=offered.device) == best
        # Where the likeliest child is a class, its siblings that are classes stay in question.
        kept = likeliest | (self.leaves & self.leaves.expand_as(offered).gather(2, best))
        found = torch.where(self.leaves, offered, 0.0).masked_fill(~kept | barred, -torch.inf)
        found = nn.functional.pad(found.flatten(1)[:, self.place], (0, 1))
        return self.along(found).log_softmax(1)

    def along(self, choices: Tensor) -> Tensor:
        """Return the sums (B, K) of choices (B, E + 1) on the way to each class."""
        return choices[:, self.ways].sum(2)

    def loss(self, logits: Tensor, labels: Tensor) -> Tensor:
        """Return the sum of the cross-entropies at the nodes on the way to each label, averaged.

        A flat softmax at the root (``mixed``) counts with its own cross-entropy.
        """
        choices = self.choices(logits)
        found = -self.along(choices).gather(1, labels[:, None])[:, 0]
        if self.mixed:
            root = choices.gather(1, self.branches[labels][:, None])[:, 0]
            flat = logits[:, : self.num_classes].log_softmax(1).gather(1, labels[:, None])[:, 0]
            found = found + root - flat
        return found.mean()

    def coarse(self, logits: Tensor) -> Tensor:
        """Return the log-probabilities (B, S) of the superclasses below the root."""
        if self.num_branches == 1:
            return logits.new_zeros(len(logits), 1)
        return self.choices(logits)[:, : self.num_branches]

    def summed(self, chances: Tensor) -> Tensor:
        """Return the log of the sums (B, S) of probabilities over the superclasses below the root.

        `chances` are log-probabilities (B, K), which may be -inf.
        """
        return grouped_logsumexp(chances, self.branches, self.num_branches)


def grouped_logsumexp(values: Tensor, groups: Tensor, count: int) -> Tensor:
    """Return logsumexp (B, count) of values (B, K) over the columns of each group (K,)."""
    index = groups.expand(len(values), -1)
    lowest = torch.finfo(values.dtype).min
    top = values.new_full((len(values), count), lowest)
    top = top.scatter_reduce(1, index, values.detach(), "amax")
    sums = torch.zeros_like(top).scatter_add(1, index, (values - top.gather(1, index)).exp())
    return sums.log() + top
