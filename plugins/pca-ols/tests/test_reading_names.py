"""Columns are found by name, in files as in memory; what people have goes in everywhere."""

from __future__ import annotations

import gzip
import itertools
import json
import warnings

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import torch
from sklearn.datasets import load_diabetes
from zoo_pca_ols.reading import read_rows, read_training_table
from zoo_pca_ols.regression import LinearRegression

import zoo
from zoo_core import BadInput, Notice, strictly

rng = np.random.default_rng(5)
X = rng.standard_normal((20, 3)).round(4)
Y = (X @ [1.0, -2.0, 3.0] + 50).round(4)
BANDS = ("900", "902", "904")
PERMUTED = [2, 0, 1]


@pytest.fixture(scope="module")
def spectral(tmp_path_factory):
    """A folder with spectra whose columns are named by wavelength, and a model fitted to them."""
    folder = tmp_path_factory.mktemp("spectral")
    frame = pd.DataFrame(np.column_stack([X, Y]), columns=[*BANDS, "octane"])
    frame.to_csv(folder / "train.csv", index=False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        zoo.train("min-norm-ols", folder / "train.csv", target="octane", out=folder / "model")
    return folder


@pytest.fixture(scope="module")
def fitted(spectral):
    return zoo.load(spectral / "model")


def values(rows):
    return np.array([row["prediction"] for row in rows])


def write(folder, frame, **options):
    frame.to_csv(folder / "new.csv", index=False, **options)
    return folder / "new.csv"


# --- 14: headers ---


def test_a_header_of_wavelengths_is_known_by_the_trained_names(fitted, tmp_path):
    frame = pd.DataFrame(X, columns=BANDS)
    for order in itertools.permutations(BANDS):
        found = values(fitted.predict(write(tmp_path, frame[list(order)])))
        np.testing.assert_allclose(found, Y, atol=1e-4)
    for names in (["900.0", "902.0", "904.0"], ["9.00e2", " 902", "904"]):
        found = values(fitted.predict(write(tmp_path, frame.set_axis(names, axis=1)[names[::-1]])))
        np.testing.assert_allclose(found, Y, atol=1e-4)
    with_target = frame.assign(octane=Y)[["octane", "904", "902", "900"]]
    np.testing.assert_allclose(values(fitted.predict(write(tmp_path, with_target))), Y, atol=1e-4)


def test_a_first_line_of_other_numbers_is_asked_about(fitted, tmp_path, run):
    bare = write(tmp_path, pd.DataFrame(X), header=False)
    with pytest.raises(BadInput, match="names or data; say header=true or header=false"):
        fitted.predict(bare)
    np.testing.assert_allclose(values(fitted.predict(bare, header=False)), Y, atol=1e-4)
    with pytest.raises(BadInput, match="lacks the columns '900', '902', '904'"):
        fitted.predict(write(tmp_path, pd.DataFrame(X, columns=["1", "2", "3"])), header=True)
    bare = write(tmp_path, pd.DataFrame(X), header=False)
    done = run("predict", "./model", bare, "--header", "false")
    assert done.code == 2 and "3 columns; this model was fitted with 6" in done.err


def test_the_shell_tells_how_a_file_is_written(spectral, tmp_path, run):
    frame = pd.DataFrame(X, columns=BANDS)
    path = write(tmp_path, frame, sep=";", decimal=",", header=False)
    done = run(
        "predict", spectral / "model", path, "--header", "false", "--separator", ";",
        "--decimal", ",", "--json",
    )  # fmt: skip
    assert done.code == 0
    np.testing.assert_allclose(values(json.loads(done.out)), Y, atol=1e-4)


@pytest.mark.parametrize(("hole", "told"), [("", {}), ("NA", {"header": False}), ("NA", {})])
def test_a_headerless_row_with_a_hole_is_not_lost(fitted, tmp_path, hole, told):
    (tmp_path / "it.csv").write_text(f"1.0,{hole},3.0\n2.0,5.0,6.0\n")
    lost = "no finite number in row 0, column 1" if told or not hole else "may be names or data"
    with pytest.raises(BadInput, match=lost):
        fitted.predict(tmp_path / "it.csv", **told)
    (tmp_path / "it.csv").write_text("1.0,1.0,3.0\n2.0,5.0,6.0\n")
    assert len(fitted.predict(tmp_path / "it.csv")) == 2


def test_an_underscore_is_no_digit(fitted, tmp_path):
    (tmp_path / "it.csv").write_text("900,902,904\n1_2,5,6\n")
    with pytest.raises(BadInput, match="the text '1_2' in row 0, column '900'"):
        fitted.predict(tmp_path / "it.csv")


# --- 15: names ---


def test_fit_and_predict_find_columns_by_name():
    frame = pd.DataFrame(X, columns=["a", "b", "c"])
    module = LinearRegression(3, "ols", feature_names=["a", "b", "c"])
    module.fit(frame[["c", "a", "b"]], Y)
    np.testing.assert_allclose(values(module.predict(frame)), Y, atol=1e-4)
    np.testing.assert_allclose(values(module.predict(X)), Y, atol=1e-4)
    unnamed = LinearRegression(3, "ols").fit(frame, Y)
    assert unnamed.feature_names == ["a", "b", "c"]
    np.testing.assert_allclose(values(unnamed.predict(frame[["b", "c", "a"]])), Y, atol=1e-4)
    with pytest.raises(BadInput, match="lacks the columns 'a'"):
        module.fit(frame.rename(columns={"a": "A"}), Y)


def test_names_that_are_numbers(fitted):
    for names in ([900.0, 902.0, 904.0], [900, 902, 904], np.float32([900, 902, 904])):
        frame = pd.DataFrame(X, columns=names).iloc[:, PERMUTED]
        np.testing.assert_allclose(values(fitted.predict(frame)), Y, atol=1e-4)
    both = pd.DataFrame(np.column_stack([X, X[:, 0]]), columns=["900.0", "902", "904", "9e2"])
    with pytest.raises(BadInput, match=r"'900.0' and '9e2', and either may be '900'"):
        fitted.predict(both)


def test_a_numbered_frame_is_unnamed_until_its_columns_are_moved():
    frame = pd.DataFrame(X)
    module = LinearRegression(3, "ols").fit(frame, Y)
    assert module.feature_names is None
    for moved in (frame, frame[[2, 0, 1]], X):
        np.testing.assert_allclose(values(module.predict(moved)), Y, atol=1e-4)
    named = frame.set_axis(["a", "b", "c"], axis=1)
    with pytest.warns(Notice, match="fitted without column names"):
        module.predict(named)
    with strictly(), pytest.raises(BadInput, match="strict"):
        module.predict(named)


@pytest.mark.parametrize("names", [["a", "a", "y"], ["a", " a", "y"], ["é", "e\u0301", "y"]])
def test_repeated_names_are_refused(tmp_path, names):
    frame = pd.DataFrame(np.column_stack([X[:, :2], Y]), columns=names)
    for source in (frame, write(tmp_path, frame)):
        with pytest.raises(BadInput, match="more than one column named"):
            read_training_table(source)


def test_columns_that_are_left_out_are_named(fitted):
    frame = pd.DataFrame(X, columns=BANDS).assign(id=range(20), octane=Y)
    with pytest.warns(Notice, match="left out, 1 in all: 'id'"):
        fitted.predict(frame)
    with pytest.raises(BadInput, match=r"left out.*strict"):
        zoo.predict(fitted, frame, strict=True)


def test_evaluation_finds_columns_by_name(fitted, tmp_path):
    frame = pd.DataFrame(X, columns=BANDS).assign(octane=Y)
    metrics = {"metrics": ["mean-squared-error"], "target": "octane"}
    for source in (frame.iloc[:, [3, 2, 0, 1]], write(tmp_path, frame.iloc[:, [2, 3, 0, 1]])):
        assert zoo.evaluate(fitted, source, **metrics)[0].value < 1e-8
    with pytest.raises(BadInput, match="lacks the columns '900'"):
        zoo.evaluate(fitted, frame.rename(columns={"900": "899"}), **metrics)


# --- 17: what pandas reads ---

FRAME = pd.DataFrame({"900": X[:, 0], "902": X[:, 1] > 0, "904": [0.5, 2.0] * 10})


def write_gz(folder):
    (folder / "it.csv.gz").write_bytes(gzip.compress(FRAME.to_csv(index=False).encode()))
    return folder / "it.csv.gz"


def write_with(**options):
    def written(folder):
        FRAME.to_csv(folder / "it.csv", **{"index": False, **options})
        return folder / "it.csv"

    return written


def write_parquet(folder):
    FRAME.to_parquet(folder / "it.parquet")
    return folder / "it.parquet"


def write_comments(folder):
    (folder / "it.csv").write_text("# measured, by hand\n" + FRAME.to_csv(index=False))
    return folder / "it.csv"


SAME = {
    "frame": lambda folder: FRAME,
    "nullable": lambda folder: FRAME.convert_dtypes(),
    "objects": lambda folder: FRAME.astype(object),
    "categories": lambda folder: FRAME.astype("category"),
    "arrow": lambda folder: FRAME.convert_dtypes(dtype_backend="pyarrow"),
    "index": lambda folder: FRAME.set_index(np.arange(20)[::-1]),
    "dictionary": lambda folder: {name: FRAME[name].to_numpy() for name in FRAME},
    "records": lambda folder: FRAME.to_dict("records"),
    "structured": lambda folder: FRAME.to_records(index=False),
    "gz": write_gz,
    "decimal comma": write_with(sep=";", decimal=","),
    "decimal comma, tabs": write_with(sep="\t", decimal=","),
    "UTF-16": write_with(encoding="utf-16"),
    "byte order mark": write_with(encoding="utf-8-sig"),
    "row names": write_with(index=True),
    "quotes": write_with(quoting=1),
    "spaces": write_with(sep=" "),
    "parquet": write_parquet,
    "comments": write_comments,
}


@pytest.mark.parametrize("case", SAME)
def test_what_pandas_reads_is_read(tmp_path, case):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = read_rows(SAME[case](tmp_path), 3, BANDS)
    np.testing.assert_array_equal(found, FRAME.to_numpy(dtype=float))


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (pd.array([1.0, None] * 10, dtype="Float64"), "no finite number in row 1, column '900'"),
        (pd.array([1, None] * 10, dtype="Int64"), "no finite number in row 1"),
        ([1.0, None] * 10, "no finite number in row 1"),
        ([1.0, pd.NA] * 10, "no finite number in row 1"),
        (pd.Categorical(["low", "high"] * 10), "the text 'low' in row 0, column '900'"),
        (pd.to_datetime(["2020-01-01"] * 20), "dates in column '900'"),
        (pd.to_timedelta([1] * 20), "durations in column '900'"),
        (np.ones(20, dtype=complex), "complex numbers in column '900'"),
        ([1 + 0j] * 20, "complex numbers in column '900'"),
        (["1"] * 20, "the text '1' in row 0, column '900'"),
    ],
)
def test_what_is_no_number_is_refused(column, message):
    with pytest.raises(BadInput, match=message):
        read_rows(FRAME.assign(**{"900": column}), 3, BANDS)


