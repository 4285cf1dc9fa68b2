"""Lists give the same answer with an index, without one, and with whatever stands in its place."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import zlib
from pathlib import Path
from textwrap import dedent

import platformdirs
import pytest

from zoo_core import Notice
from zoo_core._home import home
from zoo_core._registry import index, listing, rows, specs
from zoo_core._registry.registry import registry

PLUGIN = """
    from zoo_{name}.specs import TITLE
    from zoo_core import Architecture, Dataset, Model, Paper, hookimpl

    ZOO_API = 2

    @hookimpl
    def zoo_papers():
        return [Paper(name="{name}-paper", title=TITLE, authors=["A. Author"], year=2020,
                      bibtex="@misc{{x}}", summary="A summary.")]

    @hookimpl
    def zoo_architectures():
        return [Architecture(name="{name}-net", cls="zoo_{name}.model:Net", paper="{name}-paper",
                             task="tasking", summary="A summary.")]

    @hookimpl
    def zoo_models():
        return [Model(name="{name}-data", architecture="{name}-net", dataset="data",
                      license="MIT", summary="A summary.")]
    """
LOCK = {"sha256": "0" * 64, "size": 1, "parameters": 7, "shape": {}, "repo": None, "revision": None}
RESULT = {
    "kind": "checkpoint",
    "dataset": "data",
    "options": {},
    "split": "test",
    "metric": "accuracy",
    "values": [0.5],
}
LISTED = """
    import json, sys, zoo
    from zoo_core._registry import listing
    print(json.dumps([listing.model_rows(untrained=True), listing.rows("papers")]))
    print("zoo_one" in sys.modules)
    """


def add(site, name: str, title: str = "A title") -> Path:
    """Install a plugin of one model with a result; what it lists is in three kinds of files."""
    package = site.add(
        name,
        {
            "__init__.py": PLUGIN.format(name=name),
            "specs.py": f"TITLE = {title!r}\n",
            "weights/lock.json": json.dumps({f"{name}-data": LOCK}),
        },
    )
    write_result(package, f"{name}-data", 0.5)
    return package


def write_result(package: Path, model: str, value: float) -> None:
    row = {**RESULT, "model": model, "method": model, "values": [value]}
    (package / "results").mkdir(exist_ok=True)
    (package / "results" / f"{model}.json").write_text(json.dumps({"measured": [row]}))


@pytest.fixture
def here(site, monkeypatch):
    """Let this process stand for fresh ones: it lists as each of them would."""
    tops = {name.partition(".")[0] for name in sys.modules}
    monkeypatch.setattr(index, "HARMLESS", frozenset(tops) - {"zoo_one", "zoo_two"})
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    add(site, "one")
    site.use()
    monkeypatch.delenv("ZOO_PLUGINS")
    monkeypatch.setattr(sys, "path", [str(site.folder)])
    monkeypatch.setattr(index.discovery, "only_folders", lambda: True)
    return site


def listed(site) -> tuple[dict, bool]:
    """What a fresh process lists, and whether it read the plugins for it."""
    site.forget()
    index.STARTED = time.time() + 60  # no file is young
    found, known = index.listed()
    site.forget()
    return found, known is not None


def as_read(site) -> dict:
    """What lists show without any index."""
    site.forget()
    found = index._from_plugins()[0]
    site.forget()
    return found


@pytest.fixture(autouse=True)
def started():
    """Let no test change when this process started."""
    before = index.STARTED
    yield
    index.STARTED = before


def place() -> Path:
    (found,) = Path(home(), "index").glob("*.json")
    return found


def test_a_second_list_reads_no_plugin_and_says_the_same(here):
    first, read = listed(here)
    assert read
    assert [row["name"] for row in first["models"]] == ["one-data"]
    assert first["models"][0]["results"]["accuracy"]["shown"] == "accuracy 50.0 %"
    again, read = listed(here)
    assert not read
    assert again == first == as_read(here)


def test_in_processes_of_their_own(site, monkeypatch):
    """The same, with nothing replaced: real processes, real ages of files."""
    add(site, "one")
    Path(site.env()["ZOO_HOME"]).mkdir()
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    fresh = site.python(LISTED).out.splitlines()
    assert not Path(site.env()["ZOO_HOME"], "index").exists()  # all files are too young
    assert fresh[1] == "True"
    for _ in range(10):  # other tests may write beside the project meanwhile
        time.sleep(index.YOUNG + 0.1)
        site.python(LISTED)
        indexed = site.python(LISTED).out.splitlines()
        if indexed[1] == "False":
            break
    assert indexed[1] == "False"
    assert fresh[0] == indexed[0]
    assert site.zoo("list").out == site.zoo("list", ZOO_HOME="/dev/null/nowhere").out


HEAVY = ("pluggy", "dataclasses", "pathlib", "tempfile", "zoo_core._registry.specs", "zoo_one")


@pytest.mark.parametrize("shell", [False, True], ids=["python", "shell"])
def test_a_list_from_the_index_imports_next_to_nothing(here, shell):
    listed(here)
    code = "import zoo; zoo.list_models()"
    if shell:
        code = "from zoo_core._shell.shell import main; sys.argv = ['zoo', 'list']; main()"
    told = f"""
        import atexit, sys
        atexit.register(lambda: print(sorted(set({HEAVY!r}) & set(sys.modules)), file=sys.stderr))
        from zoo_core._registry import index
        index._key = lambda: {index._key()!r}
        {code}
        """
    env = {"PYTHONPATH": str(here.folder), "ZOO_HOME": home()}
    done = here.python(told, **env)
    assert (done.code, done.err.strip()) == (0, "[]")
    assert "one-data" in done.out if shell else not done.out


def corrupt(change):
    """Return what writes an index anew, its check sum right, with other contents."""

    def write(path: Path) -> None:
        content = json.loads(path.read_bytes().partition(b"\n")[2])
        content["rows"]["models"] = []
        change(content)
        body = json.dumps(content).encode()
        path.write_bytes(b"%08x\n" % zlib.crc32(body) + body)

    return write


def with_bytes(change):
    return lambda path: path.write_bytes(change(path.read_bytes()))


def with_body(body: bytes):
    return lambda path: path.write_bytes(b"%08x\n" % zlib.crc32(body) + body)


def as_fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def as_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def key(position, value):
    return corrupt(lambda content: content["key"].__setitem__(position, value))


DAMAGE = {
    "deleted": Path.unlink,
    "empty": with_bytes(lambda content: b""),
    "cut": with_bytes(lambda content: content[: len(content) // 2]),
    "one letter": with_bytes(lambda content: content.replace(b"A title", b"A tithe")),
    "no check sum": with_bytes(lambda content: content.partition(b"\n")[2]),
    "no text": with_bytes(lambda content: bytes(range(256))),
    "another kind of JSON": with_body(b"[]"),
    "no keys": with_body(b"{}"),
    "a pit": with_body(b"[" * 100_000),
    "a fifo": as_fifo,
    "a folder": as_folder,
    "another format": key(0, index.FORMAT + 1),
    "another Python": key(1, "3.99"),
    "another environment": key(2, "/elsewhere"),
    "another path": key(3, ["/elsewhere"]),
    "other plugins": key(4, "one"),
    "another user": key(5, 12345),
    "a file that is gone": corrupt(lambda c: c["stamps"].update({"/nowhere": [1, 1, 1, 1]})),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_a_damaged_index_is_thrown_away(here, damage):
    listed(here)
    damage(place())
    found, read = listed(here)
    assert read
    assert found == as_read(here)
    assert [row["name"] for row in found["models"]] == ["one-data"]


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="needs root")
def test_an_index_that_somebody_else_wrote_is_not_used(here):
    listed(here)
    os.chown(place(), 12345, 12345)
    assert listed(here)[1]


def in_place(path: Path, old: str, new: str) -> None:
    """Change a file as an upgrade might: the same size, the same time."""
    before = path.stat()
    text = path.read_text()
    assert old in text and len(old) == len(new)
    path.write_text(text.replace(old, new))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_mtime_ns == before.st_mtime_ns


def replaced(path: Path, old: str, new: str) -> None:
    """Change a file as a package manager might: another one in its place, as old and as large."""
    other = path.with_name("other")
    other.write_text(path.read_text().replace(old, new))
    os.utime(other, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
    other.replace(path)


def uninstall(site) -> None:
    for path in (
        *site.folder.glob("zoo_two-1.0.dist-info/*"),
        site.folder / "zoo_two-1.0.dist-info",
    ):
        path.rmdir() if path.is_dir() else path.unlink()


def shadow(site) -> None:
    """Put another module of the same name before the plugin's on the path."""
    site.write("early/zoo_two/__init__.py", PLUGIN.format(name="two"))
    site.write("early/zoo_two/specs.py", "TITLE = 'Early'\n")


