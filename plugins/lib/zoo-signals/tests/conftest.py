"""What the tests share: no network, and the motion capture that a mirror may have."""

from __future__ import annotations

import pytest

from zoo_core import File, available

RECORDINGS = {
    "35.asf": "9b4888836cbd13cdab14a86c53a6b7765ccae48ddc7075d8c5e03ac34bc08364",
    "35_01.amc": "1caf3529f84ac3a151c02d1edfcc4d48d3001eaa00c354f64044d82aa9eb03dd",
    "07.asf": "f1fbd8abcd9073d24189d5f33b7220974b0ac4b5223fabbb0cc07799ec7a93b3",
    "07_01.amc": "97cdb8296c5a9a37a2eaca7ce214b9dbaef49016f7e28c22c5b74688fcd8e0e3",
}


@pytest.fixture(autouse=True)
def surroundings(no_network):
    """Data come from the mirror and the cache alone."""


@pytest.fixture
def recordings():
    """Return where files of the CMU database are, or skip the test."""

    def get(*names):
        found = [
            available(File(path=f"cmu-pose16/raw/{name}", sha256=RECORDINGS[name]))
            for name in names
        ]
        if None in found:
            pytest.skip("the recordings are in no mirror here")
        return found

    return get
