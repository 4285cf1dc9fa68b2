"""The browser of the tests sees what it is asked to see: a fault of a page fails its test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

EMPTY = "<!doctype html><link rel=icon href='data:,'><title>Page</title>"


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    """Write a page with some content; return where it is."""

    def make(content: str) -> Path:
        page = tmp_path / "page.html"
        page.write_text(EMPTY + content, encoding="utf-8")
        return page

    return make


def test_a_page_is_opened_from_a_file_and_from_a_server(
    open_page: Callable[..., Any], serve: Callable[[Path], str], write: Callable[[str], Path]
) -> None:
    page = write("<p>Hello</p>")
    assert open_page(page.as_uri()).inner_text("p") == "Hello"
    assert open_page(f"{serve(page.parent)}/page.html").inner_text("p") == "Hello"


@pytest.mark.parametrize(
    ("content", "fault"),
    {
        "told": ("<script>console.error('broken')</script>", "broken"),
        "uncaught": ("<script>nowhere()</script>", "nowhere is not defined"),
        "missing": ("<img src='missing.png' alt=''>", "ERR_FILE_NOT_FOUND"),
    }.values(),
    ids=["told", "uncaught", "missing"],
)
def test_an_error_of_a_page_is_a_fault(
    open_page: Callable[..., Any],
    write: Callable[[str], Path],
    faults: Any,
    content: str,
    fault: str,
) -> None:
    open_page(write(content).as_uri())
    assert fault in faults.told.pop()


def test_a_request_to_another_host_is_a_fault_and_does_not_leave(
    open_page: Callable[..., Any], write: Callable[[str], Path], faults: Any
) -> None:
    open_page(write("<script src='https://example.org/a.js'></script>").as_uri())
    assert faults.gone.pop() == "https://example.org/a.js"
    assert "ERR_FAILED" in faults.told.pop()
