"""Tables as users have them, good and bad, in every form."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch
from zoo_pca_ols.reading import read_training_table

import zoo
from zoo_core import BadInput

NAMES = [f"band {i}" for i in range(6)]
ORDER = [5, 2, 0, 1, 4, 3]
rng = np.random.default_rng(1)


X, Y = rng.standard_normal((24, 6)), rng.standard_normal(24)


def table(names, columns, delimiter=","):
    """A text table: a header line, where there are names, and a line a row."""
    lines = [delimiter.join(names)] if names else []
    rows = (delimiter.join(map(repr, row)) for row in columns.tolist())
    return "\n".join([*lines, *rows]) + "\n"


def sentence(text):
    assert text and "\n" not in text and "Traceback" not in text and "a bug" not in text
    return text


def values(rows):
    return np.array([row["prediction"] for row in rows])


class Frame:
    """What is used of a pandas data frame."""

    def __init__(self, values, columns):
        self.values, self.columns = values, columns

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.values, dtype)


SOURCES = {
    "array": lambda folder, x: x,
    "list": lambda folder, x: x.tolist(),
    "tensor": lambda folder, x: torch.from_numpy(x).requires_grad_(),
    "file": lambda folder, x: folder / "new.csv",
    "with the target": lambda folder, x: folder / "mine.csv",
    "archive": lambda folder, x: folder / "mine.npz",
    "frame": lambda folder, x: Frame(x[:, ORDER], [NAMES[i] for i in ORDER]),
}


@pytest.mark.parametrize("form", SOURCES)
def test_tables_in_any_form(home, model, numbers, form):
    x, y = numbers
    np.testing.assert_allclose(values(model.predict(SOURCES[form](home, x))), y, atol=0.05)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_columns_are_found_by_name_in_any_order(tmp_path, model, numbers, delimiter):
    x, y = numbers
    names = ["id", *(NAMES[i] for i in ORDER)]
    columns = np.column_stack([np.arange(len(x)), x[:, ORDER]])
    (tmp_path / "it.csv").write_text("\ufeff" + table(names, columns, delimiter), encoding="utf-8")
    np.testing.assert_allclose(values(model.predict(tmp_path / "it.csv")), y, atol=0.05)


def test_the_target_column_is_found(home, tmp_path, numbers):
    x, y = numbers
    for name in ("y", "target"):
        (tmp_path / "it.csv").write_text(table((name, *NAMES), np.column_stack([y, x])))
        data = read_training_table(tmp_path / "it.csv")
        assert data.target == name and data.feature_names == tuple(NAMES)
        np.testing.assert_array_equal(data.y, y)
    archive = read_training_table(home / "mine.npz")
    np.testing.assert_array_equal(archive.x, x)
    splits = [read_training_table(home / "mine.npz", fold=fold).rows["train"] for fold in (0, 0, 1)]
    assert np.array_equal(*splits[:2]) and not np.array_equal(*splits[1:])


# --- bad input ---

HOLE = X.copy()
HOLE[4, 5] = np.nan


def text(content):
    def write(folder):
        (folder / "bad.csv").write_text(content, encoding="utf-8")
        return str(folder / "bad.csv")

    return write


def npz(**arrays):
    def write(folder):
        np.savez(folder / "bad.npz", **arrays)
        return str(folder / "bad.npz")

    return write


PLAIN = table([*NAMES, "octane"], np.column_stack([X, Y]))
UNREADABLE = {
    "NaN": (npz(X=HOLE), "row 4, column"),
    "empty cell": (text(",".join(NAMES) + "\n1,2,,4,5,6\n"), "row 0, column 'band 2'"),
    "text": (text(",".join(NAMES) + "\n1,2,red,4,5,6\n"), "'red' in row 0, column 'band 2'"),
    "narrow": (npz(X=X[:, 1:]), "5 columns; .* 6"),
    "wide": (npz(X=np.hstack([X, X])), "12 columns; .* 6"),
    "lacking": (text(table([*NAMES[:5], "band 9"], X)), "lacks the columns 'band 5'"),
    "ragged": (text(",".join(NAMES) + "\n1,2,3\n"), "3 cells in row 0"),
    "header only": (text(",".join(NAMES) + "\n"), "no rows"),
    "empty": (text(""), "no rows"),
    "objects": (npz(X=np.array([[{}] * 6], dtype=object)), "no plain array under 'X'"),
    "other key": (npz(A=X), "no array X"),
    "a vector": (npz(X=X[0]), r"shape \(6,\)"),
    "no archive": (lambda folder: text(PLAIN)(folder).replace(".csv", ".npz"), "no file"),
    "missing": (lambda folder: str(folder / "none.csv"), "no file"),
    "folder": (str, "is a folder"),
    "binary": (lambda folder: str(folder / "b.bin"), "cannot be read as text"),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_bad_tables_are_one_sentence_and_exit_code_2(run, tmp_path, case):
    (tmp_path / "b.bin").write_bytes(bytes(range(256)))
    write, message = UNREADABLE[case]
    done = run("predict", "./model", write(tmp_path))
    assert (done.code, done.out) == (2, "")
    assert re.search(message, sentence(done.err.rstrip("\n")))


@pytest.mark.parametrize(
    ("sources", "message"),
    [
        ((), "No table was given"),
        ((X, X), "cannot be called so: too many positional arguments"),
        (([["a", "b"]],), "the text 'a' in row 0, column 0; expected numbers|2 columns"),
        ((X[0],), r"shape \(6,\)"),
        ((X[:0],), r"shape \(0, 6\)"),
        ((HOLE,), "row 4, column 5"),
    ],
)
def test_bad_arrays(model, sources, message):
    with pytest.raises(BadInput, match=message) as caught:
        zoo.predict(model, *sources)
    sentence(str(caught.value))


OPTION = ["--option", "target=octane"]
UNTRAINABLE = {
    "no target": (text(PLAIN), [], "no column 'y' or 'target'.*--option target=NAME"),
    "other target": (text(PLAIN), ["--option", "target=cetane"], "no column 'cetane'"),
    "no header": (text(table(None, np.column_stack([X, Y]))), [], "names or data; say header="),
    "headerless": (text(table(None, np.column_stack([X, Y]))), ["--option", "header=false"],
                   "no header line or column names; say which column"),
    "text": (text(PLAIN.replace("octane", "octane,grade").replace("\n", ",red\n")), OPTION,
             "the text 'red'|cells"),
    "NaN": (npz(X=HOLE, y=Y), [], "row 4, column 5"),
    "no y": (npz(X=X), [], "no array y or target"),
    "lengths": (npz(X=X, y=Y[1:]), [], r"X of shape \(24, 6\) and y of shape \(23,\)"),
    "one row": (npz(X=X[:1], y=Y[:1]), [], "1 rows"),
    "target alone": (text("octane\n1\n2\n3\n4\n"), OPTION, "at least one feature"),
    "beyond the rank": (npz(X=X, y=Y), ["--set", "n_components=7"], "from 0 to 6"),
    "folds": (npz(X=X, y=Y), ["--set", "cv=100"], "100 folds"),
    "share": (npz(X=X, y=Y), ["--option", "test_share=1"], "between 0 and 1"),
    "fold": (npz(X=X, y=Y), ["--option", "fold=-1"], "fold is -1"),
    "fold of folds": (npz(X=X, y=Y), ["--option", "folds=3", "--option", "fold=3"],
                      "fold is 3; expected a fold from 0 to 2"),
    "folds of folds": (npz(X=X, y=Y), ["--option", "folds=25"], "folds is 25.*from 2 to 24"),
    "no such option": (npz(X=X, y=Y), ["--option", "goal=y"], "no option 'goal'"),
    "no such setting": (npz(X=X, y=Y), ["--set", "k=3"], "no hyperparameter 'k'"),
    "unknown method": (npz(X=X, y=Y), ["--set", "method=svm"], "method is 'svm'"),
}  # fmt: skip


@pytest.mark.parametrize("case", UNTRAINABLE)
def test_what_cannot_be_trained_on_is_one_sentence(run, tmp_path, case):
    write, options, message = UNTRAINABLE[case]
    out = tmp_path / "out"
    done = run("train", "pca-ols", "--dataset", write(tmp_path), *options, "--out", out)
    assert (done.code, done.out) == (2, "")
    assert re.search(message, sentence(done.err.rstrip("\n")))
    assert not out.exists()
