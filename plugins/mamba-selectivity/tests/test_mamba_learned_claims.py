"""The helpers of the checks: sensitivities, accuracies by sequence, and what findings tell."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from zoo_mamba_selectivity import learned_claims
from zoo_mamba_selectivity.keepnth import keepnth
from zoo_mamba_selectivity.mqar import mqar
from zoo_mamba_selectivity.networks import KeepNetwork, RecallNetwork
from zoo_mamba_selectivity.sensitivity import by_autograd, of_token, to_last
from zoo_ssm.blocks import S4D, Mamba

from zoo_core.evaluation import measure


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


def test_bend_is_zero_for_exponentials_and_not_for_others():
    lag = torch.arange(9, -1, -1, dtype=torch.float64)[:, None, None]
    rates = torch.tensor([[0.1, 0.5], [1.0, 0.0]], dtype=torch.float64)
    assert learned_claims._bend(0.3 * (-lag * rates).exp()) < 1e-12
    bent = 0.3 * (-lag * rates).exp()
    bent[4, 1, 1] *= math.e
    assert learned_claims._bend(bent) > 0.5


def test_accuracies_by_sequence_have_the_accuracy_as_their_mean():
    torch.manual_seed(0)
    for module, data in (
        (RecallNetwork(8, width=8, state_size=2), mqar(4, 1, 8, sequences=600)),
        (RecallNetwork(40, width=8, state_size=2), mqar(32, 5, 40, sequences=260)),
        (KeepNetwork(3, 2, 8, width=8, state_size=2), keepnth(8, 2, vocabulary=3, sequences=50)),
    ):
        rows = learned_claims.by_sequence(module.eval(), data)
        assert len(rows) == data.sequences
        expected = measure(module, data, "test", ["accuracy"])["accuracy"]
        assert np.mean(rows) == pytest.approx(expected, abs=1e-6)


def test_reach_is_where_accuracy_first_falls():
    def reach(*values):
        rows = {str(2**i): [value] for i, value in enumerate(values)}
        return learned_claims._reach(rows)

    assert reach(1.0, 0.95, 0.9) == 4
    assert reach(1.0, 0.95, 0.5) == 2
    assert reach(1.0, 0.5, 0.95) == 1
    assert reach(0.5, 0.5, 0.5) == 0


def _capacities(*means):
    """Accuracies that fall with the pairs; three seeds a hundredth apart."""
    return {
        str(size): {
            str(pairs): [mean + shift - 0.001 * pairs for shift in (-0.01, 0.0, 0.01)]
            for pairs in learned_claims.PAIRS
        }
        for size, mean in zip(learned_claims.STATES, means, strict=True)
    }


@pytest.mark.parametrize(
    ("means", "verdict"),
    [((0.2, 0.4, 0.6, 0.8), "holds"), ((0.8, 0.6, 0.4, 0.2), "fails")],
    ids=["rising", "falling"],
)
def test_capacity_is_judged_by_what_a_doubling_adds(means, verdict):
    finding = learned_claims._of_capacity(_capacities(*means))
    assert finding.verdict == verdict
    gain = (means[-1] - means[0]) / 3
    assert f"a doubling of N adds {gain:.3f} ± 0.000" in finding.measured
