"""The recipe: what a student takes from its teacher, what each stage changes, and that runs repeat.

`distil` is called as `train` calls it, with a text of 3,000 characters and four steps a stage.
"""

from __future__ import annotations

import copy
import dataclasses
import itertools
import math

import pytest
import torch
from torch.nn.functional import softplus
from zoo_attention_to_mamba.generation import sample_tokens
from zoo_attention_to_mamba.text import Text
from zoo_attention_to_mamba.train import distillation
from zoo_attention_to_mamba.train.distillation import stage_of, student_of
from zoo_attention_to_mamba.train.language_modelling import Batches

import zoo
from zoo_core import BadInput
from zoo_core.testing import make_run

MIXERS = {
    "hedgemamba": {},
    "channel": {"decay": "channel", "widening": 1},
    "hedgehog": {"mixer": "linear"},
}
PARTS = ("ssm", "convolution", "gate")
SUBSETS = [list(c) for n in range(4) for c in itertools.combinations(PARTS, n)]
OWN = {"ssm": {"step", "log_decay"}, "convolution": {"taps"}, "gate": {"gate"}}


@pytest.fixture
def make(make_teacher, text, recipe, own, silent):
    """Return a maker of students: of a run with a seed, of changed hyperparameters."""

    def make(
        teacher=None, *, seed=0, folder=None, progress=silent, data=text, begin=None, **changes
    ):
        settings = recipe(**changes)
        shape = {name: settings.pop(name) for name in own()}
        given = {"teacher": teacher or make_teacher()}
        run = make_run(
            "attention-to-mamba",
            data,
            seed=seed,
            shape=shape,
            recipe=settings,
            given=given,
            folder=folder,
        )
        if begin is not None:
            started = {"started": True, "make": lambda **shape: copy.deepcopy(begin)}
            run = dataclasses.replace(run, **started)
        with torch.random.fork_rng():
            return distillation.train(run, progress).eval()

    return make


def same(one, other):
    one, other = one.state_dict(), other.state_dict()
    return one.keys() == other.keys() and all(torch.equal(one[n], other[n]) for n in one)


def changed(student, before):
    before = before if isinstance(before, dict) else before.state_dict()
    now = student.state_dict()
    return {name for name in now if name in before and not torch.equal(now[name], before[name])}


@pytest.mark.parametrize("family", ["llama", "gpt-neox"])
@pytest.mark.parametrize("changes", MIXERS.values(), ids=MIXERS)
def test_a_student_has_all_of_its_teacher(make_teacher, own, family, changes):
    teacher = make_teacher(family)
    widening = {"widening": 2, **changes}["widening"]
    student = student_of(teacher, own(**{k: v for k, v in changes.items() if k in own()}), widening)
    assert set(teacher.state_dict()) <= set(student.state_dict())
    assert not changed(student, teacher)
    assert student.text_tokenizer.key == teacher.text_tokenizer.key
    student.embedding.weight.data += 1
    assert not torch.equal(student.embedding.weight, teacher.embedding.weight), "a copy"
    again = zoo.create("attention-to-mamba", **student.shape)
    assert {n: v.shape for n, v in again.state_dict().items()} == {
        n: v.shape for n, v in student.state_dict().items()
    }


@pytest.mark.parametrize("parts", SUBSETS, ids="-".join)
def test_parts_are_those_asked_for(make, make_teacher, parts):
    student = make(parts=parts)
    plain = set(make(mixer="linear", stage1_tokens=0, stage2_tokens=0).state_dict())
    own = {name.split(".")[3] for name in set(student.state_dict()) - plain}
    assert own == set().union(*(OWN[part] for part in parts))
    assert student.shape["parts"] == parts
    tokens = make_teacher().example_inputs(0)[0]
    assert student(tokens).isfinite().all()


