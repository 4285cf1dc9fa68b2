"""The datasets: the pinned tables, their splits, the sources, and the .RData reader."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from zoo_pca_ols.data import measured, rdata
from zoo_pca_ols.specs.data import DATASETS, original

import zoo
from zoo_core import BadInput, DataError

SPECS = {spec.name: spec for spec in DATASETS}
SHAPES = {
    "gasoline": (60, 401, 40),
    "yarn": (28, 268, 20),
    "riboflavin": (71, 4088, 50),
    "wheat": (599, 1279, 400),
    "diabetes-progression": (442, 10, 300),
    "gaussian-joint": (320, 128, 64),
    "gaussian-gapped": (306, 75, 50),
}


@pytest.mark.parametrize("name", SHAPES)
def test_shapes_and_splits(data_or_skip, name):
    n, p, train = SHAPES[name]
    first, again, other = (data_or_skip(name, repeat=repeat) for repeat in (0, 0, 1))
    assert first.x.shape == (n, p) and first.y.shape == (n,)
    assert np.isfinite(first.x).all() and np.isfinite(first.y).all()
    rows = np.concatenate([first.rows["train"], first.rows["test"]])
    assert np.array_equal(np.sort(rows), np.arange(n))
    assert len(first.rows["train"]) == train
    assert first.fingerprint() == again.fingerprint()
    np.testing.assert_array_equal(first.rows["train"], again.rows["train"])
    if name.startswith("gaussian"):
        assert other.fingerprint() != first.fingerprint()
    else:
        assert other.fingerprint() == first.fingerprint()
        assert not np.array_equal(other.rows["train"], first.rows["train"])


def test_targets_are_those_of_the_sources(data_or_skip):
    gasoline = data_or_skip("gasoline")
    assert (gasoline.y.min(), gasoline.y.max()) == (83.4, 89.6)
    assert gasoline.y.std(ddof=1) == pytest.approx(1.5301, abs=5e-5)
    riboflavin = data_or_skip("riboflavin")
    assert riboflavin.y.mean() == pytest.approx(-7.1594, abs=5e-5)
    assert set(np.unique(data_or_skip("wheat").x)) == {0, 1}


def test_splits_of_the_sources(data_or_skip):
    assert len(data_or_skip("yarn", fixed=True).rows["train"]) == 21
    folds = [data_or_skip("wheat", fold=fold).rows["test"] for fold in range(1, 11)]
    assert np.array_equal(np.sort(np.concatenate(folds)), np.arange(599))
    first, second = (data_or_skip("wheat", environment=e) for e in (1, 2))
    assert not np.array_equal(first.y, second.y)


def test_simulators_take_their_options(data_or_skip):
    wide = data_or_skip("gaussian-joint", p=200, n=30, tests=10)
    assert wide.x.shape == (40, 200)
    low, high = (data_or_skip("gaussian-polynomial", snr=snr).y.var() for snr in (0.5, 16.0))
    assert low > 10 * high


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("gasoline", {"repeat": -1}),
        ("gasoline", {"repeat": "first"}),
        ("wheat", {"environment": 5}),
        ("wheat", {"fold": 0}),
        ("gaussian-joint", {"p": 513}),
        ("gaussian-joint", {"n": 1}),
        ("gaussian-gapped", {"snr": 0}),
    ],
)
def test_bad_options(data_or_skip, name, options):
    with pytest.raises(BadInput, match="expected"):
        data_or_skip(name, **options)


def test_a_changed_file_is_refused(monkeypatch):
    x = np.zeros((60, 401))
    monkeypatch.setattr(measured, "_read", lambda name: {"X": x, "octane": np.zeros(60)})
    with pytest.raises(DataError, match="fingerprint"):
        zoo.dataset("gasoline")


def test_every_real_table_has_a_pinned_public_address():
    for name in ("gasoline", "yarn", "riboflavin", "wheat"):
        source = original(name)
        assert source.url is not None and source.url.endswith(f"/data/{name}.RData")
        assert "/master/" not in source.url  # a commit, or what is read may change
        assert len(SPECS[name].config["pinned"]) == 16


def test_without_the_package_the_error_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "rdata", None)
    with pytest.raises(BadInput, match=r"pip install rdata.*ZOO_DATA_MIRROR"):
        rdata.read_rdata(tmp_path / "gasoline.RData", "gasoline")


# --- .RData files, written here in R's own serialization ---

INT, REAL, CHARS, STRINGS, LIST, PAIRS, SYMBOL, NIL = 13, 14, 9, 16, 19, 2, 1, 254
ATTRIBUTES, OBJECT, TAG = 0x200, 0x100, 0x400


def number(value):
    return int(value).to_bytes(4, "big", signed=value < 0)


def symbol(name):
    return number(SYMBOL) + chars(name)


def chars(text):
    return number(CHARS | 64 << 12) + number(len(text)) + text.encode()


def pairs(items):
    cells = [number(PAIRS | TAG) + symbol(name) + value for name, value in items]
    return b"".join(cells) + number(NIL)


def vector(kind, values, attributes=(), is_object=False):
    flags = kind | (ATTRIBUTES if attributes else 0) | (OBJECT if is_object else 0)
    if kind == REAL:
        body = np.asarray(values, dtype=">f8").tobytes()
    elif kind == STRINGS:
        body = b"".join(chars(value) for value in values)
    elif kind == LIST:
        body = b"".join(values)
    else:
        body = np.asarray(values, dtype=">i4").tobytes()
    extra = pairs(attributes) if attributes else b""
    return number(flags) + number(len(values)) + body + extra


def matrix(values, classes=()):
    attributes = [("dim", vector(INT, values.shape))]
    if classes:
        attributes.append(("class", vector(STRINGS, classes)))
    return vector(REAL, values.T.ravel(), attributes, bool(classes))


def frame(columns, rows):
    attributes = [
        ("names", vector(STRINGS, list(columns))),
        ("row.names", vector(INT, [-(2**31), -rows])),
        ("class", vector(STRINGS, ["data.frame"])),
    ]
    return vector(LIST, list(columns.values()), attributes, True)


def write(path, **objects):
    """An .RData of format 2, with names of each object's own: no symbol is used twice here."""
    path.write_bytes(
        b"RDX2\nX\n" + number(2) + number(0x00030500) + number(0x00020300) + pairs(objects.items())
    )
    return path


