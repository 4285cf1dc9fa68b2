"""What the shells complete: names of models, papers, claims, datasets and metrics.

Read from the index of lists, so no torch is imported. Whatever goes wrong, nothing is offered and
nothing is said: a shell would print it into the line that is being typed.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import click
    from click.shell_completion import CompletionItem

    Source = Callable[[click.Context], Iterable[tuple[str, str]]]
    Complete = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]

LONGEST = 60
"""So many characters of a help stand beside a name, in shells that show it."""
EVERY: Mapping[str, Any] = {"untrained": True}


def offer(*sources: Source, path: str | None = None) -> Complete:
    """Return what completes a word by the names of the sources.

    With `path`, "file" or "dir", paths are completed as well: in bash where no name fits.
    """

    def complete(
        context: click.Context, parameter: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        given = context.params.get(parameter.name or "") or ()
        taken = given if isinstance(given, tuple) else ()
        # bash drops what stands before an item that is a path.
        items = [CompletionItem(incomplete, type=path)] if path else []
        for name, told in _safely(sources, context).items():
            if name.startswith(incomplete) and name not in taken:
                items.append(CompletionItem(name, help=_short(told)))
        return items

    return complete


def _safely(sources: Sequence[Source], context: click.Context) -> dict[str, str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return {name: told for source in sources for name, told in source(context)}
        except Exception:
            return {}


def _short(text: str) -> str:
    from zoo_core._shell.printing import harmless

    line = harmless(text)
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def words(*fixed: str) -> Source:
    """Return a source of words that are always the same."""
    return lambda context: ((word, "") for word in fixed)


def floating_types(context: click.Context) -> Iterable[tuple[str, str]]:
    """Yield the floating types that a module may have."""
    from zoo_core._registry.specs import FLOATING  # late: what lists imports next to nothing

    return ((name, "") for name in FLOATING)


def _rows(kind: str, **filters: Any) -> list[dict[str, Any]]:
    from zoo_core._registry import listing

    if kind == "models":
        return listing.model_rows(**filters)
    return listing.rows(kind, **filters)


def _named(kind: str, told: str, **filters: Any) -> Source:
    return lambda context: ((row["name"], row[told]) for row in _rows(kind, **filters))


def _names(context: click.Context) -> Sequence[str]:
    """Return the names that were given before."""
    # Where an option is being completed, click has not yet told words and options apart.
    return context.params.get("names") or context.args


models = _named("models", "summary")
"""Models that have weights."""
all_models = _named("models", "summary", **EVERY)
papers = _named("papers", "title")
architectures = _named("architectures", "summary")
datasets = _named("datasets", "title")
metrics = _named("metrics", "title")


def measured(context: click.Context) -> Iterable[tuple[str, str]]:
    """Yield what is measured: models that have weights; what can be trained, to train it anew."""
    return trained(context) if context.params.get("retrain") else models(context)


def trained(context: click.Context) -> Iterable[tuple[str, str]]:
    """Yield what can be trained: models, with weights or without, and architectures."""
    return [*all_models(context), *architectures(context)]


def converted(context: click.Context) -> Iterable[tuple[str, str]]:
    """Yield the models whose weights are converted from upstream files."""
    return ((row["name"], row["summary"]) for row in _rows("models", **EVERY) if row["converted"])


def exported(context: click.Context) -> Iterable[tuple[str, str]]:
    """Yield the models that can be exported."""
    return ((row["name"], row["summary"]) for row in _rows("models") if row["exports"])


def drawn(context: click.Context) -> Iterable[tuple[str, str]]:
    """Yield the papers that have pictures."""
    return ((row["name"], row["title"]) for row in _rows("papers") if row["pictures"])


def pictures(context: click.Context) -> Iterable[tuple[str, str]]:
    """Yield the pictures of the papers that were named, or of all."""
    return _of_papers(context, "pictures")


def claims(context: click.Context) -> Iterable[tuple[str, str]]:
    """Yield the claims of the papers that were named, or of all."""
    return _of_papers(context, "claims")


def claims_of_name(context: click.Context) -> Iterable[tuple[str, str]]:
    """Yield the claims of the paper, or of the model's paper, that was named."""
    name = context.params.get("name")
    of_model = {row["name"]: row["paper"] for row in _rows("models", **EVERY)}
    return _of(_rows("papers", pattern=of_model.get(str(name), str(name))), "claims")


def checked(context: click.Context) -> Iterable[tuple[str, str]]:
    """Yield what is verified: papers and models; after a paper its claims, and papers."""
    named = {row["name"] for row in _rows("papers")} & set(_names(context))
    if named:
        return [*claims(context), *papers(context)]
    return [*papers(context), *models(context)]


def _of_papers(context: click.Context, field: str) -> Iterable[tuple[str, str]]:
    rows = _rows("papers")
    named = [row for row in rows if row["name"] in _names(context)]
    return _of(named or rows, field)


def _of(rows: Iterable[Mapping[str, Any]], field: str) -> Iterable[tuple[str, str]]:
    return (pair for row in rows for pair in row[field].items())


def every_name(context: click.Context) -> Iterable[tuple[str, str]]:
    """Yield the names of everything that can be shown."""
    return (pair for source in _KINDS.values() for pair in source(context))


_KINDS: Mapping[str, Source] = {
    "models": all_models,
    "papers": papers,
    "architectures": architectures,
    "datasets": datasets,
    "metrics": metrics,
}


def listed(context: click.Context) -> Iterable[tuple[str, str]]:
    """Yield the names of the kind that is listed."""
    chosen = next((kind for kind in _KINDS if context.params.get(kind)), "models")
    return _KINDS[chosen](context)


def field(name: str) -> Source:
    """Return a source of the values that a field of models has: their tasks, their licences."""

    def values(context: click.Context) -> Iterable[tuple[str, str]]:
        found = [row[name] for row in _rows("models", **EVERY)]
        several = (value if isinstance(value, list) else [value] for value in found)
        return ((value, "") for value in sorted({one for values in several for one in values}))

    return values


def splits(context: click.Context) -> Iterable[tuple[str, str]]:
    """Yield the splits of the data that were named, or of the named models' own."""
    own = {row["name"]: row["dataset"] for row in _rows("models", **EVERY)}
    named = context.params.get("dataset")
    wanted = [named] if named else [own.get(name) for name in _names(context)]
    rows = _rows("datasets")
    found = [row for row in rows if row["name"] in wanted] or rows
    return ((split, "") for split in dict.fromkeys(one for row in found for one in row["splits"]))


def kinds(context: click.Context) -> Iterable[tuple[str, str]]:
    """Yield the kinds of plugin that `zoo new` writes."""
    from zoo_core._registry.registry import registry

    return ((folder.name, "") for folder in registry().kinds)


def installable(context: click.Context) -> Iterable[tuple[str, str]]:
    """Yield what is known and not installed: distributions, and the names that they bring."""
    from zoo_core._registry.registry import catalogue, registry

    there = {plugin.distribution for plugin in registry().plugins}
    for distribution, names in catalogue().items():
        if distribution not in there:
            yield distribution, f"brings {', '.join(names)}"
            yield from ((name, f"brought by {distribution}") for name in names)
