"""Growing past one process: parts in processes, on a cluster and through any executor.

What is killed, lost or interrupted costs what was not finished, and nothing else; what was finished
is not run again.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import fcntl
import json
import os
import pty
import re
import signal
import subprocess
import sys
import termios
import threading
import time
from pathlib import Path

import pytest

import zoo
from zoo_core import BadInput
from zoo_core._authoring import protocols
from zoo_core._measuring import verification
from zoo_core._running import kept, nursery, places, processes
from zoo_core._running.code import Code, code_here
from zoo_core._running.parts import Part, perform
from zoo_core._running.processes import Processes
from zoo_core._running.running import Task, run, value_of
from zoo_core.errors import WeightsError, WorkerError

LIGHT = ("zoo_core._running.parts",)
"""What processes import before they are asked for anything: not torch, which these claims lack."""
CLAIMS = """
    from zoo_core import Claim, Paper, hookimpl, value

    ZOO_API = 2
    CASES = ["one", "two", "three", "four", "dies", "leaves", "memory", "raises", "random", "says",
             "threads", "waits", "strange", "nodata"]

    @hookimpl
    def zoo_papers():
        claims = [Claim(name=case, statement=f"It is {case}.", check="zoo_toy.checks:check",
                        arguments={"case": case}, bounds={"it": value(at_least=0)})
                  for case in CASES]
        return [Paper(name="toy-paper", title="Toys", authors=["A. Author"], year=2020,
                      bibtex="@misc{toys}", summary="About toys.", claims=claims)]
    """
CHECKS = """
    import os
    import pathlib
    import signal
    import time

    from zoo_core import DataError, Finding, notice

    class Strange(Exception):
        def __init__(self, one, two):
            super().__init__(f"{one} and {two}")

    def check(case):
        log = os.environ.get("TOY_LOG")
        if log:
            with open(log, "a") as stream:
                stream.write(f"{case} {os.getpid()}\\n")
        number = 1.0
        if case == "dies":
            os.kill(os.getpid(), signal.SIGKILL)
        if case == "leaves":
            print("out of the way", flush=True)
            os._exit(7)
        if case == "memory":
            raise MemoryError
        if case == "raises":
            raise KeyError("nothing")
        if case == "nodata":
            raise DataError("toys.bin is nowhere.")
        if case == "strange":
            raise Strange("one", "two")
        if case == "says":
            print("printed by a check")
            notice("3 self-loops were dropped.")
        if case == "waits":
            while not pathlib.Path(os.environ["TOY_GO"]).exists():
                time.sleep(0.02)
        if case == "random":
            import torch

            generator = torch.Generator().manual_seed(0)
            number = float(torch.rand(1000, generator=generator).log().abs().mean())
        if case == "threads":
            import torch

            number = float(torch.get_num_threads())
        return Finding(quantities={"it": [number, number]}, figures={"number": number})
    """


@pytest.fixture
def claims(site, monkeypatch, tmp_path):
    """A plugin with claims that die, wait and speak; processes start without torch."""
    site.add_toy(beyond={"__init__.py": CLAIMS, "checks.py": CHECKS})
    monkeypatch.setattr(nursery, "HEAVY", LIGHT)
    site.use(TOY_LOG=str(tmp_path / "log"), TOY_GO=str(tmp_path / "go"))
    return site


def ran(tmp_path):
    """Which checks were run, in which process."""
    log = tmp_path / "log"
    lines = log.read_text().splitlines() if log.exists() else []
    return [tuple(line.split()) for line in lines]


def cases(tmp_path):
    return sorted(case for case, _ in ran(tmp_path))


def verify(zoo_here, *words):
    return zoo_here("verify", "toy-paper", *words)


def test_rows_come_as_asked_whatever_ends_first(claims, zoo_here, tmp_path):
    (tmp_path / "go").touch()
    done = verify(zoo_here, "waits", "one", "two", "--jobs", "2", "--json")
    assert done.code == 0, done.err
    assert [row["name"] for row in done.json] == ["waits", "one", "two"]
    assert [row["ago"] for row in done.json] == [""] * 3
    told = re.findall(r"zoo: (\d) of 3: toy-paper (\w+): done in [\d.]+ s\.", done.err)
    assert [number for number, _ in told] == ["1", "2", "3"]
    assert {case for _, case in told} == {"waits", "one", "two"}


def test_each_part_has_a_process_of_its_own(claims, zoo_here, tmp_path):
    verify(zoo_here, "one", "two", "three", "--jobs", "2")
    numbers = {number for _, number in ran(tmp_path)}
    assert len(numbers) == 3 and str(os.getpid()) not in numbers


def test_a_single_process_runs_here(claims, zoo_here, tmp_path):
    for more in ((), ("--jobs", "1", "--again")):
        assert verify(zoo_here, "one", *more).code == 0
    assert ran(tmp_path) == [("one", str(os.getpid()))] * 2


@pytest.mark.parametrize(
    ("case", "told"),
    [
        ("dies", r"its process was killed \(SIGKILL, as the system does where memory runs out\)"),
        ("leaves", r"its process ended with the exit status 7, and last printed 'out of the way'"),
        ("memory", r"Memory ran out in toy-paper memory; run it where there is more"),
        ("raises", r"unexpected KeyError: 'nothing'"),
        ("strange", r"unexpected RuntimeError: Strange: one and two"),
    ],
)
def test_what_fails_costs_its_own_row(claims, zoo_here, tmp_path, case, told):
    done = verify(zoo_here, "one", case, "two", "--jobs", "2", "--json")
    assert done.code == 3
    assert [row["name"] for row in done.json] == ["one", "two"], done.err
    assert re.search(told, done.err)
    again = verify(zoo_here, "one", case, "two", "--jobs", "2", "--json")
    assert again.code == 3
    assert cases(tmp_path) == sorted(["one", "two", case, case])


def test_data_that_cannot_be_had_are_a_row_and_not_kept(claims, zoo_here, tmp_path):
    for _ in range(2):
        done = verify(zoo_here, "nodata", "one", "--jobs", "2", "--json")
        assert done.code == 3
        assert [row["verdict"] for row in done.json] == ["skipped", "holds"]
    assert cases(tmp_path) == ["nodata", "nodata", "one"]


def test_in_one_process_too_a_failure_ends_no_other(claims, zoo_here):
    done = verify(zoo_here, "one", "raises", "two", "--json")
    assert done.code == 3
    assert [row["name"] for row in done.json] == ["one", "two"]
    assert "toy-paper raises: unexpected KeyError" in done.err


def test_python_raises_when_the_others_are_done(claims):
    checks = zoo.verify("toy-paper", claim=["raises", "one", "memory"], jobs=2)
    assert next(checks).name == "one"
    with pytest.raises(KeyError) as raised:
        next(checks)
    notes = "\n".join(raised.value.__notes__)
    assert "toy-paper memory" in notes and 'raise KeyError("nothing")' in notes


def test_what_is_said_and_printed_comes_through(claims, zoo_here):
    for more in ([], ["--jobs", "2", "--again"], ["--jobs", "2"]):
        done = verify(zoo_here, "says", "one", "--json", *more)
        assert done.code == 0 and len(done.json) == 2
        assert done.err.count("zoo: 3 self-loops were dropped.") == 1
        kept_before = "--jobs" in more and "--again" not in more
        assert ("printed by a check" in done.err) == (not kept_before)


@pytest.mark.parametrize("more", [[], ["--jobs", "2"]], ids=["here", "processes"])
def test_strictness_goes_along(claims, zoo_here, more):
    done = verify(zoo_here, "says", "one", "--strict", "--json", *more)
    assert done.code == 2
    assert "toy-paper says: 3 self-loops were dropped. That is refused" in done.err
    assert [row["name"] for row in done.json] == ["one"]


def test_results_are_those_of_one_process(claims):
    here = list(zoo.verify("toy-paper", claim=["random", "one"]))
    with concurrent.futures.ThreadPoolExecutor(2) as threads:
        ways = [{"jobs": 2}, {"executor": threads}]
        for way in ways:
            there = list(zoo.verify("toy-paper", claim=["random", "one"], again=True, **way))
            assert [(one.name, one.figures, one.measured) for one in there] == [
                (one.name, one.figures, one.measured) for one in here
            ]
        assert threads.submit(int).result() == 0  # it is the caller's, and still open


def test_each_process_has_its_share_of_the_processors(claims, monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS")
    monkeypatch.setattr(processes, "cores", lambda: 4)
    (check, _) = zoo.verify("toy-paper", claim=["threads", "one"], jobs=2)
    assert check.figures == {"number": 2.0}
    assert [Processes(jobs).threads for jobs in (1, 3, 5)] == [4, 1, 1]
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert [Processes(jobs).threads for jobs in (1, 2)] == [3, 2]


def test_where_processes_cannot_be_forked_each_is_begun_anew(claims, tmp_path):
    with Processes(2, forks=False) as executor:
        names = ["one", "dies", "two"]
        checks = zoo.verify("toy-paper", claim=names, executor=executor)
        assert [next(checks).name, next(checks).name] == ["one", "two"]
        with pytest.raises(WorkerError, match=r"toy-paper dies is lost: its process was killed"):
            next(checks)
    assert len({number for _, number in ran(tmp_path)}) == 3


# What is kept


def test_what_was_measured_is_not_measured_again(claims, zoo_here, tmp_path):
    verify(zoo_here, "one", "two")
    done = verify(zoo_here, "one", "two", "three", "--jobs", "2", "--json")
    assert cases(tmp_path) == ["one", "three", "two"]
    assert [bool(row["ago"]) for row in done.json] == [True, True, False]
    assert "2 parts were measured before by the same code, data and versions" in done.err
    shown = verify(zoo_here, "one").out
    assert re.search(r"\[0 s, from \d+ s ago\]", shown)
    verify(zoo_here, "one", "--again")
    assert cases(tmp_path) == ["one", "one", "three", "two"]


def test_other_code_measures_again(claims, zoo_here, tmp_path):
    verify(zoo_here, "one")
    path = claims.folder / "zoo_toy" / "data.py"
    path.write_text(path.read_text() + "\nMORE = 1\n")
    verify(zoo_here, "one")
    assert cases(tmp_path) == ["one", "one"]


def test_results_and_pictures_are_no_code(claims):
    before = code_here("zoo-toy")
    claims.write("zoo_toy/results/claims.json", "{}")
    claims.write("zoo_toy/weights/toy-a.safetensors", "")
    assert code_here("zoo-toy") == before
    claims.write("zoo_toy/weights/lock.json", "{}")
    assert code_here("zoo-toy") != before


def test_what_is_kept_can_be_stored_with_the_plugin(claims, zoo_here, tmp_path):
    verify(zoo_here, "one")
    path = claims.folder / "zoo_toy" / "results" / "claims.json"
    assert not path.exists()
    verify(zoo_here, "one", "--store")
    stored = json.loads(path.read_text())["one"]
    assert stored["verdict"] == "holds" and stored["command"] == "zoo verify toy-paper --claim one"
    assert cases(tmp_path) == ["one"]


@pytest.mark.parametrize("more", [[], ["--jobs", "2"], ["--stored"]], ids=" ".join)
def test_what_cannot_be_stored_is_shown(claims, zoo_here, monkeypatch, more):
    if "--stored" in more:
        verify(zoo_here, "one", "two", "--store")
        path = claims.folder / "zoo_toy" / "results" / "claims.json"
        path.write_text(path.read_text().replace('"holds"', '"fails"'))

    def full(paper, findings):
        raise WeightsError("claims.json cannot be written: no space is left on the disk.")

    monkeypatch.setattr(verification, "store_claims", full)
    done = verify(zoo_here, "one", "two", "--store", "--json", *more)
    assert done.code == 3
    assert [(row["name"], row["verdict"]) for row in done.json] == [
        ("one", "holds"), ("two", "holds"),
    ]  # fmt: skip
    assert "no space is left on the disk" in done.err
    checks = zoo.verify("toy-paper", claim=["one", "two"], store=True, stored="--stored" in more)
    assert [next(checks).name, next(checks).name] == ["one", "two"]
    with pytest.raises(WeightsError, match="no space"):
        next(checks)


def test_protocols_are_parts_too(models, zoo_here):
    zoo_here("evaluate", "toy-a", "--retrain", "--store")
    parts = protocols.tasks("toy-a")
    assert [task.part.label for task in parts] == ["toy-a anew", "lazy beside toy-a anew"]
    with concurrent.futures.ThreadPoolExecutor(2) as threads, places.opened(executor=threads) as at:
        found = [check for ended in run(parts, at) for check in ended.value]
    assert [(check.name, check.verdict) for check in found] == [
        ("toy-a", "holds"),
        ("lazy", "holds"),
    ]
    rows = zoo_here("verify", "toy-a", "--retrain", "--json").json
    assert [row["name"] for row in rows if row["ago"]] == ["toy-a", "lazy"]


@pytest.mark.parametrize("content", ["", "[]", "{", '{"value": 1}'])
def test_a_damaged_file_counts_as_none(claims, zoo_here, tmp_path, content):
    verify(zoo_here, "one")
    (path,) = (Path(os.environ["ZOO_HOME"]) / kept.FOLDER).glob("*/*.json")
    path.write_text(content)
    assert verify(zoo_here, "one").code == 0
    assert cases(tmp_path) == ["one", "one"]


def test_where_nothing_can_be_kept_it_is_said_and_shown(claims, zoo_here, monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("ZOO_HOME", str(tmp_path / "file"))
    done = verify(zoo_here, "one", "--json")
    assert done.code == 0 and len(done.json) == 1
    assert "What was measured is not kept" in done.err


def test_writers_of_the_same_part_do_not_disturb_each_other(claims):
    part = Part(label="it", call="builtins:dict", arguments={"x": [1] * 5000}, code=code_here())
    outcome = perform(part)
    wrong = []

    def write():
        for _ in range(20):
            assert kept.keep(part, outcome)
            found = kept.find(part)
            wrong.extend([] if found and found.value == outcome.value else [found])

    writers = [threading.Thread(target=write) for _ in range(4)]
    for one in writers:
        one.start()
    for one in writers:
        one.join()
    assert wrong == []


# Other code elsewhere


def test_a_worker_with_other_code_is_refused(claims):
    mine = code_here("zoo-toy")
    other = Code(mine.of, {**mine.found, "zoo-toy": "1.0 (another)", "click": "0.1"})
    part = Part(
        label="it", call="builtins:dict", arguments={}, code=other, asked_by=("elsewhere", 1)
    )
    told = str(perform(part).error)
    assert re.search(r"would run other code: click \S+ in place of 0\.1 and 1 more; bring", told)
    lacking = Code(("zoo-none",), {**mine.found, "zoo-none": "1.0 (abc)"})
    part = Part(
        label="it", call="builtins:dict", arguments={}, code=lacking, asked_by=("elsewhere", 1)
    )
    assert "zoo-none is missing in place of 1.0 (abc)" in str(perform(part).error)


def test_a_worker_without_the_zoo_is_told(claims):
    class Elsewhere(concurrent.futures.Executor):
        def submit(self, fn, /, *args, **kwargs):
            lost = concurrent.futures.Future()
            lost.set_exception(ModuleNotFoundError("No module named 'zoo_core'"))
            return lost

    with pytest.raises(WorkerError, match=r"cannot import what it needs .*install the zoo there"):
        list(zoo.verify("toy-paper", claim="one", executor=Elsewhere()))


# What is asked wrongly


@pytest.mark.parametrize("jobs", ["0", "-1", "two", "1.5", ""])
def test_a_number_of_processes_is_asked_for(claims, zoo_here, jobs):
    for verb in ("verify", "evaluate"):
        done = zoo_here(verb, "toy-paper", "--jobs", jobs)
        assert done.code == 2 and "--jobs" in done.err and "Traceback" not in done.err


@pytest.mark.parametrize("jobs", [0, -1, 1.5, "two", True], ids=str)
def test_python_asks_for_a_number_too(claims, jobs):
    with pytest.raises(BadInput, match="is no number of processes; give a whole number from 1"):
        list(zoo.verify("toy-paper", jobs=jobs))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--jobs", "2", "--cluster", "tcp://127.0.0.1:1"], "give one of them"),
        (["--cluster", "127.0.0.1:8786"], "is no address of a scheduler; expected one as tcp"),
        (["--cluster", "tcp://127.0.0.1:99999"], "is no address of a scheduler"),
        (["--stored", "--jobs", "2"], "--stored runs nothing, and takes no --jobs"),
        (["--dataset", "toys", "--jobs", "2"], "leave jobs out"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_does_not_go_together_is_refused(claims, zoo_here, words, told):
    done = verify(zoo_here, *words)
    assert done.code == 2 and told in done.err and done.out == ""


def test_an_executor_has_to_be_one(claims):
    with pytest.raises(BadInput, match=r"expected a concurrent\.futures\.Executor"):
        list(zoo.verify("toy-paper", executor=2))


# Interruptions


SHELL = f"""
from zoo_core._running import nursery
from zoo_core._shell.shell import main

