from __future__ import annotations

import pytest
import torch
from zoo_symmetric_label_noise.reading import read_labelled_images

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
    with pytest.raises(BadInput, match="between 0 and 1"):
        read_labelled_images(home / "mine", inject=-0.1)
