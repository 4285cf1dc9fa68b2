from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from zoo_images.image_set import ImageSet
from zoo_label_noise.noisy import (
    assumed_symmetric,
    noise_for_metrics,
    noise_of,
    transition_of,
    with_noise,
)

import zoo
from zoo_core import BadInput


@pytest.fixture(autouse=True)
def surroundings(no_network):
    """Data come from the mirror and the cache alone."""


@pytest.fixture
def clean():
    generator = torch.Generator().manual_seed(0)
    return ImageSet(
        images=torch.randint(0, 256, (2000, 1, 4, 4), dtype=torch.uint8, generator=generator),
        labels=torch.arange(2000) % 5,
        classes=tuple("abcde"),
        rows={
            "train": torch.arange(1000),
            "val": torch.arange(1000, 1200),
            "test": torch.arange(1200, 2000),
        },
    )


@pytest.mark.parametrize("kind", ["symmetric", "uniform", "pair", "instance"])
def test_training_labels_are_noisy_and_test_labels_are_not(clean, kind):
    noisy = with_noise(clean, kind, 0.4, 3)
    assert torch.equal(noisy.targets("test"), clean.targets("test"))
    assert noisy.splits == ("train", "val", "test", "test-noisy")
    for name in ("train", "val", "test-noisy"):
        assert torch.equal(noisy.truth[noisy.rows[name]], clean.labels[noisy.rows[name]])
        rate = float((noisy.targets(name) != noisy.truth[noisy.rows[name]]).double().mean())
        expected = 0.32 if kind == "uniform" else 0.4
        assert rate == pytest.approx(expected, abs=0.11)
    assert torch.equal(with_noise(clean, kind, 0.4, 3).labels, noisy.labels)
    told = noisy.noise.told
    assert told["realised"] == pytest.approx(
        float((noisy.labels != noisy.truth).double().mean()), abs=1e-6
    )
    assert told["convention"] == ("redrawn" if kind == "uniform" else "wrong")


def test_noise_is_not_injected_twice(clean):
    with pytest.raises(BadInput, match="noisy already"):
        with_noise(with_noise(clean, "pair", 0.2, 0), "pair", 0.2, 0)


def test_instance_noise_needs_pixels_and_is_drawn_one_by_one(clean):
    for more in ({"exact": True}, {"stream": "legacy"}):
        with pytest.raises(BadInput, match="for each example by itself"):
            with_noise(clean, "instance", 0.2, 0, **more)
    files = dataclasses.replace(clean, images=[f"{i}.png" for i in range(len(clean))])
    with pytest.raises(BadInput, match="needs images in memory"):
        with_noise(files, "instance", 0.2, 0)
    assert with_noise(files, "symmetric", 0.2, 0).noise.realised == pytest.approx(0.2, abs=0.03)


def test_published_labels_can_be_made_again(clean):
    """The training labels that a loop over one multinomial draw each gives, the test after them."""
    noisy = with_noise(clean, "symmetric", 0.4, 7, stream="legacy")
    matrix, stream = np.ones((5, 5)) * (0.4 / 4), np.random.RandomState(7)
    for i in range(5):
        matrix[i, i] = 1.0 - 0.4
    drawn = [stream.multinomial(1, matrix[y, :], 1)[0] for y in clean.labels[:1200].tolist()]
    assert noisy.labels[:1200].tolist() == [int(np.where(one == 1)[0][0]) for one in drawn]


def test_injected_and_assumed_noise_are_never_confused(clean):
    noisy, assumed = with_noise(clean, "symmetric", 0.2, 0), assumed_symmetric(0.3, 5, 0.01)
    assert noise_of(clean.split("train")) is None
    assert noise_of(clean.split("train"), assumed) is assumed
    assert noise_of(noisy.split("val")) is noisy.noise
    np.testing.assert_allclose(noise_of(noisy.split("test")).transition, np.eye(5))
    with pytest.raises(BadInput, match="give one of the two"):
        noise_of(noisy.split("val"), assumed)
    assert noise_for_metrics(clean.split("train"), assumed)["rate_error"] == 0.01
    assert noise_for_metrics(clean.split("train")) == {}
    assert assumed_symmetric(None, 5) is None
    with pytest.raises(BadInput, match="give that too"):
        assumed_symmetric(None, 5, 0.01)


