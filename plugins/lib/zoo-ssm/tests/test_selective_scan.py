"""The selective scan against a plain loop over tokens, in float64, and its invariants."""

from __future__ import annotations

from typing import NamedTuple

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from zoo_ssm import selective_scan as module
from zoo_ssm.s4d import s4d_convolution
from zoo_ssm.selective_scan import selective_scan, selective_step

examples = settings(max_examples=40)


class Inputs(NamedTuple):
    x: Tensor
    delta: Tensor
    A: Tensor
    B: Tensor
    C: Tensor
    state: Tensor


def draw(seed, b=2, T=7, D=4, N=3, G=1, dtype=torch.float64, grad=False):
    generator = torch.Generator().manual_seed(seed)

    def normal(*shape):
        return torch.randn(shape, generator=generator, dtype=torch.float64)

    found = Inputs(
        normal(b, T, D),
        normal(b, T, D).exp(),
        -normal(D, N).exp(),
        normal(b, T, G, N),
        normal(b, T, G, N),
        normal(b, D, N),
    )
    return Inputs(*(each.to(dtype).requires_grad_(grad) for each in found))


def random_starts(seed, b, T):
    return torch.rand(b, T, generator=torch.Generator().manual_seed(seed)) < 0.3


def loop(x, delta, A, B, C, state, starts=None):
    """Token by token and channel by channel of each group, as the recurrence is written down."""
    length, width = x.shape[1:]
    share = width // B.shape[2]
    outputs = []
    h = state
    for t in range(length):
        rows = []
        for c in range(width):
            past = h[:, c]
            if starts is not None:
                past = torch.where(starts[:, t, None], torch.zeros_like(past), past)
            decay = torch.exp(delta[:, t, c, None] * A[c])
            rows.append(decay * past + (delta[:, t, c] * x[:, t, c])[:, None] * B[:, t, c // share])
        h = torch.stack(rows, dim=1)
        read = C[:, t].repeat_interleave(share, dim=1)
        outputs.append(torch.einsum("bcn,bcn->bc", h, read))
    return torch.stack(outputs, dim=1), h


def scan(inputs, **more):
    return selective_scan(*inputs[:5], state=inputs.state, **more)


def gradients(outputs, inputs, seed=0):
    generator = torch.Generator().manual_seed(seed)
    loss = sum(
        (each * torch.randn(each.shape, generator=generator, dtype=each.dtype)).sum()
        for each in outputs
    )
    return torch.autograd.grad(loss, inputs)


def assert_same(found, expected, tolerance=1e-10):
    for one, other in zip(found, expected, strict=True):
        assert one.shape == other.shape
        torch.testing.assert_close(one, other, rtol=tolerance, atol=tolerance)


@examples
@given(
    st.integers(0, 10**6),
    st.sampled_from([1, 2, 5, 8, 13]),
    st.sampled_from([1, 2, 4]),
    st.sampled_from([1, 3, 4, 64]),
    st.booleans(),
    st.booleans(),
)
def test_values_and_gradients_are_the_loops(seed, T, G, chunk, packed, products):
    inputs = draw(seed, T=T, G=G, grad=True)
    starts = random_starts(seed, 2, T) if packed else None
    expected = loop(*inputs, starts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "SMALL", 0 if products else 1 << 30)
        found = scan(inputs, starts=starts, chunk=chunk)
        assert_same(found, expected)
        assert_same(gradients(found, inputs), gradients(expected, inputs))


def test_default_chunks_of_larger_sizes():
    inputs = draw(0, b=3, T=150, D=80, N=16, grad=True)
    found, expected = scan(inputs), scan(inputs, chunk=1)
    assert_same(found, expected)
    assert_same(gradients(found, inputs), gradients(expected, inputs))


@examples
@given(st.integers(0, 10**6), st.integers(1, 9), st.sampled_from([1, 2, 4]))
def test_steps_are_the_scan(seed, T, G):
    inputs = draw(seed, T=T, G=G)
    y, last = scan(inputs)
    state, outputs = inputs.state, []
    for t in range(T):
        x, delta, B, C = (each[:, t] for each in (inputs.x, inputs.delta, inputs.B, inputs.C))
        out, state = selective_step(state, x, delta, inputs.A, B, C)
        outputs.append(out)
    assert_same((torch.stack(outputs, dim=1), state), (y, last))


@examples
@given(st.integers(0, 10**6), st.integers(0, 9))
def test_a_sequence_may_be_split_anywhere(seed, cut):
    inputs = draw(seed, T=9, G=2)
    whole = scan(inputs, chunk=4)
    state, outputs = inputs.state, []
    for part in (slice(0, cut), slice(cut, 9)):
        x, delta, B, C = (each[:, part] for each in (inputs.x, inputs.delta, inputs.B, inputs.C))
        out, state = selective_scan(x, delta, inputs.A, B, C, state=state, chunk=4)
        outputs.append(out)
    assert_same((torch.cat(outputs, dim=1), state), whole)


@pytest.mark.parametrize("lengths", [(4, 4), (1, 6, 1), (8,), (3, 5)], ids=str)
def test_packed_documents_are_each_alone(lengths):
    inputs = draw(3, b=1, T=8, G=2, grad=True)
    starts = torch.zeros(1, 8, dtype=torch.bool)
    begin, outputs = 0, []
    for length in lengths:
        starts[0, begin] = True
        part = slice(begin, begin + length)
        x, delta, B, C = (each[:, part] for each in (inputs.x, inputs.delta, inputs.B, inputs.C))
        out, last = selective_scan(x, delta, inputs.A, B, C)
        outputs.append(out)
        begin += length
    alone = torch.cat(outputs, dim=1), last
    packed = scan(inputs, starts=starts, chunk=3)
    assert_same(packed, alone)
    found = gradients(packed, inputs)
    assert_same(found[:5], gradients(alone, inputs[:5]))
    assert not found[5].any(), "nothing before the first document is looked at"


def test_nothing_leaks_over_a_start():
    inputs = draw(4, b=1, T=6)
    starts = torch.tensor([[False, False, False, True, False, False]])
    other = inputs._replace(x=inputs.x.clone(), B=inputs.B.clone(), state=inputs.state + 1)
    other.x[:, :3] = 1e30
    other.B[:, :3] = -1e30
    (y, last), (expected, kept) = (scan(each, starts=starts, chunk=2) for each in (other, inputs))
    assert y[:, :3].abs().min() > 1e20
    assert torch.equal(y[:, 3:], expected[:, 3:])
    assert torch.equal(last, kept)


@examples
@given(st.integers(0, 10**6), st.integers(1, 8))
def test_causal(seed, cut):
    inputs, other = draw(seed, T=9), draw(seed + 1, T=9)
    mixed = [torch.cat([one[:, :cut], two[:, cut:]], dim=1) for one, two in
             ((inputs.x, other.x), (inputs.delta, other.delta), (inputs.B, other.B),
              (inputs.C, other.C))]  # fmt: skip
    x, delta, B, C = mixed
    y, _ = selective_scan(x, delta, inputs.A, B, C, state=inputs.state, chunk=4)
    assert torch.equal(y[:, :cut], scan(inputs, chunk=4)[0][:, :cut])


def test_no_decay_is_linear_attention():
    x, delta, A, B, C, _ = draw(5, T=12)
    y, _ = selective_scan(x, torch.ones_like(delta), torch.zeros_like(A), B, C, chunk=5)
    scores = torch.einsum("btn,bsn->bts", C[:, :, 0], B[:, :, 0]).tril()
    torch.testing.assert_close(y, scores @ x, rtol=1e-10, atol=1e-10)


@examples
@given(st.integers(0, 10**6), st.floats(0.1, 10))
def test_scale_of_the_steps_is_the_poles_and_weights(seed, c):
    x, delta, A, B, C, state = draw(seed)
    found = selective_scan(x, delta * c, A / c, B / c, C, state=state)
    assert_same(found, selective_scan(x, delta, A, B, C, state=state))


@examples
@given(st.integers(0, 10**6))
def test_states_are_bounded(seed):
    x, delta, A, B, C, _ = draw(seed, T=40)
    _, state = selective_scan(x, delta, A, B, C, chunk=8)
    decay = torch.exp(delta.unsqueeze(-1) * A).max()
    added = ((delta * x).abs().unsqueeze(-1) * B.abs()).max()
    assert state.abs().max() <= added / (1 - decay) * (1 + 1e-12)


def test_constant_selection_is_a_convolution():
    x, _, A, _, _, _ = draw(6, T=50)
    step = torch.tensor([0.01, 0.1, 0.5, 2.0], dtype=torch.float64)
    weights, read = torch.randn(
        2, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0)
    )
    y, _ = selective_scan(
        x, step.expand_as(x), A, weights.expand(2, 50, 3), read.expand(2, 50, 3), chunk=16
    )
    # S6's input weight is τ B where the zero-order hold has (exp(τ A) - 1) / A.
    correction = step[:, None] * weights * A / torch.expm1(step[:, None] * A)
    expected, _ = s4d_convolution(x, A, read * correction, step)
    torch.testing.assert_close(y, expected, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("G", [1, 2, 4])
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed"])
def test_gradients_by_differences(G, packed):
    inputs = draw(7, b=2, T=5, D=4, N=2, G=G, grad=True)
    starts = random_starts(1, 2, 5) if packed else None
    assert torch.autograd.gradcheck(
        lambda *each: selective_scan(*each[:5], state=each[5], starts=starts, chunk=2),
        tuple(inputs),
    )


@pytest.mark.parametrize("chosen", range(6), ids=Inputs._fields)
def test_a_gradient_alone_is_the_one_among_all(chosen):
    inputs = draw(8, T=6, G=2, grad=True)
    expected = gradients(scan(inputs, chunk=4), inputs)[chosen]
    alone = Inputs(*(each.detach().requires_grad_(n == chosen) for n, each in enumerate(inputs)))
    found = gradients(scan(alone, chunk=4), [alone[chosen]])[0]
    torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-12)


def test_nothing_is_kept_without_gradients():
    inputs = draw(8, grad=True)
    with torch.no_grad():
        y, state = scan(inputs)
    assert not y.requires_grad and not state.requires_grad
    assert not scan(draw(8))[0].requires_grad


def test_second_derivatives_are_refused():
    inputs = draw(9, grad=True)
    first = torch.autograd.grad(scan(inputs)[0].square().sum(), inputs.x, create_graph=True)[0]
    with pytest.raises(RuntimeError, match="once_differentiable"):
        first.sum().backward()


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16], ids=str)
def test_half_precision(dtype):
    exact = draw(10, T=30, G=2, grad=True)
    half = Inputs(*(each.detach().to(dtype).requires_grad_() for each in exact))
    y, state = scan(half)
    assert (y.dtype, state.dtype) == (dtype, torch.float32)
    rounded = Inputs(*(each.detach().float().requires_grad_() for each in half))
    expected = scan(rounded)
    torch.testing.assert_close(y.float(), expected[0], rtol=1e-2, atol=1e-2)
    torch.testing.assert_close(state, expected[1], rtol=1e-6, atol=1e-6)
    found = torch.autograd.grad(y.float().sum() + state.sum(), half)
    others = torch.autograd.grad(expected[0].sum() + expected[1].sum(), rounded)
    for one, each, other in zip(found, half, others, strict=True):
        assert one.dtype == each.dtype
        torch.testing.assert_close(one.float(), other, rtol=1e-2, atol=1e-2)


