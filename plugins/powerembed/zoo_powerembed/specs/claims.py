"""The claims: what the paper says, and the bounds that its figures are held against.

Leads and losses are differences of test accuracy, paired by fold, in points.
"""

from typing import Any

from zoo_core import Amendment, Claim, Contrast, exact, gain, value

_REFERENCE = "reference runs of the official recipe"
_BEHIND = value(at_most=4, unit="points")
"""Points that a method may lose and still count as stable, or as good: one and a half of the 37
nodes in the test split of a WebKB graph."""

_WEBKB = ("texas", "cornell-geomgcn", "cornell")
_HETEROPHILOUS = ("texas", "cornell", "chameleon", "squirrel")
_HOMOPHILOUS = ("cora", "citeseer", "photo", "computers", "cs")
_COMPANY = {
    "lead over MLP on texas": _BEHIND,
    "lead over MLP on cornell-geomgcn": _BEHIND,
    "lead over MLP on cornell": _BEHIND,
    "lead over SIGN on texas": _BEHIND,
    "lead over SIGN on sbm-dense": _BEHIND,
}
_AHEAD, _BELOW = ("gcn", "gprgnn", "gcnii"), ("mlp", "cov", "ase", "ax")
_BESIDE = ("sgc", "sign", "jknet")


def _amended(bound: str) -> Amendment:
    return Amendment(
        date="2026-11-22",
        bound=bound,
        before="at most twice the standard error of the difference",
        after="at most 4 points",
        why="The noisier the runs, the easier the old bound was met: not being resolved behind is "
        "not being as good.",
    )


def _method(architecture: str, **shape: Any) -> dict[str, Any]:
    """Return a method to be trained on other data; what is not given is the architecture's own."""
    return {"architecture": architecture, "shape": shape}


def _lead(bound: str, rival: str, **shape: Any) -> Contrast:
    """Return PowerEmbed's lead over another method on other data."""
    return Contrast(bound=bound, first=_method("powerembed", **shape), second=_method(rival))


def _last_hop(hops: int) -> Contrast:
    normalised, plain = (
        _method("powerembed", mode="last", hops=hops, normalize=normalize)
        for normalize in ("inverse", "none")
    )
    return Contrast(bound=f"gain by normalising at hop {hops}", first=normalised, second=plain)


def _deeper(bound: str, normalize: str) -> Contrast:
    shallow, deep = (
        _method("powerembed", k=10, hops=hops, normalize=normalize) for hops in (2, 10)
    )
    return Contrast(bound=bound, first=shallow, second=deep)


_COMPANIONS = {
    **{name: name for name in _AHEAD},
    **{"mlp": "node-mlp", "cov": "cov-mlp", "ase": "ase-mlp", "ax": "ax-mlp"},
}
"""The architectures of the methods beside PowerEmbed on Cora."""

