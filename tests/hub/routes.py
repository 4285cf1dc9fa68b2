"""The Hub's routes: what the client asks, as operations on the state."""

from __future__ import annotations

import json
import re
import time
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.message import Message
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, unquote

from hub.state import (
    TYPES,
    Commit,
    Entry,
    Refusal,
    Repo,
    State,
    Token,
    Tree,
    git_oid,
    is_large,
)

API = r"/api/(?P<kind>model|dataset|space)s/(?P<repo>[^/]+(?:/[^/]+)?)"
SITE = r"/(?:(?P<kind>dataset|space)s/)?(?P<repo>[^/]+(?:/[^/]+)?)"
REVISION = r"(?P<revision>[^/]+)"
XET_TOKEN_SECONDS = 3600


@dataclass
class Call:
    """A request: what was asked, by whom, and the parts of the path that the route names."""

    method: str
    path: str
    headers: Message
    body: bytes = b""
    token: Token | None = None
    parts: dict[str, str] = field(default_factory=dict)

    @property
    def query(self) -> dict[str, list[str]]:
        """The query's values by name."""
        return parse_qs(self.path.partition("?")[2])

    @property
    def json(self) -> Any:
        """The body, read as JSON."""
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise Refusal(400, f"The body is not JSON: {error}") from error

    @property
    def repo(self) -> tuple[str, str]:
        """The type and the id of the repository that the path names."""
        return self.parts.get("kind", "model"), self.parts["repo"]


