"""Large files in Xet's local format: what `local://` addresses lead the real client to."""

from __future__ import annotations

import os
import shutil
import struct
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import hf_xet

WITH_SHA256, WITH_VERIFICATION = 1 << 30, 1 << 31
DATABASE = "*.redb"


class XetStore:
    """The Hub's own folder of chunks, and one folder for each client that was let in.

    The database in such a folder admits one process at a time. So that clients may run together, an
    upload goes to an empty folder, from which the Hub takes over what is committed, and a download
    comes from a copy of the Hub's folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.own = self.folder / "own"
        self.own.mkdir(parents=True, exist_ok=True)
        self.session = hf_xet.XetSession()

    def add(self, content: bytes) -> str:
        """Keep a content; return its Xet hash."""
        with self.session.new_upload_commit(endpoint=address(self.own)) as upload:
            handle = upload.start_upload_bytes(content, sha256=hf_xet.COMPUTE_SHA256)
        return str(handle.result().xet_info.hash)

    def open_upload(self) -> str:
        """Return the address of an empty folder for a client to upload to."""
        return address(Path(mkdtemp(prefix="upload-", dir=self.folder)))

    def open_download(self) -> str:
        """Return the address of a folder for a client to download from."""
        return address(self._copy(self.own))

    def read_upload(self, sha256: str) -> bytes | None:
        """Return a content that some client has uploaded."""
        for shard in self.folder.glob("upload-*/xet/xorbs/shards/*.mdb"):
            for digest, xet_hash, size in read_shard(shard.read_bytes()):
                if digest == sha256:
                    return self._read(self._copy(shard.parents[3]), xet_hash, size)
        return None

    def _copy(self, source: Path) -> Path:
        """Return a copy of a folder, whether or not a process holds its database."""
        copy = Path(mkdtemp(prefix="copy-", dir=self.folder))
        # All other files are written once, under a name made from their content.
        shutil.copytree(source, copy, dirs_exist_ok=True, copy_function=_link_or_copy)
        return copy

    def _read(self, folder: Path, xet_hash: str, size: int) -> bytes:
        with self.session.new_download_stream_group(endpoint=address(folder)) as group:
            return b"".join(group.download_stream(hf_xet.XetFileInfo(xet_hash, size)))


def address(folder: Path) -> str:
    """Return what stands for a Xet server's address."""
    return f"local://{folder}"


def read_shard(shard: bytes) -> Iterator[tuple[str, str, int]]:
    """Yield the SHA-256, the Xet hash and the size of each file in a shard of metadata."""
    record = 48
    at = record
    while at + record <= len(shard) and shard[at : at + 32] != b"\xff" * 32:
        xet_hash = shard[at : at + 32]
        flags, segments = struct.unpack_from("<II", shard, at + 32)
        at += record
        # A segment: hash of the xorb, flags, size, first and last chunk.
        size = sum(
            struct.unpack_from("<I", shard, at + n * record + 36)[0] for n in range(segments)
        )
        at += segments * record * (2 if flags & WITH_VERIFICATION else 1)
        if flags & WITH_SHA256:
            yield format_hash(shard[at : at + 32]), format_hash(xet_hash), size
            at += record


def format_hash(stored: bytes) -> str:
    """Return a stored hash as it is written: by words of 64 bits, stored low byte first."""
    return "".join(f"{word:016x}" for word in struct.unpack("<4Q", stored))


def _link_or_copy(source: str, target: str) -> None:
    (shutil.copyfile if Path(source).match(DATABASE) else os.link)(source, target)
