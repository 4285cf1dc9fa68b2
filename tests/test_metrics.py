"""Torchmetrics is imported without what it would pull in, and nothing is lost by it."""

from __future__ import annotations

import importlib.util
import json

import pytest

PREPARE = """
import json, sys
import zoo
from zoo_core._measuring.metrics import factory_of
"""
TELL = "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"


def in_a_process(site, code):
    done = site.python(f"{PREPARE}\n{code}\n{TELL}")
    assert done.code == 0, done.err
    return set(json.loads(done.out.splitlines()[-1]))


@pytest.mark.parametrize("package", ["torchvision", "transformers"])
def test_measuring_does_not_import_what_no_metric_asked_for(site, package):
    """Also where nothing of the name is installed: a stand-in that must not be imported."""
    (site.folder / package).mkdir(parents=True)
    (site.folder / package / "__init__.py").write_text("raise RuntimeError('imported')")
    site.add_toy("toy-a")
    code = f"""
import importlib.util
assert importlib.util.find_spec("{package}").origin.startswith({str(site.folder)!r})
assert zoo.evaluate(zoo.create("toy-a"), "toys")[0].metric == "accuracy"
"""
    loaded = in_a_process(site, code)
    assert "torchmetrics" in loaded
    assert package not in loaded


def test_a_user_s_own_imports_are_as_ever(site):
    if not importlib.util.find_spec("torchvision"):
        pytest.skip("torchvision is not installed")
    code = """
factory_of("torchmetrics.classification:MulticlassAccuracy")
assert "torchvision" not in sys.modules
from lightning_utilities.core.imports import RequirementCache
assert RequirementCache("torchvision")
from torchmetrics.utilities.imports import _TORCHVISION_AVAILABLE
assert _TORCHVISION_AVAILABLE
import torchvision
assert torchvision.ops.box_iou
"""
    assert "torchvision" in in_a_process(site, code)


def test_a_metric_that_needs_it_is_found_all_the_same(site):
    if not importlib.util.find_spec("torchvision"):
        pytest.skip("torchvision is not installed")
    code = """
factory_of("torchmetrics.classification:MulticlassAccuracy")
assert factory_of("torchmetrics.image:LearnedPerceptualImagePatchSimilarity")
from torchmetrics import Metric
assert issubclass(factory_of("torchmetrics.image:StructuralSimilarityIndexMeasure"), Metric)
"""
    in_a_process(site, code)
