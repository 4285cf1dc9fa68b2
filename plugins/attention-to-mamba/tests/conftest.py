"""What the tests of trainings share: a small text, tiny models, and settings for few steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from zoo_attention_to_mamba.attention import Attention
from zoo_attention_to_mamba.causal_lm import CausalLM
from zoo_attention_to_mamba.text import Text
from zoo_attention_to_mamba.tokenizer import Tokenizer

import zoo
from zoo_core import Progress

WORDS = ("the", "cat", "dog", "hat", "mat", "sat", "ran", "saw", "on", "by", "and", "then.")
SHAPES: dict[str, dict[str, Any]] = {
    "llama": {"family": "llama", "kv_heads": 1, "rotary": 8, "tied": True, "parallel": False}
    | {"biases": False, "activation": "silu"},
    "gpt-neox": {"family": "gpt-neox", "kv_heads": 2, "rotary": 4, "tied": False, "parallel": True}
    | {"biases": True, "activation": "gelu"},
}
SIZES = {"width": 16, "layers": 2, "heads": 2, "head_width": 8, "hidden": 24, "context": 16}
OWN: dict[str, Any] = {
    "mixer": "hedgemamba",
    "decay": "head",
    "parts": ["ssm", "convolution", "gate"],
}
RECIPE: dict[str, Any] = {
    "widening": 2,
    "start": "rotation",
    "fresh": "nothing",
    "log_decay": -7.0,
    "stage1_tokens": 128,
    "stage1_rate": 1e-2,
    "stage1_warmup": 2,
    "stage2_tokens": 128,
    "stage2_rate": 2e-3,
    "stage2_feature_rate": 1e-2,
    "stage2_warmup": 2,
    "batch": 2,
    "length": 16,
    "offset": 0,
    "divergence": 0.0,
    "sampled": 0,
}
"""Four steps in each stage."""
TRAINING = {"tokens": 128, "rate": 2e-3, "warmup": 2, "batch": 2, "length": 16}


@pytest.fixture(scope="session")
def prose() -> str:
    """Return 3,000 characters of words, 21 of them distinct."""
    chosen = np.random.default_rng(0).choice(WORDS, 1000)
    return " ".join(chosen)[:3000]


@pytest.fixture
def text(prose: str) -> Text:
    """Return the prose in three splits."""
    return Text({"train": [prose[:2400]], "val": [prose[2400:2700]], "test": [prose[2700:]]})


@pytest.fixture
def text_file(prose: str, tmp_path: Path) -> Path:
    """Return a file with the prose."""
    path = tmp_path / "mine.txt"
    path.write_text(prose)
    return path


@pytest.fixture
def make_teacher(prose: str) -> Callable[..., CausalLM]:
    """Return a maker of Transformers with random weights, which look sharply and know `prose`."""

    def make(
        family: str = "llama", *, seed: int = 0, start: bool = False, **changes: Any
    ) -> CausalLM:
        tokenizer = Tokenizer.from_characters(prose)
        if start:
            tokenizer = Tokenizer.from_characters("\0" + prose).with_ends(0, None)
        content = tokenizer.as_bytes()
        told = {"vocabulary": tokenizer.size, "tokenizer_size": len(content)}
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            shape = {**SHAPES[family], **SIZES, **told, **changes}
            module = zoo.create("causal-transformer", **shape)
            for parameter in module.parameters():
                parameter.data += 0.3 * torch.randn_like(parameter)
        module.tokenizer.copy_(torch.frombuffer(bytearray(content), dtype=torch.uint8))
        return module.eval().requires_grad_(False)

    return make


@pytest.fixture
def recipe() -> Callable[..., dict[str, Any]]:
    """Return a maker of what to change in a distillation, for four steps a stage."""
    return lambda **changes: {**OWN, **RECIPE, **changes}


@pytest.fixture
def own() -> Callable[..., dict[str, Any]]:
    """Return a maker of what is a student's own in its shape."""
    return lambda **changes: {**OWN, **changes}


@pytest.fixture
def transformer() -> Callable[..., dict[str, Any]]:
    """Return a maker of what to change in a teacher's recipe, for four steps of a tiny one."""
    return lambda family="gpt-neox", **changes: {**SHAPES[family], **SIZES, **TRAINING, **changes}


@pytest.fixture
def silent() -> Callable[..., Any]:
    """Return a progress bar that shows nothing."""
    return lambda steps, **_: steps


@pytest.fixture
def each_step_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let trainings keep what they have after each step, and not once a minute."""
    plain = Progress.save

    def save(self: Progress, *arguments: Any, **_: Any) -> None:
        plain(self, *arguments, now=True)

    monkeypatch.setattr(Progress, "save", save)


@pytest.fixture
def stopping() -> Callable[..., Any]:
    """Return a maker of progress bars that interrupt before a step of a stage."""

    def stopping(label: str, after: int, error: Any = KeyboardInterrupt) -> Callable[..., Any]:
        def progress(steps: Iterable[int], *, desc: str, **_: Any) -> Iterator[int]:
            for step in steps:
                if (desc, step) == (label, after):
                    raise error
                yield step

        return progress

    return stopping


@pytest.fixture
def is_ready() -> Callable[[Any], bool]:
    """Return a check that a module is a teacher: a Transformer in float32, not to be trained."""

    def check(teacher: Any) -> bool:
        assert isinstance(teacher, CausalLM) and not teacher.training
        assert all(isinstance(block.mixer, Attention) for block in teacher.blocks)
        for parameter in teacher.parameters():
            assert parameter.dtype == torch.float32 and not parameter.requires_grad
        return True

    return check


@pytest.fixture
def make_folder(
    transformer: Callable[..., dict[str, Any]], text_file: Path, tmp_path: Path
) -> Callable[..., Path]:
    """Return a maker of folders that ``zoo train`` wrote, each with a tiny Transformer."""

    def make(family: str = "gpt-neox", **changes: Any) -> Path:
        folder = tmp_path / f"teacher-{family}"
        config = transformer(family, **changes)
        zoo.train("causal-transformer", str(text_file), out=folder, config=config)
        return folder

    return make
