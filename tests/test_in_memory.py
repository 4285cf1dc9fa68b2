"""One's own data: in memory as on disk, for train, evaluate and predict alike."""

from __future__ import annotations

import json
import shlex
from collections import UserDict
from pathlib import Path

import networkx
import numpy as np
import pandas
import pytest
import torch

import zoo
from zoo_core import BadInput, Notice, WeightsError, strictly
from zoo_core._loading.making import made_of
from zoo_core._measuring import opening
from zoo_core._plain import plain

X = np.random.default_rng(0).normal(size=(60, 4)).astype("float32")
Y = X[:, :3].argmax(1)


class Hostile:
    """Data that nobody may compare, hash, measure or ask for their truth."""

    def __iter__(self):
        return iter((X, Y))

    def _refuse(self, *others):
        raise RuntimeError("not to be asked")

    __eq__ = __ne__ = __lt__ = __bool__ = __len__ = __contains__ = __hash__ = __repr__ = _refuse


@pytest.fixture
def mine(toy):
    """The same data as a file, a path, and in memory."""
    Path("mine.json").write_text(json.dumps({"x": X.tolist(), "y": Y.tolist()}))
    frame = pandas.DataFrame(X)
    return {
        "text": "mine.json",
        "path": Path("mine.json"),
        "arrays": (X, Y),
        "lists": [X.tolist(), Y.tolist()],
        "tensors": (torch.from_numpy(X), torch.from_numpy(Y)),
        "frame": (frame.to_numpy().copy(), pandas.Series(Y).to_numpy().copy()),
        "hostile": Hostile(),
        "dataset": opening.open_data((X, Y), {}, "zoo_toy.data:read"),
    }


def facts(folder):
    return json.loads((Path(folder) / "config.json").read_text())["zoo"]


def test_train_and_evaluate_take_the_same_things(mine):
    weights, values = set(), set()
    for kind, data in mine.items():
        module = zoo.train("toy", data, out=kind)
        weights.add(tuple(module.layer.weight.flatten().tolist()))
        values.add(zoo.evaluate(module, data)[0].value)
        values.add(zoo.evaluate("toy-a", data)[0].value - zoo.evaluate("toy-a", (X, Y))[0].value)
        values.add(facts(kind)["scores"]["metrics"]["accuracy"])
    assert len(weights) == 1
    assert len(values - {0}) == 1


def test_a_module_that_was_only_made_reads_data_too(mine):
    made = zoo.create("toy")
    values = {zoo.evaluate(made, data, split="train")[0].value for data in mine.values()}
    assert len(values) == 1
    with pytest.raises(BadInput, match="has no dataset of its own"):
        zoo.evaluate(made)
    with pytest.raises(BadInput, match="no reader for data of one's own"):
        zoo.evaluate(torch.nn.Linear(4, 3), (X, Y))


def test_files_are_found_again_and_data_in_memory_are_asked_for(mine, tmp_path, monkeypatch):
    zoo.train("toy", mine["path"], out="file")
    zoo.train("toy", mine["arrays"], out="arrays")
    assert facts("file")["dataset"] == str(Path("mine.json").resolve())
    assert facts("arrays")["dataset"] is None
    assert facts("arrays")["in_memory"] == "tuple"
    monkeypatch.chdir("/")
    (row,) = zoo.evaluate(tmp_path / "file")
    assert row.dataset == str(tmp_path / "mine.json")
    with pytest.raises(BadInput, match=r"trained on data in memory \(tuple\), which are not kept"):
        zoo.evaluate(tmp_path / "arrays")
    assert zoo.evaluate(tmp_path / "arrays", (X, Y))[0].value == row.value
    (tmp_path / "mine.json").unlink()
    with pytest.raises(BadInput, match="neither a file nor a dataset"):
        zoo.evaluate(tmp_path / "file")


def test_what_is_recorded_is_honest(mine):
    module = zoo.train("toy", mine["arrays"], out="arrays", skip=np.int64(2), config={"steps": 1})
    about = facts("arrays")
    assert about["options"] == {"skip": 2}
    assert about["command"].startswith("zoo.train('toy', DATA, config={")
    assert about["command"].endswith("seed=0) in Python, DATA a tuple")
    (row,) = zoo.evaluate("toy-a", (X, Y))
    assert row.command == "zoo.evaluate('toy-a', DATA, split='test') in Python, DATA a tuple"
    assert zoo.evaluate(module, (X, Y))[0].dataset == "tuple"


