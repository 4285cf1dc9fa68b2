"""Flow matching: both ends of a path, exact integration, times, guidance."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from zoo_world_guidance.flow import guided, integrate, interpolate, sample_times


def two_chunks(seed):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(2, 3, 4, 2, generator=generator, dtype=torch.float64)


@settings(max_examples=8)
@given(seed=st.integers(0, 99), points=st.integers(2, 12))
def test_a_path_begins_in_noise_and_any_schedule_ends_at_the_chunk(seed, points):
    noise, chunk = two_chunks(seed)
    assert torch.equal(interpolate(noise, chunk, torch.zeros(3)), noise)
    assert torch.equal(interpolate(noise, chunk, torch.ones(3)), chunk)
    found = integrate(lambda x, t: chunk - noise, noise, points)
    torch.testing.assert_close(found, chunk)


def test_euler_asks_at_nine_times():
    asked = []
    noise, _ = two_chunks(0)
    integrate(lambda x, t: asked.append(float(t[0])) or torch.zeros_like(x), noise)
    assert asked == pytest.approx([n / 9 for n in range(9)])


def test_times_gather_where_they_are_asked_to():
    generator = torch.Generator().manual_seed(0)
    noise, data = (sample_times(20_000, bias, generator) for bias in ("noise", "data"))
    assert float(noise.min()) >= 0.001 and float(noise.max()) <= 0.999
    # The mean of Beta(1.5, 1) is 0.6.
    assert float(data.mean()) == pytest.approx(0.6, abs=0.01)
    assert float(noise.mean()) == pytest.approx(0.4, abs=0.01)


def test_guidance_is_a_line_through_both_velocities():
    first, second = two_chunks(1)
    assert torch.allclose(guided(first, second, 1.0), first)
    assert torch.allclose(guided(first, second, 0.0), second)
    torch.testing.assert_close(guided(first, second, 2.0), 2 * first - second)
