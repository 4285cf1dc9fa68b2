"""Splits, outputs, modes and devices: what the core promises whenever it calls a model."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
import torch

import zoo
from zoo_core import BadInput, OutputError, Split, inputs_of, measure, split
from zoo_core._loading.devices import device_of, dtype_of
from zoo_core._registry.registry import registry

MODEL = """
    import torch

    from zoo_core import BadInput

    class Toy(torch.nn.Module):
        def __init__(self, inputs: int, classes: int):
            super().__init__()
            self.layer = torch.nn.Linear(inputs, classes)
            self.norm = torch.nn.BatchNorm1d(classes, affine=False)
            self.norm.register_buffer("num_batches_tracked", None)
            self.norm.register_buffer("running_mean", torch.zeros(classes), persistent=False)
            self.norm.register_buffer("running_var", torch.ones(classes), persistent=False)

        def forward(self, x):
            return self.norm(self.layer(x))

        def example_inputs(self, seed):
            return (torch.randn(5, 4, generator=torch.Generator().manual_seed(seed)),)

        def predict(self, count=3, way="rows"):
            torch.rand(1)
            if way == "stream":
                return (str(self(torch.rand(4, 4)).sum().item()) for _ in range(count))
            return self(torch.rand(count, 4)).tolist()

        def outputs(self, split, batch_size=100):
            x, y = split.data.parts[split.name]
            for rows in range(0, len(x), batch_size):
                part = slice(rows, rows + batch_size)
                logits = self(x[part].to(self.layer.weight))
                yield {
                    "logits": logits, "target": y[part].to(logits.device),
                    "prediction": logits[:, 0], "size": torch.tensor([float(len(logits))]),
                }
"""
METRICS = """
    from zoo_core import Architecture, Dataset, Metric, Model, Paper, hookimpl

    ZOO_API = 2
    PAPER = Paper(name="toy-paper", title="Toys", authors=["A"], year=2020, bibtex="@misc{a}",
                  summary="About toys.")
    ARCHITECTURE = Architecture(
        name="toy", cls="zoo_toy.model:Toy", paper="toy-paper", task="toying", summary="A layer.",
        shape={"inputs": 4, "classes": 3}, train="zoo_toy.train:train", infinite=())
    MODEL = Model(name="toy-a", architecture="toy", dataset="toys", license="MIT",
                  summary="A toy.", options={"fold": 0}, inputs={"mean": [0.5], "size": 4})
    DATASET = Dataset(name="toys", title="Toys", factory="zoo_toy.data:make", license="MIT",
                      source="made up", task="toying", splits=["train", "test"],
                      options={"fold": "0 or 1"})
    SIZES = Metric(name="largest-batch", title="Largest batch", higher_is_better=False,
                   factory="torchmetrics:MaxMetric", takes=("size",))
    zoo_papers = hookimpl(lambda: [PAPER])
    zoo_architectures = hookimpl(lambda: [ARCHITECTURE])
    zoo_models = hookimpl(lambda: [MODEL])
    zoo_datasets = hookimpl(lambda: [DATASET])
    zoo_metrics = hookimpl(lambda: [SIZES])
