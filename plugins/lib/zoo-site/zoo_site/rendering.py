"""Templates to pages. Whatever a spec says is text: it is escaped, in pages and in cards."""

from __future__ import annotations

import functools
import hashlib
import json
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import (
    Environment,
    FileSystemBytecodeCache,
    PackageLoader,
    StrictUndefined,
    select_autoescape,
)
from markupsafe import Markup

from zoo_site import drawing, keeping, prose
from zoo_site.page import Page

MENU = (
    ("claims", "Claims", "claims.html"),
    ("models", "Models", "models.html"),
    ("papers", "Papers", "papers.html"),
    ("try", "Try it", "try/index.html"),
    ("data", "Data", "datasets.html"),
    ("plugins", "Plugins", "plugins.html"),
    ("guide", "Guide", "guide.html"),
    ("reference", "Reference", "reference/index.html"),
)
"""What stands at the top of every page: sections, their names, and where they begin."""
MARKS: Mapping[str, str] = {
    "holds": "✓",
    "fails": "✗",
    "not established": "?",
    "not measured": "–",
}
"""A sign for each verdict, so that no colour is needed to tell them apart."""
KEYS = {word: word.replace(" ", "-") for word in MARKS}


@functools.cache
def environment() -> Environment:
    """Return the templates: everything that is put into one is escaped, unless it is drawn here."""
    made = Environment(
        loader=PackageLoader("zoo_site"),
        bytecode_cache=_compiled(),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        markdown=prose.markdown,
        inline=prose.inline,
        highlight=prose.highlight,
        number=number,
        bytes=told_bytes,
        minutes=told_minutes,
        slug=slug,
        key=KEYS.__getitem__,
        mark=MARKS.__getitem__,
        lines=drawing.lines,
        ladder=drawing.ladder,
        bibtex=lambda text: text.strip(),
        packed=packed,
        after=after,
        address=address,
    )
    return made


def _compiled() -> FileSystemBytecodeCache | None:
    """Return where compiled templates are kept: compiling takes longer than writing a few pages."""
    folder = keeping.folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return FileSystemBytecodeCache(str(folder))


def render(page: Page, there: frozenset[str]) -> str:
    """Return a page's HTML; `there` are the paths of all pages, so that no menu leads nowhere."""
    menu = [(key, name, place) for key, name, place in MENU if place in there]
    template = environment().get_template(page.template)
    facts = page.facts() if callable(page.facts) else page.facts
    return template.render(page=page, root=page.root, menu=menu, marks=MARKS, **facts)


@functools.cache
def code_key() -> str:
    """Return the hash of all that makes pages of facts: this package's code and templates."""
    digest = hashlib.sha256()
    folder = Path(__file__).parent
    for path in sorted([*folder.rglob("*.py"), *folder.rglob("*.j2")]):
        digest.update(f"{path.relative_to(folder).as_posix()}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def key_of(page: Page, there: frozenset[str]) -> str:
    """Return the hash of all that a page is made from."""
    content = page.key if callable(page.facts) else page.facts
    facts = [
        page.path,
        page.template,
        page.title,
        page.summary,
        page.section,
        page.scripts,
        content,
    ]
    menu = [place for _, _, place in MENU if place in there]
    text = json.dumps([facts, menu, code_key()], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def rows_as_json(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Return rows as a JSON list with a line each: what indents is slower."""
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    return f"[\n{lines}\n]\n".encode()


def address(text: str | None) -> str:
    """Return an address that a link may lead to; "" for a text that is none."""
    return text if text and re.match(r"https?://", text) else ""


def slug(text: str) -> str:
    """Return what names a place in a page: other letters become their numbers."""
    return re.sub(r"[^A-Za-z0-9_.-]", lambda found: f"_{ord(found[0]):x}", text)


def after(text: str, name: str) -> str:
    """Return what a text says after the name that it begins with."""
    return text.removeprefix(name).lstrip(": ")


def number(value: float | None, digits: int = 4) -> str:
    """Return a number for people."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) or (abs(value) >= 1000 and math.isfinite(value)):
        return f"{value:,.0f}"
    return f"{value:.{digits}g}"


def told_bytes(count: int | None) -> str:
    """Return the size of a file for people."""
    if count is None:
        return ""
    size, unit = float(count), "B"
    for bigger in ("kB", "MB", "GB"):
        if size < 1000:
            break
        size, unit = size / 1000, bigger
    return f"{size:.0f} {unit}" if unit == "B" or size >= 100 else f"{size:.1f} {unit}"


def told_minutes(minutes: float) -> str:
    """Return a time for people."""
    if minutes < 1:
        return f"{max(minutes * 60, 1):.0f} s"
    if minutes < 90:
        return f"{minutes:.0f} min"
    return f"{minutes / 60:.1f} h"


def packed(value: Any) -> Markup:
    """Return JSON that may stand inside a script element: no text in it can end the element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)
