"""Features in 8 bits: what is kept of them."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional
from zoo_visualsem_kg.features import EntityFeatures, Quantised, reduced


def vectors(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1))


def test_cosines_survive_eight_bits():
    given = functional.normalize(vectors(200, 64), dim=1)
    held = Quantised(200, 64)
    held.take(given)
    found = functional.normalize(held(), dim=1)
    assert float((found @ found.T - given @ given.T).abs().max()) < 0.01
    assert torch.equal(held.scale, held.scale.half().float())


def test_a_graph_in_few_directions_loses_none_of_them():
    given = vectors(400, 3) @ vectors(3, 20)
    found, basis = reduced(given, 5)
    assert found.shape == (400, 5) and basis.shape == (20, 5)
    assert torch.allclose(found @ found.T, given @ given.T, atol=1e-2)
    assert torch.equal(reduced(given, 5)[1], basis)


@pytest.mark.parametrize("rows", [1, 30], ids=["one", "few"])
def test_few_entities_keep_all_directions(rows):
    given = vectors(rows, 20)
    found, basis = reduced(given, 5)
    assert torch.equal(found, given) and torch.equal(basis, torch.eye(20))


def test_who_has_no_feature_is_told():
    features = EntityFeatures(4, text=3, width=3, images=2, image=2)
    features.image_rows.copy_(torch.tensor([1, 3]))
    features.images.take(vectors(2, 2))
    features.glosses.take(torch.cat([vectors(3, 3), torch.zeros(1, 3)]))
    found, has = features.image()
    assert has.tolist() == [False, True, False, True] and not found[[0, 2]].any()
    assert features.gloss()[1].tolist() == [True, True, True, False]
    bare = EntityFeatures(4)
    assert bare.gloss() is None and bare.image() is None
