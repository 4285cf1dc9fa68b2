"""A pytest plugin: what the tests of every paper need (see `zoo_core.testing`)."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from zoo_core.errors import DataError


class NotAtHand(DataError):
    """A file that is neither in the mirror nor in the cache; damaged data are other errors."""


@dataclass
class Outcome:
    """What a command left: exit code, standard output and standard error."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The standard output, read as JSON."""
        import json

        return json.loads(self.out)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Register the hypothesis profile "zoo", where a run asks for it."""
    if config.getoption("hypothesis_profile", None) == "zoo":
        from hypothesis import settings

        settings.register_profile(
            "zoo", max_examples=25, deadline=None, derandomize=True, database=None
        )


@pytest.fixture
def zoo_here(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[..., Outcome]:
    """Run the shell in this process, as its `main` runs it: no start-up cost for many calls."""
    from zoo_core._shell import shell
    from zoo_core._shell.options import TRACEBACK

    def run(*args: str | Path) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["zoo", *map(str, args)])
        capfd.readouterr()
        with monkeypatch.context() as call, pytest.raises(SystemExit) as stopped:
            # `--traceback` sets it for the process, which a call here is not.
            call.setenv(TRACEBACK, os.environ.get(TRACEBACK, ""))
            shell.main()
        return Outcome(int(stopped.value.code or 0), *capfd.readouterr())

    return run


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let data come from the mirror and the cache alone: a download is a `DataError`."""
    from zoo_core._loading import files

    def refuse(file: Any, url: str) -> Path:
        raise NotAtHand(f"{file.path} would have been downloaded from {url}.")

    monkeypatch.setattr(files, "_download", refuse)


@pytest.fixture
def data_or_skip(no_network: None, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Return a dataset by name and options; where its files are not at hand, skip the test."""
    from zoo_core._loading import files
    from zoo_core._measuring.opening import dataset

    def refuse(file: Any) -> Path:
        where = f"would come from {file.url}" if file.url else "has no public address"
        raise NotAtHand(f"{file.path} {where}.")

    monkeypatch.setattr(files, "_from_its_address", refuse)

    def get(name: str, **options: Any) -> Any:
        try:
            return dataset(name, **options)
        except NotAtHand as error:
            pytest.skip(f"{name} is not at hand: {error}")

    return get
