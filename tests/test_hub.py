"""The Hub for tests, asked by the real client: each test's client is a fresh process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from http.client import HTTPConnection
from pathlib import Path
from random import Random
from textwrap import dedent
from typing import Any

import pytest
from hub import Hub

LARGE = Random(0).randbytes(300_000)
RESUMABLE = Random(1).randbytes(11 * 1024**2)

PRELUDE = """
import json, os, time
from pathlib import Path
from huggingface_hub import (
    CommitOperationAdd as Add, CommitOperationCopy as Copy, CommitOperationDelete as Delete,
    HfApi, hf_hub_download, snapshot_download,
)
from huggingface_hub.utils import disable_progress_bars

disable_progress_bars()
api = HfApi()

def read(*args, **more):
    return Path(hf_hub_download(*args, **more)).read_bytes()

def error(function, *args, **more):
    try:
        function(*args, **more)
    except Exception as raised:
        response = getattr(raised, "response", None)
        return [type(raised).__name__, response.status_code if response else None]
    return None

def tell(**found):
    print(json.dumps(found, default=str))
"""


@dataclass
class Client:
    """Runs Python code with the real client, in a process of its own."""

    env: dict[str, str]
    cwd: Path

    def start(self, code: str, **env: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", PRELUDE + dedent(code)],
            env={**self.env, **env},
            cwd=self.cwd,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __call__(self, code: str, **env: str) -> dict[str, Any]:
        return self.finish(self.start(code, **env))

    def finish(self, process: subprocess.Popen[str]) -> dict[str, Any]:
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
        return json.loads(out) if out else {}


both_transports = pytest.mark.parametrize("transport", ["lfs", "xet"])


@pytest.fixture
def transport() -> str:
    return "lfs"


@pytest.fixture
def hub(transport: str, tmp_path: Path) -> Iterator[Hub]:
    with Hub(xet=tmp_path / "xet" if transport == "xet" else None) as made:
        made.add_token("hf_me", "me", orgs=["lab"])
        made.add_token("hf_reader", "me", write=False)
        made.add_token("hf_other", "other")
        yield made


@pytest.fixture
def client(hub: Hub, tmp_path: Path) -> Client:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("HF_")}
    env = {**kept, **hub.env("hf_me"), "HF_HOME": str(tmp_path / "home")}
    (tmp_path / "large.bin").write_bytes(LARGE)
    return Client(env, tmp_path)


def count(hub: Hub, method: str, path: str) -> int:
    return sum(request.method == method and path in request.path for request in hub.log)


# Publish and load


@both_transports
def test_what_is_published_is_loaded(hub: Hub, client: Client, transport: str) -> None:
    told = client(
        """
        large = Path("large.bin").read_bytes()
        urls = [api.create_repo("me/net", exist_ok=True) for _ in range(2)]
        again = error(api.create_repo, "me/net")
        add = lambda: [
            Add("README.md", b"# Net\\n"), Add("sub/config.json", b"{}"), Add("empty.txt", b""),
            Add("model.safetensors", large), Add("sub/path.bin", "large.bin"),
        ]
        start = api.model_info("me/net").sha
        first = api.create_commit("me/net", add(), commit_message="All", parent_commit=start)
        same = api.create_commit("me/net", add(), commit_message="Again")
        stale = error(api.create_commit, "me/net", [Add("a", b"a")], commit_message="Late",
                      parent_commit=start)
        read("me/net", "model.safetensors", revision=first.oid)
        folder = Path(snapshot_download("me/net"))
        loaded = {str(path.relative_to(folder)): path.read_bytes()
                  for path in folder.rglob("*") if path.is_file()}
        assert loaded["model.safetensors"] == loaded["sub/path.bin"] == large
        assert loaded["README.md"] == b"# Net\\n" and loaded["empty.txt"] == b""
        api.create_repo("lab/set", repo_type="dataset")
        api.upload_file(repo_id="lab/set", repo_type="dataset", path_in_repo="data.bin",
                        path_or_fileobj=large)
        assert read("lab/set", "data.bin", repo_type="dataset") == large
        tell(urls=urls, again=again, same=same.oid == first.oid, url=first.commit_url, stale=stale,
             oid=first.oid, loaded=sorted(loaded), user=api.whoami()["name"],
             xet={file.path: file.xet_hash for file in api.list_repo_tree("me/net")
                  if hasattr(file, "xet_hash")})
        """
    )
    files = {"README.md": b"# Net\n", "sub/config.json": b"{}", "empty.txt": b""}
    files |= {"model.safetensors": LARGE, "sub/path.bin": LARGE}
    assert {path: hub.files("me/net")[path] for path in files} == files
    assert told["loaded"] == sorted(hub.files("me/net"))
    assert told["urls"] == [f"{hub.url}/me/net"] * 2
    assert told["url"] == f"{hub.url}/me/net/commit/{told['oid']}"
    assert told["again"] == ["HfHubHTTPError", 409]
    assert told["same"] and told["user"] == "me"
    assert told["stale"] == ["HfHubHTTPError", 412]
    last, start = hub.commits("me/net")
    assert (last.id, last.parent, last.message) == (told["oid"], start.id, "All")
    assert last.changed == tuple(sorted(files))
    assert hub.files("lab/set", type="dataset")["data.bin"] == LARGE

    elsewhere = [request for request in hub.log if request.host.startswith("localhost")]
    assert not any(request.authorized for request in elsewhere)
    assert all(request.authorized for request in hub.log if request not in elsewhere)
    if transport == "lfs":
        # One content in three files: the client sends it twice in the commit that has it twice,
        # never again, and reads it once for each repository.
        assert (count(hub, "PUT", "/lfs/"), count(hub, "GET", "/lfs/")) == (2, 2)
        assert set(told["xet"].values()) == {None}
    else:
        assert not elsewhere
        assert told["xet"]["model.safetensors"] and not told["xet"]["README.md"]


@both_transports
def test_what_is_put_is_loaded(hub: Hub, client: Client) -> None:
    first = hub.put("me/net", {"model.safetensors": LARGE, "a.txt": b"1"})
    second = hub.put("me/net", {"a.txt": b"2"}, message="Second")
    hub.put("me/set", {"data.bin": LARGE}, type="dataset")
    told = client(
        f"""
        large = Path("large.bin").read_bytes()
        assert read("me/net", "model.safetensors") == large
        assert read("me/net", "model.safetensors", revision="{first}") == large
        assert read("me/set", "data.bin", repo_type="dataset") == large
        assert read("me/net", "a.txt", revision="{first}") == b"1"
        assert read("me/net", "a.txt") == b"2"
        tell(commits=[[c.commit_id, c.title] for c in api.list_repo_commits("me/net")])
        """,
        HF_TOKEN="",
    )
    assert told["commits"][:2] == [[second, "Second"], [first, "Put files"]]
    assert [commit.id for commit in hub.commits("me/net")] == [id for id, _ in told["commits"]]
    assert hub.commits("me/net")[0].changed == ("a.txt",)
    assert hub.files("me/net", first)["a.txt"] == b"1"
    assert not any(request.authorized for request in hub.log)


@both_transports
def test_processes_at_once(hub: Hub, client: Client, tmp_path: Path) -> None:
    hub.put("me/net", {"model.safetensors": LARGE})
    code = """
        large = Path("large.bin").read_bytes()
        repo = "me/" + Path(os.environ["HF_HOME"]).name
        own = large + repo.encode()
        api.create_repo(repo)
        api.upload_file(repo_id=repo, path_in_repo="own.bin", path_or_fileobj=own)
        assert read(repo, "own.bin") == own
        for _ in range(3):
            assert read("me/net", "model.safetensors", force_download=True) == large
        """
    running = [client.start(code, HF_HOME=str(tmp_path / f"home{n}")) for n in range(3)]
    for process in running:
        client.finish(process)
    assert hub.files("me/home2")["own.bin"] == LARGE + b"me/home2"


@pytest.mark.parametrize("transport", ["xet"])
def test_a_client_without_xet_on_a_hub_with_it(hub: Hub, client: Client) -> None:
    hub.put("me/net", {"model.safetensors": LARGE})
    client(
        """
        large = Path("large.bin").read_bytes()
        assert read("me/net", "model.safetensors") == large
        api.upload_file(repo_id="me/net", path_in_repo="more.bin", path_or_fileobj=large[:5000])
        """,
        HF_HUB_DISABLE_XET="1",
    )
    client('assert read("me/net", "more.bin") == Path("large.bin").read_bytes()[:5000]')
    assert hub.files("me/net")["more.bin"] == LARGE[:5000]
    assert count(hub, "PUT", "/lfs/") == count(hub, "GET", "/lfs/") == 1


# Repositories, revisions, trees


def test_names_for_commits(hub: Hub, client: Client) -> None:
    first = hub.put("me/net", {"a.txt": b"1"})
    told = client(
        """
        api.create_tag("me/net", tag="v1", revision="main")
        api.create_branch("me/net", branch="dev/x", revision="v1")
        twice = [error(api.create_tag, "me/net", tag="v1"),
                 error(api.create_branch, "me/net", branch="dev/x")]
        api.create_tag("me/net", tag="v1", exist_ok=True)
        api.create_branch("me/net", branch="dev/x", exist_ok=True)
        pinned = api.resolve_revision("me/net").resolved
        on_branch = api.create_commit("me/net", [Add("a.txt", b"2")], commit_message="Two",
                                      revision="dev/x").oid
        on_main = api.create_commit("me/net", [Add("a.txt", b"3")], commit_message="Three").oid
        revisions = ["v1", "dev/x", "main", on_main, "refs/heads/dev/x", "refs/tags/v1", pinned]
        texts = [read("me/net", "a.txt", revision=name).decode() for name in revisions]
        shas = [api.model_info("me/net", revision=name).sha for name in revisions]
        refs = api.list_repo_refs("me/net")
        api.delete_tag("me/net", tag="v1")
        api.delete_branch("me/net", branch="dev/x")
        gone = [error(api.model_info, "me/net", revision="v1"),
                error(api.delete_branch, "me/net", branch="dev/x")]
        tell(twice=twice, texts="".join(texts), shas=shas, gone=gone, on_branch=on_branch,
             refs={ref.ref: ref.target_commit for ref in refs.branches + refs.tags},
             on_main=on_main)
        """
    )
    branch, main = told["on_branch"], told["on_main"]
    assert told["twice"] == [["HfHubHTTPError", 409]] * 2
    assert told["texts"] == "1233211"
    assert told["shas"] == [first, branch, main, main, branch, first, first]
    assert told["refs"] == {
        "refs/heads/main": main,
        "refs/heads/dev/x": branch,
        "refs/tags/v1": first,
    }
    assert told["gone"] == [["RevisionNotFoundError", 404]] * 2
    assert hub.commits("me/net", branch)[1].id == first


def test_trees_and_operations(hub: Hub, client: Client) -> None:
    hub.put("me/net", {"a/b/c.txt": b"c", "a/d.bin": LARGE, "e.txt": b"e"})
    told = client(
        """
        tree = api.list_repo_tree("me/net")
        recursive = api.list_repo_tree("me/net", recursive=True)
        below = api.list_repo_tree("me/net", "a")
        listed = [[entry.path for entry in entries] for entries in (tree, recursive, below)]
        nowhere = error(lambda: list(api.list_repo_tree("me/net", "nowhere")))
        info = api.get_paths_info("me/net", ["a/d.bin", "a", "nowhere"])
        siblings = api.model_info("me/net", files_metadata=True).siblings
        api.create_commit("me/net", commit_message="Edit", operations=[
            Delete("a/b/", is_folder=True), Delete("e.txt"), Copy("a/d.bin", "f.bin"),
            Add("g.txt", b"g"),
        ])
        missing = [error(api.delete_file, "nowhere", "me/net"),
                   error(api.delete_folder, "nowhere", "me/net")]
        tell(listed=listed, nowhere=nowhere, info=[info[0].path, info[0].lfs.sha256, info[1].path],
             lfs={file.rfilename: file.lfs and file.lfs.sha256 for file in siblings},
             missing=missing)
        """
    )
    digest = sha256(LARGE).hexdigest()
    assert told["listed"] == [
        [".gitattributes", "a", "e.txt"],
        [".gitattributes", "a", "a/b", "a/b/c.txt", "a/d.bin", "e.txt"],
        ["a/b", "a/d.bin"],
    ]
    assert told["nowhere"] == ["RemoteEntryNotFoundError", 404]
    assert told["info"] == ["a/d.bin", digest, "a"]
    assert told["lfs"]["a/d.bin"] == digest and told["lfs"]["e.txt"] is None
    assert told["missing"] == [["RemoteEntryNotFoundError", 404]] * 2
    after = hub.files("me/net")
    assert sorted(after) == [".gitattributes", "a/d.bin", "f.bin", "g.txt"]
    assert after["f.bin"] == LARGE
    assert hub.commits("me/net")[0].changed == ("a/b/c.txt", "e.txt", "f.bin", "g.txt")


def test_repositories_and_settings(hub: Hub, client: Client) -> None:
    hub.put("other/hidden", {"a.txt": b"a"}, private=True)
    hub.put("lab/net", {"a.txt": b"a"})
    told = client(
        """
        api.create_repo("me/net", private=True)
        api.create_repo("short", visibility="public")
        private = api.model_info("me/net").private
        api.update_repo_settings("me/net", private=False, gated="auto")
        info = api.model_info("me/net")
        listed = lambda **more: sorted(info.id for info in api.list_models(**more))
        tell(private=private, now=[info.private, info.gated], all=listed(),
             mine=listed(author="me"), found=listed(search="NET"), one=len(listed(limit=1)),
             theirs=error(api.create_repo, "other/new"),
             theirs_there=error(api.create_repo, "other/hidden", exist_ok=True),
             gone=[api.delete_repo("short"), error(api.delete_repo, "short"),
                   api.delete_repo("short", missing_ok=True)],
             exists=[api.repo_exists("me/net"), api.repo_exists("me/short"),
                     api.file_exists("lab/net", "a.txt"), api.file_exists("lab/net", "b.txt"),
                     api.revision_exists("lab/net", "main"), api.revision_exists("lab/net", "v9")])
        """
    )
    assert told["private"] is True and told["now"] == [False, "auto"]
    assert told["all"] == ["lab/net", "me/net", "me/short"]
    assert told["mine"] == ["me/net", "me/short"] and told["found"] == ["lab/net", "me/net"]
    assert told["one"] == 1
    assert told["theirs"] == told["theirs_there"] == ["HfHubHTTPError", 403]
    assert told["gone"] == [None, ["RepositoryNotFoundError", 404], None]
    assert told["exists"] == [True, False, True, False, True, False]


# Refusals


def test_refusals_to_the_owner(hub: Hub, client: Client, tmp_path: Path) -> None:
    commit = hub.put("me/net", {"a.txt": b"a"})
    hub.put("other/hidden", {"a.txt": b"a"}, private=True)
    hub.put("other/net", {"a.txt": b"a"})
    hub.put("other/gated", {"a.txt": b"a", "large.bin": LARGE}, gated="manual")
    code = """
        add = lambda: [Add("b.txt", b"b")]
        push = lambda repo: error(api.create_commit, repo, add(), commit_message="Add")
        large = Add("large.bin", b"\\0" * 5000)
        large._upload_mode, large._is_uploaded = "lfs", True
        tell(
            repo=error(read, "me/none", "a.txt"), info=error(api.model_info, "me/none"),
            short=error(read, "none", "a.txt"),
            revision=error(read, "me/net", "a.txt", revision="v9"),
            commit=error(read, "me/net", "a.txt", revision="0" * 40),
            entry=error(read, "me/net", "none.txt"),
            hidden=error(read, "other/hidden", "a.txt"),
            hidden_info=error(api.model_info, "other/hidden"),
            gated=error(read, "other/gated", "large.bin"),
            gated_info=error(api.model_info, "other/gated"),
            snapshot=error(snapshot_download, "other/gated"),
            push_gated=push("other/gated"), push=push("other/net"), push_own=push("me/net"),
            push_hidden=push("other/hidden"), push_none=push("me/none"),
            tag=error(api.create_tag, "me/net", tag="v1"),
            create=error(api.create_repo, "me/new"),
            lost=error(api.create_commit, "me/net", [large], commit_message="Lost"),
            pull_request=error(api.create_commit, "me/net", add(), commit_message="Add",
                               create_pr=True),
            whoami=error(api.whoami),
        )
        """
    told = client(code)
    common = {
        "repo": ["RepositoryNotFoundError", 404],
        "info": ["RepositoryNotFoundError", 404],
        "short": ["RepositoryNotFoundError", 404],
        "revision": ["RevisionNotFoundError", 404],
        "commit": ["RevisionNotFoundError", 404],
        "entry": ["RemoteEntryNotFoundError", 404],
        "hidden": ["RepositoryNotFoundError", 404],
        "hidden_info": ["RepositoryNotFoundError", 404],
        "gated": ["GatedRepoError", 403],
        "gated_info": None,
        "snapshot": ["GatedRepoError", 403],
        "push_gated": ["HfHubHTTPError", 403],
        "push": ["HfHubHTTPError", 403],
        "push_hidden": ["RepositoryNotFoundError", 404],
        "push_none": ["RepositoryNotFoundError", 404],
        "whoami": None,
    }
    assert told == {
        **common,
        "push_own": None,
        "tag": None,
        "create": None,
        "lost": ["BadRequestError", 400],
        "pull_request": ["BadRequestError", 400],
    }
    assert list((tmp_path / "home").rglob(f".no_exist/{commit}/none.txt"))

    for_writing = dict.fromkeys(("push_own", "tag", "create", "lost", "pull_request"))
    read_only = client(code, HF_TOKEN="hf_reader", HF_HOME=str(tmp_path / "reader"))
    assert read_only == {**common, **{key: ["HfHubHTTPError", 403] for key in for_writing}}

    stranger = client(code, HF_TOKEN="", HF_HOME=str(tmp_path / "stranger"))
    nobody = ["RepositoryNotFoundError", 401]
    assert stranger == {
        **{key: nobody for key in (*common, *for_writing)},
        **{key: common[key] for key in ("revision", "commit", "entry", "gated_info")},
        "gated": ["GatedRepoError", 401],
        "snapshot": ["GatedRepoError", 401],
        "whoami": ["LocalTokenNotFoundError", None],
    }

    nonsense = client(code, HF_TOKEN="hf_nonsense", HF_HOME=str(tmp_path / "nonsense"))
    assert nonsense.pop("pull_request") == ["HfHubHTTPError", 401]
    assert all(found == ["HfHubHTTPError", 401] for found in nonsense.values())


@both_transports
def test_gate_and_privacy(hub: Hub, client: Client, transport: str) -> None:
    hub.put("other/gated", {"large.bin": LARGE}, gated=True)
    hub.put("me/hidden", {"large.bin": LARGE}, private=True)
    hub.put("me/hidden", {"a.txt": b"a"})
    load = """
        load = lambda *args, user: error(read, *args, token=user, cache_dir=Path.cwd() / user)
        tell(gated=[load("other/gated", "large.bin", user=user) for user in ("hf_me", "hf_other")],
             hidden=[load("me/hidden", "large.bin", user=user) for user in ("hf_me", "hf_other")])
        """
    denied = ["RepositoryNotFoundError", 404]
    assert client(load) == {"gated": [["GatedRepoError", 403], None], "hidden": [None, denied]}
    hub.allow("other/gated", "me")
    assert client(load) == {"gated": [None, None], "hidden": [None, denied]}
    connection = HTTPConnection("127.0.0.1", hub.port)
    status, _, _ = ask(connection, "GET", "/api/models/other/gated/xet-read-token/main")
    assert status == (401 if transport == "xet" else 404)


# Faults


def test_a_cut_download_goes_on_where_it_was_cut(hub: Hub, client: Client) -> None:
    hub.put("me/net", {"large.bin": RESUMABLE})
    cut = hub.fault(path="/lfs/", cut=10 * 1024**2 + 5000)
    told = client(
        """
        from hashlib import sha256
        tell(sha256=sha256(read("me/net", "large.bin")).hexdigest())
        """
    )
    assert told["sha256"] == sha256(RESUMABLE).hexdigest()
    assert cut.hits == 1
    first, second = (request for request in hub.log if "/lfs/" in request.path)
    assert (first.status, first.sent, first.range) == (200, cut.cut, None)
    # The client writes whole pieces of 10 MiB; the rest of what came is asked for again.
    assert (second.status, second.range) == (206, f"bytes={10 * 1024**2}-")
    assert second.sent == len(RESUMABLE) - 10 * 1024**2


def test_faults_of_an_upload(hub: Hub, client: Client) -> None:
    upload = hub.fault("PUT", "/lfs/", status=503)
    limit = hub.fault("POST", "/preupload/", status=429, retry_after=0)
    overtaken = hub.fault("POST", "/commit/", stale_parent=True)
    told = client(
        """
        api.create_repo("me/net")
        push = lambda path: error(
            api.create_commit, "me/net", [Add(path, b"\\0" * 5000)], commit_message="Add",
            parent_commit=api.model_info("me/net").sha)
        tell(pushed=[push("a.bin"), push("b.bin")])
        """
    )
    assert told["pushed"] == [["HfHubHTTPError", 412], None]
    assert [fault.hits for fault in (upload, limit, overtaken)] == [1, 1, 1]
    assert [commit.changed for commit in hub.commits("me/net")[:2]] == [
        ("b.bin",),
        ("overtaken.txt",),
    ]


def test_faults_of_a_download(hub: Hub, client: Client) -> None:
    commit = hub.put("me/net", {"large.bin": LARGE, "a.txt": b"a"})
    lie = "0" * 64
    hub.fault(path="/lfs/", flip=7)
    hub.fault(path="/lfs/", replace=b"short")
    hub.fault("HEAD", "large.bin", times=3)
    hub.fault("HEAD", "large.bin", etag=lie)
    hub.fault("HEAD", "a.txt", delay=0.2)
    down = hub.fault("GET", "/api/models/me/down", status=500, times=None)
    told = client(
        f"""
        load = lambda **more: read("me/net", "large.bin", revision="{commit}", **more)
        flipped = load()
        short = error(load, force_download=True)
        right = load(force_download=True)
        load(force_download=True)
        start = time.monotonic()
        read("me/net", "a.txt")
        tell(flipped=[at for at, (a, b) in enumerate(zip(flipped, right)) if a != b], short=short,
             down=[error(api.model_info, "me/down") for _ in range(2)],
             blobs=[path.name for path in Path(os.environ["HF_HOME"]).rglob("blobs/*")],
             waited=time.monotonic() - start)
        """
    )
    assert told["flipped"] == [7]
    assert told["short"] == ["OSError", None]
    assert told["down"] == [["HfHubHTTPError", 500]] * 2 and down.hits == 2
    assert lie in told["blobs"]
    assert told["waited"] >= 0.2


def test_a_client_killed_in_the_middle(hub: Hub, client: Client) -> None:
    hub.put("me/net", {"large.bin": LARGE})
    stall = hub.fault(path="/lfs/", stall_after=1000, delay=60)
    load = 'assert read("me/net", "large.bin") == Path("large.bin").read_bytes()'
    process = client.start(load)
    while not count(hub, "GET", "/lfs/"):
        assert process.poll() is None
        time.sleep(0.01)
    process.kill()
    process.communicate()
    assert stall.hits == 1
    client(load)
    hub.log.clear()
    client(load)
    assert count(hub, "GET", "/lfs/") == 0


# Without the client


def ask(
    connection: HTTPConnection, method: str, path: str, body: bytes = b"", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    connection.request(method, path, body, headers)
    response = connection.getresponse()
    return response.status, dict(response.headers), response.read()


def test_ranges_over_one_connection(hub: Hub) -> None:
    hub.put("me/net", {"a.txt": b"0123456789", "large.bin": LARGE})
    connection = HTTPConnection("127.0.0.1", hub.port)
    path = "/me/net/resolve/main/a.txt"
    for asked, status, body in [
        ("bytes=2-4", 206, b"234"),
        ("bytes=7-", 206, b"789"),
        ("bytes=-2", 206, b"89"),
        ("bytes=5-99", 206, b"56789"),
        ("bytes=10-", 416, b""),
        ("lines=1-2", 200, b"0123456789"),
    ]:
        got, headers, content = ask(connection, "GET", path, Range=asked)
        assert (got, content) == (status, body), asked
        assert headers["X-Repo-Commit"] == hub.commits("me/net")[0].id
    status, headers, content = ask(connection, "HEAD", path)
    assert (status, headers["Content-Length"], content) == (200, "10", b"")
    status, headers, _ = ask(connection, "GET", "/me/net/resolve/main/large.bin")
    assert status == 302
    assert headers["X-Linked-ETag"] == f'"{sha256(LARGE).hexdigest()}"'
    assert headers["X-Linked-Size"] == str(len(LARGE))
    assert headers["Location"].startswith(f"http://localhost:{hub.port}/")


def test_what_is_not_there_and_what_is_wrong(hub: Hub) -> None:
    connection = HTTPConnection("localhost", hub.port)
    assert ask(connection, "GET", "/api/agent-harnesses")[0] == 404
    assert (
        ask(connection, "POST", "/api/repos/create", b"{", Authorization="Bearer hf_me")[0] == 400
    )
    assert ask(connection, "PUT", f"/lfs/{'0' * 64}", b"other")[0] == 400
    assert ask(connection, "GET", f"/lfs/{'0' * 64}")[0] == 404
    assert "hf_me" not in repr(hub.log)
    # A client that goes away in the middle of a request changes nothing.
    connection.putrequest("PUT", f"/lfs/{sha256(b'cut').hexdigest()}")
    connection.putheader("Content-Length", "1000")
    connection.endheaders(b"cut")
    connection.close()
    assert ask(connection, "GET", f"/lfs/{sha256(b'cut').hexdigest()}")[0] == 404


def test_by_hand() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "hub", "--port", "0"],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent)},
        stdout=subprocess.PIPE,
        text=True,
        # A suite in the background ignores SIGINT, and what it begins would too.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        assert process.stdout
        lines = iter(process.stdout.readline, "")
        env = dict(next(lines).removeprefix("export ").strip().split("=", 1) for _ in range(6))
        assert (env["HF_TOKEN"], env["HF_HUB_DISABLE_XET"]) == ("hf_test", "1")
        port = int(env["HF_ENDPOINT"].rpartition(":")[2])
        assert ask(HTTPConnection("127.0.0.1", port), "GET", "/api/models")[0] == 200
        assert next(lines) == "200 GET /api/models 2\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 0
    finally:
        process.kill()
