"""zoo-ssm's scans beside other implementations on a CPU, as sequences grow, and beside attention.

    python benchmarks/ssm.py [--quick] [--threads 1] [--only scan ssd ...] [--json FILE]

Five parts. "scan": the selective scan of Mamba at batch 8, 512 tokens, 128 channels, 16 states,
beside mambapy's parallel scan, transformers' fallback loop and a plain loop. "shapes": beside
mambapy's at other numbers of rows and tokens, for 8 by 512 is the best of them. "ssd": the scan
with one decay a head beside the listing of Mamba-2's paper and transformers' fallback. "growth":
time and memory from 256 to 65,536 tokens. "attention": torch's fused causal attention of the same
width from 256 tokens on, and the length from which the scans are cheaper.

Timed is the scan alone, from x, delta, A, B, C to y: no projections, no convolution, no gate. What
a library does inside its own function on the way is counted. "forward" runs without
gradients; "with backward" is one call and the gradients of all inputs. Figures are minima over
repeats in which the contenders take turns, after one run that is not counted; what takes longest
runs once. All data are generated, in float32. Nothing is extrapolated.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from functools import partial
from itertools import chain, pairwise
from typing import Any

import torch
from contest import Cost, Row, log_slope, options, row, run, timed
from powerembed import peak_bytes
from torch import Tensor
from torch.nn.functional import pad, scaled_dot_product_attention
from zoo_ssm.selective_scan import selective_scan
from zoo_ssm.ssd import ssd

PACKAGES = ("torch", "numpy", "zoo-ssm", "mambapy", "transformers")
Scan = Callable[..., Tensor]
WAYS = ("forward", "with backward")
GOALS = {"forward": 0.022, "with backward": 0.098}  # CPU seconds of part "scan"
TIMES = {"forward": 5.0, "with backward": 4.0}  # mambapy's CPU seconds over ours, at least
MAMBAPY = "mambapy, parallel scan"
SHAPES = ((8, 512), (8, 100), (4, 256), (1, 2048))  # rows and tokens of part "shapes"
BLOCK = 64  # of the listing, as in the paper


# Contenders -----------------------------------------------------------------------------------


def mambapy_scan() -> Scan | None:
    """mambapy's parallel scan; None without the package."""
    try:
        from mambapy.mamba import MambaBlock
    except ImportError:
        return None

    def scan(x: Tensor, delta: Tensor, A: Tensor, B: Tensor, C: Tensor) -> Tensor:
        # The method looks at nothing of its block; the skip is switched off.
        return MambaBlock.selective_scan(None, x, delta, A, B, C, 0.0)

    return scan


def transformers_scan() -> Scan | None:
    """The loop that transformers falls back to without kernels; None without the package."""
    try:
        from transformers.models.mamba.modeling_mamba import mamba_selective_scan
    except ImportError:
        return None

    def scan(x: Tensor, delta: Tensor, A: Tensor, B: Tensor, C: Tensor) -> Tensor:
        return mamba_selective_scan(x.mT, delta.mT, A, B.mT, C.mT).mT

    return scan


def transformers_ssd() -> Scan | None:
    """The chunked scan that transformers falls back to for Mamba-2; None without the package."""
    try:
        from transformers.models.mamba2.modeling_mamba2 import mamba2_chunk_scan
    except ImportError:
        return None
    return partial(mamba2_chunk_scan, chunk_size=BLOCK)


def plain_loop(x: Tensor, delta: Tensor, A: Tensor, B: Tensor, C: Tensor) -> Tensor:
    """The recurrence as it is read, an index into whole tensors at each token."""
    decays = torch.exp(torch.einsum("btd,dn->btdn", delta, A))
    added = torch.einsum("btd,btn->btdn", delta * x, B)
    state, outputs = torch.zeros_like(added[:, 0]), []
    for t in range(x.shape[1]):
        state = decays[:, t] * state + added[:, t]
        outputs.append(torch.einsum("bdn,bn->bd", state, C[:, t]))
    return torch.stack(outputs, dim=1)


