"""Ranks: against the definition, one candidate at a time, and PyKEEN's evaluator."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from zoo_triples.known import ASKED, COLUMN, Known
from zoo_triples.metrics import (
    AdjustedMeanRank,
    AdjustedMeanRankIndex,
    HitsAt,
    MeanRank,
    MeanReciprocalRank,
)
from zoo_triples.ranking import counted, rank_sampled, rank_triples, ranks, rows_within

from zoo_core import BadInput, OutputError, metric

SIDES = ("head", "relation", "tail")


class Table:
    """Scores of every triple from a table (n, R, n)."""

    def __init__(self, scores):
        self.scores = scores

    def score_all(self, side, queries):
        first, second = queries.unbind(1)
        if side == "tail":
            return self.scores[first, second]
        if side == "head":
            return self.scores[:, first, second].T
        return self.scores[first, :, second]


def by_definition(scores, triples, true):
    """Counts of better and equal candidates that are no other true triple, one by one."""
    n, r, _ = scores.shape
    found = []
    for side in SIDES:
        for triple in triples.tolist():
            own = scores[tuple(triple)]
            better = equal = candidates = 0
            for one in range(r if side == "relation" else n):
                other = list(triple)
                other[COLUMN[side]] = one
                if other != triple and tuple(other) in true:
                    continue
                candidates += 1
                better += int(scores[tuple(other)] > own)
                equal += int(other != triple and scores[tuple(other)] == own)
            found.append((better, equal, candidates))
    return found


@given(
    n=st.integers(1, 8),
    r=st.integers(1, 3),
    count=st.integers(1, 40),
    seed=st.integers(0, 99),
    tied=st.booleans(),
)
def test_counts_are_those_of_the_definition(random_triples, n, r, count, seed, tied):
    triples = random_triples(n, r, count, seed)
    scores = torch.randn(n, r, n, generator=torch.Generator().manual_seed(seed))
    scores = scores.round() if tied else scores
    true = set(map(tuple, triples.tolist()))
    known, asked = Known(triples, n, r), triples[::2]
    parts = list(rank_triples(Table(scores), asked, known, SIDES, batch_size=3))
    names = ("better", "equal", "candidates")
    joined = [torch.cat([part[name] for part in parts]).tolist() for name in names]
    assert list(zip(*joined, strict=True)) == by_definition(scores, asked, true)


@given(seed=st.integers(0, 99))
def test_filtering_never_worsens_a_rank_and_a_constant_changes_none(random_triples, seed):
    triples = random_triples(12, 2, 60, seed)
    scores = torch.randn(12, 2, 12, generator=torch.Generator().manual_seed(seed))
    known = Known(triples, 12, 2)

    def found(table, filtered=None):
        parts = rank_triples(Table(table), triples, filtered, ("head", "tail"))
        return torch.cat([ranks(part) for part in parts])

    raw, filtered = found(scores), found(scores, known)
    assert bool((filtered <= raw).all()) and bool((filtered >= 1).all())
    assert torch.equal(filtered, found(scores + 64.0, known))


def test_ties_are_counted_in_three_ways():
    scores = torch.tensor([[1.0, 2.0, 2.0, 2.0, 3.0]])
    counts = counted(scores, torch.tensor([2]))
    assert {ties: float(ranks(counts, ties)) for ties in ("optimistic", "realistic",
            "pessimistic")} == {"optimistic": 2, "realistic": 3, "pessimistic": 4}  # fmt: skip
    with pytest.raises(BadInput, match="ties='worst'"):
        ranks(counts, "worst")


def test_what_a_model_excludes_ranks_last_and_nan_is_no_rank():
    inf = float("inf")
    counts = counted(torch.tensor([[-inf, 1.0, -inf, 0.0]]), torch.tensor([0]))
    assert {name: int(value) for name, value in counts.items()} == {
        "better": 2, "equal": 0, "candidates": 3,
    }  # fmt: skip
    with pytest.raises(OutputError, match="NaN"):
        counted(torch.tensor([[0.0, float("nan")]]), torch.tensor([0]))


def test_one_entity_and_one_relation():
    triples = torch.tensor([[0, 0, 0]])
    parts = list(rank_triples(Table(torch.zeros(1, 1, 1)), triples, Known(triples, 1, 1), SIDES))
    assert [float(ranks(part)) for part in parts] == [1.0, 1.0, 1.0]


def test_a_million_entities_in_bounded_memory():
    n = 10**6
    triples = torch.tensor([[0, 0, n - 1], [n - 1, 0, 5]])
    known = Known(triples, n, 1)
    assert known.holds(torch.tensor([[0, 0, n - 1], [0, 0, n - 2]])).tolist() == [True, False]
    widest = []

    class Line:
        def score_all(self, side, queries):
            widest.append(len(queries) * n)
            return torch.arange(n, dtype=torch.float32).expand(len(queries), -1)

    parts = list(rank_triples(Line(), triples, known, ("tail",), memory=8 * n))
    assert torch.cat([ranks(part) for part in parts]).tolist() == [1.0, n - 5.0]
    assert max(widest) <= 2 * n
    assert rows_within(8 * n, n) == 2


def test_the_sampled_protocol_is_that_of_uniform_draws():
    scores = torch.arange(50.0).expand(50, 1, 50).contiguous()
    triples = torch.tensor([[0, 0, 49], [0, 0, 24], [0, 0, 0]])
    parts = list(rank_sampled(Table(scores), triples, negatives=1000, draws=5))
    assert len(parts) == 5
    mean = torch.stack([ranks(part) for part in parts]).mean(0)
    assert float(mean[0]) == pytest.approx(1 + 1000 / 50 / 2, abs=4)
    assert float(mean[1]) == pytest.approx(1 + 1000 / 2, abs=40)
    assert int(parts[0]["candidates"][0]) == 1001


def meters():
    return {
        "mrr": MeanReciprocalRank(),
        "hits": HitsAt(3),
        "mr": MeanRank(),
        "amr": AdjustedMeanRank(),
        "amri": AdjustedMeanRankIndex(),
    }


def test_metrics_of_perfect_reversed_and_random_order():
    n = 101
    triples = torch.tensor([[0, 0, 100]])
    line = torch.arange(float(n)).expand(n, 1, n)
    for scores, index in ((line, 1.0), (-line, -1.0), (torch.zeros(n, 1, n), 0.0)):
        meter = AdjustedMeanRankIndex(side="tail")
        for counts in rank_triples(Table(scores), triples, None, ("tail",)):
            meter.update(**counts)
        assert float(meter.compute()) == pytest.approx(index)


@given(seed=st.integers(0, 99))
def test_hits_grow_with_k_and_reciprocal_ranks_stay_within_bounds(random_triples, seed):
    triples = random_triples(12, 2, 40, seed)
    scores = torch.randn(12, 2, 12, generator=torch.Generator().manual_seed(seed))
    hits = [HitsAt(k) for k in (1, 2, 5, 12)]
    mrr = MeanReciprocalRank()
    for counts in rank_triples(Table(scores), triples, Known(triples, 12, 2), ("head", "tail")):
        for meter in (*hits, mrr):
            meter.update(**counts)
    shares = [float(meter.compute()) for meter in hits]
    assert shares == sorted(shares) and shares[-1] == 1.0
    assert 0 < float(mrr.compute()) <= 1


def test_the_macro_mean_is_over_relations_and_sides_are_apart():
    counts = {
        "better": torch.tensor([0, 0, 0, 9]),
        "equal": torch.zeros(4, dtype=torch.long),
        "candidates": torch.full((4,), 10),
        "side": torch.tensor([2, 2, 0, 2]),
        "relation": torch.tensor([0, 0, 0, 1]),
    }
    found = {}
    for name, meter in (
        ("micro", MeanReciprocalRank(side="tail")),
        ("macro", metric("mrr-macro")),
        ("head", metric("mrr-head")),
    ):
        meter.update(**counts)
        found[name] = float(meter.compute())
    assert found == {"micro": pytest.approx(0.7), "macro": pytest.approx(0.55), "head": 1.0}
    with pytest.raises(ValueError, match="side='left'"):
        MeanRank(side="left")
    with pytest.raises(ValueError, match="No query"):
        MeanRank(side="relation").compute()


def test_answers_are_distinct_in_the_order_of_the_queries():
    triples = torch.tensor([[0, 0, 1], [0, 0, 1], [0, 0, 2], [1, 0, 2]])
    known = Known(triples, 3, 1)
    rows, answers = known.answers("tail", torch.tensor([[1, 0], [2, 0], [0, 0]]))
    assert (rows.tolist(), answers.tolist()) == ([0, 2, 2], [2, 1, 2])
    assert known.labels("tail", torch.tensor([[0, 0]]), 3).tolist() == [[0, 1, 1]]
    assert known.answers("head", torch.tensor([[0, 2]]))[1].tolist() == [0, 1]
    assert not len(Known(triples[:0], 3, 1).answers("tail", triples[:, ASKED["tail"]])[0])


def test_pykeen_s_evaluator_gives_the_same_figures(graph_of, random_triples):
    evaluation = pytest.importorskip("pykeen.evaluation")
    from pykeen.typing import RANK_OPTIMISTIC, RANK_PESSIMISTIC, RANK_REALISTIC

    graph = graph_of(random_triples(40, 3, 300), 40, 3)
    asked = graph.of("test")
    generator = torch.Generator().manual_seed(0)
    scores = (4 * torch.randn(40, 3, 40, generator=generator)).round()
    known = Known(graph.triples, 40, 3)
    theirs = evaluation.RankBasedEvaluator(filtered=False)
    for side, target in (("tail", "tail"), ("head", "head")):
        table = Table(scores).score_all(side, asked[:, ASKED[side]]).clone()
        true = table.gather(1, asked[:, COLUMN[side]][:, None])
        rows, answers = known.answers(side, asked[:, ASKED[side]])
        table[rows, answers] = float("nan")
        table.scatter_(1, asked[:, COLUMN[side]][:, None], true)
        theirs.process_scores_(asked, target=target, scores=table, true_scores=true)
    result = theirs.finalize()
    for ties, kind in (
        ("realistic", RANK_REALISTIC),
        ("optimistic", RANK_OPTIMISTIC),
        ("pessimistic", RANK_PESSIMISTIC),
    ):
        for name, meter in (
            ("inverse_harmonic_mean_rank", MeanReciprocalRank(ties=ties)),
            ("hits_at_10", HitsAt(10, ties=ties)),
            ("arithmetic_mean_rank", MeanRank(ties=ties)),
            *(
                [
                    ("adjusted_arithmetic_mean_rank", AdjustedMeanRank()),
                    ("adjusted_arithmetic_mean_rank_index", AdjustedMeanRankIndex()),
                ]
                if ties == "realistic"
                else []
            ),
        ):
            for counts in rank_triples(Table(scores), asked, known):
                meter.update(**counts)
            assert float(meter.compute()) == pytest.approx(
                result.get_metric(f"both.{kind}.{name}"), abs=1e-6
            ), (ties, name)
