"""A step from Python, traced and compiled: the same logits, whatever the rows and the length."""

from __future__ import annotations

import pytest
import torch
from zoo_attention_to_mamba import decoding
from zoo_attention_to_mamba.decoding import MODES, Stepper
from zoo_attention_to_mamba.generation import write
from zoo_attention_to_mamba.train.distillation import student_of

from zoo_core import BadInput

PARTS = ["ssm", "convolution", "gate"]
MIXERS = {
    "linear": {"mixer": "linear"},
    "head": {"mixer": "hedgemamba", "decay": "head", "parts": PARTS},
    "channel": {"mixer": "hedgemamba", "decay": "channel", "parts": PARTS},
    "ssm": {"mixer": "hedgemamba", "decay": "head", "parts": ["ssm"]},
}
needs_compiler = pytest.mark.skipif(decoding.compiler() is None, reason="no C++ compiler")


@pytest.fixture
def make_model(make_teacher):
    """Return a maker of a tiny model with a mixer, in float64."""

    def make(mixer="attention", family="llama"):
        teacher = make_teacher(family, kv_heads=1).double()
        if mixer == "attention":
            return teacher
        student = student_of(teacher, MIXERS[mixer], widening=2).double()
        generator = torch.Generator().manual_seed(1)
        for parameter in student.parameters():
            noise = torch.randn(parameter.shape, generator=generator, dtype=torch.float64)
            parameter.data += 0.1 * noise
        return student.eval().requires_grad_(False)

    return make


def logits_of(model, mode, ids, padded=False):
    """Logits behind 5 and behind 9 tokens; for three rows, and then for two of them."""
    found = []
    for first in (5, 9):
        _, cache = model.extend(ids[:, :first])
        if padded:
            hidden = torch.zeros(3, first, dtype=torch.bool)
            hidden[1, :2] = True
            cache.mixers[:] = [one._replace(hidden=hidden) for one in cache.mixers]
        stepper = Stepper(model, cache, 6, mode)
        found += [stepper.step(ids[:, first + t]) for t in range(3)]
        fewer = stepper.branch(torch.tensor([2, 1]))
        found += [fewer.step(ids[[2, 1], first + t]) for t in range(3, 6)]
        # The first one goes on as if there were no other.
        found += [stepper.step(ids[:, first + t]) for t in range(3, 6)]
    return torch.cat(found)


@pytest.fixture
def ids():
    return torch.randint(15, (3, 15), generator=torch.Generator().manual_seed(2))


@pytest.mark.parametrize("family", ["llama", "gpt-neox"])
@pytest.mark.parametrize("mixer", ["attention", *MIXERS])
@torch.inference_mode()
def test_a_traced_step_is_the_same(make_model, ids, mixer, family):
    model = make_model(mixer, family)
    eager = logits_of(model, "eager", ids)
    assert eager.equal(logits_of(model, "traced", ids))
    wanted = model(ids)
    torch.testing.assert_close(eager[:3], wanted[:, 5])


@torch.inference_mode()
def test_padded_rows_are_traced_too(make_model, ids):
    model = make_model()
    found = [logits_of(model, mode, ids, padded=True) for mode in ("eager", "traced")]
    assert found[0].equal(found[1])
    assert not found[0].equal(logits_of(model, "eager", ids))


@needs_compiler
@pytest.mark.slow
@pytest.mark.parametrize("mixer", ["attention", "head"])
@torch.inference_mode()
def test_a_compiled_step_agrees(make_model, ids, mixer):
    model = make_model(mixer)
    eager, compiled = (logits_of(model, mode, ids) for mode in ("eager", "compiled"))
    torch.testing.assert_close(compiled, eager, rtol=0, atol=1e-5)
    # A further stepper of the same shape compiles nothing.
    with torch.compiler.set_stance("fail_on_recompile"):
        again = logits_of(make_model(mixer), "compiled", ids)
    assert again.equal(compiled)


@pytest.mark.parametrize("mixer", ["attention", "head"])
def test_texts_are_the_same_traced(make_model, mixer):
    model = make_model(mixer)
    prompts = ["the cat", "a", "then. the dog sat"[:9]]
    eager, traced = (
        write(model, prompts, tokens=6, temperature=1.0, seed=3, mode=mode)
        for mode in ("eager", "traced")
    )
    assert eager == traced


def test_modes_are_told(make_model, monkeypatch):
    assert MODES == ("eager", "traced", "compiled")
    with pytest.raises(BadInput, match="mode='quick' is unknown; expected one of eager, traced"):
        write(make_model(), "the", mode="quick")
    monkeypatch.setenv("CXX", "no-such-compiler")
    with pytest.raises(BadInput, match="needs a C\\+\\+ compiler, and none was found; install g"):
        write(make_model(), "the", mode="compiled")