def test_inputs_of_several_precisions():
    x, delta, A, B, C, state = draw(11, dtype=torch.float32)
    y, last = selective_scan(x.bfloat16(), delta, A, B.half(), C, state=state.double())
    assert (y.dtype, last.dtype) == (torch.bfloat16, torch.float64)
    y, last = selective_step(state, x[:, 0].bfloat16(), delta[:, 0], A, B[:, 0], C[:, 0])
    assert (y.dtype, last.dtype) == (torch.bfloat16, torch.float32)


def test_autocast_does_not_reach_the_scan():
    inputs = draw(12, b=1, T=6, D=64, N=32, dtype=torch.float32, grad=True)
    expected = scan(inputs)
    slopes = gradients(expected, inputs)
    with torch.autocast("cpu", torch.bfloat16):
        found = scan(inputs)
        others = gradients(found, inputs)
    assert_same(found, expected, 1e-6)
    assert_same(others, slopes, 1e-6)


@pytest.mark.parametrize("in_order", [True, False], ids=["list", "loop"])
def test_a_chain_is_added_up_one_after_another(monkeypatch, in_order):
    assert module._in_order()
    monkeypatch.setattr(module, "_in_order", lambda: in_order)
    start, decay = torch.randn(20, 300), torch.rand(19, 300)
    chain, expected = start.clone(), start.clone()
    for t in range(19):
        expected[t + 1] = torch.addcmul(expected[t + 1], decay[t], expected[t])
    tokens = chain.unbind()
    module._one_by_one(tokens[1:], decay.unbind(), tokens[:-1])
    assert chain.equal(expected)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_huge_decays_give_no_nan(dtype):
    inputs = draw(13, T=20, dtype=dtype)
    inputs.delta[:, ::3] = 1e6
    inputs.delta[:, 1::3] = 0
    inputs.A[0] = -1e6
    inputs.A[1] = 0
    for each in inputs:
        each.requires_grad_()
    outputs = scan(inputs, chunk=6)
    assert all(each.isfinite().all() for each in outputs)
    assert all(each.isfinite().all() for each in gradients(outputs, inputs))


