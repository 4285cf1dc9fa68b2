"""From a checkpoint's config and tensors, as transformers names them, to those of `CausalLM`.

Llama (RMSNorm, gated SiLU, grouped keys and values) and GPT-NeoX (LayerNorm, GELU, queries, keys
and values fused by head). Both rotate halves of a head's leading dimensions, as `CausalLM` does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from zoo_core import BadInput

_LARGEST = 2**31
_SILU = {"silu": "silu", "swish": "silu"}
_GELU = {"gelu": "gelu", "gelu_python": "gelu"} | dict.fromkeys(
    ("gelu_new", "gelu_fast", "gelu_accurate", "gelu_pytorch_tanh", "gelu_python_tanh"),
    "gelu-tanh",
)
_LLAMA3 = ("low_freq_factor", "high_freq_factor", "original_max_position_embeddings")
# Causal masks and rotary frequencies, which older checkpoints carry and nobody needs.
_DERIVED = re.compile(r".*(\.attention\.(bias|masked_bias)|\.rotary_emb\.inv_freq)")
_HEADS = ("lm_head.weight", "embed_out.weight")


def convert_config(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of `CausalLM` for a checkpoint's config.json.

    Raises `BadInput` for another type of model, or a setting that `CausalLM` has no like of.
    """
    kind = told.get("model_type")
    if kind not in ("llama", "gpt_neox"):
        raise BadInput(
            f"The checkpoint is of type {kind!r}, and 'llama' and 'gpt_neox' are what can be "
            "converted; choose another teacher."
        )
    if told.get("quantization_config") is not None:
        raise BadInput("The checkpoint is quantised; give the one it was made from.")
    width, heads = _integer(told, "hidden_size"), _integer(told, "num_attention_heads")
    neox = kind == "gpt_neox"
    if width % heads and (neox or told.get("head_dim") is None):
        raise BadInput(f"A hidden_size of {width} has no {heads} equal heads; check config.json.")
    head = width // heads if neox else _integer(told, "head_dim", max(1, width // heads))
    kv_heads = heads if neox else _integer(told, "num_key_value_heads", heads)
    if heads % kv_heads:
        raise BadInput(f"{kv_heads} key/value heads cannot serve {heads} heads; check config.json.")
    rope = _rope(told, neox)
    rotary = int(head * rope.pop("share"))
    if rotary % 2:
        raise BadInput(f"{rotary} rotary dimensions in a head cannot be paired; expected even.")
    activations = _GELU | _SILU if neox else _SILU
    act = told.get("hidden_act", "gelu" if neox else "silu")
    if not isinstance(act, str) or act not in activations:
        raise BadInput(f"hidden_act={act!r} is not known here; it may be {', '.join(activations)}.")
    return {
        "family": "gpt-neox" if neox else "llama",
        "vocabulary": _integer(told, "vocab_size"),
        "width": width,
        "layers": _integer(told, "num_hidden_layers"),
        "heads": heads,
        "kv_heads": kv_heads,
        "head_width": head,
        "hidden": _integer(told, "intermediate_size"),
        "context": _integer(told, "max_position_embeddings", 2048),
        "rotary": rotary,
        **rope,
        "epsilon": _number(told, *(("layer_norm_eps", 1e-5) if neox else ("rms_norm_eps", 1e-6))),
        "tied": _flag(told, "tie_word_embeddings", False),
        "parallel": neox and _flag(told, "use_parallel_residual", True),
        "biases": neox or any(_flag(told, key, False) for key in ("attention_bias", "mlp_bias")),
        "activation": activations[act],
        "mixer": "attention",
    }


def convert_state(
    told: Mapping[str, Any], config: Mapping[str, Any], tensors: Mapping[str, Tensor]
) -> dict[str, Tensor]:
    """Return the tensors of `CausalLM`, in float32 (float64 stays), but for its tokenizer.

    `told` is the checkpoint's config, `config` what `convert_config` made of it. Where only
    attention or only the MLP has biases, those of the other are zeros: the same function.

    Raises `BadInput` where a tensor is missing, is of another shape or type, or is not expected.
    """
    given = _Given(tensors)
    state = (
        given.gpt_neox(told, config)
        if config["family"] == "gpt-neox"
        else given.llama(told, config)
    )
    if config["tied"]:
        given.drop_tied(state["embedding.weight"])
    else:
        name = next((name for name in _HEADS if name in given.left), _HEADS[0])
        state["head.weight"] = given.take(name, config["vocabulary"], config["width"])
    if left := sorted(name for name in given.left if not _DERIVED.fullmatch(name)):
        raise BadInput(
            f"The checkpoint has tensors that its config does not account for: "
            f"{', '.join(left[:5])}{' …' if len(left) > 5 else ''}; the model may be of another "
            "kind than its config says."
        )
    return state


