"""S4D by Fourier transform and as a recurrence against plain loops in double precision."""

from __future__ import annotations

import math
from typing import NamedTuple

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from zoo_ssm.s4d import (
    s4d_convolution,
    s4d_kernel,
    s4d_lin_poles,
    s4d_real_poles,
    s4d_recurrence,
    s4d_step,
    zero_order_hold,
)

examples = settings(max_examples=40)
both = pytest.mark.parametrize("run", [s4d_convolution, s4d_recurrence], ids=["fft", "recurrence"])


class Inputs(NamedTuple):
    x: Tensor
    poles: Tensor
    C: Tensor
    step: Tensor
    state: Tensor


def draw(seed, b=2, T=7, D=3, N=4, is_complex=True, grad=False):
    generator = torch.Generator().manual_seed(seed)

    def normal(*shape, dtype=torch.complex128 if is_complex else torch.float64):
        return torch.randn(shape, generator=generator, dtype=dtype)

    poles = normal(D, N)
    poles = torch.complex(-poles.real.exp(), 3 * poles.imag) if is_complex else -poles.exp()
    step = normal(D, dtype=torch.float64).exp()
    found = Inputs(normal(b, T, D, dtype=torch.float64), poles, normal(D, N), step, normal(b, D, N))
    return Inputs(*(each.requires_grad_(grad) for each in found))


def random_starts(seed, b, T):
    return torch.rand(b, T, generator=torch.Generator().manual_seed(seed)) < 0.3


def loop(x, poles, C, step, state, starts=None, paired=False):
    """The recurrence as it is written down; no pole may be zero or near it."""
    decay = torch.exp(step[:, None] * poles)
    held = (decay - 1) / poles
    outputs = []
    for t in range(x.shape[1]):
        if starts is not None:
            state = torch.where(starts[:, t, None, None], torch.zeros_like(state), state)
        state = decay * state + held * x[:, t, :, None]
        y = torch.einsum("dn,bdn->bd", C, state)
        outputs.append((y.real if y.is_complex() else y) * (2 if paired else 1))
    return torch.stack(outputs, dim=1), state


def gradients(outputs, inputs, seed=0):
    generator = torch.Generator().manual_seed(seed)
    loss = sum(
        (each * torch.randn(each.shape, generator=generator, dtype=each.dtype)).sum()
        for each in outputs
    )
    return torch.autograd.grad(loss.real if loss.is_complex() else loss, inputs)


def assert_same(found, expected, tolerance=1e-10):
    for one, other in zip(found, expected, strict=True):
        assert one.shape == other.shape
        torch.testing.assert_close(one, other, rtol=tolerance, atol=tolerance)


