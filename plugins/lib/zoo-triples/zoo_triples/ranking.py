"""Filtered ranks: how many candidates are better than the true one, and how many are as good.

All ranks come from these counts: the optimistic one is 1 + better, the pessimistic one 1 + better +
equal, the realistic one their mean. Candidates are scored in chunks of bounded memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import torch
from torch import Tensor

from zoo_core import BadInput, OutputError
from zoo_triples.known import ASKED, COLUMN, Known, Side

MEMORY = 64 * 2**20
"""Bytes that a chunk of scores may have, where nobody says otherwise."""
SIDES: tuple[Side, ...] = ("head", "tail")


class Scorer(Protocol):
    """What scores candidates: larger is more probable."""

    def score_all(self, side: Side, queries: Tensor) -> Tensor:
        """Return scores (B, n) of all candidates for queries (B, 2); -inf excludes one.

        Queries are (head, relation) for tails, (relation, tail) for heads, (head, tail) for
        relations.
        """


def rows_within(memory: int, width: int, least: int = 1) -> int:
    """Return how many rows of `width` float32 numbers fit into so many bytes."""
    return max(least, memory // (4 * max(width, 1)))


def counted(
    scores: Tensor, target: Tensor, known: tuple[Tensor, Tensor] | None = None
) -> dict[str, Tensor]:
    """Return counts (B,) of candidates better than the target, as good as it, and of all.

    `scores` are (B, n), `target` (B,) is the true candidate, `known` are pairs (row, candidate),
    distinct, of further true ones, which are left out; the target stays where it is among them. A
    candidate of -inf is none, and a target of -inf is behind all others. Raises `OutputError` for
    scores that are not numbers.
    """
    true = scores.gather(1, target[:, None])
    if bool(torch.isnan(scores.amax(1)).any()):
        raise OutputError("Some scores are NaN: no rank can be told from them.")
    missed = torch.isneginf(true[:, 0])
    better, equal = (scores > true).sum(1), (scores == true).sum(1) - 1
    equal = equal.masked_fill(missed, 0)
    candidates = (scores > -torch.inf).sum(1) + missed
    if known is not None and len(known[0]):
        row, column = (one.to(scores.device) for one in known)
        other = column != target[row]
        row, column = row[other], column[other]
        found, limit = scores[row, column], true[row, 0]
        better = better.index_add(0, row, -(found > limit).long())
        equal = equal.index_add(0, row, -((found == limit) & ~missed[row]).long())
        candidates = candidates.index_add(0, row, -(found > -torch.inf).long())
    return {"better": better, "equal": equal, "candidates": candidates}


def ranks(counts: dict[str, Tensor], ties: str = "realistic") -> Tensor:
    """Return ranks (B,) in float64 of what `counted` gave; the best is 1.

    `ties` is realistic, optimistic or pessimistic. Raises `BadInput` for another word.
    """
    share = {"optimistic": 0.0, "realistic": 0.5, "pessimistic": 1.0}
    if ties not in share:
        raise BadInput(f"ties={ties!r} is wrong; expected {', '.join(share)}.")
    return 1 + counts["better"].double() + share[ties] * counts["equal"].double()


def rank_triples(
    scorer: Scorer,
    triples: Tensor,
    known: Known | None = None,
    sides: Sequence[Side] = SIDES,
    memory: int = MEMORY,
    batch_size: int | None = None,
) -> Iterator[dict[str, Tensor]]:
    """Yield counts for each triple (m, 3) and side, chunk by chunk: the whole filtered ranking.

    `known` are the true triples that are left out (None: raw ranks). Each chunk has, beside what
    `counted` gives, the column that was asked for (`side`, 0 to 2) and the `relation`, both (B,).
    """
    for side in sides:
        width = known.relations if known is not None and side == "relation" else None
        for part in _parts(scorer, triples, side, width, memory, batch_size):
            queries = part[:, ASKED[side]]
            target = part[:, COLUMN[side]]
            scores = scorer.score_all(side, queries)
            pairs = None if known is None else known.answers(side, queries)
            yield {
                **counted(scores, target.to(scores.device), pairs),
                "side": torch.full((len(part),), COLUMN[side], device=scores.device),
                "relation": part[:, 1].to(scores.device),
            }


def _parts(
    scorer: Scorer,
    triples: Tensor,
    side: Side,
    width: int | None,
    memory: int,
    batch_size: int | None,
) -> Sequence[Tensor]:
    """Split triples into chunks whose scores fit into `memory`."""
    if batch_size is None:
        if width is None:
            width = scorer.score_all(side, triples[:1][:, ASKED[side]]).shape[1] if len(
                triples
            ) else 1  # fmt: skip
        batch_size = rows_within(memory, width)
    return [part for part in torch.split(triples, batch_size) if len(part)]


def rank_sampled(
    scorer: Scorer,
    triples: Tensor,
    negatives: int = 1000,
    draws: int = 5,
    sides: Sequence[Side] = ("tail",),
    seed: int = 0,
    memory: int = MEMORY,
) -> Iterator[dict[str, Tensor]]:
    """Yield counts among so many candidates drawn uniformly and the true one: "sampled-1000".

    Nothing is filtered, and a draw may hold the true answer or another one twice, as in the
    official evaluation; each triple counts once for each of the draws.
    """
    generator = torch.Generator().manual_seed(seed)
    for side in sides:
        for part in _parts(scorer, triples, side, None, memory, None):
            scores = scorer.score_all(side, part[:, ASKED[side]])
            target = part[:, COLUMN[side]].to(scores.device)
            true = scores.gather(1, target[:, None])
            for _ in range(draws):
                drawn = torch.randint(
                    scores.shape[1], (len(part), negatives), generator=generator
                ).to(scores.device)
                among = torch.cat([true, scores.gather(1, drawn)], 1)
                yield {
                    **counted(among, torch.zeros_like(target)),
                    "side": torch.full_like(target, COLUMN[side]),
                    "relation": part[:, 1].to(scores.device),
                }
