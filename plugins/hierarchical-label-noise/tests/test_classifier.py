from __future__ import annotations

import pytest
import torch
from zoo_hierarchical_label_noise.classifier import HierarchicalClassifier
from zoo_hierarchical_label_noise.tree_softmax import TreeSoftmax

from zoo_core import BadInput

SIZE = {"size": [8, 8], "channels": 1, "mean": [0.5], "std": [0.5]}
TREE = {"dark": ["a", "b", "c"], "light": ["d", "e"], "none": ["f"]}
READINGS = ("separate", "init_from_coarse", "shared", "marginal", "curriculum", "flat", "ensemble")


def made(**more):
    shape = {
        "backbone": "mlp",
        "num_classes": 6,
        "inputs": SIZE,
        "classes": list("abcdef"),
        "options": {"widths": [5]},
        "hierarchy": TREE,
        **more,
    }
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return HierarchicalClassifier(**shape).eval()


@pytest.mark.parametrize("reading", READINGS)
def test_every_reading_gives_probabilities(reading):
    module = made(reading=reading)
    (images,) = module.example_inputs(0)
    found = module.answers(images)
    assert found["logits"].shape == (4, 6)
    torch.testing.assert_close(found["logits"].exp().sum(1), torch.ones(4))
    torch.testing.assert_close(found["logits"], module(images))
    sums = torch.stack([found["logits"].exp()[:, part].sum(1)
                        for part in (slice(0, 3), slice(3, 5), slice(5, 6))], 1)  # fmt: skip
    torch.testing.assert_close(found["coarse_logits"].exp(), sums)
    assert module.features(images).shape == (4, 5)


def test_a_singleton_has_no_parameters():
    names = {name.rsplit(".", 3)[0] if "backbone" in name else name.rsplit(".", 2)[0]
             for name in made().state_dict()}  # fmt: skip
    assert {name.removesuffix(".backbone") for name in names} == {"coarse", "fine.1", "fine.2"}
    sizes = [net.head.out_features for net in made().nets]
    assert sizes == [3, 3, 2]


def test_networks_differ_from_the_start_but_have_one_architecture():
    coarse, *fine = made().nets
    assert not torch.equal(coarse.backbone.layers[1].weight, fine[0].backbone.layers[1].weight)
    assert coarse.backbone.layers[1].weight.shape == fine[0].backbone.layers[1].weight.shape


def test_without_superclasses_it_is_a_flat_network():
    module = made(hierarchy=None)
    (images,) = module.example_inputs(0)
    torch.testing.assert_close(module(images), module.coarse(images).log_softmax(1))


def test_one_flat_network_or_the_mean_of_two():
    module = made(reading="ensemble")
    (images,) = module.example_inputs(0)
    expected = torch.stack([net(images).softmax(1) for net in module.nets]).mean(0)
    torch.testing.assert_close(module(images).exp(), expected)


def test_a_frozen_backbone_has_all_heads_in_one_matrix():
    module = made(frozen=True)
    assert module.head.weight.shape == (3 + 3 + 2, 5)
    assert [name for name, p in module.named_parameters() if p.requires_grad] == [
        "head.weight",
        "head.bias",
    ]
    assert module.train().backbone.training is False


@pytest.mark.parametrize("reading", ["separate", "shared"])
def test_the_rule_is_a_matter_of_the_same_weights(reading):
    product = made(reading=reading)
    topdown = made(reading=reading, rule="topdown")
    topdown.load_state_dict(product.state_dict())
    (images,) = product.example_inputs(0)
    expected = TreeSoftmax(product.hierarchy, "topdown")(product.choices(images))
    torch.testing.assert_close(topdown(images), expected)


def test_reloaded_weights_give_the_same_answers(tmp_path):
    from safetensors.torch import load_file, save_file

    module = made()
    (images,) = module.example_inputs(0)
    save_file(module.state_dict(), tmp_path / "it.safetensors")
    again = made()
    again.load_state_dict(load_file(tmp_path / "it.safetensors"))
    assert torch.equal(again(images), module(images))


def test_predictions_have_labels_and_superclasses():
    module = made()
    pixels = torch.randint(0, 255, (3, 1, 8, 8), dtype=torch.uint8)
    with torch.no_grad():
        rows = module.predict(pixels, top=2)
        chances = module(module.preprocessing(pixels)).exp()
    assert len(rows) == 6
    assert list(rows[0]) == ["image", "label", "score", "superclass", "superclass score"]
    best = int(chances[0].argmax())
    assert rows[0]["label"] == "abcdef"[best]
    group = next(name for name, members in TREE.items() if rows[0]["label"] in members)
    assert rows[0]["superclass"] == group
    inside = [i for i, name in enumerate("abcdef") if name in TREE[group]]
    assert rows[0]["superclass score"] == pytest.approx(float(chances[0, inside].sum()), abs=1e-4)
    with torch.no_grad():
        assert list(made(hierarchy=None).predict(pixels)[0]) == ["image", "label", "score"]


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ({"reading": "deep"}, "expected separate, init_from_coarse"),
        ({"reading": "flat", "rule": "topdown"}, "one flat network"),
        ({"reading": "ensemble", "frozen": True}, "take separate, marginal or flat"),
        ({"hierarchy": {"dark": ["a"]}}, "does not say where b, c, d, e, f belongs"),
        ({"assumed_error": 0.1}, "give that too"),
        ({"assumed_rate": 1.5}, "between 0 and 1"),
        ({"num_classes": 1, "classes": ["a"]}, "nothing to tell apart"),
    ],
    ids=["reading", "rule", "frozen", "hierarchy", "error", "rate", "one class"],
)
def test_what_does_not_fit_together_is_refused(shape, words):
    with pytest.raises(BadInput, match=words):
        made(**shape)
