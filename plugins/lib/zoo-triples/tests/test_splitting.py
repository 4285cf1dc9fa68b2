"""Splits that leak nothing, and the checker that tells what does."""

from __future__ import annotations

import pytest
import torch
from zoo_triples.leakage import leakage
from zoo_triples.splitting import inductive, random_rows

from zoo_core import BadInput


def test_fractions_hold_where_there_is_room(random_triples):
    triples = random_triples(20, 2, 600)
    rows = random_rows(triples, (0.7, 0.2, 0.1), seed=1)
    assert [len(rows[name]) for name in ("val", "test")] == [
        round(share * len(triples)) for share in (0.2, 0.1)
    ]
    assert torch.cat(list(rows.values())).sort().values.tolist() == list(range(len(triples)))
    again = random_rows(triples, (0.7, 0.2, 0.1), seed=1)
    assert all(torch.equal(rows[name], again[name]) for name in rows)
    with pytest.raises(BadInput, match="sum to 1"):
        random_rows(triples, (0.9, 0.2, 0.1))


def test_a_tree_has_no_room_for_a_test_set():
    chain = torch.tensor([[i, 0, i + 1] for i in range(6)])
    rows = random_rows(chain)
    assert set(chain[rows["train"]][:, [0, 2]].flatten().tolist()) == set(range(7))


def test_unseen_entities_are_in_no_training_triple(graph):
    found, unseen = inductive(graph, 5, seed=1)
    assert int(unseen.sum()) == 5
    for name in ("train", "val"):
        assert not unseen[found.of(name)[:, [0, 2]]].any()
    assert bool((unseen[found.of("test")[:, [0, 2]]].sum(1) == 1).all())
    with pytest.raises(BadInput, match="unseen=30"):
        inductive(graph, 30)


def test_planted_leaks_are_told(graph_of, random_triples):
    base = random_triples(40, 1, 120)
    base = base[base[:, 0] != base[:, 2]]
    turned = base.flip(1) + torch.tensor([0, 1, 0])
    same = base + torch.tensor([0, 2, 0])
    other = random_triples(40, 1, 60, seed=5) + torch.tensor([0, 3, 0])
    graph = graph_of(torch.cat([base, turned, same, other]), 40, 4)
    found = leakage(graph)
    kinds = {(leak.kind, leak.relation, leak.other) for leak in found.leaks}
    assert {("inverse", "r0", "r1"), ("inverse", "r1", "r0"), ("duplicate", "r0", "r2"),
            ("duplicate", "r2", "r0")} <= kinds  # fmt: skip
    assert not any("r3" in leak for leak in kinds)
    assert 0 < found.given <= found.trivial <= found.tested == len(graph.of("test"))
    with pytest.raises(BadInput, match="threshold=0"):
        leakage(graph, 0)
    with pytest.raises(BadInput, match="no split 'dev'"):
        leakage(graph, split="dev")


def test_symmetric_relations_and_loops(graph_of):
    pairs = torch.tensor([[i, 0, i + 1] for i in range(0, 20, 2)])
    loops = torch.tensor([[i, 1, i] for i in range(20)])
    graph = graph_of(torch.cat([pairs, pairs.flip(1), loops]), 21, 2)
    (leak,) = leakage(graph).leaks
    assert (leak.kind, leak.relation, leak.share) == ("symmetric", "r0", 1.0)


def test_the_leaks_of_wn9_img_are_told_and_wnvis_has_none(data_or_skip):
    found = leakage(data_or_skip("wn9-img"))
    assert {(leak.kind, leak.relation, leak.other) for leak in found.leaks} >= {
        ("inverse", "_hyponym", "_hypernym"),
        ("inverse", "_part_of", "_has_part"),
    }
    assert found.given == 1186 and found.tested == 1319
    clean = leakage(data_or_skip("wnvis"))
    assert clean.leaks == () and not any(clean.unseen.values())


def test_the_verb(data_or_skip, zoo_here, tmp_path):
    data_or_skip("wn9-img")
    found = zoo_here("leaks", "wn9-img")
    assert found.code == 0
    assert "1186 of 1319 test triples (89.9 %) are given away" in found.out
    assert zoo_here("leaks", "wn9-img", "--json").json["given"] == 1186
    path = tmp_path / "mine.tsv"
    path.write_text("a\tr\tb\nc\ts\td\n")
    refused = zoo_here("leaks", path)
    assert refused.code == 2 and "columns=" in refused.err
