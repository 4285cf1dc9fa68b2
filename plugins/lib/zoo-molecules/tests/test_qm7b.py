"""QM7b's file: read in its own layout, checked, and cut into the folds of the protocol."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.io import savemat
from zoo_molecules.coulomb import coulomb
from zoo_molecules.qm7b import folded, read_qm7b

import zoo
from zoo_core import BadInput, DataError

COUNT = 20


@pytest.fixture
def contents(methane, h2):
    """A small file in the layout of the real one: X (M, 23, 23) float32, T (M, 14), names."""
    matrices = np.zeros((COUNT, 23, 23), np.float32)
    for row in range(COUNT):
        numbers, places = methane if row % 2 else h2
        n = len(numbers)
        found = coulomb(torch.tensor(numbers), torch.as_tensor(places), torch.tensor([0, n]))
        matrices[row, :n, :n] = found.dense()[0]
    targets = np.arange(COUNT * 14, dtype=np.float32).reshape(COUNT, 14)
    names = np.array(["ae_pbe0"] * 14, dtype=object)
    return {"X": matrices, "T": targets, "names": names}


def test_a_file_in_the_real_layout(tmp_path, contents, monkeypatch):
    (tmp_path / "qm7b").mkdir()
    path = tmp_path / "qm7b" / "qm7b.mat"
    savemat(path, contents)
    monkeypatch.setenv("ZOO_DATA_MIRROR", str(tmp_path))
    data = zoo.dataset("qm7b")
    assert len(data) == COUNT and data.matrices.sizes.tolist() == [2, 5] * (COUNT // 2)
    assert data.formulas()[:2] == ["H2", "CH4"]
    assert next(iter(data.units)) == "ae_pbe0" and list(data.units.values())[-1] == "angstrom^3"
    assert torch.allclose(data.matrices.dense(23).float(), torch.from_numpy(contents["X"]))
    assert data.targets[3].tolist() == contents["T"][3].tolist()
    tests = [set(read_qm7b(path, fold).rows["test"].tolist()) for fold in range(10)]
    assert set().union(*tests) == set(range(COUNT)) and sum(map(len, tests)) == COUNT


def test_folds_are_ten_and_differ_by_seed():
    rows = folded(7211, 3, 1)
    assert {name: len(one) for name, one in rows.items()} == {
        "train": 5841,
        "val": 649,
        "test": 721,
    }
    assert torch.cat([*rows.values()]).sort().values.equal(torch.arange(7211))
    assert not torch.equal(folded(7211, 3, 2)["test"], rows["test"])


@pytest.mark.parametrize(
    ("key", "change", "told"),
    [
        ("T", lambda a: a[:, :13], "expected .*14"),
        ("T", lambda a: np.where(a > 3, np.nan, a), "all finite"),
        ("X", lambda a: a + np.triu(np.ones((23, 23)), 1), "not symmetric"),
        ("X", lambda a: 1.1 * a, "atomic number"),
        ("X", lambda a: a[:, :, :5], "square"),
    ],
    ids=["thirteen", "nan", "asymmetric", "charges", "oblong"],
)
def test_another_layout_is_refused(tmp_path, contents, key, change, told):
    savemat(tmp_path / "it.mat", {**contents, key: change(contents[key])})
    with pytest.raises(DataError, match=told):
        read_qm7b(tmp_path / "it.mat")


def test_what_is_no_file_or_no_fold_is_refused(tmp_path, contents):
    (tmp_path / "words.mat").write_text("no file")
    with pytest.raises(DataError, match="not QM7b's MATLAB file"):
        read_qm7b(tmp_path / "words.mat")
    savemat(tmp_path / "it.mat", contents)
    for options in ({"fold": 10}, {"fold": True}, {"seed": -1}):
        with pytest.raises(BadInput, match="whole number"):
            read_qm7b(tmp_path / "it.mat", **options)
