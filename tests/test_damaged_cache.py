"""A cache with damaged and lost files: what is the zoo's is still seen, and nothing else is."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from pathlib import Path

import huggingface_hub.constants
import pytest
from huggingface_hub.utils import _cache_manager

from zoo_core._loading import cache, cache_cleaning, cache_verifying, hub
from zoo_core._registry.registry import registry
from zoo_core._registry.specs import Base, File
from zoo_core.errors import WeightsError

WEIGHTS = b"weights"
ABOUT = {
    "architecture": "toy",
    "dataset": "toys",
    "options": {},
    "sha256": hashlib.sha256(WEIGHTS).hexdigest(),
}
CONFIG = json.dumps({"inputs": 4, "zoo": ABOUT}).encode()


class Cached:
    """One repository with one revision, in a cache made by hand."""

    def __init__(
        self, home: Path, repo: str, config: bytes, revision: str = "1" * 40, kind: str = "models"
    ) -> None:
        self.repo = repo
        self.folder = home / f"{kind}--{repo.replace('/', '--')}"
        self.snapshot = self.folder / "snapshots" / revision
        self.config = self.put("config.json", config)

    def put(self, name: str, content: bytes) -> Path:
        header = b"blob %d\0" % len(content)
        blob = self.folder / "blobs" / hashlib.sha1(header + content).hexdigest()
        blob.parent.mkdir(parents=True, exist_ok=True)
        blob.write_bytes(content)
        self.snapshot.mkdir(parents=True, exist_ok=True)
        (self.snapshot / name).parent.mkdir(parents=True, exist_ok=True)
        (self.snapshot / name).symlink_to(blob)
        return self.snapshot / name


@pytest.fixture
def home(toy, tmp_path, monkeypatch):
    home = tmp_path / "hub"
    home.mkdir()
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(home))
    monkeypatch.setattr(_cache_manager, "HF_HUB_CACHE", str(home))
    return home


@pytest.fixture
def ours(home):
    made = Cached(home, "bob/tuned", CONFIG)
    made.put("model.safetensors", WEIGHTS)
    hub.remember("bob/tuned")
    return made


def seen():
    return [(entry.repo, entry.state) for entry in cache.entries()]


def empty(path: Path) -> None:
    path.write_bytes(b"")


def lose(path: Path) -> None:
    path.resolve().unlink()


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9])


def replace_link(path: Path) -> None:
    path.unlink()
    path.write_bytes(b"")


HARMS = [empty, lose, cut, replace_link, lambda path: path.write_bytes(b"\xff\x00")]


@pytest.mark.parametrize("harm", HARMS, ids=["empty", "lost", "cut", "no link", "binary"])
def test_a_damaged_config_hides_nothing(ours, harm):
    harm(ours.config)
    assert seen() == [("bob/tuned", "unlisted")]
    (check,) = cache_verifying.verify()
    assert (check.verdict, check.files) == ("damaged", ["config.json"])
    assert [entry.repo for entry in cache_cleaning.clean(every=True)] == ["bob/tuned"]
    assert seen() == []
    assert not ours.snapshot.exists()


def test_a_damaged_config_that_still_says_so_needs_no_mark(home):
    made = Cached(home, "bob/tuned", CONFIG)
    cut(made.config)
    assert seen() == [("bob/tuned", "unlisted")]


def test_another_revision_says_whose_a_damaged_one_is(home):
    Cached(home, "bob/tuned", CONFIG).put("model.safetensors", WEIGHTS)
    made = Cached(home, "bob/tuned", CONFIG + b"\n", "2" * 40)
    made.put("model.safetensors", WEIGHTS)
    empty(made.config)
    assert seen() == [("bob/tuned", "unlisted")] * 2
    assert [check.verdict for check in cache_verifying.verify()] == ["whole", "damaged"]


def test_a_lost_blob_or_ref_hides_nothing(ours):
    lose(ours.snapshot / "model.safetensors")
    (ours.folder / "refs").mkdir()
    (ours.folder / "refs" / "main").write_text("")
    assert seen() == [("bob/tuned", "unlisted")]
    (check,) = cache_verifying.verify(["bob/tuned"])
    assert check.files == ["model.safetensors"]
    list(cache_cleaning.clean(every=True))
    assert not ours.folder.exists()


@pytest.mark.parametrize("harm", [empty, lose])
def test_weights_of_which_nothing_is_known_are_verified_and_never_cleaned(home, harm):
    made = Cached(home, "bob/tuned", b'{"inputs": 4}')
    weights = made.put("model.safetensors", b"weights")
    assert seen() == []
    harm(made.config)
    assert seen() == [("bob/tuned", "unknown")]
    (check,) = cache_verifying.verify()
    assert (check.verdict, check.files) == ("damaged", ["config.json"])
    assert list(cache_cleaning.clean(every=True)) == []
    assert weights.exists()


def test_what_is_not_the_zoo_s_is_left_alone(home):
    other = Cached(home, "eve/no-zoo", b"{}")
    assert seen() == []
    empty(other.config)
    assert seen() == []
    assert list(cache_cleaning.clean(every=True)) == []
    assert other.config.exists()


def test_a_revision_that_lacks_files_is_incomplete(ours):
    """What a download that was killed leaves: no file, or not all that loading needs."""
    (ours.snapshot / "model.safetensors").unlink()
    (check,) = cache_verifying.verify()
    assert (check.verdict, check.files) == ("incomplete", ["model.safetensors"])
    ours.config.unlink()
    (check,) = cache_verifying.verify(["bob/tuned"])
    assert (check.verdict, check.files) == ("incomplete", ["config.json", "model.safetensors"])


def test_assets_belong_to_what_must_be_there(home):
    content = b"a vocabulary"
    about = {**ABOUT, "assets": {"words.txt": hashlib.sha256(content).hexdigest()}}
    made = Cached(home, "bob/tuned", json.dumps({"inputs": 4, "zoo": about}).encode())
    made.put("model.safetensors", WEIGHTS)
    (check,) = cache_verifying.verify()
    assert (check.verdict, check.files) == ("incomplete", ["assets/words.txt"])
    asset = made.put("assets/words.txt", content)
    assert [check.verdict for check in cache_verifying.verify()] == ["whole"]
    replace_link(asset)
    (check,) = cache_verifying.verify()
    assert (check.verdict, check.files) == ("damaged", ["assets/words.txt"])


@pytest.fixture
def pinned(home, site):
    """The toy's weights are on the Hub, and what is in the cache of them was cut short."""
    lock = {
        "sha256": ABOUT["sha256"],
        "size": 7,
        "parameters": 15,
        "shape": {"inputs": 4, "classes": 3},
        "repo": "ann/toy-a",
        "revision": "1" * 40,
    }
    weights = site.folder / "zoo_toy" / "weights"
    (weights / "toy-a.safetensors").unlink()
    (weights / "lock.json").write_text(json.dumps({"toy-a": lock}))
    registry.cache_clear()
    made = Cached(home, "ann/toy-a", CONFIG)
    made.config.unlink()
    return made


