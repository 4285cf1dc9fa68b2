"""Models of triples alone: their formulas."""

from __future__ import annotations

import pytest
import torch
from zoo_visualsem_kg.tuples import ComplEx, DistMult, TransE, TuckER

from zoo_core import BadInput

TRIPLES = torch.tensor([[0, 0, 1], [2, 1, 3], [4, 1, 4], [5, 0, 6]])


@pytest.mark.parametrize("cls", [DistMult, ComplEx, TuckER, TransE])
def test_triples_score_as_their_tails_do(cls):
    torch.manual_seed(0)
    module = cls(dim=6).eval()
    heads, relations, tails = TRIPLES.unbind(1)
    table = module.score_tails(module.encode(), heads, relations)
    assert table.shape == (4, 7)
    assert torch.allclose(module(heads, relations, tails), table.gather(1, tails[:, None])[:, 0],
                          atol=1e-5)  # fmt: skip


def test_distmult_is_symmetric_and_complex_is_not():
    torch.manual_seed(0)
    heads, relations, tails = TRIPLES.unbind(1)
    for module, same in ((DistMult(dim=6), True), (ComplEx(dim=6, scale=1.0), False)):
        there, back = module(heads, relations, tails), module(tails, relations, heads)
        assert torch.allclose(there[[0, 1, 3]], back[[0, 1, 3]]) is same


def test_complex_is_the_formula():
    torch.manual_seed(0)
    module = ComplEx(dim=6, scale=1.0)
    e, w = (torch.complex(*part.chunk(2, -1)) for part in (module.entity, module.relation))
    heads, relations, tails = TRIPLES.unbind(1)
    expected = (e[heads] * w[relations] * e[tails].conj()).sum(-1).real
    assert torch.allclose(module(heads, relations, tails), expected, atol=1e-5)


@pytest.mark.parametrize("norm", [1, 2])
def test_a_translation_that_arrives_scores_best(norm):
    torch.manual_seed(0)
    module = TransE(dim=6, norm=norm, unit=False)
    with torch.no_grad():
        module.entity[1] = module.entity[0] + module.relation[0]
    module.requires_grad_(False)
    tails = module.score_tails(module.encode(), torch.tensor([0]), torch.tensor([0]))[0]
    heads = module.score_heads(module.encode(), torch.tensor([0]), torch.tensor([1]))[0]
    assert int(tails.argmax()) == 1 and float(tails.max()) == pytest.approx(0, abs=2e-3)
    assert int(heads.argmax()) == 0
    with pytest.raises(BadInput, match="norm=3"):
        TransE(norm=3)


def test_tucker_with_a_diagonal_core_is_distmult():
    torch.manual_seed(0)
    tucker, distmult = TuckER(dim=6, width=6), DistMult(dim=6)
    with torch.no_grad():
        tucker.core.zero_()
        tucker.core[torch.arange(6), torch.arange(6), torch.arange(6)] = 1
        distmult.entity.copy_(tucker.entity)
        distmult.relation.copy_(tucker.relation)
    assert torch.allclose(tucker(*TRIPLES.unbind(1)), distmult(*TRIPLES.unbind(1)), atol=1e-6)


def test_the_paper_s_tucker_has_normalisations_and_dropouts():
    torch.manual_seed(0)
    module = TuckER(dim=6, normalise=True)
    assert {name.partition(".")[0] for name, _ in module.named_parameters()} > {"first", "second"}
    module.eval()
    assert torch.equal(module(*TRIPLES.unbind(1)), module(*TRIPLES.unbind(1)))
