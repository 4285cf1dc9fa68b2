"""Every benchmark runs in its quick version and writes what it should; no verdict on the times."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

SHARED = "contest.py"  # by the scripts; no benchmark itself
FOLDER = Path(__file__).parents[1] / "benchmarks"
SCRIPTS = sorted(script for script in FOLDER.glob("*.py") if script.name != SHARED)


def run(script: Path, *options: str | Path) -> str:
    """The output of a benchmark, without data to be had and on one thread."""
    env = {key: value for key, value in os.environ.items() if key != "ZOO_DATA_MIRROR"}
    command = [sys.executable, script, *options]
    done = subprocess.run(
        list(map(str, command)),
        env={**env, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def no_number(name: str) -> None:
    raise AssertionError(f"{name} in the JSON file")


@pytest.mark.slow
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_quick(script, tmp_path):
    if script.stem == "core" and find_spec("timm") is None:
        pytest.skip("benchmarks/core.py compares with timm: pip install -e '.[bench]'")
    path = tmp_path / "rows.json"
    table = run(script, "--quick", "--json", path)
    content = json.loads(path.read_text(), parse_constant=no_number)
    assert content["versions"]["torch"]
    assert content["rows"]
    assert len(table.splitlines()) > len(content["rows"])
