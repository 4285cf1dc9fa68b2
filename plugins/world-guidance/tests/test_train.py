"""The recipe: both stages, what is frozen, what is learnt of videos, resuming, bad settings."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from zoo_world_guidance.lessons import Lessons, moved, offsets
from zoo_world_guidance.reading import read_demonstrations
from zoo_world_guidance.train import begin, rate, train

from zoo_core import BadInput
from zoo_core.testing import make_run

from .conftest import TINY, arrays

QUICK = {"steps": 4, "batch": 4}


def run(guidance, folder=None, **more):
    data = read_demonstrations(arrays(), labelled=1)
    shape = {**TINY, "guidance": guidance}
    return make_run("wog-policy", data, shape=shape, recipe={**QUICK, **more}, folder=folder)


@pytest.mark.parametrize("guidance", ["none", "features", "oracle", "implicit", "explicit"])
def test_every_arm_is_trained_and_says_finite_things(guidance):
    module = train(run(guidance), lambda steps, **_: steps)
    states, noise, _ = module.example_inputs(0)
    found = module.sample(states, noise)
    assert module.guidance == guidance and found.shape == (3, 16, 2)
    assert bool(found.isfinite().all()) and not torch.equal(found[0], found[1])


@pytest.mark.filterwarnings("error")
def test_images_are_learnt_from_without_a_warning(tmp_path, monkeypatch):
    """What the encoder saw is read from a file that cannot be written."""
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    monkeypatch.setattr(
        "zoo_world_guidance.seeing.Encoder.__call__",
        lambda self, images: torch.randn(len(images), 16, 112),
    )
    frames = np.random.default_rng(0).integers(0, 256, (80, 16, 16, 3), np.uint8)
    data = read_demonstrations({**arrays(), "top": frames}, labelled=1)
    shape = {**TINY, "cameras": 1, "size": 16}
    module = train(make_run("wog-policy", data, shape=shape, recipe=QUICK), lambda s, **_: s)
    assert bool(module(*module.example_inputs(0)).isfinite().all())


def test_the_former_is_frozen_in_stage_two_and_asked_in_eval_mode(tiny):
    first, second = tiny(guidance="oracle"), tiny(guidance="explicit")
    begin(second, first)
    future = torch.randn(5, 4, 1, 3)
    plain = second.true_condition(future)
    assert torch.equal(second.train().true_condition(future), plain)
    second(*second.example_inputs(0)).sum().backward()
    frozen = [*second.qformer.parameters(), *second.take.parameters(), second.moment]
    assert all(one.grad is None for one in frozen)
    assert second.oformer.out.weight.grad.abs().max() > 0
    assert torch.equal(second.trunk.readouts, first.trunk.readouts)


def test_a_detached_condition_sends_no_gradient_to_what_predicts_it(tiny):
    module = tiny(detached=True)
    module(*module.example_inputs(0)).sum().backward()
    assert module.oformer.out.weight.grad is None


def test_videos_are_used_by_arms_that_predict_and_their_actions_are_not_known():
    data = read_demonstrations(arrays(episodes=6), labelled=1)
    windows = data.episodes.windows(16, history=2, future=offsets(16), of=data.rows["train"])
    lessons = Lessons.of(windows)
    assert len(lessons.known) == 20 and len(lessons.videos) == 20 * (len(data.rows["train"]) - 1)
    assert bool(lessons.actions[lessons.videos].isnan().all())


def test_a_training_that_is_interrupted_ends_as_it_would_have(tmp_path):
    def some(stop):
        def steps(numbers, desc):
            for number in numbers:
                if desc == "stage2" and number == stop:
                    raise KeyboardInterrupt
                yield number

        return steps

    whole = train(run("explicit"), lambda steps, **_: steps)
    cut = run("explicit", tmp_path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("zoo_core._authoring.resuming.EVERY", -1.0)
        with pytest.raises(KeyboardInterrupt):
            train(cut, some(1))
        assert sorted(one.name for one in tmp_path.iterdir())
        again = train(cut, lambda steps, **_: steps)
    for name, tensor in whole.state_dict().items():
        assert torch.equal(tensor, again.state_dict()[name]), name


def test_the_future_is_looked_at_by_quarters_of_the_window():
    assert offsets(16) == (3, 7, 11, 15) and offsets(8) == (1, 3, 5, 7)


def test_the_rate_rises_and_falls_to_zero():
    assert rate(0, 1000) < 0.011 and rate(99, 1000) > 0.97 and rate(999, 1000) < 1e-5


def test_images_are_moved_by_whole_pixels_and_edges_are_repeated():
    torch.manual_seed(0)
    image = torch.arange(36, dtype=torch.uint8).reshape(1, 6, 6, 1).expand(8, 6, 6, 3)
    found = moved(image, 1)
    places = [(dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]
    inner = [image[0, 1 + dy : 5 + dy, 1 + dx : 5 + dx] for dy, dx in places]
    assert all(any(torch.equal(one[1:5, 1:5], other) for other in inner) for one in found)
    assert not torch.equal(found, image)


@pytest.mark.parametrize(
    "wrong",
    [
        {"steps": 0}, {"t_bias": "both"}, {"ema": 1.0}, {"batch": 2.5}, {"weight": float("nan")},
        {"learning_rate": float("inf")},
    ],
    ids=str,
)  # fmt: skip
def test_settings_that_are_none_are_refused(wrong):
    with pytest.raises(BadInput):
        train(run("none", **wrong), lambda steps, **_: steps)
