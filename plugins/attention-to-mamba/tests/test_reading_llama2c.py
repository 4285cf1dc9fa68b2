"""The teacher from its published file: tensors in their places, its text, its perplexity."""

from __future__ import annotations

import math
import struct

import numpy as np
import pytest
import torch
from zoo_attention_to_mamba.causal_lm import CausalLM
from zoo_attention_to_mamba.data import tinystories
from zoo_attention_to_mamba.reading.llama2c import convert, parse_llama2c
from zoo_attention_to_mamba.specs.data import STORIES260K, STORIES260K_TOKENIZER, TINYSTORIES
from zoo_attention_to_mamba.tokenizer import Tokenizer

import zoo
from zoo_core import DataError, available, fetch

SAMPLE = (
    "Once upon a time, there was a little girl named Lily. She loved to play outside in the park. "
    "One day, she saw a big, red ball. She wanted to play with it, but it was too high.\n"
    "Lily's mom said, \"Lily, let's go to the park.\""
)


@pytest.fixture(scope="module")
def teacher():
    paths = [available(file) for file in (STORIES260K, STORIES260K_TOKENIZER)]
    if None in paths:
        pytest.skip("stories260k is not here; set ZOO_DATA_MIRROR to a mirror that has it")
    return convert(paths, CausalLM).eval(), Tokenizer.from_llama2c(paths[1])


@torch.no_grad()
def test_it_writes_the_published_sample(teacher):
    model, tokenizer = teacher
    ids = [tokenizer.start]
    for _ in range(90):
        ids.append(int(model(torch.tensor([ids]))[0, -1].argmax()))
    assert tokenizer.decode(ids).startswith(SAMPLE)


@torch.no_grad()
def test_its_size_and_its_tokenizer(teacher):
    model, tokenizer = teacher
    assert sum(parameter.numel() for parameter in model.parameters()) == 260_032
    assert bytes(model.tokenizer.tolist()) == tokenizer.as_bytes()
    assert len({tensor.data_ptr() for tensor in model.state_dict().values()}) == 48


@pytest.mark.slow
@torch.no_grad()
def test_its_published_perplexity(teacher):
    model, tokenizer = teacher
    if available(TINYSTORIES) is None:
        pytest.skip("the stories are not here; set ZOO_DATA_MIRROR to a mirror that has them")
    inputs, targets = tinystories().windows(tokenizer, "test", 256)
    total = 0.0
    for batch, wanted in zip(inputs.split(28), targets.split(28), strict=True):
        logits = model(batch).flatten(0, 1).double()
        total += float(torch.nn.functional.cross_entropy(logits, wanted.flatten(), reduction="sum"))
    assert math.exp(total / targets.numel()) == pytest.approx(4.386, abs=5e-4)


def rotary(context, half):
    """Return the tables of llama2.c's file: the angle of pair i at each position."""
    angle = np.arange(context)[:, None] / 10_000.0 ** (np.arange(half)[None] / half)
    return np.cos(angle), np.sin(angle)


SHAPE = {"dim": 12, "hidden": 10, "layers": 3, "heads": 2, "kv": 1, "vocab": 8, "context": 5}
TOKENIZER = Tokenizer.from_characters("abcdefgh")


