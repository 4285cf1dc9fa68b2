"""Checkpoints of transformers: the same function after conversion, and what cannot be converted."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import tokenizers
import torch
from hub import Hub
from safetensors.torch import load_file, save_file
from tokenizers import decoders, models, pre_tokenizers, processors
from zoo_attention_to_mamba.causal_lm import CausalLM
from zoo_attention_to_mamba.reading.checkpoints import read_checkpoint

from zoo_core import BadInput, WeightsError

transformers = pytest.importorskip("transformers")
transformers.utils.logging.disable_progress_bar()

VOCABULARY, TOKENS = 300, 40
COMMON = {
    "vocab_size": VOCABULARY,
    "hidden_size": 24,
    "intermediate_size": 20,
    "num_hidden_layers": 3,
    "num_attention_heads": 3,
    "max_position_embeddings": 64,
    "initializer_range": 0.3,
    "bos_token_id": 0,
    "eos_token_id": 0,
}
LLAMA3 = {
    "rope_type": "llama3",
    "rope_theta": 500.0,
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 64,
}
VARIANTS = {
    "llama": ("llama", {}),
    "llama-grouped": ("llama", {"num_attention_heads": 6, "num_key_value_heads": 2}),
    "llama-one-key": ("llama", {"num_key_value_heads": 1}),
    "llama-head-width": ("llama", {"head_dim": 10, "num_key_value_heads": 1}),
    "llama-tied": ("llama", {"tie_word_embeddings": True}),
    "llama-base": ("llama", {"rope_parameters": {"rope_type": "default", "rope_theta": 77.0}}),
    "llama-linear": (
        "llama",
        {"rope_parameters": {"rope_type": "linear", "rope_theta": 1e4, "factor": 2.5}},
    ),
    "llama-llama3": ("llama", {"rope_parameters": LLAMA3}),
    "llama-biases": ("llama", {"attention_bias": True, "mlp_bias": True}),
    "llama-attention-bias": ("llama", {"attention_bias": True}),
    "llama-mlp-bias": ("llama", {"mlp_bias": True}),
    "llama-epsilon": ("llama", {"rms_norm_eps": 0.1}),
    "neox": ("gpt_neox", {}),
    "neox-sequential": ("gpt_neox", {"use_parallel_residual": False}),
    "neox-all-rotary": (
        "gpt_neox",
        {"rope_parameters": {"rope_theta": 1e4, "partial_rotary_factor": 1.0}},
    ),
    "neox-base": (
        "gpt_neox",
        {"rope_parameters": {"rope_theta": 77.0, "partial_rotary_factor": 0.5}},
    ),
    "neox-linear": (
        "gpt_neox",
        {
            "rope_parameters": {
                "rope_type": "linear",
                "factor": 3.0,
                "rope_theta": 1e4,
                "partial_rotary_factor": 0.5,
            }
        },
    ),
    "neox-no-attention-bias": ("gpt_neox", {"attention_bias": False}),
    "neox-tied": ("gpt_neox", {"tie_word_embeddings": True}),
    "neox-epsilon": ("gpt_neox", {"layer_norm_eps": 0.1}),
    **{
        f"neox-{name}": ("gpt_neox", {"hidden_act": name})
        for name in ("gelu_new", "gelu_fast", "gelu_pytorch_tanh", "gelu_python", "silu")
    },
}
CLASSES = {
    "llama": (transformers.LlamaConfig, transformers.LlamaForCausalLM),
    "gpt_neox": (transformers.GPTNeoXConfig, transformers.GPTNeoXForCausalLM),
}


def byte_level():
    """Return a tokenizer of single bytes behind <|endoftext|>, in the form of GPT-NeoX's."""
    vocabulary = {c: i + 1 for i, c in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    inner = tokenizers.Tokenizer(models.BPE(vocab={"<|endoftext|>": 0, **vocabulary}, merges=[]))
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    inner.add_special_tokens(["<|endoftext|>", "<|end|>"])
    return inner


def make(folder, kind, changes, dtype=torch.float32, **saving):
    """Save a random model, biases and norms too, with a tokenizer; return it in float64."""
    config_of, model_of = CLASSES[kind]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(sum(map(ord, f"{kind}{changes}")))
        model = model_of(config_of(**{**COMMON, **changes}))
        for parameter in model.parameters():
            if parameter.ndim == 1:
                parameter.data += 0.3 * torch.randn_like(parameter)
    model = model.to(dtype).eval()
    model.save_pretrained(folder, **saving)
    byte_level().save(str(folder / "tokenizer.json"))
    return model


@pytest.fixture(scope="module")
def ids():
    return torch.randint(VOCABULARY, (2, TOKENS), generator=torch.Generator().manual_seed(1))


def converted(folder):
    config, state, _ = read_checkpoint(folder)
    model = CausalLM(**json.loads(json.dumps(config)))
    if state["embedding.weight"].dtype == torch.float64:
        model.double()
    model.load_state_dict(state)
    return model.eval()


class ExactRotary(torch.nn.Module):
    """Cosines and sines in float64, where transformers' own are in float32 in any model."""

    def __init__(self, width, base, factor):
        super().__init__()
        pairs = torch.arange(width // 2, dtype=torch.float64)
        self.rates = base ** (-2 * pairs / width) / factor

    def forward(self, x, position_ids):
        angles = position_ids[..., None].double() * self.rates
        angles = torch.cat([angles, angles], dim=-1)
        return angles.cos(), angles.sin()


@torch.no_grad()
@pytest.mark.parametrize("name", VARIANTS)
def test_logits_are_those_of_transformers(tmp_path, ids, name):
    kind, changes = VARIANTS[name]
    theirs = make(tmp_path, kind, changes)
    wanted = theirs(ids).logits
    assert wanted.std() > 0.3
    found = converted(tmp_path)(ids)
    torch.testing.assert_close(found, wanted, rtol=1e-5, atol=1e-5 * float(wanted.abs().max()))


@torch.no_grad()
@pytest.mark.parametrize("name", [name for name in VARIANTS if name != "llama-llama3"])
def test_logits_are_the_same_in_float64(tmp_path, ids, name):
    kind, changes = VARIANTS[name]
    theirs = make(tmp_path, kind, changes, torch.float64)
    told = theirs.config
    rope = told.rope_parameters
    head = getattr(told, "head_dim", None) or told.hidden_size // told.num_attention_heads
    width = int(head * rope.get("partial_rotary_factor", 1.0))
    body = theirs.model if kind == "llama" else theirs.gpt_neox
    body.rotary_emb = ExactRotary(width, rope["rope_theta"], rope.get("factor", 1.0))
    if kind == "llama":  # transformers' norm computes in float32
        epsilon = told.rms_norm_eps
        for part in [body.norm, *(n for b in body.layers for n in norms(b))]:
            part.forward = lambda x, w=part.weight: torch.nn.functional.rms_norm(
                x, x.shape[-1:], w, epsilon
            )
    wanted = attention_in_float64(theirs, ids)
    found = converted(tmp_path)(ids)
    assert found.dtype == torch.float64
    torch.testing.assert_close(found, wanted, rtol=1e-10, atol=1e-10)


def norms(block):
    return block.input_layernorm, block.post_attention_layernorm


def attention_in_float64(model, ids):
    model.set_attn_implementation("sdpa")  # the eager one takes its softmax in float32
    return model(ids).logits


@torch.no_grad()
def test_llama3_scaling_beside_its_definition(ids, tmp_path):
    theirs = make(tmp_path, "llama", VARIANTS["llama-llama3"][1])
    config, _, _ = read_checkpoint(tmp_path)
    rates = theirs.model.rotary_emb.inv_freq.double()
    plain = 500.0 ** (-torch.arange(0, 8, 2, dtype=torch.float64) / 8)
    assert config["rope_scaling"] == {k: v for k, v in LLAMA3.items() if k != "rope_theta"}
    shares = rates / plain
    assert shares[0] == pytest.approx(1) and shares[-1] == pytest.approx(1 / 8)
    assert any(0.126 < share < 0.999 for share in shares.tolist()), "one in the passage"


@pytest.mark.parametrize("name", ["llama-tied", "neox", "llama-grouped"])
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=["fp16", "bf16"])
def test_half_precision_is_read_as_float32(tmp_path, ids, name, dtype):
    kind, changes = VARIANTS[name]
    theirs = make(tmp_path, kind, changes, dtype)
    config, state, _ = read_checkpoint(tmp_path)
    assert {t.dtype for n, t in state.items() if n != "tokenizer"} == {torch.float32}
    table = theirs.get_input_embeddings().weight.float()
    assert torch.equal(state["embedding.weight"], table) and config["vocabulary"] == len(table)


@torch.no_grad()
def test_shards(tmp_path, ids):
    kind, changes = VARIANTS["llama-grouped"]
    wanted = make(tmp_path, kind, changes, max_shard_size="20KB")(ids).logits
    shards = sorted(tmp_path.glob("model-*.safetensors"))
    assert len(shards) > 2 and not (tmp_path / "model.safetensors").exists()
    torch.testing.assert_close(converted(tmp_path)(ids), wanted, rtol=1e-4, atol=1e-4)
    index = tmp_path / "model.safetensors.index.json"
    whole = json.loads(index.read_text())
    first, file = next(iter(whole["weight_map"].items()))
    other = next(f for f in whole["weight_map"].values() if f != file)
    for wrong, reason in (
        ("../model.safetensors", "names the file '../model.safetensors', which is not there"),
        ("/etc/passwd", "names the file '/etc/passwd'"),
        ("gone.safetensors", "names the file 'gone.safetensors'"),
        (3, "names the file 3"),
        (other, f"its {other} has no tensor {first}"),
    ):
        index.write_text(json.dumps({"weight_map": {**whole["weight_map"], first: wrong}}))
        with pytest.raises(BadInput, match=re.escape(reason)):
            read_checkpoint(tmp_path)
    index.write_text("{}")
    with pytest.raises(BadInput, match="has no weight_map"):
        read_checkpoint(tmp_path)
    index.write_text(json.dumps(whole))
    shards[0].write_bytes(shards[0].read_bytes()[:-8])
    with pytest.raises(WeightsError, match="is not a whole safetensors file"):
        read_checkpoint(tmp_path)


OLD = {
    "llama-linear": {"rope_theta": 1e4, "rope_scaling": {"type": "linear", "factor": 2.5}},
    "llama-llama3": {
        "rope_theta": 500.0,
        "rope_scaling": {k: v for k, v in LLAMA3.items() if k != "rope_theta"},
    },
    "llama-base": {"rope_theta": 77.0, "rope_scaling": None},
    "neox-base": {"rotary_emb_base": 77, "rotary_pct": 0.5},
    "neox": {"rotary_emb_base": 10000, "rotary_pct": 0.25},
}


@pytest.mark.parametrize("name", OLD)
def test_older_configs_and_the_tensors_they_carry(tmp_path, name):
    kind, changes = VARIANTS[name]
    make(tmp_path, kind, changes)
    new, state, _ = read_checkpoint(tmp_path)
    told = json.loads((tmp_path / "config.json").read_text())
    del told["rope_parameters"]
    (tmp_path / "config.json").write_text(json.dumps({**told, **OLD[name]}))
    tensors = load_file(tmp_path / "model.safetensors")
    stem = "model.layers.0.self_attn" if kind == "llama" else "gpt_neox.layers.0.attention"
    tensors[f"{stem}.rotary_emb.inv_freq"] = torch.ones(4)
    if kind == "gpt_neox":
        tensors[f"{stem}.bias"] = torch.ones(1, 1, 4, 4, dtype=torch.bool)
        tensors[f"{stem}.masked_bias"] = torch.tensor(-1e9)
        tensors["lm_head.weight"] = tensors.pop("embed_out.weight")
    save_file(tensors, tmp_path / "model.safetensors")
    old, again, _ = read_checkpoint(tmp_path)
    assert old == new and again.keys() == state.keys()
    assert all(torch.equal(again[key], state[key]) for key in state)


def test_no_tensor_is_left_in_the_file(tmp_path):
    make(tmp_path, *VARIANTS["neox"])
    _, state, _ = read_checkpoint(tmp_path)
    (tmp_path / "model.safetensors").unlink()
    assert all(torch.isfinite(t).all() for n, t in state.items() if n != "tokenizer")


def test_the_tokenizer_and_its_ends(tmp_path):
    make(tmp_path, *VARIANTS["neox"])

    def read(template=None, **told):
        config = json.loads((tmp_path / "config.json").read_text())
        (tmp_path / "config.json").write_text(json.dumps({**config, **told}))
        inner = byte_level()
        if template:
            inner.post_processor = template
        inner.save(str(tmp_path / "tokenizer.json"))
        config, state, tokenizer = read_checkpoint(tmp_path)
        assert bytes(state["tokenizer"].tolist()) == tokenizer.as_bytes()
        assert config["tokenizer_size"] == len(tokenizer.as_bytes())
        assert tokenizer.decode(tokenizer.encode("snow ☃ ")) == "snow ☃ "
        return tokenizer.start, tokenizer.end

    end = byte_level().token_to_id("<|end|>")
    assert read() == (0, 0)
    assert read(bos_token_id=None, eos_token_id=[5, end, 0]) == (None, end)
    assert read(bos_token_id=7, eos_token_id=True) == (None, None), "7 is a letter"
    template = processors.TemplateProcessing(single="<|end|> $A", special_tokens=[("<|end|>", end)])
    assert read(template, bos_token_id=0, eos_token_id=0) == (end, 0)


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    made = {}
    for name in ("llama", "neox", "llama-tied"):
        made[name] = tmp_path_factory.mktemp(name)
        make(made[name], *VARIANTS[name])
    return made


REFUSED = {
    "another type": ("llama", {"model_type": "mamba"}, "type 'mamba', and 'llama' and 'gpt_neox'"),
    "no type": ("llama", {"model_type": None}, "of type None"),
    "a list as type": ("llama", {"model_type": ["llama"]}, "of type"),
    "quantised": ("llama", {"quantization_config": {"bits": 4}}, "is quantised"),
    "activation": ("llama", {"hidden_act": "gelu"}, "hidden_act='gelu' is not known"),
    "odd activation": ("neox", {"hidden_act": "xielu"}, "hidden_act='xielu' is not known"),
    "list as activation": ("neox", {"hidden_act": ["gelu"]}, "hidden_act=.'gelu'. is not known"),
    "yarn": (
        "llama",
        {"rope_parameters": {"rope_type": "yarn", "factor": 2.0, "rope_theta": 1e4}},
        "in the way 'yarn'",
    ),
    "dynamic": ("llama", {"rope_parameters": {"type": "dynamic", "factor": 2.0}}, "'dynamic'"),
    "no factor": ("llama", {"rope_parameters": {"rope_type": "linear"}}, "factor=None"),
    "factor 0": (
        "llama",
        {"rope_parameters": {"rope_type": "linear", "factor": 0}},
        "not positive",
    ),
    "llama3 without": (
        "llama",
        {"rope_parameters": {"rope_type": "llama3", "factor": 2}},
        "low_freq_factor=None",
    ),
    "llama3 reversed": (
        "llama",
        {"rope_parameters": {**LLAMA3, "high_freq_factor": 0.5}},
        "high_freq_factor is not the larger",
    ),
    "rope as text": ("llama", {"rope_parameters": "default"}, "no mapping"),
    "rope of layers": (
        "llama",
        {"rope_parameters": {"full_attention": {"rope_theta": 5.0}, "rope_type": {}}},
        "in the way {}",
    ),
    "partial Llama": ("llama", {"partial_rotary_factor": 0.5}, "rotate in part"),
    "odd rotary": (
        "neox",
        {"rope_parameters": {"partial_rotary_factor": 0.4}},
        "3 rotary dimensions",
    ),
    "share above 1": ("neox", {"rope_parameters": {"partial_rotary_factor": 1.5}}, "share of 1.5"),
    "width": ("neox", {"hidden_size": 25}, "has no 3 equal heads"),
    "no width": ("neox", {"hidden_size": None}, "hidden_size=None"),
    "negative": ("llama", {"num_hidden_layers": -1}, "num_hidden_layers=-1"),
    "text for a number": ("llama", {"vocab_size": "300"}, "vocab_size='300'"),
    "yes for a number": ("llama", {"num_attention_heads": True}, "num_attention_heads=True"),
    "number for a flag": ("llama", {"tie_word_embeddings": 1}, "tie_word_embeddings=1"),
    "infinite": ("llama", {"rms_norm_eps": float("inf")}, "rms_norm_eps=inf"),
    "kv heads": ("llama", {"num_key_value_heads": 2}, "2 key/value heads cannot serve 3"),
    "more layers": ("llama", {"num_hidden_layers": 4}, "has no tensor model.layers.3."),
    "a billion layers": ("neox", {"num_hidden_layers": 10**9}, "has no tensor gpt_neox.layers.3."),
    "fewer layers": ("llama", {"num_hidden_layers": 2}, "does not account for: model.layers.2."),
    "vocabulary": ("llama", {"vocab_size": 301}, r"embed_tokens.weight is of shape .300, 24."),
    "hidden": ("neox", {"intermediate_size": 2**30}, "h_to_4h.weight is of shape"),
    "small vocabulary": ("llama", {"vocab_size": 200}, "has 258 tokens, the model 200"),
    "missing bias": ("llama", {"attention_bias": True}, "has no tensor .*q_proj.bias"),
    "unsaid bias": ("neox", {"attention_bias": False}, "does not account for: .*attention.*bias"),
    "tied but not": ("llama", {"tie_word_embeddings": True}, "lm_head.weight is another matrix"),
    "not tied but is": ("llama-tied", {"tie_word_embeddings": False}, "no tensor lm_head.weight"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_configs_that_cannot_be_converted(good, tmp_path, case):
    name, changes, reason = REFUSED[case]
    folder = shutil.copytree(good[name], tmp_path / "copy")
    told = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**told, **changes}))
    with pytest.raises(BadInput, match=reason) as caught:
        read_checkpoint(folder)
    assert str(caught.value).startswith(f"{folder} cannot be used: ")


