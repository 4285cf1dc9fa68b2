"""The texts, the files they are read from and the teacher's, and the metric of language models."""

from __future__ import annotations

from zoo_core import Dataset, File, Metric

_GITHUB = "https://raw.githubusercontent.com"
_WIKITEXT = (
    f"{_GITHUB}/pytorch/examples/77f55b912142e11fcfdf5b530231fb9c52f181e8/"
    "word_language_model/data/wikitext-2"
)
_STORIES260K = "https://huggingface.co/karpathy/tinyllamas/resolve/main/stories260K"

TINYSTORIES = File(
    path="tinystories-sample/tinystories_sample.txt",
    url=f"{_GITHUB}/gusjengis/toy-RNN/e4c7ff8bba4ff7989e69a3a816ebe4b14813b41e/"
    "data/tinystories_sample.txt",
    sha256="5352b299dcb1a32898b2d779b145b5a05f3e1265953fd21c264c9f9f9c9ae33d",
)
TINYSHAKESPEARE = File(
    path="tinyshakespeare/input.txt",
    url=f"{_GITHUB}/karpathy/char-rnn/6f9487a6fe5b420b7ca9afb0d7c078e37c1d1b4e/"
    "data/tinyshakespeare/input.txt",
    sha256="86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
)
WIKITEXT = {
    "val": File(
        path="wikitext-2/valid.txt",
        url=f"{_WIKITEXT}/valid.txt",
        sha256="f0737ed31fc1329026e95cb8b98e19c2a182c39c240ab909dc31abf2f8af58e8",
    ),
    "test": File(
        path="wikitext-2/test.txt",
        url=f"{_WIKITEXT}/test.txt",
        sha256="d790b833ef8cf03a90db7bf1271b7520b83c45ce07ba3c1a9699df81e239eca0",
    ),
}
"""WikiText-2's texts by split."""

STORIES260K = File(
    path="stories260k/stories260K.bin",
    url=f"{_STORIES260K}/stories260K.bin",
    sha256="b0a507e7ad0f626624f17112325e66691f9076d622e1d3274d103d00299f2696",
)
STORIES260K_TOKENIZER = File(
    path="stories260k/tok512.bin",
    url=f"{_STORIES260K}/tok512.bin",
    sha256="037cb335abb25d1fa9e8ecae30ed2a3a8ace9302862ebcdc05d51a6bbb10c312",
)

_FACTORIES = "zoo_attention_to_mamba.data"
_WINDOW = {"window": "tokens in each of the windows that a model is measured on (512)"}

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

METRICS: tuple[Metric, ...] = (
    Metric(
        name="perplexity",
        title="Perplexity",
        factory="torchmetrics.text:Perplexity",
        higher_is_better=False,
        takes=("logits", "target"),
    ),
)
