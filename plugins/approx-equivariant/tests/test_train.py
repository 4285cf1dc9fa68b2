"""The recipes: what they find, that they do so again, and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from zoo_approx_equivariant.data import hidden_signals
from zoo_approx_equivariant.reading import read_signals
from zoo_approx_equivariant.selection import train_chain, tried
from zoo_approx_equivariant.train import error_of, fit, train

from zoo_core import BadInput, Notice
from zoo_core.testing import make_run

CHAIN = {"epochs": 60, "runs": 3, "learning_rate": 0.03}


def stripes(count=40, side=8):
    rng = np.random.default_rng(0)
    images = np.repeat(rng.integers(0, 255, (count, 1, side)), side, 1).astype(np.uint8)
    rows = torch.arange(count)
    parts = {"train": rows[:20], "val": rows[20:30], "test": rows[30:]}
    return hidden_signals(images, parts, 0.5, 0.5, 4, 0)


def quiet(steps, **_):
    return steps


def test_images_are_restored_better_than_they_are_given():
    data = stripes()
    run = make_run("gnet", data, shape={"cut": 4, "hidden": 8}, recipe={"epochs": 80})
    module = train(run, quiet)
    rows = data.rows["test"]
    found = error_of(module, (data.inputs[rows], data.targets[rows]))
    given = float(((data.inputs - data.targets)[rows] ** 2).mean())
    assert found < given
    assert (module.height, module.width, module.square) == (8, 8, 4)


def test_the_epoch_is_the_one_of_least_validation_error():
    data = stripes()
    torch.manual_seed(0)
    module = make_run("gnet", data, shape={"cut": 2, "hidden": 4}).make(size=[8, 8])
    pairs = [(data.inputs[data.rows[k]], data.targets[data.rows[k]]) for k in ("train", "val")]
    least = fit(module, *pairs, epochs=30)
    assert least == pytest.approx(error_of(module, pairs[1]), rel=1e-6)
    assert not module.training
    seen = []

    def counted(steps, **_):
        for step in steps:
            seen.append(step)
            yield step

    # A rate this high is never better than at first: two more epochs are tried.
    fit(module, *pairs, epochs=50, learning_rate=100.0, patience=2, progress=counted)
    assert len(seen) < 50


def test_the_test_images_are_never_looked_at():
    data, other = stripes(), stripes()
    other.inputs[30:] = 0
    runs = (make_run("gnet", one, shape={"cut": 2, "hidden": 4}, recipe={"epochs": 3})
            for one in (data, other))  # fmt: skip
    first, second = (train(run, quiet).state_dict() for run in runs)
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_the_chain_finds_the_group_of_the_signals(blocks):
    data = read_signals(blocks, counts=[2])
    module = train_chain(make_run("symmetry-chain", data, recipe=CHAIN), quiet)
    assert [row["group"] for row in module.chain] == ["S_N", "2 clusters", "Aut(G)", "trivial"]
    rows = {row["group"]: row for row in module.chain}
    assert rows["2 clusters"]["error"] < 0.5 * min(rows["S_N"]["error"], rows["trivial"]["error"])
    assert rows["S_N"]["evidence"] == "resolved" and rows["S_N"]["clusters"] == 1
    chosen = [row for row in module.chain if row["chosen"]]
    assert len(chosen) == 1 and chosen[0]["group"] == module.group
    assert chosen[0]["behind"] == 0 and module.group in ("2 clusters", "Aut(G)")
    weights = [rows[name]["weights"] for name in ("S_N", "2 clusters", "Aut(G)", "trivial")]
    assert weights == sorted(weights)


def test_the_chain_is_the_same_again_and_sees_no_test_signal(blocks):
    recipe = {**CHAIN, "epochs": 5, "runs": 2}
    first = read_signals(blocks, counts=[2])
    second = read_signals(blocks, counts=[2])
    second.targets[second.rows["test"]] = 99.0
    one, other = (
        train_chain(make_run("symmetry-chain", data, recipe=recipe), quiet)
        for data in (first, second)
    )
    assert one.chain == other.chain
    states = one.state_dict(), other.state_dict()
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])


def test_signals_of_any_scale_are_learnt(blocks):
    scaled = {**blocks, "targets": 1e6 + 1e4 * blocks["targets"]}
    data = read_signals(scaled, counts=[2])
    recipe = {**CHAIN, "runs": 2, "epochs": 40}
    module = train_chain(make_run("symmetry-chain", data, recipe=recipe), quiet)
    rows = data.rows["test"]
    gap = (module(data.inputs[rows]).detach() - data.targets[rows]) / data.targets.std()
    assert float(gap.square().mean()) < 0.3


def test_what_is_too_large_is_left_out_with_a_notice(blocks):
    data = read_signals(blocks, counts=[2, 5])
    with pytest.warns(Notice, match="trivial"):
        found = tried(data, {"hidden": 16, "layers": 2}, most_weights=1_000)
    assert [one.name for one in found] == ["S_N", "2 clusters", "5 clusters"]
    with pytest.warns(Notice, match="5 clusters, Aut"):
        found = tried(data, {"hidden": 16, "layers": 3}, most_weights=2_000)
    assert [one.name for one in found] == ["S_N", "2 clusters"]


def test_what_cannot_be_trained_is_refused(blocks):
    few = {**blocks, "signals": blocks["signals"][:12], "targets": blocks["targets"][:12]}
    data = read_signals(few, test=0.4)
    with pytest.raises(BadInput, match="needs 8"):
        train_chain(make_run("symmetry-chain", data), quiet)
    with pytest.raises(BadInput, match="train symmetry-chain"):
        train(make_run("gnet", read_signals(blocks)), quiet)
    images = stripes()
    for recipe in ({"epochs": 0}, {"learning_rate": 0}, {"patience": 0}):
        with pytest.raises(BadInput, match="positive numbers"):
            train(make_run("gnet", images, shape={"cut": 1}, recipe=recipe), quiet)
    images.targets[:] = float("nan")
    with pytest.raises(BadInput, match="diverged"):
        train(make_run("gnet", images, shape={"cut": 1}, recipe={"epochs": 1}), quiet)
