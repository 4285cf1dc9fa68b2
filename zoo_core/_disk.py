"""Files on disk: hashed, and written whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from zoo_core._home import home
from zoo_core.errors import WeightsError


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal.

    `path` is the file. Raises `OSError` for one that cannot be read.

    >>> path = Path("empty")
    >>> path.touch()
    >>> zoo_core.sha256_of(path)[:16]
    'e3b0c44298fc1c14'
    """
    import hashlib

    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


PROBE = 2**20
"""So many bytes must find room where something is to be kept."""
PART = ".part"
"""The end of the name of a file that is being written, in no list of files to ship."""

_DISK = frozenset(
    getattr(errno, name)
    for name in (
        "EDQUOT EEXIST EFBIG EIO EISDIR ELOOP EMFILE EMLINK ENAMETOOLONG ENFILE ENOENT ENOSPC "
        "ENOTDIR ENOTEMPTY EROFS ESTALE ETXTBSY EXDEV"
    ).split()
    if hasattr(errno, name)
)


def is_of_disk(error: OSError) -> bool:
    """Tell whether an error of the operating system is a file's or disk's, not a connection's.

    One that names a file is. Sockets share the numbers of the others (EACCES and EPERM of a
    firewall, SSL errors count from 1), and names that are not found have numbers of their own.
    """
    import socket  # late: listing needs it not

    of_network = isinstance(error, ConnectionError | TimeoutError | socket.gaierror | socket.herror)
    return not of_network and (error.filename is not None or error.errno in _DISK)


def cause(error: OSError) -> str:
    """Return why a file operation failed, in words."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "no space is left on the disk"
    return (error.strerror or str(error)).lower()


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path`, and move it there only when all went well.

    What a process that was killed left of the same file is swept first. Raises `WeightsError` when
    the disk is full or read-only.

    >>> with zoo_core.whole_file(Path("table.csv")) as part:
    ...     _ = part.write_text("a,b")
    >>> Path("table.csv").read_text()
    'a,b'
    """
    import tempfile

    part = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        begin = f".{path.name}.{_machine()}-"
        _sweep(path.parent, begin)
        handle, name = tempfile.mkstemp(
            dir=path.parent, prefix=f"{begin}{os.getpid()}-", suffix=PART
        )
        os.close(handle)
        part = Path(name)
        yield part
        part.chmod(0o644)
        part.replace(path)
    except OSError as error:
        raise WeightsError(
            f"{path} could not be written ({cause(error)}); nothing was changed: free some space "
            "or choose another folder."
        ) from error
    finally:
        if part is not None:
            part.unlink(missing_ok=True)


def _sweep(folder: Path, begin: str) -> None:
    """Remove parts of files whose writers, processes of this machine, are no more."""
    for name in os.listdir(folder):
        if name.startswith(begin) and name.endswith(PART):
            writer = name.removeprefix(begin).partition("-")[0]
            if writer.isdecimal() and not _runs(int(writer)):
                (folder / name).unlink(missing_ok=True)


def _machine() -> str:
    """Return the name of this machine, where processes can be asked for by their number."""
    return os.uname().nodename.replace("-", "_") if os.name == "posix" else ""


def _runs(process: int) -> bool:
    if os.name != "posix":  # where signal 0 is no question
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # somebody else's
        pass
    return True


def check_writable(folder: Path) -> None:
    """Raise `WeightsError` unless files can be written to a folder, which is left as it was.

    A folder that is not there is made and removed again. For what takes long to make: what cannot
    be kept is then known before, and not after.
    """
    import tempfile

    missing = [place for place in (folder, *folder.parents) if not os.path.lexists(place)]
    made = []
    try:
        for place in reversed(missing):
            place.mkdir()
            made.append(place)
        if not folder.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, "it is a file and no folder", str(folder))
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(bytes(PROBE))
            probe.flush()
            os.fsync(probe.fileno())
    except OSError as error:
        raise WeightsError(
            f"{folder} cannot be written to ({cause(error)}); nothing was begun: free some space "
            "or choose another folder."
        ) from error
    finally:
        for place in reversed(made):
            with contextlib.suppress(OSError):  # another process has written there meanwhile
                place.rmdir()


@contextmanager
def one_writer(path: Path) -> Iterator[None]:
    """Hold a file that is read, changed and written, against other processes that do so here.

    The lock is no neighbour of the file, which may be in a package: it is below ``ZOO_HOME/locks``.
    Raises `WeightsError` when that cannot be written. Not to be entered twice for one file.
    """
    from hashlib import sha256

    from filelock import FileLock

    name = sha256(str(path.resolve()).encode()).hexdigest()[:32]
    lock = Path(home()) / "locks" / f"{name}.lock"
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        held = FileLock(lock).acquire()
    except OSError as error:
        raise WeightsError(
            f"{lock} could not be made ({cause(error)}); nothing was changed: free some space or "
            "set ZOO_HOME to another folder."
        ) from error
    with held:
        yield


def write_json(path: Path, value: Any) -> None:
    r"""Write JSON, whole or not at all, with a final newline.

    `path` is the file and `value` what `json` can write. Raises `WeightsError` when the disk is
    full or read-only.

    >>> zoo_core.write_json(Path("facts.json"), {"runs": 10})
    >>> Path("facts.json").read_text()
    '{\n "runs": 10\n}\n'
    """
    with whole_file(path) as part:
        part.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
