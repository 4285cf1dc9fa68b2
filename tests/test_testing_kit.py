"""The test kit passes what keeps the contract, and each of its checks fails on what breaks it."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import torch
from torch import nn

import zoo
from zoo_core import BadInput, exact, testing
from zoo_core._registry import registry as registry_module
from zoo_core._registry import results
from zoo_core._registry.registry import Plugin, Registry, registry
from zoo_core._registry.specs import Architecture, Claim, Dataset, File, Model, Paper
from zoo_core.errors import UnknownName

NAME = "toy-data"


class Good(nn.Module):
    """Rows in, rows out; every broken module below differs from it in one thing."""

    def __init__(self, width: int = 3) -> None:
        super().__init__()
        self.layer = nn.Linear(width, 2)

    def forward(self, x: torch.Tensor) -> Any:
        return torch.tanh(self.layer(x))

    def example_inputs(self, seed: int) -> tuple[Any, ...]:
        return (torch.randn(5, 3, generator=torch.Generator().manual_seed(seed)),)

    def outputs(self, split: Any) -> Iterator[Mapping[str, torch.Tensor]]:
        (x,) = self.example_inputs(1)
        yield {"logits": self(x), "target": torch.zeros(5, dtype=torch.long)}


class Embeds(Good):
    """Its sources are rows; the representation is what the layer gives."""

    def embed(self, *sources):
        return self.layer(torch.stack([torch.as_tensor(source) for source in sources]))

    def example_sources(self, seed):
        return list(self.example_inputs(seed)[0])


class EmbedsTogether(Embeds):
    def embed(self, *sources):
        rows = super().embed(*sources)
        return rows - rows.mean(dim=0)


class EmbedsOne(Embeds):
    def example_sources(self, seed):
        return super().example_sources(seed)[:1]


class EmbedsOnlyTheFirst(Embeds):
    def embed(self, *sources):
        return super().embed(*sources)[:1]


class EmbedsWithoutExamples(Good):
    def embed(self, *sources):
        return torch.zeros(len(sources), 2)


class BelowHalf(Good):
    """The smallest number that float16 has is 6e-8."""

    def forward(self, x):
        small = self.layer.weight.new_full((), 1e-10)
        return torch.tanh(self.layer(x)) * small / small


class OtherInHalf(Good):
    def forward(self, x):
        return super().forward(x) + (x.dtype == torch.bfloat16)


class PredictsOtherInHalf(Good):
    def predict(self, source):
        return [{"score": 1.0 + (self.layer.weight.dtype == torch.float16), "label": "it"}]


class PredictsNothing(Good):
    def predict(self, source):
        raise BadInput("It takes no such thing.")


class Odd(Good):
    def forward(self, x):
        return torch.tanh(x @ self.layer.weight.T)


class Graph(Good):
    """Takes (edge_index, features), the features sparse CSR; returns several things."""

    def forward(self, edge_index, features):
        hidden = self.layer(features.to_dense())
        summed = torch.zeros_like(hidden).index_add(0, edge_index[1], hidden[edge_index[0]])
        return hidden, {"summed": summed}

    def example_inputs(self, seed):
        generator = torch.Generator().manual_seed(seed)
        edges = torch.randint(0, 6, (2, 12), generator=generator)
        features = torch.randint(0, 2, (6, 3), generator=generator).float()
        return edges, features.to_sparse_csr()


class Tied(Good):
    def __init__(self) -> None:
        super().__init__()
        self.back = nn.Linear(3, 2)
        self.back.weight = self.layer.weight
        self.register_buffer("steps", torch.arange(2.0), persistent=False)

    def forward(self, x):
        return self.layer(x) * self.steps + self.back(x)


class Verdict(nn.Module):
    """A pure algorithm: no tensors of its own, and a truth value out."""

    def forward(self, x):
        return bool(x.sum() > 3)

    def example_inputs(self, seed):
        return (torch.arange(seed, seed + 4),)


class RandomLoad(Good):
    def train(self, mode=True):
        torch.rand(1)
        return super().train(mode)


class StaysInTraining(Good):
    def train(self, mode=True):
        return super().train(True)


class ChangesWhatIsStored(Good):
    def state_dict(self, *args, **kwargs):
        return {k: nn.Parameter(2 * v) for k, v in super().state_dict(*args, **kwargs).items()}


class OtherOnMeta(Good):
    def __init__(self) -> None:
        super().__init__()
        self.scale = 1.0 if torch.get_default_device().type == "meta" else 2.0

    def forward(self, x):
        return self.scale * super().forward(x)


class GivesNaN(Good):
    def forward(self, x):
        return super().forward(x) * float("nan")


class UnseededExample(Good):
    def example_inputs(self, seed):
        return (torch.rand(5, 3),)


class NoExample(Good):
    example_inputs = None


class RandomForward(Good):
    def forward(self, x):
        return nn.functional.dropout(super().forward(x), training=True)


class WritesIntoInput(Good):
    def forward(self, x):
        x.clamp_(min=0)
        return super().forward(x)


class InfiniteGradient(Good):
    def forward(self, x):
        return super().forward(x) + (x - x).sum(1, keepdim=True).sqrt()


class Detached(Good):
    def forward(self, x):
        return super().forward(x).detach()


class Verdicts(Good):
    def forward(self, x):
        return super().forward(x).argmax(1)


class MixesRows(Good):
    def forward(self, x):
        return super().forward(x - x.mean(0))


class NotPicklable(Good):
    def __init__(self) -> None:
        super().__init__()
        self.activation = lambda x: x


class CopiesBadly(Good):
    def __deepcopy__(self, memo):
        return Good().eval()


class OnlyFloat32(Good):
    def forward(self, x):
        return super().forward(x) @ torch.eye(2)


class ReturnsFloat32(Good):
    def forward(self, x):
        return super().forward(x).float()


class OtherInFloat64(Good):
    def forward(self, x):
        return super().forward(x) * (2 if x.dtype == torch.float64 else 1)


class KeepsToTheProcessor(Good):
    def __init__(self) -> None:
        super().__init__()
        self.scale = torch.ones(2)

    def forward(self, x):
        return super().forward(x) * self.scale


class AnswersOnTheProcessor(Good):
    def forward(self, x):
        return super().forward(x).to("cpu")


class LearnsWhenMeasured(Good):
    def outputs(self, split):
        self.layer.bias.add_(1)
        yield from super().outputs(split)


class DependsOnData(Good):
    def forward(self, x):
        return super().forward(x) if bool(x.sum() > 100) else -super().forward(x)


def negate(inputs, generator):
    """An odd function: negated inputs give negated outputs."""
    return tuple(-x for x in inputs), lambda outputs: -outputs


def relabel(inputs, generator):
    """Nodes in another order give nodes' outputs in that order."""
    edges, features = inputs
    order = torch.randperm(features.shape[0], generator=generator)
    moved = features.to_dense()[order].to_sparse_csr()

    def act(outputs):
        return outputs[0][order], {"summed": outputs[1]["summed"][order]}

    return (torch.argsort(order)[edges], moved), act