def test_strides_do_not_matter():
    inputs = draw(14, T=6, G=2)
    turned = Inputs(*(each.movedim(0, -1).contiguous().movedim(-1, 0) for each in inputs))
    assert not turned.x.is_contiguous()
    assert_same(scan(turned), scan(inputs), 1e-14)
    wide = draw(15, T=6)
    row = wide._replace(
        x=wide.x[:, :, :1].expand(2, 6, 4).detach().requires_grad_(),
        C=wide.C[:1].expand(2, 6, 1, 3).detach().requires_grad_(),
    )
    plain = row._replace(
        x=row.x.detach().clone().requires_grad_(), C=row.C.detach().clone().requires_grad_()
    )
    assert_same(
        gradients(scan(row), [row.x, row.C]), gradients(scan(plain), [plain.x, plain.C]), 1e-14
    )


def test_inputs_and_states_are_left_as_they_were():
    inputs = draw(16, N=1)
    before = [each.clone() for each in inputs]
    _, first = scan(inputs, chunk=2)
    kept = first.clone()
    scan(inputs, chunk=2)
    selective_scan(*inputs[:5], state=first)
    assert all(torch.equal(one, other) for one, other in zip(inputs, before, strict=True))
    assert torch.equal(first, kept)
    assert first.is_contiguous()


