"""Where a dataset's files come from: a mirror, the cache, or their public address.

`ZOO_DATA_MIRROR` names a folder or base URL that is asked first; `ZOO_HOME` is where downloads
are kept (default: the platform's cache folder). Bytes are checked against the pinned SHA-256
wherever they come from. A download that breaks off goes on where it was, if the server allows it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from zoo_core._disk import cause, is_of_disk, sha256_of
from zoo_core._home import home
from zoo_core._loading.downloads import download
from zoo_core._registry.specs import File
from zoo_core.errors import DataError

ATTEMPTS = 3
_RECORDS: list[dict[str, int]] = []


def zoo_home() -> Path:
    """Return the folder in which the zoo keeps what it downloads, or made and can make again.

    The folder itself is not made, and this raises nothing.

    >>> os.environ["ZOO_HOME"] = "cache"
    >>> zoo_core.zoo_home().name
    'cache'
    """
    return Path(home())


def fetch(file: File) -> Path:
    """Return a checked local copy of `file`: from the mirror, the cache, or its public address.

    Raises `DataError` when it cannot be had, or is not what its hash promises.

    >>> Path("mirror/mine").mkdir(parents=True)
    >>> Path("mirror/mine/table.csv").write_text("x")
    1
    >>> os.environ["ZOO_DATA_MIRROR"] = "mirror"
    >>> file = zoo_core.File(path="mine/table.csv", sha256=hashlib.sha256(b"x").hexdigest())
    >>> zoo_core.fetch(file).read_text()
    'x'
    """
    found = available(file) or _from_its_address(file)
    _record(file, found)
    return found


def available(file: File) -> Path | None:
    """Return a checked copy from the mirror or the cache, or None; asks no public address.

    Raises `DataError` when the mirror has the file with other bytes than its hash promises.

    >>> zoo_core.available(zoo_core.File(path="mine/table.csv", sha256="0" * 64)) is None
    True
    """
    found = _available(file)
    if found is not None:
        _record(file, found)
    return found


@contextmanager
def recorded() -> Iterator[dict[str, int]]:
    """Collect the sizes in bytes of the files that are taken meanwhile, by their paths."""
    sizes: dict[str, int] = {}
    _RECORDS.append(sizes)
    try:
        yield sizes
    finally:
        _RECORDS.remove(sizes)


def _record(file: File, found: Path) -> None:
    for sizes in _RECORDS:
        sizes[file.path] = found.stat().st_size


def _available(file: File) -> Path | None:
    mirror = _mirror()
    if mirror.startswith(("http://", "https://")):
        try:
            return _download(file, f"{mirror.rstrip('/')}/{file.path}")
        except _NotThere:
            pass
    elif mirror:
        path = Path(mirror).expanduser() / file.path
        if path.is_file():
            _check_hash(path, file, "replace it in the mirror, or unset ZOO_DATA_MIRROR")
            return path
    cached = zoo_home() / "data" / file.path
    intact = cached.is_file() and file.sha256 in (None, sha256_of(cached))
    return cached if intact else None


def _mirror() -> str:
    return os.environ.get("ZOO_DATA_MIRROR", "")


def _check_hash(path: Path, file: File, remedy: str) -> None:
    if file.sha256 is None:
        return
    try:
        found = sha256_of(path)
    except OSError as error:
        raise DataError(f"{path} cannot be read ({cause(error)}); {remedy}.") from error
    if found != file.sha256:
        raise DataError(
            f"{path} is not the file that was expected: its SHA-256 is {found[:12]}…, expected "
            f"{file.sha256[:12]}…; {remedy}."
        )


class _NotThere(DataError):
    """The server answered that it has no such file."""


def _from_its_address(file: File) -> Path:
    if file.url is None:
        raise DataError(
            f"{file.path} has no public address and is not in the mirror "
            f"({_mirror() or 'ZOO_DATA_MIRROR is not set'}); set ZOO_DATA_MIRROR to a folder or "
            "address that has it."
        )
    return _download(file, file.url)


def _download(file: File, url: str) -> Path:
    import pooch
    import requests

    folder = zoo_home() / "data"
    known = None if file.sha256 is None else f"sha256:{file.sha256}"
    fetcher = pooch.create(
        folder,
        base_url="",
        registry={file.path: known},
        urls={file.path: url},
        retry_if_failed=ATTEMPTS - 1,
    )
    kept = folder / f"{file.path}.part"

    def downloader(url: str, output: Any, pool: Any) -> None:
        try:
            download(url, Path(output), kept, progress=sys.stderr.isatty())
        except requests.HTTPError as error:
            # Raised as ours at once: pooch would wait and ask again, and the answer be the same.
            if error.response is not None and error.response.status_code in (404, 410):
                raise _NotThere(_refusal(url, error)) from error
            raise

    pooch.get_logger().setLevel("ERROR")
    try:
        return Path(fetcher.fetch(file.path, downloader=downloader))
    except requests.HTTPError as error:
        raise DataError(_refusal(url, error)) from error
    except requests.RequestException as error:
        raise DataError(_unreachable(file, url, error)) from error
    except OSError as error:
        if not is_of_disk(error):
            raise DataError(_unreachable(file, url, error)) from error
        raise DataError(
            f"{file.path} could not be written to {folder} ({cause(error)}); free some space or "
            "set ZOO_HOME to a folder that can be written."
        ) from error
    except ValueError as error:
        raise DataError(
            f"{url} gave other bytes than expected for {file.path} (wrong SHA-256), and nothing "
            "was kept; try again, or set ZOO_DATA_MIRROR to a folder that has the right file."
        ) from error


def _unreachable(file: File, url: str, error: Exception) -> str:
    return (
        f"{file.path} could not be downloaded from {url} ({type(error).__name__}); check the "
        "network and try again, or set ZOO_DATA_MIRROR to a folder that has it."
    )


def _refusal(url: str, error: Any) -> str:
    status = error.response.status_code if error.response is not None else "an error"
    return f"{url} answered {status}; try again later, or set ZOO_DATA_MIRROR to another source."
