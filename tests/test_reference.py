"""Both doors are documented well enough for a reference, and every example of theirs runs."""

from __future__ import annotations

import ast
import dataclasses
import doctest
import hashlib
import inspect
import itertools
import os
import re
import warnings
from pathlib import Path

import numpy
import pytest
import torch

import zoo
import zoo_core

USER = {f"zoo.{name}": getattr(zoo, name) for name in zoo.__all__}
AUTHOR = {f"zoo_core.{name}": getattr(zoo_core, name) for name in zoo_core.__all__}
DOORS = USER | {name: thing for name, thing in AUTHOR.items() if thing not in USER.values()}
CONSTANTS = {
    "zoo_core.API_LEVEL": "_registry/specs.py",
    "zoo_core.hookimpl": "_registry/hooks.py",
    "zoo_core.Quantity": "interfaces.py",
    "zoo_core.Verdict": "interfaces.py",
}
"""What is no class or function has its documentation below it, in its source."""
DOCUMENTED = {name: thing for name, thing in DOORS.items() if name not in CONSTANTS}
FUNCTIONS = {
    name: inspect.unwrap(thing)
    for name, thing in DOCUMENTED.items()
    if inspect.isfunction(inspect.unwrap(thing))
}
CLASSES = {name: thing for name, thing in DOCUMENTED.items() if inspect.isclass(thing)}
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
GIVEN = {
    "zoo": zoo,
    "zoo_core": zoo_core,
    "torch": torch,
    "numpy": numpy,
    "Path": Path,
    "os": os,
    "hashlib": hashlib,
    "warnings": warnings,
}
"""What examples need not import."""


def words_of(thing) -> set[str]:
    return set(re.findall(r"\w+", (inspect.getdoc(thing) or "").partition(">>>")[0]))


def test_nothing_public_is_left_out():
    assert set(FUNCTIONS) | set(CLASSES) == set(DOCUMENTED)
    assert {*map(id, DOORS.values())} == {*map(id, [*USER.values(), *AUTHOR.values()])}


@pytest.mark.parametrize("name", DOCUMENTED)
def test_a_name_has_a_sentence_and_an_example(name):
    told = inspect.getdoc(DOCUMENTED[name]) or ""
    first = told.splitlines()[0]
    assert first.endswith((".", ":")) and len(first) > 20
    assert "\n>>> " in told


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_tells_of_each_parameter_and_of_what_it_raises(name):
    function = FUNCTIONS[name]
    parameters = inspect.signature(function).parameters
    assert set(parameters) - words_of(function) == set()
    assert {"raises", "Raises"} & words_of(function), "what it raises, or that it raises nothing"


FIELDS = {name: cls for name, cls in CLASSES.items() if dataclasses.is_dataclass(cls)}


@pytest.mark.parametrize("name", FIELDS)
def test_a_class_tells_of_each_field(name):
    fields = {field.name for field in dataclasses.fields(FIELDS[name]) if field.init}
    assert fields - words_of(FIELDS[name]) == set()


@pytest.mark.parametrize("name", CONSTANTS)
def test_a_constant_has_a_sentence_below_it(name):
    path = Path(zoo_core.__file__).parent / CONSTANTS[name]
    body = ast.parse(path.read_text(encoding="utf-8")).body
    short = name.rpartition(".")[2]
    for node, after in itertools.pairwise(body):
        targets = getattr(node, "targets", [getattr(node, "target", None)])
        if any(getattr(target, "id", None) == short for target in targets):
            assert isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
            assert len(str(after.value.value)) > 20
            return
    raise AssertionError(f"{short} is not in {path}")


@pytest.fixture
def alone(tmp_path, monkeypatch, no_network):
    """A folder of its own, no mirror and no network; what an example sets is undone."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ZOO_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ZOO_DATA_MIRROR", "")
    return dict(GIVEN)


@pytest.mark.parametrize("name", DOCUMENTED)
def test_the_example_of_a_name_runs(name, alone):
    finder = doctest.DocTestFinder(recurse=False)
    (test,) = finder.find(inspect.unwrap(DOCUMENTED[name]), name, globs=alone, module=False)
    said: list[str] = []
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        doctest.DocTestRunner(optionflags=FLAGS).run(test, out=said.append)
    assert "".join(said) == ""
    assert test.examples
