"""The causal language models: families, mixers, caches and gradients, in float64."""

from __future__ import annotations

import pytest
import torch
from torch.nn.functional import cross_entropy
from zoo_attention_to_mamba.causal_lm import CausalLM
from zoo_attention_to_mamba.decoding import Stepper
from zoo_attention_to_mamba.train.distillation import student_of

LLAMA = {"family": "llama", "rotary": 6}
NEOX = {
    "family": "gpt-neox",
    "rotary": 4,
    "biases": True,
    "tied": False,
    "parallel": True,
    "activation": "gelu",
}
MIXERS = {
    "attention": {"mixer": "attention"},
    "linear": {"mixer": "linear", "features": 5},
    "head": {"mixer": "hedgemamba", "features": 5},
    "channel": {"mixer": "hedgemamba", "features": 5, "decay": "channel"},
    "no-gate": {"mixer": "hedgemamba", "features": 5, "parts": ("ssm",)},
}
FAMILIES = {"llama": LLAMA, "neox": NEOX, "neox-serial": {**NEOX, "parallel": False}}
mixers = pytest.mark.parametrize("mixer", MIXERS)
families = pytest.mark.parametrize("family", FAMILIES)


def model(family="llama", mixer="attention", noise=0.3, **options):
    torch.manual_seed(0)
    sizes = {
        "vocabulary": 17,
        "width": 12,
        "layers": 2,
        "heads": 4,
        "kv_heads": 2,
        "head_width": 6,
        "hidden": 20,
        "context": 64,
    }
    made = CausalLM(**{**sizes, **FAMILIES[family], **MIXERS[mixer], **options}).double()
    with torch.no_grad():
        for parameter in made.parameters():
            parameter += noise * torch.randn_like(parameter)
    return made.eval()


def tokens(*shape, seed=0):
    return torch.randint(17, shape, generator=torch.Generator().manual_seed(seed))


@families
@mixers
@torch.no_grad()
def test_reading_in_parts_is_reading_at_once(family, mixer):
    lm, ids = model(family, mixer), tokens(2, 40)
    wanted = lm(ids)
    for cuts in ([1] * 40, [35, 1, 4], [7, 33]):
        cache, parts = None, []
        for part in ids.split(cuts, dim=1):
            logits, cache = lm.extend(part, cache)
            parts.append(logits)
        torch.testing.assert_close(torch.cat(parts, dim=1), wanted)


@families
@mixers
@torch.no_grad()
def test_the_stepper_reads_as_the_model(family, mixer):
    lm, ids = model(family, mixer), tokens(3, 30)
    wanted = lm(ids)
    _, cache = lm.extend(ids[:, :12])
    stepper = Stepper(lm, cache, 18)
    for t in range(12, 20):
        torch.testing.assert_close(stepper.step(ids[:, t]), wanted[:, t])
    before = stepper.state_bytes
    rows = torch.tensor([2, 0])
    stepper = stepper.branch(rows)
    for t in range(20, 30):
        torch.testing.assert_close(stepper.step(ids[rows, t]), wanted[rows, t])
    # The cache is as it was, and only attention's memory has grown.
    torch.testing.assert_close(lm.extend(ids[:, 12:], cache)[0], wanted[:, 12:])
    growth = stepper.state_bytes / (before * 2 / 3)
    assert growth == (1.5 if mixer == "attention" else 1)


@mixers
@torch.no_grad()
def test_packed_documents_are_read_alone(mixer):
    lm, ids = model("neox", mixer), tokens(2, 30)
    starts = torch.zeros(2, 30, dtype=torch.bool)
    starts[0, [5, 6, 22]] = True
    starts[1, 0] = True
    packed = lm(ids, starts=starts)
    for row, first, last in ((0, 0, 5), (0, 5, 6), (0, 6, 22), (0, 22, 30), (1, 0, 30)):
        alone = lm(ids[row : row + 1, first:last])[0]
        torch.testing.assert_close(packed[row, first:last], alone)


@mixers
@torch.no_grad()
def test_rows_and_futures_are_not_seen(mixer):
    lm, ids = model("llama", mixer), tokens(3, 20)
    other = ids.clone()
    other[1] = (other[1] + 1) % 17
    other[:, 15:] = (other[:, 15:] + 1) % 17
    first, second = lm(ids), lm(other)
    torch.testing.assert_close(first[[0, 2], :15], second[[0, 2], :15])
    assert (first[1] - second[1]).abs().amax(-1).min() > 1e-6


@families
@pytest.mark.parametrize("decay", ["head", "channel"])
@torch.no_grad()
def test_a_student_starts_as_linear_attention(family, decay):
    linear, ids = model(family, "linear"), tokens(2, 50)
    for dtype, log_decay, bound in ((torch.float64, -40.0, 1e-9), (torch.float32, -16.0, 1e-4)):
        student = model(family, decay).to(dtype)
        student.load_state_dict(linear.state_dict(), strict=False)
        for block in student.blocks:
            block.mixer.start_as_linear_attention(log_decay)
        assert (student(ids) - linear(ids)).abs().max() < bound
        for ours, theirs in zip(student.mixer_pairs(ids), linear.mixer_pairs(ids), strict=True):
            assert (ours[0] - theirs[0]).abs().max() < bound
            assert (ours[2] - theirs[2]).abs().max() < bound


@mixers
@torch.no_grad()
def test_pairs_are_the_mixers_inputs_and_outputs(mixer):
    lm, ids = model("neox", mixer), tokens(2, 9)
    seen = []
    hooks = [
        block.mixer.register_forward_hook(lambda _, given, out: seen.append((given[0], out[0])))
        for block in lm.blocks
    ]
    lm(ids)
    for hook in hooks:
        hook.remove()
    for (u, _, mixed), (given, out) in zip(lm.mixer_pairs(ids), seen, strict=True):
        assert torch.equal(u, given)
        assert torch.equal(mixed, out)


@families
@pytest.mark.parametrize("mixer", ["linear", "head", "channel"])
def test_every_parameter_of_a_student_has_a_gradient(family, mixer):
    lm, ids = model(family, mixer), tokens(2, 12)
    cross_entropy(lm(ids[:, :-1]).flatten(0, 1), ids[:, 1:].flatten()).backward()
    for name, parameter in lm.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name
        assert parameter.grad.abs().max() > 0, name


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kv_heads": 3}, "3 key/value heads cannot serve 4"),
        ({"rotary": 5}, "rotary=5 must be even"),
        ({"rotary": 8}, "at most head_width=6"),
        ({"mixer": "linear", "features": 0}, "needs features"),
        ({"mixer": "head", "parts": ("skip",)}, "skip"),
    ],
    ids=["groups", "odd", "wide", "features", "parts"],
)
def test_impossible_shapes_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        model(**options)


@pytest.mark.parametrize("mixer", ["attention", "hedgemamba"])
def test_a_row_may_begin_at_any_position(make_teacher, own, mixer):
    model = make_teacher(context=64)
    if mixer != "attention":
        model = student_of(model, own(), 2)
    tokens = torch.randint(model.text_tokenizer.size, (2, 9), generator=torch.manual_seed(0))
    first = torch.tensor([0, 20])
    with torch.no_grad():
        plain, moved = model(tokens), model(tokens, first=first)
        assert torch.allclose(moved[0], plain[0], atol=1e-6)
        # Softmax attention sees distances alone; a feature map sees where it is.
        apart = (moved[1] - plain[1]).abs().max()
    assert (apart < 1e-4) == (mixer == "attention")
