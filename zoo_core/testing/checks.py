"""The contract, property by property: each check takes a model's name or a `Subject`.

A check raises an `AssertionError` that names the model, the property and what was found instead.
"""

from __future__ import annotations

import contextlib
import copy
import functools
import itertools
import json
import math
import pickle
import random
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import numpy
import torch
from torch import Tensor, nn

from zoo_core._authoring import embedding
from zoo_core._loading import bases, files, making, models, weights
from zoo_core._loading.devices import device_of_module, name_of
from zoo_core._measuring import calling, evaluation, opening, representations
from zoo_core._measuring.comparing import (
    leaves,
    map_tensors,
    require,
    require_same,
    require_same_state,
    same,
    ties,
)
from zoo_core._publishing import programs
from zoo_core._registry import results
from zoo_core._registry.registry import registry
from zoo_core._registry.specs import Architecture, Model
from zoo_core.errors import BadInput, DataError

ROUNDING = 1e-5
"""Equal tensors at other addresses take other vector paths: float32 outputs then differ by this
much of the largest, and no more."""
SYMMETRY_TOLERANCE = 1e-6
FLOAT64_TOLERANCE = 1e-3
DRAWS = 3


@dataclass(frozen=True)
class Subject:
    """What is checked: a module that can be made again and again, and what its spec declares."""

    label: str
    architecture: Architecture
    make: Callable[[], nn.Module]
    model: Model | None = None


Check = Callable[[Subject | str], None]


def trained(name: str) -> Subject:
    """Return a registered model with its weights, to be checked; raises `UnknownName`."""
    spec = registry().model(name)
    architecture = registry().architecture(spec.architecture)
    return Subject(name, architecture, lambda: models.load(name), spec)


def untrained(name: str, **shape: Any) -> Subject:
    """Return an architecture, to be checked as it is before training; raises `UnknownName`."""

    def make() -> nn.Module:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            return models.create(name, **shape).eval()

    return Subject(name, registry().architecture(name), make)


def check_complete(name: str, cards: Path) -> None:
    """Check that a model has a card, stored predictions, a measured result and a claim.

    `cards` is the folder with the cards. Raises `AssertionError` that lists what is missing.
    """
    registry().model(name)
    measured = [row for row in results.stored(name) if row.kind == "checkpoint"]
    claims = [one for paper in registry().papers for one in paper.claims if name in one.models]
    lacking = {
        f"a card {name}.md (`zoo cards` writes it)": not (cards / f"{name}.md").is_file(),
        "stored predictions (`zoo train --embed`)": not results.stored_predictions(name),
        "a measured result of its checkpoint (`zoo evaluate --store`)": not measured,
        "a claim that names it in `models`": not claims,
    }
    missing = [what for what, absent in lacking.items() if absent]
    require(not missing, f"{name} has no {', and no '.join(missing)}.")


def _should(promise: str) -> Callable[[Callable[[Subject], None]], Check]:
    """Make a check of a function that raises when `promise` is broken, in whatever way."""

    def decorate(look: Callable[[Subject], None]) -> Check:
        @functools.wraps(look)
        def check(subject: Subject | str) -> None:
            subject = trained(subject) if isinstance(subject, str) else subject
            try:
                with torch.random.fork_rng(devices=[]):
                    look(subject)
            except Exception as error:
                known = isinstance(error, AssertionError) and str(error)
                reason = str(error) if known else f"{type(error).__name__} was raised: {error}"
                raise AssertionError(f"{subject.label} should {promise}, but {reason}") from error

        return check

    return decorate


@_should("be made again from its shape, which is JSON")
def check_constructs(subject: Subject) -> None:
    """The stored shape makes a module of the size that is stored beside it."""
    lock = registry().lock(subject.model) if subject.model else None
    again = json.loads(json.dumps(_shape(subject)))
    module = making.construct(subject.architecture, again, subject.label)
    for kind, count in weights.counts_of(module).items():
        told = (lock or {}).get(kind, count)
        require(count == told, f"it then has {count} {kind}, and its lock file says {told}")


