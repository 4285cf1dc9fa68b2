"""The contract: all models and architectures, what is registered, and what is not imported."""

from __future__ import annotations

import subprocess
import sys

import pytest
import zoo_world_guidance
from zoo_world_guidance.specs.claims import CLAIMS
from zoo_world_guidance.specs.models import ARCHITECTURES, MODELS

import zoo
from zoo_core import BadInput
from zoo_core.testing import for_each_check

SMALL = {
    f"wog-dit-{size}": {"cognition": 64, "width": 32, "depth": 1, "heads": 4} for size in "sbl"
}


@pytest.fixture
def no_simulator(monkeypatch):
    """Fifty episodes are too long for a test of each model; here no simulator is installed."""

    def refuse(module, install):
        raise BadInput(f"No simulator is installed that brings {module}.")

    monkeypatch.setattr("zoo_policies.pusht.simulator.simulator", refuse)


@for_each_check("world-guidance", shapes=SMALL)
def test_contract(check, no_simulator):
    check()


def test_what_is_registered():
    assert zoo_world_guidance.ZOO_API == 2
    assert [spec.name for spec in ARCHITECTURES] == [
        "wog-policy", "wog-dit-s", "wog-dit-b", "wog-dit-l",
    ]  # fmt: skip
    assert {spec.name for spec in MODELS} <= set(zoo.list_models("*"))
    assert {name for claim in CLAIMS for name in claim.models} == {spec.name for spec in MODELS}


def test_listing_imports_nothing_heavy():
    code = (
        "import sys, zoo; zoo.list_models('wog-*'); zoo.list_datasets(); "
        "assert not {'torch', 'numpy', 'timm', 'gymnasium'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
