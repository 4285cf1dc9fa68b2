"""The plugin as its users meet it: the contract, their tables, their mistakes, the shell."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
from zoo_pca_ols import estimators, zoo_architectures, zoo_models
from zoo_pca_ols.tables import read_rows, read_training_table

import zoo
import zoo_core.files
from zoo_core import shell
from zoo_core.errors import BadInput, DataError
from zoo_core.registry import registry
from zoo_core.testing import check_architecture, check_model

N, P = 24, 6
MODELS = {spec.name: spec for spec in zoo_models()}
NAMES = [f"band {i}" for i in range(P)]


def numbers():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((N, P)) + 4
    return x, x[:, 0] - 2 * x[:, 3] + 0.01 * rng.standard_normal(N) + 90


X, Y = numbers()


def table(names=(*NAMES, "octane"), columns=None, delimiter=","):
    """A text table of the plain numbers, the target last."""
    rows = np.column_stack([X, Y]) if columns is None else columns
    lines = [delimiter.join(names)] if names else []
    return "\n".join([*lines, *(delimiter.join(map(repr, row)) for row in rows.tolist())]) + "\n"


@pytest.fixture(autouse=True)
def surroundings(monkeypatch):
    def refuse(file, url):
        raise DataError(f"{file.path} is not in the mirror, and tests download nothing.")

    monkeypatch.setattr(zoo_core.files, "_download", refuse)
    monkeypatch.delenv("ZOO_TRACEBACK", raising=False)


@pytest.fixture(scope="session")
def home(tmp_path_factory):
    """A user's folder: a table in several files, and a model fitted to it."""
    folder = tmp_path_factory.mktemp("home")
    (folder / "mine.csv").write_text(table(), encoding="utf-8")
    (folder / "new.csv").write_text(table(NAMES, X), encoding="utf-8")
    np.savez(folder / "mine.npz", X=X, y=Y)
    zoo.train(
        "pca-ols",
        str(folder / "mine.csv"),
        out=folder / "model",
        target="octane",
        unit="octane number",
        config={"n_components": 6},
    )
    return folder


@pytest.fixture(scope="session")
def model(home):
    return zoo.load(home / "model")


@dataclass
class Outcome:
    code: int
    out: str
    err: str


@pytest.fixture
def run(home, monkeypatch, capsys):
    def command(*words: Any) -> Outcome:
        monkeypatch.chdir(home)
        monkeypatch.setattr(sys, "argv", ["zoo", *map(str, words)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as stopped:
            shell.main()
        return Outcome(int(stopped.value.code or 0), *capsys.readouterr())

    return command


def sentence(text):
    assert text and "\n" not in text and "Traceback" not in text and "a bug" not in text
    return text


def values(rows):
    return np.array([row["prediction"] for row in rows])


# --- the contract ---


@pytest.mark.parametrize("name", MODELS)
def test_pretrained_models_keep_the_contract(name):
    check_model(name)


@pytest.mark.parametrize("spec", zoo_architectures(), ids=lambda spec: spec.name)
def test_untrained_architectures_keep_the_contract(spec):
    check_architecture(spec.name, in_features=7)


def test_listing_imports_nothing_heavy():
    code = (
        "import sys, zoo; zoo.list_models('pca-ols-*'); "
        "assert not {'torch', 'sklearn', 'numpy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_model_has_a_claim_and_small_weights():
    named = {name for claim in registry().paper("pca-ols").claims for name in claim.models}
    assert named == set(MODELS)
    for spec in MODELS.values():
        lock = registry().lock(spec)
        assert lock is not None and lock["size"] < 5e6


def test_symmetry_of_the_kit_catches_a_forgotten_mean():
    from zoo_core.testing import check_symmetries, untrained

    subject = untrained("min-norm-ols", in_features=3)
    make = subject.make

    def broken():
        module = make()
        module.forward = lambda x: (x**2).sum(dim=1)
        return module

    with pytest.raises(AssertionError, match="mix_rows"):
        check_symmetries(type(subject)("broken", subject.architecture, broken))


# --- fitting without a recipe ---


@pytest.mark.parametrize("spec", zoo_architectures(), ids=lambda spec: spec.name)
def test_create_fit_predict(spec):
    module = zoo.create(spec.name, in_features=P)
    options = {"hidden": 200} if spec.name == "two-layer-linear" else {}
    if spec.name in ("joint-pca-ols", "latent-regression"):
        options = {"n_components": 5}
    if spec.name == "random-projection-ols":
        options = {"n_components": 4}
    module.fit(X, Y, **options)
    cls = module.ESTIMATORS[module.method]
    exact = cls(**options).fit(X, Y)
    np.testing.assert_allclose(values(module.predict(X)), exact.predict(X), rtol=1e-4)
    np.testing.assert_allclose(module.coef.detach().numpy(), exact.coef_, atol=1e-4)
    again = zoo.create(spec.name, **{k: v for k, v in module.config.items() if v is not None})
    again.load_state_dict(module.state_dict())
    assert torch.equal(again(torch.ones(2, P)), module(torch.ones(2, P)))


def test_components_as_number_share_and_cross_validation():
    module = zoo.create("pca-ols", in_features=P)
    for wanted in (3, 0.8, "cv"):
        exact = estimators.PCAOLS(wanted).fit(X, Y)
        module.fit(X, Y, n_components=wanted)
        assert module.n_components == exact.n_components_
        assert module.components.shape == (P, exact.n_components_)
        assert module.config["n_components"] == exact.n_components_
        assert module.transform(torch.zeros(2, P)).shape == (2, exact.n_components_)


def test_buffers_have_the_size_of_the_method():
    module = zoo.create("pca-ols", in_features=401, n_components=5)
    sizes = {name: tensor.numel() for name, tensor in module.state_dict().items()}
    assert sum(sizes.values()) == 401 * 6 + 2 * 5 + 1
    assert not list(module.parameters())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"components": 3}, "it takes .*n_components"),
        ({"n_components": 7}, "from 0 to 6"),
    ],
)
def test_bad_fits(options, message):
    with pytest.raises(BadInput, match=message):
        zoo.create("pca-ols", in_features=P).fit(X, Y, **options)


