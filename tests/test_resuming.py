"""What a training keeps: whole or not at all, for itself alone, and nothing without a folder."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
import torch
from safetensors import SafetensorError, safe_open
from torch import nn

from zoo_core._authoring import resuming
from zoo_core._authoring.resuming import Progress
from zoo_core.errors import WeightsError

IDENTITY = {"seed": 0, "rate": 0.1, "parts": ["a", "b"]}


class Net(nn.Module):
    """Parameters, one of them frozen, one that no loss reaches, and a buffer of integers."""

    def __init__(self, seed):
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        self.weight = nn.Parameter(torch.randn(3, 4, generator=generator))
        self.bias = nn.Parameter(torch.randn(3, generator=generator))
        self.idle = nn.Parameter(torch.randn(2, generator=generator))
        self.frozen = nn.Parameter(torch.randn(5, generator=generator), requires_grad=False)
        self.register_buffer("count", torch.zeros((), dtype=torch.int64))

    def forward(self, x):
        self.count += 1
        return x @ self.weight.T + self.bias


def begun(seed=0):
    """Return a module and its optimizer, in two groups."""
    net = Net(seed)
    groups = [{"params": [net.weight], "lr": 0.1}, {"params": [net.bias, net.idle], "lr": 0.2}]
    return net, torch.optim.AdamW(groups, fused=True)


def go_on(net, optimizer, steps):
    for step in steps:
        optimizer.zero_grad()
        x = torch.randn(6, 4, generator=torch.Generator().manual_seed(step))
        (net(x) ** 2).mean().backward()
        optimizer.step()


def states(optimizer):
    return {
        (index, name): value.clone()
        for index, state in optimizer.state_dict()["state"].items()
        for name, value in state.items()
    }


def same(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


@pytest.fixture
def kept(tmp_path):
    """Return a stage's progress, with three steps of a net kept."""
    made = Progress.of(tmp_path / "state", "stage", IDENTITY)
    net, optimizer = begun()
    go_on(net, optimizer, range(3))
    made.save(net, optimizer, 3, now=True)
    return made


def test_modules_and_optimizers_come_back_bit_for_bit(kept):
    wanted, wanted_optimizer = begun()
    go_on(wanted, wanted_optimizer, range(3))
    net, optimizer = begun(seed=1)
    assert kept.restore(net, optimizer) == 3
    assert same(net.state_dict(), wanted.state_dict())
    assert same(states(optimizer), states(wanted_optimizer))
    assert {name for _, name in states(optimizer)} == {"step", "exp_avg", "exp_avg_sq"}
    assert [group["lr"] for group in optimizer.param_groups] == [0.1, 0.2]
    assert not net.frozen.requires_grad
    for one, other in ((net, optimizer), (wanted, wanted_optimizer)):
        go_on(one, other, range(3, 8))
    assert same(net.state_dict(), wanted.state_dict())
    assert same(states(optimizer), states(wanted_optimizer))


def test_going_on_does_not_write_into_the_file(kept):
    before = kept.path.read_bytes()
    net, optimizer = begun()
    kept.restore(net, optimizer)
    go_on(net, optimizer, range(3, 6))
    assert kept.path.read_bytes() == before


def test_what_is_kept_can_be_read_elsewhere(kept):
    assert kept.path.name == "stage.safetensors"
    with safe_open(kept.path, framework="pt") as stored:
        assert stored.metadata()["done"] == "3"
        assert {"module.weight", "optimizer.0.exp_avg"} <= {*stored.keys()}
    assert [path.name for path in kept.path.parent.iterdir()] == ["stage.safetensors"]


def test_nothing_is_there_at_first_and_nothing_without_a_folder(tmp_path):
    net, optimizer = begun()
    go_on(net, optimizer, range(2))
    before, states_before = {**net.state_dict()}, states(optimizer)
    for kept in (Progress.of(tmp_path / "none", "stage", {}), Progress.of(None, "stage", {})):
        assert kept.restore(net, optimizer) == 0
    kept.save(net, optimizer, 2, now=True)
    assert kept.path is None and not list(tmp_path.iterdir())
    assert same(net.state_dict(), before) and same(states(optimizer), states_before)