def listing(x: Tensor, delta: Tensor, A: Tensor, B: Tensor, C: Tensor) -> Tensor:
    """The steps of Mamba-2's listing 1 (arXiv:2405.21060), each contraction one einsum.

    B and C have a group a head.
    """

    def blocks(tensor: Tensor) -> Tensor:
        return tensor.unflatten(1, (-1, BLOCK))

    values, keys, queries = blocks(x * delta.unsqueeze(-1)), blocks(B), blocks(C)
    logs = blocks(delta * A).permute(0, 3, 1, 2)  # (b, h, c, l)
    sums = logs.cumsum(-1)
    within = decay_between(logs)
    y = torch.einsum("bclhn,bcshn,bhcls,bcshp->bclhp", queries, keys, within, values)
    left = torch.exp(sums[..., -1:] - sums)
    states = torch.einsum("bclhn,bhcl,bclhp->bchpn", keys, left, values)
    states = torch.cat([torch.zeros_like(states[:, :1]), states], dim=1)
    across = decay_between(pad(sums[..., -1], (1, 0)))
    entering = torch.einsum("bhzc,bchpn->bzhpn", across, states)[:, :-1]
    y = y + torch.einsum("bclhn,bchpn,bhcl->bclhp", queries, entering, sums.exp())
    return y.flatten(1, 2)


def decay_between(logs: Tensor) -> Tensor:
    """exp(logs_{j+1} + ... + logs_i) for j <= i, else 0: (..., T, T), without differences."""
    size = logs.shape[-1]
    ones = torch.ones(size, size, dtype=torch.bool)
    rows = logs.unsqueeze(-1).expand(*logs.shape, size).masked_fill(~ones.tril(-1), 0)
    return rows.cumsum(-2).masked_fill(~ones.tril(), -torch.inf).exp()


# Inputs and times -----------------------------------------------------------------------------


def normal(*shape: int, seed: int) -> Tensor:
    """Standard normal numbers."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def scan_inputs(b: int, T: int, D: int, N: int) -> list[Tensor]:
    """x, delta, A, B, C of the selective scan, at the scale of Mamba's initial values."""
    delta = 0.1 * torch.sigmoid(normal(b, T, D, seed=1))
    A = -torch.arange(1.0, N + 1).repeat(D, 1)
    return [normal(b, T, D, seed=0), delta, A, normal(b, T, N, seed=2), normal(b, T, N, seed=3)]


def ssd_inputs(b: int, T: int, H: int, P: int, N: int, G: int) -> list[Tensor]:
    """x, delta, A, B, C of the scan with one decay a head."""
    delta = 0.1 * torch.sigmoid(normal(b, T, H, seed=1))
    A = -torch.linspace(1, 16, H)
    weights = (normal(b, T, G, N, seed=seed) for seed in (2, 3))
    return [normal(b, T, H, P, seed=0), delta, A, *weights]


def attention_inputs(b: int, T: int, H: int, P: int) -> list[Tensor]:
    """Queries, keys and values (b, H, T, P)."""
    return [normal(b, H, T, P, seed=seed) for seed in range(3)]


def our_scan(*inputs: Tensor) -> Tensor:
    """The outputs of `selective_scan`."""
    return selective_scan(*inputs)[0]


def our_ssd(*inputs: Tensor) -> Tensor:
    """The outputs of `ssd`."""
    return ssd(*inputs)[0]


def attention(*inputs: Tensor) -> Tensor:
    """torch's fused causal attention."""
    return scaled_dot_product_attention(*inputs, is_causal=True)


def forward(function: Scan, inputs: list[Tensor]) -> Callable[[], Tensor]:
    """A call without gradients."""

    def call() -> Tensor:
        with torch.no_grad():
            return function(*inputs)

    return call