TARGETS = {
    "vector": Y,
    "column": Y[:, None],
    "series": pd.Series(Y, name="octane"),
    "frame": pd.DataFrame({"octane": Y}),
    "list": Y.tolist(),
    "list of rows": Y[:, None].tolist(),
    "tensor": torch.from_numpy(Y),
    "objects": Y.astype(object),
    "nullable": pd.Series(Y, dtype="Float64"),
}


@pytest.mark.parametrize("case", TARGETS)
def test_targets_in_any_form(case):
    data = read_training_table((X, TARGETS[case]))
    np.testing.assert_array_equal(data.y, Y)
    module = LinearRegression(3, "ols").fit(X, TARGETS[case])
    np.testing.assert_allclose(values(module.predict(X)), Y, atol=1e-4)
    assert data.target == ("octane" if case in ("series", "frame") else "y")


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (np.column_stack([Y, Y]), "y has 2 columns; expected one"),
        (Y[1:], r"X of shape \(20, 3\) and y of shape \(19,\)"),
        (Y.astype(complex), "complex numbers"),
        (["a"] * 20, "the text 'a'"),
    ],
)
def test_bad_targets(y, message):
    with pytest.raises(BadInput, match=message):
        read_training_table((X, y))


def test_bad_options():
    for options, message in (
        ({"target": 3}, "target is 3; beside"),
        ({"test_share": np.float32(1)}, "test_share is .*1"),
        ({"header": True}, "no text file: header means nothing"),
    ):
        for source in ((X, Y), {"X": X, "y": Y}, np.eye(9))[: 3 if "header" in options else 1]:
            with pytest.raises(BadInput, match=message):
                read_training_table(source, **options)
    assert len(read_training_table((X, Y), test_share=np.float32(0.1)).rows["test"]) == 2


