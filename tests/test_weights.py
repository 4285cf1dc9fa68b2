"""Weights: where they are looked for, that each byte is checked, and that nothing is half-written.

The Hub is a real server on loopback, and each case with it a process of its own: its client reads
the environment when it is imported.
"""

from __future__ import annotations

import errno
import json
import os
import pickle
import re
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
import torch

import zoo
from zoo_core import weights
from zoo_core.errors import BadInput, WeightsError

COMMIT = "0123456789abcdef0123456789abcdef01234567"
REPO = "someone/toy-a"
LOCATE = """
import json
from zoo_core import weights
from zoo_core.errors import ZooError
from zoo_core.registry import registry

spec = registry().model("toy-a")
try:
    path = weights.locate(spec)
    weights.check_bytes(path, registry().lock(spec)["sha256"])
    print(json.dumps({"path": str(path)}))
except ZooError as error:
    print(json.dumps({"error": str(error), "exit_code": error.exit_code}))
"""


@pytest.fixture
def on_hub(site, hub, make_weights):
    """A plugin whose toy-a is on the Hub alone, and the Hub that has it."""
    package = site.add_toy()
    content, lock = make_weights()
    site.where = hub.put(REPO, COMMIT, content)
    site.content = content
    entry = {**lock, "repo": REPO, "revision": COMMIT}
    (package / "weights").mkdir()
    (package / "weights" / "lock.json").write_text(json.dumps({"toy-a": entry}))
    site.package = package
    return site


def locate(site, hub, **env):
    return site.python(LOCATE, HF_ENDPOINT=hub.url, **env).json


def test_explicit_then_embedded_then_cached_then_hub(on_hub, hub, tmp_path):
    first = locate(on_hub, hub)
    assert first["path"].startswith(str(tmp_path / "hf"))
    asked = [method for method, path in hub.log if "model.safetensors" in path or "lfs" in path]
    assert "GET" in asked
    assert all(COMMIT in path for _, path in hub.log if "resolve" in path)
    hub.log.clear()
    assert locate(on_hub, hub) == first
    assert hub.log == [], "a pinned, cached file costs no request"
    assert locate(on_hub, hub, HF_HUB_OFFLINE="1") == first
    embedded = on_hub.package / "weights" / "toy-a.safetensors"
    embedded.write_bytes(on_hub.content)
    assert locate(on_hub, hub)["path"] == str(embedded)
    explicit = tmp_path / "mine.safetensors"
    explicit.write_bytes(on_hub.content)
    embedded.write_bytes(b"damaged")
    on_hub.use()
    assert zoo.load("toy-a", weights=explicit).layer.weight[0, 0] == 1
    assert hub.log == []


@pytest.mark.slow
def test_loading_from_the_hub_end_to_end(on_hub, hub):
    code = "import zoo; print(zoo.load('toy-a').layer.weight.trace().item())"
    for _ in range(2):
        done = on_hub.python(code, HF_ENDPOINT=hub.url)
        assert (done.code, done.out) == (0, "3.0\n"), done.err
        assert done.err == "", "no progress bar where there is no terminal"
    assert sum(method == "GET" and "lfs" in path for method, path in hub.log) == 1


def test_two_processes_may_load_the_same_model_at_once(on_hub, hub):
    env = on_hub.env(HF_ENDPOINT=hub.url)
    children = [
        subprocess.Popen([sys.executable, "-c", LOCATE], env=env, stdout=subprocess.PIPE)
        for _ in range(3)
    ]
    answers = [json.loads(child.communicate(timeout=60)[0]) for child in children]
    assert len({answer["path"] for answer in answers}) == 1


def test_a_byte_flipped_in_the_cache_is_refused_and_can_be_had_again(on_hub, hub):
    path = Path(locate(on_hub, hub)["path"])
    blob = path.resolve()
    damaged = bytearray(on_hub.content)
    damaged[-1] ^= 1
    blob.chmod(0o644)
    blob.write_bytes(damaged)
    answer = locate(on_hub, hub)
    assert answer["exit_code"] == 3
    assert "is damaged or not the right file" in answer["error"]
    assert "delete it and load again" in answer["error"]
    named = Path(answer["error"].split(" is damaged")[0])
    named.unlink()
    assert Path(locate(on_hub, hub)["path"]).read_bytes() == on_hub.content