class _Given:
    """A checkpoint's tensors, taken one by one; `left` are those not taken yet."""

    def __init__(self, tensors: Mapping[str, Tensor]) -> None:
        self.left = dict(tensors)

    def take(self, name: str, *shape: int) -> Tensor:
        """Return a tensor in float32 or float64, checked."""
        found = self.left.pop(name, None)
        if found is None:
            raise BadInput(
                f"The checkpoint has no tensor {name}, which its config asks for; get it whole."
            )
        if tuple(found.shape) != shape:
            raise BadInput(
                f"The checkpoint's {name} is of shape {tuple(found.shape)}, and its config makes "
                f"it {shape}; get the config that belongs to it."
            )
        if found.dtype not in (torch.float16, torch.bfloat16, torch.float32, torch.float64):
            raise BadInput(
                f"The checkpoint's {name} is stored as {str(found.dtype).removeprefix('torch.')}, "
                "expected a float of 16, 32 or 64 bits; give a checkpoint that is not quantised."
            )
        return found if found.dtype == torch.float64 else found.float()

    def linear(
        self, ours: str, theirs: str, shape: tuple[int, int], biased: bool, biases: bool
    ) -> dict[str, Tensor]:
        """Return a linear map's weight, (out, in), and with `biases` its bias, zero if it has none.

        `biased` tells whether the checkpoint has one.
        """
        made = {f"{ours}.weight": self.take(f"{theirs}.weight", *shape)}
        if biases:
            zeros = made[f"{ours}.weight"].new_zeros
            bias = self.take(f"{theirs}.bias", shape[0]) if biased else zeros(shape[0])
            made[f"{ours}.bias"] = bias
        return made

    def llama(self, told: Mapping[str, Any], config: Mapping[str, Any]) -> dict[str, Tensor]:
        """Return the tensors of a Llama, but for its head."""
        width, hidden, biases = config["width"], config["hidden"], config["biases"]
        q = config["heads"] * config["head_width"]
        kv = config["kv_heads"] * config["head_width"]
        mixer = {"q": (q, width), "k": (kv, width), "v": (kv, width), "o": (width, q)}
        mlp = {"gate": (hidden, width), "up": (hidden, width), "down": (width, hidden)}
        state = {
            "embedding.weight": self.take("model.embed_tokens.weight", config["vocabulary"], width),
            "norm.weight": self.take("model.norm.weight", width),
        }
        for i in range(config["layers"]):
            ours, theirs = f"blocks.{i}", f"model.layers.{i}"
            for name, at in (
                ("mixer_norm", "input_layernorm"),
                ("mlp_norm", "post_attention_layernorm"),
            ):
                state[f"{ours}.{name}.weight"] = self.take(f"{theirs}.{at}.weight", width)
            for part, at, key, shapes in (
                ("mixer", "self_attn", "attention_bias", mixer),
                ("mlp", "mlp", "mlp_bias", mlp),
            ):
                biased = _flag(told, key, False)
                for name, shape in shapes.items():
                    place = (f"{ours}.{part}.{name}", f"{theirs}.{at}.{name}_proj")
                    state |= self.linear(*place, shape, biased, biases)
        return state

    def gpt_neox(self, told: Mapping[str, Any], config: Mapping[str, Any]) -> dict[str, Tensor]:
        """Return the tensors of a GPT-NeoX, but for its head."""
        width, hidden = config["width"], config["hidden"]
        heads, head = config["heads"], config["head_width"]
        biased = _flag(told, "attention_bias", True)
        rows = config["vocabulary"]
        state = {"embedding.weight": self.take("gpt_neox.embed_in.weight", rows, width)}

        def norm(ours: str, theirs: str) -> None:
            for kind in ("weight", "bias"):
                state[f"{ours}.{kind}"] = self.take(f"{theirs}.{kind}", width)

        for i in range(config["layers"]):
            ours, theirs = f"blocks.{i}", f"gpt_neox.layers.{i}"
            norm(f"{ours}.mixer_norm", f"{theirs}.input_layernorm")
            norm(f"{ours}.mlp_norm", f"{theirs}.post_attention_layernorm")
            place = f"{theirs}.attention.query_key_value"
            fused = self.linear("fused", place, (3 * width, width), biased, True)
            for kind, tensor in fused.items():
                # Rows go by head, and within a head first its query, then its key and its value.
                parts = torch.unflatten(tensor, 0, (heads, 3, head)).unbind(1)
                for name, part in zip("qkv", parts, strict=True):
                    state[f"{ours}.mixer.{name}.{kind[6:]}"] = part.flatten(0, 1).contiguous()
            for name, at, shape, with_bias in (
                ("mixer.o", "attention.dense", (width, width), biased),
                ("mlp.up", "mlp.dense_h_to_4h", (hidden, width), True),
                ("mlp.down", "mlp.dense_4h_to_h", (width, hidden), True),
            ):
                state |= self.linear(f"{ours}.{name}", f"{theirs}.{at}", shape, with_bias, True)
        norm("norm", "gpt_neox.final_layer_norm")
        return state

    def drop_tied(self, embedding: Tensor) -> None:
        """Leave out a copy of the embedding that is stored as the head."""
        for name in set(_HEADS).intersection(self.left):
            if not torch.equal(self.take(name, *embedding.shape), embedding):
                raise BadInput(
                    f"The checkpoint says that its embeddings are tied, and its {name} is another "
                    "matrix; correct tie_word_embeddings in config.json."
                )


