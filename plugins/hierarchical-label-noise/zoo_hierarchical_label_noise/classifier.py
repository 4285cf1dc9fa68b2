"""`HierarchicalClassifier`: ordinary networks at the nodes of a tree of classes, and flat ones."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from zoo_images.backbones import create_backbone
from zoo_images.classifier import ImageClassifier, width_of
from zoo_label_noise.noisy import assumed_symmetric, metrics_for_noise, noise_for_metrics

from zoo_core import BadInput
from zoo_hierarchical_label_noise.hierarchy import Hierarchy
from zoo_hierarchical_label_noise.tree_softmax import TreeSoftmax

TREES = ("separate", "init_from_coarse", "shared")
FLATS = ("marginal", "curriculum", "flat", "ensemble")
READINGS = (*TREES, *FLATS)
UNFROZEN = ("init_from_coarse", "curriculum", "ensemble")
MEMBERS = 2
"""Networks of an ensemble: as many as a tree of depth 2 evaluates on the way to a class."""


class Net(nn.Module):
    """A backbone and a linear head: images (B, C, H, W) to logits of one node's choices."""

    def __init__(self, backbone: nn.Module, outputs: int) -> None:
        super().__init__()
        self.backbone, self.head = backbone, nn.Linear(width_of(backbone), outputs)

    def forward(self, images: Tensor) -> Tensor:
        """Return logits (B, m)."""
        logits: Tensor = self.head(self.backbone(images.to(self.head.weight)))
        return logits


