"""Softmax attention beside its definition."""

from __future__ import annotations

import math

import pytest
import torch
from zoo_attention_to_mamba.attention import Attention
from zoo_attention_to_mamba.rotary import frequencies, rotate, rotation


@pytest.mark.parametrize("kv", [1, 2, 4])
@torch.no_grad()
def test_attention_is_an_explicit_softmax(kv):
    torch.manual_seed(0)
    mixer = Attention(12, 4, kv, 6, True).double()
    u = torch.randn(2, 9, 12).double()
    turn = rotation(torch.arange(9), frequencies(6, 10000.0, None), u)
    q, k, v = (one(u).unflatten(-1, (-1, 6)) for one in (mixer.q, mixer.k, mixer.v))
    q, k = rotate(q, turn), rotate(k, turn)
    wanted = torch.zeros(2, 9, 4, 6).double()
    for row in range(2):
        for head in range(4):
            g = head * kv // 4
            for t in range(9):
                e = torch.exp(k[row, : t + 1, g] @ q[row, t, head] / math.sqrt(6))
                wanted[row, t, head] = e @ v[row, : t + 1, g] / e.sum()
    torch.testing.assert_close(mixer(u, turn)[0], mixer.o(wanted.flatten(2)))