@pytest.mark.parametrize("changes", MIXERS.values(), ids=MIXERS)
@pytest.mark.parametrize("family", ["llama", "gpt-neox"])
def test_stage_2_trains_all_but_the_embeddings(make, make_teacher, family, changes):
    teacher = make_teacher(family)
    before = make(teacher, stage2_tokens=0, **changes)
    student = make(teacher, **changes)
    kept = {"embedding.weight", "tokenizer"} | ({"head.weight"} if family == "gpt-neox" else set())
    assert changed(student, before) == set(before.state_dict()) - kept
    assert all(torch.equal(student.state_dict()[n], teacher.state_dict()[n]) for n in kept)
    assert all(parameter.requires_grad for parameter in student.parameters())
    assert not student.training and not changed(teacher, make_teacher(family))


@pytest.mark.parametrize("decay", ["head", "channel"])
def test_after_stage_1_hedgemamba_is_linear_attention(make, make_teacher, decay):
    settings = {"stage1_tokens": 320, "stage2_tokens": 0}
    linear = make(mixer="linear", **settings)
    student = make(decay=decay, log_decay=-16.0, **settings)
    tokens = torch.randint(linear.text_tokenizer.size, (2, 64), generator=torch.manual_seed(0))
    with torch.no_grad():
        apart = (student(tokens) - linear(tokens)).abs().max()
        moved = (linear(tokens) - make_teacher()(tokens)).abs().max()
    assert apart < 1e-4 < 0.1 < moved
    (rate,) = {
        round(value, 5) for one in student.blocks for value in one.mixer.A.flatten().tolist()
    }
    assert rate == round(-math.exp(-16), 5)
    for name, value in linear.state_dict().items():
        assert torch.equal(student.state_dict()[name], value), name


def test_fresh_projections_leave_the_rest_of_the_start(make, make_teacher):
    settings = {"stage1_tokens": 0, "stage2_tokens": 0}
    student, usual = make(**settings, fresh="projections"), make(**settings)
    expected = {
        f"blocks.{i}.mixer.{name}.{kind}"
        for i in range(len(student.blocks))
        for name in "qkvo"
        for kind in ("weight", "bias")
    }
    assert changed(student, usual) == expected.intersection(student.state_dict())


@pytest.mark.parametrize("changes", MIXERS.values(), ids=MIXERS)
def test_fresh_mixers_start_as_mamba_does(make, make_teacher, changes):
    settings = {"fresh": "mixers", "stage1_tokens": 0, "stage2_tokens": 0, **changes}
    teacher, student = make_teacher(), make(**settings)
    mixers = {n for n in student.state_dict() if ".mixer." in n and not n.endswith("features.bias")}
    own = {n for n in mixers if n not in teacher.state_dict()}
    assert changed(student, teacher) == mixers - own
    assert changed(student, make(**{**settings, "fresh": "nothing"})) == mixers
    for mixer in (block.mixer for block in student.blocks):
        if mixer.step is None:
            continue
        last = mixer.step if isinstance(mixer.step, torch.nn.Linear) else mixer.step[-1]
        steps = softplus(last.bias.detach().double())
        assert 1e-3 <= steps.min() < steps.max() <= 0.1 * (1 + 1e-6)
        assert -16 <= mixer.A.min() < mixer.A.max() <= -1
    torch.manual_seed(123)
    assert same(student, make(**settings))
    assert changed(student, make(**settings, seed=1)) == mixers


@pytest.mark.parametrize("changes", [*MIXERS.values(), {"fresh": "mixers"}], ids=[*MIXERS, "fresh"])
def test_a_seed_decides_every_bit(make, changes):
    torch.manual_seed(1)
    before = torch.get_rng_state()
    first = make(seed=3, **changes)
    assert torch.equal(torch.get_rng_state(), before), "the caller's own draws are left alone"
    torch.manual_seed(2)
    assert same(first, make(seed=3, **changes))
    assert not same(first, make(seed=4, **changes))