@_should("load the same each time, in eval mode, leaving torch's random state as it was")
def check_loads(subject: Subject) -> None:
    """Loading is deterministic and has no side effect on the caller's random numbers."""
    before = torch.get_rng_state()
    first, second = subject.make(), subject.make()
    require(torch.equal(before, torch.get_rng_state()), "the random state was changed")
    require(not any(m.training for m in first.modules()), "a part of it is in training mode")
    require_same_state(first, second, "of two loads")


@_should("survive safetensors bit for bit")
def check_round_trip(subject: Subject) -> None:
    """What is written and read again has the same bits."""
    module = subject.make()
    storage = subject.model.storage if subject.model else "float32"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / weights.FILE
        weights.write_tensors(module, path, storage)
        state = weights.read_tensors(path)
        again = making.assemble(subject.architecture, _shape(subject), state, subject.label)
        # Compared while the file is there: the tensors are mapped from it.
        require_same_state(again, module, "written and read again")


@_should("be the same whether it is built on the meta device or plainly")
def check_both_ways(subject: Subject) -> None:
    """Both ways of assembling give equal tensors, equal ties and equal outputs."""
    fast, plain = (
        making.assemble(
            subject.architecture, _shape(subject), _state(subject), subject.label, meta=meta
        )
        for meta in (True, False)
    )
    require_same_state(fast, plain, "of the two ways")
    require(ties(fast) == ties(plain), "other tensors are tied")
    inputs = _example(fast)
    require_same(_run(fast, inputs), _run(plain, inputs), "outputs of the two ways", ROUNDING)


@_should("run on its example inputs, giving tensors without NaN")
def check_forward(subject: Subject) -> None:
    """`example_inputs` are valid and the same for the same seed; outputs are numbers."""
    module = subject.make()
    inputs = _example(module)
    require_same(_example(module), inputs, "example_inputs(0), called twice,")
    outputs = list(leaves(_run(module, inputs)))
    require(bool(outputs), "forward returned no tensor")
    require(not any(bool(leaf.isnan().any()) for leaf in outputs), "there are NaNs")


@_should("be deterministic in eval mode")
def check_deterministic(subject: Subject) -> None:
    """Two forwards give equal outputs, whatever the random state, and leave the inputs alone."""
    module = subject.make()
    inputs = _example(module)
    torch.manual_seed(1)
    first = map_tensors(torch.clone, _run(module, inputs))
    torch.manual_seed(2)
    require_same(_run(module, inputs), first, "outputs of two forwards")
    require_same(inputs, _example(module), "inputs before and after")


@_should("give finite gradients with respect to its floating inputs or parameters")
def check_differentiable(subject: Subject) -> None:
    """Gradients of a random projection of the outputs; only where `differentiable` is declared."""
    if not subject.architecture.differentiable:
        return
    module = subject.make()
    inputs, wanted = _with_gradients(_example(module))
    wanted += [parameter for parameter in module.parameters() if parameter.requires_grad]
    require(bool(wanted), "it has neither; declare differentiable=False")
    outputs = [leaf for leaf in leaves(module(*inputs)) if leaf.requires_grad]
    require(bool(outputs), "its outputs depend on neither; declare differentiable=False")
    gradients = torch.autograd.grad(_projection(outputs), wanted, allow_unused=True)
    finite = [bool(grad.isfinite().all()) for grad in gradients if grad is not None]
    require(all(finite), "some gradient is infinite or NaN")


