"""The recipe: a Transformer becomes a Mamba in two stages (arXiv:2604.14191)."""

from __future__ import annotations

import dataclasses
import hashlib
import math
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from zoo_ssm.blocks import inverse_softplus

from zoo_attention_to_mamba.causal_lm import CausalLM
from zoo_attention_to_mamba.generation import sample_tokens
from zoo_attention_to_mamba.hedgemamba import TAPS, FeatureMap, HedgeMamba, hedgemambas, last_linear
from zoo_attention_to_mamba.reading.teachers import as_teacher, read_teacher
from zoo_attention_to_mamba.train.alignment import align, start_features
from zoo_attention_to_mamba.train.language_modelling import (
    Batches,
    check_settings,
    train_next_token,
)
from zoo_core import BadInput, Progress, Run, device_of_module

SAMPLED = 64  # stories that the teacher writes at once: another number gives other stories
STUDENT = ("mixer", "decay", "parts")
WHOLE = {"batch": 1, "length": 1, "offset": 0, "widening": 1, "sampled": 0}
WHOLE |= {"stage1_warmup": 0, "stage2_warmup": 0}
FRESH = ("nothing", "projections", "mixers")
NUMBERS = (
    *("stage1_tokens", "stage1_rate", "stage2_tokens", "stage2_rate", "stage2_feature_rate"),
    "divergence",
)
_WRITTEN: dict[tuple[str, int, int], Tensor] = {}
"""What teachers wrote in this process: minutes of work that recipes over several budgets share."""
EMBEDDINGS = ("embedding.weight", "head.weight")
STAGE2_SEEDS = 500_000  # added to the seed, so that stage 2 reads other windows than stage 1


def train(run: Run, progress: Callable[..., Any]) -> nn.Module:
    """Distil a teacher into a student; the run's seed draws starts and windows.

    The teacher is given (a model of the zoo), or the recipe's `checkpoint` (as transformers writes
    it). The shape has what is the student's own (`mixer`, `decay`, `parts`). The recipe has
    `widening`, its features F over the head's width, the `start` of the feature maps, `fresh` (what
    is random instead of the teacher's: the naive baseline), the tokens, rates and warm-up of both
    stages, by what stage 1 holds mixers against the teacher's (`stage1_match`, see
    `alignment.distances`), `batch` and `length` of the windows and the last position, `offset`, at
    which they begin (see `Batches`), `log_decay` at the start of stage 2, `divergence` (share of
    the teacher's distribution in stage 2's loss) and `sampled` (tokens written by the teacher that
    are added to the training text).

    A run that starts from a student's weights goes on with stage 2, and takes from them all that
    stage 1 and the recipe's starts would give.
    """
    _check(run)
    teacher = _teacher_of(run)
    recipe = run.recipe
    known = _fingerprint(teacher)
    stream = _stream(run, teacher, known)
    batches = Batches(stream, recipe["batch"], recipe["length"], run.seed, recipe["offset"])
    student: CausalLM = run.make(**shape_of(teacher, run.shape, recipe["widening"]))
    # What a resumed run must agree in; teacher and text are known by their bytes, not by a name.
    identity = {
        **run.shape,
        **recipe,
        "seed": run.seed,
        "teacher": known,
        "started": _fingerprint(student) if run.started else None,
        "text": hashlib.sha256(stream.numpy().tobytes()).hexdigest(),
    }

    if not run.started:
        _begin(student, teacher, run, batches, identity, progress)
    if recipe["stage2_tokens"]:
        for name, parameter in student.named_parameters():
            parameter.requires_grad_(name not in EMBEDDINGS)
        train_next_token(
            student,
            dataclasses.replace(batches, seed=run.seed + STAGE2_SEEDS),
            stage_of(recipe, 2),
            teacher=teacher,
            data=run.data,
            kept=Progress.of(run.folder, "stage2", identity),
            progress=progress,
            label="stage 2",
        )
    return student.requires_grad_(True)


def _begin(
    student: CausalLM,
    teacher: CausalLM,
    run: Run,
    batches: Batches,
    identity: Mapping[str, Any],
    progress: Callable[..., Any],
) -> None:
    """Run stage 1, and make of its linear attention what stage 2 begins with."""
    recipe = run.recipe
    linear = student_of(teacher, {**run.shape, "mixer": "linear"}, recipe["widening"])
    start_features(linear, recipe["start"], run.seed)
    if recipe["stage1_tokens"]:
        align(
            linear,
            teacher,
            batches,
            stage_of(recipe, 1),
            kept=Progress.of(run.folder, "stage1", identity),
            progress=progress,
        )
    student.load_state_dict(linear.state_dict(), strict=False)
    for mixer in hedgemambas(student):
        mixer.start_as_linear_attention(recipe["log_decay"])
    _start_afresh(student, recipe["fresh"], run.seed)


