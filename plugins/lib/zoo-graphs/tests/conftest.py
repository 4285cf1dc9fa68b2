"""One place decides whether a dataset's files can be had here; tests that need them skip if not."""

from __future__ import annotations

import os
from importlib import import_module

import pytest
from zoo_graphs.specs.data import DATASETS

import zoo_core.files
from zoo_core import DataError

SPECS = {spec.name: spec for spec in DATASETS}


class NotHere(DataError):
    """A file is neither in the mirror nor in the cache."""


@pytest.fixture(autouse=True)
def no_download(monkeypatch):
    """Let tests ask a mirror, folder or URL, but never a public address."""
    download, mirror = zoo_core.files._download, os.environ.get("ZOO_DATA_MIRROR", "")

    def refuse(file, url):
        if mirror.startswith("http") and url.startswith(mirror):
            return download(file, url)
        raise NotHere(f"{file.path} is not in the mirror, and tests download nothing")

    monkeypatch.setattr(zoo_core.files, "_download", refuse)


@pytest.fixture
def specs():
    return SPECS


@pytest.fixture
def load():
    """Return load(name, **options), which skips the test when the data cannot be had offline."""

    def loader(name, **options):
        spec = SPECS[name]
        module, _, attribute = spec.factory.partition(":")
        factory = getattr(import_module(module), attribute)
        try:
            return factory(**spec.config, **options)
        except NotHere as error:
            pytest.skip(f"{name}: {error}; set ZOO_DATA_MIRROR to a mirror that has it")

    return loader
