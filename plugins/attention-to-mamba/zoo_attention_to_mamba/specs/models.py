"""The architectures, Transformers that teach and what they become, and the checkpoints."""

from __future__ import annotations

from typing import Any

from zoo_attention_to_mamba.specs.claims import PLAYS_TEACHER, SHORT, TEACHER
from zoo_attention_to_mamba.specs.data import STORIES260K, STORIES260K_TOKENIZER
from zoo_core import Architecture, Model, Start

_HERE = "zoo_attention_to_mamba"
_PAPER = "attention-to-mamba"
_DTYPES = ("float32", "float64", "float16", "bfloat16")

ARCHITECTURES = (
    Architecture(
        name="causal-transformer",
        cls=f"{_HERE}.causal_lm:CausalLM",
        paper=_PAPER,
        task="text-generation",
        pipeline_tag="text-generation",
        summary="A causal Transformer of the Llama or the GPT-NeoX family: a teacher.",
        train=f"{_HERE}.train.teachers:train",
        reader=f"{_HERE}.reading.text:read_text",
        shape={
            # A small GPT-NeoX on characters.
            "family": "gpt-neox",
            "vocabulary": 65,
            "width": 128,
            "layers": 4,
            "heads": 4,
            "kv_heads": 4,
            "head_width": 32,
            "hidden": 512,
            "context": 256,
            "rotary": 8,
            "tied": False,
            "parallel": True,
            "biases": True,
            "activation": "gelu",
        },
        recipe={
            # A folder as transformers writes it, or a repository of the Hub, to convert instead.
            "checkpoint": None,
            "tokens": 10_000_000,
            "rate": 2e-3,
            "warmup": 100,
            "batch": 8,
            "length": 256,
        },
        embeds="the mean of the last hidden states of a text",
        independent_rows=True,
        differentiable=False,
        exportable=True,
        axes={"tokens": {0: "batch", 1: "length"}},
        dtypes=_DTYPES,
    ),
    Architecture(
        name="attention-to-mamba",
        cls=f"{_HERE}.causal_lm:CausalLM",
        paper=_PAPER,
        task="text-generation",
        pipeline_tag="text-generation",
        summary="A Transformer distilled into a Mamba (HedgeMamba), or into linear attention.",
        train=f"{_HERE}.train.distillation:train",
        reader=f"{_HERE}.reading.text:read_text",
        dataset="tinystories-sample",
        shape={
            "mixer": "hedgemamba",
            "decay": "head",
            "parts": ["ssm", "convolution", "gate"],
        },
        recipe={
            # As that of causal-transformer: a teacher that is not of the zoo.
            "checkpoint": None,
            "widening": 4,
            "start": "rotation",
            "fresh": "nothing",
            "log_decay": -7.0,
            "stage1_tokens": 300_000,
            "stage1_rate": 1e-2,
            "stage1_warmup": 20,
            "stage1_match": "outputs",
            "stage2_tokens": 1_200_000,
            "stage2_rate": 2e-3,
            "stage2_feature_rate": 1e-2,
            "stage2_warmup": 100,
            "batch": 4,
            "length": 256,
            "offset": 0,
            "divergence": 0.0,
            "sampled": 0,
        },
        embeds="the mean of the last hidden states of a text",
        independent_rows=True,
        differentiable=False,
        not_exported=dict.fromkeys(
            ("pt2", "onnx"), "its scan is unrolled step by step, for one length of the texts"
        ),
        dtypes=_DTYPES,
    ),
)

_SEEN = (
    "The teacher was trained on (part of) the same text, the test stories included, so its "
    "perplexity is no measure of how it does on new stories; teacher and students are compared on "
    "equal terms."
)


def _model(name: str, data: str, summary: str, **more: Any) -> Model:
    return Model(
        **{
            "name": f"{name}-{data}",
            "architecture": "attention-to-mamba",
            "dataset": "tinystories-sample" if data == "tinystories" else "tinyshakespeare",
            "license": "Apache-2.0",
            "summary": summary,
            "given": {"teacher": TEACHER},
            "metrics": ("perplexity",),
            "usage": 'print("".join(model.predict("The ", tokens=60)))',
            "notes": _SEEN if data == "tinystories" else "",
            **more,
        }
    )


ABLATION = {"widening": 1, "batch": 2, "length": 512, "offset": 3584}
"""What students beside the flagship have in common: the paper's width of the feature maps, and
windows as long as the teacher's context, which begin at any position up to 3,584."""