nursery.HEAVY = {LIGHT!r}
main()
"""


def shell(claims, *words, **more):
    """Begin the shell in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", SHELL, *words],
        env=claims.env(TOY_LOG=os.environ["TOY_LOG"], TOY_GO=os.environ["TOY_GO"]),
        cwd=claims.folder.parent,
        text=True,
        **more,
    )


def on_a_terminal():
    """Take the terminal, and hear its Ctrl-C, which what runs in the background ignores."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def wait_until(condition, seconds=120):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.02)


def is_alive(number):
    try:
        os.kill(int(number), 0)
        state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except (ProcessLookupError, FileNotFoundError):
        return False
    return state != "Z"


def test_ctrl_c_on_a_terminal_stops_all_and_keeps_what_was_finished(claims, zoo_here, tmp_path):
    leader, follower = pty.openpty()
    words = ("verify", "toy-paper", "waits", "one", "two", "--jobs", "2")
    process = shell(
        claims, *words, stdin=follower, stdout=follower, stderr=follower, start_new_session=True,
        preexec_fn=on_a_terminal,
    )  # fmt: skip
    os.close(follower)
    wrote: list[bytes] = []

    def read():
        with contextlib.suppress(OSError):
            while piece := os.read(leader, 65536):
                wrote.append(piece)

    reader = threading.Thread(target=read)
    reader.start()
    wait_until(lambda: cases(tmp_path) == ["one", "two", "waits"])
    wait_until(lambda: len(list(Path(os.environ["ZOO_HOME"]).glob("parts/*/*.json"))) == 2)
    wait_until(lambda: b"2/3" in b"".join(wrote))  # a part is counted after it is kept
    os.write(leader, b"\x03")
    assert process.wait(60) == 130
    reader.join(60)
    os.close(leader)
    told = " ".join(b"".join(wrote).decode().split())
    assert "interrupted; 2 of 3 parts are done and kept: the same command goes on" in told
    (waiting,) = (number for case, number in ran(tmp_path) if case == "waits")
    wait_until(lambda: not is_alive(waiting))
    (tmp_path / "go").touch()
    done = verify(zoo_here, "waits", "one", "two", "--json")
    assert [bool(row["ago"]) for row in done.json] == [False, True, True]


@pytest.mark.parametrize("more", [["--jobs", "2"], []], ids=["processes", "here"])
def test_sigterm_is_as_ctrl_c(claims, tmp_path, more):
    process = shell(
        claims, "verify", "toy-paper", "one", "waits", *more,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    wait_until(lambda: cases(tmp_path) == ["one", "waits"])
    wait_until(lambda: len(list(Path(os.environ["ZOO_HOME"]).glob("parts/*/*.json"))) == 1)
    time.sleep(0.3)  # a part is counted after it is kept
    process.terminate()
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "one: It is one." in out
    assert "interrupted; 1 of 2 parts are done and kept" in err and "Traceback" not in err


def test_what_is_killed_leaves_no_process_behind(claims, tmp_path):
    process = shell(claims, "verify", "toy-paper", "waits", "one", "--jobs", "2")
    wait_until(lambda: cases(tmp_path) == ["one", "waits"])
    process.kill()
    process.wait(60)
    (waiting,) = (number for case, number in ran(tmp_path) if case == "waits")
    wait_until(lambda: not is_alive(waiting))


SAID = """
    from zoo_toy.checks import check

    def said(case):
        check(case)
        return case
    """


def test_a_killed_nursery_costs_no_part(claims, tmp_path):
    with Processes(2) as executor, places.opened(executor=executor) as place:

        def kill(outcome):
            wait_until(lambda: "waits" in cases(tmp_path))
            for one in list(executor._all):  # the next one is begun at once
                one.process.kill()
                one.process.wait()
            (tmp_path / "go").touch()
            return value_of(outcome)

        claims.write("said.py", SAID)
        waits, one = (
            Part(label=case, call="said:said", arguments={"case": case})
            for case in ("waits", "one")
        )
        ended = run([Task(waits, value_of), Task(one, kill)], place)
        assert [one.value for one in ended] == ["waits", "one"]
    assert cases(tmp_path) == ["one", "waits", "waits"]


def test_processes_share_what_was_imported(claims):
    with Processes(2) as executor:
        parents = [executor.submit(os.getppid) for _ in range(4)]
        assert len({one.result() for one in parents}) == len(executor._all) == 1


# A cluster


@pytest.fixture(scope="module")
def dask():
    pytest.importorskip("distributed")


class Cluster:
    """A real Dask scheduler and its workers, on loopback."""

    def __init__(self, env, cwd):
        self.env, self.cwd = {**env, "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "5s"}, cwd
        self.scheduler = self._begin(
            "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
            stderr=subprocess.PIPE,
        )  # fmt: skip
        assert self.scheduler.stderr is not None
        for line in self.scheduler.stderr:
            found = re.search(r"Scheduler at:\s*(tcp://\S+)", line)
            if found:
                self.address = found[1]
                break
        self.workers = [self.worker() for _ in range(2)]
        waiting = len(self.workers)
        while waiting:
            waiting -= "Register worker" in self.scheduler.stderr.readline()
        threading.Thread(target=self.scheduler.stderr.read, daemon=True).start()

    def worker(self, **env):
        words = ("--no-nanny", "--no-dashboard", "--nthreads", "1")
        return self._begin("worker", self.address, *words, stderr=subprocess.DEVNULL, **env)

    def _begin(self, what, *words, stderr, **env):
        return subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.dask_{what}", *words],
            env={**self.env, **env}, cwd=self.cwd, text=True, stderr=stderr,
            stdout=subprocess.DEVNULL,
        )  # fmt: skip

    def close(self):
        for one in (*self.workers, self.scheduler):
            one.kill()
            one.wait(60)


@pytest.fixture
def cluster(claims, dask, tmp_path):
    log = {"TOY_LOG": str(tmp_path / "log"), "TOY_GO": str(tmp_path / "go")}
    made = Cluster(claims.env(**log), claims.folder.parent)
    yield made
    made.close()


def test_a_cluster_runs_parts_and_survives_its_workers(claims, cluster, tmp_path, zoo_here):
    """Slow: a scheduler, workers and their deaths are real processes."""
    checks = zoo.verify("toy-paper", claim=["waits", "random"], cluster=cluster.address)
    found = []
    reader = threading.Thread(target=lambda: found.extend(checks))
    reader.start()
    wait_until(lambda: "waits" in cases(tmp_path))
    (number,) = (number for case, number in ran(tmp_path) if case == "waits")
    os.kill(int(number), signal.SIGKILL)
    wait_until(lambda: cases(tmp_path).count("waits") == 2)  # on the other worker
    (tmp_path / "go").touch()
    reader.join(60)
    assert [check.name for check in found] == ["waits", "random"]
    (here,) = zoo.verify("toy-paper", claim="random", again=True)
    assert (here.figures, here.measured) == (found[1].figures, found[1].measured)

    # The scheduler is lost while a part runs: what was finished is kept.
    (tmp_path / "go").unlink()
    checks = zoo.verify("toy-paper", claim=["one", "waits"], cluster=cluster.address, again=True)
    assert next(checks).name == "one"
    cluster.scheduler.kill()
    with pytest.raises(WorkerError, match=r"is lost; 1 of 2 parts are done and kept"):
        next(checks)
    (tmp_path / "go").touch()
    assert all(row["ago"] for row in verify(zoo_here, "one", "waits", "--json").json)


def test_a_scheduler_that_is_not_there_is_told(claims, dask, zoo_here, monkeypatch):
    monkeypatch.setattr(places, "PATIENCE", 1.0)
    done = verify(zoo_here, "one", "--cluster", "tcp://127.0.0.1:1")
    assert done.code == 3
    assert done.err.startswith("zoo: No scheduler answers at tcp://127.0.0.1:1; look")


def test_a_cluster_needs_its_package(claims, zoo_here, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    done = verify(zoo_here, "one", "--cluster", "tcp://127.0.0.1:1")
    assert done.code == 2 and "needs the package distributed, which is not installed" in done.err


# The other verbs


@pytest.fixture
def models(site, monkeypatch):
    """Two models with weights, and processes that start without torch."""
    site.add_toy("toy-a", "toy-b")
    monkeypatch.setattr(nursery, "HEAVY", LIGHT)
    site.use()
    return site


def test_models_are_measured_in_processes_as_here(models, zoo_here):
    here = zoo_here("evaluate", "toy-b", "toy-a", "--json")
    there = zoo_here("evaluate", "toy-b", "toy-a", "--json", "--jobs", "2", "--again", "--store")
    assert here.code == there.code == 0
    values = [[(row["model"], row["values"]) for row in done.json] for done in (here, there)]
    assert values[0] == values[1] and [name for name, _ in values[0]] == ["toy-b", "toy-a"]
    stored = models.folder / "zoo_toy" / "results" / "toy-a.json"
    assert json.loads(stored.read_text())["measured"][0]["values"] == values[0][1][1]
    assert "2 parts were measured before" in zoo_here("evaluate", "toy-?").err
    other = zoo_here("evaluate", "toy-a", "--option", "fold=1", "--json")
    assert "before" not in other.err and other.json[0]["options"] == {"fold": 1}


def test_one_model_that_fails_ends_no_other(models, zoo_here):
    (models.folder / "zoo_toy" / "weights" / "toy-a.safetensors").write_bytes(b"damaged")
    done = zoo_here("evaluate", "toy-a", "toy-b", "--json")
    assert done.code == 3 and [row["model"] for row in done.json] == ["toy-b"]
    assert "zoo: toy-a: " in done.err
    with pytest.raises(zoo.WeightsError):
        zoo.evaluate(["toy-a", "toy-b"])


def test_python_measures_several_names(models, tmp_path):
    with concurrent.futures.ThreadPoolExecutor(2) as threads:
        rows = zoo.evaluate(["toy-b", "toy-a"], executor=threads)
    assert [row.model for row in rows] == ["toy-b", "toy-a"]
    with pytest.raises(BadInput, match="Parts are sent by their names"):
        zoo.evaluate(zoo.load("toy-a"), jobs=2)
    with pytest.raises(BadInput, match="is no number of processes"):
        zoo.evaluate("toy-a", jobs=0)


def test_a_changed_file_is_measured_again(models, zoo_here, tmp_path):
    file = tmp_path / "mine.json"
    rows = [[float(i == j) for j in range(4)] for i in range(4)]
    for labels in ([0, 1, 2, 0], [0, 1, 2, 1]):
        file.write_text(json.dumps({"x": rows, "y": labels}))
        first, second = (
            zoo_here("evaluate", "toy-a", "--dataset", file, "--json") for _ in range(2)
        )
        assert (first.json[0]["ago"], bool(second.json[0]["ago"])) == ("", True)
        assert first.json[0]["values"] == second.json[0]["values"]


def test_seeds_are_trained_beside_each_other(models, zoo_here, tmp_path):
    words = ("train", "toy", "--dataset", "toys", "--seeds", "0,1", "--out", tmp_path / "it")
    done = zoo_here(*words, "--jobs", "2", "--json")
    assert done.code == 0, done.err
    assert [row["seed"] for row in done.json] == [0, 1]
    assert "over 2 seeds." in done.err
    alone = zoo.train("toy", "toys", seed=1, out=tmp_path / "alone")
    there = zoo.load(tmp_path / "it-seed1")
    assert all((a == b).all() for a, b in zip(alone.parameters(), there.parameters(), strict=True))

    again = zoo_here(*words, "--json")
    assert [bool(row["ago"]) for row in again.json] == [True, True]
    (tmp_path / "it-seed0" / "model.safetensors").unlink()
    (tmp_path / "it-seed0" / "config.json").unlink()
    again = zoo_here(*words, "--json")
    assert [bool(row["ago"]) for row in again.json] == [False, True]
    refused = zoo_here(*words, "--again", "--json")
    assert refused.code == 2 and "has a trained model already" in refused.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--seeds", "0,0"], "expected different ones"),
        (["--seeds", "0,x"], "is no list of whole numbers"),
        (["--seeds", "0,-1"], "expected a whole number from 0"),
        (["--seeds", "0,1", "--seed", "2"], "give one of both"),
        (["--seeds", "0,1", "--embed"], "leave seeds out"),
        (["--jobs", "2"], "--jobs is for several trainings"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_seeds_that_are_none_are_refused(models, zoo_here, words, told):
    done = zoo_here("train", "toy", "--dataset", "toys", *words)
    assert done.code == 2 and told in done.err and not Path("runs").exists()


def test_what_is_kept_is_listed_and_cleaned(models, zoo_here):
    zoo_here("evaluate", "toy-a", "toy-b")
    models.write("zoo_toy/more.py", "")
    zoo_here("evaluate", "toy-a")
    listed = {row["state"]: row["repo"] for row in zoo_here("cache", "list", "--json").json}
    assert listed == {"measured": "zoo-toy", "outdated": "zoo-toy"}
    for dry in (["--dry-run"], []):
        gone = zoo_here("cache", "clean", "--json", *dry)
        assert [row["state"] for row in gone.json] == ["outdated"]
    assert [row["state"] for row in zoo_here("cache", "list", "--json").json] == ["measured"]
    assert [row["state"] for row in zoo_here("cache", "clean", "--all", "--json").json] == [
        "measured"
    ]
    assert zoo_here("cache", "list", "--json").json == []


def test_who_stops_listening_cancels_what_was_not_begun(claims, tmp_path):
    with concurrent.futures.ThreadPoolExecutor(1) as threads:
        checks = zoo.verify("toy-paper", claim=["one", "waits", "two", "three"], executor=threads)
        assert next(checks).name == "one"
        checks.close()
        (tmp_path / "go").touch()
    assert "three" not in cases(tmp_path)


def test_what_cannot_be_sent_is_told(claims):
    part = Part(label="it", call="builtins:dict", arguments={"x": lambda: None})
    with Processes(1) as executor, places.opened(executor=executor) as place:
        (ended,) = run([Task(part, value_of)], place)
    assert re.search(r"it is lost: \w+: .*pickle", str(ended.error))
