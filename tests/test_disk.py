"""Which errors of the operating system are a disk's, and which a connection's."""

from __future__ import annotations

import errno
import json
import os
import socket
import ssl
import subprocess
import sys

import pytest

from zoo_core import File
from zoo_core._disk import is_of_disk, one_writer
from zoo_core._loading import files
from zoo_core._loading.files import fetch
from zoo_core._loading.hub import told
from zoo_core.errors import DataError, HubError, WeightsError


def numbered(name, filename=None):
    number = getattr(errno, name)
    return OSError(number, os.strerror(number), filename)


NETWORK = {
    **{
        name: numbered(name)
        for name in (
            "ENETUNREACH ENETDOWN EHOSTUNREACH EHOSTDOWN ECONNREFUSED ECONNRESET ECONNABORTED "
            "ETIMEDOUT EPIPE EADDRNOTAVAIL ENOTCONN ESHUTDOWN EACCES EPERM"
        ).split()
    },
    "no name server": socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"),
    "no such host": socket.gaierror(socket.EAI_NONAME, "Name or service not known"),
    "herror": socket.herror(1, "Unknown host"),
    "timeout": TimeoutError("timed out"),
    "reset": ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"),
    "certificate": ssl.SSLCertVerificationError(1, "[SSL: CERTIFICATE_VERIFY_FAILED] no issuer"),
    "end of file": ssl.SSLEOFError(8, "EOF occurred in violation of protocol"),
    "words only": OSError("broken"),
}
DISK = {
    **{name: numbered(name) for name in "ENOSPC EDQUOT EROFS EIO EMFILE ENAMETOOLONG".split()},
    "a folder that may not be written": numbered("EACCES", "/somewhere/file"),
    "permission of a file": numbered("EPERM", "/somewhere/file"),
}


@pytest.mark.parametrize("error", NETWORK.values(), ids=NETWORK.keys())
def test_a_connection_that_fails_is_told_as_one(error):
    assert not is_of_disk(error)
    failed = pytest.raises(HubError, match="connection to owner/name failed")
    with failed as caught, told("w.safetensors could not be downloaded", "owner/name"):
        raise RuntimeError("of the client") from error
    assert "cache" not in str(caught.value)


@pytest.fixture
def download(tmp_path, monkeypatch):
    """Download a data file, whose connection or disk fails with an error."""
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    monkeypatch.delenv("ZOO_DATA_MIRROR", raising=False)

    def run(error):
        def fail(*args, **kwargs):
            raise error

        monkeypatch.setattr(files, "download", fail)
        fetch(File(path="set/file.bin", url="https://example.org/file.bin", sha256="0" * 64))

    return run


@pytest.mark.parametrize("error", NETWORK.values(), ids=NETWORK.keys())
def test_data_that_cannot_be_reached_are_no_full_disk(download, error):
    with pytest.raises(DataError, match=r"could not be downloaded from .*check the network"):
        download(error)


@pytest.mark.parametrize("error", DISK.values(), ids=DISK.keys())
def test_data_that_cannot_be_kept_are_no_network(download, error):
    with pytest.raises(DataError, match=r"could not be written to .*free some space"):
        download(error)


def test_a_mirror_that_cannot_be_read_is_told(tmp_path, monkeypatch):
    (tmp_path / "file.bin").write_bytes(b"")
    monkeypatch.setenv("ZOO_DATA_MIRROR", str(tmp_path))

    def fail(path):
        raise numbered("EIO")

    monkeypatch.setattr(files, "sha256_of", fail)
    with pytest.raises(DataError, match=r"cannot be read .*replace it in the mirror"):
        fetch(File(path="file.bin", sha256="0" * 64))


@pytest.mark.parametrize("error", DISK.values(), ids=DISK.keys())
def test_a_cache_that_cannot_keep_a_file_is_told_as_one(error):
    assert is_of_disk(error)
    failed = pytest.raises(HubError, match="the cache cannot keep it")
    with failed, told("w.safetensors could not be downloaded", "owner/name"):
        raise error


def test_results_that_processes_store_at_once_are_all_kept(tmp_path):
    """Each reads the file, adds its own and writes it whole: none may undo what another added."""
    script = (
        "import sys; from pathlib import Path; from zoo_core._registry.results import _update\n"
        "for count in range(20): _update(Path(sys.argv[1]), lambda: {sys.argv[2] + str(count): 1})"
    )
    place = tmp_path / "results.json"
    started = [subprocess.Popen([sys.executable, "-c", script, place, letter]) for letter in "abc"]
    assert [process.wait(60) for process in started] == [0, 0, 0]
    assert len(json.loads(place.read_text())) == 60
    assert [path.name for path in tmp_path.iterdir()] == ["results.json"]


def test_a_lock_that_cannot_be_made_is_one_sentence(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("ZOO_HOME", str(tmp_path / "file"))
    failed = pytest.raises(WeightsError, match=r"could not be made .*set ZOO_HOME")
    with failed, one_writer(tmp_path / "results.json"):
        pass
