"""Downloads over HTTP that go on where they broke off, while the server has the same file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, BinaryIO

WAIT = 30  # seconds for an answer, and between two pieces
PIECE = 1 << 14  # bytes; so many are lost at most where a connection breaks
REST, NO_REST = 206, 416  # a server's answers to who asks for the rest


def download(url: str, output: Path, part: Path, *, progress: bool) -> None:
    """Write the file at `url` to `output`; what comes before the connection breaks is in `part`.

    It is kept there if the server named a version of the file (a strong entity tag, or a date), and
    the next download asks for the rest of that version. Of two processes that download the same
    file at once the later one keeps nothing. Raises what `requests` raises, and the disk's
    `OSError`, after which nothing is kept.
    """
    import requests

    version = part.with_name(f"{part.name}.version")
    with open(part, "ab") as file:
        if not _is_ours(file, part):
            with open(output, "wb") as other, _answer(url, other, None) as response:
                _write(response, other, progress)
            return
        try:
            with _answer(url, file, version) as response:
                _write(response, file, progress)
            file.flush()
            os.replace(part, output)
            version.unlink(missing_ok=True)
        except BaseException as error:
            broken_off = isinstance(error, requests.RequestException | KeyboardInterrupt)
            if not (broken_off and version.is_file()):
                part.unlink(missing_ok=True)
                version.unlink(missing_ok=True)
            raise


def _is_ours(file: BinaryIO, part: Path) -> bool:
    """Tell whether this process alone has the file, which another may meanwhile have moved."""
    try:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.fstat(file.fileno()).st_ino == os.stat(part).st_ino
    except (ImportError, OSError):
        return False


def _answer(url: str, file: BinaryIO, version: Path | None) -> Any:
    """Return the server's answer; leave the file where its bytes belong, and its version told."""
    import requests

    # Compressed on the way, the bytes of an answer would not be those of the file.
    headers = {"Accept-Encoding": "identity"}
    begun = file.tell()
    tag = version.read_text(encoding="utf-8") if version and version.is_file() else ""
    rest = {"Range": f"bytes={begun}-", "If-Range": tag} if begun and tag else {}
    response = requests.get(url, stream=True, timeout=WAIT, headers={**headers, **rest})
    if response.status_code == NO_REST:  # what is kept is no beginning of the file
        response.close()
        response = requests.get(url, stream=True, timeout=WAIT, headers=headers)
    response.raise_for_status()
    if response.status_code == REST:
        return response
    file.truncate(0)
    if version is not None:
        version.unlink(missing_ok=True)
        if tag := _version_of(response):
            version.write_text(tag, encoding="utf-8")
    return response


def _version_of(response: Any) -> str:
    """Return what the server calls the version of its file; "" where it does not tell."""
    tag: str = response.headers.get("ETag", "")
    date: str = response.headers.get("Last-Modified", "")
    return tag if tag and not tag.startswith("W/") else date


def _write(response: Any, file: BinaryIO, progress: bool) -> None:
    from tqdm import tqdm

    begun = os.fstat(file.fileno()).st_size
    coming = int(response.headers.get("Content-Length", 0))
    with tqdm(
        total=begun + coming if coming else None,
        initial=begun,
        unit="B",
        unit_scale=True,
        disable=not progress,
    ) as bar:
        for piece in response.iter_content(PIECE):
            file.write(piece)
            bar.update(len(piece))
