"""QM7 and QM7b, and the mean absolute error of each of QM7's targets in its unit."""

from __future__ import annotations

from zoo_core import Dataset, File, Metric

QM7 = File(
    path="qm7/qm7.npz",
    sha256="27e7f90b5d0cbee3e6743b86145e4e2e6b916ce1c279215930916fa20b161d66",
)
"""7,101 geometries in angstrom with PBE0 and DFTB3 atomisation energies, packed."""
QM7_GFN2 = File(
    path="qm7/qm7_gfn2.npz",
    sha256="28e3e97b1b5b83ccbdd6f4e934091000f1c68c1a07584f86f5eb8c1933a24c29",
)
"""Orbital energies, ionisation, affinity and dipole of the same geometries, by GFN2-xTB."""
QM7B = File(path="qm7b/qm7b.mat", url="http://quantum-machine.org/data/qm7b.mat", sha256=None)
"""The paper's 7,211 Coulomb matrices; what is read is checked, as the file's hash is not known."""

QM7_TARGETS = {
    "ae_pbe0": ("PBE0 atomisation energy", "kcal/mol"),
    "homo": ("GFN2-xTB energy of the highest occupied orbital", "eV"),
    "lumo": ("GFN2-xTB energy of the lowest unoccupied orbital", "eV"),
    "gap": ("GFN2-xTB gap between these orbitals", "eV"),
    "ip": ("GFN2-xTB vertical ionisation potential", "eV"),
    "ea": ("GFN2-xTB vertical electron affinity", "eV"),
    "dipole": ("GFN2-xTB dipole moment", "debye"),
}
"""What each target of QM7 is, and its unit."""
QM7B_TARGETS = {
    "ae_pbe0": ("PBE0 atomisation energy", "kcal/mol"),
    "e_max_zindo": ("ZINDO excitation energy at maximal absorption", "eV"),
    "i_max_zindo": ("ZINDO intensity at maximal absorption", "arbitrary"),
    "homo_zindo": ("ZINDO energy of the highest occupied orbital", "eV"),
    "lumo_zindo": ("ZINDO energy of the lowest unoccupied orbital", "eV"),
    "e1_zindo": ("ZINDO first excitation energy", "eV"),
    "ip_zindo": ("ZINDO ionisation potential", "eV"),
    "ea_zindo": ("ZINDO electron affinity", "eV"),
    "homo_pbe0": ("PBE0 energy of the highest occupied orbital", "eV"),
    "lumo_pbe0": ("PBE0 energy of the lowest unoccupied orbital", "eV"),
    "homo_gw": ("GW energy of the highest occupied orbital", "eV"),
    "lumo_gw": ("GW energy of the lowest unoccupied orbital", "eV"),
    "alpha_pbe0": ("PBE0 polarisability", "angstrom^3"),
    "alpha_scs": ("SCS polarisability", "angstrom^3"),
}
"""QM7b's 14 properties in the order of its file."""

DATASETS = [
    Dataset(
        name="qm7",
        title="QM7, 7,101 small organic molecules",
        factory="zoo_molecules.qm7:qm7",
        license="MIT",
        source="https://github.com/qmlcode/qml",
        task="graph-regression",
        files=(QM7, QM7_GFN2),
        origin="mirrored",
        summary="Real DFT geometries of molecules with up to 7 atoms of C, N, O, S and their "
        "hydrogens: PBE0 atomisation energies in kcal/mol (qml, commit 8bb833c; Rupp et al. 2012), "
        "and six properties that GFN2-xTB (tblite 0.8.0) has at these geometries. 5,681 molecules "
        "are learnt from, 710 choose the epoch, 710 are the test, by numpy's default_rng(0).",
    ),
    Dataset(
        name="qm7b",
        title="QM7b, 7,211 Coulomb matrices with 14 properties",
        factory="zoo_molecules.qm7b:qm7b",
        license="NOASSERTION",
        source="http://quantum-machine.org/datasets/",
        task="graph-regression",
        options={
            "fold": "which of 10 shuffled folds is the test (0)",
            "seed": "of the shuffle (0)",
        },
        files=(QM7B,),
        summary="Atomisation energies, excitations, orbital energies and polarisabilities of "
        "molecules with up to 7 atoms of C, N, O, S, Cl and their hydrogens (Montavon et al. "
        "2013). One fold of ten is the test, a tenth of the others chooses the epoch.",
    ),
]

METRICS = [
    Metric(
        name=f"mae-{name.replace('_', '-')}",
        title=f"Mean absolute error of the {title}",
        factory="torchmetrics.regression:MeanAbsoluteError",
        higher_is_better=False,
        takes=(f"predicted {name}", f"true {name}"),
        unit="D" if unit == "debye" else unit,
    )
    for name, (title, unit) in QM7_TARGETS.items()
]
"""A model of several targets yields each under its own name: "predicted homo", "true homo"."""
