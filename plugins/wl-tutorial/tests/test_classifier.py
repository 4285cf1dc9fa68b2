"""The fitted models: prediction, votes, gradients, mistakes."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from zoo_graphs.graph_set import GraphSet
from zoo_wl_tutorial.classifier import WLClassifier, _votes
from zoo_wl_tutorial.kernels import gram, normalised
from zoo_wl_tutorial.train import fit_machine

import zoo
from zoo_core import BadInput, Split


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("name", ["wl-subtree", "wl-assignment", "fwl2-subtree"])
def test_the_module_predicts_as_the_machine_does(labelled, trained, classes, name):
    data = labelled(classes)
    train, test = data.splits["train"], data.splits["test"]
    module = trained(data, name, recipe={"C": 10.0})
    found = module.features(data)
    norms = found.squared_norms()
    kernel = normalised(gram(found), norms, norms)
    machine = fit_machine(kernel[np.ix_(train, train)], data.labels[train], 10.0)
    logits = module.logits(data.select(test))
    expected = machine.predict(kernel[np.ix_(test, train)])
    assert logits.shape == (len(test), classes)
    # libsvm breaks a tie of votes by the order of the classes, the module by the margins.
    assert (logits.argmax(dim=1).numpy() == expected).mean() >= (1 if classes == 2 else 0.8)
    if classes == 2:
        margin = (logits[:, 1] - logits[:, 0]).detach().numpy()
        wanted = machine.decision_function(kernel[np.ix_(test, train)])
        np.testing.assert_allclose(margin, wanted, atol=1e-5)


def test_votes_win_and_margins_break_ties():
    module = WLClassifier(num_classes=3)
    assert module.machines == [(0, 1), (0, 2), (1, 2)]
    logits = _votes(torch.tensor([[-1.0, -9.0, 5.0], [1.0, -2.0, 0.5]]), module.machines, 3)
    assert logits.argmax(dim=1).tolist() == [0, 0]
    # The second graph: one vote each; sums of margins are 1, 0.5 and -1.5.
    np.testing.assert_allclose(logits[1], [1 + 1 / 6, 1 + 1 / 9, 0.8], rtol=1e-6)


def test_predict_tells_class_margin_and_known_colours(labelled, trained):
    data = labelled(3)
    module = trained(data)
    chosen = data.select(data.splits["train"])
    rows = module.predict(chosen)
    assert [row["graph"] for row in rows] == list(range(len(chosen)))
    assert {row["known"] for row in rows} == {1.0}
    assert all(row["margin"] >= 0 for row in rows)
    every = module.predict(chosen, top=3)
    assert [row["label"] for row in every[::3]] == [row["label"] for row in rows]
    assert every[0]["margin"] == -every[1]["margin"]
    strange = GraphSet.from_edges([[0], [1]], [0, 2], [77, 78])
    assert module.predict(strange)[0]["known"] == 0
    colours, found = module.featurize(chosen)
    assert colours.rounds == 2 and len(found) == len(chosen)


def test_gradients_reach_the_weights(labelled, trained):
    data = labelled(2)
    module = trained(data)
    module.logits(data)[:, 1].sum().backward()
    assert module.weight.grad.abs().sum() > 0 and module.bias.grad.item() == len(data) / 2


def test_refusals(labelled, trained):
    data = labelled(2)
    module = trained(data)
    with pytest.raises(BadInput, match="No graph was given"):
        module.predict()
    with pytest.raises(BadInput, match="ask for 1 to 2"):
        module.predict(data, top=3)
    with pytest.raises(BadInput, match="no split 'val'"):
        zoo.evaluate(module, data, split="val", metrics=["accuracy"])
    with pytest.raises(BadInput, match="classes are a, b, c"):
        list(module.outputs(labelled(3).split("test")))
    with pytest.raises(BadInput, match="no labelled set"):
        list(module.outputs(Split([data], "test")))
    with pytest.raises(BadInput, match="labelled set of graphs"):
        trained(data.select([0]).num_nodes)
    with pytest.raises(ValueError, match="class_names"):
        WLClassifier(num_classes=2, class_names=["a"])
    with pytest.raises(ValueError, match="kernel is 'linear'"):
        WLClassifier(kernel="linear")
    with pytest.raises(BadInput, match="its limit is 5"):
        WLClassifier(max_nodes=5).predict(data)
