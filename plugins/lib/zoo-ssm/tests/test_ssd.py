"""The head-shared scan against a plain loop over tokens, in float64, and its invariants."""

from __future__ import annotations

from typing import NamedTuple

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from zoo_ssm import ssd as module
from zoo_ssm.selective_scan import selective_scan
from zoo_ssm.ssd import ssd, ssd_step

examples = settings(max_examples=40)


class Inputs(NamedTuple):
    x: Tensor
    delta: Tensor
    A: Tensor
    B: Tensor
    C: Tensor
    state: Tensor


def draw(seed, b=2, T=7, H=4, P=3, N=2, G=1, dtype=torch.float64, grad=False):
    generator = torch.Generator().manual_seed(seed)

    def normal(*shape):
        return torch.randn(shape, generator=generator, dtype=torch.float64)

    found = Inputs(
        normal(b, T, H, P),
        normal(b, T, H).exp(),
        -normal(H).exp(),
        normal(b, T, G, N),
        normal(b, T, G, N),
        normal(b, H, P, N),
    )
    return Inputs(*(each.to(dtype).requires_grad_(grad) for each in found))


def random_starts(seed, b, T):
    return torch.rand(b, T, generator=torch.Generator().manual_seed(seed)) < 0.3


def loop(x, delta, A, B, C, state, starts=None):
    """Token by token and head by head, as the recurrence is written down."""
    share = x.shape[2] // B.shape[2]
    outputs = []
    for t in range(x.shape[1]):
        heads, rows = [], []
        for h in range(x.shape[2]):
            past = state[:, h]
            if starts is not None:
                past = torch.where(starts[:, t, None, None], torch.zeros_like(past), past)
            decay = torch.exp(delta[:, t, h] * A[h])[:, None, None]
            added = torch.einsum("bp,bn->bpn", x[:, t, h], B[:, t, h // share])
            heads.append(decay * past + delta[:, t, h, None, None] * added)
            rows.append(torch.einsum("bpn,bn->bp", heads[-1], C[:, t, h // share]))
        state = torch.stack(heads, dim=1)
        outputs.append(torch.stack(rows, dim=1))
    return torch.stack(outputs, dim=1), state


def run(inputs, **more):
    return ssd(*inputs[:5], state=inputs.state, **more)


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
)
def test_values_and_gradients_are_the_loops(seed, T, G, chunk, packed):
    inputs = draw(seed, T=T, G=G, grad=True)
    starts = random_starts(seed, 2, T) if packed else None
    expected = loop(*inputs, starts)
    found = run(inputs, starts=starts, chunk=chunk)
    assert_same(found, expected)
    assert_same(gradients(found, inputs), gradients(expected, inputs))


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed"])
@pytest.mark.parametrize("piece", [1, 300])
def test_pieces_are_the_whole(monkeypatch, packed, piece):
    inputs = draw(22, T=23, G=2, grad=True)
    starts = random_starts(22, 2, 23) if packed else None
    expected = loop(*inputs, starts)
    monkeypatch.setattr(module, "PIECE", piece)
    found = run(inputs, starts=starts, chunk=4)
    assert_same(found, expected)
    assert_same(gradients(found, inputs), gradients(expected, inputs))


def test_a_head_is_channels_of_one_pole():
    inputs = draw(1, T=70, G=2)
    y, state = selective_scan(
        inputs.x.flatten(2),
        inputs.delta.repeat_interleave(3, dim=2),
        inputs.A.repeat_interleave(3)[:, None].expand(12, 2),
        inputs.B,
        inputs.C,
        state=inputs.state.flatten(1, 2),
    )
    assert_same(run(inputs), (y.unflatten(2, (4, 3)), state.unflatten(1, (4, 3))))


@examples
@given(st.integers(0, 10**6), st.integers(1, 9), st.sampled_from([1, 2, 4]))
def test_steps_are_the_scan(seed, T, G):
    inputs = draw(seed, T=T, G=G)
    state, outputs = inputs.state, []
    for t in range(T):
        x, delta, B, C = (each[:, t] for each in (inputs.x, inputs.delta, inputs.B, inputs.C))
        out, state = ssd_step(state, x, delta, inputs.A, B, C)
        outputs.append(out)
    assert_same((torch.stack(outputs, dim=1), state), run(inputs))


@examples
@given(st.integers(0, 10**6), st.integers(0, 9))
def test_a_sequence_may_be_split_anywhere(seed, cut):
    inputs = draw(seed, T=9, G=2)
    state, outputs = inputs.state, []
    for part in (slice(0, cut), slice(cut, 9)):
        x, delta, B, C = (each[:, part] for each in (inputs.x, inputs.delta, inputs.B, inputs.C))
        out, state = ssd(x, delta, inputs.A, B, C, state=state, chunk=4)
        outputs.append(out)
    assert_same((torch.cat(outputs, dim=1), state), run(inputs, chunk=4))


@pytest.mark.parametrize("lengths", [(4, 4), (1, 6, 1), (8,), (3, 5)], ids=str)
def test_packed_documents_are_each_alone(lengths):
    inputs = draw(3, b=1, T=8, G=2, grad=True)
    starts = torch.zeros(1, 8, dtype=torch.bool)
    begin, outputs = 0, []
    for length in lengths:
        starts[0, begin] = True
        part = slice(begin, begin + length)
        x, delta, B, C = (each[:, part] for each in (inputs.x, inputs.delta, inputs.B, inputs.C))
        out, last = ssd(x, delta, inputs.A, B, C)
        outputs.append(out)
        begin += length
    alone = torch.cat(outputs, dim=1), last
    packed = run(inputs, starts=starts, chunk=3)
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
    (y, last), (expected, kept) = (run(each, starts=starts, chunk=2) for each in (other, inputs))
    assert y[:, :3].abs().min() > 1e20
    assert_same((y[:, 3:], last), (expected[:, 3:], kept))


@examples
@given(st.integers(0, 10**6), st.integers(1, 8))
def test_causal(seed, cut):
    inputs, other = draw(seed, T=9), draw(seed + 1, T=9)
    x, delta, B, C = (
        torch.cat([getattr(inputs, name)[:, :cut], getattr(other, name)[:, cut:]], dim=1)
        for name in ("x", "delta", "B", "C")
    )
    y, _ = ssd(x, delta, inputs.A, B, C, state=inputs.state, chunk=4)
    assert_same([y[:, :cut]], [run(inputs, chunk=4)[0][:, :cut]], 1e-12)


def test_no_decay_is_linear_attention():
    x, delta, A, B, C, _ = draw(5, T=12)
    y, _ = ssd(x, torch.ones_like(delta), torch.zeros_like(A), B, C, chunk=5)
    scores = torch.einsum("btn,bsn->bts", C[:, :, 0], B[:, :, 0]).tril()
    assert_same([y], [torch.einsum("bts,bshp->bthp", scores, x)])


@examples
@given(st.integers(0, 10**6), st.floats(0.1, 10))
def test_scale_of_the_steps_is_the_poles_and_weights(seed, c):
    x, delta, A, B, C, state = draw(seed)
    found = ssd(x, delta * c, A / c, B / c, C, state=state)
    assert_same(found, ssd(x, delta, A, B, C, state=state))


@examples
@given(st.integers(0, 10**6))
def test_states_are_bounded(seed):
    x, delta, A, B, C, _ = draw(seed, T=40)
    _, state = ssd(x, delta, A, B, C, chunk=8)
    added = (delta.unsqueeze(-1) * x.abs()).max() * B.abs().max()
    assert state.abs().max() <= added / (1 - torch.exp(delta * A).max()) * (1 + 1e-12)


@pytest.mark.parametrize("G", [1, 2, 4])
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed"])
def test_gradients_by_differences(G, packed):
    inputs = draw(7, b=2, T=4, H=4, P=1, N=2, G=G, grad=True)
    starts = random_starts(2, 2, 4) if packed else None
    assert torch.autograd.gradcheck(
        lambda *each: ssd(*each[:5], state=each[5], starts=starts, chunk=3), tuple(inputs)
    )


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16], ids=str)
def test_half_precision(dtype):
    half = draw(10, T=40, G=2, dtype=dtype)
    y, state = run(half)
    assert (y.dtype, state.dtype) == (dtype, torch.float32)
    expected = run(Inputs(*(each.float() for each in half)))
    torch.testing.assert_close(y.float(), expected[0], rtol=1e-2, atol=1e-2)
    torch.testing.assert_close(state, expected[1], rtol=1e-6, atol=1e-6)


def test_autocast_does_not_reach_the_products():
    inputs = draw(11, T=40, G=2, dtype=torch.float32)
    expected = run(inputs)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = run(inputs)
    assert all(torch.equal(*pair) for pair in zip(found, expected, strict=True))


def test_the_widest_input_decides_the_precision():
    inputs = draw(12, T=9, G=2, dtype=torch.float32)
    y, state = run(inputs._replace(delta=inputs.delta.double()))
    assert (y.dtype, state.dtype) == (torch.float32, torch.float64)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_huge_decays_give_no_nan(dtype):
    inputs = draw(13, T=20, dtype=dtype)
    inputs.delta[:, ::3] = 1e6
    inputs.delta[:, 1::3] = 0
    inputs.A[0] = -1e6
    inputs.A[1] = 0
    for each in inputs:
        each.requires_grad_()
    outputs = run(inputs, chunk=6)
    assert all(each.isfinite().all() for each in outputs)
    assert all(each.isfinite().all() for each in gradients(outputs, inputs))


def test_strides_do_not_matter():
    inputs = draw(14, T=6, G=2)
    turned = Inputs(*(each.movedim(0, -1).contiguous().movedim(-1, 0) for each in inputs))
    assert not turned.x.is_contiguous()
    assert_same(run(turned), run(inputs), 1e-14)


def test_inputs_are_left_as_they_were():
    inputs = draw(16, N=1)
    before = [each.clone() for each in inputs]
    run(inputs, chunk=2)
    x, delta, A, B, C, state = inputs
    ssd_step(state, x[:, 0], delta[:, 0], A, B[:, 0], C[:, 0])
    assert all(torch.equal(one, other) for one, other in zip(inputs, before, strict=True))


@pytest.mark.parametrize("sizes", [{"b": 0}, {"T": 0}, {"b": 0, "T": 0}], ids=str)
def test_empty(sizes):
    inputs = draw(18, **sizes)
    y, state = run(inputs)
    assert y.shape == inputs.x.shape
    assert torch.equal(state, inputs.state)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"x": torch.zeros(2, 7, 4)}, r"\(2, 7, 4\)"),
        ({"delta": torch.zeros(2, 7, 3)}, "delta"),
        ({"A": torch.zeros(3)}, "A has shape"),
        ({"B": torch.zeros(2, 6, 1, 2)}, "B has shape"),
        ({"C": torch.zeros(2, 7, 2, 2)}, "B has 1 groups and C 2"),
        ({"B": torch.zeros(2, 7, 3, 2), "C": torch.zeros(2, 7, 3, 2)}, "a divisor of the 4 heads"),
        ({"state": torch.zeros(2, 4, 2, 3)}, "state"),
        ({"starts": torch.zeros(7, 2, dtype=torch.bool)}, "starts"),
        ({"chunk": 0}, "chunk"),
        ({"A": torch.ones(4)}, "A has a positive entry"),
        ({"starts": torch.zeros(2, 7, dtype=torch.int64)}, "starts is torch.int64"),
        ({"x": torch.zeros(2, 7, 4, 3, dtype=torch.int64)}, "x is torch.int64"),
        ({"B": torch.zeros(2, 7, 1, 2, device="meta")}, "B is on meta and x on cpu"),
    ],
)
def test_wrong_arguments_are_told(change, told):
    with pytest.raises(ValueError, match=told):
        ssd(**{**draw(19)._asdict(), **change})


