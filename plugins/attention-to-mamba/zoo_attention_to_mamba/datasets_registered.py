"""The texts' specs: where they come from, under which licence, with which options."""

from __future__ import annotations

from zoo_attention_to_mamba.sources import TINYSHAKESPEARE, TINYSTORIES, WIKITEXT
from zoo_core import Dataset

_FACTORIES = "zoo_attention_to_mamba.text"
_WINDOW = {"window": "tokens in each of the windows that a model is measured on (256)"}

DATASETS: tuple[Dataset, ...] = (
    Dataset(
        name="tinystories-sample",
        title="TinyStories, the first 2 MiB of the training text",
        factory=f"{_FACTORIES}:tinystories",
        license="CDLA-Sharing-1.0",
        source="https://huggingface.co/datasets/roneneldan/TinyStories",
        task="text-generation",
        options={
            "validation": "how many of the 2,100 training stories are the split val (100)",
            **_WINDOW,
        },
        files=(TINYSTORIES,),
        summary="2,316 whole stories of simple words (arXiv:2305.07759): 2,000 to train, 100 to "
        "validate, the last 216 to test. The file is the first 2,097,152 bytes of the corpus's "
        "TinyStories-train.txt, so models trained on TinyStories have seen all of it, the test "
        "split included.",
    ),
    Dataset(
        name="tinyshakespeare",
        title="Tiny Shakespeare",
        factory=f"{_FACTORIES}:tinyshakespeare",
        license="CC0-1.0",
        source="https://github.com/karpathy/char-rnn",
        task="text-generation",
        options={
            "validation": "which share of the training text is the split val (0.05)",
            **_WINDOW,
        },
        files=(TINYSHAKESPEARE,),
        summary="1,115,394 characters of Shakespeare's plays, 65 distinct: the first 90 % to learn "
        "from (their last twentieth to validate), the last 10 % to test. The text is in the public "
        "domain; the repository that carries it is under the MIT licence.",
    ),
    Dataset(
        name="wikitext-2",
        title="WikiText-2, validation and test",
        factory=f"{_FACTORIES}:wikitext",
        license="CC-BY-SA-3.0",
        source="https://arxiv.org/abs/1609.07843",
        task="text-generation",
        options=_WINDOW,
        splits=("val", "test"),
        files=tuple(WIKITEXT.values()),
        summary="Articles of Wikipedia as words apart by spaces, rare ones as <unk>; no training "
        "text. Far from stories for children, so a model of those does badly on it.",
    ),
)
