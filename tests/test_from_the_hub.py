"""Weights from the Hub: pinned, checked, shared between processes, survived or told when it fails.

The Hub is a real server on loopback, and each case with it a process of its own: its client reads
the environment when it is imported. A case runs with both transports of large files, but where
nothing differs between them, or the bytes of one do not pass through this server.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest

REPO = "someone/toy-a"
WEIGHTS = "model.safetensors"
LARGE = Random(0).randbytes(12 * 2**20)
LOCATE = """
import json
from zoo_core._loading import weights
from zoo_core.errors import ZooError
from zoo_core._registry.registry import registry

spec = registry().model("toy-a")
try:
    path = weights.locate(spec)
    weights.check_bytes(path, registry().lock(spec)["sha256"])
    print(json.dumps({"path": str(path)}))
except ZooError as error:
    print(json.dumps({"error": str(error), "exit_code": error.exit_code}))
"""

lfs_only = pytest.mark.parametrize("hub", ["lfs"], indirect=True)


class OnHub:
    """A plugin whose toy-a is on the Hub alone."""

    def __init__(self, site, hub, lock):
        self.site, self.hub, self.entry = site, hub, lock
        self.package = site.add_toy()
        (self.package / "weights").mkdir()

    def put(self, content):
        """Put weights on the Hub, and pin them."""
        self.content = content
        self.commit = self.hub.put(REPO, {WEIGHTS: content})
        self.pin(self.commit, content)

    def pin(self, commit, content):
        entry = {**self.entry, "sha256": sha256(content).hexdigest(), "size": len(content)}
        entry |= {"repo": REPO, "revision": commit}
        path = self.package / "weights" / "lock.json"
        path.write_text(json.dumps({"toy-a": entry}))

    def start(self, code=LOCATE, **env):
        return subprocess.Popen(
            [sys.executable, "-c", code],
            env=self.site.env(**env),
            stdout=subprocess.PIPE,
            text=True,
        )

    def locate(self, **env):
        return self.site.python(LOCATE, **env).json

    def cached(self, pattern=WEIGHTS, home="hf"):
        return sorted((self.site.folder.parent / home).rglob(pattern))


@pytest.fixture
def on_hub(hub_site, hub, make_weights):
    content, lock = make_weights()
    made = OnHub(hub_site, hub, lock)
    made.put(content)
    return made


@pytest.fixture
def large(hub_site, hub, make_weights):
    made = OnHub(hub_site, hub, make_weights()[1])
    made.put(LARGE)
    return made


@pytest.fixture
def transport(hub):
    return "xet" if hub.state.xet else "lfs"


def test_embedded_then_cached_then_hub(on_hub, hub, tmp_path):
    first = on_hub.locate()
    assert first["path"].startswith(str(tmp_path / "hf"))
    asked = [request.path for request in hub.log if "resolve" in request.path]
    assert asked and all(on_hub.commit in path for path in asked)
    hub.log.clear()
    assert on_hub.locate() == first
    assert on_hub.locate(HF_HUB_OFFLINE="1") == first
    assert hub.log == [], "a pinned, cached file costs no request"
    embedded = on_hub.package / "weights" / "toy-a.safetensors"
    embedded.write_bytes(on_hub.content)
    assert on_hub.locate()["path"] == str(embedded)


@pytest.mark.slow
def test_loading_end_to_end(on_hub, hub):
    code = "import zoo; print(zoo.load('toy-a').layer.weight.trace().item())"
    for _ in range(2):
        done = on_hub.site.python(code)
        assert (done.code, done.out) == (0, "3.0\n"), done.err
        assert done.err == "", "no progress bar where there is no terminal"


def test_what_is_pinned_stays_when_main_moves(on_hub, hub, make_weights):
    hub.put(REPO, {WEIGHTS: make_weights(2.0)[0]})
    assert Path(on_hub.locate()["path"]).read_bytes() == on_hub.content


@lfs_only
def test_offline_without_a_cache_fails_within_a_second_in_one_sentence(on_hub, hub):
    code = """
import time
from zoo_core._loading import weights
from zoo_core._registry.registry import registry
spec = registry().model("toy-a")
started = time.process_time()
try:
    weights.locate(spec)
except weights.WeightsError as error:
    print(error)
