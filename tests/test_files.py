"""Data files: from a mirror, the cache or their public address, and never with other bytes."""

from __future__ import annotations

import errno
import os
from hashlib import sha256
from pathlib import Path

import pooch.core
import pytest

from zoo_core._loading import files
from zoo_core._loading.downloads import PIECE
from zoo_core._registry.specs import File
from zoo_core.errors import DataError

CONTENT = bytes(range(256)) * 1000
SHA256 = sha256(CONTENT).hexdigest()
PATH = "set/data.bin"


@pytest.fixture(autouse=True)
def clean(monkeypatch, tmp_path):
    """A home of one's own, no mirror, and no waiting between attempts."""
    monkeypatch.setenv("ZOO_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    monkeypatch.delenv("ZOO_DATA_MIRROR", raising=False)
    monkeypatch.setattr(pooch.core.time, "sleep", lambda seconds: None)


@pytest.fixture
def public(server):
    """A file on the server, as a spec."""
    server.files["/public.bin"] = CONTENT
    return File(path=PATH, url=f"{server.url}/public.bin", sha256=SHA256)


def kept(tmp_path):
    return [path.name for path in (tmp_path / "home").rglob("*") if path.is_file()]


def refused(file, *reasons):
    """Check that a file is refused in a message with all the reasons."""
    with pytest.raises(DataError) as caught:
        files.fetch(file)
    for reason in reasons:
        assert reason in str(caught.value)


def test_the_public_address_then_the_cache(public, server, tmp_path):
    assert files.available(public) is None
    path = files.fetch(public)
    assert path == tmp_path / "home" / "data" / PATH
    assert path.read_bytes() == CONTENT
    assert len(server.log) == 1
    assert files.fetch(public) == files.available(public) == path
    assert len(server.log) == 1


def test_a_mirror_folder_is_asked_first_and_copied_nowhere(public, server, tmp_path, monkeypatch):
    mirror = tmp_path / "mirror"
    (mirror / "set").mkdir(parents=True)
    (mirror / PATH).write_bytes(CONTENT)
    monkeypatch.setenv("ZOO_DATA_MIRROR", str(mirror))
    assert files.fetch(public) == mirror / PATH
    assert server.log == []
    assert kept(tmp_path) == []
    (mirror / PATH).write_bytes(b"other")
    refused(public, str(mirror / PATH), SHA256[:12], "replace it in the mirror")
    (mirror / PATH).unlink()
    assert files.fetch(public).read_bytes() == CONTENT
    assert len(server.log) == 1


def test_a_mirror_address_is_asked_first(public, server, monkeypatch):
    server.files[f"/base/{PATH}"] = CONTENT
    monkeypatch.setenv("ZOO_DATA_MIRROR", f"{server.url}/base/")
    assert files.fetch(public).read_bytes() == CONTENT
    assert server.log == [("GET", f"/base/{PATH}")]


def test_a_mirror_without_the_file_is_asked_once_and_passed_over(public, server, monkeypatch):
    monkeypatch.setenv("ZOO_DATA_MIRROR", f"{server.url}/base")
    assert files.fetch(public).read_bytes() == CONTENT
    assert server.log == [("GET", f"/base/{PATH}"), ("GET", "/public.bin")]


def test_without_an_address_only_a_mirror_can_have_it(tmp_path, monkeypatch):
    file = File(path=PATH, sha256=SHA256)
    refused(file, PATH, "no public address", "ZOO_DATA_MIRROR is not set")
    monkeypatch.setenv("ZOO_DATA_MIRROR", str(tmp_path))
    refused(file, str(tmp_path), "set ZOO_DATA_MIRROR")


def test_wrong_bytes_are_not_kept(public, server, tmp_path):
    server.files["/public.bin"] = CONTENT + b"!"
    refused(public, "wrong SHA-256", "nothing was kept", "ZOO_DATA_MIRROR", "/public.bin")
    assert kept(tmp_path) == []
    assert len(server.log) == files.ATTEMPTS


@pytest.mark.parametrize(
    "fault", [("status", 500), ("cut", 1000), ("cut", 0), ("bytes", b"<html>log in</html>")]
)
def test_one_fault_is_survived(public, server, tmp_path, fault):
    server.faults["/public.bin"] = [fault]
    assert files.fetch(public).read_bytes() == CONTENT
    assert len(server.log) == 2
    assert kept(tmp_path) == ["data.bin"]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [(("status", 500), "answered 500"), (("cut", 1000), "could not be downloaded from")],
)
def test_lasting_faults_are_told_and_leave_nothing(public, server, tmp_path, fault, reason):
    server.faults["/public.bin"] = [fault] * 10
    refused(public, reason, "/public.bin", "ZOO_DATA_MIRROR")
    assert len(server.log) == files.ATTEMPTS
    assert kept(tmp_path) == []