def test_a_tied_head_that_is_stored_all_the_same(good, tmp_path):
    folder = shutil.copytree(good["llama-tied"], tmp_path / "copy")
    tensors = load_file(folder / "model.safetensors")
    tensors["lm_head.weight"] = tensors["model.embed_tokens.weight"].clone()
    save_file(tensors, folder / "model.safetensors")
    _, state, _ = read_checkpoint(folder)
    assert "head.weight" not in state


def test_tensors_that_are_none(good, tmp_path):
    folder = shutil.copytree(good["llama"], tmp_path / "copy")
    tensors = load_file(folder / "model.safetensors")
    name = "model.layers.1.mlp.up_proj.weight"
    for wrong, reason in (
        (tensors[name].to(torch.int8), "stored as int8"),
        (tensors[name].to(torch.float8_e4m3fn), "stored as float8_e4m3fn"),
        (tensors[name][:-1].clone(), r"is of shape \(19, 24\), and its config makes it \(20, 24\)"),
    ):
        save_file({**tensors, name: wrong}, folder / "model.safetensors")
        with pytest.raises(BadInput, match=reason):
            read_checkpoint(folder)


def test_folders_that_are_none(good, tmp_path):
    folder = shutil.copytree(good["llama"], tmp_path / "copy")
    for name in ("config.json", "tokenizer.json", "model.safetensors"):
        content = (folder / name).read_bytes()
        (folder / name).unlink()
        with pytest.raises(BadInput, match=f"has no ({name}|weights)"):
            read_checkpoint(folder)
        for wrong in (b"", b"{", b"[1]", b"\xff\xfe", b"[" * 200_000, b"PK\x03\x04" + bytes(60)):
            (folder / name).write_bytes(wrong)
            with pytest.raises((BadInput, WeightsError), match=r"cannot be read|not a whole"):
                read_checkpoint(folder)
        (folder / name).write_bytes(content)
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(BadInput, match=r"only as pytorch_model.bin, and only safetensors are read"):
        read_checkpoint(folder)
    for wrong in (tmp_path / "none", folder / "config.json", "one/two/three", "", "a b/c"):
        with pytest.raises(BadInput, match=r"neither a folder nor a repository|has no config.json"):
            read_checkpoint(wrong)


