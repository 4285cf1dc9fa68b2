"""Training by next tokens: windows, learning rates, the steps, the losses, and what is watched."""

from __future__ import annotations

import copy
import logging
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torchmetrics.text import Perplexity
from zoo_attention_to_mamba.text import Text
from zoo_attention_to_mamba.train import language_modelling
from zoo_attention_to_mamba.train.distillation import student_of
from zoo_attention_to_mamba.train.language_modelling import (
    Batches,
    check_settings,
    descend,
    optimizer_of,
    perplexity,
    share_of_rate,
    train_next_token,
)

from zoo_core import BadInput, Progress, measure

STEADY = settings(max_examples=40)
CONFIG = {"tokens": 128, "rate": 1e-2, "feature_rate": 1e-2, "warmup": 2, "divergence": 0.0}
NOTHING = Progress(None, "")


@STEADY
@given(
    st.integers(1, 12), st.integers(1, 5), st.integers(0, 2**40), st.integers(0, 10**6), st.data()
)
def test_windows_lie_in_the_stream_and_targets_come_next(length, batch, seed, step, data):
    count = data.draw(st.integers(length + 1, 40))
    inputs, targets = Batches(torch.arange(count), batch, length, seed).at(step)
    assert inputs.shape == targets.shape == (batch, length)
    assert torch.equal(targets, inputs + 1)
    assert torch.equal(inputs.diff(dim=1), torch.ones(batch, length - 1, dtype=torch.int64))
    assert inputs.min() >= 0 and targets.max() < count


def test_every_window_is_drawn_equally_often():
    batches = Batches(torch.arange(13), 500, 9, 0)
    first = torch.cat([batches.at(step)[0][:, 0] for step in range(20)])
    shares = torch.bincount(first, minlength=4).double() / len(first)
    assert len(shares) == 4, "the last window ends with the stream's last token"
    assert torch.allclose(shares, torch.full((4,), 0.25, dtype=torch.float64), atol=0.02)


def test_windows_depend_on_seed_and_step_alone():
    stream = torch.arange(1000)
    batches = Batches(stream, 3, 5, 7)
    torch.manual_seed(1)
    before = torch.get_rng_state()
    there = [batches.at(step)[0] for step in range(4)]
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(2)
    back = [batches.at(step)[0] for step in reversed(range(4))]
    assert all(map(torch.equal, there, reversed(back)))
    assert not torch.equal(there[0], there[1])
    assert not torch.equal(there[0], Batches(stream, 3, 5, 8).at(0)[0])


def test_a_text_that_is_too_short_is_told():
    told = "has 5 tokens, fewer than a window of 5; give more text or a smaller length"
    with pytest.raises(ValueError, match=told):
        Batches(torch.arange(5), 1, 5, 0)
    assert Batches(torch.arange(6), 1, 5, 0).at(3)[0].tolist() == [[0, 1, 2, 3, 4]]


@pytest.mark.parametrize("value", [0, -3, 2.0, True, "4", None])
def test_a_setting_that_is_no_integer_is_told(value):
    check_settings({"batch": 1}, {"batch": 1}, ())
    with pytest.raises(ValueError, match=r"batch=.* is wrong; expected an integer from 1"):
        check_settings({"batch": value}, {"batch": 1}, ())


@pytest.mark.parametrize("value", [-1e-9, math.nan, math.inf, False, "0.1", None])
def test_a_setting_that_is_no_number_is_told(value):
    check_settings({"rate": 0, "tokens": 1e6}, {}, ("rate", "tokens"))
    with pytest.raises(ValueError, match=r"rate=.* is wrong; expected a number from 0"):
        check_settings({"rate": value}, {}, ("rate",))


def test_steps_read_about_as_many_tokens():
    batches = Batches(torch.arange(100), 4, 8, 0)
    assert [batches.steps(tokens) for tokens in (1, 32, 40, 60, 3200)] == [1, 1, 1, 2, 100]


@STEADY
@given(st.integers(0, 20), st.integers(1, 300))
def test_the_rate_warms_up_and_ends_at_a_tenth(warmup, more):
    steps = warmup + more
    found = [share_of_rate(step, steps, warmup) for step in range(steps)]
    assert found[:warmup] == [(i + 1) / warmup for i in range(warmup)]
    # The same half-wave by the double-angle formula.
    halved = np.cos(np.arange(more) / more * np.pi / 2) ** 2
    assert np.allclose(found[warmup:], 0.1 + 0.9 * halved, rtol=0, atol=1e-12)
    assert math.isclose(share_of_rate(steps, steps, warmup), 0.1)


