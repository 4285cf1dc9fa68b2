"""Models of a cloud's parameters: least squares by the book, invariants, what is refused."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from zoo_clouds.box import Box
from zoo_clouds.clouds import Cloud
from zoo_cosmobench.messages import averaged, largest, summed
from zoo_cosmobench.parameters.least_squares import PairLeastSquares, fitted, greedy, scaled
from zoo_cosmobench.parameters.network import ParameterNetwork
from zoo_cosmobench.parameters.training import half_width
from zoo_cosmobench.parameters.two_point import TwoPointNetwork

from zoo_core import BadInput

SIDE = 250.0


def even_cloud(seed, count=60):
    return Cloud(np.random.default_rng(seed).random((count, 3)) * SIDE, Box.cube(SIDE))


def models():
    torch.manual_seed(0)
    return [
        PairLeastSquares(radii=[[40.0, 90.0], [20.0, 60.0]]),
        TwoPointNetwork(bins=4, least=20.0, most=100.0, hidden=6),
        ParameterNetwork(radius=60.0, hidden=6, layers=2),
    ]


@given(st.integers(0, 10**6))
def test_nothing_that_the_box_does_changes_a_cloud_s_parameters(seed):
    rng = np.random.default_rng(seed)
    cloud = even_cloud(seed)
    points = cloud.positions[rng.permutation(len(cloud))][:, rng.permutation(3)]
    moved = cloud.box.wrap(points * rng.choice([-1, 1], 3) + rng.random(3) * SIDE)
    for module in models():
        for tensor in (module.weights, module.bias) if hasattr(module, "weights") else ():
            torch.nn.init.normal_(tensor, std=0.01)
        module.double().train()  # predictions are not clipped in training
        module.apply(lambda part: part.eval() if isinstance(part, torch.nn.Dropout) else None)
        found, other = (
            module(*module.collated([module.piece(one)]))
            for one in (cloud, Cloud(moved, cloud.box))
        )
        # Edge vectors are kept in float32.
        assert torch.allclose(found, other, atol=1e-4)


def test_a_batch_is_its_clouds():
    clouds = [even_cloud(seed, count) for seed, count in ((0, 60), (1, 30), (2, 90))]
    for module in models():
        module.eval()
        together = module(*module.collated([module.piece(cloud) for cloud in clouds]))
        for row, cloud in zip(together, clouds, strict=True):
            assert torch.allclose(
                row, module(*module.collated([module.piece(cloud)]))[0], atol=1e-5
            )


def test_least_squares_is_least_squares():
    rng = np.random.default_rng(0)
    train, other = rng.normal(size=(80, 3, 4)), rng.normal(size=(20, 3, 4))
    target = train.reshape(80, -1) @ rng.normal(size=12) + 0.1 * rng.normal(size=80) + 5
    first, _, center, spread = scaled(train, other)
    assert center.shape == spread.shape == (3, 4)
    weights = fitted(first.reshape(80, -1), target - target.mean())
    design = np.column_stack([train.reshape(80, -1), np.ones(80)])
    expected = design @ np.linalg.lstsq(design, target, rcond=None)[0]
    assert first.reshape(80, -1) @ weights + target.mean() == pytest.approx(expected)


def test_greedy_finds_what_matters_first():
    rng = np.random.default_rng(0)
    both = rng.normal(size=(300, 6, 4))
    target = 3 * both[:, 4, 0] + both[:, 2, 3] + 0.05 * rng.normal(size=300)
    train, other = both[:200], both[200:]
    chosen = greedy(train, target[:200], other, target[200:], 3, -99, 99)
    assert chosen[:2] == [4, 2] and len(set(chosen)) == 3
    with pytest.raises(BadInput, match="7 radii of 6"):
        greedy(train, target[:200], other, target[200:], 7, -99, 99)


def test_intervals_hold_as_often_as_promised():
    rng = np.random.default_rng(0)
    held = [
        np.mean(np.abs(rng.normal(size=2000)) <= half_width(rng.normal(size=99)))
        for _ in range(200)
    ]
    assert np.mean(held) == pytest.approx(0.95, abs=0.01)
    assert half_width(np.array([0.1, -0.3])) == 0.3


def test_messages():
    sent = torch.tensor([[1.0, -5.0], [3.0, -1.0], [2.0, -2.0]])
    receiver = torch.tensor([2, 2, 0])
    assert summed(sent, receiver, 3).tolist() == [[2, -2], [0, 0], [4, -6]]
    assert averaged(sent, receiver, 3).tolist() == [[2, -2], [0, 0], [2, -3]]
    assert largest(sent, receiver, 3).tolist() == [[2, -2], [0, 0], [3, -1]]


def test_how_many_weights():
    module = PairLeastSquares(radii=[list(range(1, 13))] * 2)
    assert sum(one.numel() for one in module.parameters()) == 2 * 49


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: PairLeastSquares(radii=[[1.0]]), "expected 2 lists"),
        (lambda: PairLeastSquares(radii=[[1.0], [0.0]]), "positive radii"),
        (lambda: PairLeastSquares(radii="greedy"), "radii='greedy'"),
        (lambda: PairLeastSquares(low=(0.5, 0.6)), "expected a range"),
        (lambda: PairLeastSquares(length=0.0), "length=0.0"),
        (lambda: TwoPointNetwork(least=5.0, most=2.0), "0 < least < most"),
        (lambda: ParameterNetwork(radius=-1.0), "radius=-1.0"),
    ],
    ids=["lists", "zero", "word", "range", "length", "bins", "radius"],
)
def test_no_model(make, told):
    with pytest.raises(BadInput, match=told):
        make()