def nothing(inputs, generator):
    return inputs, lambda outputs: outputs


def fit(run, progress):
    """The recipe: a module as it was initialised."""
    return run.make()


def data():
    return SimpleNamespace(
        metric_options={"num_classes": 2}, splits=["test"], split=lambda name: None
    )


def check_all(checks, subject):
    """Make all checks; raise one error with a line for each that fails."""
    failures = []
    for check in checks:
        try:
            check(subject)
        except AssertionError as error:
            failures.append(str(error))
    if failures:
        raise AssertionError("\n".join(failures))


def check_model(name):
    check_all(testing.CHECKS, testing.trained(name))


def check_architecture(name):
    check_all(testing.UNTRAINED_CHECKS, testing.untrained(name))


@pytest.fixture
def register(monkeypatch, tmp_path) -> Iterator[Callable[..., None]]:
    """Give a function that makes one toy module the only thing that is registered."""

    def put(cls: type, *, embed: bool = True, **declared: Any) -> None:
        module = ModuleType("zoo_toy")
        module.__file__ = str(tmp_path / "__init__.py")
        here = f"{__name__}:"
        paper = Paper(
            name="toy", title="T", authors=["A"], year=2026, bibtex="@misc{t}", summary="S"
        )
        specs = {
            "zoo_papers": [paper],
            "zoo_architectures": [
                Architecture(
                    name="toy-net",
                    cls=here + cls.__name__,
                    paper="toy",
                    task="toy",
                    summary="S",
                    train=here + "fit",
                    **declared,
                )
            ],
            "zoo_datasets": [
                Dataset(
                    name="toy-set",
                    title="T",
                    factory=here + "data",
                    license="MIT",
                    source="made",
                    task="toy",
                )
            ],
            "zoo_models": [
                Model(
                    name=NAME,
                    architecture="toy-net",
                    dataset="toy-set",
                    license="MIT",
                    summary="S",
                )
            ],
        }
        plugin = Plugin("toy", module=module, specs=specs)
        monkeypatch.setattr(registry_module, "read_plugins", lambda points: [plugin])
        registry.cache_clear()
        if embed:
            zoo.train(NAME, embed=True)

    yield put
    monkeypatch.undo()
    registry.cache_clear()


