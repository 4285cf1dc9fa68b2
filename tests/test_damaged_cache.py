"""A cache with damaged and lost files: what is the zoo's is still seen, and nothing else is."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import huggingface_hub.constants
import pytest
from huggingface_hub.utils import _cache_manager

from zoo_core._loading import cache, hub

ABOUT = {"architecture": "toy", "dataset": "toys", "options": {}, "sha256": "0" * 64}


class Cached:
    """One repository with one revision, in a cache made by hand."""

    def __init__(self, home: Path, repo: str, config: bytes, revision: str = "1" * 40) -> None:
        self.repo = repo
        self.folder = home / f"models--{repo.replace('/', '--')}"
        self.snapshot = self.folder / "snapshots" / revision
        self.config = self.put("config.json", config)

    def put(self, name: str, content: bytes) -> Path:
        header = b"blob %d\0" % len(content)
        blob = self.folder / "blobs" / hashlib.sha1(header + content).hexdigest()
        blob.parent.mkdir(parents=True, exist_ok=True)
        blob.write_bytes(content)
        self.snapshot.mkdir(parents=True, exist_ok=True)
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
    content = json.dumps({"inputs": 4, "zoo": ABOUT}).encode()
    made = Cached(home, "bob/tuned", content)
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
    (check,) = cache.verify()
    assert (check.verdict, check.files) == ("damaged", ["config.json"])
    assert [entry.repo for entry in cache.clean(every=True)] == ["bob/tuned"]
    assert seen() == []
    assert not ours.snapshot.exists()


def test_a_damaged_config_that_still_says_so_needs_no_mark(home):
    content = json.dumps({"inputs": 4, "zoo": ABOUT}).encode()
    made = Cached(home, "bob/tuned", content)
    cut(made.config)
    assert seen() == [("bob/tuned", "unlisted")]


def test_another_revision_says_whose_a_damaged_one_is(home):
    content = json.dumps({"inputs": 4, "zoo": ABOUT}).encode()
    Cached(home, "bob/tuned", content)
    made = Cached(home, "bob/tuned", content + b"\n", "2" * 40)
    empty(made.config)
    assert seen() == [("bob/tuned", "unlisted")] * 2
    assert [check.verdict for check in cache.verify()] == ["whole", "damaged"]


def test_a_lost_blob_or_ref_hides_nothing(ours):
    weights = ours.put("model.safetensors", b"weights")
    lose(weights)
    (ours.folder / "refs").mkdir()
    (ours.folder / "refs" / "main").write_text("")
    assert seen() == [("bob/tuned", "unlisted")]
    (check,) = cache.verify(["bob/tuned"])
    assert check.files == ["model.safetensors"]
    cache.clean(every=True)
    assert not ours.folder.exists()


@pytest.mark.parametrize("harm", [empty, lose])
def test_weights_of_which_nothing_is_known_are_verified_and_never_cleaned(home, harm):
    made = Cached(home, "bob/tuned", b'{"inputs": 4}')
    weights = made.put("model.safetensors", b"weights")
    assert seen() == []
    harm(made.config)
    assert seen() == [("bob/tuned", "unknown")]
    (check,) = cache.verify()
    assert (check.verdict, check.files) == ("damaged", ["config.json"])
    assert cache.clean(every=True) == []
    assert weights.exists()


def test_what_is_not_the_zoo_s_is_left_alone(home):
    other = Cached(home, "eve/no-zoo", b"{}")
    assert seen() == []
    empty(other.config)
    assert seen() == []
    assert cache.clean(every=True) == []
    assert other.config.exists()