@examples
@given(
    st.integers(0, 10**6),
    st.sampled_from([1, 2, 3, 8, 13, 40]),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
def test_all_forms_are_the_loop(seed, T, is_complex, packed, paired):
    inputs = draw(seed, T=T, is_complex=is_complex, grad=True)
    starts = random_starts(seed, 2, T) if packed else None
    expected = loop(*inputs, starts, paired)
    slopes = gradients(expected, inputs)
    for run in (s4d_convolution, s4d_recurrence):
        found = run(*inputs[:4], state=inputs.state, starts=starts, paired=paired)
        assert_same(found, expected)
        assert_same(gradients(found, inputs), slopes, 1e-8)


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed"])
def test_gradients_by_differences_with_poles_at_zero(packed):
    inputs = draw(1, T=4, D=2, N=2)
    inputs.poles[0, 0] = 0
    inputs.poles[1] *= 1e-3
    for each in inputs:
        each.requires_grad_()
    starts = random_starts(1, 2, 4) if packed else None
    assert torch.autograd.gradcheck(
        lambda *each: s4d_convolution(*each[:4], state=each[4], starts=starts), tuple(inputs)
    )


@examples
@given(st.floats(-12, 2), st.floats(-math.pi, math.pi))
def test_zero_order_hold_keeps_its_digits(magnitude, angle):
    z = torch.polar(torch.tensor(10.0**magnitude).double(), torch.tensor(angle).double())
    z = torch.complex(-z.real.abs(), z.imag)
    step = torch.tensor([0.5], dtype=torch.float64)
    decay, held = zero_order_hold((z / step).view(1, 1), step)
    torch.testing.assert_close(decay.view(()), z.exp(), rtol=1e-13, atol=0)
    # (exp(z) - 1) / z is the mean of exp(s z) over s in (0, 1): Gauss and Legendre on pieces.
    pieces = 64
    node = torch.tensor([-1.0, 0.0, 1.0]).double() * math.sqrt(0.6)
    weight = torch.tensor([5.0, 8.0, 5.0]).double() / 18
    s = (torch.arange(pieces)[:, None] + 0.5 + node / 2) / pieces
    mean = (weight * (s * z).exp()).sum() / pieces
    torch.testing.assert_close(held.view(()), step[0] * mean, rtol=1e-6, atol=1e-6)
    if z.abs() < 1e-3:
        near = 1 + z / 2 + z**2 / 6 + z**3 / 24 + z**4 / 120
        torch.testing.assert_close(held.view(()), step[0] * near, rtol=1e-14, atol=0)


@pytest.mark.parametrize("length", [0, 1, 2, 17, 64])
@pytest.mark.parametrize("is_complex", [False, True], ids=["real", "complex"])
def test_kernel_is_its_sum(length, is_complex):
    _, poles, C, step, _ = draw(2, is_complex=is_complex)
    decay = torch.exp(step[:, None] * poles)
    held = (decay - 1) / poles
    rows = [(C * held * decay**power).sum(dim=1) for power in range(length)]
    expected = torch.stack(rows, dim=1) if rows else torch.zeros(3, 0, dtype=torch.float64)
    expected = expected.real if expected.is_complex() else expected
    assert_same([s4d_kernel(poles, C, step, length)], [expected])
    assert_same([s4d_kernel(poles, C, step, length, paired=True)], [2 * expected])


@both
def test_pairs_are_both_poles(run):
    x, poles, C, step, _ = draw(3)
    whole = torch.cat([poles, poles.conj()], dim=1), torch.cat([C, C.conj()], dim=1)
    found, _ = run(x, poles, C, step, paired=True)
    assert_same([found], [run(x, *whole, step)[0]])


@examples
@given(st.integers(0, 10**6), st.integers(0, 9), st.booleans())
def test_a_sequence_may_be_split_anywhere(seed, cut, is_complex):
    x, poles, C, step, state = draw(seed, T=9, is_complex=is_complex)
    whole = s4d_convolution(x, poles, C, step, state=state)
    first, state = s4d_convolution(x[:, :cut], poles, C, step, state=state)
    second, state = s4d_convolution(x[:, cut:], poles, C, step, state=state)
    assert_same((torch.cat([first, second], dim=1), state), whole)


@examples
@given(st.integers(0, 10**6), st.booleans())
def test_steps_are_the_convolution(seed, paired):
    x, poles, C, step, state = draw(seed, T=6)
    whole = s4d_convolution(x, poles, C, step, state=state, paired=paired)
    outputs = []
    for token in x.unbind(1):
        y, state = s4d_step(state, token, poles, C, step, paired=paired)
        outputs.append(y)
    assert_same((torch.stack(outputs, dim=1), state), whole)


@both
@pytest.mark.parametrize("lengths", [(4, 4), (1, 6, 1), (8,), (3, 5)], ids=str)
def test_packed_documents_are_each_alone(run, lengths):
    inputs = draw(4, b=1, T=8, grad=True)
    starts = torch.zeros(1, 8, dtype=torch.bool)
    begin, outputs = 0, []
    for length in lengths:
        starts[0, begin] = True
        out, last = run(inputs.x[:, begin : begin + length], *inputs[1:4])
        outputs.append(out)
        begin += length
    alone = torch.cat(outputs, dim=1), last
    packed = run(*inputs[:4], state=inputs.state, starts=starts)
    assert_same(packed, alone)
    found = gradients(packed, inputs)
    assert_same(found[:4], gradients(alone, inputs[:4]))
    assert not found[4].any(), "nothing before the first document is looked at"


@both
def test_nothing_leaks_over_a_start(run):
    inputs = draw(5, b=2, T=9)
    starts = torch.zeros(2, 9, dtype=torch.bool)
    starts[0, 3] = True
    spoilt = inputs.x.clone()
    spoilt[0, :3] = torch.nan
    y, last = run(spoilt, *inputs[1:4], state=inputs.state, starts=starts)
    expected = run(*inputs[:4], state=inputs.state, starts=starts)
    assert y[0, :3].isnan().all()
    assert torch.equal(y[0, 3:], expected[0][0, 3:])
    assert torch.equal(y[1], expected[0][1])
    assert torch.equal(last, expected[1])


@examples
@given(st.integers(0, 10**6), st.integers(1, 8))
def test_causal(seed, cut):
    inputs, other = draw(seed, T=9), draw(seed + 1, T=9)
    x = torch.cat([inputs.x[:, :cut], other.x[:, cut:]], dim=1)
    first, _ = s4d_recurrence(x, *inputs[1:4])
    assert torch.equal(first[:, :cut], s4d_recurrence(*inputs[:4])[0][:, :cut])
    second, _ = s4d_convolution(x, *inputs[1:4])
    assert_same([second[:, :cut]], [first[:, :cut]])


@both
def test_poles_at_zero_sum_up(run):
    x = draw(6).x
    poles, ones = torch.zeros(3, 1, dtype=torch.float64), torch.ones(3, 1, dtype=torch.float64)
    y, state = run(x, poles, ones, torch.ones(3, dtype=torch.float64))
    assert_same((y, state[..., 0]), (x.cumsum(dim=1), x.sum(dim=1)))


def test_initial_poles():
    lin = s4d_lin_poles(5)
    assert torch.equal(lin.real, torch.full((5,), -0.5))
    torch.testing.assert_close(lin.imag, torch.arange(5) * math.pi)
    assert s4d_real_poles(3).tolist() == [-1, -2, -3]


@both
def test_long_and_fast_decays_give_no_nan(run):
    x = torch.randn(1, 300, 2, generator=torch.Generator().manual_seed(0))
    poles = torch.stack([s4d_lin_poles(4), 1e6 * s4d_lin_poles(4)]).requires_grad_()
    C = torch.ones(2, 4, dtype=torch.complex64, requires_grad=True)
    step = torch.tensor([0.1, 10.0], requires_grad=True)
    outputs = run(x, poles, C, step)
    assert all(each.isfinite().all() for each in outputs)
    found = gradients(outputs, [poles, C, step])
    assert all(each.isfinite().all() for each in found)


@both
def test_precisions(run):
    exact = draw(7, T=30)
    poles, C = exact.poles.to(torch.complex64), exact.C.to(torch.complex64)
    y, state = run(exact.x.bfloat16(), poles, C, exact.step.float())
    assert (y.dtype, state.dtype) == (torch.bfloat16, torch.complex64)
    expected, _ = run(exact.x.bfloat16().double(), *exact[1:4])
    torch.testing.assert_close(y.double(), expected, rtol=1e-2, atol=1e-2)
    y, state = run(exact.x.float(), exact.poles, C, exact.step.float())
    assert (y.dtype, state.dtype) == (torch.float32, torch.complex128)
    y, state = run(exact.x.float(), poles.real, C.real, exact.step.float())
    assert (y.dtype, state.dtype) == (torch.float32, torch.float32)
    assert run(exact.x.float(), poles.real, C, exact.step.float())[1].dtype == torch.complex64


@both
@pytest.mark.parametrize("is_complex", [False, True], ids=["real", "complex"])
def test_autocast_does_not_reach_the_model(run, is_complex):
    exact = draw(11, T=30, is_complex=is_complex)
    single = [each.to(torch.complex64 if each.is_complex() else torch.float32) for each in exact]
    expected = run(*single[:4], state=single[4])
    with torch.autocast("cpu", torch.bfloat16):
        found = run(*single[:4], state=single[4])
    assert_same(found, expected, 1e-6)


@both
@pytest.mark.parametrize("sizes", [{"b": 0}, {"T": 0}, {"b": 0, "T": 0}], ids=str)
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed"])
def test_empty(run, sizes, packed):
    inputs = draw(8, **sizes)
    starts = torch.zeros(inputs.x.shape[:2], dtype=torch.bool) if packed else None
    y, state = run(*inputs[:4], state=inputs.state, starts=starts)
    assert y.shape == inputs.x.shape
    assert torch.equal(state, inputs.state)
    assert not run(*inputs[:4], starts=starts)[1].any()


@both
@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"x": torch.zeros(2, 7)}, r"expected real numbers \(b, T, D\)"),
        ({"x": torch.zeros(2, 7, 3, dtype=torch.complex64)}, "expected real numbers"),
        ({"x": torch.zeros(2, 7, 4)}, "x has 4 channels and poles 3"),
        ({"C": torch.zeros(3, 5)}, r"C \(3, 5\)"),
        ({"step": torch.zeros(3, 1)}, r"step \(3, 1\)"),
        ({"step": torch.zeros(3, dtype=torch.complex64)}, "expected a real step"),
        ({"C": torch.zeros(3, 4, device="meta")}, "C on meta"),
        ({"state": torch.zeros(2, 4, 3)}, "state has shape"),
        ({"state": torch.zeros(2, 3, 4, device="meta")}, "state is on meta"),
        ({"starts": torch.zeros(2, 7)}, "starts is torch.float32"),
        ({"starts": torch.zeros(7, 2, dtype=torch.bool)}, "starts is torch.bool of shape"),
    ],
)
def test_wrong_arguments_are_told(run, change, told):
    with pytest.raises(ValueError, match=told):
        run(**{**draw(9)._asdict(), **change})


def test_wrong_kernels_and_steps_are_told():
    x, poles, C, step, state = draw(10)
    with pytest.raises(ValueError, match="length = -1"):
        s4d_kernel(poles, C, step, -1)
    with pytest.raises(ValueError, match=r"expected real numbers \(b, D\)"):
        s4d_step(state, x, poles, C, step)