def retrained(site) -> None:
    path = site.folder / "zoo_two" / "weights" / "lock.json"
    path.write_text(path.read_text().replace("7", "8"))


CHANGES = {
    "a plugin's file": lambda s: (s.folder / "zoo_two/specs.py").write_text("TITLE = 'New'"),
    "in place": lambda s: in_place(s.folder / "zoo_two/specs.py", "A title", "B title"),
    "replaced": lambda s: replaced(s.folder / "zoo_two/specs.py", "A title", "B title"),
    "a lock file": retrained,
    "a result": lambda s: write_result(s.folder / "zoo_two", "two-data", 0.25),
    "a new file of results": lambda s: write_result(s.folder / "zoo_one", "one-data", 0.125),
    "installed": lambda s: add(s, "three"),
    "uninstalled": uninstall,
    "an entry point": lambda s: s.write("zoo_two-1.0.dist-info/entry_points.txt", "[zoo]\n"),
    "what plugins share": lambda s: (s.folder / "zoo_shared.py").write_text("TITLE = 'Ours'"),
    "shadowed": shadow,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_stale_index_is_thrown_away(here, change, monkeypatch):
    package = add(here, "two")
    (here.folder / "zoo_one" / "results" / "one-data.json").unlink()
    here.write("zoo_shared.py", "TITLE = 'Shared'\n")
    here.packages.add("zoo_shared")
    (here.folder / "early").mkdir()
    monkeypatch.setattr(sys, "path", [str(here.folder / "early"), str(here.folder)])
    title = package / "__init__.py"
    title.write_text(title.read_text() + "\nfrom zoo_shared import TITLE as S\nTITLE = TITLE + S\n")
    before, read = listed(here)
    assert read and not listed(here)[1]
    change(here)
    found, read = listed(here)
    assert read
    assert found == as_read(here) != before


def test_the_core_s_own_files_count(here):
    """Another version of the core, in the same place, makes another index."""
    listed(here)
    stamps = json.loads(place().read_bytes().partition(b"\n")[2])["stamps"]
    for module in (index, listing, rows, specs):
        assert module.__file__ in stamps


def test_young_files_make_no_index(here):
    here.forget()
    index.STARTED = time.time()
    assert index.listed()[1] is not None
    assert not Path(home(), "index").exists()


def test_a_process_that_has_imported_a_plugin_writes_none(here):
    here.forget()
    index.STARTED = time.time() + 60
    import zoo_one

    assert zoo_one.TITLE == "A title"
    assert index.listed()[1] is not None
    assert not Path(home(), "index").exists()


def test_a_process_that_has_read_its_plugins_lists_these(here):
    listed(here)
    assert registry().models.specs
    assert index.listed()[1] is registry()


def test_what_has_to_be_said_is_said_each_time(here):
    """A broken plugin, a clash and an unknown name are told of by every list."""
    here.add("broken", "raise RuntimeError('no luck')")
    for _ in range(3):
        here.forget()
        index.STARTED = time.time() + 60
        listing.list_models()
        assert listing.some_broken()
    uninstalled = here.folder / "zoo_broken-1.0.dist-info" / "entry_points.txt"
    uninstalled.unlink()
    here.add("twin", PLUGIN.format(name="one"))
    for _ in range(3):
        here.forget()
        with pytest.warns(Notice, match="registered by zoo-one and by zoo-twin"):
            listing.list_models()
    here.monkeypatch.setenv("ZOO_PLUGINS", "one,oen")
    for _ in range(3):
        here.forget()
        with pytest.warns(Notice, match="ZOO_PLUGINS names 'oen'"):
            assert listing.list_models() == ["one-data"]
    assert not Path(home(), "index").exists()


def test_each_choice_of_plugins_has_an_index(here):
    add(here, "two")
    for _ in range(2):
        found = [len(listed(here)[0]["models"])]
        here.monkeypatch.setenv("ZOO_PLUGINS", "two")
        found.append(len(listed(here)[0]["models"]))
        here.monkeypatch.delenv("ZOO_PLUGINS")
        assert found == [2, 1]
    assert len(list(Path(home(), "index").glob("*.json"))) == 2


def test_old_indices_are_swept(here):
    for number in range(index.KEPT + 3):
        here.monkeypatch.setenv("ZOO_PLUGINS", "one," * (number + 1))
        listed(here)
    assert len(list(Path(home(), "index").iterdir())) == index.KEPT


@pytest.mark.parametrize("where", ["/dev/null/nowhere", "/proc"])
def test_a_folder_that_cannot_be_written_to(here, where):
    here.monkeypatch.setenv("ZOO_HOME", where)
    for _ in range(2):
        found, read = listed(here)
        assert read and len(found["models"]) == 1


def test_a_full_disk(here, monkeypatch):
    """A file that may not grow fails as on a full disk does: in the middle of writing."""

    def full(path, content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    found, read = listed(here)
    assert read and len(found["models"]) == 1
    assert list(Path(home(), "index").iterdir()) == []


def test_two_processes_write_at_once(here):
    listed(here)
    code = """
        import sys
        from zoo_core._registry import index
        content = {"key": [], "stamps": {}, "rows": {"models": ["x"] * 20_000}}
        for _ in range(20):
            index._write(sys.argv[1], content)
        """
    command = [sys.executable, "-c", dedent(code), str(place())]
    writers = [subprocess.Popen(command) for _ in range(2)]
    while any(writer.poll() is None for writer in writers):
        head, _, body = place().read_bytes().partition(b"\n")
        assert int(head, 16) == zlib.crc32(body)
    assert [writer.returncode for writer in writers] == [0, 0]
    assert listed(here)[1] and not listed(here)[1]


def test_it_is_kept_where_the_platform_keeps_what_can_be_made_again(monkeypatch):
    monkeypatch.delenv("ZOO_HOME", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert home() == platformdirs.user_cache_dir("zoo")
    for cache in ("", "  ", "/elsewhere/cache"):
        monkeypatch.setenv("XDG_CACHE_HOME", cache)
        assert home() == platformdirs.user_cache_dir("zoo"), cache
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert os.path.isabs(home())
