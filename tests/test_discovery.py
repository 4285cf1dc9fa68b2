"""Finding entry points gives what the standard library gives, only sooner."""

from __future__ import annotations

import os
import sys
import zipfile
from importlib import metadata

import pytest

from zoo_core._registry import discovery

LINES = """
[console_scripts]
tool = other:main

[zoo]
plain = package.module
# a comment = not a line
; another = comment
spaced   =   other.module   
part = os:path.join
extra = os.path [fast]

[zoo.more]
no = nothing
"""


def names(points):
    return sorted((point.name, point.value.partition("[")[0].strip()) for point in points)


def install(folder, name, text):
    info = folder / name
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: Some.Name\nVersion: 3.0\n")
    (info / "entry_points.txt").write_bytes(text if isinstance(text, bytes) else text.encode())


@pytest.mark.parametrize("group", ["zoo", "console_scripts", "pytest11", "no-such-group"])
def test_this_environment_is_read_as_the_standard_library_reads_it(group):
    assert names(discovery.entry_points(group)) == names(metadata.entry_points(group=group))


def test_a_file_is_read_as_the_standard_library_reads_it(tmp_path, monkeypatch):
    install(tmp_path, "some_name-3.0.dist-info", LINES)
    install(tmp_path, "develop.egg-info", "[zoo]\ndevelop = d")
    install(tmp_path, "binary-1.dist-info", b"[zoo]\nbinary = \xff\n")
    (tmp_path / "empty-1.dist-info").mkdir()
    monkeypatch.setattr(sys, "path", [str(tmp_path), str(tmp_path), "/no/such/folder"])
    found = discovery.entry_points("zoo")
    assert names(found) == [
        ("binary", "\ufffd"),
        ("develop", "d"),
        ("extra", "os.path"),
        ("part", "os:path.join"),
        ("plain", "package.module"),
        ("spaced", "other.module"),
    ]
    points = {point.name: point for point in found}
    assert points["part"].load() is os.path.join
    assert points["extra"].load() is os.path
    assert (points["part"].dist.name, points["part"].dist.version) == ("Some.Name", "3.0")


def test_a_byte_order_mark_is_skipped(tmp_path, monkeypatch):
    install(tmp_path, "marked-1.dist-info", b"\xef\xbb\xbf[zoo]\nmarked = package\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    assert names(discovery.entry_points("zoo")) == [("marked", "package")]


def test_the_first_distribution_of_a_name_on_the_path_wins(tmp_path, monkeypatch):
    install(tmp_path / "a", "Some_Name-2.0.dist-info", "[zoo]\nfirst = a\n")
    install(tmp_path / "b", "some.name-3.0.dist-info", "[zoo]\nsecond = b\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path / "a"), str(tmp_path / "b")])
    assert names(discovery.entry_points("zoo")) == [("first", "a")]
    assert names(metadata.entry_points(group="zoo")) == [("first", "a")]


def test_a_zip_file_on_the_path_is_left_to_the_standard_library(tmp_path, monkeypatch):
    path = tmp_path / "plugins.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("zipped-1.0.dist-info/entry_points.txt", "[zoo]\nzipped = z\n")
        archive.writestr("zipped-1.0.dist-info/METADATA", "Name: zipped\nVersion: 1.0\n")
    monkeypatch.setattr(sys, "path", [str(path)])
    assert names(discovery.entry_points("zoo")) == [("zipped", "z")]


def test_another_finder_is_left_to_the_standard_library(monkeypatch):
    class Finder:
        @staticmethod
        def find_spec(*args):
            return None

        @staticmethod
        def find_distributions(context):
            class Made(metadata.Distribution):
                def read_text(self, name):
                    texts = {"METADATA": "Name: made\n", "entry_points.txt": "[zoo]\nmade = m\n"}
                    return texts.get(name)

                def locate_file(self, path):
                    return path

            return [Made()]

    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, Finder])
    assert ("made", "m") in names(discovery.entry_points("zoo"))