@_should("treat the rows of a batch independently")
def check_independent_rows(subject: Subject) -> None:
    """Some rows alone give those rows' outputs; only where `independent_rows` is declared."""
    if not subject.architecture.independent_rows:
        return
    module, inputs = _in_float64(subject)
    outputs = list(leaves(_run(module, inputs)))
    count = len(outputs[0]) if outputs and outputs[0].dim() else 0
    require(count > 1, "example_inputs gives fewer than two rows")
    for rows in ([count - 1], [1, 0]):
        found = _run(module, _rows(inputs, rows, count))
        require_same(
            found, [output[rows] for output in outputs], "rows' outputs", SYMMETRY_TOLERANCE
        )


@_should("respect its declared symmetries")
def check_symmetries(subject: Subject) -> None:
    """Each declared symmetry, for a few group elements, in float64."""
    for string in subject.architecture.symmetries:
        symmetry = making.resolve(string)
        module, inputs = _in_float64(subject)
        moved = False
        for seed in range(DRAWS):
            # A copy, so that a symmetry that works in place does not move the original too.
            acted, act = symmetry(
                map_tensors(torch.clone, inputs), torch.Generator().manual_seed(seed)
            )
            expected = act(_run(module, inputs))
            require_same(
                _run(module, acted), expected, f"outputs under {string}", SYMMETRY_TOLERANCE
            )
            moved = moved or not same(acted, inputs)
        require(moved, f"{string} leaves the inputs as they are, so it checks nothing")


@_should("be the same after pickling and after deep-copying")
def check_copies(subject: Subject) -> None:
    """Both kinds of copy have the same bits and outputs."""
    module = subject.make()
    inputs = _example(module)
    outputs = _run(module, inputs)
    pickled = pickle.loads(pickle.dumps(module))
    for way, made in (("pickled", pickled), ("deep-copied", copy.deepcopy(module))):
        require_same_state(made, module, way)
        require_same(_run(made, inputs), outputs, f"{way} outputs", ROUNDING)


@_should("run in float64, with the outputs that it has in float32")
def check_float64(subject: Subject) -> None:
    """``module.double()`` on float64 inputs gives float64 outputs close to the others."""
    if "float64" not in subject.architecture.dtypes:
        return
    plain = subject.make()
    expected = [leaf for leaf in leaves(_run(plain, _example(plain))) if leaf.is_floating_point()]
    module, inputs = _in_float64(subject)
    found = [leaf for leaf in leaves(_run(module, inputs)) if leaf.is_floating_point()]
    kinds = {str(leaf.dtype) for leaf in found} - {"torch.float64"}
    require(not kinds, f"outputs are {', '.join(sorted(kinds))}")
    require_same(found, expected, "outputs in float64 and float32", FLOAT64_TOLERANCE)


@_should("run in the half precision that is declared, with outputs near those in float32")
def check_half_precision(subject: Subject) -> None:
    """Each of float16 and bfloat16 in `dtypes`, with all tensors in it, and under autocast."""
    for dtype in (torch.float16, torch.bfloat16):
        if name_of(dtype) not in subject.architecture.dtypes:
            continue
        module = subject.make()
        inputs = _example(module)
        expected = _floating(_run(module, inputs))
        with torch.autocast(device_of_module(module).type, dtype=dtype):
            cast = _floating(_run(module, inputs))
        half = map_tensors(functools.partial(_to_floating, dtype), inputs)
        plain = _floating(_run(module.to(dtype), half))
        allowed = programs.tolerance(dtype)
        for found, way in ((cast, "under autocast to"), (plain, "in")):
            require_same(found, expected, f"outputs {way} {name_of(dtype)}", allowed)


