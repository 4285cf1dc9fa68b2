"""CONTRIBUTING.md, command by command: a plugin grows from nothing to published."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from hub import Hub

from zoo_core._registry.registry import registry

PAGE = Path(__file__).parent.parent / "CONTRIBUTING.md"
BLOCKS = re.findall(
    r"^```sh\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
)
COMMANDS = [shlex.split(line, comments=True) for block in BLOCKS for line in block.splitlines()]
TOKEN = "hf_abcdefgh"


class Author:
    """Somebody who types these commands, in this process wherever that is possible."""

    def __init__(self, site, zoo_here, hub):
        self.site, self.zoo_here, self.hub = site, zoo_here, hub
        self.typed: list[str] = []

    def type(self, words: list[str]) -> None:
        match words:
            case ["zoo", "publish", *rest]:
                env = {**self.hub.env(), "HF_TOKEN": TOKEN, **self.site.more}
                done = self.site.zoo("publish", *rest, **env)
                assert done.code == 0, done.err
            case ["zoo", *rest]:
                registry.cache_clear()
                done = self.zoo_here(*rest)
                assert done.code == 0, done.err
            case ["cd", folder]:
                self.site.monkeypatch.chdir(folder)
            case ["pip", "install", "-e", ".[dev]"]:
                self.install()
            case ["python", *rest]:
                code = self.run(rest)
                assert code == 0, rest
            case _:
                raise AssertionError(f"nobody runs {words}")
        self.typed.append(words[0] if words[0] != "zoo" else words[1])

    def install(self) -> None:
        """What an editable install leaves: metadata, and the project's folder on the path."""
        project = tomllib.loads(Path("pyproject.toml").read_text())["project"]
        (point,) = project["entry-points"]["zoo"].items()
        info = f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
        self.site.write(f"{info}/METADATA", f"Name: {project['name']}\nVersion: 0.1.0\n")
        self.site.write(f"{info}/entry_points.txt", f"[zoo]\n{point[0]} = {point[1]}\n")
        self.site.names.append(point[0])
        self.site.packages.add(point[1])
        self.site.more = {"PYTHONPATH": f"{self.site.folder}:{Path.cwd()}"}
        self.site.monkeypatch.syspath_prepend(Path.cwd())
        self.site.use()
        self.site.monkeypatch.chdir("mypaper")
        self.site.monkeypatch.setenv("PYTHONPATH", self.site.more["PYTHONPATH"])
        assert metadata.version("zoo-mypaper") == "0.1.0"

    def run(self, words: list[str]) -> int:
        if words == ["-m", "pytest"]:
            quiet = ["-q", "-p", "no:cacheprovider", "--import-mode=importlib"]
            with self.site.monkeypatch.context() as patch:
                for name in [name for name in sys.modules if name.partition(".")[0] == "tests"]:
                    patch.delitem(sys.modules, name)  # those of the plugin have the same names
                return int(pytest.main([*quiet, str(Path.cwd())]))
        return subprocess.run([sys.executable, *words], check=False).returncode


@pytest.mark.slow
def test_each_command_works_in_this_order(site, zoo_here, tmp_path):
    site.use()
    with Hub() as hub:
        hub.add_token(TOKEN, "me")
        author = Author(site, zoo_here, hub)
        for words in filter(None, COMMANDS):
            author.type(words)
        assert {*hub.files("me/mypaper-example")} > {"README.md", "model.safetensors"}
    assert {"new", "train", "evaluate", "verify", "cards", "publish", "install"} <= {*author.typed}
    assert len(list((tmp_path / "mypaper" / "dist").iterdir())) == 2


def test_the_page_is_a_page():
    assert len(PAGE.read_text(encoding="utf-8").splitlines()) <= 80