class HierarchicalClassifier(ImageClassifier):
    """Images (B, C, H, W) to log P (B, K), by a tree of classes.

    `hierarchy` is the tree in its JSON form (see `hierarchy.Hierarchy`; None: no superclasses).
    `reading` says what is at its nodes:

    * ``separate``: a network at each node with a choice, of the same architecture, in ``coarse``
      (the root) and ``fine.{node}``; with `frozen`, heads on one backbone. ``init_from_coarse``
      trains the fine ones from the coarse one's backbone;
    * ``shared``: one backbone with a head that has the choices of all nodes;
    * ``marginal``, ``curriculum``, ``flat``: one flat network, which differ in how it is trained;
    * ``ensemble``: two flat networks, whose probabilities are averaged.

    `rule` is how choices become classes: ``product``, ``topdown``, or ``mixed`` (the superclasses'
    probabilities are sums of a flat network's); see `TreeSoftmax`. `assumed_rate` is the rate of
    symmetric noise that the user says is in the labels (`assumed_error` its standard error), for
    measuring; `noise` records what the training labels were. See `ImageClassifier` for the rest.
    Raises `BadInput` for what does not fit together.
    """

    tree: TreeSoftmax
    superclasses: Tensor
    heights: Tensor

    def __init__(
        self,
        backbone: str = "small-cnn",
        num_classes: int = 10,
        inputs: Mapping[str, Any] | None = None,
        classes: Sequence[str] | None = None,
        options: Mapping[str, Any] | None = None,
        frozen: bool = False,
        hierarchy: Any = None,
        reading: str = "separate",
        rule: str = "product",
        assumed_rate: float | None = None,
        assumed_error: float = 0.0,
        noise: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(backbone, num_classes, inputs, classes, options, frozen)
        if reading not in READINGS:
            raise BadInput(f"reading={reading!r}; expected {', '.join(READINGS)}.")
        if reading in FLATS and rule != "product":
            raise BadInput(f"The reading {reading!r} is one flat network, without rule={rule!r}.")
        if frozen and reading in UNFROZEN:
            raise BadInput(
                f"With a frozen backbone the reading {reading!r} is no other than plain heads; "
                "take separate, marginal or flat."
            )
        self.hierarchy = (
            Hierarchy.flat(self.classes)
            if hierarchy is None
            else Hierarchy.of_nested(hierarchy, self.classes)
        )
        self.reading, self.noise = reading, dict(noise or {})
        self.tree = TreeSoftmax(self.hierarchy, rule)
        groups, heights = (
            torch.from_numpy(one) for one in (self.hierarchy.groups, self.hierarchy.heights)
        )
        self.register_buffer("superclasses", groups, persistent=False)
        self.register_buffer("heights", heights, persistent=False)
        self.assumed = assumed_symmetric(assumed_rate, num_classes, assumed_error)
        apart = reading in TREES and reading != "shared" and not frozen
        if apart or reading == "ensemble":
            first = self.backbone
            del self.backbone, self.head
            sizes = [part.stop - part.start for part in self.tree.columns.values()]
            made = [
                Net(self._another(first, backbone, options, i), size)
                for i, size in enumerate(sizes if apart else [num_classes] * MEMBERS)
            ]
            if apart:
                _, *others = self.tree.columns
                self.coarse, self.fine = (
                    made[0],
                    nn.ModuleDict(
                        {str(node): net for node, net in zip(others, made[1:], strict=True)}
                    ),
                )
            else:
                self.members = nn.ModuleList(made)
        elif reading in TREES:
            self.head = nn.Linear(self.head.in_features, self.tree.width)

    def _another(self, first: nn.Module, name: str, options: Any, number: int) -> nn.Module:
        """Return the backbone that is there, or one more of its kind with weights of its own."""
        if number == 0:
            return first
        return create_backbone(name, self.preprocessing.channels, self.preprocessing.size, options)

    @property
    def nets(self) -> list[nn.Module]:
        """The networks by themselves, in the order of their columns; none on a shared backbone."""
        if hasattr(self, "members"):
            return list(self.members)
        return [self.coarse, *self.fine.values()] if hasattr(self, "coarse") else []

    def features(self, images: Tensor) -> Tensor:
        """Return features (B, num_features): of the root's network, or of the first of several."""
        first: Any = self.nets[0] if self.nets else self
        found: Tensor = first.backbone(images.to(first.head.weight))
        return found

    def choices(self, images: Tensor) -> Tensor:
        """Return the logits of all choices (B, E), of a flat network those of its classes."""
        if self.nets:
            return torch.cat([net(images) for net in self.nets], 1)
        logits: Tensor = self.head(self.features(images))
        return logits

    def combined(self, logits: Tensor) -> Tensor:
        """Return log P (B, K) from the logits of all choices."""
        if self.reading in TREES:
            found: Tensor = self.tree(logits)
            return found
        if self.reading == "ensemble":
            parts = logits.view(len(logits), MEMBERS, -1).log_softmax(2)
            return parts.logsumexp(1) - math.log(MEMBERS)
        return logits.log_softmax(1)

    def forward(self, images: Tensor) -> Tensor:
        """Return log P (B, K), whose exponentials sum to 1."""
        return self.combined(self.choices(images))

    def answers(self, images: Tensor) -> dict[str, Tensor]:
        """Return what `outputs` yields of a batch of images beside its targets.

        `logits` are log P (B, K); `coarse_logits` (B, S) the log-probabilities of the superclasses
        below the root, by the network at the root or, of a flat network, as sums. `superclasses`
        (K,) and `heights` (K, K) are the hierarchy's, for metrics.
        """
        logits = self.choices(images)
        found = self.combined(logits)
        trees = self.reading in TREES
        return {
            "logits": found,
            "coarse_logits": self.tree.coarse(logits) if trees else self.tree.summed(found),
            "superclasses": self.superclasses,
            "heights": self.heights,
        }

    def outputs(self, split: Any, batch_size: int = 256) -> Iterator[dict[str, Any]]:
        """Yield `answers`, targets, and the transition matrix (K, K) of these targets if known."""
        more = noise_for_metrics(split, self.assumed)
        for batch in super().outputs(split, batch_size):
            yield {**batch, **more}

    def more_metrics(self, split: Any) -> Sequence[str]:
        """Return the metrics that tell the accuracy on clean labels, where these are noisy."""
        return metrics_for_noise(split, self.assumed)

    def told(self, label: int, chances: Tensor) -> dict[str, Any]:
        """Return label and superclass with their probabilities, for a row of `predict`.

        A score is a probability of the label *as such labels are given*: of networks that were
        trained on noise it is lower than that of being right. The superclass is the label's, its
        score the sum over the classes in it; without a hierarchy there is none.
        """
        row = super().told(label, chances)
        if self.hierarchy.depth == 1:
            return row
        group = int(self.superclasses[label])
        inside = chances[(self.superclasses == group).to(chances.device)]
        return {
            **row,
            "superclass": self.hierarchy.group_names[group],
            "superclass score": round(float(inside.sum()), 4),
        }