def test_rows_of_x_and_y_that_pandas_would_align():
    named = pd.DataFrame(X, index=range(5, 25))
    for x, y in ((named, Y), (named, pd.Series(Y)), (named, pd.Series(Y, index=named.index))):
        np.testing.assert_array_equal(read_training_table((x, y)).y, Y)
    for x, y in (
        (named, pd.Series(Y, index=named.index)[::-1]),
        (named, pd.Series(Y, index=range(6, 26))),
        (pd.DataFrame(X), pd.Series(Y)[::-1]),
    ):
        with pytest.raises(BadInput, match="different names or another order"):
            read_training_table((x, y))
        with pytest.raises(BadInput, match="different names or another order"):
            LinearRegression(3, "ols").fit(x, y)


def test_bfloat16():
    rows = torch.from_numpy(X).bfloat16()
    np.testing.assert_array_equal(read_rows(rows, 3), rows.double().numpy())


# --- 18: in memory as on disk ---

WITH_TARGET = pd.DataFrame(X, columns=list("abc")).assign(y=Y)


def write_csv(folder):
    WITH_TARGET.to_csv(folder / "it.csv", index=False)
    return folder / "it.csv"


def write_bare(folder):
    np.savetxt(folder / "it.txt", np.column_stack([X, Y]))
    return folder / "it.txt"


