"""Every architecture that declares it, exported: seconds, size, differences, and how fast it runs.

    python benchmarks/exporting.py [--quick] [--only pt2 onnx] [--models 'gnet*' ...] [--json FILE]

For the smallest model of each architecture (`--models` chooses others) and each format that the
architecture declares: what the export takes with all its checks, how large the file is beside the
weights', the largest difference from the module over inputs of all the sizes that are tried, as a
share of the largest output, and the forward of what was read back from the file beside the
module's own. A model that fails is told in a line, and the exit code is 1. With --quick it is one
model. No data are needed.
"""

from __future__ import annotations

import fnmatch
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from contest import Row, options, row, run, take_turns, timed

import zoo
from zoo_core._measuring.comparing import gap, leaves
from zoo_core._publishing.exporting import session
from zoo_core._publishing.programs import Program, quietly
from zoo_core._registry.registry import registry
from zoo_core._registry.specs import FORMATS, Architecture, Model

PACKAGES = ("torch", "onnx", "onnxruntime", "onnxscript", "zoo-core")


def chosen(patterns: Sequence[str], quick: bool) -> list[tuple[Model, Architecture]]:
    """The smallest model of each architecture that exports, among those that fit a pattern."""
    known = registry()
    smallest: dict[str, Model] = {}
    for spec in sorted(known.models, key=lambda spec: int((known.lock(spec) or {}).get("size", 0))):
        fits = any(fnmatch.fnmatch(spec.name, one) for one in patterns)
        if fits and known.lock(spec) and known.architecture(spec.architecture).formats:
            smallest.setdefault(spec.architecture, spec)
    found = [(spec, known.architecture(name)) for name, spec in sorted(smallest.items())]
    return found[:1] if quick else found


def read(path: Path, format: str) -> Callable[..., Any]:
    """Return what was written, as a function of tensors."""
    return session(path) if format == "onnx" else torch.export.load(path).module()


def exported(spec: Model, architecture: Architecture, format: str, repeats: int) -> Row:
    """The costs and differences of one model in one format."""
    with tempfile.TemporaryDirectory() as folder, quietly(), torch.no_grad():
        path = Path(folder) / f"model.{format}"
        _, cost = timed(lambda: zoo.export(spec.name, path))
        module = zoo.load(spec.name)
        again = read(path, format)
        inputs = list(Program(module, architecture).others())
        differences = [
            gap(a, b)
            for one in inputs
            for a, b in zip(leaves(again(*one)), leaves(module(*one)), strict=True)
        ]
        times = take_turns(
            {"module": lambda: module(*inputs[0]), "file": lambda: again(*inputs[0])}, repeats
        )
        size = path.stat().st_size / 1e3
    weights = (registry().lock(spec) or {})["size"] / 1e3
    return row(
        format,
        f"{format}: {architecture.name} ({spec.name})",
        cost,
        difference=max(differences),
        sizes=len(inputs),
        kB=size,
        **{"kB of weights": weights},
        **{f"{name} ms": 1e3 * one.wall for name, one in times.items()},
    )


class Lines:
    """The lines of both formats; what failed is remembered."""

    def __init__(self, arguments: Any) -> None:
        self.arguments, self.failed = arguments, 0

    def __iter__(self) -> Iterator[Row | str]:
        for format in self.arguments.only:
            for spec, architecture in chosen(self.arguments.models, self.arguments.quick):
                if format not in architecture.formats:
                    why = architecture.not_exported[format]
                    yield f"   no {format} of {architecture.name}: {why}"
                    continue
                try:
                    yield exported(spec, architecture, format, 2 if self.arguments.quick else 20)
                except Exception as error:
                    self.failed += 1
                    told = str(error).partition("\n")[0]
                    yield f"   FAILED {format} of {spec.name}: {type(error).__name__}: {told}"


def main() -> None:
    """Run the parts that were asked for."""
    warnings.simplefilter("ignore")
    parser = options(__doc__, FORMATS)
    parser.add_argument("--models", nargs="+", default=["*"], help="names, with wildcards")
    arguments = parser.parse_args()
    lines = Lines(arguments)
    run(arguments, PACKAGES, lines)
    sys.exit(1 if lines.failed else 0)


if __name__ == "__main__":
    main()
