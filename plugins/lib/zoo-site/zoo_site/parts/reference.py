"""The reference of both doors, as pdoc finds it: signatures, documentation, examples, errors.

Finding it imports all that the doors have, which is slow: it is done when their sources change.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import inspect
import re
from collections.abc import Iterator
from importlib import import_module, metadata
from itertools import pairwise
from pathlib import Path
from typing import Any

from zoo_site.catalogue import Catalogue
from zoo_site.page import Page

DOORS = {
    "zoo": "The user's door: load, predict, measure, train, verify.",
    "zoo_core": "The plugin author's door: all that a plugin may use of the core.",
}


def pages(catalogue: Catalogue) -> Iterator[Page]:
    """Yield the list of the doors' names, and a page for each door."""
    key = sources()
    yield Page(
        path="reference/index.html",
        template="reference.html.j2",
        title="Reference",
        section="reference",
        summary="Every name of both doors.",
        facts=lambda: {"doors": [door(name) for name in DOORS]},
        key=key,
    )
    for name in DOORS:
        yield Page(
            path=f"reference/{name}.html",
            template="door.html.j2",
            title=f"import {name}",
            section="reference",
            summary=DOORS[name],
            facts=functools.partial(door, name),
            key=key,
        )


@functools.cache
def sources() -> str:
    """Return the hash of the doors' sources and templates, and of what reads them."""
    digest = hashlib.sha256(metadata.version("pdoc").encode())
    for name in DOORS:
        folder = Path(str(import_module(name).__file__)).parent
        for path in sorted([*folder.rglob("*.py"), *folder.rglob("*.j2")]):
            digest.update(path.relative_to(folder).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


@functools.cache
def door(name: str) -> dict[str, Any]:
    """Return a door's names with all that is documented of them."""
    import pdoc.doc

    module = import_module(name)
    for each in module.__all__:
        getattr(module, each)  # they are imported when they are first asked for
    found = pdoc.doc.Module(module)
    return {
        "name": name,
        "summary": DOORS[name],
        "told": found.docstring,
        "members": [_member(name, one) for one in found.members.values() if _is_public(one, name)],
    }


def _is_public(member: Any, name: str) -> bool:
    return member.name in import_module(name).__all__


def _member(module: str, member: Any) -> dict[str, Any]:
    kind = member.kind
    methods = []
    if kind == "class":
        kind = _kind_of(member.obj)
        methods = [
            {"name": one.name, "signature": _signature(one), "told": _told(one.docstring)}
            for one in member.own_members
            if one.kind == "function" and not one.name.startswith("_") and one.docstring
        ]
    documented = member.docstring or _below().get(member.name, "")
    told, _, example = documented.partition("\n>>> ")
    return {
        "name": member.name,
        "kind": "constant" if kind == "variable" else kind,
        "signature": "" if kind in ("error", "warning") else _signature(member),
        "told": _told(told),
        "summary": _told(told).partition("\n\n")[0],
        "example": f">>> {example}".rstrip() if example else "",
        "methods": methods,
        "exit": getattr(member.obj, "exit_code", None) if kind == "error" else None,
    }


def _kind_of(cls: type) -> str:
    if issubclass(cls, Warning):
        return "warning"
    return "error" if issubclass(cls, BaseException) else "class"


@functools.cache
def _below() -> dict[str, str]:
    """Return what is documented of constants, below them in the doors' sources."""
    found: dict[str, str] = {}
    for name in DOORS:
        for path in sorted(Path(str(import_module(name).__file__)).parent.rglob("*.py")):
            for node, after in pairwise(ast.parse(path.read_text(encoding="utf-8")).body):
                targets = getattr(node, "targets", [getattr(node, "target", None)])
                if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
                    told = str(after.value.value)
                    found |= {one.id: told for one in targets if isinstance(one, ast.Name)}
    return found


def _signature(member: Any) -> str:
    """Return a signature on one line; "" for what takes nothing."""
    if member.kind not in ("class", "function"):
        return ""
    try:
        text = str(inspect.signature(member.obj))
    except (TypeError, ValueError):
        return "(…)"
    # Where an object stands for a default, its place in memory says nothing.
    text = re.sub(r"<factory>|<[^<>]* at 0x[0-9a-f]+>", "…", text)
    return re.sub(r"'([^']*)'", r"\1", text) if "->" in text else text


def _told(text: str) -> str:
    """Return documentation as Markdown: what is in double backticks there is code here, too."""
    return re.sub(r"``(.+?)``", r"`\1`", text).strip()
