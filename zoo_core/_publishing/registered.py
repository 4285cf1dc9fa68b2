"""All that is registered, with what is stored of it, as JSON values: what sites are made from."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import asdict
from typing import Any

from zoo_core._loading.cache import is_embedded
from zoo_core._loading.models import bases_of
from zoo_core._loading.weights import embedded_path
from zoo_core._measuring.judging import NOT_MEASURED, of_json
from zoo_core._plain import plain
from zoo_core._publishing import cards, pictures, shown
from zoo_core._registry import origin
from zoo_core._registry.bounds import Bound, Limit, Order
from zoo_core._registry.registry import Plugin, Registry, catalogue, registry
from zoo_core._registry.results import stored, stored_claims, stored_sizes
from zoo_core._registry.rows import Row, rows_of
from zoo_core._registry.specs import Claim, Model, Paper
from zoo_core.errors import PluginError

Facts = dict[str, Any]


def registered(*, briefly: Container[str] = ()) -> Facts:
    """Return all that is registered, with what is stored of it, as JSON values.

    These are lists of `papers` (each claim judged by today's bounds, each picture with the path of
    its file where it is drawn), `models` (with results as people read them, and the card),
    `architectures`, `datasets`, `metrics` and `plugins`, and `known`: the distributions that are
    known and not installed. No module is made and no torch imported. Raises nothing for a plugin
    that is broken: what is known of it is its error. What one plugin has stored and cannot be read
    is an `error` of its paper or model. Of the papers and models of the plugins `briefly` only
    `name` and `plugin` are told, for who has kept the rest.

    >>> found = zoo_core.registered()
    >>> zoo.info("gcn")["paper"] in [paper["name"] for paper in found["papers"]]
    True
    >>> sorted(found)
    ['architectures', 'datasets', 'known', 'metrics', 'models', 'papers', 'plugins']
    """
    known = registry()
    rows = {row["name"]: row for row in rows_of(known)["models"]}
    found = {
        "papers": [
            _brief(known.papers.owners[spec.name], spec.name, briefly) or _paper(known, spec)
            for spec in known.papers
        ],
        "models": [
            _brief(known.owner(known.model(name)), name, briefly)
            or _model(known, known.model(name), row)
            for name, row in rows.items()
        ],
        "architectures": [
            {**asdict(spec), **_owner(known.architectures.owners[spec.name])}
            for spec in known.architectures
        ],
        "datasets": [
            {**asdict(spec), **_owner(known.datasets.owners[spec.name]), "sizes": _sizes(spec.name)}
            for spec in known.datasets
        ],
        "metrics": [
            {**asdict(spec), **_owner(known.metrics.owners[spec.name])} for spec in known.metrics
        ],
        "plugins": [_plugin(plugin) for plugin in known.plugins],
        "known": _not_installed(known),
    }
    return {kind: plain(things) for kind, things in found.items()}


def _brief(plugin: Plugin, name: str, briefly: Container[str]) -> Facts | None:
    return {"name": name, "plugin": plugin.name} if plugin.name in briefly else None


def _owner(plugin: Plugin) -> Facts:
    return {"plugin": plugin.name, "distribution": plugin.distribution}


def _sizes(dataset: str) -> Facts:
    try:
        return stored_sizes(dataset)
    except PluginError:  # which the plugin's papers and models tell
        return {}


def _plugin(plugin: Plugin) -> Facts:
    return {
        "name": plugin.name,
        "distribution": plugin.distribution,
        "version": plugin.version,
        "error": plugin.error,
        "install": origin.told(plugin.distribution, plugin),
        "brings": {
            hook.removeprefix("zoo_"): [spec.name for spec in specs]
            for hook, specs in plugin.specs.items()
            if specs
        },
    }


def _not_installed(known: Registry) -> list[Facts]:
    there = {plugin.distribution for plugin in known.plugins}
    return [
        {"distribution": name, "names": names, "install": origin.told(name)}
        for name, names in catalogue().items()
        if name not in there
    ]


def _paper(known: Registry, paper: Paper) -> Facts:
    """Return a paper; where its findings cannot be read, its claims are told of as not measured."""
    drawn = {one.name: pictures.path_of(paper, one) for one in paper.pictures}
    facts = {
        **asdict(paper),
        **_owner(known.papers.owners[paper.name]),
        "install": origin.told(known.papers.owners[paper.name].distribution),
        "error": None,
        "pictures": [
            {**asdict(one), "file": str(drawn[one.name]) if drawn[one.name].is_file() else None}
            for one in paper.pictures
        ],
    }
    try:
        findings = stored_claims(paper.name)
        judged = {row["claim"].name: row for row in shown.claims(paper)}
    except PluginError as error:
        facts["error"], findings, judged = str(error), {}, {}
    facts["claims"] = [
        _claim(paper, one, judged.get(one.name, {}), findings.get(one.name, {}))
        for one in paper.claims
    ]
    return facts


def _claim(paper: Paper, claim: Claim, judged: Mapping[str, Any], finding: Facts) -> Facts:
    measured = judged.get("measured")
    found = finding.get("quantities", {}) if measured else {}
    told = ("seeds", "versions", "date", "seconds", "told")
    return {
        **asdict(claim),
        **{name: finding.get(name) for name in told},
        "verdict": judged.get("verdict", NOT_MEASURED),
        "measured": measured,
        "command": f"zoo verify {paper.name} --claim {claim.name}",
        "bounds": [
            _bound(bound, name, judged.get("parts", {}).get(name), found.get(name))
            for name, bound in claim.bounds.items()
        ],
    }


def _bound(bound: Bound, name: str, verdict: str | None, found: Any) -> Facts:
    """Return a bound with what was measured: as it is told and shown, and as numbers."""
    facts: Facts = {**asdict(bound), "name": name, "told": bound.told(name), "verdict": verdict}  # type: ignore[call-overload]  # every bound is a dataclass
    if isinstance(bound, Limit):
        facts["limit"] = bound.limit
    facts["shown"] = facts["measured"] = None
    if verdict is not None:
        quantity = of_json({name: found})[name]
        facts["shown"] = bound.shown(name, quantity)
        facts["measured"] = found
        if isinstance(bound, Order):
            facts["leads"] = [
                {"mean": lead.mean, "low": lead.low, "high": lead.high, "runs": lead.runs}
                for lead in bound.leads(bound.checked(quantity))
            ]
    return facts


def _model(known: Registry, spec: Model, row: Row) -> Facts:
    architecture, lock = known.architecture(spec.architecture), known.lock(spec)
    owner = known.owner(spec)
    embedded = lock is not None and is_embedded(spec.name)
    facts = {
        **asdict(spec),
        **row,
        **_owner(owner),
        "weights": lock,
        "embedded": embedded,
        "file": str(embedded_path(owner, spec.name)) if embedded else None,
        "install": origin.told(owner.distribution, owner),
        "shape": {**architecture.shape, **spec.shape},
        "recipe": {**architecture.recipe, **spec.recipe},
        "base": [base.told for base in bases_of(spec.name)],
        "pictures": [],
        "checkpoint": [],
        "protocol": [],
        "error": None,
        "card": None,
    }
    paper = known.paper_of(spec) if architecture.paper in known.papers else None
    try:
        rows = stored(spec.name)
        if paper is not None:
            facts["pictures"] = [one.name for one, _ in pictures.of_card(spec).values()]
            facts["card"] = cards.render(spec.name) if lock else None
        facts["checkpoint"] = [
            {
                **shown.row(known, one),
                "published": shown.published(known, spec, one.metric),
            }
            for one in rows
            if one.kind == "checkpoint"
        ]
        retrained = [one for one in rows if one.kind == "retrained"]
        facts["protocol"] = shown.protocol(known, spec, retrained)
        facts["versions"] = next((one.versions for one in rows), {})
    except PluginError as error:
        facts["error"] = str(error)
    return facts
