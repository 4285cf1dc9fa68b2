"""`export`: a model as a graph that runs without the zoo, checked before it is written."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo_core._disk import check_writable, whole_file
from zoo_core._loading import making
from zoo_core._loading.models import Source, inputs_of
from zoo_core._measuring import calling, evaluation
from zoo_core._publishing.programs import Program, quietly
from zoo_core._registry.registry import registry
from zoo_core._registry.specs import FORMATS, Architecture
from zoo_core.errors import BadInput, PluginError

if TYPE_CHECKING:
    import torch

ABOUT = "zoo.json"
"""What the model's facts are called within a file: an extra file of .pt2, a property of .onnx."""


def export(
    model: str | os.PathLike[str] | torch.nn.Module,
    path: str | os.PathLike[str],
    *,
    format: str | None = None,
    dtype: str | torch.dtype | None = None,
    force: bool = False,
) -> dict[str, Any]:
    """Write a model as a program that runs without the zoo, and return what is known of it.

    `model` is a module that the zoo made, or what `zoo.load` takes; `dtype` the floating type in
    which it is written. `path` is the file, whose suffix says the `format` where none is given:
    "pt2" is a `torch.export` program (read by `torch.export.load`), "onnx" an ONNX graph. Axes that
    may have any size have names, as the architecture declares them.

    What is written was run beside the module before, on inputs of several sizes, and differs by at
    most 1e-5 of the largest output (in half precision by a few roundings). The file stands there
    whole or not at all; one that is there is kept unless `force`. What a user needs beside the
    graph is returned, and within the file as JSON, called ``zoo.json`` (an extra file of a .pt2, a
    metadata property of an .onnx): names, types and shapes of inputs and outputs, what an input
    needs to become a tensor, the names of classes, licence and versions.

    Raises `BadInput` for an architecture that cannot be exported (it says why), and for a path that
    cannot be written to; `OutputError` where the program's numbers are other ones.

    >>> told = zoo.export("ols-yarn", "ols-yarn.pt2")
    >>> told["inputs"][0]["shape"]
    ['batch', 268]
    """
    chosen, target = _format_of(Path(path).expanduser(), format), Path(path).expanduser()
    if target.exists() and not force:
        raise BadInput(f"{target} is there already; choose another file, or --force (force=True).")
    module = evaluation.prepared(model, dtype)
    architecture = exported_architecture(module, chosen)
    check_writable(target.parent)
    with calling.undisturbed(module), quietly():
        program = Program(module, architecture)
        told = {"format": chosen, **about(module, architecture), **program.signature()}
        written = _as_onnx(program) if chosen == "onnx" else None
        with whole_file(target) as part:
            if written is not None:
                _save_onnx(program, written, part, told)
                run = session(part)
            else:
                _save_pt2(program.traced, part, told)
                run = _read_pt2(part)
            program.compare(run)
    return told


def exported_architecture(module: torch.nn.Module, format: str) -> Architecture:
    """Return the architecture of a module that can be exported; raises `BadInput` for others."""
    label = evaluation.label_of(module)
    made = vars(module).get("zoo_made")
    if made is None:
        raise BadInput(f"This {label} was not made by the zoo; call torch.export.export yourself.")
    architecture = registry().architecture(made.architecture)
    why = architecture.not_exported.get(format)
    if why is None and architecture.data_dependent:
        why = "its forward is an algorithm whose course depends on the data, and no fixed graph"
    if why is None and not architecture.exportable:
        why = f"the architecture {architecture.name} does not declare that torch.export takes it"
    if why is not None:
        instead = f"; write {' or '.join(architecture.formats)}" if architecture.formats else ""
        raise BadInput(f"{label} cannot be exported to {format}: {why}{instead}.")
    return architecture