def test_the_recorded_command_of_a_file_runs(mine, zoo_here):
    zoo.train("toy", "mine.json", out="one", skip=2, config={"steps": 1})
    words = shlex.split(facts("one")["command"])[1:]
    assert zoo_here(*words, "--out", "two").code == 0
    assert torch.equal(zoo.load("./one").layer.weight, zoo.load("./two").layer.weight)


def test_options_that_are_arrays_are_not_written_down(toy, tmp_path):
    table = torch.ones(3)
    assert opening.as_recorded({"a": X, "b": Path("x"), "c": [np.float64(1)]}) == {
        "a": "in memory: numpy.ndarray",
        "b": str(Path("x").resolve()),
        "c": [1.0],
    }
    assert opening.not_kept("mine.json", {"features": X, "n": np.int64(1)}) == (
        "features: numpy.ndarray"
    )
    assert opening.not_kept(table, {}) == "torch.Tensor"
    assert opening.not_kept(networkx.Graph(), {}) == "networkx.Graph"
    assert opening.not_kept(Path("mine.json"), {"fold": 1}) == ""


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ("mine.jsn", r"'mine.jsn' is neither a file nor a dataset; did you mean 'mine.json'"),
        ("toyz", r"'toyz' is neither a file nor a dataset; did you mean 'toys'"),
        (Path("nowhere/x.npz"), "neither a file nor a dataset"),
        ("x" * 5000, "neither a file nor a dataset"),
        ("a\0b", "neither a file nor a dataset"),
        (pandas.DataFrame(X), r"pandas.DataFrame cannot be read as data here"),
        (X, "numpy.ndarray cannot be read as data here"),
        (networkx.path_graph(3), "networkx.Graph cannot be read"),
        (3, "int cannot be read"),
        (object(), "object cannot be read"),
    ],
    ids=lambda value: str(type(value).__name__),
)
def test_what_cannot_be_read_is_one_sentence(mine, data, sentence):
    for call in (
        lambda: zoo.train("toy", data),
        lambda: zoo.train("toy-a", data, out="out"),
        lambda: zoo.evaluate("toy-a", data),
    ):
        with pytest.raises(BadInput, match=sentence) as raised:
            call()
        assert "\n" not in str(raised.value)
    assert not Path("out").exists()


def test_an_architecture_without_reader_says_so(site):
    package = site.add_toy("toy-a")
    source = (package / "__init__.py").read_text().replace(', reader="zoo_toy.data:read"', "")
    (package / "__init__.py").write_text(source)
    site.use()
    Path("mine.json").write_text("{}")
    for data in (X, Path("mine.json"), "mine.json"):
        with pytest.raises(BadInput, match="no reader for data of one's own, such as"):
            zoo.train("toy", data, out="out")
        with pytest.raises(BadInput, match="no reader for data of one's own, such as"):
            zoo.evaluate("toy-a", data)
    assert zoo.evaluate("toy-a", zoo.dataset("toys"))[0].value == 1


def test_options_of_what_is_split_already_go_to_the_reader_or_are_refused(mine):
    data = mine["dataset"]
    assert opening.open_data(data, {}, None) is data
    with pytest.raises(BadInput, match=r"split already and takes no options \(fold\)"):
        opening.open_data(data, {"fold": 1}, None)
    with pytest.raises(BadInput, match=r"the reader of .* has no option 'fold'"):
        zoo.evaluate("toy-a", data, fold=1)
    with pytest.raises(BadInput, match="has no option 'skp'; did you mean 'skip'"):
        zoo.train("toy", "mine.json", skp=1)


def test_numpy_s_numbers_are_numbers_everywhere(toy):
    one = zoo.train(
        "toy", "toys", out="one", seed=np.int64(3), fold=np.int64(1),
        config={"steps": np.int32(2), "inputs": np.array(4)},
    )  # fmt: skip
    two = zoo.train("toy", "toys", out="two", seed=3, fold=1, config={"steps": 2})
    assert torch.equal(one.layer.weight, two.layer.weight)
    assert (facts("one") | {"seconds": 0}) == (facts("two") | {"seconds": 0}) | {
        "scores": facts("one")["scores"]
    }
    assert made_of(zoo.create("toy", classes=np.int64(7))).shape == {"inputs": 4, "classes": 7}
    assert len(zoo.predict("toy-a", count=np.int64(2))) == 2
    (row,) = zoo.evaluate("toy-a", "toys", fold=np.int64(1))
    json.dumps(row.as_json())
    assert row.command == "zoo evaluate toy-a --dataset toys --option fold=1"
    for wrong in (np.float64(1.5), -1, True, "0", None):
        with pytest.raises(BadInput, match="is no seed"):
            zoo.train("toy-a", out="out", seed=wrong)


