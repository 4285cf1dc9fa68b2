"""A user's graph with pictures beside it."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from zoo_visualsem_kg import prototypes
from zoo_visualsem_kg.prototypes import folder_features, inherited
from zoo_visualsem_kg.reading.graphs import read_graph

from zoo_core import BadInput, Notice


def test_pictures_are_found_by_name(files, monkeypatch):
    image = pytest.importorskip("PIL.Image")
    folder = files / "pictures"
    (folder / "n07").mkdir(parents=True)
    for path in ("n03.png", "n07/a.png", "n07/b.png", "stranger.png"):
        pixels = np.random.default_rng(len(path)).integers(0, 255, (40, 40, 3), np.uint8)
        image.fromarray(pixels).save(folder / path)
    monkeypatch.setattr("zoo_images.backbones.fill_pretrained", lambda *_, **__: None)
    ids = tuple(f"n{i:02}" for i in range(40))
    with pytest.warns(Notice, match="1 pictures are of no entity"):
        features, has = folder_features(folder, ids, "small-cnn")
    assert torch.nonzero(has)[:, 0].tolist() == [3, 7]
    assert torch.allclose(features[has].norm(dim=1), torch.ones(2), atol=1e-5)
    with pytest.raises(BadInput, match="no folder"):
        folder_features(files / "absent", ids)
    (files / "bare").mkdir()
    with pytest.raises(BadInput, match="no picture named after an entity"):
        folder_features(files / "bare", ids)


def test_the_reader_takes_triples_glosses_and_pictures(files, monkeypatch):
    found = torch.zeros(40, 3), torch.arange(40) < 5
    monkeypatch.setattr("zoo_visualsem_kg.reading.graphs.folder_features", lambda *_: found)
    data = read_graph(files / "mine.tsv", glosses=files / "names.tsv", images="folder")
    assert data.images is not None and int(data.images[0].sum()) == 5
    assert data.entities.find("thing 7") == 7


def test_images_are_inherited_along_training_triples_alone():
    shown = torch.eye(3)
    classes = torch.tensor([0, 1, -1, -1, -1])
    triples = torch.tensor([[0, 0, 2], [1, 0, 2], [2, 0, 3], [0, 1, 4]])
    features, has = inherited(classes, shown, triples, 0)
    assert has.tolist() == [True, True, True, True, False]
    assert torch.allclose(features[0], shown[0]) and torch.allclose(features[2], features[3])
    assert features[3].tolist() == pytest.approx([0.5**0.5, 0.5**0.5, 0.0])
    assert prototypes.CLASSES == 1000