@_should("predict in the half precision that is declared, near what it predicts in float32")
def check_half_predictions(subject: Subject) -> None:
    """Numbers of the answer are near those in float32; labels and texts may be others.

    It is asked of the data that the module carries, else of the first of its `example_sources`,
    else of its example inputs, or the first row of them. Of an answer that comes piece by piece a
    few pieces are enough.
    """
    kinds = [one for one in ("float16", "bfloat16") if one in subject.architecture.dtypes]
    module = subject.make()
    if not kinds or not hasattr(module, "predict"):
        return
    sources, expected = _predicted(module)
    for dtype in kinds:
        answer = _begun(evaluation.predict(module, *sources, dtype=dtype))
        found = dict(_numbers(answer))
        require(found.keys() == expected.keys(), f"in {dtype} it has {', '.join(found)}")
        for name, numbers in found.items():
            plain = expected[name]
            require(len(numbers) == len(plain), f"in {dtype} it has {len(numbers)} {name}")
            allowed = programs.tolerance(getattr(torch, dtype))
            both = f"{name} in {dtype} and float32"
            require_same(torch.tensor(numbers), torch.tensor(plain), both, allowed)


def _predicted(module: nn.Module) -> tuple[Sequence[Any], dict[str, list[float]]]:
    """Return sources that a module takes, and the numbers of what it predicts of them."""
    example: Any = getattr(module, "example_sources", lambda seed: ())
    inputs = _example(module)
    refused = ""
    for sources in ((), tuple(example(0))[:1], inputs, tuple(one[0].tolist() for one in inputs)):
        try:
            answer = _begun(evaluation.predict(module, *sources))
        except (BadInput, DataError) as error:
            refused = str(error)
            continue
        return sources, dict(_numbers(answer))
    raise AssertionError(f"there is nothing to ask it (give it example_sources): {refused}")


def _begun(answer: Any) -> Any:
    return list(itertools.islice(answer, 3)) if isinstance(answer, Iterator) else answer


def _numbers(answer: Any) -> Iterator[tuple[str, list[float]]]:
    """Yield the floating-point numbers of an answer of JSON values, by the names that they have."""
    found: dict[str, list[float]] = {}

    def collect(name: str, value: Any) -> None:
        if isinstance(value, float):
            found.setdefault(name, []).append(value)
        elif isinstance(value, Mapping):
            for key, one in value.items():
                collect(str(key), one)
        elif isinstance(value, list | tuple):
            for one in value:
                collect(name, one)

    collect("answer", answer)
    yield from found.items()


def _to_floating(dtype: torch.dtype, tensor: torch.Tensor) -> torch.Tensor:
    return tensor.to(dtype) if tensor.is_floating_point() else tensor


@_should("run where its parameters are, on fake CUDA tensors")
def check_fake_cuda(subject: Subject) -> None:
    """Parameters and inputs are on a CUDA device that only pretends: mixed devices are told.

    A value that `forward` reads (``.item()``, ``.numpy()``) stops here too; algorithms whose course
    depends on values declare `data_dependent`.
    """
    if subject.architecture.data_dependent:
        return
    from torch._subclasses.fake_tensor import FakeTensorMode

    module = subject.make()
    mode = FakeTensorMode(allow_non_fake_inputs=True)

    def on_cuda(tensor: Tensor) -> Tensor:
        fake = mode.from_tensor(tensor.detach())
        with mode:
            return fake.to("cuda")

    tensors = itertools.chain(
        module.named_parameters(remove_duplicate=False),
        module.named_buffers(remove_duplicate=False),
    )
    example = _example(module)
    if any(tensor.layout != torch.strided for tensor in _tensors(example)):
        return
    state = {name: on_cuda(tensor) for name, tensor in tensors}
    inputs = map_tensors(on_cuda, example)
    with mode, torch.no_grad():
        outputs = torch.func.functional_call(module, state, inputs, tie_weights=False)
    places = {tensor.device.type for tensor in _tensors(outputs)}
    require(places <= {"cuda"}, f"some outputs are on {', '.join(sorted(places - {'cuda'}))}")


