"""HedgeMamba's mixer: what its start, its averages and its states must satisfy, in float64."""

from __future__ import annotations

import pytest
import torch
from zoo_attention_to_mamba.hedgemamba import PARTS, FeatureMap, HedgeMamba
from zoo_attention_to_mamba.rotary import Rotation, frequencies, rotation
from zoo_ssm.ssd import ssd

WIDTH, HEADS, KV, M, F = 12, 4, 2, 6, 5
DECAYS = ["head", "channel"]


def draw(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def mixer(decay="head", parts=PARTS, seed=0, noise=0.5, kv=KV, features=F):
    """A mixer away from its start, so that every part does something."""
    made = HedgeMamba(WIDTH, HEADS, kv, M, True, features, decay, parts).double()
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in made.parameters():
            parameter += noise * torch.randn(parameter.shape, generator=generator).double()
        if made.log_decay is not None:
            made.log_decay += 5  # a half-life of a few tokens
    return made.requires_grad_(False)


def turn(length, first=0):
    positions = torch.arange(first, first + length)
    return rotation(positions, frequencies(4, 10000.0, None), draw(1))


def features(module, heads_first):
    """φ by its definition, one head at a time."""
    found = []
    for head, x in enumerate(heads_first):
        s = x @ module.weight[head].T + module.bias[head]
        e = torch.exp(torch.cat([s, -s], dim=-1))
        found.append(e / e.sum(-1, keepdim=True))
    return torch.stack(found)


def turned(x, positions):
    """Rotate (T, m) with complex numbers: dimension i with i + 2."""
    angle = positions[:, None] * 10000.0 ** -torch.tensor([0.0, 0.5], dtype=torch.float64)
    z = torch.complex(x[:, :2], x[:, 2:4]) * torch.polar(torch.ones_like(angle), angle)
    return torch.cat([z.real, z.imag, x[:, 4:]], dim=-1)


def quadratic(module, u):
    """The mixer of one row (T, d), as a sum over all pairs of tokens."""
    length = len(u)
    x = u
    if module.taps is not None:
        x = torch.stack(
            [
                sum(module.taps[:, 3 - lag] * u[t - lag] for lag in range(4) if t >= lag)
                for t in range(length)
            ]
        )
    place = torch.arange(length, dtype=torch.float64)
    q, k, v = (
        (x @ p.weight.T + p.bias).view(length, -1, M) for p in (module.q, module.k, module.v)
    )
    kv_of = [head * k.shape[1] // HEADS for head in range(HEADS)]
    fq = features(module.query_features, [turned(q[:, h], place) for h in range(HEADS)])
    fk = features(module.key_features, [turned(k[:, g], place) for g in kv_of])
    step = torch.ones(length, HEADS, M).double()
    A = torch.zeros(HEADS, M, 2 * module.query_features.weight.shape[1]).double()
    if module.log_decay is not None:
        step = torch.log1p(module.step(x).exp()).view(length, HEADS, -1).expand(-1, -1, M)
        A = A - module.log_decay.exp().view(HEADS, -1, 1 if module.decay == "head" else A.shape[2])
    y = torch.zeros(length, HEADS, M).double()
    for t in range(length):
        above, below = 0, 0
        for s in range(t + 1):
            passed = step[s + 1 : t + 1].sum(0)[..., None] * A  # (H, m, N)
            weight = (passed.exp() * (fq[:, t] * fk[:, s])[:, None]).sum(-1) * step[s]
            above, below = above + weight * v[s, kv_of], below + weight
        y[t] = above / below
    y = y.flatten(1)
    if module.gate is not None:
        z = u @ module.gate.weight.T + module.gate.bias
        y = y * z / (1 + torch.exp(-z))
    return y @ module.o.weight.T + module.o.bias


@pytest.mark.parametrize("kv", [1, 2, 4])
@pytest.mark.parametrize(("decay", "parts"), [("head", PARTS), ("channel", PARTS), ("head", ())])
def test_it_is_a_weighted_sum_over_all_pairs(decay, parts, kv):
    module, u = mixer(decay, parts, kv=kv), draw(1, 9, WIDTH)
    torch.testing.assert_close(module(u, turn(9))[0][0], quadratic(module, u[0]))


@pytest.mark.parametrize("parts", [("ssm",), ("convolution",), ("gate",), ("ssm", "gate")])
def test_each_part_can_stand_alone(parts):
    module, u = mixer("channel", parts), draw(1, 7, WIDTH)
    torch.testing.assert_close(module(u, turn(7))[0][0], quadratic(module, u[0]))


@pytest.mark.parametrize("decay", DECAYS)
@pytest.mark.parametrize("cuts", [[1] * 45, [40, 1, 4], [3, 0, 33, 9], [1, 44]])
def test_any_split_gives_the_same(decay, cuts):
    module, u = mixer(decay), draw(2, 45, WIDTH)
    whole, last = module(u, turn(45))
    cache, parts, first = None, [], 0
    for length in filter(None, cuts):
        y, cache = module(u[:, first : first + length], turn(length, first), cache=cache)
        parts.append(y)
        first += length
    torch.testing.assert_close(torch.cat(parts, dim=1), whole)
    torch.testing.assert_close(cache, last)


@pytest.mark.parametrize("decay", DECAYS)
def test_the_state_does_not_grow(decay):
    module = mixer(decay)
    shapes = {
        tuple(kept.shape for kept in module(draw(2, length, WIDTH), turn(length))[1])
        for length in (1, 2, 30)
    }
    rows = HEADS * (M + 1) if decay == "head" else HEADS * 2 * M
    ((inputs, state),) = shapes
    assert inputs == (2, 3, WIDTH)
    assert state.numel() == 2 * rows * 2 * F


@pytest.mark.parametrize("decay", DECAYS)
def test_averages_lie_between_the_values_so_far(decay):
    module, u = mixer(decay, ("ssm", "gate"), noise=1.5), draw(3, 30, WIDTH)
    y, _ = module.average(u, turn(30))
    v = module.v(u).unflatten(-1, (-1, M)).repeat_interleave(HEADS // KV, 2)
    assert (y <= v.cummax(1).values + 1e-12).all()
    assert (y >= v.cummin(1).values - 1e-12).all()
    torch.testing.assert_close(y[:, 0], v[:, 0], rtol=1e-13, atol=1e-13)
    assert (y[:, -1] - v[:, -1]).abs().mean() > 0.1  # it does average


@pytest.mark.parametrize("decay", DECAYS)
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_steps_below_the_range_of_half_precision_still_average(decay, dtype):
    module, u = mixer(decay, ("ssm", "gate")), draw(3, 1, WIDTH)
    last = module.step if decay == "head" else module.step[-1]
    last.weight.zero_()
    last.bias.fill_(-20.0)  # softplus of it is 2e-9, the least of float16 6e-8
    half = module.to(dtype)
    u = u.to(dtype)
    y, _ = half.average(u, Rotation(*(part.to(dtype) for part in turn(1))))
    v = half.v(u).unflatten(-1, (-1, M)).repeat_interleave(HEADS // KV, 2)
    torch.testing.assert_close(y, v)


@pytest.mark.parametrize("decay", DECAYS)
def test_equal_values_give_that_value(decay):
    module = mixer(decay)
    module.v.weight.zero_()
    y, _ = module.average(draw(2, 20, WIDTH), turn(20))
    value = module.v.bias.view(KV, M).repeat_interleave(HEADS // KV, 0)
    torch.testing.assert_close(y, value.expand_as(y))


@pytest.mark.parametrize("decay", DECAYS)
def test_a_constant_step_cancels_without_decay(decay):
    module, u = mixer(decay), draw(2, 20, WIDTH)
    last = module.step if decay == "head" else module.step[-1]
    last.weight.zero_()
    found = []
    for log_decay, step in ((-60.0, 0.5), (-60.0, -6.0), (-1.0, 0.5), (-1.0, -6.0)):
        module.log_decay.fill_(log_decay)
        last.bias.fill_(step)
        found.append(module(u, turn(20))[0])
    torch.testing.assert_close(found[0], found[1])
    assert (found[2] - found[3]).abs().max() > 1e-3  # with decay it must not


@pytest.mark.parametrize("decay", DECAYS)
def test_at_its_start_it_is_linear_attention(decay):
    linear = mixer(parts=())
    for dtype, log_decay, bound in ((torch.float64, -40.0, 1e-9), (torch.float32, -16.0, 1e-4)):
        student = HedgeMamba(WIDTH, HEADS, KV, M, True, F, decay).to(dtype)
        student.load_state_dict(linear.state_dict(), strict=False)
        student.start_as_linear_attention(log_decay)
        u = draw(2, 50, WIDTH)
        angles = Rotation(*(one.to(dtype) for one in turn(50)))
        y, _ = student(u.to(dtype), angles)
        assert (y - linear(u, turn(50))[0]).abs().max() < bound


def scan(v, B, C):
    """Linear attention through the shared scan: A = 0, Δ = 1."""
    x = torch.cat([v, torch.ones_like(v[..., :1])], dim=-1)
    y, _ = ssd(x, x.new_ones(x.shape[:3]), x.new_zeros(x.shape[2]), B, C)
    return y[..., :-1] / y[..., -1:]


def test_scales_of_keys_and_of_single_queries_cancel():
    v = draw(2, 20, HEADS, M)
    B, C = draw(2, 20, HEADS, F, seed=1).exp(), draw(2, 20, HEADS, F, seed=2).exp()
    wanted = scan(v, B, C)
    torch.testing.assert_close(scan(v, 1e-7 * B, C), wanted)
    torch.testing.assert_close(scan(v, B, C * draw(2, 20, HEADS, 1, seed=3).exp()), wanted)
    assert (scan(v, B * draw(2, 20, 1, 1, seed=3).exp(), C) - wanted).abs().max() > 1e-3


def test_constant_features_give_the_running_mean():
    module, u = mixer(parts=()), draw(2, 20, WIDTH)
    module.key_features.weight.zero_()
    module.key_features.bias.zero_()
    y, _ = module.average(u, turn(20))
    v = module.v(u).unflatten(-1, (-1, M)).repeat_interleave(HEADS // KV, 2)
    torch.testing.assert_close(y, v.cumsum(1) / torch.arange(1, 21)[:, None, None])


def test_one_hot_features_are_a_table():
    """Each code's value is found again, with scores so sharp that a softmax is a choice."""
    module = HedgeMamba(M, 1, 1, M, False, M, "head", ()).double().requires_grad_(False)
    for one in (module.q, module.k):
        one.weight.copy_(torch.eye(M))
    module.query_features.weight.mul_(2000)
    module.key_features.weight.mul_(2000)
    table = draw(M, M)
    module.v.weight.copy_(table.T)
    codes = torch.tensor([[3, 0, 5, 1, 3, 4, 0, 5, 2, 1]])
    y, _ = module.average(
        torch.eye(M).double()[codes],
        rotation(torch.zeros(10), frequencies(0, 10000.0, None), draw(1)),
    )
    torch.testing.assert_close(y[0, :, 0], table[codes[0]])


def test_packed_documents_and_rows_do_not_leak():
    for decay in DECAYS:
        module, u = mixer(decay), draw(2, 41, WIDTH)
        documents = torch.tensor([[0] * 11 + [1] * 2 + [2] * 28, [0] * 41])
        places = torch.tensor([[*range(11), *range(2), *range(28)], [*range(41)]])
        angles = rotation(places, frequencies(4, 10000.0, None), u)
        packed, _ = module(u, angles, documents=documents)
        for row, first, last in ((0, 0, 11), (0, 11, 13), (0, 13, 41), (1, 0, 41)):
            alone, _ = module(u[row : row + 1, first:last], turn(last - first))
            torch.testing.assert_close(packed[row, first:last], alone[0])


def test_the_future_is_not_seen():
    module, u = mixer(), draw(1, 40, WIDTH)
    other = u.clone()
    other[:, 33:] += 1
    first, second = module(u, turn(40))[0], module(other, turn(40))[0]
    assert torch.equal(first[:, :33], second[:, :33])
    assert (first[:, 33:] != second[:, 33:]).any(-1).all()


def test_features_are_positive_and_sum_to_one():
    found = FeatureMap(HEADS, M, 3 * M).double()(5 * draw(2, 7, HEADS, M))
    assert found.shape == (2, 7, HEADS, 6 * M)
    assert (found > 0).all()
    torch.testing.assert_close(found.sum(-1), torch.ones(2, 7, HEADS).double())
