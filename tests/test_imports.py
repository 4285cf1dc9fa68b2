"""Listing is light: nothing heavy is imported before it is needed."""

from __future__ import annotations

import json

import pytest

from zoo_core.testing import HEAVY, check_listing

CODES = {
    "import zoo": "import zoo",
    "zoo.list_models()": "import zoo; assert zoo.list_models() == ['toy-a']",
    "zoo.info()": "import zoo; assert zoo.info('toy-a')['weights']['parameters'] == 15",
    "plugin author's door": "import zoo_core",
}
SHELL = """
import json, sys
from zoo_core._shell.shell import main
sys.argv = ["zoo", *sys.argv[1:]]
try:
    main()
finally:
    print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""
VERBS = (
    ("list",),
    ("list", "--json"),
    ("list", "--datasets"),
    ("list", "--sort", "result"),
    ("plugins",),
    ("show", "toy-a", "--json"),
    ("--help",),
    ("train", "--help"),
)


def heavy(modules: list[str]) -> set[str]:
    return {name.partition(".")[0] for name in modules} & HEAVY


@pytest.mark.parametrize("code", CODES.values(), ids=CODES.keys())
def test_importing_and_listing_import_nothing_heavy(site, code):
    site.add_toy("toy-a")
    done = site.python(f"{code}\nimport sys, json; print(json.dumps(list(sys.modules)))")
    assert done.code == 0, done.err
    assert heavy(json.loads(done.out)) == set()


@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
def test_verbs_that_compute_nothing_import_nothing_heavy(site, verb):
    site.add_toy("toy-a")
    done = site.python(SHELL, *verb)
    assert done.code == 0, done.err
    assert done.out
    assert heavy(json.loads(done.err.splitlines()[-1])) == set()


def test_the_check_sees_a_heavy_plugin(site):
    """A plugin that imports torch at its top is what these tests are there to notice."""
    site.add("heavy", "import numpy\nZOO_API = 2\n")
    done = site.python("import zoo, sys; zoo.list_models(); print('numpy' in sys.modules)")
    assert done.out.strip() == "True"


def test_the_kits_check_sees_a_heavy_plugin_and_one_without_papers(site, monkeypatch):
    init = site.add_toy("toy-a") / "__init__.py"
    for name, value in site.env().items():
        monkeypatch.setenv(name, value)
    check_listing("toy")
    init.write_text(f"import numpy\n{init.read_text()}")
    with pytest.raises(AssertionError, match="Listing toy imports numpy"):
        check_listing("toy")
    with pytest.raises(AssertionError, match="nothing lists no paper"):
        check_listing("nothing")


def test_every_public_name_is_there_and_documented():
    import zoo

    assert set(zoo.__all__) <= set(dir(zoo))
    for name in zoo.__all__:
        assert getattr(zoo, name).__doc__, name
    with pytest.raises(AttributeError, match="nothing"):
        _ = zoo.nothing
