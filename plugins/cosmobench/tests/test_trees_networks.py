"""Networks on trees: their sizes, what they see of a tree and what not, what they tell."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from zoo_cosmobench.trees.forest import Forest
from zoo_cosmobench.trees.infill_network import InfillNetwork
from zoo_cosmobench.trees.networks import TreeNetwork, passed
from zoo_cosmobench.trees.reading import table_of
from zoo_cosmobench.trees.samples import example_forest

import zoo
from zoo_core import BadInput, Notice, Split


def deepset():
    torch.manual_seed(0)
    return TreeNetwork(layers=1, messages=False).double()


def mpnn():
    torch.manual_seed(0)
    return TreeNetwork().double()


def inputs(forest):
    edges, offsets, features = forest.tensors()
    return edges, offsets, features.double()


def test_networks_have_the_published_numbers_of_weights():
    for name, count in (("cosmo-deepset-trees", 658), ("cosmo-mpnn-trees", 2834)):
        assert sum(one.numel() for one in zoo.create(name).parameters()) == count
    assert sum(one.numel() for one in zoo.create("cosmo-mpnn-infill").parameters()) == 2290


def test_a_deepset_sees_no_edges_and_messages_do():
    edges, offsets, features = inputs(example_forest(0))
    none = edges[:, :0]
    assert torch.equal(deepset()(edges, offsets, features), deepset()(none, offsets, features))
    assert not torch.allclose(mpnn()(edges, offsets, features), mpnn()(none, offsets, features))


def test_messages_go_from_child_to_parent_alone():
    module, forest = mpnn(), example_forest(1).take([0])
    edges, offsets, features = inputs(forest)
    hidden = features
    for layer in module.layers:
        total = hidden.clone()
        for child, parent in edges.T.tolist():
            total[parent] += hidden[child]
        hidden = layer(total)
    expected = module.head(hidden.mean(0))
    assert torch.allclose(module(edges, offsets, features)[0], expected)
    assert passed(edges[:, :1], features)[edges[0, 0]].equal(features[edges[0, 0]])


@pytest.mark.parametrize("make", [deepset, mpnn])
def test_trees_of_a_batch_do_not_see_each_other(make):
    forest, module = example_forest(2), make()
    together = module(*inputs(forest))
    alone = torch.cat([module(*inputs(forest.take([tree]))) for tree in range(3)])
    assert torch.allclose(together, alone)
    turned = module(*inputs(forest.take([2, 0, 1])))
    assert torch.allclose(turned, together[[2, 0, 1]])


def test_virtual_nodes_are_told_apart_by_what_is_around_them():
    torch.manual_seed(0)
    module = InfillNetwork()
    edges, features, virtual = module.example_inputs(0)
    found = module(edges, features, virtual)
    assert found.shape == (len(virtual), 2) and len(virtual) > 2
    assert len(found[:, 0].unique()) == len(virtual)
    kept = edges[:, ~torch.isin(edges[1], virtual)]
    assert len(module(kept, features, virtual)[:, 0].unique()) == 1


def test_predictions_have_intervals_and_say_what_is_unlike():
    module = TreeNetwork()
    module.reach.copy_(torch.tensor([0.05, 0.1]))
    module.extent.copy_(torch.tensor([[11.0, 0, 1, 0.1], [15.0, 2, 4, 1]]))
    with torch.no_grad():
        rows = module.predict(table_of(example_forest(0)))
    assert [(row["tree"], row["haloes"], row["parameter"]) for row in rows[:3]] == [
        (0, 9, "Omega_m"), (0, 9, "sigma_8"), (1, 5, "Omega_m"),
    ]  # fmt: skip
    assert rows[0]["to"] - rows[0]["value"] == pytest.approx(0.05, abs=2e-4)
    assert rows[1]["value"] - rows[1]["from"] == pytest.approx(0.1, abs=2e-4)
    light = {**table_of(example_forest(0).take([1]))}
    light["log10_mass"] = light["log10_mass"] - 3
    with torch.no_grad(), pytest.warns(Notice, match="5 of 5 haloes are unlike.*log10_mass was 11"):
        module.predict(light)


def test_mergers_are_told_by_the_rows_that_were_given():
    features = np.array([[13, 1, 2, 1], [11, 1, 2, 0.8], [12, 1, 2, 0.8], [12.5, 1, 2, 0.8]])
    both = np.concatenate([features, features])
    forest = Forest.of(both, [-1, 0, 0, 0, -1, 4, 4, 4], [0, 4, 8])
    with torch.no_grad():
        rows = InfillNetwork().predict(table_of(forest))
    assert [(row["tree"], row["halo"]) for row in rows] == [(0, 0), (1, 0)]
    assert all(0 <= row["merger hidden"] <= 1 for row in rows)


def test_a_tree_is_drawn():
    module = TreeNetwork()
    media = module.predict(table_of(example_forest(0).take([0])), picture=True)
    assert b"<svg" in media.as_bytes(".svg") and media.as_bytes(".png")[:4] == b"\x89PNG"
    with pytest.raises(BadInput, match="One tree is drawn at a time; 3"):
        module.predict(table_of(example_forest(0)), picture=True)


def test_lines_of_a_drawn_tree_do_not_cross():
    from zoo_cosmobench.trees.drawing import places

    forest = example_forest(3).take([2])
    across = places(forest)
    leaves = np.flatnonzero(forest.children == 0)
    assert sorted(across[leaves]) == list(range(len(leaves)))
    for node in np.flatnonzero(forest.children > 0):
        below = np.flatnonzero(forest.parent == node)
        heaviest = below[np.argmax(forest.features[below, 0])]
        assert across[node] == across[heaviest] == across[below].min()


@pytest.mark.parametrize("make", [TreeNetwork, InfillNetwork])
def test_what_makes_no_network_is_refused(make):
    for shape in ({"layers": 0}, {"hidden": 0}):
        with pytest.raises(BadInput, match="expected 1 or more"):
            make(**shape)
    with pytest.raises(BadInput, match="Give merger trees"):
        make().predict()
    with pytest.raises(BadInput, match="cosmo-mini"):
        next(iter(make().outputs(Split(object(), "test", torch.arange(2)))))
