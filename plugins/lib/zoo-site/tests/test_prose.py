"""Markdown of strangers: what is no Markdown is text, and no link runs anything."""

from __future__ import annotations

import re

import pytest
from zoo_site import prose
from zoo_site.rendering import address, packed, slug

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[a](javascript:alert(1))",
    "[a](JaVaScRiPt:alert(1))",
    "[a]( javascript:alert(1) )",
    "[a](data:text/html;base64,PHNjcmlwdD4=)",
    "[a](vbscript:x)",
    "![a](javascript:alert(1))",
    "![a](https://elsewhere.example/track.png)",
    "![a](//elsewhere.example/track.png)",
    '[a](https://x.example "><script>alert(1)</script>")',
    "<https://x.example/?a=<script>>",
    "```<script>\nalert(1)\n```",
    "`</code><script>alert(1)</script>`",
    "# <b onmouseover=alert(1)>",
    "| <script> |\n|---|\n| </td><script> |",
    "&lt;script&gt;",
    "<!-- --><script>",
    "[a]: javascript:alert(1)\n\n[a]",
)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_what_is_hostile_stays_text(text):
    for html in (str(prose.markdown(text)), str(prose.inline(text))):
        tags = re.findall(r"<(\w+)([^>]*)>", html)
        assert not {name for name, _ in tags} & {"script", "iframe", "style", "object", "b"}
        assert not [told for _, told in tags if re.search(r"\bon\w+=", told)]
        links = re.findall(r'(?:href|src)="([^"]*)"', html)
        assert not [link for link in links if not link.startswith("https://x.example")]


def test_links_lead_somewhere_or_are_words():
    text = "# A place\n\n[there](#a-place) [gone](#nowhere) [file](other.md) [web](https://a.b/)"
    html = str(prose.markdown(text))
    assert re.findall(r'href="([^"]*)"', html) == ["#h-a-place", "https://a.b/"]
    assert 'id="h-a-place"' in html and "gone" in html and "file" in html


def test_pictures_are_those_of_the_site():
    html = str(prose.markdown("![a](../p/x.svg) ![b](q.svg)", links=["../p/x.svg"]))
    assert re.findall(r'src="([^"]*)"', html) == ["../p/x.svg"]
    assert "b" in re.sub("<[^>]*>", "", html)


def test_headings_go_below_those_of_the_page():
    html = str(prose.markdown("# One\n\n## Two\n\n##### Five", below=2))
    assert re.findall(r"<(h\d)", html) == ["h3", "h4", "h6"]
    assert re.findall(r"</(h\d)", html) == ["h3", "h4", "h6"]


def test_code_is_marked_and_escaped():
    assert '<span class="k' in str(prose.highlight("import zoo"))
    assert prose.highlight("<b>", "no such language") == "&lt;b&gt;"
    assert "<b>" not in str(prose.highlight("<b>"))


def test_json_in_a_page_cannot_end_its_element():
    import json

    value = {"</script><script>": "<!-- \u2028 &"}
    assert "<" not in packed(value) and "\u2028" not in packed(value)
    assert json.loads(packed(value)) == value


def test_a_place_is_named_by_letters_alone():
    assert slug("T1.a-b_c") == "T1.a-b_c"
    assert slug('a "b') == "a_20_22b"
    assert address("javascript:alert(1)") == address(None) == ""
    assert address("https://a.b/") == "https://a.b/"