def test_both_stages_read_windows_of_their_own(make, monkeypatch):
    seen = []
    plain = Batches.at
    monkeypatch.setattr(
        Batches, "at", lambda self, step: seen.append((self.seed, step)) or plain(self, step)
    )
    make(seed=3)
    assert seen == [(3, 0), (3, 1), (3, 2), (3, 3)] + [(500_003, step) for step in range(4)]


def test_stages_have_settings_of_their_own(recipe):
    config = recipe(divergence=0.25)
    assert stage_of(config, 1) == {"tokens": 128, "rate": 1e-2, "warmup": 2, "divergence": 0.25}
    assert stage_of(config, 2) == {
        "tokens": 128,
        "rate": 2e-3,
        "feature_rate": 1e-2,
        "warmup": 2,
        "divergence": 0.25,
    }


def test_stages_of_no_tokens_are_left_out(make, make_teacher):
    student = make(mixer="linear", stage1_tokens=0, stage2_tokens=0)
    assert not changed(student, make_teacher())
    first = make(mixer="linear", stage2_tokens=0)
    assert changed(first, student) == {n for n in student.state_dict() if "_features." in n}
    second = make(mixer="linear", stage1_tokens=0)
    assert "blocks.0.mlp.down.weight" in changed(second, student)


@pytest.mark.parametrize("divergence", [0.5, 1.0])
def test_the_teachers_distribution_takes_part_in_stage_2(make, divergence):
    assert not same(make(), make(divergence=divergence))
    assert same(make(stage2_tokens=0), make(stage2_tokens=0, divergence=divergence))


def test_what_the_teacher_writes_is_read_too(make, make_teacher, monkeypatch):
    teacher = make_teacher(start=True)
    seen = []
    plain = Batches.__post_init__
    monkeypatch.setattr(
        Batches, "__post_init__", lambda self: seen.append(self.stream) or plain(self)
    )
    without = make(teacher, seed=2)
    stream = seen[-1]
    added = make(teacher, seed=2, sampled=50)
    written = sample_tokens(teacher, 50, seed=2, batch=distillation.SAMPLED)
    assert len(written) >= 50
    assert torch.equal(seen[-1], torch.cat([stream, written]))
    assert not same(without, added)


def test_text_for_windows_is_needed(make, prose):
    with pytest.raises(ValueError, match="has 12 tokens, fewer than a window of 16"):
        make(data=Text({"train": [prose[:12]]}))
    with pytest.raises(BadInput, match="no split 'train'"):
        make(data=Text({"train": [], "test": [prose]}))
    with pytest.raises(BadInput, match="no token for"):
        make(data=Text({"train": ["Ω" * 100]}))


class Stopped(Exception):
    """What ends a training in the midst of it."""


POINTS = [(stage, step) for stage in ("stage 1", "stage 2") for step in range(4)]
FEW = [("stage 1", 2), ("stage 2", 0), ("stage 2", 3)]
INTERRUPTED = {
    "head, each step kept": ({}, True, POINTS),
    "channel, each step kept": ({"decay": "channel", "widening": 1}, True, FEW),
    "linear, each step kept": ({"mixer": "linear", "divergence": 0.5}, True, FEW),
    "head, ends kept": ({}, False, FEW),
}


@pytest.mark.parametrize(
    ("changes", "every", "points"), INTERRUPTED.values(), ids=INTERRUPTED.keys()
)
def test_an_interrupted_training_ends_bit_for_bit_as_if_it_were_not(
    make, tmp_path, request, changes, every, points, stopping
):
    if every:
        request.getfixturevalue("each_step_kept")
    wanted = make(**changes)
    for stage, step in points:
        folder = tmp_path / f"{stage} {step}"
        torch.manual_seed(1)
        with pytest.raises(KeyboardInterrupt):
            make(folder=folder, progress=stopping(stage, step), **changes)
        torch.manual_seed(2)
        taken = []

        def watch(steps, *, desc, initial, taken=taken, **_):
            taken.append((desc, initial))
            return steps

        assert same(make(folder=folder, progress=watch, **changes), wanted), (stage, step)
        kept = step if every else 0
        first = kept if stage == "stage 1" else 4
        assert taken == [("stage 1", first), ("stage 2", kept if stage == "stage 2" else 0)]


