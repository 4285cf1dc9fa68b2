"""How students do by the position of a token: within the teacher's context, and far beyond it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from zoo_attention_to_mamba.causal_lm import CausalLM
from zoo_attention_to_mamba.checks import findings
from zoo_attention_to_mamba.checks.findings import exponential, log_ratio, plain, times
from zoo_attention_to_mamba.specs.claims import FLAGSHIP, HEDGEHOG, NAIVE, NARROW, SHORT, TEACHER
from zoo_core import Estimate, Finding

PARTS = 8
"""Parts of the teacher's context in which losses are averaged."""
LONGEST = 4096
BATCH = 8


@torch.no_grad()
def token_losses(model: CausalLM, inputs: Tensor, targets: Tensor) -> Tensor:
    """Return the loss of each token, in nats: (n, T) float64, of windows (n, T)."""
    found = [
        cross_entropy(model(some).flatten(0, 1), wanted.flatten(), reduction="none").view_as(wanted)
        for some, wanted in zip(
            torch.split(inputs, BATCH), torch.split(targets, BATCH), strict=True
        )
    ]
    return torch.cat(found).double()


def by_part(losses: Tensor, parts: int) -> Tensor:
    """Return the mean loss (n, parts) in each of the parts, of equal length, of windows (n, T)."""
    found: Tensor = torch.unflatten(losses, 1, (parts, -1)).mean(-1)
    return found


def positions() -> Finding:
    """Measure all by the position of a token, in windows as long as the teacher's context."""
    teacher = findings.network(TEACHER)
    windows = findings.stories().windows(teacher.text_tokenizer, "test", teacher.context)
    losses = {
        name: by_part(token_losses(findings.network(name), *windows), PARTS)
        for name in (TEACHER, FLAGSHIP, SHORT, NARROW, HEDGEHOG, NAIVE)
    }
    apart = _apart(losses[FLAGSHIP], losses[TEACHER])
    half = max(exponential(one).mean for one in apart[: PARTS // 2])
    return _finding(
        losses,
        apart,
        windows[0],
        f"the teacher's; in the first half at most {half:.2f} times",
    )


def longer() -> Finding:
    """Let the students read on to 4,096 tokens; the teacher reads the same text by its context."""
    teacher = findings.network(TEACHER)
    context = teacher.context
    inputs, targets = findings.stories().windows(teacher.text_tokenizer, "test", LONGEST)
    cut = (tokens.reshape(-1, context) for tokens in (inputs, targets))
    whole = token_losses(teacher, *cut).view_as(inputs)
    parts = LONGEST // context
    losses = {TEACHER: by_part(whole, parts)} | {
        name: by_part(token_losses(findings.network(name), inputs, targets), parts)
        for name in (FLAGSHIP, NAIVE)
    }
    apart = _apart(losses[FLAGSHIP][:, 1:], losses[TEACHER][:, 1:])
    return _finding(
        losses, apart, inputs, f"that of the teacher, which reads {context} tokens at once"
    )


def _finding(
    losses: Mapping[str, Tensor], apart: Sequence[Estimate], windows: Tensor, of: str
) -> Finding:
    """Return what windows (n, T) show: `apart` are the log ratios in the last parts of them."""
    parts = losses[TEACHER].shape[1]
    size = windows.shape[1] // parts
    worst = max(range(len(apart)), key=lambda part: apart[part].mean)
    ratio = exponential(apart[worst])
    first = (parts - len(apart) + worst) * size
    return Finding(
        quantities={"perplexity over the teacher's, where it is highest": ratio},
        told=f"highest at {first:,} to {first + size:,} tokens, {times(ratio)} {of}; intervals "
        f"over {len(windows)} windows of {windows.shape[1]:,}",
        figures=plain(
            {
                "perplexity": {name: row.mean(0).exp().tolist() for name, row in losses.items()},
                "log ratio to the teacher": apart,
                "tokens a part": size,
                "windows": len(windows),
            }
        ),
    )


def _apart(losses: Tensor, others: Tensor) -> list[Estimate]:
    """Return the log of the ratio of two perplexities in each part, over windows."""
    pairs = zip(losses.T.tolist(), others.T.tolist(), strict=True)
    return [log_ratio(one, other) for one, other in pairs]