MODELS = (
    _model(
        "stories260k",
        "tinystories",
        "The teacher: a Llama of 260,032 parameters that tells stories (from llama2.c).",
        architecture="causal-transformer",
        license="MIT",
        given={},
        source=(STORIES260K, STORIES260K_TOKENIZER),
        convert=f"{_HERE}.reading.llama2c:convert",
        tryit="stories",
    ),
    _model(
        "hedgemamba",
        "tinystories",
        "The student: stories260k as a Mamba without attention, feature maps four times as wide.",
        recipe={
            "stage1_tokens": 0,
            "stage2_tokens": 9_000_000,
            "sampled": 1_000_000,
            "length": 512,
            "offset": 3584,
        },
        start=Start(source=SHORT),
        notes=f"{_SEEN} It goes on from `{SHORT}`, in windows as long as the teacher's context, "
        "which begin at any position up to 3,584. Whether its loss should have a share of the "
        "teacher's distribution (`divergence`) was chosen by perplexity on the validation stories "
        "in windows of 512 after 600,000 tokens (--set stage2_tokens=600000): without 5.30, by it "
        "alone 5.40. On these stories, which the teacher has not learned, it has 5.04 and the "
        "teacher 4.98 (--split val).",
        tryit="stories",
    ),
    _model(
        "hedgemamba-short",
        "tinystories",
        "The student before it saw long texts: trained in windows of 256 tokens.",
        recipe={
            "stage1_tokens": 1_000_000,
            "stage2_tokens": 9_000_000,
            "sampled": 1_000_000,
        },
        notes=f"{_SEEN} Positions beyond 256, the windows of its training, are new to it: there "
        "its perplexity rises, although the teacher's context is 512 (see the claim positions). "
        "Trained on in longer windows (--start, --length, --offset) it learns them. The training "
        "text is the 2,000 training stories and as many tokens again (one million) of stories "
        "written by the teacher itself.",
    ),
    _model(
        "hedgemamba-narrow",
        "tinystories",
        "The student with feature maps as wide as the heads, as in the paper.",
        recipe={
            **ABLATION,
            "stage1_tokens": 500_000,
            "stage2_tokens": 4_500_000,
        },
    ),
    _model(
        "hedgemamba-channel",
        "tinystories",
        "The student with a step for each channel and a decay for each channel and state, as "
        "Mamba-1 has them, and feature maps as wide as the heads.",
        shape={"decay": "channel"},
        recipe=ABLATION,
    ),
    _model(
        "hedgehog",
        "tinystories",
        "Linear attention: stage 1, then fine-tuned as it is, without any part of Mamba.",
        shape={"mixer": "linear"},
        recipe={**ABLATION, "stage1_tokens": 750_000, "stage2_tokens": 750_000},
    ),
    _model(
        "hedgemamba-stage1",
        "tinystories",
        "An ablation: all tokens in stage 1, so only the feature maps were trained (100/0).",
        recipe={**ABLATION, "log_decay": -16.0, "stage1_tokens": 1_500_000, "stage2_tokens": 0},
    ),
    _model(
        "hedgemamba-direct",
        "tinystories",
        "An ablation: all tokens in stage 2, from untrained feature maps (0/100).",
        recipe={**ABLATION, "stage1_tokens": 0, "stage2_tokens": 1_500_000},
    ),
    _model(
        "mamba-naive",
        "tinystories",
        "The naive baseline: mixers with fresh parameters, as Mamba starts them, in the teacher.",
        recipe={**ABLATION, "fresh": "mixers", "stage1_tokens": 0, "stage2_tokens": 1_500_000},
    ),
    _model(
        "pythia-mini",
        "shakespeare",
        "A small GPT-NeoX, the family of the paper's teacher, on the characters of Shakespeare.",
        architecture="causal-transformer",
        given={},
        notes="It was trained for ten passes over 950,000 characters, without dropout, and knows "
        "its training text much better than the test split, the last tenth of the plays.",
    ),
    _model(
        "hedgemamba",
        "shakespeare",
        "pythia-mini-shakespeare as a Mamba without attention.",
        given={"teacher": PLAYS_TEACHER},
        recipe={
            "widening": 2,
            "stage1_tokens": 1_000_000,
            "stage2_tokens": 5_000_000,
            "batch": 8,
        },
        notes="It read the teacher's own training text for six passes more, so that its perplexity "
        "is that of a longer training too: a lower one than the teacher's does not say that the "
        "mixer is the better one.",
    ),
)