def test_plain_leaves_the_rest_alone():
    frame, graph = pandas.DataFrame(X), networkx.Graph()
    assert plain([X, frame, graph])[0] is X
    assert plain((frame,))[0] is frame
    assert plain(graph) is graph
    assert plain({"a": (np.bool_(True), np.float32(0.5), torch.tensor(2))}) == {"a": (True, 0.5, 2)}
    assert type(plain(np.str_("a"))) is str
    odd = UserDict(a=np.int64(1))
    assert plain(odd) is odd


def test_predict_takes_the_name_of_a_dataset_unless_it_takes_texts(site):
    model = """
        import torch

        class Toy(torch.nn.Module):
            def __init__(self, inputs: int, classes: int):
                super().__init__()
                self.layer = torch.nn.Linear(inputs, classes)

            def predict(self, graph=None, *texts: str):
                return [type(graph).__name__, *texts]
    """
    site.add_toy("toy-a", beyond={"model.py": model})
    site.use()
    assert zoo.predict("toy-a", "toys", "toys") == ["Toys", "toys"]
    assert zoo.predict("toy-a", Path("toys")) == [type(Path()).__name__]
    assert zoo.predict("toy-a", X) == ["ndarray"]
    assert zoo.predict("toy-a", np.int64(3)) == ["int"]
    assert zoo.predict("toy-a", UserDict()) == ["UserDict"]


@pytest.mark.parametrize("place", ["a file", "below a file", "no file system for it"])
def test_a_folder_that_cannot_be_written_is_noticed_before_training(toy, monkeypatch, place):
    Path("taken").write_text("")
    out = {"a file": "taken", "below a file": "taken/out", "no file system for it": "/proc/out"}
    monkeypatch.setattr("zoo_core._authoring.training.Recipe.train", None)
    with pytest.raises(WeightsError, match=r"cannot be written to \(.*nothing was begun"):
        zoo.train("toy-a", out=out[place])
    assert Path("taken").read_text() == ""


def test_a_full_disk_is_noticed_before_training(toy, monkeypatch):
    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("zoo_core._disk.os.fsync", full)
    with pytest.raises(WeightsError, match="no space is left on the disk"):
        zoo.train("toy-a", out="deep/out")
    assert not Path("deep").exists()


NOTING = """
    import torch

    from zoo_core import notice

    class Toy(torch.nn.Module):
        def __init__(self, inputs: int, classes: int):
            super().__init__()
            self.layer = torch.nn.Linear(inputs, classes)

        def predict(self, way="rows"):
            if way == "rows":
                notice("2 loops were dropped.")
                return []
            def pieces():
                for i in range(3):
                    notice("2 loops were dropped.")
                    yield f"piece{i} "
            return pieces()

        def outputs(self, split):
            notice("3 rows were left out.")
            x, y = split.data.parts[split.name]
            yield {"logits": self.layer(x), "target": y}
"""


@pytest.fixture
def noting(site):
    site.add_toy("toy-a", beyond={"model.py": NOTING})
    site.use()
    return site


def test_strict_makes_errors_of_notices(noting):
    with pytest.warns(Notice, match="2 loops"):
        assert zoo.predict("toy-a") == []
    with pytest.warns(Notice, match="2 loops"):
        assert len(list(zoo.predict("toy-a", way="pieces"))) == 3
    with pytest.warns(Notice, match="3 rows"):
        zoo.evaluate("toy-a")
    with pytest.raises(BadInput, match="strict was asked for"):
        zoo.predict("toy-a", strict=True)
    with pytest.raises(BadInput, match="strict was asked for"):
        list(zoo.predict("toy-a", way="pieces", strict=True))
    with pytest.raises(BadInput, match="strict was asked for"):
        zoo.evaluate("toy-a", strict=True)
    with strictly(), pytest.raises(BadInput, match="strict was asked for"):
        zoo.predict("toy-a")


def test_strict_training(site):
    reader = """
        from zoo_core import notice
        from zoo_toy.data import read as read_toys

        def read(source):
            notice("One row was dropped.")
            return read_toys(source)
    """
    package = site.add_toy("toy-a", beyond={"noting.py": reader})
    source = (
        (package / "__init__.py").read_text().replace("zoo_toy.data:read", "zoo_toy.noting:read")
    )
    (package / "__init__.py").write_text(source)
    site.use()
    with pytest.raises(BadInput, match="One row was dropped"):
        zoo.train("toy", (X, Y), out="out", strict=True)
    assert not Path("out").exists()
    with pytest.warns(Notice, match="One row"):
        zoo.train("toy", (X, Y), out="out")