def make(seed=0, tied=True, **changes):
    """Return the bytes of a small random model, and its blocks by their names in llama2.c."""
    d, f, n, h, g, v, t = {**SHAPE, **changes}.values()
    m = d // h
    draw = np.random.default_rng(seed)
    blocks = {
        "emb": draw.normal(size=(v, d)),
        "norm1": 1 + 0.1 * draw.normal(size=(n, d)),
        "wq": draw.normal(size=(n, d, d)),
        "wk": draw.normal(size=(n, g * m, d)),
        "wv": draw.normal(size=(n, g * m, d)),
        "wo": draw.normal(size=(n, d, d)),
        "norm2": 1 + 0.1 * draw.normal(size=(n, d)),
        "w1": draw.normal(size=(n, f, d)),
        "w2": draw.normal(size=(n, d, f)),
        "w3": draw.normal(size=(n, f, d)),
        "norm3": 1 + 0.1 * draw.normal(size=d),
        **dict(zip(("cos", "sin"), rotary(t, m // 2), strict=True)),
    }
    if not tied:
        blocks["head"] = draw.normal(size=(v, d))
    blocks = {name: block.astype("<f4") for name, block in blocks.items()}
    header = struct.pack("<7i", d, f, n, h, g, v if tied else -v, t)
    return header + b"".join(block.tobytes() for block in blocks.values()), blocks


def run(tokens, blocks, heads, kv_heads):
    """Compute logits token by token as llama2.c does: adjacent pairs turn, in float64."""
    w = {name: block.astype(float) for name, block in blocks.items()}
    width = w["emb"].shape[1]
    m = width // heads

    def norm(x, gain):
        return x / math.sqrt((x @ x) / width + 1e-5) * gain

    def turn(x, position):
        out = x.copy()
        for i in range(0, len(x), 2):
            angle = position * 10_000.0 ** (-(i % m) / m)
            c, s = math.cos(angle), math.sin(angle)
            out[i], out[i + 1] = x[i] * c - x[i + 1] * s, x[i] * s + x[i + 1] * c
        return out

    logits, keys, values = [], [[] for _ in w["wq"]], [[] for _ in w["wq"]]
    for position, token in enumerate(tokens):
        x = w["emb"][token]
        for layer in range(len(w["wq"])):
            u = norm(x, w["norm1"][layer])
            q = turn(w["wq"][layer] @ u, position)
            keys[layer].append(turn(w["wk"][layer] @ u, position))
            values[layer].append(w["wv"][layer] @ u)
            mixed = []
            for head in range(heads):
                group = head // (heads // kv_heads)
                part = slice(group * m, (group + 1) * m)
                own = q[head * m : (head + 1) * m]
                score = np.array([own @ k[part] for k in keys[layer]]) / math.sqrt(m)
                share = np.exp(score - score.max())
                mixed.append(share / share.sum() @ np.array([v[part] for v in values[layer]]))
            x = x + w["wo"][layer] @ np.concatenate(mixed)
            u = norm(x, w["norm2"][layer])
            gate = w["w1"][layer] @ u
            x = x + w["w2"][layer] @ (gate / (1 + np.exp(-gate)) * (w["w3"][layer] @ u))
        logits.append(w.get("head", w["emb"]) @ norm(x, w["norm3"]))
    return np.array(logits)


@pytest.mark.parametrize("tied", [True, False], ids=["tied", "untied"])
@pytest.mark.parametrize("heads, kv", [(1, 1), (2, 1), (3, 3), (6, 3)])
def test_it_is_the_function_of_the_format(heads, kv, tied):
    content, blocks = make(seed=heads, tied=tied, heads=heads, kv=kv)
    config, state = parse_llama2c(content, TOKENIZER)
    assert config["tied"] is tied and (config["heads"], config["kv_heads"]) == (heads, kv)
    model = CausalLM(**config)
    model.load_state_dict(state)
    tokens = [3, 1, 4, 1, 5]
    found = model.double()(torch.tensor([tokens]))[0].detach().numpy()
    np.testing.assert_allclose(found, run(tokens, blocks, heads, kv), rtol=1e-9, atol=1e-9)


def test_files_of_another_layout():
    content, _ = make()
    broken = {
        "is no model of llama2.c: it begins with": [
            b"",
            content[:20],
            struct.pack("<7i", 0, 1, 1, 1, 1, 1, 1) + content[28:],
            struct.pack("<7i", 12, 10, 3, 2, 1, 8, -5) + content[28:],
            b"ak42" + content[4:],
        ],
        "do not go together": [
            struct.pack("<7i", 13, 10, 3, 2, 1, 8, 5) + content[28:],
            struct.pack("<7i", 12, 10, 3, 2, 5, 8, 5) + content[28:],
            struct.pack("<7i", 12, 10, 3, 4, 2, 8, 5) + content[28:],
        ],
        "bytes, but its header": [
            content[:-4],
            content + bytes(4),
            struct.pack("<7i", 12, 10, 3, 2, 1, -8, 5) + content[28:],
            struct.pack("<7i", 12, 10, 3, 2, 1, 2**20, 5) + content[28:],
        ],
        "rotary tables are not those of base 10000": [
            content[:28] + content[:27:-1],
            content[:-4] + struct.pack("<f", math.nan),
        ],
    }
    for reason, several in broken.items():
        for wrong in several:
            with pytest.raises(DataError, match=reason):
                parse_llama2c(wrong, TOKENIZER)
    with pytest.raises(DataError, match="has 3 pieces, the model 8"):
        parse_llama2c(content, Tokenizer.from_characters("abc"))


def test_the_shipped_weights_are_the_converted_file(teacher):
    shipped = zoo.load("stories260k-tinystories").state_dict()
    converted = teacher[0].state_dict()
    assert shipped.keys() == converted.keys()
    assert all(torch.equal(shipped[name], value) for name, value in converted.items())


def test_other_bytes_are_refused(tmp_path, monkeypatch):
    folder = tmp_path / "stories260k"
    folder.mkdir()
    (folder / "stories260K.bin").write_bytes(make()[0])
    monkeypatch.setenv("ZOO_DATA_MIRROR", str(tmp_path))
    with pytest.raises(DataError, match="is not the file that was expected"):
        fetch(STORIES260K)
