from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image
from zoo_images.classifier import ImageClassifier
from zoo_images.features import features_of
from zoo_images.image_set import ImageSet

from zoo_core import BadInput


@pytest.fixture
def module():
    torch.manual_seed(0)
    return ImageClassifier(num_classes=3, classes=["a", "b", "c"]).eval()


@pytest.fixture
def data():
    generator = torch.Generator().manual_seed(0)
    rows = torch.arange(30)
    return ImageSet(
        images=torch.randint(0, 256, (30, 1, 28, 28), dtype=torch.uint8, generator=generator),
        labels=rows % 3,
        classes=("a", "b", "c"),
        rows={"train": rows[:20], "test": rows[20:]},
    )


def test_what_a_person_has(module, folder):
    files = sorted((folder / "dark").glob("*.png"))
    with pytest.warns(UserWarning, match="in colour"):
        rows = module.predict(folder)
    assert len(rows) == 24 and {row["label"] for row in rows} <= {"a", "b", "c"}
    with Image.open(files[0]) as opened:
        image = opened.convert("L")
    one, same = module.predict(files[0], image)
    assert one["score"] == same["score"]
    arrays = np.stack([np.asarray(image.resize((30, 30)))] * 5)[:, None]
    assert len(module.predict(arrays, top=3)) == 15
    assert module.embed(arrays).shape == (5, module.head.in_features)


def test_wrong_use_is_one_sentence(module, tmp_path):
    with pytest.raises(BadInput, match="Nothing was given"):
        module.predict()
    with pytest.raises(BadInput, match="top=4 of 3 classes"):
        module.predict(np.zeros((4, 4), np.uint8), top=4)
    with pytest.raises(BadInput, match="has no image"):
        module.predict(tmp_path)
    with pytest.raises(BadInput, match="is a float; expected a file"):
        module.predict(0.5)
    with pytest.raises(BadInput, match=r"shape \(2, 2, 2, 2, 2\)"):
        module.predict(np.zeros((2,) * 5, np.uint8))
    with pytest.raises(BadInput, match="two or more"):
        ImageClassifier(num_classes=1)
    with pytest.raises(BadInput, match="2 names for 3 classes"):
        ImageClassifier(num_classes=3, classes=["a", "b"])


def test_outputs_are_batches_of_the_split(module, data):
    batches = list(module.outputs(data.split("test"), batch_size=4))
    assert [len(batch["target"]) for batch in batches] == [4, 4, 2]
    assert torch.equal(torch.cat([b["target"] for b in batches]), data.labels[20:])
    other = ImageClassifier(num_classes=4)
    with pytest.raises(BadInput, match="have 3 classes and the model 4"):
        next(other.outputs(data.split("test")))


def test_a_frozen_backbone_stays_as_it_is():
    module = ImageClassifier(frozen=True).train()
    assert not module.backbone.training and module.head.training
    assert not any(parameter.requires_grad for parameter in module.backbone.parameters())


def test_features_are_kept_and_found_again(module, data, tmp_path, monkeypatch):
    first = features_of(module, data, data.rows["train"], tmp_path)
    monkeypatch.setattr(module, "features", None)
    assert torch.equal(features_of(module, data, data.rows["train"], tmp_path), first)
    monkeypatch.undo()
    torch.nn.init.ones_(module.backbone.layers[0][0].weight)
    other = features_of(module, data, data.rows["train"], tmp_path)
    assert not torch.equal(other, first)


def test_sets_that_do_not_fit_are_refused(data):
    with pytest.raises(BadInput, match="30 images and labels of shape"):
        ImageSet(**{**vars(data), "labels": data.labels[1:]})
    with pytest.raises(BadInput, match="outside of 0 to 1"):
        ImageSet(**{**vars(data), "classes": ("a", "b")})