def both_ways(function: Scan, inputs: list[Tensor]) -> Callable[[], Any]:
    """A call and the gradients of all inputs."""
    leaves = [each.clone().requires_grad_() for each in inputs]

    def call() -> Any:
        y = function(*leaves)
        return torch.autograd.grad(y, leaves, torch.ones_like(y))

    return call


def fastest(
    contenders: Mapping[str, Callable[[], Any]], repeats: int, warm: bool = True
) -> dict[str, Cost]:
    """The least wall and CPU seconds of each; by turns, so that a change of the load meets all.

    One turn more warms up, if `warm`.
    """
    costs: dict[str, list[Cost]] = {name: [] for name in contenders}
    for turn in range(repeats + warm):
        for name, function in contenders.items():
            cost = timed(function)[1]
            if turn >= warm:
                costs[name].append(cost)
    return {
        name: Cost(min(each.wall for each in found), min(each.cpu for each in found))
        for name, found in costs.items()
    }


def apart(found: Tensor, expected: Tensor) -> float:
    """The largest difference over the largest entry."""
    return float((found - expected).abs().max() / expected.abs().max())


def compare(
    part: str,
    ours: tuple[Scan, list[Tensor]],
    others: Mapping[str, tuple[Scan, list[Tensor]]],
    slow: tuple[str, ...],
    repeats: int,
    goals: Mapping[str, float],
) -> Iterator[Row | str]:
    """Rows of both directions; the backward pass of the `slow` ones runs once."""
    contenders = {"ours": ours, **others}
    results = {name: forward(*each)() for name, each in contenders.items()}
    for way, prepare in zip(WAYS, (forward, both_ways), strict=True):
        calls = {name: prepare(*each) for name, each in contenders.items()}
        once = {name: calls.pop(name) for name in slow if way != "forward" and name in calls}
        costs = fastest(calls, repeats)
        base = costs.pop("ours")
        yield row(part, f"ours: {way}", base, goal=goals.get(way))
        for name, cost in costs.items():
            yield row(part, f"{name}: {way}", cost, base)
        for name, call in once.items():
            cost = fastest({name: call}, 1, warm=False)[name]
            yield row(part, f"{name}: {way} (once)", cost, base)
    told = ", ".join(
        f"{name} {apart(result, results['ours']):.0e}"
        for name, result in results.items()
        if name != "ours"
    )
    yield f"   Largest difference of the outputs, relative to the largest: {told}."


# The selective scan ---------------------------------------------------------------------------


def bench_scan(quick: bool) -> Iterator[Row | str]:
    """The selective scan beside other ways."""
    b, T, D, N = (2, 64, 32, 8) if quick else (8, 512, 128, 16)
    yield f"1. Selective scan (S6), b = {b}, T = {T}, D = {D}, N = {N}"
    inputs = scan_inputs(b, T, D, N)
    found = {
        MAMBAPY: mambapy_scan(),
        "transformers, fallback loop": transformers_scan(),
        "plain loop, indexed": plain_loop,
    }
    others = {name: (scan, inputs) for name, scan in found.items() if scan}
    for name in found.keys() - others.keys():
        yield f"   {name}: not installed (pip install -e '.[bench]')."
    slow = ("transformers, fallback loop", "plain loop, indexed")
    goals = {} if quick else GOALS
    ratios = {}
    for line in compare("scan", (our_scan, inputs), others, slow, 3 if quick else 7, goals):
        yield line
        if isinstance(line, Row) and line.what.startswith(MAMBAPY):
            ratios[line.what.rpartition(": ")[2]] = line.cpu_ratio or 0
    if ratios and not quick:
        told = ", ".join(
            f"{way} {ratio:.1f} of {TIMES[way]:g}: {'met' if ratio >= TIMES[way] else 'MISSED'}"
            for way, ratio in ratios.items()
        )
        yield f"   Goals, mambapy's CPU seconds over ours: {told}."