print(time.process_time() - started)
"""
    told, seconds = on_hub.site.python(code, HF_HUB_OFFLINE="1").out.splitlines()
    assert float(seconds) < 1
    assert told == (
        "The weights of toy-a could not be downloaded: it is not in the cache, and HF_HUB_OFFLINE "
        f"is set; unset it, or fetch {REPO} once with `zoo download` where there is a network."
    )
    done = on_hub.site.zoo("predict", "toy-a", HF_HUB_OFFLINE="1")
    assert (done.code, done.err) == (3, f"zoo: {told}\n")
    assert hub.log == []


@lfs_only
def test_a_server_that_cannot_be_reached_is_told(on_hub, hub):
    code = "import huggingface_hub.utils._http as http; http.time.sleep = lambda seconds: None\n"
    done = on_hub.site.python(code + LOCATE, HF_ENDPOINT="http://127.0.0.1:9")
    assert done.json["exit_code"] == 3
    assert f"it is not in the cache, and {REPO} cannot be reached" in done.json["error"]


@lfs_only
def test_a_cut_connection_is_survived_and_then_told(large, hub):
    hub.fault(path="/lfs/", cut=3_000_000)
    assert Path(large.locate()["path"]).read_bytes() == LARGE
    hub.fault(path="/lfs/", cut=20, times=None)
    answer = large.locate(HF_HOME=str(large.site.folder.parent / "other"))
    assert answer["exit_code"] == 3
    assert answer["error"].startswith("The weights of toy-a could not be downloaded: ")
    assert REPO in answer["error"]
    assert large.cached(home="other") == [], "nothing half-written where a whole file is expected"
    assert "path" in large.locate()


@lfs_only
def test_a_killed_process_leaves_nothing_that_the_next_one_trips_over(large, hub):
    # The client writes ten mebibytes at a time.
    hub.fault(path="/lfs/", stall_after=11 * 2**20, delay=60)
    child = large.start()
    deadline = time.monotonic() + 30
    while not large.cached("*.incomplete") or not large.cached("*.incomplete")[0].stat().st_size:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert large.cached() == []
    assert Path(large.locate()["path"]).read_bytes() == LARGE


@pytest.mark.parametrize("hub", ["xet"], indirect=True)
def test_a_process_killed_with_xet_leaves_nothing_that_the_next_one_trips_over(large):
    child = large.start(
        "import os, sys\n"
        "from huggingface_hub import file_download\n"
        "file_download.xet_get = lambda **more: os._exit(9)\n" + LOCATE
    )
    assert child.wait() == 9
    assert large.cached() == []
    assert Path(large.locate()["path"]).read_bytes() == LARGE


@pytest.mark.parametrize("damage", ["flipped", "truncated"])
def test_a_damaged_cache_is_refused_and_repaired(on_hub, hub, damage):
    path = Path(on_hub.locate()["path"])
    blob = path.resolve()
    blob.chmod(0o644)
    if damage == "flipped":
        damaged = bytearray(on_hub.content)
        damaged[-1] ^= 1
        blob.write_bytes(damaged)
    else:
        os.truncate(blob, 30)
    answer = on_hub.locate()
    assert answer["exit_code"] == 3
    assert answer["error"].startswith(f"{path} is damaged or not the right file")
    assert "`zoo cache verify --repair`" in answer["error"]
    found = on_hub.site.zoo("cache", "verify", "--json")
    assert (found.code, found.json[0]["verdict"]) == (1, "damaged")
    assert found.json[0]["files"] == [WEIGHTS]
    repaired = on_hub.site.zoo("cache", "verify", "toy-a", "--repair", "--json")
    assert repaired.code == 0, repaired.err
    assert repaired.json[0]["verdict"] == "repaired"
    assert on_hub.site.zoo("cache", "verify", "--json").json[0]["verdict"] == "whole"
    assert path.read_bytes() == on_hub.content
    assert on_hub.locate() == {"path": str(path)}


def test_a_file_that_is_gone_from_the_cache_is_had_again(on_hub):
    path = Path(on_hub.locate()["path"])
    path.resolve().unlink()
    assert on_hub.locate() == {"path": str(path)}


def test_other_bytes_than_were_pinned_are_refused_even_if_the_hub_stands_by_them(
    on_hub, hub, make_weights
):
    other = hub.put(REPO, {WEIGHTS: make_weights(2.0)[0]})
    on_hub.pin(other, on_hub.content)
    assert "is damaged or not the right file" in on_hub.locate()["error"]
    done = on_hub.site.zoo("cache", "verify", "--repair")
    assert done.code == 3
    assert "is not what the plugin was made with" in done.err


@lfs_only
def test_a_byte_flipped_on_the_way_is_refused(on_hub, hub):
    hub.fault(path="/lfs/", flip=70)
    assert "is damaged or not the right file" in on_hub.locate()["error"]
    assert on_hub.site.zoo("cache", "verify", "--repair").code == 0
    assert "path" in on_hub.locate()


def test_a_wrong_hash_from_the_server_is_not_believed(large, hub, transport, make_weights):
    """Only the pinned SHA-256 counts; with Xet a wrong hash would bring another file's bytes."""
    if transport == "lfs":
        hub.fault("HEAD", WEIGHTS, etag="0" * 64)
        assert Path(large.locate()["path"]).read_bytes() == LARGE
        assert large.site.zoo("cache", "verify").code == 1
        assert large.site.zoo("cache", "verify", "--repair").code == 0
        return
    hub.put("someone/other", {WEIGHTS: LARGE[::-1]})
    other = hub.state.xet_hashes[sha256(LARGE[::-1]).hexdigest()]
    fault = hub.fault("HEAD", WEIGHTS, headers={"X-Xet-Hash": other})
    assert "is damaged or not the right file" in large.locate()["error"]
    assert fault.hits == 1


