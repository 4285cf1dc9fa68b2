"""The site on this machine: whole, for nobody else, and built anew when something changes."""

from __future__ import annotations

import http.client
import threading

import pytest
from zoo_site import serving

from zoo_core import BadInput


@pytest.fixture
def served(tmp_path):
    (tmp_path / "index.html").write_text("<p>first")
    (tmp_path / ".zoo-site.json").write_text("{}")
    with serving.server(tmp_path, 0) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield running.server_port
        running.shutdown()
        thread.join()


def ask(port, path="/", host=None):
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", path, headers={"Host": host} if host else {})
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer, body


def test_pages_are_given_and_not_kept(served):
    answer, body = ask(served)
    assert (answer.status, body) == (200, "<p>first")
    assert answer.headers["Cache-Control"] == "no-store"
    assert ask(served, host=f"localhost:{served}")[0].status == 200


@pytest.mark.parametrize(
    ("path", "host", "status"),
    [
        ("/", "elsewhere.example", 403),
        ("/", "127.0.0.1.elsewhere.example:80", 403),
        ("/.zoo-site.json", None, 403),
        ("/../../etc/passwd", None, 403),
        ("/nothing.html", None, 404),
    ],
)
def test_nothing_else_is_given(served, path, host, status):
    assert ask(served, path, host)[0].status == status


def test_only_this_machine_is_listened_to(served):
    assert serving.HOST == "127.0.0.1"


@pytest.mark.parametrize("port", [99_999, -1])
def test_a_port_that_cannot_be_had_is_told(tmp_path, port):
    with pytest.raises(BadInput, match=r"Port .* cannot be used .*--port"):
        serving.server(tmp_path, port)


def test_a_port_that_is_taken_is_told(tmp_path, served):
    with pytest.raises(BadInput, match=f"Port {served} cannot be used .address already in use"):
        serving.server(tmp_path, served)


def test_a_change_builds_anew_in_a_process_of_its_own(tmp_path, monkeypatch):
    looks = iter([{"a": (1, 1)}, {"a": (1, 1)}, {"a": (2, 1)}, {"a": (2, 1)}])
    asked, told, stop = [], [], threading.Event()

    class Done:
        returncode, stdout, stderr = 0, "3 pages\n", ""

    def run(command, **more):
        asked.append(command)
        return Done

    def look():
        try:
            return next(looks)
        except StopIteration:
            stop.set()
            return {"a": (2, 1)}

    monkeypatch.setattr(serving, "EVERY", 0.001)
    monkeypatch.setattr(serving, "stamps", look)
    monkeypatch.setattr(serving.subprocess, "run", run)
    serving.watch(tmp_path, stop, told.append)
    assert [command[1:] for command in asked] == [
        ["-m", "zoo_core", "site", "build", str(tmp_path)]
    ]
    assert told == ["3 pages"]


def test_what_is_looked_at_is_what_pages_are_made_from():
    found = serving.stamps()
    assert any(path.endswith("zoo_site/serving.py") for path in found)
    assert any(path.endswith("results/claims.json") for path in found)
    assert not any(path.endswith((".pyc", ".safetensors")) for path in found)