def test_of_what_a_plugin_pins_the_weights_must_be_there(pinned):
    (check,) = cache_verifying.verify()
    assert (check.verdict, check.files) == ("incomplete", ["model.safetensors"])
    pinned.put("model.safetensors", WEIGHTS)
    assert [check.verdict for check in cache_verifying.verify(["toy-a"])] == ["whole"]


def test_the_shell_tells_what_is_incomplete(pinned, zoo_here):
    done = zoo_here("cache", "verify", "--json")
    assert (done.code, done.json[0]["verdict"]) == (1, "incomplete")
    assert done.err == "zoo: incomplete; repair with `zoo cache verify --repair`.\n"


@pytest.mark.parametrize("kind", ["models", "datasets"])
def test_another_repository_with_the_same_commit_is_left_alone(ours, home, kind):
    """A copy of a repository has its commits; which one the client comes upon first is chance."""
    for number in range(5):
        Cached(home, f"other/fork{number}", b"{}", kind=kind)
    before = sorted(home.rglob("*fork*/**/*"))
    doomed = list(cache_cleaning.clean(every=True, dry_run=True))
    assert list(cache_cleaning.clean(every=True)) == doomed
    assert [entry.repo for entry in doomed] == ["bob/tuned"]
    assert not ours.folder.exists()
    assert sorted(home.rglob("*fork*/**/*")) == before != []


def test_both_copies_go_where_both_are_the_zoo_s(ours, home):
    Cached(home, "a/fork", CONFIG).put("model.safetensors", WEIGHTS)
    assert [entry.repo for entry in cache_cleaning.clean(every=True)] == ["a/fork", "bob/tuned"]
    assert seen() == []


READ_ONLY = {
    "read-only": OSError(errno.EROFS, os.strerror(errno.EROFS)),
    "immutable": PermissionError(errno.EPERM, os.strerror(errno.EPERM)),
    "not ours": PermissionError(errno.EACCES, os.strerror(errno.EACCES)),
}


