"""The recipes: they learn, are the same again, see no test, and refuse what is none."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from zoo_clouds.reading import read_clouds
from zoo_graph_tuple.train import cycle, error_of, train_clouds, train_molecules
from zoo_molecules.reading import read_molecules

from zoo_core import BadInput
from zoo_core.testing import make_run

CLOUDS = {"cutoffs": [2.0, 4.0], "hidden": 6, "layers": 1}


def quiet(steps, **_):
    return steps


@pytest.fixture
def chains():
    """Chains of carbon and hydrogen of which the energy is a sum over bonds."""
    draw = np.random.default_rng(0)
    molecules, energies = [], []
    for _ in range(60):
        count = int(draw.integers(3, 7))
        numbers = np.where(draw.random(count) < 0.5, 6, 1)
        radii = np.where(numbers == 6, 0.76, 0.31) * (1 + 0.05 * draw.random(count))
        places = np.zeros((count, 3))
        places[1:, 0] = np.cumsum(radii[1:] + radii[:-1])
        molecules.append((numbers, places))
        energies.append(-50.0 * float((numbers == 6).sum()) - 30.0 * count)
    numbers = np.concatenate([one[0] for one in molecules])
    places = np.concatenate([one[1] for one in molecules])
    counts = [len(one[0]) for one in molecules]
    source = {"numbers": numbers, "positions": places, "counts": counts, "energy": energies}
    return read_molecules(source, targets="energy", units="kcal/mol")


@pytest.fixture
def grainy():
    """Clouds whose target is how much their points are drawn to centres."""
    draw = np.random.default_rng(0)
    clumped = draw.random(60).round()
    positions = []
    for share in clumped:
        even = 10 * draw.random((30, 3))
        centres = 10 * draw.random((3, 3))
        near = centres[draw.integers(0, 3, 30)] + 0.5 * draw.standard_normal((30, 3))
        positions.append(np.mod(np.where(draw.random((30, 1)) < share, near, even), 10))
    return read_clouds(
        {"positions": np.stack(positions), "box": 10.0, "targets": clumped, "names": ["clumped"]}
    )


def molecules_run(data, shape=None, **recipe):
    recipe = {"batch_size": 8, "learning_rate": 0.01, "epochs": 12, **recipe}
    shape = {"hidden": 8, "layers": 1, "width": 16, **(shape or {})}
    return make_run("gine-gt", data, shape=shape, recipe=recipe)


def test_energies_are_learnt_in_their_unit(chains):
    module = train_molecules(molecules_run(chains), quiet)
    assert (module.targets, module.units) == (("energy",), ("kcal/mol",))
    assert module.elements == (1, 6) and not module.training
    assert module.sizes == (3, 6)
    (out,) = module.outputs(chains.split("test"))
    error = float((out["prediction"] - out["target"]).detach().abs().mean())
    assert error < 0.5 * float((out["target"] - out["target"].mean()).abs().mean())
    assert torch.equal(out["predicted energy"], out["prediction"][:, 0])


def test_grains_are_learnt(grainy):
    run = make_run("egnn-gt", grainy, shape=CLOUDS, recipe={"epochs": 6, "learning_rate": 0.02})
    module = train_clouds(run, quiet)
    (out,) = module.outputs(grainy.split("test"))
    error = float((out["prediction"] - out["target"]).detach().square().mean())
    assert error < 0.6 * float(out["target"].var())
    assert module.density == pytest.approx(0.03) and module.targets == ("clumped",)


def test_it_is_the_same_again_and_sees_no_test(chains, grainy):
    pairs = (
        (chains, lambda data: train_molecules(molecules_run(data, epochs=2), quiet)),
        (grainy, lambda data: train_clouds(
            make_run("egnn-gt", data, shape=CLOUDS, recipe={"epochs": 1}), quiet)),
    )  # fmt: skip
    for data, train in pairs:
        other = dataclasses.replace(data, targets=data.targets.clone())
        other.targets[other.rows["test"]] = 9.0
        first, second = (train(one).state_dict() for one in (data, other))
        assert all(torch.equal(first[name], second[name]) for name in first)


def test_the_epoch_is_the_one_of_least_validation_error(chains):
    seen = []
    run = molecules_run(chains, epochs=6, learning_rate=0.3)
    module = train_molecules(run, quiet)

    def batch(rows):
        return module.batch(chains.matrices.take(rows))

    final = error_of(module, batch, chains.targets, chains.rows["val"])

    def watched(steps, **_):
        for step in steps:
            yield step
            seen.append(step)

    train_molecules(molecules_run(chains, epochs=6, learning_rate=0.3), watched)
    assert seen == list(range(6)) and np.isfinite(final)


def test_the_learning_rate_has_one_cycle():
    for total in (1, 2, 5, 100):
        rates = [cycle(step, total) for step in range(total)]
        top = int(np.argmax(rates))
        assert all(0 < rate <= 1 for rate in rates)
        assert rates[:top] == sorted(rates[:top])
        assert rates[top:] == sorted(rates[top:], reverse=True)


def test_what_cannot_be_trained_is_refused(chains, grainy):
    for recipe in ({"epochs": 0}, {"learning_rate": 0.0}, {"loss": "l3"}, {"batch_size": 0}):
        with pytest.raises(BadInput, match="positive numbers"):
            train_molecules(molecules_run(chains, **recipe), quiet)
    with pytest.raises(BadInput, match="no target 'gap'"):
        train_molecules(molecules_run(chains, {"targets": ["gap"]}), quiet)
    with pytest.raises(BadInput, match="no targets to learn"):
        bare = dataclasses.replace(chains, targets=torch.zeros(60, 0), units={})
        train_molecules(molecules_run(bare), quiet)
    with pytest.raises(BadInput, match="learns from molecules"):
        train_molecules(molecules_run(grainy), quiet)
    with pytest.raises(BadInput, match="learns from clouds"):
        train_clouds(make_run("egnn-gt", chains), quiet)
    with pytest.raises(BadInput, match="no target 'sigma_8'"):
        shape = {**CLOUDS, "targets": ["sigma_8"]}
        train_clouds(make_run("egnn-gt", grainy, shape=shape), quiet)
    chains.targets[:] = float("nan")
    with pytest.raises(BadInput, match="diverged"):
        train_molecules(molecules_run(chains, epochs=1), quiet)
