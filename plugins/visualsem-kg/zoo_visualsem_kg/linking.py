"""`LinkModel`: what all models of triples do for people: rank, predict, embed, carry names."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from zoo_triples.known import ASKED, COLUMN, Known, Side
from zoo_triples.ranking import SIDES, rank_triples, rows_within
from zoo_triples.triples import TripleSet, Vocabulary

from zoo_core import BadInput
from zoo_visualsem_kg.asking import checked_flag, checked_top

UNKNOWN = "?"
NAMES = "names.json"
EXAMPLES = 4


class LinkModel(nn.Module):
    """Triples of numbers to scores; a larger score is a more probable triple.

    `facts` (N, 3) are the training triples, which answers are told apart by: what is known is not
    news. With `exclude_self` an entity is never its own answer. A model says what it computes once
    (`encode`) and how it scores all tails or all heads from that.
    """

    facts: Tensor

    def __init__(
        self, entities: int, relations: int, facts: int | None, exclude_self: bool
    ) -> None:
        super().__init__()
        self.exclude_self = exclude_self
        if facts is not None:  # None: a part of the model holds them
            self.register_buffer("facts", torch.zeros(facts, 3, dtype=torch.int32))
        self.entities = Vocabulary(tuple(map(str, range(entities))))
        self.relations = Vocabulary(tuple(map(str, range(relations))), kind="relation")

    def encode(self) -> Any:
        """Return what all scores are computed from: the entities' vectors (n, d), mostly."""
        raise NotImplementedError

    def score_tails(self, encoded: Any, heads: Tensor, relations: Tensor) -> Tensor:
        """Return the scores (B, n) of all tails."""
        raise NotImplementedError

    def score_heads(self, encoded: Any, relations: Tensor, tails: Tensor) -> Tensor:
        """Return the scores (B, n) of all heads."""
        raise NotImplementedError

    def candidates(
        self, encoded: Any, given: Tensor, direction: Tensor, among: Tensor | None = None
    ) -> Tensor:
        """Return scores (B, K) of candidates `among` (K,), or (B, n) of all entities.

        `given` are the entities asked about, `direction` the relation, plus R for heads.
        """
        raise NotImplementedError

    def against(
        self, encoded: Any, given: Tensor, direction: Tensor, target: Tensor, among: Tensor
    ) -> Tensor:
        """Return the scores (B, K) of candidates that a training holds against the `target`."""
        return self.candidates(encoded, given, direction, among)

    def score(self, encoded: Any, heads: Tensor, relations: Tensor, tails: Tensor) -> Tensor:
        """Return the scores (B,) of triples, as their tails are scored."""
        found: Tensor = self.score_tails(encoded, heads, relations).gather(1, tails[:, None])[:, 0]
        return found

    def forward(self, heads: Tensor, relations: Tensor, tails: Tensor) -> Tensor:
        """Return the scores (B,) of triples of numbers."""
        return self.score(self.encode(), heads, relations, tails)

    def vectors(self) -> Tensor:
        """Return the entities' vectors (n, d)."""
        found: Tensor = self.encode()
        return found

    def scorer(self) -> Scorer:
        """Return what ranks all candidates, with the entities encoded once."""
        return Scorer(self)

    def validated(self, triples: Tensor, known: Known) -> Iterator[dict[str, Tensor]]:
        """Yield counts of triples (m, 3) as `rank_triples` does, for the ranks of a validation."""
        yield from rank_triples(self.scorer(), triples, known)

    def carry(self, data: TripleSet) -> None:
        """Take up a graph's training triples and names."""
        self.facts.copy_(data.of("train"))
        self.entities, self.relations = data.entities, data.relations

    def own_numbers(self, data: TripleSet) -> Tensor:
        """Return all triples of some data in the model's own numbers.

        Raises `BadInput` for data with an entity or a relation that the model does not know.
        """
        columns = []
        for own, other, column in (
            (self.entities, data.entities, 0),
            (self.relations, data.relations, 1),
            (self.entities, data.entities, 2),
        ):
            if own.ids == other.ids:
                columns.append(data.triples[:, column])
                continue
            strange = [one for one in other.ids if one not in own.numbers]
            if strange:
                raise BadInput(
                    f"{len(strange)} of {len(other)} {own.kind} ids of the data (such as "
                    f"{strange[0]!r}) are not known to the model (it knows {own.ids[0]!r} and "
                    f"{len(own) - 1} more); train one on them: zoo train sage --dataset FILE."
                )
            numbers = torch.tensor([own.numbers[one] for one in other.ids])
            columns.append(numbers[data.triples[:, column]])
        return torch.stack(columns, 1)

    def outputs(self, split: Any, batch_size: int | None = None) -> Iterator[dict[str, Any]]:
        """Yield counts of better and equal candidates for the heads and tails of a split.

        Ranks are filtered by all triples of the data, those of validation and test among them.
        """
        if not isinstance(split.data, TripleSet):
            raise BadInput("Triples are ranked; give a knowledge graph, such as wnvis or a file.")
        triples = self.own_numbers(split.data)
        known = Known(triples, len(self.entities), len(self.relations))
        rows = split.indices if split.indices is not None else torch.arange(len(triples))
        yield from rank_triples(self.scorer(), triples[rows], known, SIDES, batch_size=batch_size)

    def predict(
        self,
        head: str = UNKNOWN,
        relation: str = UNKNOWN,
        tail: str = UNKNOWN,
        *,
        top: int = 10,
        known: bool = False,
        relations: str = "",
    ) -> list[dict[str, Any]]:
        """Rank what is left open, "?", of a triple: names or ids, as the model knows them.

        "lynx" is-a ranks tails, "?" is-a "lynx" heads, "lynx" "?" "cat" relations; with nothing
        given the best new triples of all are listed (of the `relations` named, with commas), and
        with all three the triple is scored. Training triples are left out, unless `known`. `top` is
        how many rows. Raises `BadInput` for a name that is not known, with close matches.
        """
        checked_top(top)
        checked_flag("known", known)
        given: dict[Side, str] = {"head": head, "relation": relation, "tail": tail}
        kinds = {"head": self.entities, "relation": self.relations, "tail": self.entities}
        numbers = {k: kinds[k].find(v) for k, v in given.items() if v != UNKNOWN}
        if not numbers:
            return self._new_triples(top, relations)
        open_sides = [side for side in given if side not in numbers]
        if len(open_sides) > 1:
            raise BadInput(
                f"{' and '.join(open_sides)} are open; give two of head, relation and tail, such "
                f"as {self.entities.names[0]!r} {self.relations.ids[0]}, and ? for the third."
            )
        if not open_sides:
            return [self._judged(numbers)]
        return self._ranked(open_sides[0], numbers, top, known)

    def _ranked(
        self, side: Side, numbers: Mapping[Side, int], top: int, known: bool
    ) -> list[dict[str, Any]]:
        query = torch.tensor([[numbers[k] for k in COLUMN if k != side]])
        scores = self.scorer().score_all(side, query)[0].float().cpu()
        _, answers = self._known().answers(side, query)
        if not known:
            scores[answers] = -torch.inf
        best = scores.topk(min(top, int((scores > -torch.inf).sum()))).indices.tolist()
        names = self.relations if side == "relation" else self.entities
        facts = set(answers.tolist())
        return [
            {side: names.names[i], "id": names.ids[i], "score": round(float(scores[i]), 4)}
            | ({"known": i in facts} if known else {})
            for i in best
        ]

    def _judged(self, numbers: Mapping[Side, int]) -> dict[str, Any]:
        """Return a triple's score, and its ranks among tails and heads that are not known."""
        triple = torch.tensor([[numbers[name] for name in COLUMN]])
        scorer, known = self.scorer(), self._known()
        found = {int(c["side"][0]): c for c in rank_triples(scorer, triple, known)}
        score = scorer.score_all("tail", triple[:, ASKED["tail"]])[0, int(triple[0, 2])]
        return {
            "head": self.entities.names[numbers["head"]],
            "relation": self.relations.names[numbers["relation"]],
            "tail": self.entities.names[numbers["tail"]],
            "score": round(float(score), 4),
            **{
                f"{side} rank": 1 + int(found[COLUMN[side]]["better"][0])
                for side in ("tail", "head")
            },
            "known": bool(known.holds(triple)[0]),
        }

    def _new_triples(self, top: int, relations: str) -> list[dict[str, Any]]:
        """Return the best triples that are not known, of all heads and tails.

        Each head keeps its best `top` tails, relation by relation, so that memory is bounded.
        """
        chosen = [self.relations.find(one.strip()) for one in relations.split(",") if one.strip()]
        scorer, known = self.scorer(), self._known()
        kept: list[tuple[float, int, int, int]] = []
        rows = rows_within(64 * 2**20, len(self.entities))
        for relation in chosen or range(len(self.relations)):
            for heads in torch.split(torch.arange(len(self.entities)), rows):
                queries = torch.stack([heads, torch.full_like(heads, relation)], 1)
                scores = scorer.score_all("tail", queries).float().cpu()
                scores[known.answers("tail", queries)] = -torch.inf
                # The best are in the rows with the best maxima, which are found in one pass.
                some = scores.amax(1).topk(min(top, len(scores))).indices
                best = scores[some].flatten().topk(min(top, len(some) * scores.shape[1]))
                for value, place in zip(*(one.tolist() for one in best), strict=True):
                    row, tail = divmod(place, scores.shape[1])
                    kept.append((value, int(heads[some[row]]), relation, tail))
            kept = sorted(kept, key=lambda one: (-one[0], *one[1:]))[:top]
        names = self.entities.names
        return [
            {"head": names[head], "relation": self.relations.names[relation], "tail": names[tail],
             "score": round(value, 4)}
            for value, head, relation, tail in kept if value > -torch.inf
        ]  # fmt: skip

    def _known(self) -> Known:
        facts = self.facts.long().cpu()
        return Known(facts, len(self.entities), len(self.relations))

    def embed(self, *entities: str) -> Tensor:
        """Return the vectors (m, d) of entities, by id or name: what the scores are made from.

        Raises `BadInput` for one that is not known, with close matches.
        """
        numbers = [self.entities.find(one) for one in entities]
        return self.vectors()[torch.tensor(numbers, dtype=torch.long)]

    def example_inputs(self, seed: int) -> tuple[Tensor, Tensor, Tensor]:
        """Return four random triples."""
        generator = torch.Generator().manual_seed(seed)
        sizes = (len(self.entities), len(self.relations), len(self.entities))
        first, second, third = (
            torch.randint(size, (EXAMPLES,), generator=generator) for size in sizes
        )
        return first, second, third

    def example_sources(self, seed: int) -> Sequence[str]:
        """Return the ids of the first entities."""
        return self.entities.ids[:EXAMPLES]

    def assets(self) -> Mapping[str, bytes]:
        """Return the ids, names and aliases of entities and relations."""
        held = {
            kind: {"ids": known.ids, "names": known.names, "aliases": known.aliases}
            for kind, known in (("entity", self.entities), ("relation", self.relations))
        }
        return {NAMES: json.dumps(held, ensure_ascii=False, separators=(",", ":")).encode()}

    def use_assets(self, assets: Mapping[str, bytes]) -> None:
        """Take up names."""
        held = json.loads(assets[NAMES])
        self.entities, self.relations = (
            Vocabulary(
                tuple(held[kind]["ids"]),
                tuple(held[kind]["names"]),
                tuple(map(tuple, held[kind]["aliases"])),
                kind,
            )
            for kind in ("entity", "relation")
        )


class Scorer:
    """Scores of all candidates for a side's queries, from entities that were encoded once."""

    def __init__(self, module: LinkModel) -> None:
        self.module = module
        with torch.no_grad():
            self.encoded = module.encode()

    @torch.no_grad()
    def score_all(self, side: Side, queries: Tensor) -> Tensor:
        """Return scores (B, n), or (B, R) for relations; -inf for what is no candidate."""
        module = self.module
        first, second = queries.to(module.facts.device).unbind(1)
        if side == "relation":
            count = len(module.relations)
            relations = torch.arange(count, device=first.device).repeat(len(first))
            spread = [one.repeat_interleave(count) for one in (first, second)]
            return module.score(self.encoded, spread[0], relations, spread[1]).view(-1, count)
        score = module.score_tails if side == "tail" else module.score_heads
        scores = score(self.encoded, first, second)
        if module.exclude_self:
            given = first if side == "tail" else second
            scores = scores.scatter(1, given[:, None], -torch.inf)
        return scores
