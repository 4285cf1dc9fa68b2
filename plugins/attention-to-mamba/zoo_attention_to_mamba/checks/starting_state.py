"""How near HedgeMamba starts to linear attention, which is computed here by its definition."""

from __future__ import annotations

import math
from typing import Any, Literal

import torch
from torch import Tensor

from zoo_attention_to_mamba.causal_lm import CausalLM
from zoo_attention_to_mamba.checks import findings
from zoo_attention_to_mamba.hedgemamba import PARTS, HedgeMamba, hedgemambas, last_linear
from zoo_attention_to_mamba.rotary import Rotation, frequencies, rotate, rotation
from zoo_attention_to_mamba.specs.claims import STAGE1, TEACHER
from zoo_attention_to_mamba.text import Text
from zoo_attention_to_mamba.train.distillation import student_of
from zoo_core import Finding


def exact_start() -> Finding:
    """Hold both forms of HedgeMamba's first state against linear attention, in float64."""
    return starting_point(findings.network(TEACHER), findings.network(STAGE1), findings.stories())


def starting_point(source: CausalLM, maps: CausalLM, data: Text, windows: int = 8) -> Finding:
    """Check equality on the first test windows, with the feature maps of `maps`."""
    tokens = source.windows(data.split("test"))[0][:windows]
    worst: dict[str, float] = {}
    figures: dict[str, Any] = {}
    for decay in ("head", "channel"):
        # A short text does for the form whose scan is slow in float64.
        read = tokens if decay == "head" else tokens[:2]
        student = starting_student(source, maps, decay, -40.0)
        layers, logits = distances(student, read)
        moved = {}
        for step in (0.05, 20.0):
            set_step(student, step)
            moved[str(step)] = distances(student, read)[1]
        worst[decay] = max(*layers, logits, *moved.values())
        trained = starting_student(source, maps, decay, -7.0)
        figures[decay] = {
            "layers": layers,
            "logits": logits,
            "logits with other steps": moved,
            "logits at log_decay -7": distances(trained, read)[1],
        }
    return Finding(
        quantities={
            f"largest difference, Δ and A one a {decay}": value for decay, value in worst.items()
        },
        told="of a mixer's output or a logit from linear attention, in float64 at log_decay = -40, "
        "with Δ = 1, 0.05 or 20",
        figures=findings.plain(figures),
    )


def starting_student(
    teacher: CausalLM, maps: CausalLM, decay: Literal["head", "channel"], log_decay: float
) -> CausalLM:
    """Return HedgeMamba before stage 2, in float64: the teacher's weights and `maps`'s features."""
    widening = maps.shape["features"] // teacher.shape["head_width"]
    own = {"mixer": "hedgemamba", "decay": decay, "parts": PARTS}
    student = student_of(teacher, own, widening).double().eval()
    features = {k: v for k, v in maps.state_dict().items() if "_features." in k}
    student.load_state_dict(features, strict=False)
    for mixer in hedgemambas(student):
        mixer.start_as_linear_attention(log_decay)
    return student


@torch.no_grad()
def set_step(student: CausalLM, step: float) -> None:
    """Set all Δ to one constant, whatever the input."""
    for mixer in hedgemambas(student):
        if mixer.step is not None:
            last = last_linear(mixer.step)
            last.weight.zero_()
            last.bias.fill_(math.log(math.expm1(step)))


@torch.no_grad()
def linear_attention(student: CausalLM, tokens: Tensor) -> tuple[list[Tensor], Tensor]:
    """Return the mixers' outputs (b, T, d) and the logits (b, T, V) of linear attention.

    Each mixer's weights are the whole (T, T) matrix of products of features, each row over its sum
    (section 3.1 of the paper); its convolution, gate, Δ and A take no part.
    """
    x = student.embedding(tokens)
    angles = frequencies(student.rotary, student.rope_base, student.rope_scaling)
    turn = rotation(torch.arange(tokens.shape[1]), angles, x)
    outputs = []
    for block, mixer in zip(student.blocks, hedgemambas(student), strict=True):
        outputs.append(_mix(mixer, block.mixer_norm(x), turn))
        x = block.after(x, outputs[-1])
    return outputs, student.logits(x)


def _mix(mixer: HedgeMamba, u: Tensor, turn: Rotation) -> Tensor:
    q, k, v = (
        torch.unflatten(project(u), -1, (-1, mixer.head_width))
        for project in (mixer.q, mixer.k, mixer.v)
    )
    shared = q.shape[2] // k.shape[2]
    k, v = (t.repeat_interleave(shared, dim=2) for t in (rotate(k, turn), v))
    queries, keys = mixer.query_features(rotate(q, turn)), mixer.key_features(k)
    weights = torch.einsum("bthf,bshf->bhts", queries, keys).tril()
    weights = weights / weights.sum(-1, keepdim=True)
    mixed: Tensor = mixer.o(torch.einsum("bhts,bshm->bthm", weights, v).flatten(2))
    return mixed


@torch.no_grad()
def distances(student: CausalLM, tokens: Tensor) -> tuple[list[float], float]:
    """Return the largest differences of each mixer's output, and of the logits."""
    outputs, logits = linear_attention(student, tokens)
    mixed = [out for _, _, out in student.mixer_pairs(tokens)]
    layers = [_largest(a - b) for a, b in zip(mixed, outputs, strict=True)]
    return layers, _largest(student(tokens) - logits)


def _largest(difference: Tensor) -> float:
    return float(difference.abs().max())
