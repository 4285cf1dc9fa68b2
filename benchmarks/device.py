"""Every model on a GPU: its contract, a training step, and its forward's time beside the CPU's.

    python benchmarks/device.py [--device cuda] [--quick] [--only part ...] [--models 'gnet*' ...]
                                [--json FILE]

Three parts. "contract": the checks of the test kit with the module on the device (what forward
gives, that it is the same twice, gradients, rows, symmetries, float64, and each half precision that
is declared, plainly and under autocast), and that outputs there differ from those of the CPU by at
most 1e-4 of the largest. "step": in training mode a forward, the gradient of a random projection of
the outputs, and a step of AdamW, after which all parameters are finite and one has changed.
"timing": the median of forwards on the example inputs, synchronised, beside the CPU's.

A model that fails is told in a line, and the exit code is 1. Without a GPU everything runs on the
CPU and says so: that shows that the script works, and nothing of a GPU; where a device is asked for
that is not here, nothing runs and the exit code is 3. With --quick it is the smallest model of each
of three papers, among those that run in half precision. No data are needed.
"""

from __future__ import annotations

import fnmatch
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from contest import Row, options, row, run, take_turns, timed
from torch import Tensor, nn

import zoo
from zoo_core import testing
from zoo_core._loading.devices import device_of, device_of_module
from zoo_core._measuring.comparing import leaves, map_tensors, require, require_same
from zoo_core._registry.registry import registry
from zoo_core._registry.specs import Model

PACKAGES = ("torch", "zoo-core")
AGREEMENT = 1e-4
"""Sums go in another order on another device; float32 outputs then differ by this much at most."""
CONTRACT = (
    testing.check_forward,
    testing.check_deterministic,
    testing.check_differentiable,
    testing.check_independent_rows,
    testing.check_symmetries,
    testing.check_float64,
    testing.check_half_precision,
)
REPEATS = 20
QUICK = 3


def chosen(patterns: Sequence[str], quick: bool) -> list[Model]:
    """The models that have weights and fit a pattern; with `quick` a few small ones."""
    known = registry()
    found = [
        spec
        for spec in known.models
        if known.lock(spec) and any(fnmatch.fnmatch(spec.name, one) for one in patterns)
    ]
    if not quick:
        return found
    smallest: dict[str, Model] = {}
    for spec in sorted(found, key=lambda spec: int((known.lock(spec) or {})["size"])):
        if "float16" in known.architecture(spec.architecture).dtypes:
            smallest.setdefault(known.paper_of(spec).name, spec)
    return list(smallest.values())[:QUICK]


def subject_on(spec: Model, device: torch.device) -> testing.Subject:
    """What the test kit checks, with the module on a device."""
    architecture = registry().architecture(spec.architecture)
    return testing.Subject(
        spec.name, architecture, lambda: zoo.load(spec.name, device=device), spec
    )


def contract(spec: Model, device: torch.device) -> None:
    """Raise `AssertionError` where a check of the kit fails on the device."""
    subject = subject_on(spec, device)
    for check in CONTRACT:
        check(subject)
    there, here = subject.make(), zoo.load(spec.name)
    inputs = here.example_inputs(0)
    with torch.no_grad():
        require_same(there(*inputs), here(*inputs), "outputs there and on the CPU", AGREEMENT)


def step(spec: Model, device: torch.device) -> None:
    """Raise `AssertionError` unless a training step changes parameters and keeps them finite."""
    module = zoo.load(spec.name, device=device).train()
    wanted = [one for one in module.parameters() if one.requires_grad]
    if not wanted or not registry().architecture(spec.architecture).differentiable:
        return
    before = [one.detach().clone() for one in wanted]
    optimizer = torch.optim.AdamW(wanted, lr=1e-3)
    outputs = [one for one in leaves(module(*module.example_inputs(0))) if one.requires_grad]
    if not outputs:  # fitted, and not by gradients
        return
    generator = torch.Generator().manual_seed(0)
    loss = sum(
        (one * torch.randn(one.shape, generator=generator).to(one))[one.isfinite()].sum()
        for one in outputs
    )
    assert isinstance(loss, Tensor)
    loss.backward()
    optimizer.step()
    synchronise(device)
    require(all(bool(one.isfinite().all()) for one in wanted), "a parameter is not finite")
    changed = any(not torch.equal(a, b) for a, b in zip(wanted, before, strict=True))
    require(changed, "no parameter changed")


def synchronise(device: torch.device) -> None:
    """Wait until all that was asked of a device is done."""
    if device.type != "cpu":
        torch.accelerator.synchronize(device)


def forward_on(module: nn.Module) -> Callable[[], None]:
    """Return a call of a module's forward on its example inputs, on its device."""
    device = device_of_module(module)
    make: Any = module.example_inputs
    inputs = map_tensors(lambda tensor: tensor.to(device), make(0))

    def call() -> None:
        with torch.no_grad():
            module(*inputs)
        synchronise(device)

    return call


def timing(spec: Model, device: torch.device, repeats: int) -> Row:
    """The time of a forward on the device; figures have the CPU's in milliseconds beside it."""
    modules = {"there": zoo.load(spec.name, device=device), "cpu": zoo.load(spec.name)}
    costs = take_turns({name: forward_on(one) for name, one in modules.items()}, repeats)
    there, cpu = costs["there"], costs["cpu"]
    figures = {"CPU ms": 1e3 * cpu.wall, "times faster": cpu.wall / max(there.wall, 1e-9)}
    return row("timing", spec.name, there, **figures)


class Lines:
    """The lines of all parts; what failed is remembered."""

    def __init__(self, arguments: Any, device: torch.device) -> None:
        self.arguments, self.device, self.failed = arguments, device, 0

    def __iter__(self) -> Iterator[Row | str]:
        name = torch.cuda.get_device_name(self.device) if self.device.type == "cuda" else ""
        yield f"   on {self.device} {name}".rstrip()
        if self.device.type == "cpu":
            yield "   This is no GPU: it shows that the script runs, and nothing of a GPU."
        models = chosen(self.arguments.models, self.arguments.quick)
        checks = {"contract": contract, "step": step}
        for part in self.arguments.only:
            for spec in models:
                try:
                    if part == "timing":
                        repeats = 2 if self.arguments.quick else REPEATS
                        yield timing(spec, self.device, repeats)
                    else:
                        _, cost = timed(lambda p=part, s=spec: checks[p](s, self.device))
                        yield row(part, f"{part}: {spec.name}", cost)
                except Exception as error:
                    self.failed += 1
                    told = str(error).partition("\n")[0]
                    yield f"   FAILED {part} of {spec.name}: {type(error).__name__}: {told}"
        yield f"   {len(models)} models, {self.failed} failures"


def main() -> None:
    """Run the parts that were asked for."""
    warnings.simplefilter("ignore")
    parser = options(__doc__, ("contract", "step", "timing"))
    usual = "cuda" if torch.cuda.is_available() else "cpu"
    parser.add_argument("--device", default=usual, help="cuda, cuda:1, cpu (default: %(default)s)")
    parser.add_argument("--models", nargs="+", default=["*"], help="names, with wildcards")
    arguments = parser.parse_args()
    try:
        device = device_of(arguments.device)
    except zoo.BadInput as error:
        print(error, file=sys.stderr)
        sys.exit(3)
    assert device is not None
    lines = Lines(arguments, device)
    run(arguments, PACKAGES, lines)
    sys.exit(1 if lines.failed else 0)


if __name__ == "__main__":
    main()
