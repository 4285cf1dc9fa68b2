"""Models as programs that run without the zoo: checked, written whole, or refused with a reason."""

import inspect
import json
import sys

import numpy
import pytest
import torch
from torch import nn

import zoo
from zoo_core import OutputError, PluginError, SpecError
from zoo_core._publishing import exporting, programs
from zoo_core._registry.registry import registry
from zoo_core._registry.specs import Architecture

NAME = "ase-karate"
"""Rows of 34 numbers to points in the plane."""


def rows(count):
    return torch.rand(count, 34, generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="module")
def pt2(tmp_path_factory):
    path = tmp_path_factory.mktemp("exported") / "model.pt2"
    return path, zoo.export(NAME, path)


@pytest.fixture(scope="module")
def onnx(tmp_path_factory):
    pytest.importorskip("onnxruntime")
    path = tmp_path_factory.mktemp("exported") / "model.onnx"
    return path, zoo.export(NAME, path)


def test_what_is_returned_says_what_goes_in_and_out(pt2):
    _, told = pt2
    assert told["format"] == "pt2" and told["model"] == NAME
    assert told["inputs"] == [{"name": "rows", "dtype": "float32", "shape": ["batch", 34]}]
    assert told["outputs"] == [{"name": "output", "dtype": "float32", "shape": ["batch", 2]}]
    assert told["license"] == "Apache-2.0"
    assert told["classes"] == zoo.load(NAME).class_names
    assert set(told["versions"]) == {"torch", "zoo-core"}


@pytest.mark.parametrize("count", [1, 2, 7, 100])
def test_a_program_is_read_by_torch_and_takes_any_number_of_rows(pt2, count):
    path, told = pt2
    within = {exporting.ABOUT: ""}
    program = torch.export.load(path, extra_files=within).module()
    assert json.loads(within[exporting.ABOUT]) == told
    torch.testing.assert_close(program(rows(count)), zoo.load(NAME)(rows(count)))


@pytest.mark.parametrize("count", [1, 2, 7, 100])
def test_an_onnx_graph_is_read_by_its_runtime(onnx, count):
    import onnxruntime

    path, told = onnx
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    assert [one.name for one in session.get_inputs()] == ["rows"]
    assert session.get_inputs()[0].shape == ["batch", 34]
    assert json.loads(session.get_modelmeta().custom_metadata_map[exporting.ABOUT]) == told
    (found,) = session.run(["output"], {"rows": rows(count).numpy()})
    expected = zoo.load(NAME)(rows(count)).detach().numpy()
    numpy.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


def test_images_have_their_preprocessing_and_classes_beside_them():
    module = zoo.load("symnoise-mnist")
    told = exporting.about(module, registry().architecture("symnoise"))
    assert {"size", "mean", "std"} <= set(told["preprocessing"])
    assert told["classes"] == [str(digit) for digit in range(10)]


def test_a_module_that_was_changed_is_exported_as_it_is(tmp_path):
    module = zoo.load("ols-yarn")
    with torch.no_grad():
        for tensor in (*module.parameters(), *module.buffers()):
            if tensor.is_floating_point():
                tensor.mul_(2)
    zoo.export(module, tmp_path / "changed.pt2")
    program = torch.export.load(tmp_path / "changed.pt2").module()
    (x,) = module.example_inputs(3)
    torch.testing.assert_close(program(x), module(x))


def test_a_file_that_is_there_is_kept(pt2, zoo_here):
    path, _ = pt2
    before = path.read_bytes()
    with pytest.raises(zoo.BadInput, match="is there already; choose another file, or --force"):
        zoo.export(NAME, path)
    told = zoo_here("export", NAME, str(path))
    assert (told.code, path.read_bytes()) == (2, before)


@pytest.mark.parametrize(
    ("name", "format", "why"),
    [
        ("gcn-cora", "pt2", "it multiplies by sparse matrices"),
        ("gcn-cora", "onnx", "it multiplies by sparse matrices"),
        ("wl1-test", "pt2", "an algorithm whose course depends on the data"),
        ("mamba2-mqar", "onnx", "unrolled step by step, for one length"),
        ("hedgemamba-tinystories", "pt2", "unrolled step by step"),
        ("trained-gin-mutag", "onnx", "no ONNX for its sums over neighbours; write pt2."),
        ("s6-haar-exact", "pt2", "unrolled step by step"),
        ("ase-cora", "pt2", "the nodes of its own graph"),
    ],
)
def test_what_cannot_be_exported_is_refused_with_the_reason(tmp_path, zoo_here, name, format, why):
    path = tmp_path / f"model.{format}"
    with pytest.raises(zoo.BadInput, match=f"{name} cannot be exported to {format}: .*{why}"):
        zoo.export(name, path)
    told = zoo_here("export", name, str(path))
    assert told.code == 2 and told.err.count("\n") == 1 and why in told.err
    assert not list(tmp_path.iterdir())


