"""Models of graphs: gates, layouts, what must not leak."""

from __future__ import annotations

import pytest
import torch
from zoo_triples.known import Known
from zoo_triples.ranking import rank_triples
from zoo_visualsem_kg.graph_links import GraphLinks

from zoo_core import BadInput

TRIPLES = torch.tensor([[0, 0, 1], [2, 1, 3], [4, 1, 6], [5, 0, 6]])


def made(**shape):
    torch.manual_seed(0)
    module = GraphLinks(**{"dim": 8, **shape}).eval()
    features = module.text.features
    if features.glosses is not None:
        features.glosses.take(torch.randn(7, 3))
        features.names.take(torch.randn(7, 3))
    if features.images is not None:
        features.images.take(torch.randn(2, 3))
        features.image_rows.copy_(torch.tensor([0, 4]))
    module.text.facts.copy_(torch.tensor([[0, 0, 1], [1, 0, 2], [2, 1, 3], [3, 1, 4], [5, 0, 6]]))
    return module


SHAPES = [
    {},
    {"encoder": "gat"},
    {"encoder": "gat", "official_layout": True},
    {"official_layout": True, "residual": False, "gating": "gloss"},
    {"encoder": "none", "edge_gating": "clean"},
    {"table": False, "gating": "gloss", "near": 4.0},
    {"gating": "node", "residual": False, "text": 0, "image": 0},
]


@pytest.mark.parametrize("number", range(len(SHAPES)))
def test_triples_score_as_their_tails_do(number):
    module = made(**SHAPES[number])
    heads, relations, tails = TRIPLES.unbind(1)
    table = module.score_tails(module.encode(), heads, relations)
    found = module(heads, relations, tails)
    assert torch.allclose(found, table.gather(1, tails[:, None])[:, 0], atol=1e-5)


def test_removed_edges_pass_no_messages():
    module = made(gating="node", residual=False)
    keep = torch.ones(5, dtype=torch.bool)
    keep[4] = False  # the only edge between 5 and 6
    with torch.no_grad():
        apart = module.encode(keep).vectors
        module.table[0, 6] += 1
        assert torch.equal(module.encode(keep).vectors[5], apart[5])
        assert not torch.equal(module.encode().vectors[5], apart[5])


def test_scores_near_a_graphs_start_are_higher_for_neighbours():
    def gap(near):
        module = made(gating="node", residual=False, dim=400, near=near)
        heads, tails = torch.tensor([0, 0]), torch.tensor([1, 6])
        neighbour, stranger = module(heads, torch.zeros(2, dtype=torch.long), tails).tolist()
        return neighbour - stranger

    assert gap(4.0) > 4
    assert gap(8.0) > 1.5 * gap(4.0)


def test_the_official_layout_sends_messages_to_tails_alone():
    for official, changed in ((True, False), (False, True)):
        module = made(gating="node", residual=False, official_layout=official)
        with torch.no_grad():
            before = module.vectors()[5]
            module.table[0, 6] += 1
            assert torch.equal(module.vectors()[5], before) is not changed


def test_each_candidate_has_a_relation_vector_of_its_own():
    """Clean edge gates score a candidate alike, whatever is true; official ones do not."""
    module = made(encoder="none", edge_gating="clean", residual=False)
    encoded = module.encode()
    heads, relations = torch.tensor([0, 0]), torch.tensor([1, 1])
    clean = module.score_tails(encoded, heads, relations)
    assert torch.equal(clean[0], clean[1])
    for tail in range(7):
        one = module.score(encoded, heads[:1], relations[:1], torch.tensor([tail]))
        assert torch.allclose(one, clean[0, tail], atol=1e-6)
    leaked = module.leaked(encoded, heads, relations, torch.tensor([2, 3]))
    assert not torch.allclose(leaked[0], leaked[1])
    official = made(encoder="none", edge_gating="official", residual=False)
    with pytest.raises(BadInput, match="edge_gating='clean'"):
        official.score_tails(official.encode(), heads, relations)


def test_distmult_stays_symmetric_under_edge_gates():
    module = made(encoder="none", edge_gating="clean", residual=False)
    heads, relations, tails = TRIPLES.unbind(1)
    there, back = module(heads, relations, tails), module(tails, relations, heads)
    assert torch.allclose(there, back, atol=1e-6)


def test_an_unseen_entity_has_a_vector_from_its_gloss():
    module = made(table=False, gating="gloss", image=0)
    first = module.vectors()
    assert module.table.shape == (1, 1, 8)
    assert not torch.allclose(first[4], first[5])


@pytest.mark.parametrize(
    ("shape", "told"),
    [
        ({"encoder": "gcn"}, "encoder='gcn'"),
        ({"gating": "all"}, "gating='all'"),
        ({"edge_gating": "leaky"}, "edge_gating='leaky'"),
        ({"near": -1.0}, "near=-1.0"),
        ({"near": 4.0, "encoder": "none"}, "encoder=sage"),
        ({"text": 0}, "glosses=FILE"),
        ({"image": 0}, "images=FOLDER"),
    ],
    ids=["encoder", "gating", "edges", "near", "nowhere", "texts", "images"],
)
def test_what_cannot_be_made_is_refused(shape, told):
    with pytest.raises(BadInput, match=told):
        GraphLinks(**shape)


def test_official_gating_scores_wrong_candidates_by_the_true_pair_s_relation():
    torch.manual_seed(0)
    module = GraphLinks(entities=9, encoder="none", residual=False, edge_gating="official")
    for part in (module.text.features.glosses, module.text.features.images):
        part.take(torch.randn(len(part.values), part.values.shape[1]))
    encoded = module.encode()
    heads, relations, tails = torch.tensor([[0, 1, 2], [0, 1, 0], [3, 4, 5]])
    against = module.against(encoded, heads, relations, tails, tails)
    assert torch.allclose(against, module.leaked(encoded, heads, relations, tails)[:, tails])
    true = module.score(encoded, heads, relations, tails)
    assert torch.allclose(against.diagonal(), true, atol=1e-5)


def test_official_gates_are_validated_as_the_official_code_does():
    """Counts of the true pair's scores, without what is asked about; other gates just rank."""
    module = made(encoder="none", edge_gating="official")
    with torch.no_grad():
        module.residual.normal_()
    known = Known(TRIPLES, 7, 2)
    tails = {int(row["side"][0]): row for row in module.validated(TRIPLES, known)}[2]
    heads, relations, answers = TRIPLES.unbind(1)
    with torch.no_grad():
        encoded = module.encode()
        scores = module.leaked(encoded, heads, relations, answers)
        true = module.score(encoded, heads, relations, answers)
    assert torch.allclose(scores.gather(1, answers[:, None])[:, 0], true, atol=1e-5)
    scores[torch.arange(4), heads] = -torch.inf
    assert torch.equal(tails["better"], (scores > scores.gather(1, answers[:, None])).sum(1))
    module.edge_gating = "clean"
    anew = list(module.validated(TRIPLES, known))
    ranked = list(rank_triples(module.scorer(), TRIPLES, known))
    assert all(
        torch.equal(one[name], other[name])
        for one, other in zip(anew, ranked, strict=True)
        for name in one
    )