def bench_shapes(quick: bool) -> Iterator[Row | str]:
    """The selective scan beside mambapy's, over numbers of rows and tokens."""
    scan, D, N = mambapy_scan(), 128, 16
    yield f"2. Selective scan over rows x tokens, D = {D}, N = {N}"
    if scan is None:
        yield f"   {MAMBAPY}: not installed (pip install -e '.[bench]')."
        return
    for b, T in SHAPES[1:2] if quick else SHAPES:
        inputs = scan_inputs(b, T, D, N)
        others = {MAMBAPY: (scan, inputs)}
        yield from compare(f"{b} x {T}", (our_scan, inputs), others, (), 3 if quick else 7, {})


# One decay a head -----------------------------------------------------------------------------


def bench_ssd(quick: bool) -> Iterator[Row | str]:
    """The scan with one decay a head beside other ways, B and C a head each and shared."""
    sizes = [(2, 128, 2, 8, 8)] if quick else [(8, 512, 8, 16, 16), (4, 1024, 4, 64, 64)]
    library = transformers_ssd()
    if not library:
        yield "   transformers: not installed (pip install -e '.[bench]')."
    for b, T, H, P, N in sizes:
        for G in (H, 1):
            yield f"3. One decay a head (SSD), b = {b}, T = {T}, H = {H}, P = {P}, N = {N}, G = {G}"
            inputs = ssd_inputs(b, T, H, P, N, G)

            # The listing knows no groups.
            def by_head(*given: Tensor, share: int = H // G) -> Tensor:
                each_head = (each.repeat_interleave(share, dim=2) for each in given[3:])
                return listing(*given[:3], *each_head)

            others = {f"listing 1, block {BLOCK}": (by_head, inputs)}
            if library:
                others[f"transformers, fallback, block {BLOCK}"] = (library, inputs)
            yield from compare("ssd", (our_ssd, inputs), others, (), 3 if quick else 7, {})


# Growing sequences ----------------------------------------------------------------------------


FORMS: dict[str, tuple[Scan, Callable[[int], list[Tensor]]]] = {
    "selective scan, N = 16": (our_scan, lambda T: scan_inputs(1, T, 128, 16)),
    "SSD 8 x 16, N = 16": (our_ssd, lambda T: ssd_inputs(1, T, 8, 16, 16, 1)),
    "SSD 2 x 64, N = 64": (our_ssd, lambda T: ssd_inputs(1, T, 2, 64, 64, 1)),
}
"""Ours at a width of 128 channels (heads x channels a head), as functions of the length."""


def grow(place: int, length: int, repeats: int) -> dict[str, Any]:
    """What a length costs; runs in a process of its own, for its memory."""
    function, prepare = list(FORMS.values())[place]
    # What the libraries allot at their first use does not grow with the length.
    both_ways(function, prepare(64))()
    before = peak_bytes()
    inputs = prepare(length)
    call = both_ways(function, inputs)
    call()
    peak = peak_bytes()
    costs = fastest({"forward": forward(function, inputs), "with backward": call}, repeats)
    held = sum(each.nbytes for each in inputs)
    return {
        "peak": peak - before,
        "inputs": held,
        "costs": {name: asdict(cost) for name, cost in costs.items()},
    }


def grow_in_child(place: int, length: int, repeats: int) -> dict[str, Any]:
    """`grow` in a child process."""
    command = [sys.executable, __file__, "--grow", *map(str, (place, length, repeats))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"The length {length} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def bench_growth(quick: bool) -> Iterator[Row | str]:
    """Time and peak memory of ours against the length."""
    lengths = (256, 1024) if quick else (256, 1024, 4096, 16_384, 65_536)
    chosen = list(FORMS)[: 1 if quick else 2]
    yield (
        "4. Growing sequences, b = 1, 128 channels, with backward; each length in a process of its "
        "own"
    )
    for place, form in enumerate(chosen):
        found = [grow_in_child(place, length, 3) for length in lengths]
        for length, one in zip(lengths, found, strict=True):
            cost = Cost(**one["costs"]["with backward"])
            figures = {
                "CPU us a token": 1e6 * cost.cpu / length,
                "forward CPU us a token": 1e6 * one["costs"]["forward"]["cpu"] / length,
                "peak MB": one["peak"] / 1e6,
                "inputs MB": one["inputs"] / 1e6,
            }
            yield row("growth", f"{form}: T = {length:,}", cost, **figures)
        cpu = [one["costs"]["with backward"]["cpu"] for one in found]
        peaks = [max(one["peak"], 1) for one in found]
        for what, series in (("CPU seconds", cpu), ("peak memory beyond the start", peaks)):
            steps = ", ".join(
                f"{log_slope(pair, values):.2f}"
                for pair, values in zip(pairwise(lengths), pairwise(series), strict=True)
            )
            slope = log_slope(lengths, series)
            yield f"   Log-log slope of {what}, {form}: {slope:.2f} (length to length: {steps})"


# Attention ------------------------------------------------------------------------------------


def crossing(lengths: list[int], ours: list[float], theirs: list[float]) -> float | None:
    """The length from which ours stays the cheaper, interpolated between logarithms.

    The shortest length if ours is cheaper everywhere; None if it is not at the longest.
    """
    gaps = [math.log(other / mine) for mine, other in zip(ours, theirs, strict=True)]
    if gaps[-1] <= 0:
        return None
    lost = [place for place, gap in enumerate(gaps) if gap <= 0]
    if not lost:
        return lengths[0]
    below, above = gaps[lost[-1]], gaps[lost[-1] + 1]
    ratio = lengths[lost[-1] + 1] / lengths[lost[-1]]
    return lengths[lost[-1]] * ratio ** (-below / (above - below))


def bench_attention(quick: bool) -> Iterator[Row | str]:
    """Ours beside attention of the same width and as many heads, against the length."""
    lengths = [64, 128] if quick else [256, 512, 1024, 2048, 4096, 8192, 16_384]
    yield (
        "5. Causal attention, torch's fused one, 128 channels as heads x channels a head, b = 1; "
        "x: attention over ours"
    )
    selective, small, large = FORMS
    for heads, width, ours in ((8, 16, (selective, small)), (2, 64, (selective, large))):
        theirs = f"attention {heads} x {width}"
        for way, prepare in zip(WAYS, (forward, both_ways), strict=True):
            series: dict[str, list[float]] = {name: [] for name in (theirs, *ours)}
            for length in lengths:
                calls = {name: prepare(FORMS[name][0], FORMS[name][1](length)) for name in ours}
                calls[theirs] = prepare(attention, attention_inputs(1, length, heads, width))
                costs = fastest(calls, 5 if length <= 2048 else 2 if length <= 8192 else 1)
                for name, cost in costs.items():
                    series[name].append(cost.cpu)
                for name in ours:
                    yield row("attention", f"ours, {name}: {way}, T = {length:,}", costs[name])
                    what = f"{theirs}: {way}, T = {length:,}"
                    yield row("attention", what, costs[theirs], costs[name])
            for name in ours:
                found = crossing(lengths, series[name], series[theirs])
                if found is None:
                    told = f"at no T up to {lengths[-1]:,}"
                elif found == lengths[0]:
                    told = f"at every T from {lengths[0]:,}, the shortest"
                else:
                    told = f"from T = {found:,.0f}"
                yield f"   {name}, cheaper than {theirs}, {way}: {told}"


# The table ------------------------------------------------------------------------------------


def main() -> None:
    """Run the chosen parts and print the table."""
    parts = {
        "scan": bench_scan,
        "shapes": bench_shapes,
        "ssd": bench_ssd,
        "growth": bench_growth,
        "attention": bench_attention,
    }
    parser = options(__doc__, list(parts))
    parser.set_defaults(threads=1)
    parser.add_argument("--grow", type=int, nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.grow:
        print(json.dumps(grow(*arguments.grow)))
        return
    run(
        arguments,
        PACKAGES,
        chain.from_iterable(parts[part](arguments.quick) for part in arguments.only),
    )


if __name__ == "__main__":
    main()
