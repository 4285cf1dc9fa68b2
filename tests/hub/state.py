"""What the Hub holds: repositories and their commits, contents, and who may do what."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha1, sha256
from threading import RLock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hub.xet import XetStore

TYPES = ("model", "dataset", "space")
SAMPLE = 512
LARGE_BINARY, LARGE_TEXT = 1024, 10 * 1024**2
GITATTRIBUTES = b"*.safetensors filter=lfs diff=lfs merge=lfs -text\n"


class Refusal(Exception):
    """An answer other than success: a status, a message, and the Hub's code for the client."""

    def __init__(
        self, status: int, message: str, code: str = "", commit: Commit | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = {"X-Error-Message": message}
        if code:
            self.headers["X-Error-Code"] = code
        if commit:
            self.headers["X-Repo-Commit"] = commit.id


@dataclass(frozen=True)
class Token:
    """Whose it is, and what it is good for."""

    user: str
    write: bool = True
    orgs: tuple[str, ...] = ()

    def owns(self, namespace: str) -> bool:
        """Whether the user or one of the user's organizations has that name."""
        return namespace in (self.user, *self.orgs)


@dataclass(frozen=True)
class Entry:
    """A file in a tree; what git holds of a large one, by its id and size, is a pointer."""

    oid: str
    size: int
    sha256: str | None = None
    pointer_size: int = 0


Tree = dict[str, Entry]


@dataclass(frozen=True)
class Commit:
    """A commit with its whole tree, and the paths at which that differs from the parent's."""

    id: str
    parent: str | None
    message: str
    description: str
    user: str
    date: datetime
    tree: Tree = field(repr=False)
    changed: tuple[str, ...] = ()

    def entry(self, path: str) -> Entry:
        """Return the file at a path."""
        if path not in self.tree:
            raise Refusal(404, "Entry not found", "EntryNotFound", self)
        return self.tree[path]


@dataclass
class Repo:
    """A repository: settings, commits, and the names of some of them."""

    type: str
    id: str
    private: bool = False
    gated: str | bool = False
    allowed: set[str] = field(default_factory=set)
    commits: dict[str, Commit] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def namespace(self) -> str:
        """Who owns it."""
        return self.id.partition("/")[0]

    def resolve(self, revision: str) -> Commit:
        """Return the commit that a branch, a tag, a full reference or a commit's id stands for."""
        named = {f"refs/heads/{name}": commit for name, commit in self.branches.items()}
        named |= {f"refs/tags/{name}": commit for name, commit in self.tags.items()}
        named = {**self.tags, **self.branches, **named}
        commit = self.commits.get(named.get(revision, revision))
        if commit is None:
            raise Refusal(404, f"Invalid rev id: {revision}", "RevisionNotFound")
        return commit

    def history(self, revision: str) -> Iterator[Commit]:
        """Yield the commits that lead to a revision, newest first."""
        commit: Commit | None = self.resolve(revision)
        while commit:
            yield commit
            commit = self.commits[commit.parent] if commit.parent else None


class State:
    """All repositories, contents and tokens; whoever uses it holds its lock."""

    def __init__(self, xet: XetStore | None = None) -> None:
        self.lock = RLock()
        self.tokens: dict[str, Token] = {}
        self.repos: dict[tuple[str, str], Repo] = {}
        self.blobs: dict[str, bytes] = {}
        self.objects: dict[str, bytes] = {}
        self.xet = xet
        self.xet_hashes: dict[str, str] = {}

    def add_blob(self, content: bytes) -> Entry:
        """Keep the content of a file; return its entry."""
        oid = git_oid(content)
        self.blobs[oid] = content
        return Entry(oid, len(content))

    def add_object(self, content: bytes) -> Entry:
        """Keep the content of a large file; return its entry."""
        digest = sha256(content).hexdigest()
        self.objects[digest] = content
        if self.xet and digest not in self.xet_hashes:
            self.xet_hashes[digest] = self.xet.add(content)
        return point(digest, len(content))

    def find_object(self, digest: str) -> Entry | None:
        """Return the entry of a large file that a client has uploaded, in either way."""
        if digest in self.objects:
            return point(digest, len(self.objects[digest]))
        content = self.xet.read_upload(digest) if self.xet else None
        return None if content is None else self.add_object(content)

    def read(self, entry: Entry) -> bytes:
        """Return the content of a file."""
        return self.objects[entry.sha256] if entry.sha256 else self.blobs[entry.oid]

    def create(self, repo_type: str, repo_id: str, *, private: bool = False) -> Repo:
        """Make a repository, with the first commit that the Hub gives each of them."""
        repo = self.repos[repo_type, repo_id] = Repo(repo_type, repo_id, private)

        def edit(tree: Tree) -> None:
            tree[".gitattributes"] = self.add_blob(GITATTRIBUTES)

        self.commit(repo, "main", edit, "initial commit", user=repo.namespace)
        return repo

    def commit(
        self,
        repo: Repo,
        branch: str,
        edit: Callable[[Tree], None],
        message: str,
        *,
        description: str = "",
        user: str,
        parent: str | None = None,
    ) -> Commit:
        """Put an edited tree on top of a branch, if its head still is the parent (if one is given).

        A tree that does not differ makes a commit, too: it is the client that avoids them.
        """
        head = repo.commits.get(repo.branches.get(branch, ""))
        if head is None and repo.commits:
            raise Refusal(404, f"Invalid rev id: {branch}", "RevisionNotFound")
        if parent and (head is None or parent != head.id):
            raise Refusal(412, "A commit has happened since. Please refresh and try again.")
        before = head.tree if head else {}
        tree = dict(before)
        edit(tree)
        paths = sorted(before.keys() | tree.keys())
        # Unlike git's, an id is the same in every run: the date is not part of it.
        named = repr((repo.type, repo.id, len(repo.commits), message, sorted(tree.items())))
        commit = Commit(
            id=git_oid(named.encode()),
            parent=head.id if head else None,
            message=message,
            description=description,
            user=user,
            date=datetime.now(UTC),
            tree=tree,
            changed=tuple(path for path in paths if before.get(path) != tree.get(path)),
        )
        repo.commits[commit.id] = commit
        repo.branches[branch] = commit.id
        return commit

    def find(self, repo_type: str, repo_id: str, token: Token | None) -> Repo:
        """Return a repository that the token's holder may know of."""
        repo = self.repos.get((repo_type, repo_id))
        if repo is None or (repo.private and not (token and token.owns(repo.namespace))):
            if token is None:
                # The Hub tells strangers the same of what is private and what is nowhere.
                raise Refusal(401, "Invalid username or password.", "RepoNotFound")
            raise Refusal(404, "Repository not found", "RepoNotFound")
        return repo

    def find_readable(self, repo_type: str, repo_id: str, token: Token | None) -> Repo:
        """Return a repository whose contents the token's holder may read."""
        repo = self.find(repo_type, repo_id, token)
        if not repo.gated or (token and (token.owns(repo.namespace) or token.user in repo.allowed)):
            return repo
        restricted = f"Access to {repo_type} {repo_id} is restricted"
        if token is None:
            raise Refusal(401, f"{restricted}. Please log in.", "GatedRepo")
        raise Refusal(403, f"{restricted} and you are not in the authorized list.", "GatedRepo")

    def find_writable(self, repo_type: str, repo_id: str, token: Token | None) -> Repo:
        """Return a repository that the token's holder may change with that token."""
        repo = self.find(repo_type, repo_id, token)
        self.check_write(repo.namespace, token)
        return repo

    def check_write(self, namespace: str, token: Token | None) -> Token:
        """Return the token, if it is good for changes in a namespace."""
        if token is None:
            raise Refusal(401, "Invalid username or password.", "RepoNotFound")
        if not token.owns(namespace):
            raise Refusal(403, f"You don't have the rights to write in the namespace {namespace}")
        if not token.write:
            raise Refusal(403, "Your token is for reading; use one with the role write")
        return token


def git_oid(content: bytes) -> str:
    """Return the id that git gives a blob."""
    return sha1(b"blob %d\0" % len(content) + content).hexdigest()


def point(digest: str, size: int) -> Entry:
    """Return the entry of a large file."""
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\nsize {size}\n"
    return Entry(git_oid(pointer.encode()), size, digest, len(pointer))


def is_large(path: str, sample: bytes, size: int) -> bool:
    """Whether a file is stored apart from git: safetensors, most binary files, very large ones."""
    if path.endswith(".safetensors") or size > LARGE_TEXT:
        return size > 0
    return size >= LARGE_BINARY and is_binary(sample)


def is_binary(sample: bytes) -> bool:
    """Whether the beginning of a file is not that of a text."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return True
    return b"\0" in sample