def test_feature_maps_learn_at_their_own_rate(make_teacher, own):
    student = student_of(make_teacher(), own(), 2)
    for name, parameter in student.named_parameters():
        parameter.requires_grad_(name != "embedding.weight")
    optimizer = optimizer_of(student, 0.1, 0.3)
    names = {id(p): name for name, p in student.named_parameters()}
    rates = {names[id(p)]: group["lr"] for group in optimizer.param_groups for p in group["params"]}
    assert set(rates) == set(names.values()) - {"embedding.weight"}
    assert {rate for name, rate in rates.items() if "_features." in name} == {0.3}
    assert {rate for name, rate in rates.items() if "_features." not in name} == {0.1}
    assert {(g["weight_decay"], g["betas"]) for g in optimizer.param_groups} == {(0.0, (0.9, 0.95))}
    plain = optimizer_of(make_teacher().requires_grad_(True), 0.1, 0.3)
    assert [group["lr"] for group in plain.param_groups] == [0.1]


def adam(weight, gradient, steps, rate, warmup):
    """Return the weight after clipped steps of Adam (Kingma and Ba, algorithm 1)."""
    m = v = np.zeros_like(weight)
    for t in range(steps):
        g = gradient(weight)
        g = g / max(1, np.linalg.norm(g) + 1e-6)
        m, v = 0.9 * m + 0.1 * g, 0.95 * v + 0.05 * g**2
        now = rate * share_of_rate(t, steps, warmup)
        corrected = np.sqrt(v / (1 - 0.95 ** (t + 1))) + 1e-8
        weight = weight - now * m / (1 - 0.9 ** (t + 1)) / corrected
    return weight


@pytest.mark.parametrize("scale", [0.01, 10.0], ids=["unclipped", "clipped"])
def test_the_steps_are_those_of_adam(silent, scale):
    aims = np.random.default_rng(0).normal(size=(25, 4)) * scale
    module = nn.Linear(4, 1, bias=False).double()
    nn.init.zeros_(module.weight)
    descend(
        module,
        lambda step: ((module.weight - torch.from_numpy(aims)) ** 2).sum() / 2,
        30,
        optimizer=optimizer_of(module, 0.05, 0.0),
        warmup=3,
        kept=NOTHING,
        progress=silent,
        label="test",
    )
    wanted = adam(np.zeros((1, 4)), lambda w: (w - aims).sum(0, keepdims=True), 30, 0.05, 3)
    assert np.allclose(module.weight.detach().numpy(), wanted, rtol=1e-9, atol=1e-12)


def test_a_training_that_diverges_is_told_and_keeps_the_last_good_step(
    tmp_path, silent, each_step_kept
):
    module = nn.Linear(1, 1, bias=False)
    kept = Progress.of(tmp_path, "test", {})

    def loss_at(step):
        return (module.weight * (math.nan if step == 3 else 1.0)).sum()

    def go_down():
        optimizer = optimizer_of(module, 0.1, 0.1)
        descend(
            module, loss_at, 9, optimizer=optimizer, warmup=0, kept=kept, progress=silent, label="x"
        )

    with pytest.raises(ValueError, match=r"x diverged at step 4 of 9 \(its loss is nan.*rates"):
        go_down()
    left = module.weight.detach().clone()
    assert left.isfinite().all()
    nn.init.zeros_(module.weight)
    assert kept.restore(module, optimizer_of(module, 0.1, 0.1)) == 3
    assert torch.equal(module.weight, left)


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_the_loss_is_cross_entropy_and_divergence_by_their_shares(
    make_teacher, text, silent, monkeypatch, share
):
    module, teacher = make_teacher(seed=1).requires_grad_(True), make_teacher(seed=2)
    batches = Batches(text.stream(module.text_tokenizer, "train"), 2, 16, 0)
    found = {}
    monkeypatch.setattr(
        language_modelling, "descend", lambda _, loss_at, *a, **k: found.update(loss=loss_at)
    )

    def loss(against):
        train_next_token(
            module,
            batches,
            {**CONFIG, "divergence": share},
            teacher=against,
            data=text,
            kept=NOTHING,
            progress=silent,
            label="test",
        )
        return found["loss"](5).item()

    inputs, targets = batches.at(5)
    with torch.no_grad():
        p, q = (
            copy.deepcopy(one).double()(inputs).softmax(-1).numpy() for one in (teacher, module)
        )
    cross = -np.log(np.take_along_axis(q, targets.numpy()[..., None], -1)).mean()
    apart = (p * np.log(p / q)).sum(-1).mean()
    assert math.isclose(loss(teacher), (1 - share) * cross + share * apart, rel_tol=1e-5)
    assert math.isclose(loss(None), cross, rel_tol=1e-5), "without a teacher there is no divergence"
    assert math.isclose(loss(module), (1 - share) * cross, rel_tol=1e-5, abs_tol=1e-6)


