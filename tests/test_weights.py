"""Weights: looked for in order, every byte checked, nothing half-written."""

from __future__ import annotations

import errno
import json
import os
import pickle
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
import torch

import zoo
from zoo_core import _disk
from zoo_core._loading import weights
from zoo_core.errors import BadInput, WeightsError


def test_a_model_without_weights_says_how_to_make_them(toy):
    with pytest.raises(WeightsError, match=r"zoo train toy-b --embed.*zoo.create\('toy-b'\)"):
        zoo.load("toy-b")


def test_weights_that_are_nowhere_are_told(toy):
    (toy.folder / "zoo_toy" / "weights" / "toy-a.safetensors").unlink()
    with pytest.raises(WeightsError, match=r"neither in its plugin's package nor on the Hub"):
        zoo.load("toy-a")


def test_loading_is_deterministic_and_has_no_side_effect(toy):
    torch.manual_seed(0)
    before = torch.get_rng_state()
    first, second = zoo.load("toy-a"), zoo.load("toy-a")
    assert torch.equal(before, torch.get_rng_state())
    assert not first.training
    assert torch.equal(first.layer.weight, second.layer.weight)
    assert first.zoo_made.shape == {"inputs": 4, "classes": 3}
    assert zoo.load("toy-a", dtype=torch.float64).layer.weight.dtype == torch.float64
    assert zoo.load("toy-a", device="meta").layer.weight.is_meta


def test_the_hash_is_checked_on_every_load(toy, make_weights):
    path = toy.folder / "zoo_toy" / "weights" / "toy-a.safetensors"
    zoo.load("toy-a")
    path.write_bytes(make_weights(2.0)[0])
    with pytest.raises(WeightsError, match=r"its SHA-256 is .*expected"):
        zoo.load("toy-a")
    assert zoo.load("toy-a", verify=False).layer.weight[0, 0] == 2


class Exploding:
    def __reduce__(self):
        return os.mkdir, ("pickle-was-read",)


GARBAGE = {
    "pickle": (pickle.dumps(Exploding()), "it is a pickle, which is never read"),
    "zip": (b"PK\x03\x04" + b"\0" * 50, "it is a pickle, which is never read"),
    "empty": (b"", "header.?too.?small"),
    "noise": (bytes(range(256)), "not a whole safetensors file"),
    "huge header": (b"\xff" * 8 + b"{}", "header.?too.?large"),
}


@pytest.mark.parametrize(("content", "reason"), GARBAGE.values(), ids=GARBAGE.keys())
def test_only_safetensors_are_read(toy, tmp_path, content, reason):
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    with pytest.raises(WeightsError) as caught:
        zoo.load("toy-a", weights=path, verify=False)
    assert str(path) in str(caught.value)
    assert re.search(reason, str(caught.value), re.IGNORECASE)
    assert not (tmp_path / "pickle-was-read").exists()
    (toy.folder / "zoo_toy" / "weights" / "toy-a.safetensors").write_bytes(content)
    with pytest.raises(WeightsError, match="is damaged or not the right file"):
        zoo.load("toy-a")


def test_a_file_of_ones_own_has_no_hash_to_be_held_against(toy, tmp_path, make_weights):
    path = tmp_path / "mine.safetensors"
    path.write_bytes(make_weights(2.0)[0])
    assert zoo.load("toy-a", weights=path).layer.weight[0, 0] == 2
    assert zoo.load("toy-a", weights=str(path)).zoo_source.sha256 is None
    (result,) = zoo.evaluate(zoo.load("toy-a", weights=path), "toys")
    assert result.note == f"the weights are those of {path}, not toy-a's own"
    assert result.command == ""
    (result,) = zoo.evaluate("toy-a", "toys")
    assert (result.note, result.command) == ("", "zoo evaluate toy-a")


@pytest.mark.parametrize("name", ["toy-a", "./mine", "ann/toy-a@" + "1" * 40])
def test_a_file_of_one_s_own_that_is_not_there_is_told(toy, tmp_path, monkeypatch, name):
    mine = tmp_path / "mine"
    mine.mkdir()
    about = {"architecture": "toy", "sha256": "0" * 64, "dataset": "toys", "options": {}}
    config = mine / "config.json"
    config.write_text(json.dumps({"inputs": 4, "classes": 3, "zoo": about}))
    monkeypatch.setattr("zoo_core._loading.hub.fetch", lambda repo, path, commit: config)
    monkeypatch.setenv("HOME", str(tmp_path))
    for missing in (tmp_path / "none", "none.safetensors", "~/none", tmp_path):
        with pytest.raises(BadInput, match=r"There is no weights file .*give the path of a safet"):
            zoo.load(name, weights=missing)
    kept = toy.folder / "zoo_toy" / "weights" / "toy-a.safetensors"
    (tmp_path / "own.safetensors").write_bytes(kept.read_bytes())
    assert zoo.load(name, weights="~/own.safetensors").layer.weight.shape == (3, 4)


@pytest.mark.parametrize(
    "dtype",
    "float16 bfloat16 float32 float64 complex64 complex128 float8_e4m3fn float8_e5m2".split(),
)
def test_nan_is_told_in_every_kind_of_number(dtype):
    whole = torch.ones(3, 4).to(getattr(torch, dtype))
    weights.check_numbers({"a": whole, "ids": torch.arange(3)}, Path("w.safetensors"))
    one = torch.ones(12, dtype=torch.float32)
    one[7] = float("nan")
    broken = {"a": whole, "b": one.reshape(3, 4).to(getattr(torch, dtype))}
    with pytest.raises(WeightsError, match="holds NaN in 'b'"):
        weights.check_numbers(broken, Path("w.safetensors"))


