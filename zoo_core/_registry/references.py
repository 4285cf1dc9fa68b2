"""Names of repositories on the Hub: ``owner/name`` or ``owner/name@revision``."""

from __future__ import annotations

import re
from typing import NamedTuple

_PART = r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9])?"
_REFERENCE = re.compile(rf"(?P<repo>{_PART}/{_PART})(?:@(?P<revision>[\w./-]{{1,200}}))?", re.ASCII)


class Reference(NamedTuple):
    """A repository and, after ``@``, a branch, tag or commit of it (None: its main branch)."""

    repo: str
    revision: str | None

    def __str__(self) -> str:
        return f"{self.repo}@{self.revision}" if self.revision else self.repo


def parse(text: str) -> Reference | None:
    """Return what ``owner/name`` or ``owner/name@revision`` names; None for anything else."""
    found = _REFERENCE.fullmatch(text)
    if found is None or ".." in text or "--" in found["repo"]:
        return None
    return Reference(found["repo"], found["revision"])