@pytest.mark.parametrize(
    "other",
    [{**IDENTITY, "seed": 1}, {**IDENTITY, "more": None}, {}, {**IDENTITY, "parts": ["b", "a"]}],
    ids=["seed", "more", "empty", "order of a list"],
)
def test_another_identity_is_not_gone_on_from(kept, other):
    net, optimizer = begun(seed=1)
    mine = Progress.of(kept.path.parent, "stage", other)
    assert mine.restore(net, optimizer) == 0
    assert same(net.state_dict(), begun(seed=1)[0].state_dict())
    assert not states(optimizer)
    mine.save(net, optimizer, 1, now=True)
    assert kept.restore(net, optimizer) == 0, "it has taken the place"


def test_the_order_of_keys_is_no_other_identity(kept):
    turned = dict(reversed(IDENTITY.items()))
    assert Progress.of(kept.path.parent, "stage", turned).restore(*begun()) == 3
    assert Progress.of(kept.path.parent, "stage", {**IDENTITY, "parts": ("a", "b")}).restore(
        *begun()
    )


def test_stages_are_apart(kept):
    assert Progress.of(kept.path.parent, "other", IDENTITY).restore(*begun()) == 0


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: content[: len(content) // 2],
        lambda content: b"\x80\x04" + content[2:],
        lambda content: content[:-4],
        lambda content: bytes(len(content)),
    ],
    ids=["empty", "half", "other magic", "end cut off", "zeros"],
)
def test_a_damaged_file_is_told_in_one_sentence(kept, damage):
    kept.path.write_bytes(damage(kept.path.read_bytes()))
    with pytest.raises(WeightsError, match=r"cannot be read .*; remove it to start") as caught:
        kept.restore(*begun())
    assert str(kept.path) in str(caught.value) and "\n" not in str(caught.value)


def test_a_file_of_other_tensors_is_told_in_one_sentence(kept):
    net = nn.Linear(4, 3)
    with pytest.raises(WeightsError, match=r"does not fit this training .*; remove it") as caught:
        kept.restore(net, torch.optim.AdamW(net.parameters()))
    assert "\n" not in str(caught.value)


def full(*args, **kwargs):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def full_for_safetensors(tensors, path, **kwargs):
    Path(path).write_bytes(b"half")
    raise SafetensorError("Error while serializing: I/O error: No space left (os error 28)")


def killed(tensors, path, **kwargs):
    Path(path).write_bytes(b"half")
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("place", "fault", "error"),
    [
        ("safetensors.torch.save_file", killed, KeyboardInterrupt),
        ("safetensors.torch.save_file", full_for_safetensors, WeightsError),
        ("safetensors.torch.save_file", full, WeightsError),
        ("pathlib.Path.replace", full, WeightsError),
    ],
    ids=["interrupted", "full", "full otherwise", "full at the end"],
)
@pytest.mark.parametrize("first", [True, False], ids=["the first file", "over an older one"])
def test_a_file_is_written_whole_or_not_at_all(kept, monkeypatch, place, fault, error, first):
    if first:
        kept.path.unlink()
    before = None if first else kept.path.read_bytes()
    net, optimizer = begun()
    go_on(net, optimizer, range(5))
    with monkeypatch.context() as patched:
        patched.setattr(place, fault)
        with pytest.raises(error) as caught:
            kept.save(net, optimizer, 5, now=True)
    if error is WeightsError:
        assert "could not be written" in str(caught.value) and "no space" in str(caught.value)
    assert [path.name for path in kept.path.parent.iterdir()] == ([] if first else [kept.path.name])
    assert first or kept.path.read_bytes() == before
    assert kept.restore(*begun()) == (0 if first else 3)
    kept.save(net, optimizer, 5, now=True)
    assert kept.restore(*begun()) == 5


def test_writings_are_seldom_unless_asked_for(tmp_path, monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(resuming.time, "monotonic", lambda: now[0])
    net, optimizer = begun()
    go_on(net, optimizer, range(1))
    kept = Progress(tmp_path / "stage.safetensors", "", written=now[0])
    done = []
    for step in range(1, 201):
        now[0] += 1.0
        kept.save(net, optimizer, step)
        done.append(kept.restore(*begun()))
    assert sorted(set(done)) == [0, 61, 122, 183]
    kept.save(net, optimizer, 200, now=True)
    assert kept.restore(*begun()) == 200
