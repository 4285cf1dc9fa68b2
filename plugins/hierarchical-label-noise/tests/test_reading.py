from __future__ import annotations

import pytest
import torch
from zoo_hierarchical_label_noise.reading import (
    hierarchy_of,
    read_labelled_images,
    without_hierarchy,
)

from zoo_core import BadInput

DEEP = {"dark": ["coal", "slate"], "light": {"warm": ["linen"], "cold": ["snow"]}}


def test_without_a_hierarchy_there_is_none(home):
    data = read_labelled_images(home / "mine")
    assert hierarchy_of(data) is None
    assert data.groups == () and data.noise is None


@pytest.mark.parametrize("deep", [False, True])
def test_a_hierarchy_comes_with_the_data(home, deep):
    data = read_labelled_images(home / "mine", hierarchy=DEEP if deep else home / "tree.csv")
    tree = hierarchy_of(data)
    assert data.classes == ("coal", "linen", "slate", "snow")
    assert data.groups == (0, 1, 0, 1) and data.group_names == ("dark", "light")
    assert tree.depth == 2 + deep
    assert hierarchy_of(without_hierarchy(data)) is None


def test_noise_is_injected_by_the_superclasses(home):
    plain = read_labelled_images(home / "mine", hierarchy=home / "tree.csv")
    groups = torch.tensor(plain.groups)
    for kind in ("within", "across"):
        data = read_labelled_images(
            home / "mine", hierarchy=home / "tree.csv", inject=0.5, kind=kind, noise_seed=3
        )
        assert hierarchy_of(data) == hierarchy_of(plain)
        wrong = data.labels != data.truth
        assert 0.3 < float(wrong.double().mean()) < 0.7
        same = groups[data.labels[wrong]] == groups[data.truth[wrong]]
        assert bool(same.all() if kind == "within" else (~same).all())
        assert torch.equal(data.targets("test"), plain.targets("test"))
    with pytest.raises(BadInput, match="needs to know which classes"):
        read_labelled_images(home / "mine", inject=0.5, kind="within")
    with pytest.raises(BadInput, match="between 0 and 1"):
        read_labelled_images(home / "mine", inject=-0.1)


def test_superclasses_of_registered_data(data_or_skip):
    tree = hierarchy_of(data_or_skip("noisy-cifar100", limit=100))
    assert len(tree.group_names) == 20 and tree.depth == 2
    assert tree.group_names[0] == "aquatic_mammals"
