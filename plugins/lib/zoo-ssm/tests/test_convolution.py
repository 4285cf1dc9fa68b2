"""The causal convolution against plain loops in float64."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from zoo_ssm.convolution import causal_convolution

examples = settings(max_examples=40)


def draw(seed, b=2, T=7, D=3, w=4, dtype=torch.float64, grad=False):
    """x, weight, bias, state."""
    generator = torch.Generator().manual_seed(seed)
    shapes = (b, T, D), (D, w), (D,), (b, w - 1, D)
    return [
        torch.randn(shape, generator=generator, dtype=dtype).requires_grad_(grad)
        for shape in shapes
    ]


def loop(x, weight, bias, state, starts=None):
    """Token by token: the taps of those before it, back to the start of its document."""
    past = weight.shape[1] - 1
    everything = torch.cat([state, x], dim=1)
    outputs = []
    for t in range(x.shape[1]):
        rows = []
        for row in range(x.shape[0]):
            total = bias.clone()
            for lag in range(past + 1):
                total = total + weight[:, past - lag] * everything[row, past + t - lag]
                if starts is not None and lag <= t and starts[row, t - lag]:
                    break
            rows.append(total)
        outputs.append(torch.stack(rows))
    return torch.stack(outputs, dim=1)


def gradients(output, inputs, seed=0):
    weights = torch.randn(
        output.shape, generator=torch.Generator().manual_seed(seed), dtype=output.dtype
    )
    return torch.autograd.grad((output * weights).sum(), inputs)


def assert_same(found, expected, tolerance=1e-12):
    for one, other in zip(found, expected, strict=True):
        assert one.shape == other.shape
        torch.testing.assert_close(one, other, rtol=tolerance, atol=tolerance)


@examples
@given(st.integers(0, 10**6), st.integers(1, 8), st.integers(1, 5), st.booleans())
def test_values_and_gradients_are_the_loops(seed, T, w, packed):
    x, weight, bias, state = inputs = draw(seed, T=T, w=w, grad=True)
    generator = torch.Generator().manual_seed(seed)
    starts = torch.rand(2, T, generator=generator) < 0.3 if packed else None
    expected = loop(x, weight, bias, state, starts)
    found, _ = causal_convolution(x, weight, bias, state=state, starts=starts)
    assert_same([found], [expected])
    chosen = inputs if w > 1 else inputs[:3]
    assert_same(gradients(found, chosen), gradients(expected, chosen))


@examples
@given(st.integers(0, 10**6), st.integers(0, 7), st.integers(1, 5), st.booleans())
def test_a_sequence_may_be_split_anywhere(seed, cut, w, packed):
    x, weight, bias, state = draw(seed, w=w)
    generator = torch.Generator().manual_seed(seed)
    starts = torch.rand(2, 7, generator=generator) < 0.3 if packed else None
    whole = causal_convolution(x, weight, bias, state=state, starts=starts)
    outputs = []
    for part in (slice(0, cut), slice(cut, 7)):
        mine = None if starts is None else starts[:, part]
        y, state = causal_convolution(x[:, part], weight, bias, state=state, starts=mine)
        outputs.append(y)
    assert_same([torch.cat(outputs, dim=1)], [whole[0]])
    # Inputs before the last start may differ in the states: what comes next decides.
    more = draw(seed + 1, T=w)[0]
    continued = [causal_convolution(more, weight, state=each)[0] for each in (state, whole[1])]
    assert_same(continued[:1], continued[1:])


@examples
@given(st.integers(0, 10**6), st.integers(1, 5))
def test_single_tokens_are_the_whole(seed, w):
    x, weight, bias, state = draw(seed, w=w)
    whole = causal_convolution(x, weight, bias, state=state)
    outputs = []
    for token in x.split(1, dim=1):
        y, state = causal_convolution(token, weight, bias, state=state)
        outputs.append(y)
    assert_same((torch.cat(outputs, dim=1), state), whole)
    assert_same([state], [torch.cat([draw(seed, w=w)[3], x], dim=1)[:, 7:]])


@pytest.mark.parametrize("lengths", [(4, 3), (1, 5, 1), (7,), (2, 2, 3)], ids=str)
def test_packed_documents_are_each_alone(lengths):
    x, weight, bias, state = draw(1, b=1, grad=True)
    starts = torch.zeros(1, 7, dtype=torch.bool)
    begin, alone = 0, []
    for length in lengths:
        starts[0, begin] = True
        y, last = causal_convolution(x[:, begin : begin + length], weight, bias)
        alone.append(y)
        begin += length
    alone = torch.cat(alone, dim=1)
    packed, after = causal_convolution(x, weight, bias, state=state, starts=starts)
    assert_same((packed, after), (alone, last))
    *found, of_state = gradients(packed, [x, weight, bias, state])
    assert_same(found, gradients(alone, [x, weight, bias]))
    assert not of_state.any()


@examples
@given(st.integers(0, 10**6), st.integers(1, 6))
def test_causal(seed, cut):
    x, weight, bias, _ = draw(seed)
    other = torch.cat([x[:, :cut], draw(seed + 1)[0][:, cut:]], dim=1)
    found, expected = (causal_convolution(each, weight, bias)[0] for each in (other, x))
    assert torch.equal(found[:, :cut], expected[:, :cut])


def test_no_state_is_zeros_and_no_bias_is_zero():
    x, weight, bias, state = draw(2)
    found = causal_convolution(x, weight)
    expected = causal_convolution(x, weight, 0 * bias, state=0 * state)
    assert_same(found, expected)


def test_gradients_by_differences():
    inputs = draw(3, T=4, grad=True)
    starts = torch.tensor([[False, False, True, False], [False] * 4])
    assert torch.autograd.gradcheck(
        lambda x, weight, bias, state: causal_convolution(
            x, weight, bias, state=state, starts=starts
        ),
        tuple(inputs),
    )


def test_half_precision_stays():
    x, weight, bias, _ = draw(4, dtype=torch.float32)
    y, state = causal_convolution(x.bfloat16(), weight.bfloat16(), bias.bfloat16())
    assert (y.dtype, state.dtype) == (torch.bfloat16, torch.bfloat16)
    expected, _ = causal_convolution(x, weight, bias)
    torch.testing.assert_close(y.float(), expected, rtol=5e-2, atol=5e-2)


@pytest.mark.parametrize("sizes", [{"b": 0}, {"T": 0}], ids=str)
def test_empty(sizes):
    x, weight, bias, state = draw(5, **sizes)
    y, after = causal_convolution(x, weight, bias, state=state)
    assert y.shape == x.shape
    assert torch.equal(after, state)


def test_empty_and_packed():
    x, weight, _, state = draw(5, T=0)
    starts = torch.zeros(2, 0, dtype=torch.bool)
    assert torch.equal(causal_convolution(x, weight, state=state, starts=starts)[1], state)


@pytest.mark.parametrize(
    "change",
    [
        {"x": torch.zeros(2, 7)},
        {"weight": torch.zeros(4, 4)},
        {"weight": torch.zeros(3)},
        {"bias": torch.zeros(2)},
        {"state": torch.zeros(2, 4, 3)},
        {"starts": torch.zeros(7, 2, dtype=torch.bool)},
    ],
    ids=lambda change: "-".join(change) + "-".join(str(each.dim()) for each in change.values()),
)
def test_wrong_shapes_are_told(change):
    x, weight, bias, state = draw(6)
    with pytest.raises(ValueError, match=r"\(\d"):
        causal_convolution(**{"x": x, "weight": weight, "bias": bias, "state": state, **change})


def test_what_is_not_finite_stays_in_its_document():
    x = torch.randn(1, 6, 2, generator=torch.Generator().manual_seed(0))
    weight = torch.ones(2, 3)
    starts = torch.tensor([[False, False, False, False, True, False]])
    clean, last = causal_convolution(x, weight, starts=starts)
    x[:, 3] = torch.nan
    y, state = causal_convolution(x, weight, starts=starts)
    assert y[:, 3].isnan().all()
    assert torch.equal(y[:, 4:], clean[:, 4:]) and torch.equal(state, last)
