"""The losses: zero where they must be, and blind to what does not matter; who learns."""

from __future__ import annotations

import copy
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional
from zoo_4dral.data import Session, World
from zoo_4dral.distilling import losses
from zoo_4dral.distilling.batches import Pairs
from zoo_4dral.distilling.terms import Terms, share_left
from zoo_4dral.distilling.training import fit
from zoo_4dral.networks.network import PlaceNetwork
from zoo_4dral.networks.turning import CENTRE, SENSOR, turned

from zoo_core import BadInput

SETTINGS = {
    "steps": 2, "batch": 4, "learning_rate": 0.01, "margin": 0.3, "rotation": 10.0,
    "about": "sensor", "flips": True, "until": 0.0,
}  # fmt: skip
seeds = st.integers(0, 2**16)


def unit(seed, rows=5, size=6):
    generator = torch.Generator().manual_seed(seed)
    return functional.normalize(torch.randn(rows, size, generator=generator, dtype=torch.double))


def others(count):
    return ~torch.eye(count, dtype=torch.bool)


@pytest.fixture
def world():
    rng = np.random.default_rng(0)
    images = {name: rng.integers(0, 256, (2, 20, 32, 32), np.uint8) for name in ("radar", "lidar")}

    def session(number):
        poses = np.stack([5.0 * np.arange(20) + number, np.zeros(20), np.zeros(20)], 1)
        return Session(
            str(number), poses, {n: partial(one.__getitem__, number) for n, one in images.items()}
        )

    return World("a street", session(0), session(1))


def network(**more):
    shape = {"query": "radar", "database": "radar", "widths": [4, 8], "unet": 0, "branch": False}
    torch.manual_seed(0)
    return PlaceNetwork(**{**shape, "size": 32, **more})


@given(seeds)
def test_triplets_are_those_of_a_loop(seed):
    queries, positives = unit(seed), unit(seed + 1)
    far = torch.rand(5, 5, generator=torch.Generator().manual_seed(seed)) < 0.6
    far.fill_diagonal_(False)
    found = losses.distances(queries, positives)
    total, count = 0.0, 0
    for q in range(5):
        right = (queries[q] - positives[q]).norm()
        gaps = [right - (queries[q] - positives[n]).norm() for n in range(5) if far[q, n]]
        hinges = [max(0.0, float(gap) + 0.3) for gap in gaps]
        if hinges:
            total, count = total + sum(hinges) / len(hinges) + max(hinges), count + 1
    assert float(losses.triplet(far, found, 0.3)) == pytest.approx(total / max(count, 1), abs=1e-6)


def test_equal_descriptors_have_a_gradient():
    rows = unit(0).requires_grad_()
    losses.distances(rows, rows.detach()).sum().backward()
    assert torch.isfinite(rows.grad).all()


@given(seeds)
def test_distributions_agree_where_channels_differ_by_constants(seed):
    generator = torch.Generator().manual_seed(seed)
    first, second = torch.randn(2, 3, 4, 2, 2, generator=generator, dtype=torch.double)
    constants = torch.randn(3, 4, 1, 1, generator=generator, dtype=torch.double)
    gap = losses.feature_distribution(first, second)
    assert gap > 1e-6
    assert float(losses.feature_distribution(first, first + constants)) == pytest.approx(
        0, abs=1e-12
    )
    assert float(losses.feature_distribution(first, second + constants)) == pytest.approx(
        float(gap)
    )


def test_a_student_that_is_its_teacher_has_nothing_to_learn():
    """Of places that the teacher tells apart with the margin."""
    rows = torch.eye(5, dtype=torch.double)
    far, known = others(5), losses.distances(rows, rows)
    assert losses.response_hinge(far, known, known, 0.3) == pytest.approx(0, abs=1e-5)
    assert losses.response_matrix(known, known) == losses.descriptor_gap(rows, rows) == 0
    assert losses.response_hinge(far, 0.5 * known, known, 0.3) > 0.1, "its margins are wider"


@given(seeds)
def test_responses_are_blind_to_a_common_rotation(seed):
    queries, positives = unit(seed), unit(seed + 1)
    generator = torch.Generator().manual_seed(seed)
    turn = torch.linalg.qr(torch.randn(6, 6, generator=generator, dtype=torch.double)).Q
    known = losses.distances(unit(seed + 2), unit(seed + 3))
    first, second = (
        losses.response_matrix(losses.distances(q, p), known)
        for q, p in ((queries, positives), (queries @ turn, positives @ turn))
    )
    assert float(first) == pytest.approx(float(second), abs=1e-9)


def test_enhancement_is_least_at_the_lidar_s_image():
    lidar = (torch.rand(2, 1, 8, 8, generator=torch.Generator().manual_seed(0)) > 0.7).float()
    good, bad = (
        losses.enhancement(0.98 * lidar + 0.01, lidar),
        losses.enhancement(1 - lidar * 0.9, lidar),
    )
    assert good < 0.1 < bad
    missed, invented = lidar.clone(), lidar.clone()
    missed[0, 0][lidar[0, 0] > 0] = 0
    invented.view(-1)[(lidar == 0).view(-1).nonzero()[: int((lidar[0] > 0).sum()), 0]] = 1
    assert losses.enhancement(missed.clamp(0.01, 0.99), lidar) > 2 * losses.enhancement(
        invented.clamp(0.01, 0.99), lidar
    )


