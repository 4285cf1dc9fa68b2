"""Markdown and code as HTML. What a card or a spec says is text: its HTML is shown and not run."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape
from pygments import highlight as highlighted
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

SCHEMES = ("https:", "http:", "mailto:")
HEADING = "h-"
"""What the places of headings begin with, so that none is the same as one of the page's own."""


def markdown(text: str, *, below: int = 0, links: Sequence[str] = ()) -> Markup:
    """Return a text in Markdown as HTML, its headings `below` their level.

    Links go to the web, to the text's own headings, or to one of the relative `links` (pictures
    among them); of others the words are left, since where they lead is not in a site.
    """
    parser = _parser()
    tokens = parser.parse(text)
    places = {_name_heading(tokens, at, below) for at in range(len(tokens))} - {""}
    leads = _leading({*links, *(f"#{place}" for place in places)})
    for token in tokens:
        if token.children:
            token.children = _linked(token.children, leads)
        if token.type in ("code_block", "table_open"):
            token.attrSet("tabindex", "0")  # what is wide is scrolled by keyboard, as in `_fenced`
    return Markup(parser.renderer.render(tokens, parser.options, {}))


def inline(text: str) -> Markup:
    """Return a line of Markdown as HTML, without a paragraph around it; it links to the web."""
    parser = _parser()
    tokens = parser.parseInline(text)
    for token in tokens:
        token.children = _linked(token.children or [], _leading(set()))
    return Markup(parser.renderer.render(tokens, parser.options, {}))


@functools.cache
def highlight(code: str, language: str = "python") -> Markup:
    """Return code with its words marked, as HTML; of a language that is not known, as it is."""
    try:
        lexer = get_lexer_by_name(language)
    except ClassNotFound:
        return escape(code)
    return Markup(highlighted(code, lexer, HtmlFormatter(nowrap=True)).rstrip("\n"))


@functools.cache
def _parser() -> MarkdownIt:
    options = {"html": False, "highlight": _fenced}
    made = MarkdownIt("commonmark", options).enable(["table", "strikethrough"])
    made.validateLink = _is_safe  # type: ignore[method-assign, assignment]  # how the library is told
    return made


def _fenced(code: str, language: str, _: str) -> str:
    return f'<pre tabindex="0"><code>{highlight(code, language)}</code></pre>'


def _is_safe(link: str) -> bool:
    scheme = re.match(r"\s*([a-z][a-z0-9+.-]*:)", link, re.IGNORECASE)
    return scheme is None or scheme[1].lower() in SCHEMES


def _name_heading(tokens: list[Token], at: int, below: int) -> str:
    """Give a heading its place and its level; return the place, "" for what is no heading."""
    token = tokens[at]
    if token.type not in ("heading_open", "heading_close"):
        return ""
    token.tag = f"h{min(int(token.tag[1:]) + below, 6)}"
    if token.type == "heading_close":
        return ""
    place = re.sub(r"\W+", "-", tokens[at + 1].content.strip().lower()).strip("-")
    token.attrSet("id", f"{HEADING}{place}")
    return place


def _leading(there: set[str]) -> Callable[[str], str | None]:
    """Return what gives where a link leads, or None for one that leads nowhere in a site."""

    def leads(link: str) -> str | None:
        if link.startswith("#"):
            return f"#{HEADING}{link[1:]}" if link in there else None
        if re.match(r"[a-z][a-z0-9+.-]*:", link, re.IGNORECASE):
            return link
        return link if link in there else None

    return leads


def _linked(tokens: list[Token], leads: Callable[[str], str | None]) -> list[Token]:
    """Return the parts of a paragraph, without the links and pictures that lead nowhere."""
    kept, dropped = [], 0
    for token in tokens:
        if token.type == "link_open":
            to = leads(str(token.attrGet("href")))
            if to is None:
                dropped += 1
                continue
            token.attrSet("href", to)
        elif token.type == "link_close" and dropped:
            dropped -= 1
            continue
        elif token.type == "image" and str(token.attrGet("src")) not in _own(leads, token):
            token = Token("text", "", 0, content=token.content)
        kept.append(token)
    return kept


def _own(leads: Callable[[str], str | None], token: Token) -> set[str]:
    """Return where a picture may be: in the site, since pages ask no other host for anything."""
    place = str(token.attrGet("src"))
    return (
        {place} if leads(place) and not re.match(r"[a-z][a-z0-9+.-]*:|//", place, re.I) else set()
    )
