"""`publish`: a model's weights, config, card, results and pictures as one commit on the Hub.

What is on the Hub already is compared by hash first: an unchanged model makes no commit. The
resulting commit is written into the plugin's lock file, which `zoo.load` then pins, or beside the
results of a folder.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from zoo_core._loading import hub
from zoo_core._publishing.publishable import CARD, Content, Publishable, publishable
from zoo_core._registry import references
from zoo_core.errors import BadInput, HubError

if TYPE_CHECKING:
    from huggingface_hub import HfApi


@dataclass(frozen=True, kw_only=True)
class Publication:
    """What publishing a model did, or with a dry run would do.

    `action` is "created", "updated" or "unchanged"; `revision` the commit that has the model
    (None for a dry run that would make one); `changed` and `deleted` are paths in the repository.
    """

    name: str
    repo: str
    action: Literal["created", "updated", "unchanged"]
    revision: str | None
    changed: Sequence[str]
    deleted: Sequence[str]
    url: str

    def as_json(self) -> dict[str, Any]:
        """Return the publication as JSON values."""
        return asdict(self)


Gated = Literal["auto", "manual", False]


def publish(
    names: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    *,
    repo: str | None = None,
    namespace: str | None = None,
    private: bool | None = None,
    gated: Gated | None = None,
    message: str | None = None,
    dry_run: bool = False,
) -> list[Publication]:
    """Publish models, one repository ``namespace/name`` each; return what was done with each.

    `names` are registered models, and folders that ``zoo train`` wrote; `repo` is the repository of
    a single one, ``owner/name``. The namespace, a user's or an organization's, is the one given, or
    ``ZOO_NAMESPACE``, or that of the settings file (``config.toml``, see the README), or that of
    the repository where the model is already, or the access token's user. `private` and `gated` set
    who may read (None leaves an existing repository as it is, and makes a new one public).
    Hand-written parts of an existing card, between its marked lines, are kept. `dry_run` writes
    nothing anywhere.

    Raises, before anything is uploaded: `UnknownName`, `WeightsError` (none, or damaged),
    `HubError` (no token, a token that may not write), `BadInput`. What was published before an
    error stays published, and is in the lock file.

    `message` is that of the commits.

    >>> zoo.publish("no-such-model", namespace="me", dry_run=True)
    Traceback (most recent call last):
        ...
    zoo_core.errors.UnknownName: There is no model 'no-such-model' here...
    """
    listed = [names] if isinstance(names, str | os.PathLike) else names
    return list(one_by_one(listed, repo, namespace, private, gated, message, dry_run))


def one_by_one(
    names: Sequence[str | os.PathLike[str]],
    repo: str | None,
    namespace: str | None,
    private: bool | None,
    gated: Gated | None,
    message: str | None,
    dry_run: bool,
) -> Iterator[Publication]:
    """Publish as `publish` does, and yield each publication as soon as it is done."""
    items = [publishable(name) for name in names]
    yield from publish_items(items, repo, namespace, private, gated, message, dry_run)


def publish_items(
    items: Sequence[Publishable],
    repo: str | None,
    namespace: str | None,
    private: bool | None,
    gated: Gated | None,
    message: str | None,
    dry_run: bool,
) -> Iterator[Publication]:
    """Publish what can be published, each in a repository of its own."""
    from huggingface_hub import HfApi
    from huggingface_hub.utils.tqdm import disable_progress_bars

    if not sys.stderr.isatty():
        disable_progress_bars()
    if repo is not None and (len(items) != 1 or namespace is not None):
        raise BadInput("One repository is for one model, and has its namespace in its name.")
    for item in items:
        item.check(dry_run)
    api = HfApi(library_name="zoo")
    wanted = namespace or hub.namespace_from_environment()
    user = _Writer.of_token(api, required=not dry_run)
    plans = [(item, _repository(item, repo, wanted, user)) for item in items]
    if user is not None:
        for _, place in plans:
            user.check_may_write(place)
    for item, place in plans:
        yield _Plan.made(api, item, place).carry_out(private, gated, message, dry_run)


def _repository(
    item: Publishable, wanted: str | None, namespace: str | None, user: _Writer | None
) -> str:
    """Return the repository that a model is published to: the one asked for, its own, or a new."""
    if wanted is None and namespace is None and item.home:
        return item.home
    owner = namespace or (user.name if user else None)
    if wanted is None and owner is None:
        raise BadInput("Whose repository? Give --namespace NAME, set ZOO_NAMESPACE, or log in.")
    repo = wanted or f"{owner}/{item.name}"
    if references.parse(repo) != (repo, None):
        raise BadInput(
            f"{repo!r} is not the name of a repository; give --namespace NAME, or for a single "
            "model --as OWNER/NAME."
        )
    return repo


@dataclass(frozen=True)
class _Writer:
    """Whose access token it is, and what it may write."""

    name: str
    namespaces: frozenset[str]
    role: str
    scopes: Mapping[str, frozenset[str]]

    @classmethod
    def of_token(cls, api: HfApi, *, required: bool) -> _Writer | None:
        """Return whose token is in use; None without one, unless it is required."""
        from huggingface_hub import get_token

        if get_token() is None:
            if not required:
                return None
            raise HubError(
                "Publishing needs an access token that may write; log in with `hf auth login`, or "
                "set HF_TOKEN."
            )
        with hub.told("Publishing was refused", "the Hub"):
            facts = hub.patiently(api.whoami)
        token = (facts.get("auth") or {}).get("accessToken") or {}
        fine = token.get("fineGrained") or {}
        scopes = {
            str(scope.get("entity", {}).get("name")): frozenset(scope.get("permissions", ()))
            for scope in fine.get("scoped", ())
        }
        groups = frozenset(str(group.get("name")) for group in facts.get("orgs") or ())
        name = str(facts["name"])
        return cls(name, groups | {name}, str(token.get("role", "")), scopes)

    def check_may_write(self, repo: str) -> None:
        """Raise `HubError` when the token is known not to have the right to write there."""
        owner = repo.partition("/")[0]
        scoped = self.scopes.get(owner, frozenset()) | self.scopes.get(repo, frozenset())
        weak = self.role == "read" or (self.role == "fineGrained" and "repo.write" not in scoped)
        if weak:
            raise HubError(
                f"The access token of {self.name} may only read; publishing to {repo} needs one "
                "that may write (make it in the settings of your account, then `hf auth login`)."
            )
        if owner not in self.namespaces:
            raise HubError(
                f"The access token is {self.name}'s, who is not a member of {owner}; give "
                f"--namespace, one of {', '.join(sorted(self.namespaces))}."
            )


@dataclass(frozen=True)
class _Plan:
    """What a repository has, and what it is to have."""

    api: HfApi
    item: Publishable
    repo: str
    head: str | None
    wanted: Mapping[str, Content]
    changed: Sequence[str]
    deleted: Sequence[str]

    @classmethod
    def made(cls, api: HfApi, item: Publishable, repo: str) -> _Plan:
        """Look at the repository, and compare."""
        from huggingface_hub.errors import RepositoryNotFoundError

        with hub.told(f"{repo} could not be looked at", repo):
            try:
                head = hub.patiently(lambda: api.repo_info(repo, repo_type=item.kind)).sha
            except RepositoryNotFoundError:
                head = None
            there = hub.patiently(lambda: dict(_hashes(api, item, repo, head))) if head else {}
        old_card = ""
        if head and CARD in there:
            card = hub.fetch(repo, CARD, head, kind=item.kind)
            old_card = card.read_text(encoding="utf-8", errors="replace")
        wanted = item.contents(repo, old_card)
        changed = [
            path
            for path, new in wanted.items()
            if not (path in there and hub.has_hash(new, there[path]))
        ]
        deleted = [path for path in there if item.owns(path) and path not in wanted]
        return cls(api, item, repo, head, wanted, changed, deleted)

    def carry_out(
        self,
        private: bool | None,
        gated: Gated | None,
        message: str | None,
        dry_run: bool,
    ) -> Publication:
        """Create, commit, set who may read, and note the commit in the lock file."""
        revision = self.head
        action: Literal["created", "updated", "unchanged"] = "created"
        if self.head:
            action = "updated" if self.changed or self.deleted else "unchanged"
        if not dry_run:
            if self.head is None:
                with hub.told(f"{self.repo} could not be created", self.repo):
                    hub.patiently(
                        lambda: self.api.create_repo(
                            self.repo,
                            private=private,
                            exist_ok=True,
                            repo_type=self.item.kind,
                            space_sdk="static" if self.item.kind == "space" else None,
                        )
                    )
            self._set_readers(private, gated)
            if action == "unchanged":
                revision = self.item.pinned(self.repo) or self.head
            else:
                revision = self._commit(message)
            self.item.note(self.repo, revision)
        elif action != "unchanged":
            revision = None
        return Publication(
            name=self.item.name,
            repo=self.repo,
            action=action,
            revision=revision,
            changed=sorted(self.changed),
            deleted=sorted(self.deleted),
            url=f"{self.api.endpoint}/{'spaces/' * (self.item.kind == 'space')}{self.repo}",
        )

    def _set_readers(self, private: bool | None, gated: Gated | None) -> None:
        visible = private if self.head else None  # a new one was created as it should be
        if visible is not None or gated is not None:
            with hub.told(f"Who may read {self.repo} could not be set", self.repo):
                hub.patiently(
                    lambda: self.api.update_repo_settings(
                        self.repo, private=visible, gated=gated, repo_type=self.item.kind
                    )
                )

    def _commit(self, message: str | None) -> str:
        from huggingface_hub import CommitOperationAdd, CommitOperationDelete

        operations: list[CommitOperationAdd | CommitOperationDelete] = [
            *(CommitOperationAdd(path, self.wanted[path]) for path in self.changed),
            *(CommitOperationDelete(path) for path in self.deleted),
        ]
        with hub.told(f"{self.item.name} could not be published", self.repo):
            # A repository that was just made has a first commit of its own.
            kind = self.item.kind
            parent = self.head or hub.patiently(
                lambda: self.api.repo_info(self.repo, repo_type=kind).sha
            )
            done = hub.patiently(
                lambda: self.api.create_commit(
                    self.repo,
                    operations,
                    commit_message=message or f"Publish {self.item.told}",
                    parent_commit=parent,
                    repo_type=kind,
                )
            )
        return str(done.oid)


def _hashes(api: HfApi, item: Publishable, repo: str, revision: str) -> Iterator[tuple[str, str]]:
    """Yield each path with its hash: SHA-256 for a large file, git's for another."""
    from huggingface_hub.hf_api import RepoFile

    for entry in api.list_repo_tree(repo, recursive=True, revision=revision, repo_type=item.kind):
        if isinstance(entry, RepoFile):
            yield entry.path, entry.lfs.sha256 if entry.lfs else entry.blob_id
