"""`zoo download` and `zoo cache`: filled for offline use, listed, verified, cleaned."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest

pytestmark = pytest.mark.parametrize("hub", ["lfs", "xet"], indirect=True)

REPO = "ann/toy-a"


class Reader:
    """Somebody with the toy plugin, whose toy-a was published twice, and what else is cached."""

    def __init__(self, site, hub, lock, weights):
        self.site, self.hub, self.weights = site, hub, weights
        self.package = site.add_toy()
        self.entry = lock
        (self.package / "weights").mkdir()
        self.old = self.put(REPO, {"note.txt": b"first"})
        self.new = self.put(REPO, {"note.txt": b"second"})
        self.other = self.put("bob/tuned", {})
        hub.put("eve/no-zoo", {"config.json": b"{}", "model.safetensors": weights})
        self.pin(self.new)

    def put(self, repo, more):
        about = {"architecture": "toy", "dataset": "toys", "options": {}}
        config = {"inputs": 4, "classes": 3, "zoo": {**about, "sha256": self.entry["sha256"]}}
        files = {"config.json": json.dumps(config).encode(), "model.safetensors": self.weights}
        return self.hub.put(repo, {**files, **more})

    def pin(self, commit):
        entry = {**self.entry, "repo": REPO, "revision": commit}
        (self.package / "weights" / "lock.json").write_text(json.dumps({"toy-a": entry}))

    def cache(self, *words):
        done = self.site.zoo("cache", *words, "--json")
        return done.json if done.code in (0, 1) else done.err

    def states(self):
        return sorted((row["repo"], row["state"]) for row in self.cache("list"))

    def partial(self):
        """Leave what a killed download leaves."""
        (blobs,) = (self.site.folder.parent / "hf").rglob("models--ann--toy-a/blobs")
        path = blobs / f"{'0' * 64}.12345678.incomplete"
        path.write_bytes(b"half")
        return path


@pytest.fixture
def reader(hub_site, hub, make_weights):
    weights, lock = make_weights()
    return Reader(hub_site, hub, lock, weights)


@pytest.fixture
def filled(reader):
    """A cache with a pinned, an old, an unlisted revision, and a repository that is not ours."""
    done = reader.site.zoo("download", "toy-a", f"{REPO}@{reader.old}", "bob/tuned", "--json")
    assert done.code == 0, done.err
    fetch = "from huggingface_hub import snapshot_download; snapshot_download('eve/no-zoo')"
    assert reader.site.python(fetch).code == 0
    return reader


def test_what_was_downloaded_is_there_offline(reader, hub):
    done = reader.site.zoo("download", "--all", "--json")
    assert [(row["model"], row["in"]) for row in done.json] == [("toy-a", "cache")]
    assert reader.site.zoo("download", "bob/tuned").code == 0
    hub.log.clear()
    code = "import zoo; print(*(type(zoo.load(n)).__name__ for n in ('toy-a', 'bob/tuned')))"
    offline = reader.site.python(code, HF_HUB_OFFLINE="1")
    assert (offline.code, offline.out) == (0, "Toy Toy\n"), offline.err
    assert hub.log == []


def test_states_and_what_clean_takes(filled):
    partial = filled.partial()
    listed = [("ann/toy-a", "old"), ("ann/toy-a", "partial"), ("ann/toy-a", "pinned")]
    kept = [("ann/toy-a", "pinned"), ("bob/tuned", "unlisted")]
    assert filled.states() == [*listed, ("bob/tuned", "unlisted")]
    doomed = filled.cache("clean", "--dry-run")
    assert {row["state"] for row in doomed} == {"old", "partial"}
    assert partial.exists()
    assert filled.cache("clean") == doomed
    assert not partial.exists()
    assert filled.states() == kept
    assert {row["verdict"] for row in filled.cache("verify")} == {"whole"}
    filled.cache("clean", "--all")
    assert filled.states() == []
    (left,) = (filled.site.folder.parent / "hf").rglob("models--eve--no-zoo/snapshots")
    assert [*left.rglob("model.safetensors")], "what is not the zoo's is left alone"


def test_a_download_that_goes_on_is_left_alone(filled):
    partial = filled.partial()
    lock = partial.parents[2] / ".locks" / "models--ann--toy-a" / f"{'0' * 64}.lock"
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, time, filelock\n"
            "with filelock.FileLock(sys.argv[1]):\n"
            "    print('held', flush=True); time.sleep(60)",
            str(lock),
        ],
        stdout=subprocess.PIPE,
    )
    try:
        assert holder.stdout.readline() == b"held\n"
        done = filled.site.zoo("cache", "clean", "--all", "--json")
        assert {row["repo"] for row in done.json} == {"bob/tuned"}
        assert done.err == "zoo: ann/toy-a is left alone: something of it is being downloaded.\n"
        assert filled.states() == [("ann/toy-a", "old"), ("ann/toy-a", "pinned")]
        assert partial.exists()
    finally:
        holder.kill()
        holder.wait()
    assert "partial" in {row["state"] for row in filled.cache("clean")}


def test_a_damaged_config_is_found_and_repaired(filled, tmp_path):
    (path,) = (tmp_path / "hf").rglob("models--bob--tuned/snapshots/*/config.json")
    path.resolve().chmod(0o644)
    path.write_text(path.read_text().replace('"inputs": 4', '"inputs": 5'))
    (row,) = [row for row in filled.cache("verify") if row["verdict"] != "whole"]
    assert (row["repo"], row["files"]) == ("bob/tuned", ["config.json"])
    assert filled.cache("verify", "bob/tuned", "--repair")[0]["verdict"] == "repaired"
    assert '"inputs": 4' in path.read_text()


def test_an_empty_config_hides_nothing_and_lost_weights_are_missed(filled, tmp_path):
    (path,) = (tmp_path / "hf").rglob("models--bob--tuned/snapshots/*/config.json")
    content = path.read_bytes()
    path.resolve().chmod(0o644)
    path.write_bytes(b"")
    weights = path.with_name("model.safetensors")
    weights.unlink()
    (row,) = filled.cache("verify", "bob/tuned", "--repair")
    assert (row["verdict"], row["files"]) == ("repaired", ["config.json", weights.name])
    assert path.read_bytes() == content
    assert weights.read_bytes() == filled.weights


def test_what_is_not_in_the_cache_cannot_be_verified(reader):
    assert reader.cache("list") == []
    assert "toy-a is not in the cache; fetch it with `zoo download toy-a`" in reader.cache(
        "verify", "toy-a"
    )


def test_an_offline_look_up_takes_no_time(filled):
    started = time.perf_counter()
    done = filled.site.zoo("download", "ann/other", HF_HUB_OFFLINE="1")
    assert time.perf_counter() - started < 10
    assert "HF_HUB_OFFLINE is set" in done.err