def _rope(told: Mapping[str, Any], neox: bool) -> dict[str, Any]:
    """Return base and scaling of the rotary embedding, and the share of a head that rotates.

    transformers 5 has them in ``rope_parameters``; before, they stood apart under other names.
    """
    rope = told.get("rope_parameters") or told.get("rope_scaling") or {}
    if not isinstance(rope, Mapping):
        raise BadInput(f"rope_parameters={rope!r:.60} are no mapping; check config.json.")
    every = {**told, **rope}
    base = _number(every, "rope_theta", _number(told, "rotary_emb_base", 10000.0))
    share = 1.0
    if neox:
        share = _number(every, "partial_rotary_factor", _number(told, "rotary_pct", 0.25))
    elif every.get("partial_rotary_factor", 1) != 1:
        raise BadInput("A Llama whose heads rotate in part is not known here; choose another.")
    if not 0 < share <= 1 or base <= 0:
        raise BadInput(f"A rotary share of {share} and base of {base} make no sense; check them.")
    kind = rope.get("rope_type", rope.get("type", "default"))
    if kind == "default":
        return {"rope_base": base, "rope_scaling": None, "share": share}
    if kind not in ("linear", "llama3"):
        raise BadInput(
            f"Its rotary embedding is scaled in the way {kind!r:.60}; 'linear' and 'llama3' are "
            "known here. Choose another teacher."
        )
    keys = ("factor", *(_LLAMA3 if kind == "llama3" else ()))
    scaling = {"rope_type": kind, **{key: _number(rope, key) for key in keys}}
    if min(scaling[key] for key in keys) <= 0:
        raise BadInput(f"The scaling {scaling} of the rotary embedding is not positive; check it.")
    if kind == "llama3" and scaling["high_freq_factor"] <= scaling["low_freq_factor"]:
        raise BadInput(f"In {scaling} the high_freq_factor is not the larger; check config.json.")
    return {"rope_base": base, "rope_scaling": scaling, "share": share}


def _integer(told: Mapping[str, Any], key: str, default: int | None = None) -> int:
    value = default if told.get(key) is None else told[key]
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < _LARGEST:
        raise BadInput(f"config.json has {key}={value!r:.60}, expected a positive integer.")
    return value


def _number(told: Mapping[str, Any], key: str, default: float | None = None) -> float:
    value = default if told.get(key) is None else told[key]
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if value is None or not number or not abs(value) < float("inf"):
        raise BadInput(f"config.json has {key}={value!r:.60}, expected a number.")
    return float(value)


def _flag(told: Mapping[str, Any], key: str, default: bool) -> bool:
    value = default if told.get(key) is None else told[key]
    if not isinstance(value, bool):
        raise BadInput(f"config.json has {key}={value!r:.60}, expected true or false.")
    return value