REFUSALS = {
    "no repository": ({}, "the Hub has no repository someone/toy-a, or it is private"),
    "private": ({"private": True}, "the Hub has no repository someone/toy-a, or it is private"),
    "gated": ({"gated": "manual"}, "someone/toy-a is gated; ask for access on its page"),
}


@lfs_only
@pytest.mark.parametrize("case", REFUSALS)
@pytest.mark.parametrize("token", ["", "hf_stranger"])
def test_who_may_not_read_is_told(on_hub, hub, case, token):
    how, expected = REFUSALS[case]
    hub.add_token("hf_stranger", "stranger")
    if how:
        hub.put(REPO, {"more.txt": b"more"}, **how)
    else:
        hub.state.repos.clear()
    answer = on_hub.locate(HF_TOKEN=token)
    assert answer["exit_code"] == 3
    assert expected in answer["error"]
    assert "HF_TOKEN" in answer["error"]
    assert "hf_stranger" not in answer["error"]


def test_who_may_read_reads(on_hub, hub):
    hub.add_token("hf_friend", "friend")
    hub.put(REPO, {"more.txt": b"more"}, gated="manual")
    hub.allow(REPO, "friend")
    assert "path" in on_hub.locate(HF_TOKEN="hf_friend")


@lfs_only
def test_a_wrong_token_a_missing_commit_and_a_missing_file_are_told(on_hub, hub):
    home = str(on_hub.site.folder.parent / "{}")
    told = on_hub.locate(HF_TOKEN="hf_wrong", HF_HOME=home.format(1))["error"]
    assert "does not take the access token; log in again" in told
    on_hub.pin("0" * 40, on_hub.content)
    assert "has no revision 0000" in on_hub.locate(HF_HOME=home.format(2))["error"]
    empty = hub.put("someone/empty", {"a.txt": b"a"})
    on_hub.entry["repo"] = "someone/empty"
    path = on_hub.package / "weights" / "lock.json"
    entry = json.loads(path.read_text())["toy-a"]
    path.write_text(json.dumps({"toy-a": {**entry, "repo": "someone/empty", "revision": empty}}))
    told = on_hub.locate(HF_HOME=home.format(3))["error"]
    assert f"someone/empty has no such file at {empty[:12]}" in told


@lfs_only
@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_asked_again(on_hub, hub, status):
    fault = hub.fault("HEAD", WEIGHTS, status=status, retry_after=1)
    assert "path" in on_hub.locate()
    assert fault.hits == 1


@lfs_only
def test_a_server_that_stays_busy_is_told(on_hub, hub):
    hub.fault("HEAD", WEIGHTS, status=503, times=None)
    code = "import huggingface_hub.utils._http as http; http.time.sleep = lambda seconds: None\n"
    answer = on_hub.site.python(code + LOCATE).json
    assert "the Hub answered 503 for someone/toy-a" in answer["error"]
    assert "try again later" in answer["error"]


@pytest.mark.slow
def test_twenty_processes_load_the_same_model_at_once(large, hub, transport):
    children = [large.start() for _ in range(20)]
    answers = [json.loads(child.communicate(timeout=120)[0]) for child in children]
    assert len({answer["path"] for answer in answers}) == 1, answers
    assert Path(answers[0]["path"]).read_bytes() == LARGE
    if transport == "lfs":
        sent = sum(request.sent for request in hub.log if "/lfs/" in request.path)
        assert sent == len(LARGE), "one download's worth of bytes"


def test_a_disk_that_is_full_is_told(large, hub):
    limited = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4_000_000, 4_000_000))
"""
    answer = large.site.python(limited + LOCATE).json
    assert answer["exit_code"] == 3
    assert answer["error"].startswith("The weights of toy-a could not be downloaded: ")
    assert large.cached() == [], "nothing half-written where a whole file is expected"
    assert "path" in large.locate()


@lfs_only
def test_a_cache_that_cannot_be_written_is_told(on_hub, tmp_path):
    (tmp_path / "file").write_text("")
    answer = on_hub.locate(HF_HOME=str(tmp_path / "file" / "hf"))
    assert "the cache cannot keep it (not a directory)" in answer["error"]
    assert "HF_HOME" in answer["error"]
