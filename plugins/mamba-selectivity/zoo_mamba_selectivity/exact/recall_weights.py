"""Weights by which one block solves MQAR, for each of three mixers.

The block's input at token t is (a, b, 1): the token's key code a (p numbers, 0 unless it is a key),
its value code b (q numbers, 0 unless it is a value) and a constant. Its output is as wide, and only
the part of b is used: the scores are its inner products with the values' codes.

- Mamba-2: B = a of the previous token, C = a and x = b of the current one, A = 0, Δ = 1. The state
  is Σ_i b(v_i) a(k_i)ᵀ over the pairs, for elsewhere b or the previous a is 0, and a query q reads
  Σ_i <a(k_i), a(q)> b(v_i). The silu of B and C is taken where it is linear: the codes come small,
  and in pairs of channels, so that only a relative SMALL² / 4 of a constant is left of it.
- S6: the same. B and C come from one convolved x̃, of which one group of channels is delayed and
  another is not; W_B and W_C join the pairs of channels again, which undoes the silu exactly.
- S4D: no B, no C. One channel for each key bit i, sign σ and value v binds before the sum: it is
  1 where the previous token is a key whose bit i is σ and the current token is v, a soft AND in
  convolution and silu. The time-invariant sum counts, the gate passes the channels whose σ is the
  query's bit, W_out adds them up. The score of v is the share of bits on which its key and the
  query agree, added up over its keys: as in MQAR, no two keys may have the same value.
"""

from __future__ import annotations

import itertools

import numpy as np
from torch import nn
from zoo_ssm.blocks import S4D, Mamba, Mamba2

from zoo_mamba_selectivity.exact import by_hand
from zoo_mamba_selectivity.exact.by_hand import OPEN

Array = np.ndarray
Weights = dict[str, "Array | float"]
SMALL = 2.0**-6
"""The size of the codes before the silu of Mamba-2's B and C."""
CONV_WIDTH = 4


class RecallWeights:
    """The three constructions for key codes of p (`key_bits`) and value codes of q (`value_bits`).

    Without `convolution` one tap, the current token's, is left in every channel; without `gate`
    the gate is left out.
    """

    def __init__(self, key_bits: int, value_bits: int, convolution: bool, gate: bool) -> None:
        self.p, self.q, self.gate = key_bits, value_bits, gate
        self.taps = CONV_WIDTH if convolution else 1
        self.width = key_bits + value_bits + 1
        unit = np.eye(self.width)
        self.key, self.value, self.one = np.split(unit, [self.p, self.p + self.q])

    def mamba2(self) -> tuple[nn.Module, Weights]:
        """Return a Mamba-2 block with one head, D = 2 q and N = 2 p, and its weights."""
        p, q = self.p, self.q
        block = Mamba2(self.width, 2 * q, 2 * p, conv_width=self.taps, gate=self.gate)
        return block, {
            "in_x.weight": by_hand.pairs(self.value),
            "in_B.weight": SMALL * by_hand.pairs(self.key),
            "in_C.weight": SMALL * by_hand.pairs(self.key),
            "conv_x.weight": self._now(2 * q),
            "conv_B.weight": self._before(2 * p),
            "conv_C.weight": self._now(2 * p),
            "delta_bias": by_hand.UNIT_STEP,
            "A_log": by_hand.NO_DECAY,
            "norm.weight": 1.0,
            "out.weight": self.value.T @ by_hand.joined(np.eye(q)),
            **self._open_gate(2 * q),
        }

    def mamba(self) -> tuple[nn.Module, Weights]:
        """Return a Mamba block with D = 4 p + 2 q and N = p, and its weights.

        Its output is Σ_i <a(k_i), a(q)> b(v_i) / p.
        """
        p, q = self.p, self.q
        inner = 4 * p + 2 * q
        delayed, current, carried = np.split(np.eye(inner), [2 * p, 4 * p])
        join = by_hand.joined(np.eye(p))
        out = self.value.T @ by_hand.joined(np.eye(q)) @ carried
        block = Mamba(self.width, inner, p, conv_width=self.taps, step_rank=1, gate=self.gate)
        return block, {
            "in_x.weight": np.concatenate(
                [
                    by_hand.pairs(self.key),
                    by_hand.pairs(self.key),
                    by_hand.pairs(self.value),
                ]
            ),
            "conv.weight": np.concatenate([self._before(2 * p), self._now(2 * p + 2 * q)]),
            "to_delta.bias": by_hand.UNIT_STEP,
            "to_B.weight": join @ delayed,
            "to_C.weight": join @ current,
            "A_log": by_hand.NO_DECAY,
            "out.weight": out / (p * (OPEN if self.gate else 1.0)),
            **self._open_gate(inner),
        }

    def s4d(self) -> tuple[nn.Module, Weights]:
        """Return an S4D block with D = 2 p q and N = 1, and its weights; b are unit vectors.

        Channel (i, σ, v) reads r = σ a_i - 2 b_v, and its convolution is the difference of the last
        two tokens, less 2.5: with the factor 2 OPEN this is at least OPEN where the AND holds and
        at most -OPEN anywhere else, whatever the two tokens are. The output is at most 1.
        """
        cells = list(itertools.product(range(self.p), (1.0, -1.0), range(self.q)))
        sharp = 2 * OPEN
        bits = np.stack([sign * self.key[i] for i, sign, _ in cells])
        values = np.stack([self.value[v] for _, _, v in cells])
        block = S4D(self.width, len(cells), 1, kind="real", conv_width=self.taps, gate=self.gate)
        weights: Weights = {
            "in_x.weight": sharp * (bits - 2 * values),
            "conv.weight": by_hand.taps(len(cells), self.taps, (-1.0, 1.0)),
            "conv.bias": -2.5 * sharp,
            "A_log": by_hand.NO_DECAY,
            "C": 1.0,
            "step_log": 0.0,
            "out.weight": values.T / (self.p * OPEN * (sharp if self.gate else 1.0)),
        }
        if self.gate:
            weights["in_z.weight"] = sharp * bits
        return block, weights

    def _now(self, channels: int) -> Array:
        return by_hand.taps(channels, self.taps, by_hand.CURRENT)

    def _before(self, channels: int) -> Array:
        """Taps of the previous token; without a convolution there is the current one only."""
        return by_hand.taps(
            channels, self.taps, by_hand.PREVIOUS if self.taps > 1 else by_hand.CURRENT
        )

    def _open_gate(self, inner: int) -> Weights:
        return {"in_z.weight": OPEN * self.one.repeat(inner, axis=0)} if self.gate else {}
