"""Sensitivities: closed forms against autograd and against differences of states."""

from __future__ import annotations

import pytest
import torch
from zoo_mamba_selectivity.sensitivity import by_autograd, of_token, to_last
from zoo_ssm.blocks import S4D, Mamba


def _block(cls, **options):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        block = cls(6, 10, 3, **options).double()
        with torch.no_grad():
            for parameter in block.parameters():
                parameter += 0.3 * torch.randn_like(parameter)
    return block.requires_grad_(False)


BLOCKS = {
    "s6": lambda: _block(Mamba),
    "s4d-real": lambda: _block(S4D, kind="real"),
    "s4d-lin": lambda: _block(S4D, kind="lin"),
}
every_block = pytest.mark.parametrize("make", BLOCKS.values(), ids=BLOCKS)
INPUT = torch.randn(9, 6, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


@pytest.mark.parametrize("name", ["s6", "s4d-real"])
def test_closed_forms_are_what_autograd_finds(name):
    block = BLOCKS[name]()
    torch.testing.assert_close(by_autograd(block, INPUT), to_last(block, INPUT))


@every_block
def test_closed_forms_are_differences_of_states(make):
    """The state after one more unit at token s of a channel's mixer input, minus the state."""
    block = make()
    x = block.conv(block.in_x(INPUT[None]))[0]
    found = to_last(block, INPUT)
    for s in (0, 4, 8):
        moved = x.clone()
        moved[0, s] += 1
        states = []
        for values in (x, moved):
            if isinstance(block, S4D):
                from zoo_ssm.s4d import s4d_recurrence

                paired = block.A_imag is not None
                states.append(s4d_recurrence(values, *block.system(), paired=paired)[1])
            else:
                from zoo_ssm.selective_scan import selective_scan

                states.append(selective_scan(values, *block.selection(x))[1])
        torch.testing.assert_close(found[s], (states[1] - states[0])[0])


@every_block
def test_a_token_is_followed_as_sequences_that_end_earlier_would(make):
    block = make()
    followed = of_token(block, INPUT, 3)
    assert len(followed) == 6
    for t in range(3, 9):
        torch.testing.assert_close(followed[t - 3], to_last(block, INPUT[: t + 1])[3])