@pytest.mark.parametrize("error", READ_ONLY.values(), ids=READ_ONLY.keys())
@pytest.mark.parametrize("harmed", [False, True], ids=["whole", "damaged"])
def test_what_could_not_be_deleted_is_not_told_as_deleted(
    ours, zoo_here, monkeypatch, error, harmed
):
    def refuse(*args, **kwargs):
        raise error

    if harmed:
        lose(ours.snapshot / "model.safetensors")
    monkeypatch.setattr("shutil.rmtree", refuse)
    monkeypatch.setattr("os.remove", refuse)
    done = zoo_here("cache", "clean", "--all", "--json")
    assert (done.code, done.out) == (3, "")
    (line,) = done.err.splitlines()
    assert line.startswith("zoo: 1 of 1 entries could not be deleted")
    assert "make the cache writable" in line
    assert seen() == [("bob/tuned", "unlisted")]


@pytest.mark.parametrize("error", READ_ONLY.values(), ids=READ_ONLY.keys())
def test_locks_that_cannot_be_asked_for_are_no_download(ours, home, zoo_here, monkeypatch, error):
    """The client leaves its locks behind, which are as read-only as the rest."""

    def refuse(*args, **kwargs):
        raise error

    lock = home / ".locks" / "models--bob--tuned" / "1.lock"
    lock.parent.mkdir(parents=True)
    lock.touch()
    monkeypatch.setattr("filelock.FileLock.acquire", refuse)
    done = zoo_here("cache", "clean", "--all", "--json")
    assert (done.code, done.out) == (3, "")
    assert "1 of 1 entries could not be deleted" in done.err
    assert "being downloaded" not in done.err
    assert ours.config.exists()


def test_what_could_be_deleted_is_told_beside_what_could_not(ours, home, zoo_here, monkeypatch):
    Cached(home, "a/first", CONFIG).put("model.safetensors", WEIGHTS)
    remove = shutil.rmtree

    def refuse(path, *args, **kwargs):
        if "tuned" in str(path):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))
        remove(path, *args, **kwargs)

    monkeypatch.setattr("shutil.rmtree", refuse)
    done = zoo_here("cache", "clean", "--all", "--json")
    assert (done.code, [row["repo"] for row in done.json]) == (3, ["a/first"])
    assert "1 of 2 entries" in done.err
    assert seen() == [("bob/tuned", "unlisted")]


@pytest.fixture
def fetched(monkeypatch):
    """What is fetched of the Hub and of elsewhere, which only tells what it was asked for."""
    asked = []

    def fetch(repo, path, commit, **label):
        there = hub.snapshot(repo, commit) / path
        if not there.is_file():
            asked.append(path)
            there.parent.mkdir(parents=True, exist_ok=True)
            there.write_bytes(WORDS)
        return there

    monkeypatch.setattr(hub, "fetch", fetch)
    monkeypatch.setattr(cache.files, "fetch", lambda file: asked.append(file.path))
    return asked


WORDS = b"a vocabulary"
ASSETS = {"words.txt": hashlib.sha256(WORDS).hexdigest()}


def test_a_download_has_all_that_a_pinned_model_needs(pinned, site, fetched, monkeypatch):
    """What is fetched for a machine without a network: assets and frozen bases, too."""
    path = site.folder / "zoo_toy" / "weights" / "lock.json"
    lock = json.loads(path.read_text())
    lock["toy-a"]["assets"] = ASSETS
    path.write_text(json.dumps(lock))
    registry.cache_clear()
    file = File(path="base/b.safetensors", url="https://a.b/c", sha256="0" * 64)
    base = Base(prefix="b.", file=file)
    bases = {"toy-a": [base, Base(prefix="c.", model="toy-b")], "toy-b": []}
    monkeypatch.setattr(cache, "bases_of", bases.__getitem__)
    pinned.put("model.safetensors", WEIGHTS)
    with pytest.raises(WeightsError, match="toy-b has no weights yet"):
        cache.download("toy-a")
    assert fetched == ["assets/words.txt", "base/b.safetensors"]
    assert [check.verdict for check in cache_verifying.verify()] == ["whole"]


def test_a_download_has_all_that_a_repository_needs(home, fetched):
    about = {**ABOUT, "assets": ASSETS}
    made = Cached(home, "bob/tuned", json.dumps({"inputs": 4, "zoo": about}).encode())
    made.put("model.safetensors", WEIGHTS)
    cache.download(f"bob/tuned@{'1' * 40}")
    assert fetched == ["assets/words.txt"]
    assert [check.verdict for check in cache_verifying.verify()] == ["whole"]