@dataclass
class Answer:
    """A status, headers and a body."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


Route = Callable[["Routes", Call], Any]
ROUTES: list[tuple[str, re.Pattern[str], Route]] = []


def route(method: str, path: str) -> Callable[[Route], Route]:
    """Register a method of `Routes`; of several that match, the first one registered answers."""

    def register(function: Route) -> Route:
        ROUTES.append((method, re.compile(path), function))
        return function

    return register


class Routes:
    """Answers calls; what a route returns, other than an `Answer`, is sent as JSON."""

    def __init__(self, state: State, url: str, storage_url: str) -> None:
        self.state = state
        self.url = url
        self.storage_url = storage_url

    def answer(self, call: Call) -> Answer:
        """Answer a call; one at a time, so that each finds the state whole."""
        try:
            with self.state.lock:
                call.token = self._authenticate(call)
                found = self._dispatch(call)
        except Refusal as refusal:
            return Answer(refusal.status, refusal.headers, to_json({"error": str(refusal)}))
        if isinstance(found, Answer):
            return found
        return Answer(200, {"Content-Type": "application/json"}, to_json(found))

    def _authenticate(self, call: Call) -> Token | None:
        header = call.headers.get("Authorization")
        if header is None:
            return None
        token = self.state.tokens.get(header.removeprefix("Bearer "))
        if token is None:
            raise Refusal(401, "Invalid credentials in Authorization header")
        return token

    def _dispatch(self, call: Call) -> Any:
        asked = "GET" if call.method == "HEAD" else call.method
        path = call.path.partition("?")[0]
        for method, pattern, function in ROUTES:
            if method == asked and (match := pattern.fullmatch(path)):
                named = match.groupdict().items()
                call.parts = {key: unquote(part) for key, part in named if part is not None}
                return function(self, call)
        raise Refusal(404, "Sorry, we can't find the page you are looking for.")

    # Accounts and repositories

    @route("GET", "/api/whoami-v2")
    def whoami(self, call: Call) -> Any:
        token = call.token
        if token is None:
            raise Refusal(401, "Invalid credentials in Authorization header")
        role = "write" if token.write else "read"
        return {
            "type": "user",
            "name": token.user,
            "fullname": token.user,
            "orgs": [{"type": "org", "name": name, "roleInOrg": role} for name in token.orgs],
            "auth": {"type": "access_token", "accessToken": {"displayName": "test", "role": role}},
        }

    @route("POST", "/api/repos/create")
    def create(self, call: Call) -> Any:
        repo_type, repo_id = self._named_in_body(call)
        url = self._page(repo_type, repo_id)
        if (repo_type, repo_id) in self.state.repos:
            told = {"error": "You already created this repo", "url": url}
            return Answer(409, {"X-Error-Message": told["error"]}, to_json(told))
        private = call.json.get("visibility") == "private" or bool(call.json.get("private"))
        self.state.create(repo_type, repo_id, private=private)
        return {"url": url, "name": repo_id, "id": repo_id}

    @route("DELETE", "/api/repos/delete")
    def delete(self, call: Call) -> Any:
        repo_type, repo_id = self._named_in_body(call)
        self.state.find_writable(repo_type, repo_id, call.token)
        del self.state.repos[repo_type, repo_id]
        return Answer()

    def _named_in_body(self, call: Call) -> tuple[str, str]:
        """Return the type and the id of the repository that the body names."""
        asked = call.json
        user = call.token.user if call.token else ""
        namespace = asked.get("organization") or user
        self.state.check_write(namespace, call.token)
        repo_type = asked.get("type") or "model"
        if repo_type not in TYPES:
            raise Refusal(400, f"There is no repository type {repo_type}")
        return repo_type, f"{namespace}/{asked['name']}"

    @route("PUT", f"{API}/settings")
    def change_settings(self, call: Call) -> Any:
        repo = self.state.find_writable(*call.repo, call.token)
        asked = call.json
        if "visibility" in asked or "private" in asked:
            repo.private = asked.get("visibility") == "private" or bool(asked.get("private"))
        repo.gated = asked.get("gated", repo.gated)
        return {"private": repo.private, "gated": repo.gated}

    @route("POST", "/api/validate-yaml")
    def validate_card(self, call: Call) -> Any:
        return {"errors": [], "warnings": []}

    # Looking around

    @route("GET", "/api/(?P<kind>model|dataset|space)s")
    def list_repos(self, call: Call) -> Any:
        asked = {key: values[0] for key, values in call.query.items()}
        found = []
        for (repo_type, repo_id), repo in self.state.repos.items():
            if (
                repo_type == call.parts["kind"]
                and asked.get("author", repo.namespace) == repo.namespace
                and asked.get("search", "").lower() in repo_id.lower()
                and not (repo.private and not (call.token and call.token.owns(repo.namespace)))
            ):
                found.append(describe_repo(repo, repo.resolve("main")))
        return found[: int(asked.get("limit", len(found)))]

    @route("GET", f"{API}/refs")
    def list_refs(self, call: Call) -> Any:
        repo = self.state.find(*call.repo, call.token)

        def describe(kind: str, names: Mapping[str, str]) -> list[dict[str, str]]:
            return [
                {"name": name, "ref": f"refs/{kind}/{name}", "targetCommit": commit}
                for name, commit in names.items()
            ]

        return {
            "branches": describe("heads", repo.branches),
            "tags": describe("tags", repo.tags),
            "converts": [],
            "pullRequests": [],
        }

    @route("GET", f"{API}/commits/{REVISION}")
    def list_commits(self, call: Call) -> Any:
        repo = self.state.find(*call.repo, call.token)
        return [
            {
                "id": commit.id,
                "title": commit.message,
                "message": commit.description,
                "authors": [{"user": commit.user}],
                "date": format_date(commit.date),
            }
            for commit in repo.history(call.parts["revision"])
        ]

    @route("GET", f"{API}/tree/{REVISION}(?:/(?P<path>.+))?")
    def list_tree(self, call: Call) -> Any:
        commit = self._commit(call)
        folder = call.parts.get("path", "").strip("/")
        start = f"{folder}/" if folder else ""
        inside = [path for path in with_folders(commit.tree) if path.startswith(start)]
        if folder and not inside:
            raise Refusal(404, f"{folder} does not exist on this revision", "EntryNotFound", commit)
        if call.query.get("recursive", ["false"])[0].lower() not in ("true", "1"):
            inside = [path for path in inside if "/" not in path[len(start) :]]
        return [self._describe(path, commit.tree) for path in inside]

    @route("POST", f"{API}/paths-info/{REVISION}")
    def describe_paths(self, call: Call) -> Any:
        commit = self._commit(call)
        asked = parse_qs(call.body.decode()).get("paths", [])
        known = with_folders(commit.tree)
        return [self._describe(path, commit.tree) for path in asked if path in known]

    @route("GET", f"{API}(?:/revision/{REVISION})?")
    def describe(self, call: Call) -> Any:
        return describe_repo(self.state.find(*call.repo, call.token), self._commit(call))

    # Names for commits

    @route("POST", f"{API}/tag/{REVISION}")
    def add_tag(self, call: Call) -> Any:
        repo = self.state.find_writable(*call.repo, call.token)
        self._add_name(repo.tags, call.json["tag"], repo.resolve(call.parts["revision"]))
        return Answer()

    @route("DELETE", f"{API}/tag/(?P<name>[^/]+)")
    def delete_tag(self, call: Call) -> Any:
        return self._delete_name(self.state.find_writable(*call.repo, call.token).tags, call)

    @route("POST", f"{API}/branch/(?P<name>[^/]+)")
    def add_branch(self, call: Call) -> Any:
        repo = self.state.find_writable(*call.repo, call.token)
        start = repo.resolve(call.json.get("startingPoint", "main"))
        self._add_name(repo.branches, call.parts["name"], start)
        return Answer()

    @route("DELETE", f"{API}/branch/(?P<name>[^/]+)")
    def delete_branch(self, call: Call) -> Any:
        return self._delete_name(self.state.find_writable(*call.repo, call.token).branches, call)

    def _add_name(self, names: dict[str, str], name: str, commit: Commit) -> None:
        if name in names:
            raise Refusal(409, f"Reference already exists: {name}")
        names[name] = commit.id

    def _delete_name(self, names: dict[str, str], call: Call) -> Answer:
        name = call.parts["name"]
        if name not in names:
            raise Refusal(404, f"Invalid rev id: {name}", "RevisionNotFound")
        del names[name]
        return Answer()

    # Upload and commit

    @route("POST", f"{API}/preupload/{REVISION}")
    def preupload(self, call: Call) -> Any:
        tree = self._writable_commit(call).tree
        refuse_pull_request(call)
        told = []
        for file in call.json["files"]:
            sample, present = b64decode(file["sample"]), tree.get(file["path"])
            large = is_large(file["path"], sample, file["size"])
            answer = {
                "path": file["path"],
                "uploadMode": "lfs" if large else "regular",
                "shouldIgnore": False,
            }
            if present:
                answer["oid"] = present.sha256 or present.oid
            told.append(answer)
        return {"files": told}

    @route("POST", rf"{SITE}\.git/info/lfs/objects/batch")
    def plan_upload(self, call: Call) -> Any:
        self.state.find_writable(*call.repo, call.token)
        told = []
        for asked in call.json["objects"]:
            answer = {"oid": asked["oid"], "size": asked["size"]}
            if asked["oid"] not in self.state.objects:
                verify = f"{self.url}{call.path.removesuffix('batch')}verify"
                answer["actions"] = {
                    "upload": {"href": f"{self.storage_url}/lfs/{asked['oid']}"},
                    "verify": {"href": verify},
                }
            told.append(answer)
        return {"transfer": "basic", "objects": told}

    @route("PUT", "/lfs/(?P<oid>[0-9a-f]{64})")
    def upload(self, call: Call) -> Any:
        found = sha256(call.body).hexdigest()
        if found != call.parts["oid"]:
            raise Refusal(400, f"The SHA-256 of what came is {found}")
        self.state.add_object(call.body)
        return Answer()

    @route("POST", rf"{SITE}\.git/info/lfs/objects/verify")
    def verify_upload(self, call: Call) -> Any:
        self.state.find_writable(*call.repo, call.token)
        entry = self.state.find_object(call.json["oid"])
        if entry is None or entry.size != call.json["size"]:
            raise Refusal(404, "Object does not exist or has another size")
        return Answer()

    @route("POST", f"{API}/commit/{REVISION}")
    def commit(self, call: Call) -> Any:
        repo = self.state.find_writable(*call.repo, call.token)
        refuse_pull_request(call)
        lines = [json.loads(line) for line in call.body.splitlines()]
        header = next(line["value"] for line in lines if line["key"] == "header")

        def edit(tree: Tree) -> None:
            for line in lines:
                self._edit(tree, line["key"], line["value"])

        commit = self.state.commit(
            repo,
            call.parts["revision"].removeprefix("refs/heads/"),
            edit,
            header["summary"],
            description=header.get("description", ""),
            user=call.token.user if call.token else "",
            parent=header.get("parentCommit"),
        )
        url = f"{self._page(repo.type, repo.id)}/commit/{commit.id}"
        return {"success": True, "commitOid": commit.id, "commitUrl": url, "hookOutput": ""}

    def _edit(self, tree: Tree, key: str, value: Mapping[str, Any]) -> None:
        """Apply a line of a commit's body."""
        path = value.get("path", "")
        if key == "file":
            tree[path] = self.state.add_blob(b64decode(value["content"]))
        elif key == "lfsFile":
            entry = self.state.find_object(value["oid"])
            if entry is None:
                raise Refusal(400, f"LFS pointer pointed to a file that does not exist: {path}")
            tree[path] = entry
        elif key == "deletedFile":
            if tree.pop(path, None) is None:
                raise Refusal(404, f"A file with this name doesn't exist: {path}", "EntryNotFound")
        elif key == "deletedFolder":
            inside = [name for name in tree if name.startswith(f"{path.rstrip('/')}/")]
            if not inside:
                raise Refusal(
                    404, f"A folder with this name doesn't exist: {path}", "EntryNotFound"
                )
            for name in inside:
                del tree[name]
        elif key != "header":
            raise Refusal(400, f"Unknown operation {key}")

    # Download

    @route("GET", rf"{SITE}/resolve/{REVISION}/(?P<path>.+)")
    def resolve(self, call: Call) -> Any:
        repo = self.state.find_readable(*call.repo, call.token)
        commit = repo.resolve(call.parts["revision"])
        entry = commit.entry(call.parts["path"])
        headers = {"X-Repo-Commit": commit.id}
        if entry.sha256 is None:
            return serve(self.state.read(entry), entry.oid, call, headers)
        headers["X-Linked-ETag"] = f'"{entry.sha256}"'
        headers["X-Linked-Size"] = str(entry.size)
        headers["Location"] = f"{self.storage_url}/lfs/{entry.sha256}"
        if entry.sha256 in self.state.xet_hashes:
            token = f"{self.url}/api/{repo.type}s/{repo.id}/xet-read-token/{commit.id}"
            headers["X-Xet-Hash"] = self.state.xet_hashes[entry.sha256]
            headers["Link"] = f'<{token}>; rel="xet-auth"'
        return Answer(302, headers)

    @route("GET", "/lfs/(?P<oid>[0-9a-f]{64})")
    def download(self, call: Call) -> Any:
        oid = call.parts["oid"]
        if oid not in self.state.objects:
            raise Refusal(404, "No such object")
        return serve(self.state.objects[oid], oid, call)

    @route("GET", f"{API}/xet-(?P<right>read|write)-token/{REVISION}")
    def open_xet(self, call: Call) -> Any:
        if self.state.xet is None:
            raise Refusal(404, "Xet is not enabled for this repo")
        if call.parts["right"] == "write":
            self._writable_commit(call)
            address = self.state.xet.open_upload()
        else:
            self.state.find_readable(*call.repo, call.token).resolve(call.parts["revision"])
            address = self.state.xet.open_download()
        expiry = int(time.time()) + XET_TOKEN_SECONDS
        headers = {
            "Content-Type": "application/json",
            "X-Xet-Cas-Url": address,
            "X-Xet-Access-Token": "xet",
            "X-Xet-Token-Expiration": str(expiry),
        }
        return Answer(
            200, headers, to_json({"casUrl": address, "accessToken": "xet", "exp": expiry})
        )

    def _commit(self, call: Call) -> Commit:
        repo = self.state.find(*call.repo, call.token)
        return repo.resolve(call.parts.get("revision", "main"))

    def _writable_commit(self, call: Call) -> Commit:
        self.state.find_writable(*call.repo, call.token)
        return self._commit(call)

    def _page(self, repo_type: str, repo_id: str) -> str:
        prefix = "" if repo_type == "model" else f"{repo_type}s/"
        return f"{self.url}/{prefix}{repo_id}"

    def _describe(self, path: str, tree: Tree) -> dict[str, Any]:
        entry = tree.get(path)
        if entry is None:
            return {"type": "directory", "path": path, "oid": git_oid(path.encode()), "size": 0}
        told = {"type": "file", "path": path, **describe_file(entry, "oid", "oid")}
        if entry.sha256 in self.state.xet_hashes:
            told["xetHash"] = self.state.xet_hashes[entry.sha256]
        return told


