from __future__ import annotations

import pytest
import torch
from zoo_symmetric_label_noise.reading import read_labelled_images

import zoo
from zoo_core import BadInput


def test_labels_are_taken_as_they_are(home):
    data = read_labelled_images(home / "mine")
    assert data.noise is None and data.truth is None
    assert data.splits == ("train", "val", "test")


def test_injected_noise_leaves_the_test_labels(home):
    plain = read_labelled_images(home / "mine", fold=1, folds=4)
    data = read_labelled_images(home / "mine", inject=0.4, noise_seed=5, fold=1, folds=4)
    assert data.noise.rate == 0.4
    assert torch.equal(data.targets("test"), plain.targets("test"))
    assert not torch.equal(data.targets("train"), plain.targets("train"))


@pytest.mark.parametrize("rate", [-0.1, 1.4, "much", True])
def test_a_rate_that_is_none_is_refused(home, rate):
    with pytest.raises(BadInput, match="between 0 and 1"):
        read_labelled_images(home / "mine", inject=rate)
    with pytest.raises(BadInput, match=r"between 0 and 1|expected float"):
        zoo.create("symnoise", assumed_rate=rate)


def test_one_class_is_refused_and_a_rare_one_is_in_every_split(home, tmp_path):
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "dark").symlink_to(home / "mine" / "dark")
    with pytest.raises(BadInput, match="two classes or more"):
        read_labelled_images(tmp_path / "one")
    rare = tmp_path / "one" / "rare"
    rare.mkdir()
    for i in range(3):
        (rare / f"{i}.png").symlink_to(home / "mine" / "light" / f"1{i}.png")
    data = read_labelled_images(tmp_path / "one")
    for name in ("train", "val", "test"):
        assert (data.targets(name) == 1).sum() == 1
    (rare / "0.png").unlink()
    with pytest.raises(BadInput, match="fewer than 3 images of rare"):
        read_labelled_images(tmp_path / "one")