CLAIMS = (
    Claim(
        name="T1",
        statement="On dense block models PowerEmbed works at depth 10, where GCN and SGC fail; "
        "on sparse ones its hops together beat GCN by far.",
        check="zoo_powerembed.checks:depth_on_block_models",
        bounds={
            "all hops, dense": value(at_least=97),
            "last hop, dense": value(at_least=97),
            "GCN-10, dense": value(at_most=60),
            "SGC-10, dense": value(at_most=60),
            "lead of all hops over GCN-10, sparse": gain(at_least=20),
        },
        asked={
            "lead of all hops over GCN-10": Contrast(
                bound="lead of all hops over GCN-10, sparse",
                first=_method("powerembed", hops=10, operator="lap"),
                second=_method("gcn", layers=10),
            )
        },
        source=_REFERENCE,
        models=("powerembed-sbm-dense",),
        minutes=2,
        slow=True,
    ),
    Claim(
        name="T2",
        statement="Deep representations survive: on Chameleon, reading the last hop alone, the "
        "normalised iterates beat the unnormalised ones, more so the deeper.",
        check="zoo_powerembed.checks:depth_on_chameleon",
        bounds={
            "gain by normalising at hop 2": gain(at_least=6),
            "gain by normalising at hop 10": gain(at_least=25),
        },
        asked={f"gain by normalising at hop {hops}": _last_hop(hops) for hops in (2, 10)},
        published="64.5 against 27.7 at hop 10, in the reference runs",
        source=_REFERENCE,
        models=("powerembed-chameleon",),
        minutes=0.5,
    ),
    Claim(
        name="T3",
        statement="On heterophilous WebKB graphs PowerEmbed beats a 2-layer GCN.",
        check="zoo_powerembed.checks:rivals",
        arguments={"pairs": [[name, "GCN"] for name in _WEBKB], "folds": {}},
        bounds={
            "lead over GCN on texas": gain(at_least=15),
            "lead over GCN on cornell-geomgcn": gain(at_least=10),
            "lead over GCN on cornell": gain(at_least=10),
        },
        asked={"lead over GCN": _lead("lead over GCN on cornell", "gcn")},
        source=_REFERENCE,
        models=("powerembed-texas", "powerembed-cornell", "powerembed-cornell-geomgcn"),
        minutes=1.5,
    ),
    Claim(
        name="T4",
        statement="With the operator A + I, PowerEmbed stays stable from 2 to 10 hops, where "
        "unnormalised hops lose about 20 points.",
        check="zoo_powerembed.checks:stability_in_depth",
        bounds={
            "loss on texas": _BEHIND,
            "loss on texas, unnormalised": gain(at_least=10),
            "loss on cornell": _BEHIND,
            "loss on cornell, unnormalised": gain(at_least=10),
        },
        asked={
            "loss": _deeper("loss on texas", "inverse"),
            "loss, unnormalised": _deeper("loss on texas, unnormalised", "none"),
        },
        source=_REFERENCE,
        models=("powerembed-texas", "powerembed-cornell"),
        minutes=1,
    ),
    Claim(
        name="T5",
        statement="On homophilous Cora PowerEmbed is well above a raw-feature MLP, and stays "
        "below a plain GCN.",
        check="zoo_powerembed.checks:homophily_on_cora",
        bounds={
            "accuracy": value(at_least=82.5),
            "lead over the MLP": gain(at_least=5),
            "lead of the GCN": gain(at_least=0),
        },
        asked={
            "lead over the MLP": _lead("lead over the MLP", "node-mlp", operator="lap"),
            "lead of the GCN": Contrast(
                bound="lead of the GCN",
                first=_method("gcn"),
                second=_method("powerembed", operator="lap"),
            ),
        },
        published="the GCN has 87.4 % in the reference runs",
        source=_REFERENCE,
        models=("powerembed-cora",),
        minutes=2.5,
        slow=True,
    ),
    Claim(
        name="T6",
        statement="Honest company: the gains of the normalisation are those of T2 and T4; a "
        "raw-feature MLP is as good on WebKB, and SIGN, the unnormalised list with bounded "
        "operators, is as good with shallow lists and on block models.",
        check="zoo_powerembed.checks:rivals",
        arguments={
            "pairs": [
                *([name, "MLP"] for name in _WEBKB),
                ["texas", "SIGN"],
                ["sbm-dense", "SIGN"],
            ],
            "folds": {},
        },
        bounds=_COMPANY,
        asked={
            "lead over MLP": _lead("lead over MLP on texas", "node-mlp"),
            "lead over SIGN": _lead("lead over SIGN on texas", "sign"),
        },
        source=_REFERENCE,
        models=("powerembed-texas", "powerembed-cornell", "powerembed-cornell-geomgcn"),
        minutes=1.5,
        amendments=tuple(map(_amended, _COMPANY)),
    ),
    Claim(
        name="ten-graphs",
        statement="PowerEmbed is competitive on ten graphs, and strongest on heterophilous "
        "ones (abstract of the paper).",
        check="zoo_powerembed.checks:rivals",
        arguments={
            "pairs": [[name, "GCN"] for name in (*_HETEROPHILOUS, *_HOMOPHILOUS)],
            "folds": {"chameleon": 3, "squirrel": 3, **dict.fromkeys(_HOMOPHILOUS, 3)},
        },
        bounds={
            **{f"lead over GCN on {name}": gain(at_least=0) for name in _HETEROPHILOUS},
            **{
                f"lead over GCN on {name}": value(at_least=-5, unit="points")
                for name in _HOMOPHILOUS
            },
        },
        asked={"lead over GCN": _lead("lead over GCN on cora", "gcn")},
        models=(
            "powerembed-cora",
            "powerembed-citeseer",
            "powerembed-texas",
            "powerembed-cornell",
            "powerembed-chameleon",
            "powerembed-squirrel",
            "powerembed-photo",
            "powerembed-computers",
            "powerembed-cs",
        ),
        minutes=15,
        slow=True,
    ),
    Claim(
        name="cora-company",
        statement="On homophilous Cora, methods that learn on the raw features and the graph "
        "together are ahead of PowerEmbed, and those without the graph or without the "
        "features are behind it.",
        check="zoo_powerembed.checks:cora_company",
        arguments={"ahead": list(_AHEAD), "behind": list(_BELOW), "beside": list(_BESIDE)},
        bounds={
            **{f"lead over {name}": gain(at_most=0) for name in _AHEAD},
            **{f"lead over {name}": gain(at_least=0) for name in _BELOW},
        },
        asked={
            f"lead over {name}": _lead(f"lead over {name}", architecture)
            for name, architecture in _COMPANIONS.items()
        },
        source="reference runs, and this project's reading of them",
        models=(
            "powerembed-cora",
            *(f"{name}-cora" for name in ("mlp", "gcn", "sgc", "sign", "cov", "ase", "ax")),
            *(f"{name}-cora" for name in ("gprgnn", "jknet", "gcnii")),
        ),
        minutes=9,
        slow=True,
    ),
    Claim(
        name="twins",
        statement="Chameleon and Squirrel flatter methods that tell neighbourhoods apart: many "
        "test nodes have a twin among the training nodes, with the same neighbours and the "
        "same label.",
        check="zoo_powerembed.checks:twins",
        arguments={"graphs": ["chameleon", "squirrel", "cora", "citeseer"]},
        bounds={
            "share on chameleon": value(at_least=25),
            "share on squirrel": value(at_least=25),
            "largest share on cora": exact(at_most=5, unit="%"),
            "largest share on citeseer": exact(at_most=5, unit="%"),
        },
        source="not of this paper: a known fault of these graphs (arXiv:2302.11640)",
        models=("powerembed-chameleon", "powerembed-squirrel"),
    ),
)
