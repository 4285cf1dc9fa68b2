"""What the paper claims, sentence by sentence, and the bounds that each is judged by."""

from __future__ import annotations

from zoo_core import Claim

CLAIMS: tuple[Claim, ...] = ()