def write_npz(folder):
    np.savez(folder / "it.npz", X=X, y=Y[:, None], feature_names=["a", "b", "c"])
    return str(folder / "it.npz")


SOURCES = {
    "path": (write_csv, {}),
    "npz": (write_npz, {}),
    "frame": (lambda folder: WITH_TARGET, {}),
    "numpy's number": (lambda folder: WITH_TARGET, {"fold": np.int64(0)}),
    "pair": (lambda folder: (X, Y), {}),
    "pair of frames": (lambda folder: (WITH_TARGET[["a", "b", "c"]], WITH_TARGET["y"]), {}),
    "list of both": (lambda folder: [X.tolist(), Y.tolist()], {}),
    "sparse": (lambda folder: (scipy.sparse.csr_array(X), Y), {}),
    "tensors": (lambda folder: (torch.from_numpy(X), torch.from_numpy(Y)), {}),
    "array": (lambda folder: np.column_stack([X, Y]), {"target": -1}),
    "columns": (lambda folder: WITH_TARGET.to_dict("list"), {}),
    "no header": (write_bare, {"header": False, "target": -1}),
    "X and y": (lambda folder: {"X": X, "y": Y}, {}),
    "folds": (lambda folder: (X, Y), {"folds": 4, "fold": 2}),
}


@pytest.mark.parametrize("case", SOURCES)
def test_train_evaluate_and_predict_take_the_same_things(tmp_path, case):
    make, options = SOURCES[case]
    source = make(tmp_path)
    module = zoo.train("min-norm-ols", source, out=tmp_path / "it", options=options)
    (found,) = zoo.evaluate(module, source, metrics=["mean-squared-error"], options=options)
    assert found.value < 1e-8
    again = zoo.load(tmp_path / "it")
    rows = X if module.feature_names is None else WITH_TARGET
    np.testing.assert_allclose(values(zoo.predict(again, rows)), Y, atol=1e-4)


def test_scikit_learns_own_data_set():
    data = read_training_table(load_diabetes())
    assert (data.x.shape, data.target, data.feature_names[:2]) == (
        (442, 10),
        "target",
        ("age", "sex"),
    )


# --- folds ---


def test_folds_are_parts_of_all_rows():
    tested = []
    for fold in range(3):
        data = read_training_table((X, Y), folds=3, fold=fold)
        assert sorted([*data.rows["train"], *data.rows["test"]]) == list(range(20))
        assert data.folds is None
        tested += data.rows["test"].tolist()
    assert sorted(tested) == list(range(20))


def test_folds_that_the_source_brings(tmp_path):
    folds = np.arange(20) % 5
    np.savez(tmp_path / "it.npz", X=X, y=Y, folds=folds)
    data = read_training_table(tmp_path / "it.npz", fold=3)
    assert data.folds == 5 and np.array_equal(data.rows["test"], np.flatnonzero(folds == 3))
    for options, message in (
        ({"fold": 5}, "fold is 5; expected a fold from 0 to 4"),
        ({"folds": 4}, "brings 5 folds; leave folds=4 out"),
    ):
        with pytest.raises(BadInput, match=message):
            read_training_table(tmp_path / "it.npz", **options)
    with pytest.raises(BadInput, match="expected the number of its fold"):
        read_training_table({"X": X, "y": Y, "folds": folds[1:]})
