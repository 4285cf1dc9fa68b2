"""``make release``: builds every distribution, checks them, and tries them where nothing else is.

``python -m zoo_core._authoring.releasing FOLDER… [--out dist] [--slim] [--demo MODEL]`` builds the
wheel and the archive of source of the projects in the folders, has twine check them, and with a
model's name installs all wheels into a clean environment in a folder of its own and runs the demo
from there.

A slim wheel keeps the weights of those models only that the project's ``pyproject.toml`` names:
``[tool.zoo]``, ``flagships = ["NAME", …]``. The others are left to the Hub: those whose lock file
pins a commit there. One that could be had nowhere stays in the wheel, and is told.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
import venv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from zoo_core.errors import BadInput, PluginError

SKIPPED = shutil.ignore_patterns(".*", "__pycache__", "*.part", "dist", "build")


@dataclass(frozen=True)
class Slim:
    """What a slim wheel leaves to the Hub, and what it keeps since the Hub has it not."""

    left: dict[str, str] = field(default_factory=dict)
    kept: tuple[str, ...] = ()

    def told(self) -> Iterator[str]:
        """Yield what is to be said of it: a line each."""
        for model, place in self.left.items():
            yield f"{model} is left to the Hub: {place}"
        if self.kept:
            yield f"kept, being on no Hub: {', '.join(self.kept)}"


def build(folder: Path, out: Path, *, slim: bool = False) -> tuple[list[Path], Slim]:
    """Build a project's wheel and archive of source; return them, and what a slim wheel leaves out.

    Raises `PluginError` when the builder fails, and `BadInput` for flagships that are no models.
    """
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="zoo-build-") as made:
        target = Path(made) / "dist"
        _hatchling(folder, target, "sdist")
        found = Slim()
        if slim and flagships(folder):
            copy = Path(made) / "copy"
            shutil.copytree(folder, copy, ignore=SKIPPED)
            found = slimmed(copy)
            _hatchling(copy, target, "wheel")
        else:
            _hatchling(folder, target, "wheel")
        return [
            Path(shutil.move(path, out / path.name)) for path in sorted(target.iterdir())
        ], found


def _hatchling(folder: Path, target: Path, kind: str) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(target)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise PluginError(f"{folder} could not be built: {(done.stderr or done.stdout).strip()}")


def flagships(folder: Path) -> list[str]:
    """Return the models that a project's slim wheel keeps; none where nothing is declared."""
    project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))
    return list(project.get("tool", {}).get("zoo", {}).get("flagships", ()))


def slimmed(folder: Path) -> Slim:
    """Remove from a copy of a project the weights that are left to the Hub; return which."""
    kept, left, odd = flagships(folder), {}, []
    entries = {
        (path.parent, name): entry
        for path in folder.glob("*/weights/lock.json")
        for name, entry in json.loads(path.read_bytes()).items()
    }
    unknown = set(kept) - {name for _, name in entries}
    if unknown:
        raise BadInput(
            f"{folder.name} has no weights of its flagships {', '.join(sorted(unknown))}."
        )
    for (weights, name), entry in entries.items():
        if name in kept:
            continue
        if not (entry.get("repo") and entry.get("revision")):
            odd.append(name)
            continue
        left[name] = f"{entry['repo']}@{entry['revision'][:12]}"
        (weights / f"{name}.safetensors").unlink(missing_ok=True)
        shutil.rmtree(weights / name, ignore_errors=True)
    return Slim(left, tuple(odd))


def check(paths: Sequence[Path]) -> None:
    """Have twine check distributions; raises `PluginError` with what it found."""
    command = [sys.executable, "-m", "twine", "check", "--strict", *map(str, paths)]
    plain = {**os.environ, "NO_COLOR": "1", "TERM": "dumb"}
    done = subprocess.run(command, env=plain, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise PluginError(f"twine refuses: {(done.stdout + done.stderr).strip()}")


@contextmanager
def clean_environment(wheels: Sequence[Path]) -> Iterator[Path]:
    """Give a folder of its own with an environment ``env`` that has the wheels and their needs."""
    with tempfile.TemporaryDirectory(prefix="zoo-release-") as made:
        folder = Path(made)
        venv.create(folder / "env", with_pip=True)
        python = folder / "env" / ("Scripts" if os.name == "nt" else "bin") / "python"
        command = [str(python), "-m", "pip", "install", "--quiet", *map(str, wheels)]
        if subprocess.run(command, cwd=folder, check=False).returncode != 0:
            raise PluginError("The wheels cannot be installed together (see above).")
        yield folder


def demo(folder: Path, model: str) -> None:
    """Run the demo in such a folder, with nothing of the project on its path."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    zoo = folder / "env" / ("Scripts" if os.name == "nt" else "bin") / "zoo"
    if (
        subprocess.run([str(zoo), "demo", model], cwd=folder, env=clean, check=False).returncode
        != 0
    ):
        raise PluginError(f"The demo of {model} fails where only the wheels are (see above).")


def main(words: Sequence[str] | None = None) -> None:
    """Build, check, install and try; print a line for each distribution."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, default=Path("dist"))
    parser.add_argument("--slim", action="store_true")
    parser.add_argument("--demo", metavar="MODEL")
    given = parser.parse_args(words)
    shutil.rmtree(given.out, ignore_errors=True)
    begun = time.perf_counter()
    made: list[Path] = []
    try:
        for folder in given.folders:
            paths, slim = build(folder.resolve(), given.out, slim=given.slim)
            made += paths
            print(*(f"{path.name} {path.stat().st_size / 1e6:.1f} MB" for path in paths), sep="  ")
            for line in slim.told():
                print(f"   {line}", flush=True)
        check(made)
        print(f"{len(made)} files checked after {time.perf_counter() - begun:.0f} s", flush=True)
        if given.demo:
            wheels = [path.resolve() for path in made if path.suffix == ".whl"]
            with clean_environment(wheels) as place:
                demo(place, given.demo)
            print(f"installed and tried after {time.perf_counter() - begun:.0f} s")
    except (BadInput, PluginError) as error:
        sys.exit(f"release: {error}")


if __name__ == "__main__":
    main()