def test_divergence_alone_pulls_a_student_to_its_teacher(make_teacher, text, silent):
    teacher = make_teacher()
    student = copy.deepcopy(teacher)
    student.norm.weight.requires_grad_(True).data *= 1.5
    tokens = text.stream(teacher.text_tokenizer, "test")[:256].view(16, 16)

    @torch.no_grad()
    def apart():
        p, q = (one(tokens).log_softmax(-1) for one in (teacher, student))
        return (p.exp() * (p - q)).sum(-1).mean().item()

    before = apart()
    train_next_token(
        student,
        Batches(text.stream(teacher.text_tokenizer, "train"), 4, 16, 0),
        {**CONFIG, "tokens": 20 * 64, "rate": 0.05, "divergence": 1.0},
        teacher=teacher,
        data=text,
        kept=NOTHING,
        progress=silent,
        label="test",
    )
    assert apart() < before / 5


@pytest.mark.parametrize("family", ["llama", "gpt-neox"])
def test_perplexity_is_that_of_torchmetrics_and_of_a_plain_sum(make_teacher, text, family):
    module = make_teacher(family)
    found = perplexity(module, text, "test")
    meter = Perplexity()
    for outputs in module.outputs(text.split("test")):
        meter.update(outputs["logits"], outputs["target"])
    assert math.isclose(found, meter.compute().item(), rel_tol=1e-5)
    stream = text.stream(module.text_tokenizer, "test")
    losses = []
    for start in range(0, len(stream) - 16, 16):
        logits = (
            copy.deepcopy(module).double()(stream[None, start : start + 16])[0].detach().numpy()
        )
        for row, target in zip(logits, stream[start + 1 : start + 17].tolist(), strict=True):
            losses.append(np.log(np.exp(row).sum()) - row[target])
    assert len(losses) == 18 * 16
    assert math.isclose(found, math.exp(np.mean(losses)), rel_tol=1e-5)
    with pytest.raises(BadInput, match="no split 'other'"):
        measure(module, text, "other", ["perplexity"])


@pytest.mark.parametrize("held_back", [16, 17, 0], ids=["too little", "one window", "nothing"])
def test_validation_is_watched_where_there_is_a_window(
    make_teacher, prose, silent, caplog, held_back
):
    module = make_teacher().requires_grad_(True)
    data = Text({"train": [prose], "val": [prose[:held_back]] if held_back else []})
    with caplog.at_level(logging.INFO, logger=language_modelling.__name__):
        train_next_token(
            module,
            Batches(data.stream(module.text_tokenizer, "train"), 2, 16, 0),
            CONFIG,
            data=data,
            kept=NOTHING,
            progress=silent,
            label="test",
        )
    assert len(caplog.messages) == 4
    assert caplog.messages[-1].startswith("test: step 4 of 4, loss ")
    if held_back == 17:
        told = f"validation perplexity {perplexity(module, data, 'val'):.4f}"
        assert caplog.messages[-1].endswith(told)
    else:
        assert "validation" not in caplog.text
    assert not module.training


def test_validation_text_that_cannot_be_read_is_told_before_the_first_step(
    make_teacher, prose, silent
):
    module = make_teacher().requires_grad_(True)
    before = copy.deepcopy(module.state_dict())
    data = Text({"train": [prose], "val": ["Ωmega" * 20]})
    batches = Batches(data.stream(module.text_tokenizer, "train"), 2, 16, 0)
    with pytest.raises(BadInput, match="no token for"):
        train_next_token(
            module, batches, CONFIG, data=data, kept=NOTHING, progress=silent, label="test"
        )
    assert all(torch.equal(before[name], value) for name, value in module.state_dict().items())


def test_half_of_the_windows_begin_at_0_and_the_others_anywhere():
    batches = Batches(torch.arange(13), 500, 9, 0, offset=99)
    found = torch.stack([batches.first(step) for step in range(4)])
    assert torch.equal(found[3], batches.first(3)) and not torch.equal(found[0], found[1])
    moved = found[found > 0]
    assert 0.4 < len(moved) / found.numel() < 0.6
    assert moved.min() < 5 and moved.max() in range(95, 100) and 45 < moved.double().mean() < 55
    assert Batches(torch.arange(13), 5, 9, 0).first(0) is None
