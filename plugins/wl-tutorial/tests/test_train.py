"""The recipe: weights against the machine that they write out, and what it may look at."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.svm import SVC
from zoo_wl_tutorial.features import histograms
from zoo_wl_tutorial.kernels import gram, normalised
from zoo_wl_tutorial.specs.models import MODELS
from zoo_wl_tutorial.train import GRID, fit_machine, machine_weights, train_classifier

import zoo
from zoo_core.testing import make_run


@pytest.mark.parametrize("classes", [2, 3])
def test_weights_are_the_machine(labelled, classes):
    data = labelled(classes)
    found = histograms(data, 2)
    norms = found.squared_norms()
    kernel = normalised(gram(found), norms, norms)
    machine = SVC(kernel="precomputed", C=10, decision_function_shape="ovo")
    machine.fit(kernel, data.labels)
    scaled = found.counts / np.sqrt(norms)[:, None]
    weight, bias = machine_weights(machine, data.labels, scaled)
    margins = np.asarray(scaled @ weight.T) + bias
    expected = machine.decision_function(kernel).reshape(len(data), -1)
    expected = expected if classes == 2 else -expected
    np.testing.assert_allclose(margins, expected, atol=1e-10)


def test_the_test_split_is_never_looked_at(labelled, trained):
    data = labelled(2)
    train = data.splits["train"]
    flipped = data.labels.copy()
    flipped[data.splits["test"]] = 1 - flipped[data.splits["test"]]
    other = replace(data, labels=flipped)
    assert other.fingerprint() != data.fingerprint()
    ours, theirs = trained(data), trained(other)
    for name, tensor in ours.state_dict().items():
        assert torch.equal(tensor, theirs.state_dict()[name])
    alone = replace(data.select(train), splits={"train": np.arange(len(train))})
    assert torch.equal(trained(alone).weight, ours.weight)


@pytest.mark.parametrize("name", ["wl-mutag", "fwl2-mutag", "wloa-mutag"])
def test_the_recipe_gives_the_shipped_weights(data_or_skip, name):
    spec = next(one for one in MODELS if one.name == name)
    data = data_or_skip("mutag", fold=0)
    found = train_classifier(make_run(spec.architecture, data, recipe=spec.recipe), iter)
    shipped = zoo.load(name)
    for key, tensor in shipped.state_dict().items():
        torch.testing.assert_close(found.state_dict()[key], tensor)


def test_pruning_and_chosen_c(labelled, trained):
    data = labelled(2)
    full, pruned = trained(data), trained(data, recipe={"min_graphs": 3})
    assert 0 < pruned.vocabulary.numel() < full.vocabulary.numel()
    assert full.vocabulary.numel() == full.weight.shape[1]
    kernel = np.eye(20)
    assert fit_machine(kernel, np.arange(20) % 2).C in GRID