def test_frames_with_matrices_are_read(tmp_path):
    pytest.importorskip("rdata")
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((6, 4)), rng.standard_normal(6)
    octane = frame({"octane": vector(REAL, y), "NIR": matrix(x, ["AsIs", "matrix"])}, 6)
    found = rdata.read_rdata(write(tmp_path / "g.RData", gasoline=octane), "gasoline")
    np.testing.assert_array_equal(found["X"], x)
    np.testing.assert_array_equal(found["octane"], y)
    table = frame({"y": vector(REAL, y), "x": matrix(x, ["AsIs"])}, 6)
    found = rdata.read_rdata(write(tmp_path / "r.RData", riboflavin=table), "riboflavin")
    np.testing.assert_array_equal(found["X"], x)
    parts = {"wheat.X": matrix(x), "wheat.Y": matrix(x[:, :2]), "wheat.sets": vector(INT, [1] * 6)}
    found = rdata.read_rdata(write(tmp_path / "w.RData", **parts), "wheat")
    np.testing.assert_array_equal(found["Y"], x[:, :2])
    assert found["sets"].tolist() == [1] * 6


def test_files_that_are_no_rdata_are_one_sentence(tmp_path):
    pytest.importorskip("rdata")
    (tmp_path / "bad.RData").write_bytes(b"lorem ipsum")
    with pytest.raises(DataError, match="not what it should be") as caught:
        rdata.read_rdata(tmp_path / "bad.RData", "yarn")
    assert "\n" not in str(caught.value)
    write(tmp_path / "other.RData", other=vector(REAL, [1.0]))
    with pytest.raises(DataError, match="'yarn'"):
        rdata.read_rdata(tmp_path / "other.RData", "yarn")
