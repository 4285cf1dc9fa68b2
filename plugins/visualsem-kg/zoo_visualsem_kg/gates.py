"""Gates: how much of an entity or a relation is what its features say, and how much is learned.

`Gate` is section 3.2 of this plugin's account of the official code, `NodeGates` and `EdgeGates` the
two sites that have them; no two sites or modalities share parameters.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Gate(nn.Module):
    """e (n, d) and features x (n, k) to a p + (1 - a) e, with p = W x and one number a each.

    a = sigmoid(MLP([e ; p])) lies within (0, 1); where `mask` (n,) is false a is 0, and the result
    is e itself.
    """

    def __init__(self, dim: int, features: int) -> None:
        super().__init__()
        self.project = nn.Linear(features, dim, bias=False)
        self.mlp = nn.Sequential(
            nn.Linear(2 * dim, dim), nn.ReLU(), nn.Linear(dim, dim), nn.ReLU(), nn.Linear(dim, 1)
        )

    def openness(self, e: Tensor, p: Tensor) -> Tensor:
        """Return a (n, 1)."""
        found: Tensor = torch.sigmoid(self.mlp(torch.cat([e, p], -1)))
        return found

    def forward(self, e: Tensor, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return the gated vectors (n, d)."""
        p = self.project(x)
        a = self.openness(e, p)
        if mask is not None:
            a = a * mask[:, None]
        found: Tensor = a * p + (1 - a) * e
        return found


class NodeGates(nn.Module):
    """Entities before messages pass: modes "node", "gloss", "image" and "both".

    "both" is L [gate(e, image) ; gate(e, gloss)], with a bias.
    """

    MODES = ("node", "gloss", "image", "both")

    def __init__(self, dim: int, mode: str, gloss: int, image: int) -> None:
        super().__init__()
        self.mode = mode
        self.gloss = Gate(dim, gloss) if mode in ("gloss", "both") else None
        self.image = Gate(dim, image) if mode in ("image", "both") else None
        self.join = nn.Linear(2 * dim, dim) if mode == "both" else None

    def forward(
        self, e: Tensor, gloss: tuple[Tensor, Tensor] | None, image: tuple[Tensor, Tensor] | None
    ) -> Tensor:
        """Return h0 (n, d); `gloss` and `image` are features (n, k) and which entities have one."""
        parts = []
        if self.image is not None and image is not None:
            parts.append(self.image(e, *image))
        if self.gloss is not None and gloss is not None:
            parts.append(self.gloss(e, *gloss))
        if self.join is not None:
            found: Tensor = self.join(torch.cat(parts, -1))
            return found
        return parts[0] if parts else e


class EdgeGates(nn.Module):
    """The relation's vector of a pair, from the features of both ends: section 3.5.

    f = (P x_h + P x_t) / 2 and w = a f + (1 - a) w_r with a = sigmoid(MLP([f ; w_r])). It is
    symmetric in head and tail. P x is projected once for all entities.
    """

    def __init__(self, dim: int, features: int) -> None:
        super().__init__()
        self.gate = Gate(dim, features)

    def forward(self, heads: Tensor, tails: Tensor, relation: Tensor) -> Tensor:
        """Return w of projected ends and w_r; all (…, d), broadcast against each other."""
        f = (heads + tails) / 2
        w = relation.expand_as(f)
        a = self.gate.openness(f, w)
        return a * f + (1 - a) * w

    def openness(self, given: Tensor, others: Tensor, relation: Tensor) -> Tensor:
        """Return a (B, K) of pairs of projected entities (B, d) and (K, d), relations (B, d).

        The first layer is linear in both ends, so that only what follows it is computed by pair.
        """
        first, after = self.gate.mlp[0], self.gate.mlp[1:]
        assert isinstance(first, nn.Linear)
        of_features, of_relation = first.weight.chunk(2, 1)
        asked = given @ of_features.T / 2 + relation @ of_relation.T + first.bias
        found: Tensor = torch.sigmoid(after(asked[:, None] + others @ of_features.T / 2))[..., 0]
        return found

    def scores(
        self, given: Tensor, others: Tensor, z_given: Tensor, z_others: Tensor, relation: Tensor
    ) -> Tensor:
        """Return <z_given, w, z_others> (B, K) with w of each pair, as `forward` has it."""
        a = self.openness(given, others, relation)
        features = (z_given * given) @ z_others.T + z_given @ (z_others * others).T
        return a * features / 2 + (1 - a) * ((z_given * relation) @ z_others.T)
