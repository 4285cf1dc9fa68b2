"""Where the texts and the teacher come from: paths below a mirror, public addresses, hashes."""

from __future__ import annotations

from zoo_core import File

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
