"""What people see: lists and pages on a pseudo-terminal of any width, and the same text piped."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import threading
from pathlib import Path

import pytest
from rich.cells import cell_len

import zoo
from zoo_core._registry import results
from zoo_core._registry.results import Result
from zoo_core._shell import shell
from zoo_core._shell.lists import human
from zoo_core._shell.tables import Column, columns_of, fitted

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
WIDTHS = [40, 60, 80, 120]


@pytest.fixture
def terminal(monkeypatch):
    """Run the shell in this process on a pseudo-terminal; return all that it wrote there."""

    def run(*words, width=80, **env):
        for name, value in {"TERM": "xterm-256color", "COLUMNS": str(width), **env}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["zoo", *map(str, words)])
        leader, follower = pty.openpty()
        read: list[bytes] = []
        reader = threading.Thread(target=_read, args=(leader, read))
        reader.start()
        with open(follower, "w", encoding="utf-8") as stream, monkeypatch.context() as inside:
            inside.setattr(sys, "stdout", stream)
            inside.setattr(sys, "stderr", stream)
            with contextlib.suppress(SystemExit):
                shell.main()
        reader.join(60)
        os.close(leader)
        return b"".join(read).decode().replace("\r\n", "\n")

    return run


def _read(leader, read):
    with contextlib.suppress(OSError):  # Linux's way to say that the other side is closed
        while piece := os.read(leader, 65536):
            read.append(piece)


@pytest.fixture
def many(in_memory, make_spec):
    """Two papers with models of all sizes, a fitted estimator and an algorithm among them."""
    sizes = {
        "tiny-net": {"parameters": 802},
        "small-net": {"parameters": 26_000, "buffers": 7},
        "network-of-a-rather-long-name": {"parameters": 1_319_808},
        "fit": {"parameters": 0, "buffers": 6447},
        "algorithm": {"parameters": 0, "buffers": 0},
    }
    models = [
        make_spec("models", name, architecture="fit" if lock["parameters"] == 0 else "net")
        for name, lock in sizes.items()
    ]
    in_memory(
        locks=sizes,
        plugin={
            "papers": [
                make_spec("papers", "a-paper", title="A [title] of many words " * 5),
                make_spec("papers", "b-paper"),
            ],
            "architectures": [
                make_spec("architectures", "net", paper="a-paper", task="a-task"),
                make_spec("architectures", "fit", paper="b-paper", task="b-task"),
            ],
            "models": [*models, make_spec("models", "waiting", architecture="net")],
            "datasets": [make_spec("datasets", "data", title="Data, of many words " * 5)],
        },
    )
    return list(sizes)


@pytest.mark.parametrize("width", WIDTHS)
def test_a_list_fits_and_breaks_no_name(many, terminal, width):
    told = ESCAPE.sub("", terminal("list", width=width))
    lines = told.splitlines()
    assert max(map(cell_len, lines)) <= width
    first = [line.split()[0] for line in lines if line.strip()]
    assert all(first.count(name) == 1 for name in (*many, "a-paper", "b-paper"))
    assert first.index("small-net") < first.index("b-paper") < first.index("fit")
    titled = next(line for line in lines if line.startswith("a-paper"))
    assert titled.rstrip().endswith("…")
    assert "[title]" in titled or width == 40
    if width == 120:
        assert all(word in lines[0] for word in ("parameters", "dataset", "task", "licence"))
    if "no room" in told:
        assert "licence" in told.partition("no room for ")[2]


def test_sizes_are_for_people_and_on_the_right(many, terminal):
    lines = ESCAPE.sub("", terminal("list", width=120)).splitlines()
    end = lines[0].index("parameters") + len("parameters")
    sizes = {line.split()[0]: line[:end] for line in lines if line.split()[:1] != []}
    assert sizes["tiny-net"].endswith(" 802")
    assert sizes["small-net"].endswith(" 26.0 k")
    assert sizes["network-of-a-rather-long-name"].endswith(" 1.3 M")


def test_fitted_values_stand_where_there_are_no_parameters(many, terminal, zoo_here):
    told = ESCAPE.sub("", terminal("list", width=120))
    assert re.search(r"^fit +6\.4 k fitted ", told, re.MULTILINE)
    assert re.search(r"^algorithm +none ", told, re.MULTILINE)
    rows = {row["name"]: row for row in zoo_here("list", "--json").json}
    assert (rows["fit"]["parameters"], rows["fit"]["fitted"]) == (0, 6447)
    assert (rows["algorithm"]["parameters"], rows["algorithm"]["fitted"]) == (0, 0)
    assert rows["small-net"]["fitted"] is None
    order = [row["name"] for row in zoo_here("list", "--sort", "parameters", "--json").json]
    assert order == ["algorithm", "tiny-net", "fit", "small-net", "network-of-a-rather-long-name"]
    small = zoo_here("list", "--max-parameters", "6000", "--json").json
    assert {row["name"] for row in small} == {"algorithm", "tiny-net"}


def test_a_list_that_is_sorted_otherwise_is_not_grouped(many, terminal):
    lines = ESCAPE.sub("", terminal("list", "--sort", "parameters", width=120)).splitlines()
    assert [line.split()[0] for line in lines[1:6]] == [
        "algorithm",
        "tiny-net",
        "fit",
        "small-net",
        "network-of-a-rather-long-name",
    ]


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (None, ""),
        (0, "0"),
        (999, "999"),
        (1000, "1.0 k"),
        (26_000, "26.0 k"),
        (999_949, "999.9 k"),
        (999_950, "1.0 M"),
        (1_319_808, "1.3 M"),
        (7_240_000_000, "7.2 G"),
        (1_500_000_000_000, "1,500.0 G"),
    ],
)
def test_human_numbers(number, told):
    assert human(number) == told


EMPTY = {
    "no such name": (["zzz"], "no model's name fits 'zzz'."),
    "nearly a name": (["tiny-nett"], "did you mean 'tiny-net'"),
    "a name without its wildcard": (["small"], "'small*' fits 1."),
    "another case": (["Small*"], "'small*' fits 1."),
    "a licence": (["--license", "BSD*"], "no model has a licence that fits 'BSD*'. There are MIT."),
    "a task": (["--task", "a-tsk"], "did you mean 'a-task' or"),
    "filters that exclude each other": (
        ["tiny*", "--task", "b-task"],
        "no model fits all that was asked for; there would be 1 without --task.",
    ),
    "too small": (["tiny*", "--max-parameters", "5"], "there would be 1 without --max-parameters"),
    "untrained": (["waiting"], "1 model that fits has no weights yet; --untrained"),
    "a dataset": (["--datasets", "dta"], "no dataset's name fits 'dta'; did you mean 'data'?"),
    "a dataset's licence": (["--datasets", "--license", "GPL"], "no dataset has a licence that"),
    "no metric": (["--metrics", "zzz"], "no metric's name fits 'zzz'"),
}


@pytest.mark.parametrize(("words", "told"), EMPTY.values(), ids=EMPTY.keys())
def test_an_empty_list_says_why(many, zoo_here, words, told):
    for more in ([], ["--json"]):
        done = zoo_here("list", *words, *more)
        assert done.code == 0
        assert done.out.strip() == ("[]" if more else "")
        assert done.err.startswith("zoo: ")
        assert told in done.err
        assert done.err.count("\n") == 1


def test_licences_are_compared_without_case(many, zoo_here):
    assert len(zoo_here("list", "--license", "mit", "--json").json) == 5
    assert len(zoo_here("list", "--license", "M?t", "--json").json) == 5
    assert len(zoo_here("list", "--datasets", "--license", "mit", "--json").json) == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--datasets", "--paper", "x"], "--datasets lists datasets by name, and takes no --paper"),
        (["--papers", "--sort", "result"], "takes no --sort"),
        (["--metrics", "--max-parameters", "0"], "takes no --max-parameters"),
        (["--architectures", "--untrained"], "takes no --untrained"),
    ],
)
def test_a_filter_that_does_not_fit_the_kind_is_refused(many, zoo_here, words, told):
    done = zoo_here("list", *words)
    assert done.code == 2
    assert told in done.err


def test_filters_that_fit_other_kinds_are_used(many, zoo_here):
    listed = zoo_here("list", "--architectures", "--paper", "b*", "--json").json
    assert [row["name"] for row in listed] == ["fit"]
    assert zoo_here("list", "--datasets", "--exclude", "d*", "--json").json == []


def test_what_is_piped_keeps_its_columns(many, zoo_here):
    lines = [line.split("\t") for line in zoo_here("list").out.splitlines()]
    assert lines[0] == "name paper task dataset parameters result license fitted".split()
    assert [line[0] for line in lines[1:]] == sorted(many)
    assert all("\x1b" not in cell and "…" not in cell for line in lines for cell in line)
    assert list(zoo_here("list", "--json").json[0]) == lines[0]


@pytest.fixture
def measured(site):
    """A model with results of every kind, and a paper with claims of every verdict."""
    package = site.add_toy("toy-a") / "__init__.py"
    published = 'summary="A toy.", published={"accuracy": (0.99, "the paper, table 1")}'
    package.write_text(package.read_text().replace('summary="A toy."', published))
    site.use()
    row = {"model": "toy-a", "dataset": "toys", "split": "test", "metric": "accuracy"}
    own = Result(**row, method="toy-a", kind="checkpoint", options={}, values=[1.0])
    runs = {"kind": "retrained", "options": {"fold": [0, 1]}}
    anew = [
        Result(**row, **runs, method=method, values=values)
        for method, values in (("toy-a", [0.9, 1.0]), ("lazy", [0.5, 0.7]))
    ]
    results.store([own, *anew])
    for claim, verdict in {"holds": "holds", "fails": "fails", "open": "not established"}.items():
        (check,) = zoo.verify("toy-paper", claim=claim, store=True)
        assert check.verdict == verdict
    return site


PAGES = {
    "model": (
        ["toy-a"],
        ["toy-a  model", 'model = zoo.load("toy-a")', "zoo evaluate toy-a", "15 parameters", "MIT"],
    ),
    "model's results": (
        ["toy-a"],
        ["Results: accuracy", "100.0 %", "95.0 ± 7.1 %", "60.0 ± 14.1 %", "lazy", "±"],
    ),
    "published figures": (["toy-a"], ["published", "99 %", "Published: the paper, table 1."]),
    "model's claims": (["toy-a"], ["1 holds (holds)"]),
    "model without weights": (
        ["toy-b"],
        ["none yet; zoo train toy-b makes them", "zoo train toy-b"],
    ),
    "paper": (
        ["toy-paper"],
        ["Toys", "A. Author (2020)", "1 holds (holds); 1 fails (fails); 1 not established (open)"],
    ),
    "paper's claims": (["toy-paper"], ["2 not measured (nodata, odd)", "It fails.", "@misc{toys}"]),
    "architecture": (["toy"], ["toy  architecture", "inputs=4, classes=3", "steps=5"]),
    "dataset": (["toys"], ["toys  dataset", "MIT", "train, test", 'zoo.dataset("toys")']),
    "metric": (["accuracy"], ["accuracy  metric", "higher", "logits, target"]),
    "claim": (["toy-paper", "open"], ["open  claim of toy-paper", "not established", "at least 1"]),
    "claim of a model's paper": (["toy-a", "holds"], ["holds  claim of toy-paper"]),
    "claim without finding": (["toy-paper", "odd"], ["not measured", "zoo verify toy-paper odd"]),
}


@pytest.mark.parametrize("case", PAGES)
def test_a_page_tells_what_is_asked_and_fits(measured, terminal, zoo_here, monkeypatch, case):
    words, parts = PAGES[case]
    for width in (*WIDTHS, 200):
        monkeypatch.setenv("COLUMNS", str(width))
        piped = zoo_here("show", *words)
        assert (piped.code, piped.err) == (0, "")
        flat = " ".join(piped.out.split())
        for part in parts:
            assert part.replace("  ", " ") in flat, piped.out
        lines = piped.out.splitlines()
        assert all(line == line.rstrip() for line in lines)
        assert max(map(cell_len, lines)) <= width
        shown = terminal("show", *words, width=width)
        assert ESCAPE.sub("", shown) == piped.out
        assert "\x1b[1m" in shown


def test_the_dump_is_behind_json(measured, zoo_here):
    facts = zoo_here("show", "toy-a", "--json").json
    assert facts["kind"] == "model"
    assert len(facts["results"]) == 3
    claim = zoo_here("show", "toy-paper", "fails", "--json").json
    assert (claim["kind"], claim["verdict"]) == ("claim", "fails")
    assert claim["finding"]["verdict"] == "fails"


def test_a_name_of_several_things_is_shown_by_kind(site, zoo_here):
    package = site.add_toy("toy-a")
    source = (package / "__init__.py").read_text()
    (package / "__init__.py").write_text(source.replace('"toy-paper"', '"toy"'))
    site.use()
    paper = zoo_here("show", "toy").out
    assert paper.startswith("toy  paper\n")
    assert paper.endswith("Of the same name\nzoo show toy --kind architecture\n")
    assert zoo_here("show", "toy", "--kind", "architecture").out.startswith("toy  architecture")
    assert (
        zoo_here("show", "toy", "--kind", "architecture", "--json").json["kind"] == "architecture"
    )
    wrong = zoo_here("show", "toy", "--kind", "dataset")
    assert (wrong.code, "no dataset 'toy'" in wrong.err) == (2, True)


def test_an_unknown_claim_is_told(toy, zoo_here):
    done = zoo_here("show", "toy-paper", "hold")
    assert done.code == 2
    assert "no claim 'hold'" in done.err


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}], ids=["NO_COLOR", "dumb"])
@pytest.mark.parametrize("words", [["show", "toy-paper"], ["list"]], ids=["show", "list"])
def test_no_colours_where_none_are_wanted(measured, terminal, words, env):
    told = terminal(*words, **env)
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]", told)
    if "TERM" in env:
        assert "\x1b" not in told


def test_verdicts_have_colours_that_do_without_a_dark_ground(measured, terminal):
    told = terminal("show", "toy-paper")
    assert "\x1b[32mholds" in told
    assert "\x1b[1;31mfails" in told
    for unseen in ("33", "37", "93", "97"):  # yellow and white, on white ground
        assert not re.search(rf"\x1b\[([0-9;]*;)?{unseen}m", told)


def test_the_width_is_the_terminals_own(toy):
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 44, 0, 0))
    env = {name: value for name, value in toy.env(TERM="xterm").items() if name != "COLUMNS"}
    read: list[bytes] = []
    with subprocess.Popen(
        [sys.executable, "-m", "zoo_core", "show", "toy-paper"],
        env=env,
        stdin=follower,
        stdout=follower,
        stderr=follower,
    ) as running:
        os.close(follower)
        _read(leader, read)
        assert running.wait(60) == 0
    os.close(leader)
    lines = ESCAPE.sub("", b"".join(read).decode()).splitlines()
    assert 36 < max(map(len, lines)) <= 44


def test_columns_of_rows_of_any_kind():
    rows = [{"name": "a", "score": 0.5, "text": "a b", "none": None, "amount": "12 %"}]
    found = {column.name: column for column in columns_of(rows)}
    assert [name for name, column in found.items() if column.right] == ["score", "amount"]
    assert found["text"].overflow == "fold"
    assert found["name"].overflow == "whole"


def test_columns_give_way_by_their_rank_and_empty_ones_take_no_room():
    columns = [
        Column(name="name"),
        Column(name="third", rank=3),
        Column(name="first", rank=1),
        Column(name="empty", rank=2),
    ]
    rows = [{"name": "a" * 10, "third": "b" * 10, "first": "c" * 10}]
    kept = {width: [c.name for c in fitted(columns, rows, width)] for width in (8, 12, 22, 34)}
    assert kept == {
        8: ["name"],
        12: ["name"],
        22: ["name", "first"],
        34: ["name", "third", "first"],
    }
    assert fitted(columns, rows, 8)[columns[0]] == 8


@pytest.mark.parametrize("width", [40, 80])
def test_rows_that_come_one_by_one_fit(measured, terminal, width):
    told = ESCAPE.sub("", terminal("evaluate", "toy-a", width=width))
    assert max(map(len, told.splitlines())) <= width
    assert ("no room" in told) == (width == 40)
    assert "100.0 %" in told


@pytest.mark.parametrize("width", [40, 80])
def test_verdicts_are_wrapped_at_words_below_their_beginning(measured, terminal, zoo_here, width):
    told = terminal("verify", "toy-paper", "--stored", width=width)
    assert "\x1b[32mholds" in told
    lines = ESCAPE.sub("", told).splitlines()
    assert max(map(len, lines)) <= width
    assert lines[0] == "holds           holds: It holds."
    inner = [line for line in lines[:-1] if line.startswith(" " * 16)]
    assert " ".join(" ".join(inner).split()).count("expected it at least 1 % (paper)") == 5
    piped = zoo_here("verify", "toy-paper", "--stored").out.splitlines()
    assert len(piped) == 3 * 5


@pytest.mark.parametrize("width", [30, 80])
def test_what_is_said_breaks_no_name(measured, terminal, width):
    told = terminal("evaluate", "toy-paper-of-another-name", width=width)
    assert "'toy-paper-of-another-name'" in told
    assert max(map(len, told.splitlines())) <= width


def test_plugins_on_a_terminal(toy, terminal, zoo_here):
    told = ESCAPE.sub("", terminal("plugins"))
    assert re.search(r"^toy +1.0 +1 paper, 1 architecture, 2 models", told, re.MULTILINE)
    assert "error" not in told.splitlines()[0]
    verbose = ESCAPE.sub("", terminal("plugins", "--verbose"))
    assert re.search(r"^brings +1 paper", verbose, re.MULTILINE)
    assert "weights cache" in verbose
    assert json.loads(zoo_here("plugins", "--json").out)["plugins"][1]["error"] is None


def test_broken_plugins_tell_their_error_whole(site, terminal):
    site.add("broken", "raise RuntimeError('" + "many words " * 12 + "')")
    site.use()
    told = " ".join(ESCAPE.sub("", terminal("plugins", width=60)).split())
    assert told.count("many") == 12
    assert Path(site.folder / "zoo_broken").is_dir()
