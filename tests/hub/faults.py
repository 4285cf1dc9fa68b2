"""What can be made to go wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass
class Fault:
    """One thing that goes wrong for the requests that match, the first `times` of them.

    method, path: a method and a regular expression, searched for in the path with its query.
    times: how many requests it hits; None: all of them.
    status: answer so, without doing anything; retry_after sets the header of that name.
    cut: announce the whole body, send so many bytes of it, close the connection.
    delay: wait so many seconds before answering; with stall_after, after so many bytes of the body.
    flip: the offset of a byte of the body whose bits are inverted.
    replace: another body.
    etag: another hash than the content's, in whichever header announces it.
    headers: more headers, or other values.
    stale_parent: another commit lands on the branch just before the client's.
    """

    method: str = "GET"
    path: str = ""
    times: int | None = 1
    status: int | None = None
    retry_after: int | None = None
    cut: int | None = None
    delay: float = 0
    stall_after: int | None = None
    flip: int | None = None
    replace: bytes | None = None
    etag: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    stale_parent: bool = False
    hits: int = field(default=0, init=False)

    def matches(self, method: str, path: str) -> bool:
        """Whether it is this request's turn."""
        left = self.times is None or self.hits < self.times
        return left and method == self.method and re.search(self.path, path) is not None

    def change_headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Return the headers to send in place of these."""
        changed = {**headers, **self.headers}
        if self.etag is not None:
            for name in ("ETag", "X-Linked-ETag"):
                if name in changed:
                    changed[name] = f'"{self.etag}"'
        return changed

    def change_body(self, body: bytes) -> bytes:
        """Return the body to send in place of this one."""
        if self.replace is not None:
            body = self.replace
        if self.flip is None:
            return body
        changed = bytearray(body)
        changed[self.flip] ^= 0xFF
        return bytes(changed)
