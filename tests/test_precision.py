"""The floating types that an architecture declares: taken everywhere, and others refused."""

import pytest
import torch
from zoo_images.image_set import ImageSet

import zoo
from zoo_core import SpecError
from zoo_core._registry.specs import Architecture

HALVES = ("float16", "bfloat16")
NAME = "symnoise-mnist"
"""It runs in half precision, and PowerEmbed, which multiplies sparse matrices, does not."""
OTHER = "powerembed-sbm-dense"


def image():
    generator = torch.Generator().manual_seed(0)
    return torch.randint(256, (2, 1, 28, 28), generator=generator).byte()


@pytest.mark.parametrize("given", ["float16", torch.float16, "bfloat16"])
def test_a_module_is_loaded_in_a_type_that_is_declared(given):
    module = zoo.load(NAME, dtype=given)
    kinds = {tensor.dtype for tensor in module.parameters()}
    assert kinds == {getattr(torch, given) if isinstance(given, str) else given}


@pytest.mark.parametrize("dtype", HALVES)
def test_predictions_in_half_precision_are_near_the_others(dtype):
    module = zoo.load(NAME)
    plain, half = zoo.predict(module, image()), zoo.predict(module, image(), dtype=dtype)
    assert [row["label"] for row in half] == [row["label"] for row in plain]
    assert half != plain
    assert {tensor.dtype for tensor in module.parameters()} == {torch.float32}
    assert zoo.predict(module, image()) == plain
    assert zoo.predict(NAME, image(), dtype=dtype) == half


REFUSE = {
    "load": lambda dtype: zoo.load(OTHER, dtype=dtype),
    "predict": lambda dtype: zoo.predict(OTHER, dtype=dtype),
    "predict of a module": lambda dtype: zoo.predict(zoo.load(OTHER), dtype=dtype),
    "predict of a converted module": lambda dtype: zoo.predict(
        zoo.load(OTHER).to(getattr(torch, dtype))
    ),
    "evaluate": lambda dtype: zoo.evaluate(OTHER, dtype=dtype),
    "evaluate of a converted module": lambda dtype: zoo.evaluate(
        zoo.load(OTHER).to(getattr(torch, dtype))
    ),
    "embed": lambda dtype: zoo.embed(OTHER, dtype=dtype),
    "train": lambda dtype: zoo.train("powerembed", "sbm-dense", dtype=dtype),
}


@pytest.mark.parametrize("dtype", HALVES)
@pytest.mark.parametrize("verb", REFUSE)
def test_a_type_that_is_not_declared_is_refused(verb, dtype):
    with pytest.raises(zoo.BadInput) as caught:
        REFUSE[verb](dtype)
    told = str(caught.value)
    assert f"does not run in {dtype}; expected float32 or float64" in told
    assert told.count(".") == 1


@pytest.mark.parametrize("call", [zoo.predict, zoo.evaluate, lambda name: zoo.train(name)])
def test_autocast_to_such_a_type_is_refused(call, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with (
        torch.autocast("cpu", dtype=torch.bfloat16),
        pytest.raises(zoo.BadInput, match=r"does not run in bfloat16; .* leave autocast out"),
    ):
        call(OTHER)


@pytest.mark.parametrize("dtype", [torch.int64, "int8", "half precision", 16, "float"])
def test_what_is_no_floating_type_is_refused(dtype):
    if dtype == "float":  # torch's other name of float32
        assert zoo.load(NAME, dtype=dtype).head.weight.dtype == torch.float32
        return
    with pytest.raises(zoo.BadInput, match="is no floating type; expected float16"):
        zoo.load(NAME, dtype=dtype)


def test_a_result_in_half_precision_says_so():
    name = "pca-ols-gaussian"
    rows = {dtype: zoo.evaluate(name, dtype=dtype) for dtype in (None, "bfloat16", "float32")}
    assert {row.note for row in rows["bfloat16"]} == {"measured in bfloat16"}
    assert not any(row.note for row in (*rows[None], *rows["float32"]))
    assert rows["bfloat16"][0].command.endswith("--dtype bfloat16")
    plain, half = rows[None][0].value, rows["bfloat16"][0].value
    assert plain != half == pytest.approx(plain, rel=0.01)


@pytest.mark.parametrize("dtype", ["float16", "float64"])
def test_recipes_do_not_train_in(dtype):
    with pytest.raises(zoo.BadInput, match=f"Recipes do not train in {dtype}"):
        zoo.train("pca-ols-gaussian", dtype=dtype)


def test_a_training_under_autocast_keeps_its_weights_in_float32(tmp_path):
    generator = torch.Generator().manual_seed(0)
    images = torch.randint(256, (60, 1, 28, 28), generator=generator).byte()
    labels = torch.arange(60) % 2
    rows = {"train": torch.arange(40), "val": torch.arange(40, 50), "test": torch.arange(50, 60)}
    data = ImageSet(images=images, labels=labels, classes=("a", "b"), rows=rows)
    config = {"epochs": 1, "batch_size": 20, "backbone": "mlp"}
    half, plain = (
        zoo.train("symnoise", data, dtype=dtype, out=tmp_path / str(dtype), config=config)
        for dtype in ("bfloat16", None)
    )
    assert {tensor.dtype for tensor in half.parameters()} == {torch.float32}
    pairs = list(zip(half.parameters(), plain.parameters(), strict=True))
    assert any(not torch.equal(a, b) for a, b in pairs)
    for found, expected in pairs:
        torch.testing.assert_close(found, expected, rtol=0.1, atol=0.05)
    assert "dtype='bfloat16'" in (tmp_path / "bfloat16" / "config.json").read_text()


SHELL = {
    ("predict", OTHER, "--dtype", "float16"): "does not run in float16",
    ("evaluate", OTHER, "--dtype", "bfloat16"): "does not run in bfloat16",
    ("embed", OTHER, "--dtype", "float16"): "does not run in float16",
    ("train", "powerembed", "--dataset", "sbm-dense", "--dtype", "bfloat16"): "does not run in",
    ("predict", NAME, "--dtype", "int8"): "is no floating type",
    ("evaluate", NAME, "--dtype", "bfloat16", "--store"): "--store keeps what is measured in float",
    ("evaluate", NAME, "--dtype", "bfloat16", "--retrain"): "takes no --dtype",
}


@pytest.mark.parametrize("words", SHELL, ids=" ".join)
def test_the_shell_says_so_in_one_sentence(zoo_here, words):
    told = zoo_here(*words)
    assert told.code == 2
    assert SHELL[words] in told.err
    assert told.err.count("\n") == 1


@pytest.mark.parametrize("dtypes", [[], ["float16"], ["float32", "int8"], "float32"])
def test_a_spec_declares_floating_types(dtypes):
    with pytest.raises(SpecError, match=r"dtypes=.* is wrong; expected float32, and others of"):
        Architecture(name="a", cls="m:C", paper="p", task="t", summary="s", dtypes=dtypes)