def test_infinities_are_no_nan():
    weights.check_numbers({"a": torch.tensor([float("inf"), -float("inf")])}, Path("w.safetensors"))
    weights.check_numbers(
        {"a": torch.full((9,), 65504.0, dtype=torch.float16)}, Path("w.safetensors")
    )


def test_weights_that_are_nan_are_told(toy, tmp_path, make_weights):
    path = tmp_path / "mine.safetensors"
    path.write_bytes(make_weights(float("nan"))[0])
    with pytest.raises(WeightsError, match=r"holds NaN in 'layer\.weight'.*verify=False"):
        zoo.load("toy-a", weights=path)
    assert zoo.load("toy-a", weights=path, verify=False).layer.weight.isnan().all()
    infinite = torch.tensor([float("inf"), float("-inf")])
    weights.check_numbers({"a": infinite, "b": torch.ones(2, dtype=torch.int64)}, path)


@pytest.mark.parametrize("length", [4, 8, 50, -1])
def test_a_truncated_file_is_refused(toy, tmp_path, make_weights, length):
    path = tmp_path / "model.safetensors"
    path.write_bytes(make_weights()[0][:length])
    with pytest.raises(WeightsError, match="not a whole safetensors file"):
        zoo.load("toy-a", weights=path, verify=False)


def test_a_missing_explicit_file_is_wrong_use(toy, tmp_path):
    for path in (tmp_path / "none.safetensors", tmp_path):
        with pytest.raises(BadInput, match="There is no weights file"):
            zoo.load("toy-a", weights=path)


def full_disk(*args, **kwargs):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def leftovers(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_full_disk_leaves_the_original(tmp_path, monkeypatch):
    path = tmp_path / "deep" / "model.safetensors"
    module = torch.nn.Linear(2, 2)
    weights.write_tensors(module, path)
    content = path.read_bytes()
    monkeypatch.setattr(Path, "replace", full_disk)
    with pytest.raises(WeightsError, match=r"no space is left on the disk.*nothing was changed"):
        weights.write_tensors(torch.nn.Linear(3, 3), path)
    assert path.read_bytes() == content
    assert leftovers(path.parent) == ["model.safetensors"]


@pytest.mark.slow
def test_what_a_killed_process_left_is_swept_when_the_file_is_written_again(tmp_path):
    code = """
    import os, sys
    from pathlib import Path
    from zoo_core._disk import whole_file
    with whole_file(Path(sys.argv[1])) as part:
        part.write_bytes(b"half")
        os._exit(9)
    """
    path = tmp_path / "m.safetensors"
    path.write_bytes(b"old")
    other = tmp_path / ".n.safetensors.here-1-x.part"
    other.write_bytes(b"another file's")
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code), str(path)])
    assert done.returncode == 9
    (left,) = {*tmp_path.iterdir()} - {path, other}
    assert left.name.endswith(".part")
    with _disk.whole_file(tmp_path / "m.safetensors") as part:
        assert not left.exists()
        part.write_bytes(b"new")
    assert leftovers(tmp_path) == [other.name, path.name]
    assert path.read_bytes() == b"new"


@pytest.mark.slow
def test_a_file_that_may_not_grow_is_told_and_leaves_nothing(tmp_path):
    """The system itself refuses here, in the middle of writing; safetensors has its own errors."""
    code = """
    import resource, signal, sys
    from pathlib import Path
    import torch
    from zoo_core._loading import weights
    from zoo_core.errors import WeightsError
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
    try:
        weights.write_tensors(torch.nn.Linear(300, 300), Path(sys.argv[1]) / "m.safetensors")
    except WeightsError as error:
        print(error)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "m.safetensors could not be written (file too large)" in done.stdout, done.stderr
    assert leftovers(tmp_path) == []


def test_an_interrupt_while_writing_leaves_the_original(tmp_path):
    path = tmp_path / "data.json"
    _disk.write_json(path, {"old": 1})
    with pytest.raises(KeyboardInterrupt), _disk.whole_file(path) as part:
        part.write_text("half")
        raise KeyboardInterrupt
    assert json.loads(path.read_text()) == {"old": 1}
    assert leftovers(tmp_path) == ["data.json"]


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(WeightsError, match="choose another folder"):
        _disk.write_json(tmp_path / "file" / "data.json", 1)


def test_tied_tensors_are_stored_once(tmp_path):
    module = torch.nn.ModuleDict({"a": torch.nn.Linear(2, 2), "b": torch.nn.Linear(2, 2)})
    module["b"].weight = module["a"].weight
    weights.write_tensors(module, tmp_path / "m.safetensors")
    assert set(weights.read_tensors(tmp_path / "m.safetensors")) == {
        "a.weight",
        "a.bias",
        "b.bias",
    }


def test_what_a_module_holds_is_counted_once():
    module = torch.nn.Sequential(torch.nn.Linear(3, 3), torch.nn.Linear(3, 3))
    module[1].weight = module[0].weight
    module.register_buffer("fitted", torch.zeros(2, 5))
    module.register_buffer("again", module.fitted)
    module.register_buffer("passing", torch.zeros(7), persistent=False)
    assert weights.counts_of(module) == {"parameters": 9 + 3 + 3, "buffers": 10}
