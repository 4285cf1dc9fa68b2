"""Stage 1: feature maps that make linear attention answer as the teacher's softmax attention does.

Each layer is fed the teacher's own input, so that all layers are independent and one pass of the
teacher serves all (section 3.1 of the paper).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import cosine_similarity

from zoo_attention_to_mamba.attention import is_ahead
from zoo_attention_to_mamba.causal_lm import CausalLM
from zoo_attention_to_mamba.hedgemamba import feature_parameters, hedgemambas
from zoo_attention_to_mamba.train.language_modelling import Batches, descend, optimizer_of
from zoo_core import Progress

Start = Literal["rotation", "identity", "random"]
Match = Literal["outputs", "weights", "states"]
"""What a layer is held against its teacher's by: the cosine of outputs (the paper's), the weights
of attention (Hedgehog, arXiv:2402.04347), or the squared distance of outputs, relative to the
teacher's, which is that of the hidden states behind them (MOHAWK, arXiv:2408.10189)."""


@torch.no_grad()
def start_features(module: CausalLM, start: Start, seed: int) -> None:
    """Set each head's W: stacked random rotations, stacked identities, or Gaussian entries.

    A head's queries and keys get the same W: their kernel is then largest where they agree.
    """
    generator = torch.Generator().manual_seed(seed)
    for mixer in hedgemambas(module):
        heads, features, width = mixer.query_features.weight.shape
        for head in range(heads):
            parts = [_square(start, width, generator) for _ in range(-(-features // width))]
            weight = torch.cat(parts)[:features]
            for which in (mixer.query_features, mixer.key_features):
                which.weight[head] = weight
                which.bias[head] = 0


def _square(start: Start, width: int, generator: torch.Generator) -> Tensor:
    if start == "identity":
        return torch.eye(width)
    drawn = torch.randn(width, width, generator=generator)
    if start == "random":
        return drawn / math.sqrt(width)
    if start == "rotation":
        rotation: Tensor = torch.linalg.qr(drawn).Q
        return rotation
    raise ValueError(f"start={start!r} is not known; it may be rotation, identity or random.")


def distances(
    student: CausalLM,
    teacher: CausalLM,
    tokens: Tensor,
    first: Tensor | None = None,
    match: Match = "outputs",
) -> Tensor:
    """Return how far each of the student's mixers is from the teacher's, (layers,).

    By `match` it is the mean of 1 - cos(output, teacher's), the mean divergence of the weights of
    a query's values from the teacher's in nats, or the squared distance of outputs over the squared
    norm of the teacher's. `first` (b,) are the positions of the rows' first tokens, else 0. Raises
    `ValueError` for another `match`.
    """
    found = []
    with torch.no_grad():
        pairs = list(teacher.mixer_pairs(tokens, first))
    for block, source, (u, turn, wanted) in zip(student.blocks, teacher.blocks, pairs, strict=True):
        if match == "weights":
            with torch.no_grad():
                aim = source.mixer.log_weights(u, turn)
            found.append(_divergence(block.mixer.log_weights(u, turn), aim))
            continue
        mixed, _ = block.mixer(u, turn)
        if match == "outputs":
            found.append(1 - cosine_similarity(mixed, wanted, dim=-1).mean())
        elif match == "states":
            found.append((mixed - wanted).square().sum() / wanted.square().sum())
        else:
            raise ValueError(f"match={match!r} is not known; it may be outputs, weights or states.")
    return torch.stack(found)


def _divergence(logs: Tensor, wanted: Tensor) -> Tensor:
    """Return the mean KL divergence in nats of weights (…, T, T) from those wanted, all as logs."""
    apart = wanted.exp() * (wanted - logs).masked_fill(is_ahead(wanted), 0.0)
    return apart.sum(-1).mean()


def align(
    student: CausalLM,
    teacher: CausalLM,
    batches: Batches,
    config: Mapping[str, Any],
    *,
    kept: Progress,
    progress: Callable[..., Iterable[Any]],
) -> None:
    """Train the feature maps alone, by the distance of mixers averaged over layers.

    `config` has `tokens`, `rate`, `warmup` and `match` (see `distances`).
    """
    frozen = _freeze_all_but_feature_maps(student)

    def apart(step: int) -> Tensor:
        tokens, first = batches.at(step)[0], batches.first(step)
        return distances(student, teacher, tokens, first, config["match"]).mean()

    descend(
        student,
        apart,
        batches.steps(config["tokens"]),
        optimizer=optimizer_of(student, config["rate"], config["rate"]),
        warmup=config["warmup"],
        kept=kept,
        progress=progress,
        label="stage 1",
    )
    for parameter in frozen:
        parameter.requires_grad_(True)


def _freeze_all_but_feature_maps(module: nn.Module) -> list[nn.Parameter]:
    """Freeze what is no feature map's; return what was frozen."""
    features = feature_parameters(module)
    frozen = [p for p in module.parameters() if p not in features and p.requires_grad]
    for parameter in frozen:
        parameter.requires_grad_(False)
    return frozen
