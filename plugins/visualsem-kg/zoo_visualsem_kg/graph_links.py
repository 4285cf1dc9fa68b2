"""`GraphLinks`: entities gated by what their glosses and images say, messages, a DistMult head."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor, nn
from zoo_triples.known import ASKED, COLUMN, Known
from zoo_triples.ranking import MEMORY, SIDES, counted, rows_within

from zoo_core import BadInput
from zoo_visualsem_kg.convolutions import AttentionEncoder, SageEncoder, message_edges
from zoo_visualsem_kg.gates import EdgeGates, NodeGates
from zoo_visualsem_kg.linking import LinkModel
from zoo_visualsem_kg.text_links import TextLinks

ENCODERS = ("sage", "gat", "none")
EDGE_GATES = ("none", "clean", "official")
PAIRS = 2**26
"""Bytes that the numbers of pairs may take at once, where a relation's vector is gated for each."""
TABLE = 0.1
"""Standard deviation of the entities' vectors before training."""


class Encoded(NamedTuple):
    """The entities' vectors (n, d), their texts (n, 2 k), and projected features (n, d)."""

    vectors: Tensor
    texts: Tensor | None
    projected: Tensor | None


class GraphLinks(LinkModel):
    """score(h, r, t) = <z_h, w_r, z_t>, and with `residual` what `TextLinks` says beside it.

    z are the entities after gates (`gating`: node, gloss, image, both) and an `encoder` (sage, gat,
    none) over the training edges, `dim` wide. Heads are asked for by vectors of their own
    (reciprocal relations). Without `table` all entities begin from one learned vector, so that
    unseen ones can be scored. `edge_gating` computes w from the glosses of both ends: "clean" for
    each candidate anew, "official" from the true pair, which tells the answer in training and
    evaluation: it is for comparison alone, needs `score` with the true tail, and cannot rank.

    `official_layout` is the published code's: edges lead from heads to tails only, nothing skips
    the encoder, w_r serves both directions, attention has a table of its own for each head and no
    self-loops. With `near` above 0, layers of GraphSAGE begin from the identity and relations from
    `near`, both beside their noise, so that scores begin as nearness in the graph; from noise alone
    a graph without texts hardly learns. Its text part, `text`, holds features and the training
    triples; see `TextLinks` for the other arguments. Raises `BadInput` for a word that is none.
    """

    def __init__(
        self,
        entities: int = 7,
        relations: int = 2,
        facts: int = 5,
        text: int = 3,
        width: int = 4,
        images: int = 2,
        image: int = 3,
        encoder: str = "sage",
        gating: str = "both",
        dim: int = 100,
        residual: bool = True,
        table: bool = True,
        edge_gating: str = "none",
        official_layout: bool = False,
        dropout: float = 0.3,
        near: float = 0.0,
        exclude_self: bool = True,
        sentences: str = "minilm",
    ) -> None:
        for word, value, known in (
            ("encoder", encoder, ENCODERS),
            ("gating", gating, NodeGates.MODES),
            ("edge_gating", edge_gating, EDGE_GATES),
        ):
            if value not in known:
                raise BadInput(f"{word}={value!r} is wrong; expected {', '.join(known)}.")
        needs_text = residual or gating in ("gloss", "both") or edge_gating != "none"
        if needs_text and not text:
            raise BadInput(
                "This model reads the entities' texts, and there are none; give glosses (--option "
                "glosses=FILE), or set gating to node or image, residual to false and edge_gating "
                "to none."
            )
        if gating in ("image", "both") and not image:
            raise BadInput(
                f"gating={gating!r} reads images, and the entities have none; give images "
                "(--option images=FOLDER), or set gating to gloss or node."
            )
        super().__init__(entities, relations, None, exclude_self)
        self.text = TextLinks(
            entities, relations, facts, text, width, images, image, sentences, exclude_self
        )
        self.official_layout, self.edge_gating = official_layout, edge_gating
        self.own_heads = official_layout and encoder == "gat"
        tables = AttentionEncoder.HEADS if self.own_heads else 1
        self.table = nn.Parameter(torch.randn(tables, entities if table else 1, dim) * TABLE)
        self.gates = nn.ModuleList([NodeGates(dim, gating, text, image) for _ in range(tables)])
        self.encoder: nn.Module | None = None
        if encoder == "sage":
            self.encoder = SageEncoder(dim, dropout, not official_layout)
        elif encoder == "gat":
            self.encoder = AttentionEncoder(dim, dropout, not official_layout, not official_layout)
        directions = relations if official_layout else 2 * relations
        self.relation = nn.Parameter(torch.empty(directions, dim))
        nn.init.xavier_uniform_(self.relation, gain=2**0.5)
        if near:
            self._begin_near(near)
        self.residual = nn.Parameter(torch.zeros(2 * relations, 4)) if residual else None
        self.edges = None if edge_gating == "none" else EdgeGates(dim, text)

    @torch.no_grad()
    def _begin_near(self, near: float) -> None:
        """Begin from nearness: z_i . z_j, times `near`, is high for entities with neighbours alike.

        Raises `BadInput` without GraphSAGE, and for less than 0.
        """
        if not (near > 0 and isinstance(self.encoder, SageEncoder)):
            raise BadInput(f"near={near} is wrong; expected 0, or more than 0 with encoder=sage.")
        self.relation.add_(near)
        self.encoder.add_identity()

    @property
    def facts(self) -> Tensor:  # type: ignore[override]  # not a buffer here
        """The training triples (N, 3), which its texts hold."""
        return self.text.facts

    def encode(self, keep: Tensor | None = None) -> Encoded:
        """Return the entities as they are scored; `keep` (N,) says which facts pass messages."""
        features = self.text.features
        gloss, image = features.gloss(), features.image()
        heads = [
            gates(table.expand(features.entities, -1), gloss, image)
            for gates, table in zip(self.gates, self.table, strict=True)
        ]
        h = torch.stack(heads, 1) if self.own_heads else heads[0]
        if self.encoder is not None:
            facts = self.facts.long() if keep is None else self.facts.long()[keep]
            h = self.encoder(h, message_edges(facts, both_ways=not self.official_layout))
        projected = None
        if self.edges is not None and gloss is not None:
            projected = self.edges.gate.project(gloss[0])
        texts = self.text.encode() if self.residual is not None else None
        return Encoded(h, texts, projected)

    def vectors(self) -> Tensor:
        """Return the entities' vectors (n, d)."""
        return self.encode().vectors

    def relation_of(self, direction: Tensor) -> Tensor:
        """Return w (B, d) of relations, plus R where heads are asked for."""
        return self.relation[direction % len(self.relation)]

    def candidates(
        self, encoded: Encoded, given: Tensor, direction: Tensor, among: Tensor | None = None
    ) -> Tensor:
        """Return scores (B, K) of candidates `among` (K,), or (B, n) of all entities.

        `given` are the entities asked about, `direction` the relation, plus R for heads.
        """
        chosen = slice(None) if among is None else among
        z, w = encoded.vectors, self.relation_of(direction)
        if self.edges is None:
            query, keys = z[given] * w, z[chosen]
        else:
            return self._gated(encoded, given, w, chosen) + self._read(
                encoded, given, direction, chosen
            )
        if encoded.texts is not None and self.residual is not None:
            read = self.text.queries(encoded.texts, given, direction, self.residual)
            query, keys = torch.cat([query, read], 1), torch.cat([keys, encoded.texts[chosen]], 1)
        return query @ keys.T

    def _read(
        self, encoded: Encoded, given: Tensor, direction: Tensor, chosen: slice | Tensor
    ) -> Tensor | float:
        if encoded.texts is None or self.residual is None:
            return 0.0
        read = self.text.queries(encoded.texts, given, direction, self.residual)
        return read @ encoded.texts[chosen].T

    def _gated(self, encoded: Encoded, given: Tensor, w: Tensor, chosen: slice | Tensor) -> Tensor:
        """Return scores with w recomputed for each candidate (B, K)."""
        assert self.edges is not None and encoded.projected is not None
        if self.edge_gating == "official":
            raise BadInput(
                "Official edge gating needs the true answer to score others, so that it can rank "
                "nothing; take edge_gating='clean'."
            )
        z, px = encoded.vectors, encoded.projected
        rows = rows_within(PAIRS, len(px[chosen]) * z.shape[1])
        parts = zip(torch.split(given, rows), torch.split(w, rows), strict=True)
        return torch.cat(
            [
                self.edges.scores(px[one], px[chosen], z[one], z[chosen], relation)
                for one, relation in parts
            ]
        )

    def against(
        self, encoded: Encoded, given: Tensor, direction: Tensor, target: Tensor, among: Tensor
    ) -> Tensor:
        """Return the scores (B, K) of wrong candidates, as a training has them.

        With official edge gating they are scored by the relation's vector of the true pair.
        """
        if self.edge_gating != "official":
            return self.candidates(encoded, given, direction, among)
        read = self._read(encoded, given, direction, among)
        return self._leaking(encoded, given, direction, target) @ encoded.vectors[among].T + read

    def _leaking(
        self, encoded: Encoded, given: Tensor, direction: Tensor, target: Tensor
    ) -> Tensor:
        """Return what candidates are multiplied by (B, d), made from the answer itself."""
        assert self.edges is not None and encoded.projected is not None
        z, px = encoded.vectors, encoded.projected
        w: Tensor = self.edges(px[given], px[target], self.relation_of(direction))
        return z[given] * w

    def leaked(self, encoded: Encoded, given: Tensor, direction: Tensor, target: Tensor) -> Tensor:
        """Return scores (B, n) of all entities as the official code has them, w of the answer."""
        read = self._read(encoded, given, direction, slice(None))
        return self._leaking(encoded, given, direction, target) @ encoded.vectors.T + read

    def validated(self, triples: Tensor, known: Known) -> Iterator[dict[str, Tensor]]:
        """Yield counts of triples; with official edge gates of scores that the answer was read for.

        That is how the official code validates and tests, and it is no ranking: see `leaked`.
        """
        if self.edge_gating != "official":
            yield from super().validated(triples, known)
            return
        with torch.no_grad():
            encoded, device = self.encode(), self.facts.device
            for side in SIDES:
                shift = 0 if side == "tail" else len(self.relations)
                for part in torch.split(triples, rows_within(MEMORY, len(self.entities))):
                    target = part[:, COLUMN[side]].to(device)
                    given = part[:, COLUMN["tail" if side == "head" else "head"]].to(device)
                    scores = self.leaked(encoded, given, part[:, 1].to(device) + shift, target)
                    if self.exclude_self:
                        scores = scores.scatter(1, given[:, None], -torch.inf)
                    yield {
                        **counted(scores, target, known.answers(side, part[:, ASKED[side]])),
                        "side": torch.full_like(target, COLUMN[side]),
                        "relation": part[:, 1].to(device),
                    }

    def score_tails(self, encoded: Encoded, heads: Tensor, relations: Tensor) -> Tensor:
        """Return the scores (B, n) of all tails."""
        return self.candidates(encoded, heads, relations)

    def score_heads(self, encoded: Encoded, relations: Tensor, tails: Tensor) -> Tensor:
        """Return the scores (B, n) of all heads."""
        return self.candidates(encoded, tails, relations + len(self.relations))

    def score(self, encoded: Encoded, heads: Tensor, relations: Tensor, tails: Tensor) -> Tensor:
        """Return the scores (B,) of triples."""
        z, w = encoded.vectors, self.relation_of(relations)
        if self.edges is not None and encoded.projected is not None:
            px = encoded.projected
            w = self.edges(px[heads], px[tails], w)
        found = (z[heads] * w * z[tails]).sum(-1)
        if encoded.texts is not None and self.residual is not None:
            read = self.text.queries(encoded.texts, heads, relations, self.residual)
            found = found + (read * encoded.texts[tails]).sum(-1)
        return found