@_should("be left as it was by predict and evaluate: tensors, modes and random states")
def check_undisturbed(subject: Subject) -> None:
    """Both verbs, called in training mode, change nothing that outlives the call.

    What needs a file that is not given, or data that are not at hand, is left out; of a split the
    first batch is enough.
    """
    module = subject.make().train()
    before = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    modes = [part.training for part in module.modules()]
    states = _random_states()
    calls: list[Callable[[], Any]] = []
    if hasattr(module, "predict"):
        calls.append(lambda: _exhaust(evaluation.predict(module)))
    if subject.model is not None and hasattr(module, "outputs"):
        calls.append(lambda: _first_batch(module))
    for call in calls:
        with contextlib.suppress(BadInput, DataError):
            call()
        require(states == _random_states(), "a random state was changed")
        require(modes == [part.training for part in module.modules()], "a mode was changed")
        changed = [n for n, t in module.state_dict().items() if not _equal_bits(t, before[n])]
        require(not changed, f"{', '.join(changed)} changed")


@_should("be taken by torch.export")
def check_exports(subject: Subject) -> None:
    """The program gives the same outputs at several sizes; only where `exportable` is declared."""
    if "pt2" not in subject.architecture.formats:
        return
    with programs.quietly(), torch.no_grad():
        program = programs.Program(subject.make(), subject.architecture)
        program.compare(program.traced.module())


@_should("embed each of its sources by itself")
def check_embeds(subject: Subject) -> None:
    """Where there is an `embed`, its rows are finite, one a source, whatever else is given."""
    module = subject.make()
    if not representations.is_embedding(module):
        require(not subject.architecture.embeds, "its spec has `embeds`, and it has no embed")
        return
    method: Any = module.embed
    make: Any = getattr(module, "example_sources", None)
    require(make is not None, "it has no example_sources (see zoo_core.interfaces.Model)")
    sources = list(make(0))
    rows = torch.from_numpy(representations.embed(module, *sources))
    require(rows.numel() > 0, f"there are no numbers, but the shape {tuple(rows.shape)}")
    if calling.room(method) == math.inf:
        require(len(sources) > 1, "example_sources gives fewer than two")
        alone = [torch.from_numpy(representations.embed(module, one)) for one in sources]
        require_same(rows, torch.cat(alone), "rows together and alone", ROUNDING)
        require(len(rows) == len(sources), f"{len(sources)} sources have {len(rows)} rows")


@_should("still give its stored predictions")
def check_predictions(subject: Subject) -> None:
    """A few dozen outputs on a fixed input, kept when the weights were made."""
    stored = results.stored_predictions(subject.label)
    if not stored:
        raise AssertionError(f"none are stored (`zoo train {subject.label} --embed` does)")
    found = torch.tensor(embedding.fixed_outputs(subject.label), dtype=torch.float64)
    values = torch.tensor(stored["values"], dtype=torch.float64)
    require_same(found, values, "they", stored["tolerance"])


CHECKS: tuple[Check, ...] = (
    check_constructs,
    check_loads,
    check_round_trip,
    check_both_ways,
    check_forward,
    check_deterministic,
    check_differentiable,
    check_independent_rows,
    check_symmetries,
    check_copies,
    check_float64,
    check_half_precision,
    check_half_predictions,
    check_fake_cuda,
    check_undisturbed,
    check_embeds,
    check_exports,
    check_predictions,
)
"""The contract of a registered model, property by property."""

UNTRAINED_CHECKS: tuple[Check, ...] = (
    check_constructs,
    check_forward,
    check_deterministic,
    check_independent_rows,
    check_symmetries,
    check_float64,
    check_half_precision,
    check_fake_cuda,
)
"""The part of the contract that a module keeps before it is trained."""


def _shape(subject: Subject) -> Mapping[str, Any]:
    return making.made_of(subject.make()).shape


def _example(module: nn.Module) -> tuple[Any, ...]:
    make: Any = getattr(module, "example_inputs", None)
    require(make is not None, "it has no example_inputs (see zoo_core.interfaces.Model)")
    return tuple(make(0))


