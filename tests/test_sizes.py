"""How large datasets are: measured where they can be had, and kept with their plugins."""

from __future__ import annotations

import json

import pytest

import zoo
import zoo_core
from zoo_core._authoring import sizes
from zoo_core._loading import files
from zoo_core._registry import results

READ = {
    "data.py": """
        from zoo_core import File, Split, available, fetch

        ONE, OTHER = (File(path=f"toys/{name}", url="https://example.org/x") for name in "ab")

        class Toys:
            def split(self, name):
                return Split(data=self, name=name, indices=range(3 if name == "train" else 2))

        def make(fold=0):
            fetch(ONE)
            available(OTHER)
            return Toys()

        def read(path):
            raise NotImplementedError
        """
}


@pytest.fixture
def toys(site, tmp_path):
    site.add_toy(beyond=READ)
    (tmp_path / "mirror" / "toys").mkdir(parents=True)
    (tmp_path / "mirror" / "toys" / "a").write_bytes(b"12345")
    site.use(ZOO_DATA_MIRROR=str(tmp_path / "mirror"))
    return site


def test_the_files_that_are_taken_are_counted_once(toys, tmp_path):
    assert sizes.sizes("toys") == {"bytes": 5, "splits": {"train": 3, "test": 2}}
    (tmp_path / "mirror" / "toys" / "b").write_bytes(b"123")
    assert sizes.sizes("toys")["bytes"] == 8
    assert files._RECORDS == []


def test_what_is_kept_is_shown_of_the_dataset(toys):
    assert zoo_core.registered()["datasets"][0]["sizes"] == {}
    results.store_sizes("toys", sizes.sizes("toys"))
    (shown,) = zoo_core.registered()["datasets"]
    assert shown["sizes"] == {"bytes": 5, "splits": {"train": 3, "test": 2}}
    path = toys.folder / "zoo_toy" / "results" / "data.json"
    assert json.loads(path.read_text()) == {"toys": shown["sizes"]}
    path.write_text("{")
    assert zoo_core.registered()["datasets"][0]["sizes"] == {}


def test_data_that_cannot_be_had_have_no_size(toys, tmp_path):
    (tmp_path / "mirror" / "toys" / "a").unlink()
    with pytest.raises(zoo.DataError):
        sizes.sizes("toys")
