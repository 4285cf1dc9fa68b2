"""Plugins that ZOO_PLUGINS leaves out are installed: nobody is told to install them."""

from __future__ import annotations

import json

import pytest

from zoo_core._registry import registry as registry_module

TYPO = "zoo: ZOO_PLUGINS names 'toi', which is not installed; did you mean 'toy'?\n"


@pytest.fixture
def left_out(site, tmp_path, monkeypatch):
    """The toy is installed, and the variable misspells it."""
    site.add_toy("toy-a")
    path = tmp_path / "catalogue.json"
    path.write_text(json.dumps({"zoo-toy": ["toy-a"], "zoo-far": ["far-model"]}))
    monkeypatch.setattr(registry_module, "CATALOGUE", path)
    monkeypatch.setattr("zoo_core._registry.left_out.entry_points", lambda group: points())

    def points():
        return [one for one in registry_module.entry_points("zoo") if one.name == "toy"]

    site.use(ZOO_PLUGINS="toi")
    registry_module.registry.cache_clear()
    return site


@pytest.mark.parametrize("verb", ["show", "predict", "evaluate", "verify", "download"])
def test_a_name_that_is_left_out_is_not_to_be_installed(left_out, zoo_here, verb):
    done = zoo_here(verb, "toy-a")
    assert done.code == 2
    assert done.err.startswith(TYPO)
    assert "Plugin 'toy' brings it, which is installed, and which ZOO_PLUGINS leaves" in done.err
    assert "pip install" not in done.err


def test_what_may_be_left_out_is_told(left_out, zoo_here):
    done = zoo_here("show", "toy-q")
    assert "ZOO_PLUGINS leaves out the installed plugin 'toy', which may have it." in done.err
    assert "zoo-far brings it: `" in zoo_here("show", "far-model").err


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["demo"], 2),
        (["evaluate", "--all"], 2),
        (["verify", "--all"], 2),
        (["list"], 0),
        (["list", "--papers"], 0),
    ],
)
def test_nothing_to_do_is_told_with_what_is_left_out(left_out, zoo_here, words, code):
    done = zoo_here(*words)
    assert (done.code, done.out) == (code, "")
    assert "ZOO_PLUGINS leaves out the installed plugin 'toy'" in done.err
    assert "zoo install" not in done.err


def test_without_the_variable_nothing_is_left_out(left_out, zoo_here, monkeypatch):
    monkeypatch.setenv("ZOO_PLUGINS", "toy")
    registry_module.registry.cache_clear()
    done = zoo_here("show", "toy-q")
    assert "ZOO_PLUGINS" not in done.err
    assert zoo_here("show", "toy-a", "--json").code == 0