def about(module: torch.nn.Module, architecture: Architecture) -> dict[str, Any]:
    """Return what is known of a module beside its graph."""
    from importlib import metadata

    source: Source | None = vars(module).get("zoo_source")
    label = evaluation.label_of(module)
    spec = registry().models.specs.get(label)
    shape = making.made_of(module).shape
    named = (getattr(module, name, None) for name in ("class_names", "classes"))
    classes = next((one for one in named if one and isinstance(one, list | tuple)), None)
    found = {
        "model": spec.name if spec else Path(label).name,
        "summary": spec.summary if spec else architecture.summary,
        "architecture": architecture.name,
        "paper": architecture.paper,
        "task": architecture.task,
        "license": spec.license if spec else None,
        "sha256": source.sha256 if source else None,
        "preprocessing": dict(inputs_of(module) or shape.get("inputs") or {}),
        "classes": [str(one) for one in classes] if classes else None,
        "versions": {name: metadata.version(name) for name in ("torch", "zoo-core")},
    }
    return {name: value for name, value in found.items() if value not in (None, {})}


def _format_of(path: Path, format: str | None) -> str:
    """Return the format to write; raises `BadInput` for folders, and suffixes of other formats."""
    suffix = path.suffix.removeprefix(".").lower()
    if format is not None and format not in FORMATS:
        raise BadInput(f"The format {format!r} is unknown; expected {' or '.join(FORMATS)}.")
    if path.is_dir():
        raise BadInput(f"{path} is a folder; give a file, such as {path / 'model.pt2'}.")
    if suffix in FORMATS and format not in (None, suffix):
        raise BadInput(f"{path} is named as {suffix}, and {format} is asked for; change either.")
    if format is None and suffix not in FORMATS:
        raise BadInput(
            f"{path} has no suffix that says a format; expected "
            f"{' or '.join(f'.{one}' for one in FORMATS)}, or --format."
        )
    return format or suffix


def _as_onnx(program: Program) -> Any:
    """Return a program in ONNX; raises `BadInput` without the packages that it takes."""
    import torch

    _packages()
    try:
        return torch.onnx.export(
            program.traced,
            dynamo=True,
            verbose=False,
            input_names=program.names,
            output_names=[one["name"] for one in program.signature()["outputs"]],
        )
    except Exception as error:
        raise PluginError(
            f"torch has no ONNX for {program.label} "
            f"({str(error).strip().rpartition(chr(10))[2].rstrip('.')}); write pt2."
        ) from error


def _packages() -> Any:
    try:
        import onnx
        import onnxruntime
        import onnxscript  # noqa: F401  # torch's exporter asks for it
    except ImportError as error:
        raise BadInput(
            f"ONNX takes packages that are not here ({error.name}); "
            "`pip install onnx onnxruntime onnxscript`, or write pt2."
        ) from error
    return onnx, onnxruntime


def _save_pt2(traced: Any, part: Path, told: Mapping[str, Any]) -> None:
    import io

    import torch

    # By way of memory: a path that does not end in .pt2 is warned of.
    stream = io.BytesIO()
    torch.export.save(traced, stream, extra_files={ABOUT: json.dumps(told)})
    part.write_bytes(stream.getvalue())


def _read_pt2(path: Path) -> Any:
    import io

    import torch

    return torch.export.load(io.BytesIO(path.read_bytes())).module()


def _save_onnx(program: Program, written: Any, part: Path, told: Mapping[str, Any]) -> None:
    onnx, _ = _packages()
    proto = written.model_proto
    for value in (*proto.graph.input, *proto.graph.output, *proto.graph.value_info):
        for axis in value.type.tensor_type.shape.dim:
            if axis.HasField("dim_param"):
                axis.dim_param = program.named(axis.dim_param)
    onnx.helper.set_model_props(proto, {ABOUT: json.dumps(told)})
    onnx.checker.check_model(proto)
    part.write_bytes(proto.SerializeToString())


def session(path: Path) -> Any:
    """Return a function that runs an ONNX file on tensors."""
    import torch

    _, runtime = _packages()
    options = runtime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    options.log_severity_level = 3
    session = runtime.InferenceSession(path.read_bytes(), options, ["CPUExecutionProvider"])
    names = [one.name for one in session.get_inputs()]

    def run(*inputs: torch.Tensor) -> list[torch.Tensor]:
        given = {name: one.numpy(force=True) for name, one in zip(names, inputs, strict=True)}
        return [torch.from_numpy(one) for one in session.run(None, given)]

    return run
