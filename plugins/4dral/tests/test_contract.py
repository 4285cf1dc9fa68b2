"""The contract: all models and architectures, what is registered, and what is not imported."""

from __future__ import annotations

import pytest
import zoo_4dral
from zoo_4dral.specs.claims import CLAIMS
from zoo_4dral.specs.data import POSES
from zoo_4dral.specs.models import ARCHITECTURES, MODELS

import zoo
from zoo_core import fetch
from zoo_core.testing import check_listing, for_each_check


@pytest.fixture(scope="module")
def short(tmp_path_factory):
    """The first 100 m or so of a sequence, and a folder for what is made of them."""
    folder = tmp_path_factory.mktemp("short")
    lines = fetch(POSES["07"]).read_text().splitlines()[:160]
    (folder / "07.txt").write_text("\n".join(lines))
    return folder


@for_each_check("4dral")
def test_contract(check, short, monkeypatch):
    """On short streets, as the contract asks for what is the same on all data."""
    monkeypatch.setattr("zoo_4dral.data.fetch", lambda file: short / "07.txt")
    monkeypatch.setenv("ZOO_HOME", str(short))
    check()


def test_what_is_registered():
    assert zoo_4dral.ZOO_API == 2
    assert [spec.name for spec in ARCHITECTURES] == [
        "4dral-l2l", "4dral-r2r", "4dral-r2l", "4dral-resnet18", "scancontext",
    ]  # fmt: skip
    assert {spec.name for spec in MODELS} <= set(zoo.list_models("*"))
    assert {name for claim in CLAIMS for name in claim.models} == {spec.name for spec in MODELS}


def test_listing_imports_nothing_heavy():
    check_listing("4dral")