def test_what_is_declared_says_of_each_format_whether_it_is_written():
    for spec in registry().architectures:
        if spec.exportable or spec.not_exported:
            assert {*spec.formats} | {*spec.not_exported} == {"pt2", "onnx"}, spec.name


PATHS = {
    "a folder": (lambda folder: folder, "is a folder; give a file"),
    "no suffix": (lambda folder: folder / "model", "has no suffix that says a format"),
    "another suffix": (lambda folder: folder / "model.bin", "expected .pt2 or .onnx, or --format"),
    "below a file": (lambda folder: _file(folder) / "model.pt2", "cannot be written to"),
    "where nobody can": (lambda folder: "/proc/model.pt2", "cannot be written to"),
}


def _file(folder):
    (folder / "file").touch()
    return folder / "file"


@pytest.mark.parametrize("case", PATHS)
def test_a_place_that_cannot_be_is_told_in_a_sentence(tmp_path, zoo_here, case):
    make, reason = PATHS[case]
    path = make(tmp_path)
    with pytest.raises(zoo.ZooError, match=reason):
        zoo.export(NAME, path)
    told = zoo_here("export", NAME, str(path))
    assert told.code in (2, 3) and reason in told.err and told.err.count("\n") == 1


def test_a_format_that_the_suffix_denies_is_refused(tmp_path, zoo_here):
    with pytest.raises(zoo.BadInput, match="is named as pt2, and onnx is asked for"):
        zoo.export(NAME, tmp_path / "model.pt2", format="onnx")
    with pytest.raises(zoo.BadInput, match="The format 'tflite' is unknown; expected pt2 or onnx"):
        zoo.export(NAME, tmp_path / "model", format="tflite")
    assert zoo_here("export", NAME, "model", "--format", "tflite").code == 2
    assert not list(tmp_path.iterdir())


def test_a_module_from_elsewhere_is_refused(tmp_path):
    with pytest.raises(zoo.BadInput, match=r"Linear was not made by the zoo; call torch\.export"):
        zoo.export(nn.Linear(2, 1), tmp_path / "model.pt2")


def test_onnx_without_its_packages_is_refused(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(zoo.BadInput, match=r"\(onnxruntime\); `pip install onnx onnxruntime"):
        zoo.export("ols-yarn", tmp_path / "model.onnx")
    assert not list(tmp_path.iterdir())


def test_a_program_with_other_numbers_is_not_written(tmp_path, monkeypatch):
    traced = programs.Program.__init__

    def other(self, module, architecture):
        traced(self, module, architecture)
        self.module = lambda *inputs: module(*inputs) * 1.0001

    monkeypatch.setattr(programs.Program, "__init__", other)
    with pytest.raises(OutputError, match=r"ols-yarn was not exported: on inputs of .* differ by"):
        zoo.export("ols-yarn", tmp_path / "model.pt2")
    assert not list(tmp_path.iterdir())


def test_inputs_of_several_sizes_are_tried():
    program = programs.Program(zoo.load(NAME), registry().architecture("ase"))
    assert [len(inputs[0]) for inputs in program.others()] == [8, 8, 8, 1, 2, 17]


def test_the_shell_shows_inputs_and_outputs_and_their_axes(tmp_path, zoo_here):
    told = zoo_here("export", "ols-yarn", str(tmp_path / "yarn.pt2"))
    assert told.code == 0
    assert told.out.split() == "input x float32 (batch, 268) output output float32 (batch)".split()
    asked = zoo_here("export", "ols-yarn", str(tmp_path / "yarn.pt2"), "--force", "--json")
    assert json.loads(asked.out)["inputs"][0]["shape"] == ["batch", 268]


@pytest.mark.parametrize(
    "declared",
    [
        {"not_exported": {"tflite": "why"}},
        {"not_exported": {"onnx": ""}},
        {"not_exported": "onnx"},
        {"axes": {"x": {"0": "batch"}}},
        {"axes": {"x": {0: "a batch"}}},
        {"axes": {"x": ["batch"]}},
    ],
    ids=str,
)
def test_a_spec_says_what_it_exports(declared):
    with pytest.raises(SpecError, match=f"{next(iter(declared))}=.* is wrong"):
        Architecture(name="a", cls="m:C", paper="p", task="t", summary="s", **declared)


def test_axes_of_inputs_that_are_none_are_told():
    spec = Architecture(
        name="a", cls="m:C", paper="p", task="t", summary="s", axes={"y": {0: "batch"}}
    )
    with pytest.raises(PluginError, match="declares axes of y, and forward takes x"):
        programs.named_axes(spec, ["x"], [torch.zeros(2)])


def test_inputs_that_one_name_takes_are_numbered():
    def forward(states, *images): ...

    parameters = list(inspect.signature(forward).parameters.values())
    assert [programs.names_of(parameters, count) for count in (1, 2, 3)] == [
        ["states"],
        ["states", "images"],
        ["states", "images_0", "images_1"],
    ]