def test_one_group_needs_no_axis():
    x, delta, A, B, C, state = draw(17)
    found = selective_scan(x, delta, A, B[:, :, 0], C[:, :, 0], state=state)
    assert_same(found, selective_scan(x, delta, A, B, C, state=state), 1e-15)
    one = [each[:, 0] for each in (x, delta, B[:, :, 0], C[:, :, 0])]
    y, _ = selective_step(state, *one[:2], A, *one[2:])
    torch.testing.assert_close(y, found[0][:, 0])


@pytest.mark.parametrize("sizes", [{"b": 0}, {"T": 0}, {"b": 0, "T": 0}], ids=str)
def test_empty(sizes):
    inputs = draw(18, **sizes, grad=True)
    y, state = scan(inputs)
    assert y.shape == inputs.x.shape
    assert torch.equal(state, inputs.state)
    assert all(each.isfinite().all() for each in gradients((y, state), inputs))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"x": torch.zeros(2, 7)}, r"x has shape \(2, 7\); expected \(b, T, D\)"),
        ({"delta": torch.zeros(2, 7, 3)}, "delta has shape"),
        ({"A": torch.zeros(3, 3)}, r"A has shape \(3, 3\); expected \(D, N\) with D = 4"),
        ({"A": torch.ones(4, 3)}, "positive"),
        ({"B": torch.zeros(2, 7, 1, 2)}, "B has shape"),
        ({"C": torch.zeros(2, 6, 1, 3)}, "C has shape"),
        ({"C": torch.zeros(2, 7, 2, 3)}, "B has 1 groups and C 2"),
        ({"B": torch.zeros(2, 7, 3, 3), "C": torch.zeros(2, 7, 3, 3)}, "a divisor of the 4"),
        ({"B": torch.zeros(2, 7, 0, 3), "C": torch.zeros(2, 7, 0, 3)}, "a divisor of the 4"),
        ({"x": torch.zeros(2, 7, 4, dtype=torch.int64)}, "x is torch.int64"),
        ({"A": torch.zeros(4, 3, dtype=torch.complex64)}, "A is torch.complex64"),
        ({"B": torch.zeros(2, 7, 1, 3, device="meta")}, "B is on meta and x on cpu"),
        ({"state": torch.zeros(2, 3, 4)}, "state has shape"),
        ({"starts": torch.zeros(2, 7)}, "starts is torch.float32"),
        ({"starts": torch.zeros(7, 2, dtype=torch.bool)}, "starts is torch.bool of shape"),
        (
            {"starts": torch.zeros(2, 7, dtype=torch.bool, device="meta")},
            "starts is torch.bool of shape .* on meta",
        ),
        ({"chunk": 0}, "chunk = 0"),
    ],
)
def test_wrong_arguments_are_told(change, told):
    arguments = {**draw(19)._asdict(), **change}
    with pytest.raises(ValueError, match=told):
        selective_scan(**arguments)