def _check(run: Run) -> None:
    recipe = run.recipe
    if foreign := sorted(set(run.shape).difference(STUDENT)):
        raise ValueError(f"{', '.join(foreign)} of a student are its teacher's; leave them out")
    if run.shape["mixer"] == "attention":
        raise ValueError("mixer='attention' is the teacher's; give linear or hedgemamba")
    check_settings(recipe, WHOLE, NUMBERS)
    if recipe["fresh"] not in FRESH:
        raise ValueError(f"fresh={recipe['fresh']!r} is wrong; expected {' or '.join(FRESH)}")
    if run.started and recipe["stage1_tokens"]:
        raise BadInput(
            "A training that starts from a student's weights goes on with stage 2; give "
            "--stage1-tokens 0."
        )
    if recipe["divergence"] > 1:
        raise ValueError(f"divergence={recipe['divergence']!r} is no share; give 0 to 1")


def _teacher_of(run: Run) -> CausalLM:
    checkpoint = run.recipe["checkpoint"]
    if (checkpoint is None) == ("teacher" not in run.given):
        raise BadInput(
            "A student needs one teacher: give a model of the zoo (--given teacher=NAME, or a "
            "folder that zoo train wrote), or a --checkpoint that transformers wrote."
        )
    module = run.given["teacher"] if checkpoint is None else read_teacher(checkpoint)
    return as_teacher(module).to(run.device)


def _stream(run: Run, teacher: CausalLM, known: str) -> Tensor:
    """Return the training text's tokens, with what the teacher writes itself behind them."""
    stream: Tensor = run.data.stream(teacher.text_tokenizer, "train")
    count = run.recipe["sampled"]
    if not count:
        return stream
    key = (known, count, run.seed)
    if key not in _WRITTEN:
        _WRITTEN[key] = sample_tokens(teacher, count, seed=run.seed, batch=SAMPLED)
    return torch.cat([stream, _WRITTEN[key]])


def shape_of(teacher: CausalLM, own: Mapping[str, Any], widening: int) -> dict[str, Any]:
    """Return a student's shape: its teacher's, with `widening` features a dimension of a head.

    `own` has what is the student's: `mixer`, `decay`, `parts`.
    """
    return {**teacher.shape, "features": widening * teacher.shape["head_width"], **own}


def student_of(teacher: CausalLM, own: Mapping[str, Any], widening: int) -> CausalLM:
    """Return a student with all of the teacher's weights, its new parts in their first state.

    See `shape_of`; raises `ValueError` for a shape that there is not.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        student = CausalLM(**shape_of(teacher, own, widening))
    student.load_state_dict(teacher.state_dict(), strict=False)
    return student.to(device_of_module(teacher))


def stage_of(recipe: Mapping[str, Any], stage: int) -> dict[str, Any]:
    """Return a stage's own settings: `tokens`, `rate`, … of `stage1_tokens`, `stage1_rate`, …"""
    prefix = f"stage{stage}_"
    own = {key.removeprefix(prefix): recipe[key] for key in recipe if key.startswith(prefix)}
    return {**own, "divergence": recipe["divergence"]}


def _start_afresh(student: CausalLM, fresh: str, seed: int) -> None:
    """Give q, k, v and o random parameters, or whole mixers, Δ and A as Mamba starts them."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for mixer in hedgemambas(student):
            if fresh == "projections":
                for projection in (mixer.q, mixer.k, mixer.v, mixer.o):
                    projection.reset_parameters()
            if fresh == "mixers":
                _start_as_mamba(mixer)


@torch.no_grad()
def _start_as_mamba(mixer: HedgeMamba) -> None:
    """Draw all of a mixer's parameters from torch's random state."""
    for part in mixer.modules():
        if isinstance(part, nn.Linear):
            part.reset_parameters()
        elif isinstance(part, FeatureMap):
            nn.init.normal_(part.weight, std=part.weight.shape[-1] ** -0.5)
            nn.init.zeros_(part.bias)
    if mixer.taps is not None:
        nn.init.uniform_(mixer.taps, -(TAPS**-0.5), TAPS**-0.5)
    if mixer.step is not None and mixer.log_decay is not None:
        bias = last_linear(mixer.step).bias
        steps = torch.empty_like(bias).uniform_(math.log(1e-3), math.log(1e-1)).exp()
        bias.copy_(inverse_softplus(steps))
        mixer.log_decay.copy_(torch.empty_like(mixer.log_decay).uniform_(1, 16).log())


def _fingerprint(module: nn.Module) -> str:
    digest = hashlib.sha256()
    for name, tensor in sorted(module.state_dict().items()):
        digest.update(name.encode() + tensor.cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()
