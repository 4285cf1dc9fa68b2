"""The recipes: what they learn, that they do so again, and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from zoo_asen.data import invariant_tasks, sequence_tasks
from zoo_asen.reading import read_sequences
from zoo_asen.train import fit, labelled, train, train_regressor, validation

import zoo
from zoo_core import BadInput, Notice, measure
from zoo_core.testing import make_run

SHAPE = {"hidden": 16, "layers": 2, "heads": 4}


def quiet(steps, **_):
    return steps


def trained(data, shape=None, **recipe):
    run = make_run("asen", data, shape={**SHAPE, **(shape or {})}, recipe=recipe)
    return train(run, quiet)


@pytest.fixture(scope="module")
def three():
    return sequence_tasks(3, samples=60)


def neighbours(count=120):
    """Two tasks on rings of five: whether the next token is 1, and whether the one before is."""
    x = np.random.default_rng(0).integers(2, size=(count, 5))
    return read_sequences(
        {
            "sequence": np.concatenate([x, x]),
            "labels": np.concatenate([np.roll(x, -1, 1), np.roll(x, 1, 1)]),
            "task": ["next"] * count + ["before"] * count,
        }
    )


def test_tasks_are_learnt_together_where_their_symmetry_allows_it():
    data = neighbours()
    recipe = {"epochs": 30, "batch_size": 32, "learning_rate": 0.01, "colour_rate": 0.03}
    right = {}
    for group in ("cyclic", "dihedral"):
        module = trained(data, {"group": group}, **recipe)
        (right[group],) = measure(module, data, "test", ["accuracy"]).values()
    assert right["cyclic"] > 0.98
    # Reversal exchanges the one before and the next, so that they cannot be told apart.
    assert right["dihedral"] < 0.9
    assert module.tasks == ("next", "before") and not module.training


def test_training_is_the_same_again_and_sees_no_test(three):
    other = sequence_tasks(3, samples=60)
    other.targets[other.rows["test"]] = 0
    one, two = (trained(data, epochs=2).state_dict() for data in (three, other))
    assert all(torch.equal(one[name], two[name]) for name in one)


def test_the_epoch_is_the_one_of_least_validation_loss(three):
    module = zoo.create("asen", tasks=three.groups, **SHAPE)
    loss = labelled(three)
    torch.manual_seed(0)
    least = fit(module, three, loss, epochs=3)
    kept = three.by_task(three.rows["val"])
    assert least == pytest.approx(validation(module, kept, loss), rel=1e-5)
    seen = []

    def counted(steps, **_):
        for step in steps:
            seen.append(step)
            yield step

    fit(module, three, loss, epochs=30, learning_rate=10.0, patience=2, progress=counted)
    assert len(seen) < 10


def test_rates_stay_and_then_fall(three, monkeypatch):
    factors = []
    schedule = torch.optim.lr_scheduler.LambdaLR

    def watched(optimizer, rate):
        factors.extend(rate(step) for step in range(9))
        return schedule(optimizer, rate)

    monkeypatch.setattr(torch.optim.lr_scheduler, "LambdaLR", watched)
    # 42 sequences of each task in batches of 21: two steps an epoch, eight in all.
    trained(three, epochs=4, batch_size=21, hold=0.5, final=0.2)
    assert factors == pytest.approx([1, 1, 1, 1, 1, 0.8, 0.6, 0.4, 0.2])


def test_many_sequences_are_taken_in_parts(three, monkeypatch):
    states = []
    for block in (2**23, 2**12):
        monkeypatch.setattr("zoo_asen.sequences.network.BLOCK", block)
        states.append(trained(three, {"dropout": 0.0}, epochs=1).state_dict())
    assert all(torch.allclose(states[0][k], states[1][k], atol=1e-3) for k in states[0])


def test_groups_are_the_datas_or_those_that_are_asked_for(three):
    def pairs(**shape):
        return trained(three, shape, epochs=1).edges.num_embeddings

    assert pairs() == 59
    assert pairs(group="trivial") == 300
    assert pairs(group="(0 1)(2 3)") == 3 * 68
    assert pairs(tasks={"palindrome": "symmetric", "cyclicsum": "cyclic", "intersect": []}) == 112
    with pytest.raises(BadInput, match="the data's tasks are palindrome"):
        pairs(tasks={"palindrome": "cyclic"})
    with pytest.raises(BadInput, match="did you mean 'cyclic'"):
        pairs(group="cylic")


def test_what_a_user_s_group_cannot_do_is_told():
    rng = np.random.default_rng(0)
    x = rng.integers(3, size=(20, 4))
    data = read_sequences({"sequence": x, "labels": (x == x[:, :1]).astype(int)})
    with pytest.warns(Notice, match="No group is given"):
        trained(data, epochs=1)
    with pytest.warns(Notice, match="12 elements, and colours of pairs allow 24"):
        trained(data, {"group": [[1, 2, 0, 3], [1, 0, 3, 2]]}, epochs=1)


def test_numbers_are_learnt_in_their_own_units():
    x = np.random.default_rng(0).normal(1e3, 10, size=(300, 4))
    data = read_sequences({"sequence": x, "target": 1e6 * (x.max(1) - x.min(1))})
    recipe = {"epochs": 25, "batch_size": 32, "learning_rate": 0.01, "colour_rate": 0.03}
    shape = {"hidden": 16, "layers": 2, "group": "symmetric"}
    run = make_run("asen-regression", data, shape=shape, recipe=recipe)
    module = train_regressor(run, quiet)
    rows = data.rows["test"]
    found = torch.tensor([row["prediction"] for row in module.predict(x[rows])])
    gap = (found - data.targets[rows]).abs().mean() / data.targets[rows].std()
    assert gap < 0.4
    with pytest.raises(BadInput, match="train asen on classes"):
        train_regressor(make_run("asen-regression", sequence_tasks(1, samples=20)), quiet)


def test_training_goes_on_from_another_task(tmp_path):
    few = {**SHAPE, "epochs": 1}
    options = {"tasks": "cyclicsum,intersect", "samples": 40}
    zoo.train("asen", "asen-sequences", out=tmp_path / "two", config=few, options=options)
    begun = zoo.train(
        "asen", "asen-sequences", out=tmp_path / "begun", config={**few, "learning_rate": 1e-9},
        options={"tasks": "palindrome", "samples": 40}, start=str(tmp_path / "two"),
    )  # fmt: skip
    before = zoo.load(tmp_path / "two").state_dict()
    after = begun.state_dict()
    assert after["edges.weight"].shape == (50, 16)
    for name, tensor in before.items():
        if not name.startswith(("tokens.", "edges.")):
            assert torch.allclose(after[name], tensor, atol=1e-5), name


def test_what_cannot_be_trained_is_refused(three):
    for recipe in ({"epochs": 0}, {"learning_rate": 0}, {"patience": 0}, {"token_rate": -1}):
        with pytest.raises(BadInput, match="expected a positive number"):
            trained(three, **recipe)
    with pytest.raises(BadInput, match="train asen-regression"):
        trained(invariant_tasks(samples=20))
    with pytest.raises(BadInput, match="expected a share of the steps"):
        trained(three, hold=1.0)
    broken = sequence_tasks(1, samples=20)
    module = zoo.create("asen", tasks=broken.groups, **SHAPE)
    with torch.no_grad():
        module.head.bias.fill_(float("nan"))
    with pytest.raises(BadInput, match="diverged"):
        fit(module, broken, labelled(broken), epochs=1)
