"""Pinned files of the registered knowledge graphs."""

from __future__ import annotations

from zoo_core import File

_CODEX = (
    "https://raw.githubusercontent.com/tsafavi/codex/3132e426c2a6b643b70bad679905a3a6270be440/data"
)
_CODEX_HASHES = {
    "train.txt": "64f93b7f314f3936a6f65739721429db3f6a7c8f5a1e1104ec3bb544f7434f59",
    "valid.txt": "3831c0e57daef03c3a18cdd1a72e370b496f696c5218883d35c7d2ab8a6a772c",
    "test.txt": "27127fcb34688c4778e88a39ef3c9b540807da846021e9d9685660ac1838aca1",
    "valid_negatives.txt": "c1d84860d6ee786419f1f118d0e9479c6614283b3e267afc158734389036901f",
    "test_negatives.txt": "d3fb32c41f3be26d09484ace571965806f1ade0ca712551b0de684c283cdbb22",
}
CODEX_S = {
    name: File(path=f"codex-s/{name}", url=f"{_CODEX}/triples/codex-s/{name}", sha256=sha256)
    for name, sha256 in _CODEX_HASHES.items()
} | {
    "relations.en.json": File(
        path="codex-s/relations.en.json",
        url=f"{_CODEX}/relations/en/relations.json",
        sha256="2b467fab26430a0500e5fe82cdb9b3c4fbcfda01827ff3bfa833dc5470ad92f7",
    )
}
"""CoDEx-S with its hard negatives and the relations' English names."""

_WN18RR = (
    "https://raw.githubusercontent.com/villmow/datasets_knowledge_embedding/"
    "9e392453d6804d1f51c13e5650ae58ed48b638d5/WN18RR/original"
)
_WN18RR_HASHES = {
    "train.txt": "038612e783c215ee5f3ca9fbfca27b8d0739be1028fe4ee7c174aecf0b83d5df",
    "valid.txt": "453ce7202afa58094a04d2b1560ee2b02660f1c260b32ce6651c8ccedd1028ab",
    "test.txt": "0383bceaaa1096cf3c03ec021ed0048068e2355dbfc0239b292cefdac821cec5",
}
WN18RR = {
    name: File(path=f"wn18rr/{name}", url=f"{_WN18RR}/{name}", sha256=sha256)
    for name, sha256 in _WN18RR_HASHES.items()
}

_WN9_HASHES = {
    "train.txt": "45a9512aa7f2b90063eaa9d5165af1886d04cea0b2743ceeb76542a83e5e8201",
    "valid.txt": "b01bc7cf0bb80d58dfa59d71394b0e89a06b58c4539a43c261e944f761d9dd08",
    "test.txt": "99b99adf2be1777cbf90588e98ce61ae78341db0cf02a2c78d2356efc385e2f8",
}
WN9_IMG = {
    name: File(path=f"wn9-img/{name}", sha256=sha256) for name, sha256 in _WN9_HASHES.items()
}
"""Unpacked from an archive in a format that needs a program of its own: only mirrors have them."""

_WNVIS_HASHES = {
    "nodes.tsv": "6bff9c391d2b6616a19dbc5ecb9c33610027d81902e6dc583334978c6134a16a",
    "train.tsv": "ba942c996b836720a69f067fd2275dcde911875430829a54ddebc9230661c649",
    "valid.tsv": "8167901d1fc8130df788934e91952abe56071a02261c25eb74f7b09922be1364",
    "test.tsv": "d3a00322dcf598a9aa5b88f7abceebe5f7966437df81c59d890d789de961b74b",
}
WNVIS = {name: File(path=f"wnvis/{name}", sha256=sha256) for name, sha256 in _WNVIS_HASHES.items()}
