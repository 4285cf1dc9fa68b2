"""The contract: all models and architectures, what is registered, and what is not imported."""

from __future__ import annotations

import subprocess
import sys

import zoo_asen
from zoo_asen.specs.claims import CLAIMS
from zoo_asen.specs.models import ARCHITECTURES, MODELS

import zoo
from zoo_core.testing import for_each_check


@for_each_check("asen")
def test_contract(check):
    check()


def test_what_is_registered():
    assert zoo_asen.ZOO_API == 2
    assert {"asen", "asen-regression"} <= {spec.name for spec in ARCHITECTURES}
    assert {spec.name for spec in MODELS} <= set(zoo.list_models("*"))
    assert {name for claim in CLAIMS for name in claim.models} == {spec.name for spec in MODELS}


def test_listing_imports_nothing_heavy():
    code = (
        "import sys, zoo; zoo.list_models('asen*'); zoo.list_datasets(); "
        "assert not {'torch', 'numpy', 'scipy', 'sympy', 'einops'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
