"""Specs check themselves: a wrong field is refused in a sentence that names it."""

from __future__ import annotations

import dataclasses
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo_core import Claim, File, Model, Paper, exact
from zoo_core.errors import SpecError

KINDS = ("papers", "architectures", "models", "datasets", "metrics")
GOOD_PART = st.text("abcxyz019", min_size=1, max_size=6)
GOOD_NAMES = st.lists(GOOD_PART, min_size=1, max_size=4).flatmap(
    lambda parts: st.sampled_from("-_.").map(lambda joint: joint.join(parts))
)
NOT_TEXT = st.none() | st.integers() | st.floats() | st.binary() | st.lists(st.text())
HASHES = st.text("0123456789abcdef", min_size=64, max_size=64)


def refused(make, field, expected):
    """Check that making a spec fails in a sentence with the spec, the field and what it expects."""
    with pytest.raises(SpecError) as caught:
        make()
    message = str(caught.value)
    assert f" {field}=" in message
    assert expected in message
    assert re.match(r"(Paper|Architecture|Model|Dataset|Metric|File|Claim) ", message)


@given(name=GOOD_NAMES, kind=st.sampled_from(KINDS))
def test_good_names_are_taken(make_spec, name, kind):
    assert make_spec(kind, name).name == name


@given(
    name=st.text().filter(lambda text: not re.fullmatch(r"[a-z0-9]+([._-][a-z0-9]+)*", text))
    | NOT_TEXT,
    kind=st.sampled_from(KINDS),
)
def test_other_names_are_refused(make_spec, name, kind):
    refused(lambda: make_spec(kind, name), "name", "lower-case letters and digits")


@given(parts=st.lists(st.text("abc.-_~ X1", min_size=1), min_size=1))
def test_paths_stay_in_their_folder(parts):
    path = "/".join(parts)
    if {".", ".."} & set(parts):
        refused(lambda: File(path=path, url="https://a.b/c"), "path", "stays in its folder")
    else:
        assert File(path=path, url="https://a.b/c").path == path


NOT_INSIDE = """/etc/passwd ../up a/../../b a/.. ./a a//b a/ C:/x C:x a\\b a\0b""".split(" ")


@pytest.mark.parametrize(
    "path",
    ["", "a\nb", None, 3, b"a", *NOT_INSIDE],
)
def test_absolute_and_escaping_paths_are_refused(path):
    refused(lambda: File(path=path, url="https://a.b/c"), "path", "a relative path")


@given(sha256=HASHES)
def test_good_hashes_are_taken(sha256):
    assert File(path="a/b", sha256=sha256).sha256 == sha256


@given(
    sha256=st.text("0123456789abcdefABCg ", max_size=70).filter(
        lambda text: not re.fullmatch(r"[0-9a-f]{64}", text)
    )
    | st.integers()
    | st.binary()
    | HASHES.map(lambda text: text + "\n")
)
def test_other_hashes_are_refused(sha256):
    refused(lambda: File(path="a/b", sha256=sha256), "sha256", "64 hexadecimal digits")


def test_a_file_needs_an_address_or_a_hash():
    refused(lambda: File(path="a/b"), "sha256", "a hash or a url")
    for url in ("ftp://a.b", "/local/file", "file:///etc/passwd", 3):
        refused(lambda url=url: File(path="a/b", url=url), "url", "an http(s) address")


@given(license=st.text().filter(lambda text: not text.startswith("LicenseRef-")) | NOT_TEXT)
def test_licences_are_spdx_identifiers(make_spec, license):
    for kind in ("models", "datasets"):
        if license in ("MIT", "Apache-2.0"):
            continue
        refused(lambda kind=kind: make_spec(kind, license=license), "license", "SPDX identifier")


@pytest.mark.parametrize(
    "license", ["MIT", "Apache-2.0", "CC-BY-4.0", "NOASSERTION", "LicenseRef-X"]
)
def test_known_licences_are_taken(make_spec, license):
    assert make_spec("models", license=license).license == license


WRONG = [
    ("papers", "title", " ", "a text, not empty"),
    ("papers", "authors", "A. Author", "a sequence of names"),
    ("papers", "authors", [], "at least one"),
    ("papers", "authors", None, "a sequence of names"),
    ("papers", "year", "2020", "a year"),
    ("papers", "year", 20, "a year"),
    ("papers", "arxiv", "arXiv:2209.12054", "an arXiv identifier such as"),
    ("papers", "arxiv", 2209.12054, "an arXiv identifier such as"),
    ("papers", "claims", ["it works"], "a sequence of Claim"),
    ("papers", "claims", None, "a sequence of Claim"),
    ("architectures", "cls", "torch.nn.Linear", "an import string"),
    ("architectures", "cls", "torch.nn:Linear()", "an import string"),
    ("architectures", "train", "../train.py", "an import string"),
    ("architectures", "reader", 3, "an import string"),
    ("architectures", "symmetries", "a.b:c", "import strings"),
    ("architectures", "symmetries", [3], "import strings"),
    ("architectures", "shape", {"x": {1, 2}}, "a mapping of JSON values"),
    ("architectures", "shape", {1: 2}, "a mapping of JSON values"),
    ("architectures", "shape", [1], "a mapping of JSON values"),
    ("architectures", "paper", "The Paper", "lower-case"),
    ("models", "architecture", "", "lower-case"),
    ("models", "dataset", None, "lower-case"),
    ("models", "options", {"fold": object()}, "a mapping of JSON values"),
    ("models", "beside", {"gcn": {"architecture": int}}, "a mapping of JSON values"),
    ("models", "metrics", "accuracy", "a sequence of metrics' names"),
    ("models", "metrics", [], "at least one"),
    ("models", "storage", "float8", "'float16', 'bfloat16', 'float32' or 'float64'"),
    ("datasets", "factory", "module", "an import string"),
    ("datasets", "task", "Node classification", "lower-case"),
    ("datasets", "source", "", "a text, not empty"),
    ("metrics", "factory", "", "an import string"),
    ("metrics", "title", None, "a text, not empty"),
]


@pytest.mark.parametrize(("kind", "field", "value", "expected"), WRONG)
def test_a_wrong_field_is_named(make_spec, kind, field, value, expected):
    refused(lambda: make_spec(kind, **{field: value}), field, expected)


@pytest.mark.parametrize("kind", KINDS)
def test_specs_are_frozen(make_spec, kind):
    with pytest.raises(dataclasses.FrozenInstanceError):
        make_spec(kind).name = "other"


def test_claims_of_one_paper_have_different_names(make_spec):
    def claim(**more):
        one = {"name": "c", "statement": "S.", "check": "m:f", "bounds": {"it": exact(equal=1)}}
        return Claim(**{**one, **more})

    refused(lambda: make_spec("papers", claims=[claim(), claim()]), "claims", "different names")
    refused(lambda: claim(check="f"), "check", "an import")
    refused(lambda: claim(statement=""), "statement", "a text")
    refused(lambda: claim(bounds={}), "bounds", "")


@pytest.mark.parametrize("arxiv", ["2209.12054", "2209.12054v2", "cs/0112017", "math.GT/0309136"])
def test_arxiv_identifiers_old_and_new_are_taken(make_spec, arxiv):
    assert make_spec("papers", arxiv=arxiv).arxiv == arxiv


def test_fields_are_keywords_so_that_new_ones_can_come():
    for kind in (Paper, Model, File, Claim):
        with pytest.raises(TypeError):
            kind("name")
