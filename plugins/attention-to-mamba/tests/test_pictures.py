"""The pictures, from made-up findings."""

from __future__ import annotations

import pytest
from zoo_attention_to_mamba import pictures
from zoo_attention_to_mamba.specs.claims import FLAGSHIP, NAIVE, NARROW, STUDENTS, TEACHER
from zoo_attention_to_mamba.specs.paper import PAPER

from zoo_core import BadInput, figures

TABLE = {"10/90": 6.0, "0/100": 6.2, "100/0": 20.0, "naive": 9.0}


def figures_of_all():
    """Figures made up in the form that the claims store them."""
    speeds = {
        name: {str(n): [400.0, 420.0, 450.0] for n in (64, 512)}
        for name in (TEACHER, FLAGSHIP, NARROW)
    }
    return {
        "initialisation": {
            "perplexity": {name: [v, v + 0.1, v + 0.2] for name, v in TABLE.items()},
            "teacher": 4.4,
            "tokens": 1_500_000,
        },
        "budget": {"perplexity": {"1000000": 6.2, "2000000": 5.9, "5000000": 5.7}},
        "tokens-saved": {
            "perplexity": {
                name: {"100000": [20.0, 21.0], "1500000": [v, v + 0.1]}
                for name, v in (("10/90", 6.0), ("naive", 9.0))
            }
        },
        "flagship": {"perplexity": {TEACHER: 4.4}},
        "positions": {
            "perplexity": {name: [4.2, 4.3] for name in (TEACHER, FLAGSHIP, NARROW, NAIVE)},
            "tokens a part": 256,
        },
        "longer": {
            "perplexity": {name: [4.2, 4.3] for name in (TEACHER, FLAGSHIP, NAIVE)},
            "tokens a part": 512,
        },
        "constant-memory": {"bytes": {n: {"64": 80, "512": 640} for n in speeds}},
        "decoding-speed": {"quartiles": speeds, "texts": 1, "mode": "compiled"},
        "decoding-batch": {"quartiles": speeds, "texts": 64, "mode": "compiled"},
        "agreement": {
            name: {"cosine of each layer": [0.9, 0.8], "divergence": {"mean": 0.3}}
            for name in STUDENTS
        },
    }


def test_pictures_are_drawn_from_findings(monkeypatch, tmp_path):
    pytest.importorskip("matplotlib")
    rows = figures_of_all()
    monkeypatch.setattr(pictures, "figures", lambda paper, claim: rows[claim])
    for picture in PAPER.pictures:
        figure = getattr(pictures, picture.draw.partition(":")[2])()
        figure.savefig(tmp_path / "it.svg", format="svg")
        assert (tmp_path / "it.svg").stat().st_size < 300_000
        assert all(axes.lines for axes in figure.axes)


def test_a_picture_without_its_finding_says_what_to_run(monkeypatch):
    monkeypatch.setattr(pictures, "figures", lambda paper, claim: figures(paper, f"no-{claim}"))
    with pytest.raises(BadInput, match="zoo verify attention-to-mamba --claim no-initialisation"):
        pictures.ablations()