def test_a_training_interrupted_again_and_again(make, tmp_path, each_step_kept, stopping):
    for stage, step in POINTS[1:]:
        with pytest.raises(Stopped):
            make(folder=tmp_path, progress=stopping(stage, step, Stopped))
    assert same(make(folder=tmp_path), make())
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "stage1.safetensors",
        "stage2.safetensors",
    ]


@pytest.mark.parametrize(
    "change",
    [{"seed": 1}, {"stage1_rate": 0.02}, {"teacher": "other"}, {"data": "other"}],
    ids=lambda change: next(iter(change)),
)
def test_another_training_does_not_go_on_from_it(make, make_teacher, prose, tmp_path, change):
    make(folder=tmp_path)
    if "data" in change:
        change = {"data": Text({"train": [prose[:2400].replace("cat", "dog")]})}
    if "teacher" in change:
        change = {"teacher": make_teacher(seed=9)}
    teacher = change.pop("teacher", None)
    assert same(make(teacher, folder=tmp_path, **change), make(teacher, **change))


def test_a_teacher_is_known_by_its_bytes_not_by_its_name(
    make, make_teacher, tmp_path, each_step_kept, stopping
):
    """What was trained half from a teacher's folder is gone on with after the folder has moved."""
    teacher = make_teacher()
    config = {"stage2_tokens": 0}
    with pytest.raises(Stopped):
        make(teacher, folder=tmp_path, progress=stopping("stage 1", 2, Stopped), **config)
    other = copy.deepcopy(teacher)
    other.norm.weight.data[0] += 1e-6
    assert distillation._fingerprint(other) != distillation._fingerprint(teacher)
    assert distillation._fingerprint(copy.deepcopy(teacher)) == distillation._fingerprint(teacher)
    begun = []

    def watch(steps, *, initial, **_):
        begun.append(initial)
        return steps

    make(copy.deepcopy(teacher), folder=tmp_path, progress=watch, **config)
    make(other, folder=tmp_path, progress=watch, **config)
    assert begun == [2, 0]


def test_zoo_train_goes_on_from_the_folders_state(
    make_folder, text_file, recipe, tmp_path, monkeypatch, each_step_kept, stopping
):
    config, given = recipe(stage1_tokens=64), {"teacher": str(make_folder())}

    def run(out):
        return zoo.train(
            "attention-to-mamba", str(text_file), out=out, seed=1, config=config, given=given
        )

    wanted = run(tmp_path / "at once")
    out = tmp_path / "student"
    with monkeypatch.context() as patched:
        patched.setattr("tqdm.tqdm", stopping("stage 2", 2))
        with pytest.raises(KeyboardInterrupt):
            run(out)
    assert [path.name for path in out.iterdir()] == ["state"]
    assert sorted(path.name for path in (out / "state").iterdir()) == [
        "stage1.safetensors",
        "stage2.safetensors",
    ]
    begun = []
    with monkeypatch.context() as patched:
        patched.setattr("tqdm.tqdm", lambda s, initial, **_: begun.append(initial) or s)
        assert same(run(out), wanted)
    assert begun == [2, 2]
    names = {path.name for path in out.iterdir()}
    assert {"config.json", "model.safetensors"} <= names and "state" not in names


def test_a_student_is_trained_on_from_its_weights(make):
    first = make(stage2_tokens=0)
    on = make(begin=first, stage1_tokens=0)
    assert same(on, make()), "what stage 2 would have made of it at once"
    assert not same(on, make(begin=first, stage1_tokens=0, offset=40))
    with pytest.raises(BadInput, match="--stage1-tokens 0"):
        make(begin=first)