KEEP = [
    (Good, {"independent_rows": True, "dtypes": ["float32", "float64", "float16", "bfloat16"]}),
    (Embeds, {}),
    (BelowHalf, {"dtypes": ["float32", "float64", "bfloat16"]}),
    (Odd, {"symmetries": [f"{__name__}:negate"]}),
    (Tied, {}),
    (Verdict, {"differentiable": False, "data_dependent": True}),
]


@pytest.mark.parametrize(
    ("cls", "declared"), KEEP, ids=lambda value: getattr(value, "__name__", "")
)
def test_what_keeps_the_contract_passes(register, cls, declared):
    register(cls, **declared)
    check_model(NAME)
    check_architecture("toy-net")


@pytest.mark.filterwarnings("ignore:Sparse CSR tensor support is in beta")
def test_sparse_inputs_and_nested_outputs_pass(register):
    register(Graph, embed=False, symmetries=[f"{__name__}:relabel"])
    check_architecture("toy-net")
    for check in (testing.check_differentiable, testing.check_copies):
        check(testing.untrained("toy-net"))


@pytest.mark.filterwarnings("ignore:Sparse CSR tensor support is in beta")
def test_rows_of_sparse_inputs_are_cut(register):
    register(Graph, embed=False, independent_rows=True)
    with pytest.raises(AssertionError, match="toy-net should treat the rows"):
        testing.check_independent_rows(testing.untrained("toy-net"))


@pytest.mark.slow
def test_an_exportable_module_passes(register):
    register(Good, exportable=True, independent_rows=True)
    testing.check_exports(NAME)


HALF = {"dtypes": ["float32", "float16"]}
BREAK = [
    (testing.check_loads, RandomLoad, {}, "random state was changed"),
    (testing.check_loads, StaysInTraining, {}, "training mode"),
    (testing.check_round_trip, ChangesWhatIsStored, {}, "layer.weight .* differs"),
    (testing.check_both_ways, OtherOnMeta, {}, "outputs of the two ways differ"),
    (testing.check_forward, GivesNaN, {}, "NaN"),
    (testing.check_forward, UnseededExample, {}, "called twice"),
    (testing.check_deterministic, RandomForward, {}, "outputs of two forwards differ"),
    (testing.check_deterministic, WritesIntoInput, {}, "inputs before and after"),
    (testing.check_differentiable, InfiniteGradient, {}, "infinite or NaN"),
    (testing.check_differentiable, Detached, {}, "differentiable=False"),
    (testing.check_differentiable, Verdicts, {}, "differentiable=False"),
    (testing.check_differentiable, Verdict, {}, "it has neither"),
    (testing.check_independent_rows, MixesRows, {"independent_rows": True}, "rows' outputs differ"),
    (testing.check_independent_rows, Verdict, {"independent_rows": True}, "fewer than two rows"),
    (testing.check_symmetries, Good, {"symmetries": [f"{__name__}:negate"]}, "negate differ"),
    (testing.check_symmetries, Good, {"symmetries": [f"{__name__}:nothing"]}, "checks nothing"),
    (testing.check_copies, NotPicklable, {}, "was raised"),
    (testing.check_copies, CopiesBadly, {}, "deep-copied differs"),
    (testing.check_float64, OnlyFloat32, {}, "RuntimeError was raised"),
    (testing.check_float64, ReturnsFloat32, {}, "outputs are torch.float32"),
    (testing.check_float64, OtherInFloat64, {}, "in float64 and float32 differ"),
    (testing.check_half_precision, BelowHalf, HALF, "to float16"),
    (testing.check_half_precision, OtherInHalf, {"dtypes": ["float32", "bfloat16"]}, "in bfloat16"),
    (testing.check_half_predictions, PredictsOtherInHalf, HALF, "score in float16 .* differ"),
    (testing.check_half_predictions, PredictsNothing, HALF, "there is nothing to ask it"),
    (testing.check_embeds, Good, {"embeds": "a row"}, "it has no embed"),
    (testing.check_embeds, EmbedsTogether, {}, "rows together and alone differ"),
    (testing.check_embeds, EmbedsOne, {}, "fewer than two"),
    (testing.check_embeds, EmbedsOnlyTheFirst, {}, "rows together and alone have shapes"),
    (testing.check_embeds, EmbedsWithoutExamples, {}, "no example_sources"),
    (testing.check_fake_cuda, DependsOnData, {}, "was raised"),
    (testing.check_fake_cuda, KeepsToTheProcessor, {}, "was raised"),
    (testing.check_fake_cuda, AnswersOnTheProcessor, {}, "some outputs are on cpu"),
    (testing.check_undisturbed, LearnsWhenMeasured, {}, "layer.bias changed"),
]