@pytest.mark.parametrize("wrong", [torch.nan, torch.inf])
@pytest.mark.parametrize("where", ["x", "delta", "B", "state"])
def test_what_is_not_finite_stays_in_its_document(where, wrong):
    inputs = draw(21)
    starts = torch.zeros(2, 7, dtype=torch.bool)
    starts[:, 3] = True
    clean, last = scan(inputs, starts=starts)
    spoilt = {**inputs._asdict(), where: getattr(inputs, where).clone()}
    spoilt[where][:, 0] = wrong
    y, after = selective_scan(**spoilt, starts=starts)
    assert not y[:, :3].isfinite().all()
    assert_same((y[:, 3:], after), (clean[:, 3:], last))


def test_wrong_steps_are_told():
    x, delta, A, B, C, state = draw(20)
    with pytest.raises(ValueError, match="expected \\(b, D\\)"):
        selective_step(state, x, delta, A, B, C)
    with pytest.raises(ValueError, match="state has shape"):
        selective_step(state[:1], x[:, 0], delta[:, 0], A, B[:, 0], C[:, 0])


class Packed(torch.nn.Module):
    def forward(self, x, delta, A, B, C, state, starts):
        return selective_scan(x, delta, A, B, C, state=state, starts=starts)


@pytest.mark.parametrize("T", [1, 9])
def test_export(T):
    inputs = draw(21, T=T, G=2)
    starts = random_starts(21, 2, T)
    with torch.no_grad():
        program = torch.export.export(Packed(), (*inputs, starts))
    assert_same(program.module()(*inputs, starts), scan(inputs, starts=starts))
