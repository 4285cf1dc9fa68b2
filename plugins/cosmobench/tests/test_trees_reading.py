"""A person's trees: tables with units, ids and redshifts, and what is refused in one sentence."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from zoo_cosmobench.trees.published import read_infill
from zoo_cosmobench.trees.reading import read_forest, read_trees, table_of
from zoo_cosmobench.trees.samples import example_forest

from zoo_core import BadInput, Notice

CSV = """halo,parent,mass,concentration,vmax,redshift
90,,1e13,8,500,0
71,90,6e12,7,420,0.5
72,90,2e12,9,300,0.5
55,71,4e12,6,390,1
"""


@pytest.fixture
def table():
    return {name: np.asarray(one) for name, one in table_of(example_forest(0)).items()}


def read(tmp_path, text, **options):
    (tmp_path / "trees.csv").write_text(text)
    return read_forest(tmp_path / "trees.csv", **options)


def test_what_is_written_is_read_again(table, tmp_path):
    forest = example_forest(0)
    np.savez(tmp_path / "trees.npz", **table)
    for source in (table, tmp_path / "trees.npz", forest):
        found = read_forest(source)
        assert (found.parent == forest.parent).all()
        assert found.features == pytest.approx(forest.features, abs=1e-6)


def test_haloes_may_have_names_units_and_redshifts(tmp_path):
    found = read(tmp_path, CSV)
    assert found.parent.tolist() == [-1, 0, 0, 1]
    assert found.features[0] == pytest.approx([13, np.log10(8), np.log10(500), 1], abs=1e-6)
    assert found.features[:, 3] == pytest.approx([1, 2 / 3, 2 / 3, 0.5])
    solar = read(tmp_path, CSV, mass_unit="Msun", h=0.7)
    assert solar.features[:, 0] == pytest.approx(found.features[:, 0] + np.log10(0.7), abs=1e-6)


def test_the_order_of_rows_says_nothing(table):
    order = np.random.default_rng(0).permutation(len(table["a"]))
    tree = table["tree"]
    names = np.array([f"{one}/{row}" for row, one in enumerate(tree)])
    low = np.searchsorted(tree, tree)
    parent = np.where(table["parent"] < 0, "", names[np.maximum(table["parent"] + low, 0)])
    mixed = {**table, "halo": names, "parent": parent}
    shuffled = read_forest({name: one[order] for name, one in mixed.items()})
    plain = example_forest(0)
    assert sorted(shuffled.sizes) == sorted(plain.sizes)
    assert sorted(shuffled.features.tolist()) == sorted(plain.features.tolist())
    child, parent = shuffled.edges
    assert (shuffled.features[child, 3] < shuffled.features[parent, 3]).all()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("mass,", "weight,"), "neither of the columns mass and log10_mass"),
        (("redshift", "when"), "neither of the columns a and redshift"),
        (("parent", "child"), "no column 'parent'"),
        (("71,90,6e12", "71,90,nan"), "nan in row 1 as mass; expected a positive number"),
        (("71,90,6e12", "71,90,-6e12"), "as mass; expected a positive number, in Msun/h"),
        (("71,90,6e12", "71,90,12.8"), "which no halo has: expected it in Msun/h"),
        (("1e13,8,500", "1e13,8,500000"), "as vmax, which no halo has: expected it in km/s"),
        (("1e13,8,", "1e13,0,"), "as concentration; expected a positive number, a ratio"),
        (("420,0.5", "420,-0.5"), "expected a redshift from 0"),
        (("55,71", "55,70"), "the parent '70' in row 3, which is no halo of its tree"),
        (("72,90", "71,90"), "two haloes '71' in one tree"),
        (("72,90", ",90"), "no name for a halo"),
        (("72,90", "72,"), "Tree 0 has 2 roots"),
        (("90,,", "90,55,"), "no root: its haloes go round in a circle"),
        (("390,1\n", "390,0.2\n"), "expected a descendant later in time"),
    ],
    ids=[
        "mass", "time", "parent", "nan", "negative", "log", "metres", "zero", "future", "stranger",
        "twice", "nameless", "roots", "circle", "backwards",
    ],
)  # fmt: skip
def test_what_is_no_merger_tree_is_refused_in_one_sentence(tmp_path, change, told):
    assert change[0] in CSV
    with pytest.raises(BadInput, match=told) as refused:
        read(tmp_path, CSV.replace(*change, 1))
    assert "\n" not in str(refused.value)


def test_other_things_that_are_refused(tmp_path, table):
    with pytest.raises(BadInput, match=r"no rows|no halo"):
        read(tmp_path, CSV.partition("\n")[0] + "\n")
    with pytest.raises(BadInput, match="column names"):
        read_forest(np.ones((3, 5)))
    with pytest.raises(BadInput, match="both of the columns"):
        read_forest({**table, "redshift": 1 / table["a"] - 1})
    grown = {**table, "log10_mass": 26 - table["log10_mass"]}
    with pytest.raises(BadInput, match="masses grow backwards in time"):
        read_forest(grown)
    for options in ({"mass_unit": "kg"}, {"mass_unit": "Msun"}, {"h": 0.7}):
        with pytest.raises(BadInput, match=r"mass_unit='kg'|Give h"):
            read_forest(table, **options)
    with pytest.raises(BadInput, match="h=70"):
        read_forest(table, mass_unit="Msun", h=70)
    with pytest.raises(BadInput, match="nowhere"):
        read_forest(tmp_path / "nowhere.csv")


def test_what_is_odd_is_said(tmp_path):
    with pytest.warns(Notice, match="1 of 3 haloes are heavier than what they became"):
        read(tmp_path, CSV.replace("4e12", "7e12"))
    late = CSV.replace("500,0\n", "500,0.2\n")
    with pytest.warns(Notice, match="1 of 1 trees end at a = 0.833"):
        read(tmp_path, late)


def universes(table, count):
    """Copies of three trees, each in a universe of its own."""
    parts = [
        {
            **table,
            "tree": table["tree"] + 3 * number,
            "Omega_m": np.full(len(table["a"]), 0.1 + 0.02 * number),
            "sigma_8": np.full(len(table["a"]), 0.8),
        }
        for number in range(count)
    ]
    return {name: np.concatenate([one[name] for one in parts]) for name in parts[0]}


def test_trees_to_learn_from_are_split_by_universe(table):
    data = read_trees(universes(table, 10))
    assert len(data.forest) == 30 and [len(one) for one in data.rows.values()] == [18, 6, 6]
    split_of = {name: set(data.simulations[rows].tolist()) for name, rows in data.rows.items()}
    assert sum(map(len, split_of.values())) == 10
    assert data.targets[data.simulations == 3, 0].unique().tolist() == pytest.approx([0.16])
    other = read_trees(universes(table, 10), seed=1)
    assert not torch.equal(other.rows["train"], data.rows["train"])
    assert read_trees(data) is data
    named = {**universes(table, 10), "simulation": np.repeat(np.arange(5), 2 * len(table["a"]))}
    assert read_trees(named).facts["simulations"] == 5


def test_targets_that_lack_or_change_are_refused(table):
    with pytest.raises(BadInput, match="lacks the columns 'Omega_m'"):
        read_trees(table)
    changed = universes(table, 6)
    changed["Omega_m"][1] = 0.5
    with pytest.raises(BadInput, match="the same for all haloes of a tree"):
        read_trees(changed)
    with pytest.raises(BadInput, match="4 simulations; expected 5 or more"):
        read_trees(universes(table, 4))


def test_questions_on_a_person_s_trees(table, tmp_path):
    data = read_infill(universes(table, 4))
    assert len(data.questions) == 12 and [len(one) for one in data.rows.values()] == [7, 3, 2]
    assert read_infill(data) is data
    with pytest.raises(BadInput, match="3 trees; expected 5"):
        read_infill(table)
    with pytest.raises(BadInput, match=r"has no infilling_trees_25k_200_train\.pt"):
        read_infill(tmp_path)