READ = """
import json, sys
from zoo_attention_to_mamba.reading.checkpoints import read_checkpoint
from zoo_core import ZooError

told = []
for source in sys.argv[1:]:
    try:
        config, state, tokenizer = read_checkpoint(source)
        total = sum(float(t.double().abs().sum()) for t in state.values())
        told.append([config["family"], total, tokenizer.start])
    except ZooError as error:
        told.append(str(error))
print(json.dumps(told))
"""


def read_elsewhere(hub, home, *sources, **env):
    """Read checkpoints in a process of its own: the Hub's client looks at its environment once."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("HF_")}
    done = subprocess.run(
        [sys.executable, "-c", READ, *sources],
        env={**kept, **hub.env(), "HF_HOME": str(home), "OMP_NUM_THREADS": "1", **env},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return json.loads(done.stdout)


@pytest.mark.slow
def test_the_hub(good, tmp_path):
    def files(folder):
        return {path.name: path.read_bytes() for path in Path(folder).iterdir()}

    make(tmp_path / "shards", *VARIANTS["neox-sequential"], max_shard_size="20KB")
    whole, shards = files(good["llama"]), files(tmp_path / "shards")
    old = {**whole, "pytorch_model.bin": b"PK\x03\x04"}
    del old["model.safetensors"]
    with Hub() as hub:
        hub.put("someone/old", old)
        first = hub.put("someone/llama", whole)
        hub.put("someone/llama", {"config.json": b"{}"})
        hub.put("someone/neox", shards)
        late = hub.put("someone/late", whole)
        pinned = f"someone/llama@{first}"
        names = [pinned, "someone/neox", "someone/llama", "someone/old", "someone/none"]
        home = tmp_path / "hf"
        one, two, emptied, binary, absent = read_elsewhere(hub, home, *names)
        assert one[0] == "llama" and two[0] == "gpt-neox" and one[2] == two[2] == 0
        _, state, _ = read_checkpoint(good["llama"])
        assert one[1] == pytest.approx(sum(float(t.double().abs().sum()) for t in state.values()))
        assert emptied.startswith("someone/llama cannot be used: The checkpoint is of type None")
        assert "only as pytorch_model.bin, and only safetensors are read" in binary
        assert "has no repository someone/none" in absent
        hub.log.clear()
        names = [pinned, "someone/neox", f"someone/late@{late}"]
        *again, lost = read_elsewhere(hub, home, *names, HF_HUB_OFFLINE="1")
        assert again == [one, two] and hub.log == [], "what is in the cache asks nothing"
        assert "HF_HUB_OFFLINE is set" in lost