def describe_repo(repo: Repo, commit: Commit) -> dict[str, Any]:
    """Return what the Hub tells about a repository at a commit."""
    first = min(repo.commits.values(), key=lambda commit: commit.date)
    return {
        "id": repo.id,
        "author": repo.namespace,
        "sha": commit.id,
        "createdAt": format_date(first.date),
        "lastModified": format_date(commit.date),
        "private": repo.private,
        "gated": repo.gated,
        "disabled": False,
        "downloads": 0,
        "likes": 0,
        "tags": [],
        "siblings": [
            {"rfilename": path, **describe_file(entry, "blobId", "sha256")}
            for path, entry in sorted(commit.tree.items())
        ],
    }


def describe_file(entry: Entry, oid: str, digest: str) -> dict[str, Any]:
    """Return what the Hub tells about a file; the hashes' names differ between its routes."""
    told: dict[str, Any] = {"size": entry.size, oid: entry.oid}
    if entry.sha256:
        told["lfs"] = {
            digest: entry.sha256,
            "size": entry.size,
            "pointerSize": entry.pointer_size,
        }
    return told


def with_folders(tree: Tree) -> list[str]:
    """Return the paths of all files and folders."""
    folders: set[str] = set()
    for path in tree:
        parts = path.split("/")
        folders.update("/".join(parts[:n]) for n in range(1, len(parts)))
    return sorted(folders | tree.keys())


