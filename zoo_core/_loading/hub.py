"""The Hugging Face Hub as the zoo uses it: repositories by name, files at pinned commits.

Everything goes through huggingface_hub, whose environment variables (``HF_HOME``, ``HF_TOKEN``,
``HF_ENDPOINT``, ``HF_HUB_OFFLINE``) mean what they mean there. Its errors become a `HubError` of
one sentence, in which no token ever stands.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from zoo_core._disk import cause, is_of_disk, sha256_of
from zoo_core._registry.references import Reference
from zoo_core.errors import BadInput, HubError

_COMMIT = re.compile(r"[0-9a-f]{40}")
_TOKEN = re.compile(r"\bhf_[A-Za-z0-9]{4,}")
ATTEMPTS = 3
LONGEST_WAIT = 120
Result = TypeVar("Result")


def commit_of(reference: Reference) -> str:
    """Return the 40-digit commit of a reference; a commit costs no request.

    Offline, it is what the branch or tag was when it was last looked up. Raises `HubError`.
    """
    if reference.revision and _COMMIT.fullmatch(reference.revision):
        return reference.revision
    from huggingface_hub import HfApi

    with told(f"{reference} could not be looked up", reference.repo, reference.revision):
        commit = HfApi().resolve_revision(reference.repo, revision=reference.revision).resolved
    if not _COMMIT.fullmatch(commit):
        raise HubError(
            f"The Hub gave {commit!r:.60} as the commit of {reference}; expected 40 digits."
        )
    return commit


def fetch(repo: str, path: str, commit: str, *, label: str = "", kind: str = "model") -> Path:
    """Return the cached copy of a repository's file at a commit, downloading it if need be.

    `label` is how to call the file in messages, `kind` that of the repository. A cached file costs
    no request. Raises `HubError`.
    """
    # The client looks there first, too, but is slow to import.
    there = snapshot(repo, commit, kind) / path
    if there.is_file():
        return there
    from huggingface_hub import hf_hub_download

    what = label or f"{path} of {repo}"
    with told(f"{what} could not be downloaded", repo, commit):
        return Path(hf_hub_download(repo, path, revision=commit, repo_type=kind))


def snapshot(repo: str, commit: str, kind: str = "model") -> Path:
    """Return where the cache keeps the files of a repository at a commit."""
    from huggingface_hub import constants

    folder = f"{kind}s--{repo.replace('/', '--')}"
    return Path(constants.HF_HUB_CACHE, folder, "snapshots", commit)


def remember(repo: str) -> None:
    """Mark a repository in the cache as the zoo's; nothing it lost later hides that it is."""
    with contextlib.suppress(OSError):  # a cache that others fill, and nobody here may write to
        _mark(repo).touch()


def is_remembered(repo: str) -> bool:
    """Tell whether a repository in the cache was marked as the zoo's."""
    return _mark(repo).exists()


def _mark(repo: str) -> Path:
    return snapshot(repo, "").parent / ".zoo"


def has_hash(content: Path | bytes, expected: str) -> bool:
    """Tell whether content has the hash that the Hub names it by.

    That is the SHA-256 for a large file, and git's for a small one.
    """
    if len(expected) == 64:
        found = (
            sha256_of(content) if isinstance(content, Path) else hashlib.sha256(content).hexdigest()
        )
        return found == expected
    data = content.read_bytes() if isinstance(content, Path) else content
    header = f"blob {len(data)}\0".encode()
    return hashlib.sha1(header + data, usedforsecurity=False).hexdigest() == expected


def patiently(call: Callable[[], Result]) -> Result:
    """Make a call of the client, and again when a busy Hub asks to come back a little later.

    The client does so itself for downloads, not for the calls that look up and change repositories.
    """
    from huggingface_hub.errors import HfHubHTTPError

    for _ in range(ATTEMPTS - 1):
        try:
            return call()
        except HfHubHTTPError as error:
            seconds = _asked_to_wait(error.response)
            if seconds is None:
                raise
            time.sleep(seconds)
    return call()


def _asked_to_wait(response: Any) -> float | None:
    """Return the seconds after which a busy Hub wants to be asked again; None for any other."""
    if response is None or response.status_code not in (429, 503):
        return None
    told = response.headers.get("Retry-After", "1")
    return float(told) if told.isdigit() and int(told) <= LONGEST_WAIT else None


