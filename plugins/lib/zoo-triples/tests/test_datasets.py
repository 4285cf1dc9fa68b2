"""The registered graphs: counts as published, splits, names."""

from __future__ import annotations

import pytest

COUNTS = {
    "codex-s": (2034, 42, 32888, 1827, 1828),
    "wn18rr": (40943, 11, 86835, 3034, 3134),
    "wn9-img": (6555, 9, 11741, 1337, 1319),
    "wnvis": (7273, 6, 13655, 1391, 1390),
}


@pytest.mark.parametrize("name", COUNTS)
def test_counts(data_or_skip, name):
    assert tuple(data_or_skip(name).facts.values()) == COUNTS[name]


def test_codex_has_hard_negatives_and_relations_with_names(data_or_skip):
    data = data_or_skip("codex-s")
    assert {name: len(part) for name, part in data.negatives.items()} == {"val": 1827, "test": 1828}
    assert data.relations.find("country of citizenship") == data.relations.numbers["P27"]
    true = set(map(tuple, data.triples.tolist()))
    assert not any(tuple(row) in true for row in data.negatives["test"].tolist())


def test_wnvis_has_glosses_and_classes(data_or_skip):
    data = data_or_skip("wnvis")
    lynx = data.entities.find("lynx")
    assert data.texts[lynx].startswith("short-tailed wildcats")
    assert int((data.imagenet >= 0).sum()) == 1000
    assert data.imagenet[data.imagenet >= 0].unique().tolist() == list(range(1000))