@pytest.mark.parametrize(
    "terms",
    [
        {}, {"lie": 1.0}, {"fdd": 1.0}, {"pie": 1.0}, {"rd": 1.0}, {"matrix": 1.0},
        {"descriptor": 1.0}, {"lie": 1.0, "fdd": 0.5, "rd": 1.0},
    ],
    ids="-".join,
)  # fmt: skip
def test_any_subset_of_terms_trains_the_student_and_never_the_teacher(world, terms):
    student = network(unet=2, branch=True)
    teacher = network(query="lidar", database="lidar").eval().requires_grad_(False)
    before, kept = copy.deepcopy(teacher.state_dict()), copy.deepcopy(student.state_dict())
    pairs = Pairs([world], ["radar", "lidar"])
    fit(student, pairs, 0, terms=Terms(**terms), teacher=teacher, **SETTINGS)
    assert all(torch.equal(one, before[name]) for name, one in teacher.state_dict().items())
    moved = [name for name, one in student.named_parameters() if not torch.equal(one, kept[name])]
    assert {name.partition(".")[0] for name in moved} == {"encoder", "unet", "branch"}
    assert not student.training


def test_training_is_the_same_for_the_same_seed(world):
    pairs = Pairs([world], ["radar", "lidar"])
    found = []
    for seed in (0, 0, 1):
        student = network(database="lidar")
        fit(student, pairs, seed, terms=Terms(), teacher=None, **SETTINGS)
        found.append(student.state_dict()["encoder.0.weight"])
    assert torch.equal(found[0], found[1]) and not torch.equal(found[0], found[2])


def test_pairs_are_of_one_place_and_negatives_are_far(world):
    pairs = Pairs([world, replace(world, name="elsewhere")], ["radar"])
    batch = pairs.draw(12, 0.0, False, np.random.default_rng(0))
    assert batch.images["radar"].shape == (24, 1, 32, 32) and not batch.far.diagonal().any()
    for row, found in enumerate(pairs.positives):
        assert (pairs.world_of[found] == pairs.world_of[row]).all()
        gaps = pairs.poses[found, 0] - pairs.poses[row, 0]
        assert (np.abs(gaps) <= 10).all() and (gaps % 5 != 0).all(), "of the other session"
    reversed_ = replace(world.query, poses=world.query.poses + np.array([0, 0, np.pi]))
    with pytest.raises(BadInput, match="looking the same way"):
        Pairs([replace(world, query=reversed_)], ["radar"])
    bare = replace(world.query, load={"radar": world.query.load["radar"]})
    with pytest.raises(BadInput, match="no images of the lidar"):
        Pairs([replace(world, query=bare)], ["lidar"])


@pytest.mark.parametrize("about", [SENSOR, CENTRE], ids=["sensor", "centre"])
def test_images_of_a_batch_are_turned_about_a_point(world, about):
    """What is at that point stays there, whatever the angle, and what is elsewhere moves."""
    images = np.zeros((len(world.query), 32, 32), np.uint8)
    row = 0 if about == SENSOR else 15
    images[:, max(0, row - 1) : row + 3, 14:18] = 255
    sessions = [
        replace(one, load={"radar": lambda: images}) for one in (world.query, world.database)
    ]
    pairs = Pairs([replace(world, query=sessions[0], database=sessions[1])], ["radar"])
    for point in (SENSOR, CENTRE):
        batch = pairs.draw(8, 30.0, True, np.random.default_rng(0), point)
        kept = batch.images["radar"][:, 0, row, 15:17].mean(1)
        assert bool((kept > 0.4).all()) == (point == about)


def test_both_sensors_of_a_pose_are_turned_alike():
    image = torch.rand(1, 1, 32, 32).expand(3, -1, -1, -1)
    angles, flips = torch.tensor([0.0, 0.0, np.pi / 2]), torch.tensor([False, True, False])
    found = turned(image, angles, flips)
    torch.testing.assert_close(found[0], image[0])
    torch.testing.assert_close(found[1], image[0].flip(-1))
    about = turned(image, angles, about=SENSOR)
    assert float(about[2, 0, :16, :].abs().sum()) > 0 == float(about[2, 0, 17:, :].sum())
    assert min(
        float((found[2] - image[0].rot90(way, (1, 2))).abs().max()) for way in (1, 3)
    ) == pytest.approx(0, abs=1e-4)


def test_weights_of_terms_fall_to_nothing():
    assert [share_left(step, 100, 0.5) for step in (0, 25, 50, 99)] == [1, 0.5, 0, 0]
    assert share_left(99, 100, 0) == 1


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: Terms(lie=-1), "negative or no number"),
        (lambda: Terms(rd=float("nan")), "negative or no number"),
        (lambda: Terms(lie=1).check_fits(unet=False, branch=True), "no U-Net"),
        (lambda: Terms(pie=1).check_fits(unet=True, branch=False), "has none"),
    ],
    ids=["negative", "nan", "unet", "branch"],
)
def test_what_makes_no_sense_is_refused(call, told):
    with pytest.raises(BadInput, match=told):
        call()


def test_no_steps_are_refused(world):
    settings = {**SETTINGS, "steps": 0}
    with pytest.raises(BadInput, match="positive numbers"):
        fit(network(), Pairs([world], ["radar"]), 0, terms=Terms(), teacher=None, **settings)