def _state(subject: Subject) -> Mapping[str, Tensor]:
    """Return the tensors as they are stored, so that tied ones have one name."""
    if subject.model is None:
        return subject.make().state_dict()
    state = weights.read_tensors(weights.locate(subject.model))
    for base in models.bases_of(subject.label):
        state |= bases.base_tensors(base, models.load)
    return state


def _random_states() -> tuple[str, ...]:
    states = (torch.get_rng_state().tolist(), random.getstate(), numpy.random.get_state())
    return tuple(map(repr, states))


def _first_batch(module: nn.Module) -> None:
    """Let a model yield its first outputs on its own data, without a download."""
    source: models.Source = vars(module)["zoo_source"]

    def refuse(file: Any, url: str) -> Path:
        raise DataError(f"{file.path} is not at hand.")

    with mock.patch.object(files, "_download", refuse):
        data = opening.open_data(source.dataset, source.options, source.architecture.reader)
    view = opening.split(data, "test", of=source.dataset)
    make: Any = module.outputs
    with calling.undisturbed(module):
        next(iter(make(view)), None)


def _exhaust(answer: Any) -> None:
    """Take the first pieces of an answer that comes in pieces."""
    if isinstance(answer, Iterator):
        for _ in itertools.islice(answer, 3):
            pass


def _equal_bits(found: Tensor, expected: Tensor) -> bool:
    return torch.equal(found.reshape(-1).view(torch.uint8), expected.reshape(-1).view(torch.uint8))


def _tensors(value: Any) -> Iterator[Tensor]:
    """Yield the tensors within a nested value, as they are."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, Mapping | list | tuple):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _tensors(item)


def _with_gradients(inputs: tuple[Any, ...]) -> tuple[tuple[Any, ...], list[Tensor]]:
    """Return the inputs with gradients wanted of the dense floating ones, and the list of these."""
    wanted: list[Tensor] = []

    def want(tensor: Tensor) -> Tensor:
        if not tensor.is_floating_point() or tensor.layout != torch.strided:
            return tensor
        wanted.append(tensor.detach().clone().requires_grad_())
        return wanted[-1]

    return map_tensors(want, inputs), wanted


def _projection(outputs: Sequence[Tensor]) -> Tensor:
    """Return a random linear form of the finite outputs (a plain sum of a softmax is constant)."""
    generator = torch.Generator().manual_seed(0)
    real = [torch.view_as_real(one) if one.is_complex() else one for one in outputs]
    finite = torch.cat([output[output.isfinite()].cpu() for output in real])
    return finite @ torch.randn(len(finite), generator=generator).to(finite.dtype)


def _run(module: nn.Module, inputs: Sequence[Any]) -> Any:
    with torch.no_grad():
        return module(*inputs)


def _in_float64(subject: Subject) -> tuple[nn.Module, tuple[Any, ...]]:
    module = subject.make()
    inputs = _example(module)
    return module.double(), tuple(map_tensors(_as_float64, inputs))


def _floating(outputs: Any) -> list[Tensor]:
    """Return the floating outputs; others (classes, counts) are the same in any precision."""
    return [leaf for leaf in leaves(outputs) if leaf.is_floating_point()]


def _as_float64(tensor: Tensor) -> Tensor:
    return tensor.double() if tensor.is_floating_point() else tensor


def _rows(inputs: tuple[Any, ...], rows: list[int], count: int) -> list[Any]:
    """Return the inputs with only those rows of each tensor that has `count` of them."""
    cut = 0

    def pick(tensor: Tensor) -> Tensor:
        nonlocal cut
        if tensor.dim() == 0 or tensor.shape[0] != count:
            return tensor
        cut += 1
        if tensor.layout == torch.strided:
            return tensor[rows]
        return tensor.to_dense()[rows].to_sparse(layout=tensor.layout)

    picked: list[Any] = map_tensors(pick, inputs)
    require(cut > 0, f"no tensor of example_inputs has {count} rows, as the outputs do")
    return picked