def test_a_module_is_of_one_width():
    with pytest.raises(BadInput, match="in_features=5"):
        zoo.create("ridge-regression", in_features=5).fit(X, Y)


@pytest.mark.parametrize(
    ("name", "config"),
    [
        ("pca-ols", {"in_features": 0}),
        ("pca-ols", {"in_features": 3, "n_components": -1}),
        ("min-norm-ols", {"in_features": 3, "method": "pls"}),
        ("min-norm-ols", {"in_features": 3, "feature_names": ["a"]}),
        ("two-layer-linear", {"in_features": 3, "mode": "third"}),
    ],
)
def test_bad_configs(name, config):
    with pytest.raises(BadInput):
        zoo.create(name, **config)


# --- training and predicting on the user's table ---


def test_train_predict_and_evaluate(run, home, model, tmp_path):
    done = run(
        "train", "pca-ols", "--dataset", "mine.csv", "--option", "target=octane",
        "--set", "n_components=6", "--out", tmp_path / "it",
    )  # fmt: skip
    assert done.code == 0
    rows = json.loads(run("predict", tmp_path / "it", "new.csv", "--json").out)
    assert [row["row"] for row in rows] == list(range(N))
    assert rows[0]["target"] == "octane"
    np.testing.assert_allclose(values(rows), Y, atol=0.05)
    np.testing.assert_allclose(values(model.predict(str(home / "new.csv"))), values(rows))
    done = run("evaluate", tmp_path / "it", "--metric", "mean-squared-error", "--json")
    data = read_training_table(home / "mine.csv", target="octane")
    test = data.rows["test"]
    expected = np.mean((values(rows)[test] - Y[test]) ** 2)
    assert json.loads(done.out)[0]["value"] == pytest.approx(expected, rel=1e-3)


def test_predictions_carry_target_and_unit(model):
    (row,) = model.predict(X[:1])
    assert (row["target"], row["unit"]) == ("octane", "octane number")


class Frame:
    """What is used of a pandas data frame."""

    def __init__(self, values, columns):
        self.values, self.columns = values, columns

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.values, dtype)


ORDER = [5, 2, 0, 1, 4, 3]
SOURCES = {
    "array": lambda folder: X,
    "list": lambda folder: X.tolist(),
    "tensor": lambda folder: torch.from_numpy(X).requires_grad_(),
    "file": lambda folder: folder / "new.csv",
    "with the target": lambda folder: folder / "mine.csv",
    "archive": lambda folder: folder / "mine.npz",
    "frame": lambda folder: Frame(X[:, ORDER], [NAMES[i] for i in ORDER]),
}


@pytest.mark.parametrize("form", SOURCES)
def test_tables_in_any_form(home, model, form):
    np.testing.assert_allclose(values(model.predict(SOURCES[form](home))), Y, atol=0.05)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_columns_are_found_by_name_in_any_order(tmp_path, model, delimiter):
    names = ["id", *(NAMES[i] for i in ORDER)]
    columns = np.column_stack([np.arange(N), X[:, ORDER]])
    (tmp_path / "it.csv").write_text("\ufeff" + table(names, columns, delimiter), encoding="utf-8")
    np.testing.assert_allclose(values(model.predict(tmp_path / "it.csv")), Y, atol=0.05)