def serve(
    content: bytes, etag: str, call: Call, headers: Mapping[str, str] | None = None
) -> Answer:
    """Answer with a content, or with the range of it that was asked for."""
    told = {**(headers or {}), "ETag": f'"{etag}"', "Accept-Ranges": "bytes"}
    size = len(content)
    asked = re.fullmatch(r"bytes=(\d*)-(\d*)", call.headers.get("Range", ""))
    if asked is None or asked[0] == "bytes=-":
        return Answer(200, told, content)
    if asked[1]:
        start, stop = int(asked[1]), min(int(asked[2] or size - 1) + 1, size)
    else:
        start, stop = max(size - int(asked[2]), 0), size
    if start >= stop:
        return Answer(416, {**told, "Content-Range": f"bytes */{size}"})
    told["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    return Answer(206, told, content[start:stop])


def refuse_pull_request(call: Call) -> None:
    """Refuse what would otherwise change the branch itself."""
    if "create_pr" in call.query:
        raise Refusal(400, "This Hub has no pull requests")


def to_json(content: object) -> bytes:
    """Return JSON as it is sent."""
    return json.dumps(content).encode()


def format_date(date: datetime) -> str:
    """Return a date as the Hub writes it."""
    return date.isoformat(timespec="milliseconds").replace("+00:00", "Z")
