"""What the paper's abstract says, and what this project adds, as claims that can be checked."""

from __future__ import annotations

from typing import Any

from zoo_core import Claim

_HERE = "zoo_mamba_selectivity"
_OWN = "this project's; the paper's own figures are not known here"
_TARGET = "this project's target; the paper's figures are not known here"
_RECALL = ("mamba-mqar-exact", "mamba2-mqar-exact", "s4d-mqar-exact")


def _claim(
    name: str, statement: str, check: str, expected: str, models: tuple[str, ...], **more: Any
) -> Claim:
    return Claim(
        name=name,
        statement=statement,
        check=f"{_HERE}.checks.{check}",
        expected=expected,
        models=models,
        **{"source": _OWN, **more},
    )


CLAIMS: tuple[Claim, ...] = (
    _claim(
        "components",
        "One trained layer of Mamba-2 solves associative recall with its convolution, gated or "
        "not; without the convolution it cannot bind values to keys and guesses among the κ "
        "values.",
        "parts:components",
        "over three seeds at least 0.99, at least 0.98 without gate, at most 0.35 without "
        "convolution (1/κ is 0.25)",
        ("mamba2-mqar", "mamba2-noconv-mqar"),
        source="abstract: which component a task needs; the bounds are this project's",
        minutes=4,
        slow=True,
    ),
    _claim(
        "recall-mamba",
        "One trained layer of Mamba (S6) learns associative recall, though more slowly than "
        "Mamba-2.",
        "recall:recall_mamba",
        "accuracy at least 0.99 on 1,000 test sequences",
        ("mamba-mqar",),
        source=_TARGET,
    ),
    _claim(
        "recall-s4d",
        "One wide trained layer of S4D, which is not selective, solves associative recall by "
        "convolution and gate; without its gate it cannot.",
        "recall:recall_s4d",
        "accuracy at least 0.9 with gate, at most 0.35 without, on 1,000 test sequences",
        ("s4d-mqar", "s4d-nogate-mqar"),
        source=_TARGET,
    ),
    _claim(
        "capacity",
        "The number of pairs that a trained layer of Mamba-2 recalls grows with its state size N.",
        "capacity:capacity",
        "over three seeds, each doubling of N from 8 to 64 raises the accuracy at 16 pairs, "
        "resolved by its 95 % interval",
        ("mamba2-mqar",),
        source=_TARGET,
        minutes=6,
        slow=True,
    ),
    _claim(
        "keep-learned",
        "A trained layer of S6 keeps the n-th token of 256; S4D of the same size does not.",
        "memory:keep_learned",
        "accuracy at least 0.99 (S6) and at most 0.5 (S4D) on 1,000 test sequences",
        ("mamba-keepnth", "s4d-keepnth"),
        source="abstract: S6 counteracts memory decay; the bounds are this project's",
        minutes=0.3,
    ),
    _claim(
        "sensitivity",
        "The sensitivity of every mode of S4D to a token falls exponentially with the time since, "
        "at a rate fixed in advance; an S6 layer trained on keep-n-th closes its gate, and its "
        "sensitivity to the token asked for then stays.",
        "memory:sensitivity",
        "S4D: log-sensitivities linear in T - s; S6: 191 tokens after the token more than half of "
        "what it was right after; autograd equal to the closed forms",
        ("mamba-keepnth", "s4d-keepnth"),
        source="abstract: S6 counteracts memory decay; closed forms derived here",
        minutes=0.2,
    ),
    _claim(
        "haar-signals",
        "One selective layer computes all Haar coefficients of a signal: an electrocardiogram, a "
        "climate record and a piecewise-constant test function, as PyWavelets does.",
        "haar:haar_signals",
        "largest error of a coefficient below 1e-5",
        ("s6-haar-exact",),
    ),
    _claim(
        "haar-rate",
        "The best time-invariant kernel (S4D-Lin) with N modes approximates the Haar mother "
        "wavelet only up to an error that falls like N^(-1/2), where at most six channels of a "
        "selective layer (S6) have it exactly.",
        "haar:haar_rate",
        "slope of log error over N = 4 to 64 between -0.6 and -0.4, and above 0.05 at N = 64; "
        "S6 below 1e-6",
        ("s6-haar-exact",),
        minutes=0.3,
    ),
    _claim(
        "haar-learned",
        "Trained on a Haar coefficient with the same D N, a selective layer (S6) becomes more "
        "accurate than a time-invariant one (S4D), which has complex states and more updates.",
        "haar:haar_learned",
        "a lower relative squared error over five seeds, resolved by its 95 % interval",
        ("s6-haar", "s4d-haar"),
        minutes=2,
        slow=True,
    ),
    _claim(
        "keepnth-exact",
        "A selective layer can counteract the decay of memory: the same weights tell the n-th "
        "symbol at the end of sequences of any length.",
        "memory:keep_nth",
        "accuracy 1.000 for T = 16 to 1024 at n = 0, T/4 and T/2",
        ("s6-keepnth-exact",),
        minutes=0.4,
    ),
    _claim(
        "recall-exact",
        "One block with each of three mixers, Mamba (S6), Mamba-2 and S4D, solves multi-query "
        "associative recall by weights set by hand.",
        "recall:recall_exact",
        "accuracy 1.000 on 1,000 sequences of each size, T = 64 to 256, 4 to 32 pairs",
        _RECALL,
        minutes=2,
        slow=True,
    ),
    _claim(
        "recall-table",
        "With short random codes of keys (p bits) and values (q bits), recall is exact for few "
        "pairs and breaks down as their number grows.",
        "capacity:recall_table",
        "18 accuracies at V = 8192, each within 0.03 of the table of a bare computation with "
        "codes drawn otherwise",
        ("mamba2-mqar-exact",),
        minutes=0.4,
    ),
    _claim(
        "recall-capacity",
        "The number of pairs that random codes hold grows about linearly in the size p q of the "
        "state.",
        "capacity:recall_capacity",
        "exponent of p q between 0.75 and 1.25, pairs at 90 % accuracy",
        ("mamba2-mqar-exact",),
        minutes=0.6,
    ),
    _claim(
        "no-convolution",
        "Without convolution one layer that forgets nothing cannot bind a key to its value: its "
        "output does not change when the tokens of the context are permuted.",
        "parts:no_convolution",
        "relative change below 1e-9 without convolution, above 1e-3 with it; recall at most one "
        "in as many as there are pairs",
        ("mamba-mqar-exact", "mamba2-mqar-exact"),
        minutes=0.3,
    ),
    _claim(
        "no-gate",
        "Without gate a time-invariant layer cannot recall: what a query changes in its output "
        "does not depend on the context. Mamba and Mamba-2 do without the gate.",
        "parts:no_gate",
        "relative change below 1e-9 without gate, above 1e-3 with it; recall of the exact S4D "
        "model at most one in as many as there are pairs, of the others 1.000",
        ("s4d-mqar-exact",),
        minutes=0.3,
    ),
)