@pytest.mark.parametrize(
    ("check", "cls", "declared", "reason"),
    BREAK,
    ids=[f"{check.__name__}-{cls.__name__}" for check, cls, _, _ in BREAK],
)
def test_what_breaks_the_contract_fails(register, check, cls, declared, reason):
    register(cls, **declared)
    with pytest.raises(AssertionError, match=rf"^{NAME} should .*, but (.|\n)*{reason}"):
        check(NAME)
    with pytest.raises(AssertionError, match=reason):
        check_model(NAME)


@pytest.mark.slow
def test_what_cannot_be_exported_fails(register):
    register(DependsOnData, exportable=True, independent_rows=True)
    with pytest.raises(AssertionError, match=r"be taken by torch\.export"):
        testing.check_exports(NAME)


def test_a_module_without_example_inputs_fails(register):
    register(NoExample, embed=False)
    with pytest.raises(AssertionError, match="it has no example_inputs"):
        check_architecture("toy-net")


def test_every_check_is_seen_failing():
    tried = {check for check, *_ in BREAK}
    others = {testing.check_constructs, testing.check_exports, testing.check_predictions}
    assert tried | others == set(testing.CHECKS)


def _edit_lock(folder: Path, **changes: Any) -> None:
    path = folder / "weights" / "lock.json"
    lock = json.loads(path.read_bytes())
    lock[NAME] |= changes
    path.write_text(json.dumps(lock))
    vars(registry().plugins[-1]).pop("lock")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"shape": {"depth": 4}}, "no option 'depth'"),
        ({"parameters": 7}, "parameters, and its lock file says 7"),
        ({"buffers": 7}, "buffers, and its lock file says 7"),
    ],
)
def test_a_config_that_makes_another_module_fails(register, tmp_path, changes, reason):
    register(Good)
    _edit_lock(tmp_path, **changes)
    with pytest.raises(AssertionError, match=f"made again from its shape.* but .*{reason}"):
        testing.check_constructs(NAME)


def test_other_predictions_than_the_stored_ones_fail(register):
    register(Good)
    stored = results.stored_predictions(NAME)
    results.store_predictions(NAME, {**stored, "values": [2 * x for x in stored["values"]]})
    with pytest.raises(AssertionError, match=r"stored predictions, but they differ by 0\.5"):
        testing.check_predictions(NAME)
    results.store_predictions(NAME, {})
    with pytest.raises(AssertionError, match="none are stored"):
        testing.check_predictions(NAME)


def test_all_failures_are_told_at_once(register):
    register(MixesRows, independent_rows=True, symmetries=[f"{__name__}:nothing"])
    with pytest.raises(AssertionError) as caught:
        check_model(NAME)
    assert len(str(caught.value).splitlines()) == 2, str(caught.value)


def test_check_complete_lists_what_is_missing(register, tmp_path, monkeypatch):
    register(Good)
    with pytest.raises(AssertionError) as caught:
        testing.check_complete(NAME, tmp_path / "cards")
    told = str(caught.value)
    assert "a card" in told and "measured result" in told and "a claim" in told
    assert "stored predictions" not in told
    (tmp_path / "cards").mkdir()
    (tmp_path / "cards" / f"{NAME}.md").write_text("card")
    results.store(zoo.evaluate(NAME))
    claim = Claim(
        name="c", statement="S", check="m:f", bounds={"it": exact(at_least=1)}, models=[NAME]
    )
    paper = registry().papers.specs["toy"]
    monkeypatch.setitem(registry().papers.specs, "toy", Paper(**{**vars(paper), "claims": [claim]}))
    testing.check_complete(NAME, tmp_path / "cards")


def test_unknown_names_are_errors_of_the_caller(register):
    register(Good)
    with pytest.raises(UnknownName):
        check_model("toy-dat")
    with pytest.raises(UnknownName):
        check_architecture("toy-ne")
    with pytest.raises(UnknownName):
        testing.check_complete("toy-dat", Path())


def test_the_kit_is_silent_about_random_state(register):
    register(Good)
    before = torch.get_rng_state()
    check_model(NAME)
    assert torch.equal(before, torch.get_rng_state())


def test_registry_of_this_file_is_put_back():
    assert isinstance(registry(), Registry)
    assert "toy" not in registry().papers


def test_data_that_only_a_mirror_has_are_skipped_without_one(request, monkeypatch):
    """A dataset may have files without a public address: `data_or_skip` skips there too."""
    from zoo_core._loading import files
    from zoo_core._measuring import opening

    file = File(path="mine/table.csv", sha256="0" * 64)
    monkeypatch.delenv("ZOO_DATA_MIRROR", raising=False)
    monkeypatch.setattr(opening, "dataset", lambda name: files.fetch(file))
    with pytest.raises(pytest.skip.Exception, match="no public address"):
        request.getfixturevalue("data_or_skip")("anything")