def test_a_truncated_file_in_the_cache_is_refused(on_hub, hub):
    blob = Path(locate(on_hub, hub)["path"]).resolve()
    blob.chmod(0o644)
    os.truncate(blob, 30)
    assert "is damaged" in locate(on_hub, hub)["error"]


def test_other_bytes_from_the_server_are_refused(on_hub, hub, make_weights):
    hub.files[on_hub.where] = make_weights(2.0)[0]
    assert "is damaged or not the right file" in locate(on_hub, hub)["error"]


@pytest.mark.slow
def test_a_cut_connection_is_survived_or_told(on_hub, hub, tmp_path):
    hub.faults[on_hub.where] = [("cut", 20)]
    assert "path" in locate(on_hub, hub)
    hub.faults[on_hub.where] = [("cut", 20)] * 100
    answer = locate(on_hub, hub, HF_HOME=str(tmp_path / "other"))
    assert answer["exit_code"] == 3
    assert "The weights of toy-a could not be" in answer["error"]
    assert REPO in answer["error"]
    whole = [path for path in (tmp_path / "other").rglob("model.safetensors")]
    assert whole == [], "nothing half-written where a whole file is expected"


def test_offline_without_a_cache_fails_at_once_in_one_sentence(on_hub, hub):
    started = time.perf_counter()
    done = on_hub.zoo("predict", "toy-a", HF_HUB_OFFLINE="1", HF_ENDPOINT=hub.url)
    assert time.perf_counter() - started < 10
    assert done.code == 3
    assert done.err.count("\n") == 1
    assert done.err.startswith("zoo: The weights of toy-a are not in the cache")
    assert "weights=PATH" in done.err
    assert hub.log == []


def test_a_missing_repository_is_told(on_hub, hub):
    hub.redirects.clear()
    answer = locate(on_hub, hub)
    assert answer["exit_code"] == 3
    assert f"The Hub answered 404 for {REPO} at {COMMIT[:12]}" in answer["error"]
    assert "HF_TOKEN" in answer["error"]


def test_a_cache_that_cannot_be_written_is_told(on_hub, hub, tmp_path):
    (tmp_path / "file").write_text("")
    answer = locate(on_hub, hub, HF_HOME=str(tmp_path / "file" / "hf"))
    assert "could not be kept in the cache (not a directory)" in answer["error"]
    assert "HF_HOME" in answer["error"]


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
    assert first.config == {"inputs": 4, "classes": 3}
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
    with pytest.raises(WeightsError, match="is damaged or not the right file"):
        zoo.load("toy-a", weights=path)


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
def test_a_file_that_may_not_grow_is_told_and_leaves_nothing(tmp_path):
    """The system itself refuses here, in the middle of writing; safetensors has its own errors."""
    code = """
    import resource, signal, sys
    from pathlib import Path
    import torch
    from zoo_core import weights
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
    weights.write_json(path, {"old": 1})
    with pytest.raises(KeyboardInterrupt), weights.whole_file(path) as part:
        part.write_text("half")
        raise KeyboardInterrupt
    assert json.loads(path.read_text()) == {"old": 1}
    assert leftovers(tmp_path) == ["data.json"]


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(WeightsError, match="choose another folder"):
        weights.write_json(tmp_path / "file" / "data.json", 1)


def test_tied_tensors_are_stored_once(tmp_path):
    module = torch.nn.ModuleDict({"a": torch.nn.Linear(2, 2), "b": torch.nn.Linear(2, 2)})
    module["b"].weight = module["a"].weight
    weights.write_tensors(module, tmp_path / "m.safetensors")
    assert set(weights.read_tensors(tmp_path / "m.safetensors")) == {
        "a.weight",
        "a.bias",
        "b.bias",
    }