def test_kinds_by_name():
    assert transition_of("within", 0.2, 4, groups=(0, 0, 1, 1))[0, 1] == pytest.approx(0.2)
    assert transition_of("asymmetric", 0.2, 4, pairs={0: 2})[0, 2] == pytest.approx(0.2)
    with pytest.raises(BadInput, match="within noise is not defined"):
        transition_of("within", 0.2, 4)
    with pytest.raises(BadInput, match="of the kind 'gaussian'"):
        transition_of("gaussian", 0.2, 4)
    with pytest.raises(BadInput, match="3 groups' numbers for 4 classes"):
        transition_of("across", 0.2, 4, groups=(0, 1, 1))


def test_registered_data(data_or_skip):
    data = data_or_skip("noisy-fashion-mnist", rate=0.8, kind="symmetric")
    train = data.rows["train"]
    assert float((data.labels[train] != data.truth[train]).double().mean()) == pytest.approx(
        0.8, abs=0.01
    )
    exact = zoo.dataset("noisy-mnist", rate=0.5, exact=True, limit=1000)
    assert exact.noise.realised == pytest.approx(0.5, abs=0.01)


def test_human_labels(data_or_skip):
    data = data_or_skip("noisy-cifar10n", kind="worst", limit=1_000)
    assert data.noise.kind == "worst"
    assert data.noise.realised == pytest.approx(0.4104, abs=0.05)
    assert torch.equal(data.targets("test"), data.truth[data.rows["test"]])
    wrong = (data.targets("test-noisy") != data.targets("test")).double().mean()
    assert float(wrong) == pytest.approx(0.40, abs=0.04)
    with pytest.raises(BadInput, match="leave `exact` and `stream` out"):
        zoo.dataset("noisy-cifar10n", kind="worst", exact=True, limit=10)
    drawn = zoo.dataset("noisy-cifar10n", kind="worst-matrix", exact=True, limit=1_000)
    assert drawn.noise.kind == "worst-matrix"
    np.testing.assert_allclose(drawn.noise.transition, data.noise.transition)
    assert drawn.noise.realised == pytest.approx(0.4021, abs=0.02)
    with pytest.raises(BadInput, match="of the kind 'mean-matrix'"):
        zoo.dataset("noisy-cifar10n", kind="mean-matrix", limit=10)


def test_confusions_of_a_hundred_classes(data_or_skip):
    human = data_or_skip("noisy-cifar100", limit=1_000)
    assert (human.noise.kind, human.noise.seed) == ("human", 0)
    assert human.noise.rate == pytest.approx(0.4020, abs=1e-4)
    assert human.noise.realised == pytest.approx(0.4020, abs=0.02)
    assert torch.equal(human.targets("test"), human.truth[human.rows["test"]])
    groups = np.array(human.groups)
    coarse = groups[human.labels.numpy()] != groups[human.truth.numpy()]
    assert coarse.mean() == pytest.approx(0.2640, abs=0.02)
    # Three classes are taken for another one more often than for themselves.
    lost = np.flatnonzero(human.noise.transition.argmax(1) != np.arange(100))
    assert [human.classes[i] for i in lost] == ["pine_tree", "shrew", "streetcar"]
    exact = zoo.dataset("noisy-cifar100", exact=True, limit=1_000)
    assert exact.noise.realised == pytest.approx(0.4020, abs=0.02)


@pytest.mark.parametrize("kind", ["within", "across", "asymmetric"])
def test_the_official_superclasses_decide(kind, data_or_skip):
    data = data_or_skip("noisy-cifar100", kind=kind, rate=0.3, limit=1_000)
    wrong = data.labels != data.truth
    assert float(wrong.double().mean()) == pytest.approx(0.3, abs=0.04)
    given, true = (np.array(data.groups)[one[wrong].numpy()] for one in (data.labels, data.truth))
    assert (given != true).all() if kind == "across" else (given == true).all()
    if kind == "asymmetric":
        for i, group in enumerate(data.groups):
            members = [j for j, one in enumerate(data.groups) if one == group]
            following = members[(members.index(i) + 1) % 5]
            assert data.noise.transition[i, following] == pytest.approx(0.3)
        names = {data.classes[i]: data.classes[row.argsort()[-2]]
                 for i, row in enumerate(data.noise.transition)}  # fmt: skip
        assert (names["apple"], names["sweet_pepper"]) == ("mushroom", "apple")