"""


@pytest.fixture
def normed(site):
    """A model whose batch norm would learn from what it is shown in training mode."""
    site.add_toy("toy-a", beyond={"__init__.py": METRICS, "model.py": MODEL})
    site.use()
    return zoo.load("toy-a")


def state_of(module):
    return {name: tensor.clone() for name, tensor in [*module.named_buffers()]}


def test_an_unknown_split_is_an_error_and_never_a_number(normed):
    for wrong in ("tset", "val", "", "Test"):
        with pytest.raises(BadInput, match=r"toys has no split .* It has train, test"):
            zoo.evaluate("toy-a", split=wrong)
    data = zoo.dataset("toys")
    with pytest.raises(BadInput, match=r"did you mean 'test'\? It has train, test"):
        measure(normed, data, "tset", ["accuracy"])
    view = split(data, "train")
    assert isinstance(view, Split)
    assert view.data is data
    with pytest.raises(BadInput, match="list has no splits"):
        split([1, 2], "test")


def test_a_dataset_without_names_of_its_own_has_its_spec_s(normed):
    data = zoo.dataset("toys")
    del data.splits
    assert split(data, "test", of="toys").name == "test"
    with pytest.raises(BadInput, match="has no splits"):
        split(data, "test")


@pytest.mark.parametrize("mode", [True, False])
def test_predict_and_evaluate_leave_the_module_and_the_world_as_they_were(normed, mode):
    normed.train(mode)
    normed.layer.eval()
    before, modes = state_of(normed), [part.training for part in normed.modules()]
    torch.manual_seed(3)
    random.seed(3)
    np.random.seed(3)
    expected = (torch.rand(1), random.random(), np.random.rand())
    torch.manual_seed(3)
    random.seed(3)
    np.random.seed(3)
    first = [row.value for row in zoo.evaluate(normed)]
    zoo.predict(normed)
    pieces = list(zoo.predict(normed, way="stream"))
    assert len(pieces) == 3
    assert (torch.rand(1), random.random(), np.random.rand()) == expected
    assert [part.training for part in normed.modules()] == modes
    for name, tensor in state_of(normed).items():
        assert torch.equal(tensor, before[name]), name
    assert first == [row.value for row in zoo.evaluate(zoo.load("toy-a"))]


def test_each_piece_is_made_in_eval_mode_and_the_caller_is_between_them(normed):
    normed.train()
    pieces = zoo.predict(normed, way="stream")
    next(pieces)
    assert normed.training, "between two pieces the module is the caller's"
    assert len(list(pieces)) == 2


def test_no_gradient_is_tracked(normed):
    assert not torch.is_grad_enabled() or zoo.evaluate(normed)
    with torch.enable_grad():
        zoo.evaluate(normed)
    assert normed.layer.weight.grad is None


def test_outputs_go_to_the_metrics_that_take_them(normed):
    rows = zoo.evaluate(normed, metrics=["accuracy", "mae", "largest-batch"], batch_size=7)
    found = {row.metric: row.value for row in rows}
    assert found["largest-batch"] == 7
    assert 0 <= found["accuracy"] <= 1


def test_a_metric_that_does_not_fit_is_wrong_use(normed, zoo_here):
    normed.__class__.outputs = lambda self, split: iter([{"logits": torch.rand(2, 3)}])
    with pytest.raises(BadInput, match=r"accuracy takes 'target', which toy-a does not yield"):
        zoo.evaluate(normed)
    normed.__class__.outputs = lambda self, split: iter(
        [{"prediction": torch.rand(2, 3), "target": torch.rand(5)}]
    )
    with pytest.raises(BadInput, match=r"Metric mae cannot take what toy-a yields"):
        zoo.evaluate(normed, metrics=["mae"])
    normed.__class__.outputs = lambda self, split: iter([(1, 2)])
    with pytest.raises(BadInput, match="expected outputs by name"):
        zoo.evaluate(normed)
    done = zoo_here("evaluate", "toy-a", "--metric", "mae")
    assert done.code == 2
    assert "bug" not in done.err


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_what_is_not_finite_is_no_result(normed, zoo_here, value):
    with torch.no_grad():
        normed.layer.weight[0, 0] = value
    with pytest.raises(OutputError, match=r"'logits' in batch 0 of the split 'test'"):
        zoo.evaluate(normed)


def test_infinities_are_results_only_where_they_are_declared(site):
    source = METRICS.replace("infinite=()", 'infinite=("logits",)')
    source = source.replace('license="MIT",\n                  summary', 'license="MIT", summary')
    site.add_toy("toy-a", beyond={"__init__.py": source, "model.py": MODEL})
    site.use()
    module = zoo.load("toy-a")
    module.__class__.outputs = lambda self, split: iter(
        [{"logits": torch.tensor([[0.0, -torch.inf, -torch.inf]]), "target": torch.tensor([0])}]
    )
    assert zoo.evaluate(module)[0].value == 1
    module.__class__.outputs = lambda self, split: iter(
        [{"logits": torch.tensor([[0.0, torch.nan, 1.0]]), "target": torch.tensor([0])}]
    )
    with pytest.raises(OutputError, match="NaN"):
        zoo.evaluate(module)


def test_data_of_the_training_cut_in_another_way_are_told(normed, zoo_here):
    (own,) = zoo.evaluate(normed)
    assert own.note == ""
    (other,) = zoo.evaluate(normed, fold=1)
    assert "trained on toys with fold=0" in other.note
    assert "no test result" in other.note
    told = zoo_here("evaluate", "toy-a", "--option", "fold=1")
    assert told.code == 0
    assert "no test result" in told.err
    assert "no test result" in zoo_here("evaluate", "toy-a", "--option", "fold=1", "--json").out
    assert zoo_here("evaluate", "toy-a").err == ""


def test_options_of_the_test_alone_are_no_other_cut(normed, monkeypatch):
    known = registry().datasets.specs
    monkeypatch.setitem(known, "toys", replace(known["toys"], test_options=["fold"]))
    (other,) = zoo.evaluate(normed, fold=1)
    assert other.note == "" and other.options == {"fold": 1}


@pytest.mark.parametrize(
    "words",
    [
        ["--split", "train"],
        ["--batch-size", "3"],
    ],
    ids=lambda words: words[0],
)
def test_retraining_drops_nothing_in_silence(toy, zoo_here, words):
    done = zoo_here("evaluate", "toy-a", "--retrain", *words)
    assert done.code == 2
    assert words[0] in done.err
    for flag in (["--alone"], ["--folds", "3"], ["--seeds", "0,1"], ["--set", "steps=1"]):
        done = zoo_here("evaluate", "toy-a", *flag)
        assert done.code == 2
        assert f"{flag[0]} is for --retrain" in done.err


def test_a_device_is_what_torch_knows():
    assert device_of(None) is None
    assert device_of("cpu") == torch.device("cpu")
    assert device_of(torch.device("cpu")) == torch.device("cpu")
    if not torch.cuda.is_available():
        for first in (0, "0", "cuda", "cuda:0"):
            with pytest.raises(BadInput, match="cannot be used here"):
                device_of(first)
    for wrong in ("gpu", "cuda:x", -1, True, "cpu:cpu"):
        with pytest.raises(BadInput, match="device"):
            device_of(wrong)


def test_a_type_is_a_floating_one():
    assert dtype_of("float16") is torch.float16
    assert dtype_of(torch.float64) is torch.float64
    assert dtype_of(None) is None
    for wrong in ("int64", torch.int8, "half precision", 16):
        with pytest.raises(BadInput, match="no floating type; expected float16"):
            dtype_of(wrong)


def test_devices_reach_every_verb(normed, zoo_here):
    assert zoo.load("toy-a", device="cpu", dtype="float64").layer.weight.dtype == torch.float64
    assert zoo.evaluate(normed, device="cpu")[0].value == zoo.evaluate(normed)[0].value
    assert len(zoo.predict(normed, device="cpu")) == 3
    for words in (["predict", "toy-a"], ["evaluate", "toy-a"]):
        assert zoo_here(*words, "--device", "cpu").code == 0
        wrong = zoo_here(*words, "--device", "nowhere")
        assert wrong.code == 2
        assert wrong.err.count("\n") == 1


def test_what_an_input_needs_travels_with_the_weights(normed, tmp_path):
    assert inputs_of(normed) == {"mean": [0.5], "size": 4}
    assert inputs_of(zoo.create("toy")) == {}
    assert inputs_of(torch.nn.Linear(1, 1)) == {}