def test_the_target_column_is_found(home, tmp_path):
    for name in ("y", "target"):
        (tmp_path / "it.csv").write_text(table((name, *NAMES), np.column_stack([Y, X])))
        data = read_training_table(tmp_path / "it.csv")
        assert data.target == name and data.feature_names == tuple(NAMES)
        np.testing.assert_array_equal(data.y, Y)
    archive = read_training_table(home / "mine.npz")
    np.testing.assert_array_equal(archive.x, X)
    splits = [
        read_training_table(home / "mine.npz", repeat=repeat).rows["train"] for repeat in (0, 0, 1)
    ]
    assert np.array_equal(*splits[:2]) and not np.array_equal(*splits[1:])


@pytest.mark.parametrize("spec", zoo_architectures(), ids=lambda spec: spec.name)
def test_every_architecture_trains_on_a_file(home, tmp_path, spec):
    config = {"steps": 500} if spec.name == "two-layer-linear" else {}
    if spec.name in ("joint-pca-ols", "latent-regression"):
        config = {"n_components": 4}
    module = zoo.train(spec.name, str(home / "mine.npz"), out=tmp_path / "it", config=config)
    assert np.isfinite(values(module.predict(X))).all()
    found = zoo.evaluate(module, str(home / "mine.npz"), metrics=["mean-squared-error"])
    assert np.isfinite(found[0].value)


def test_the_seed_decides_random_directions(home, tmp_path):
    def weights(folder, seed):
        module = zoo.train(
            "random-projection-ols", str(home / "mine.npz"), out=tmp_path / folder, seed=seed
        )
        return module.components

    first, again, other = weights("a", 0), weights("b", 0), weights("c", 1)
    assert torch.equal(first, again) and not torch.equal(first, other)


# --- bad input ---


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


PLAIN = table()
HOLE = X.copy()
HOLE[4, 5] = np.nan
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
        ((X, X), "2 tables were given"),
        (([["a", "b"]],), "not made of numbers"),
        ((X[0],), r"shape \(6,\)"),
        ((X[:0],), r"shape \(0, 6\)"),
        ((HOLE,), "row 4, column 5"),
    ],
)
def test_bad_arrays(model, sources, message):
    with pytest.raises(BadInput, match=message) as caught:
        model.predict(*sources)
    sentence(str(caught.value))


OPTION = ["--option", "target=octane"]
UNTRAINABLE = {
    "no target": (text(PLAIN), [], "no column 'y' or 'target'.*--option target=NAME"),
    "other target": (text(PLAIN), ["--option", "target=cetane"], "no column 'cetane'"),
    "no header": (text(table(None)), [], "no header line"),
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
    "repeat": (npz(X=X, y=Y), ["--option", "repeat=-1"], "repeat is -1"),
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


def test_constant_columns_are_harmless(tmp_path):
    np.savez(tmp_path / "it.npz", X=np.column_stack([X, np.full(N, 7.7)]), y=Y)
    module = zoo.train("pca-ols", str(tmp_path / "it.npz"), out=tmp_path / "it")
    assert np.isfinite(values(module.predict(np.ones((2, P + 1))))).all()


def test_splits_and_widths_of_other_data(model, home):
    with pytest.raises(BadInput, match="no split 'val'; it has train, test"):
        zoo.evaluate(model, str(home / "mine.npz"), split="val")
    np.savez(home / "narrow.npz", X=X[:, :4], y=Y)
    with pytest.raises(BadInput, match="has 4 features"):
        zoo.evaluate(model, str(home / "narrow.npz"))


# --- the pretrained models ---


@pytest.mark.parametrize("name", MODELS)
def test_pretrained_models_predict_their_test_rows(name):
    spec = MODELS[name]
    try:
        data = zoo.dataset(spec.dataset, **spec.options)
    except DataError as error:
        pytest.skip(str(error))
    model = zoo.load(name)
    test = data.part("test")
    found = values(model.predict(test.x))
    error = np.mean((found - test.y) ** 2)
    assert error < 0.85 * np.mean((test.y - data.part("train").y.mean()) ** 2) or "ols-" in name
    results = zoo.evaluate(model, metrics=["mean-squared-error"])
    assert results[0].value == pytest.approx(error, rel=1e-3)
    rows = read_rows(data, model.in_features)
    assert rows.shape == data.x.shape


def test_stored_coefficients_are_those_of_a_fresh_fit():
    try:
        data = zoo.dataset("gasoline", repeat=0)
    except DataError as error:
        pytest.skip(str(error))
    train = data.part("train")
    for name, fit in (
        ("pca-ols-gasoline", estimators.PCAOLS(random_state=0)),
        ("ridge-gasoline", estimators.Ridge()),
        ("pls-gasoline", estimators.PLS(random_state=0)),
    ):
        b = fit.fit(train.x, train.y).coef_
        stored = zoo.load(name).coef.detach().numpy()
        np.testing.assert_allclose(stored, b, atol=1e-4 * np.abs(b).max())
