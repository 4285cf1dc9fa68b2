"""Where the real tables come from: a mirror's converted files, or R packages on CRAN's mirror.

The bytes of CRAN's files are not pinned here, but what is read from them is, by fingerprint.
"""

from __future__ import annotations

from zoo_core import File

FOLDER = "wide-regression"
_CRAN = "https://raw.githubusercontent.com/cran"
_HASHES = {
    "gasoline": "e4ea386b31e8a096e091e02395a5ded9e05bcc1a7c3b848d52ba49232fbd045a",
    "yarn": "60de23076a1812e20392eda6c4aca958af023f6d85eba3ace72b0de2d8261e5e",
    "riboflavin": "c59b9dd88873efe24ba5d0eceefaf73d57f9aaa10338d281d8d56756ac48021b",
    "wheat": "4db4f984644b50b3300263e472adc5ee10abde561c0200a136bcc689bf98cd5f",
}
_PACKAGES = {
    "gasoline": "pls/3b7a1cbfcf07a114676a7da9692f1f70606efb44",
    "yarn": "pls/3b7a1cbfcf07a114676a7da9692f1f70606efb44",
    "riboflavin": "hdi/3eb71fb52b3c0f5213b1283d5f0317b91f6a133a",
    "wheat": "BGLR/0b9951a1560a6055503acf525b9650e89105f3e1",
}


def converted(name: str) -> File:
    """Return the .npz of a table, which only mirrors have."""
    return File(path=f"{FOLDER}/{name}.npz", sha256=_HASHES[name])


def original(name: str) -> File:
    """Return the .RData of a table, as its R package has it."""
    url = f"{_CRAN}/{_PACKAGES[name]}/data/{name}.RData"
    return File(path=f"{FOLDER}/raw/{name}.RData", url=url)