def test_the_axis_of_one_group_may_be_left_out():
    inputs = draw(20, G=1)
    without = {"B": inputs.B.squeeze(2), "C": inputs.C.squeeze(2)}
    assert_same(ssd(**{**inputs._asdict(), **without}), run(inputs))
    first = {"x": inputs.x[:, 0], "delta": inputs.delta[:, 0]}
    step = ssd_step(inputs.state, **first, A=inputs.A, B=inputs.B[:, 0, 0], C=inputs.C[:, 0, 0])
    assert_same(
        step, ssd_step(inputs.state, **first, A=inputs.A, B=inputs.B[:, 0], C=inputs.C[:, 0])
    )


@pytest.mark.parametrize("wrong", [torch.nan, torch.inf])
@pytest.mark.parametrize("where", ["x", "delta", "B", "C"])
def test_what_is_not_finite_reaches_nothing_before_it_and_no_other_document(where, wrong):
    inputs = draw(21)
    starts = torch.zeros(2, 7, dtype=torch.bool)
    starts[:, 5] = True
    clean, last = run(inputs, starts=starts)
    spoilt = {**inputs._asdict(), where: getattr(inputs, where).clone()}
    spoilt[where][:, 3] = wrong
    y, after = ssd(**spoilt, starts=starts)
    assert not y[:, 3].isfinite().all()
    assert_same((y[:, :3], y[:, 5:], after), (clean[:, :3], clean[:, 5:], last))
