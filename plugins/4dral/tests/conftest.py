"""What the tests share: no network."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def surroundings(no_network, monkeypatch):
    monkeypatch.delenv("ZOO_TRACEBACK", raising=False)