@contextmanager
def told(failed: str, repo: str, revision: str | None = None) -> Iterator[None]:
    """Turn whatever the client raises into a `HubError` that begins with `failed`."""
    try:
        yield
    except (HubError, KeyboardInterrupt):
        raise
    except Exception as error:
        reason = _reason(error, repo, revision)
        raise HubError(redacted(f"{failed}: {reason}")) from None if _secret(error) else error


def redacted(text: str) -> str:
    """Return a text without the access token in use, or anything that looks like one."""
    from huggingface_hub import get_token

    try:
        token = get_token()
    except OSError:  # the file that would have it cannot be read
        token = None
    return _TOKEN.sub("hf_…", text.replace(token, "hf_…") if token else text)


def _secret(error: BaseException) -> bool:
    text = str(error)
    return redacted(text) != text


def _reason(error: BaseException, repo: str, revision: str | None) -> str:
    """Return why a call of the client failed, and what to do about it."""
    from huggingface_hub import errors

    at = f" at {revision[:12]}" if revision else ""
    chain = list(_causes(error))
    for one in chain:
        match one:
            case errors.GatedRepoError():
                return (
                    f"{repo} is gated; ask for access on its page, and give a token that has it "
                    "(HF_TOKEN, or `hf auth login`)."
                )
            case errors.RepositoryNotFoundError():
                return (
                    f"the Hub has no repository {repo}, or it is private; check the name, and "
                    "give a token that may read it (HF_TOKEN, or `hf auth login`)."
                )
            case errors.RevisionNotFoundError():
                return f"{repo} has no revision {revision}; name a branch, tag or commit it has."
            case errors.RemoteEntryNotFoundError():
                return f"{repo} has no such file{at}; is it a repository of the zoo?"
            case errors.OfflineModeIsEnabled():
                return (
                    f"it is not in the cache, and HF_HUB_OFFLINE is set; unset it, or fetch {repo} "
                    "once with `zoo download` where there is a network."
                )
            case errors.HfHubHTTPError() if one.response is not None:
                return _status_reason(one, repo, at)
    for one in chain:
        if isinstance(one, OSError) and is_of_disk(one):
            return (
                f"the cache cannot keep it ({cause(one)}); free some space, or set HF_HOME to a "
                "folder that can be written."
            )
    unreachable = (errors.LocalEntryNotFoundError, errors.RevisionResolutionError)
    if any(isinstance(one, unreachable) for one in chain):
        return (
            f"it is not in the cache, and {repo} cannot be reached; connect once, or fetch it with "
            "`zoo download` where there is a network."
        )
    last = chain[-1]
    return (
        f"the connection to {repo} failed ({type(last).__name__}: {last}); check the network and "
        "try again."
    )


def _status_reason(error: Any, repo: str, at: str) -> str:
    status = error.response.status_code
    if status == 401:
        return "the Hub does not take the access token; log in again (`hf auth login`)."
    if status == 403:
        return (
            f"the access token may not do this with {repo}; give one with the right to "
            "(HF_TOKEN, or `hf auth login`)."
        )
    if status == 412:
        return f"{repo} was changed by someone else meanwhile; run the command again."
    if status == 429 or status >= 500:
        return f"the Hub answered {status} for {repo}{at}, also after waiting; try again later."
    message = getattr(error, "server_message", None)
    return f"the Hub answered {status} for {repo}{at}{f' ({message})' if message else ''}."


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def namespace_from_environment() -> str | None:
    """Return the namespace that ``ZOO_NAMESPACE`` or the settings file names.

    The file is ``config.toml`` in the folder ``ZOO_CONFIG`` (default: the platform's folder for
    settings, ``zoo``), with a line such as ``namespace = "my-lab"``. Raises `BadInput` for a file
    that cannot be used.
    """
    if os.environ.get("ZOO_NAMESPACE"):
        return os.environ["ZOO_NAMESPACE"]
    import tomllib

    import platformdirs

    folder = Path(os.environ.get("ZOO_CONFIG") or platformdirs.user_config_dir("zoo"))
    path = folder.expanduser() / "config.toml"
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8")).get("namespace")
    except FileNotFoundError:
        return None
    except (ValueError, OSError) as error:
        raise BadInput(
            f'{path} cannot be read ({error}); write TOML, as namespace = "my-lab".'
        ) from error
    if found is not None and not isinstance(found, str):
        raise BadInput(f"{path}: namespace = {found!r} is wrong; expected a name in quotes.")
    return found