@pytest.mark.parametrize("then", [[], [("cut", 30_000), ("status", 503), ("cut", 0)]])
def test_a_download_goes_on_where_it_broke_off(public, server, tmp_path, monkeypatch, then):
    server.tags["/public.bin"] = '"one"'
    monkeypatch.setattr(files, "ATTEMPTS", 1)
    server.faults["/public.bin"] = [("cut", 20_000), *then]
    for _ in range(1 + len(then)):
        refused(public, "/public.bin")
    assert sorted(kept(tmp_path)) == ["data.bin.part", "data.bin.part.version"]
    assert files.fetch(public).read_bytes() == CONTENT
    assert kept(tmp_path) == ["data.bin"]
    pieces = 20_000 // PIECE + (30_000 // PIECE if then else 0)
    assert pieces and server.sent[-1] == len(CONTENT) - pieces * PIECE


def test_another_version_is_taken_from_its_start(public, server, tmp_path, monkeypatch):
    monkeypatch.setattr(files, "ATTEMPTS", 1)
    server.files["/public.bin"], server.tags["/public.bin"] = CONTENT[::-1], '"one"'
    server.faults["/public.bin"] = [("cut", 20_000)]
    refused(public, "/public.bin")
    server.files["/public.bin"], server.tags["/public.bin"] = CONTENT, '"two"'
    assert files.fetch(public).read_bytes() == CONTENT
    assert kept(tmp_path) == ["data.bin"]


def test_what_was_whole_and_not_taken_is_asked_for_again(public, server, tmp_path):
    server.tags["/public.bin"] = '"one"'
    folder = tmp_path / "home" / "data" / "set"
    folder.mkdir(parents=True)
    (tmp_path / "home" / "data" / f"{PATH}.part").write_bytes(CONTENT)
    (tmp_path / "home" / "data" / f"{PATH}.part.version").write_text('"one"')
    assert files.fetch(public).read_bytes() == CONTENT
    assert kept(tmp_path) == ["data.bin"]


def test_a_version_that_may_differ_in_bytes_is_not_gone_on_with(public, server, tmp_path):
    server.tags["/public.bin"] = 'W/"weak"'
    server.faults["/public.bin"] = [("cut", 20_000)] * files.ATTEMPTS
    refused(public, "/public.bin")
    assert kept(tmp_path) == []


def test_of_two_downloads_at_once_one_keeps_what_it_has(public, server, tmp_path):
    import fcntl

    server.tags["/public.bin"] = '"one"'
    part = tmp_path / "home" / "data" / f"{PATH}.part"
    part.parent.mkdir(parents=True)
    with open(part, "wb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert files.fetch(public).read_bytes() == CONTENT
        assert part.is_file()


@pytest.mark.parametrize("status", [404, 410])
def test_a_file_that_is_gone_is_asked_for_once(public, server, tmp_path, status):
    server.faults["/public.bin"] = [("status", status)] * 10
    refused(public, f"/public.bin answered {status}", "ZOO_DATA_MIRROR")
    assert len(server.log) == 1
    assert kept(tmp_path) == []


def test_no_network_is_told(public, server):
    server.close()
    refused(public, PATH, "ConnectionError", "check the network", "ZOO_DATA_MIRROR")


def test_a_damaged_copy_in_the_cache_is_fetched_again(public, server):
    path = files.fetch(public)
    path.write_bytes(CONTENT[:-1] + b"?")
    assert files.available(public) is None
    assert files.fetch(public).read_bytes() == CONTENT
    assert len(server.log) == 2


def test_a_damaged_copy_stays_refused_without_a_network(public, server):
    files.fetch(public).write_bytes(b"damaged")
    server.close()
    refused(public, "ConnectionError")


def test_a_file_without_a_known_hash_is_taken_as_it_is(server, tmp_path):
    server.files["/free.bin"] = b"anything"
    file = File(path="set/free.bin", url=f"{server.url}/free.bin")
    assert files.fetch(file).read_bytes() == b"anything"
    assert files.available(file) == tmp_path / "home" / "data" / "set" / "free.bin"


def test_a_home_that_cannot_be_written_is_told(public, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ZOO_HOME", str(tmp_path / "file" / "home"))
    refused(public, PATH, str(tmp_path / "file" / "home"), "set ZOO_HOME", "not a directory")


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (errno.ENOSPC, "no space is left on the disk"),
        (errno.EDQUOT, "no space is left on the disk"),
        (errno.EROFS, "read-only file system"),
        (errno.EACCES, "permission denied"),
    ],
)
def test_a_disk_that_refuses_is_told_and_keeps_nothing(public, tmp_path, monkeypatch, code, reason):
    def fail(*args, **kwargs):
        raise OSError(code, os.strerror(code), str(tmp_path))

    monkeypatch.setattr(pooch.core.shutil, "move", fail)
    refused(public, PATH, reason, "free some space or set ZOO_HOME")
    assert kept(tmp_path) == []


def test_home_is_the_variables_or_the_platforms(monkeypatch):
    monkeypatch.setenv("ZOO_HOME", "~/zoo-here")
    assert files.zoo_home() == Path.home() / "zoo-here"
    monkeypatch.delenv("ZOO_HOME")
    assert files.zoo_home().is_absolute()
    assert "zoo" in files.zoo_home().parts
