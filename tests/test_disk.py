"""Which errors of the operating system are a disk's, and which a connection's."""

from __future__ import annotations

import errno
import os
import socket
import ssl

import pytest

from zoo_core._disk import is_of_disk
from zoo_core._loading.hub import told
from zoo_core.errors import HubError


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


@pytest.mark.parametrize("error", DISK.values(), ids=DISK.keys())
def test_a_cache_that_cannot_keep_a_file_is_told_as_one(error):
    assert is_of_disk(error)
    failed = pytest.raises(HubError, match="the cache cannot keep it")
    with failed, told("w.safetensors could not be downloaded", "owner/name"):
        raise error
