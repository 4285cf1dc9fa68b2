"""The shell: ``zoo VERB``, the same verbs as in Python, each with ``--json``.

Exit codes: 0 done, 1 a check failed, 2 wrong use, 3 something outside failed, 130 interrupted.
Tables and progress bars are for terminals; what is piped is tab-separated or JSON.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import click

from zoo_core.errors import BadInput, ZooError

TRACEBACK = "ZOO_TRACEBACK"
INTERRUPTED = 130


def main() -> None:
    """Run the shell; every error is one sentence on standard error, and an exit code."""
    try:
        code = cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (KeyboardInterrupt, click.Abort):
        code = _fail("interrupted; nothing half-written was left behind.", INTERRUPTED)
    except ZooError as error:
        code = _fail(str(error), error.exit_code)
    except Exception as error:
        told = f"{type(error).__name__}: {error}".rstrip(".")
        code = _fail(
            f"unexpected {told}; this is a bug: run again with --traceback to see where.", 3
        )
    sys.exit(code if isinstance(code, int) else 0)


def _fail(message: str, code: int) -> int:
    if os.environ.get(TRACEBACK):
        traceback.print_exc()
    click.echo(f"zoo: {message}", err=True)
    return code


def _show_traces(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value:
        os.environ[TRACEBACK] = "1"


on_device = click.option("--device", help="Where it runs: cpu, cuda, cuda:1, or a GPU's number.")
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
with_traceback = click.option(
    "--traceback",
    is_flag=True,
    expose_value=False,
    callback=_show_traces,
    help="Show the stack trace of an error.",
)


class Verb(click.Command):
    """A command that also takes ``--traceback`` after its name."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        with_traceback(self)
        self.params.extend(reversed(getattr(self, "__click_params__", [])))


class Shell(click.Group):
    """The group of verbs; a reader that closes the pipe early, like ``head``, is no failure."""

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """Read the arguments; ``--help`` prints here."""
        with _while_read():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a verb."""
        with _while_read():
            return super().invoke(ctx)


@contextmanager
def _while_read() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError as error:
        # What is still buffered goes nowhere, or the interpreter would complain at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise click.exceptions.Exit(0) from error


@click.group(cls=Shell, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="zoo-core", prog_name="zoo")
@with_traceback
def cli() -> None:
    """Pretrained models from research papers: load by name, run, and check every claim."""


cli.command_class = Verb


def _print(rows: Iterable[Mapping[str, Any]], as_json: bool) -> None:
    """Print rows: JSON when asked for, a table on a terminal, tab-separated otherwise."""
    listed = [dict(row) for row in rows]
    names = list(dict.fromkeys(name for row in listed for name in row))
    if as_json:
        click.echo(json.dumps(listed, indent=1, default=str))
    elif sys.stdout.isatty() and listed:
        from rich.console import Console
        from rich.table import Table

        table = Table(box=None, header_style="bold", pad_edge=False)
        for name in names:
            table.add_column(name, overflow="fold")
        for row in listed:
            table.add_row(*[_cell(row.get(name)) for name in names])
        Console().print(table)
    elif listed:
        lines = ["\t".join(_cell(row.get(name)) for name in names) for row in listed]
        click.echo("\n".join(["\t".join(names), *lines]))


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.4g}"
    return json.dumps(value) if isinstance(value, dict | list | tuple) else str(value)


def _pairs(context: Any, parameter: Any, values: Sequence[str]) -> dict[str, Any]:
    """Return ``key=value`` options as a mapping; values are JSON where they parse as such."""
    found = {}
    for value in values:
        key, equals, text = value.partition("=")
        if not equals:
            raise click.BadParameter(f"{value!r} is not KEY=VALUE")
        found[key] = _literal(text)
    return found


def _literal(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


@cli.command("list")
@click.argument("patterns", nargs=-1)
@click.option("--exclude", multiple=True, help="Wildcard of names to leave out.")
@click.option("--paper", help="Wildcard of the paper's name.")
@click.option("--task", help="Wildcard of the task, such as node-classification.")
@click.option("--dataset", help="Wildcard of the dataset.")
@click.option("--metric", help="Wildcard of a metric that the model is measured by.")
@click.option("--license", help="Wildcard of the licence, such as MIT.")
@click.option("--max-parameters", type=int, help="Only models of at most so many parameters.")
@click.option("--sort", default="name", show_default=True, help="name, parameters or result.")
@click.option("--untrained", is_flag=True, help="Also models that have no weights yet.")
@click.option("--papers", "kind", flag_value="papers", help="List papers instead.")
@click.option("--architectures", "kind", flag_value="architectures", help="List architectures.")
@click.option("--datasets", "kind", flag_value="datasets", help="List datasets instead.")
@click.option("--metrics", "kind", flag_value="metrics", help="List metrics instead.")
@as_json
def list_verb(patterns: tuple[str, ...], kind: str | None, as_json: bool, **filters: Any) -> None:
    """List models (or papers, datasets, …) whose names fit the wildcards."""
    from zoo_core._registry import listing
    from zoo_core._registry.registry import registry

    wanted = patterns or ("*",)
    if kind is None:
        names = listing.list_models(wanted, **filters)
        _print(map(_model_row, names), as_json)
    else:
        shelf = getattr(registry(), kind)
        names = getattr(listing, f"list_{kind}")(wanted)
        fields = {"papers": ("title", "year"), "architectures": ("paper", "task", "summary")}
        shown = fields.get(kind, ("title",)) + (("license",) if kind == "datasets" else ())
        specs = [shelf.get(name) for name in names]
        _print(({"name": s.name, **{f: getattr(s, f) for f in shown}} for s in specs), as_json)
    if registry().broken and not as_json:
        click.echo("zoo: some plugins could not be loaded; see `zoo plugins`.", err=True)


def _model_row(name: str) -> dict[str, Any]:
    from zoo_core._registry.listing import headline
    from zoo_core._registry.registry import registry

    known = registry()
    spec = known.model(name)
    architecture = known.architecture(spec.architecture)
    row = headline(spec)
    return {
        "name": name,
        "paper": architecture.paper,
        "task": architecture.task,
        "dataset": spec.dataset,
        "parameters": (known.lock(spec) or {}).get("parameters"),
        "result": _shown(row) if row else None,
        "license": spec.license,
    }


def _shown(row: Any) -> str:
    from zoo_core._registry.registry import registry

    metrics = registry().metrics
    # A list goes on when the plugin that brings a metric is broken; the number is shown as it is.
    value = row.shown(metrics.get(row.metric)) if row.metric in metrics else row.value
    return f"{row.metric} {value}"


@cli.command()
@click.argument("name")
@click.option("--card", is_flag=True, help="Print the model's card instead.")
@as_json
def show(name: str, card: bool, as_json: bool) -> None:
    """Show all that is known of a model, paper, architecture, dataset or metric."""
    from zoo_core._publishing import cards
    from zoo_core._registry import listing

    if card:
        click.echo(cards.render(name))
        return
    facts = listing.info(name)
    if as_json:
        click.echo(json.dumps(facts, indent=1, default=str))
        return
    _print(({"field": key, "value": value} for key, value in facts.items() if value), False)


@cli.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
@click.argument("name")
@click.argument("sources", nargs=-1, type=click.UNPROCESSED)
@click.option("--limit", default=20, show_default=True, help="Rows to print; 0 for all.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write here, as its suffix says: .json, .jsonl, .csv, .tsv, .txt, or an image's.",
)
@on_device
@as_json
def predict(
    name: str,
    sources: tuple[str, ...],
    limit: int,
    output: Path | None,
    device: str | None,
    as_json: bool,
) -> None:
    """Predict on SOURCES (files, as the model takes them), or on what the model itself carries.

    Further options, --KEY VALUE, go to the model's own predict.
    """
    from zoo_core._loading import making, models
    from zoo_core._measuring.evaluation import predict as run
    from zoo_core._shell.answers import write_answer
    from zoo_core.interfaces import Media

    files, words = _split_options(sources)
    module = models.load(name, device=device)
    texts = making.text_options(getattr(module, "predict", None))
    options = {key: word if key in texts else _literal(word) for key, word in words.items()}
    answer = run(module, *files, **options)
    if isinstance(answer, Iterator) and not (output or as_json):
        for piece in answer:
            click.echo(piece, nl=False)
        click.echo()
        return
    answer = list(answer) if isinstance(answer, Iterator) else answer
    if output:
        write_answer(answer, output)
        click.echo(f"zoo: written to {output}.", err=True)
    elif isinstance(answer, Media):
        suffixes = ", ".join(answer.contents)
        raise BadInput(f"This is no table; write it to a file with --output PATH ({suffixes}).")
    elif as_json or not _is_table(answer):
        plain = isinstance(answer, str) and not as_json
        click.echo(answer if plain else json.dumps(answer, indent=1))
    else:
        rows = answer if isinstance(answer, list) else [answer]
        _print(islice(rows, limit or None), False)
        if limit and len(rows) > limit:
            more = (
                f"zoo: {len(rows) - limit:,} more rows; see them with --limit 0, --json, --output."
            )
            click.echo(more, err=True)


def _is_table(answer: Any) -> bool:
    rows = answer if isinstance(answer, list) else [answer]
    return all(isinstance(row, Mapping) for row in rows)


def _split_options(words: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    files: list[str] = []
    options: dict[str, str] = {}
    rest = iter(words)
    for word in rest:
        if not word.startswith("--"):
            files.append(word)
            continue
        key, equals, value = word[2:].partition("=")
        text = value if equals else next(rest, None)
        if text is None:
            raise BadInput(f"Option {word} has no value; write {word} VALUE.")
        options[key.replace("-", "_")] = text
    return files, options


@cli.command()
@click.argument("names", nargs=-1)
@click.option("--all", "every", is_flag=True, help="Every model that has weights.")
@click.option("--dataset", help="A dataset's name (default: the model's own).")
@click.option("--option", multiple=True, callback=_pairs, help="KEY=VALUE for the dataset.")
@click.option("--split", help="A split of the data (default: test).")
@click.option("--metric", "metrics", multiple=True, help="A metric's name (default: its own).")
@click.option("--batch-size", type=click.IntRange(1), help="For models that take batches.")
@on_device
@click.option("--retrain", is_flag=True, help="Train anew over the protocol's runs; mean, spread.")
@click.option("--alone", is_flag=True, help="With --retrain: without the baselines beside it.")
@click.option("--store", is_flag=True, help="Keep the results with the plugin, for the card.")
@as_json
def evaluate(
    names: tuple[str, ...],
    every: bool,
    dataset: str | None,
    option: dict[str, Any],
    split: str | None,
    metrics: tuple[str, ...],
    batch_size: int | None,
    device: str | None,
    retrain: bool,
    alone: bool,
    store: bool,
    as_json: bool,
) -> None:
    """Measure models on a dataset, and show the card's number beside each."""
    from zoo_core._authoring import protocols
    from zoo_core._measuring import evaluation
    from zoo_core._registry import listing, results
    from zoo_core._registry.registry import registry

    if retrain:
        _refuse_beside(
            "--retrain",
            "runs the protocol that the card states",
            {
                "--dataset": dataset,
                "--option": option,
                "--split": split,
                "--metric": metrics,
                "--batch-size": batch_size,
                "--device": device,
            },
        )
    elif alone:
        raise BadInput("--alone leaves out the baselines of --retrain; give both, or neither.")
    rows = []
    for name in _chosen(names, every, listing.list_models):
        stored = {row.key: row for row in _stored(name)}
        if retrain:
            found = protocols.retrain(name, beside=not alone)
        else:
            found = evaluation.evaluate(
                name,
                dataset,
                split=split or "test",
                metrics=metrics,
                options=option,
                device=device,
                batch_size=batch_size,
            )
        if store:
            results.store(found)
        for row in found:
            metric = registry().metric(row.metric)
            card = stored.get(row.key)
            same = card is not None and card.options == dict(row.options)
            shown = {
                "method": row.method,
                "dataset": row.dataset,
                "split": row.split,
                "metric": row.metric,
                "measured": row.shown(metric),
                "card": card.shown(metric) if card and same else None,
                "runs": len(row.values),
            }
            rows.append({**row.as_json(), **shown} if as_json else shown)
        for note in {row.note for row in found if row.note}:
            click.echo(f"zoo: {note}.", err=True)
    _print(rows, as_json)


def _refuse_beside(flag: str, does: str, others: Mapping[str, Any]) -> None:
    """Raise `BadInput` for options that a flag has no use for: nothing is dropped in silence."""
    for name, value in others.items():
        if value:
            raise BadInput(f"{flag} {does}, and takes no {name}; leave one of the two out.")


def _stored(name: str) -> list[Any]:
    from zoo_core._registry import results
    from zoo_core._registry.registry import registry

    return results.stored(name) if name in registry().models else []


def _chosen(names: Sequence[str], every: bool, listed: Callable[[], list[str]]) -> Sequence[str]:
    if every == bool(names):
        raise BadInput("Give the names, or --all, and not both.")
    return listed() if every else names


@cli.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
@click.argument("name")
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="")
@click.option("--dataset", help="A dataset's name, or a file that the architecture reads.")
@click.option("--set", "config", multiple=True, callback=_pairs, help="Hyperparameter KEY=VALUE.")
@click.option("--option", multiple=True, callback=_pairs, help="KEY=VALUE for the dataset.")
@click.option("--seed", default=0, show_default=True)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Folder to write.")
@click.option("--given", multiple=True, callback=_pairs, help="KEY=MODEL: what the recipe gets.")
@click.option("--start", help="A model, folder or file whose tensors the training starts from.")
@click.option("--embed", is_flag=True, help="Put a model's weights into its plugin's package.")
@click.option("--force", is_flag=True, help="Overwrite a trained model in the folder.")
@on_device
@as_json
def train(
    name: str,
    words: tuple[str, ...],
    config: dict[str, Any],
    option: dict[str, Any],
    as_json: bool,
    **arguments: Any,
) -> None:
    """Train a model's recipe again, or an architecture on a dataset or your own file.

    Further options, --KEY VALUE, are hyperparameters, as --set KEY=VALUE.
    """
    from zoo_core._authoring import training
    from zoo_core._loading import making
    from zoo_core._measuring import evaluation

    unknown, more = _split_options(words)
    if unknown:
        raise BadInput(f"{unknown[0]!r} is no option; write zoo train {name} --dataset NAME|FILE.")
    config |= {key: _literal(text) for key, text in more.items()}
    module = training.train(name, **arguments, config=config, options=option)
    place = evaluation.label_of(module)
    if as_json:
        shape = dict(making.made_of(module).shape)
        click.echo(json.dumps({"trained": place, "shape": shape}, indent=1))
    elif arguments["embed"]:
        click.echo(f"Embedded; now measure it: zoo evaluate {name} --store")
    else:
        text = place if place.startswith(("/", ".")) else f"./{place}"
        click.echo(f"Written to {place}; load it with zoo.load({text!r}).")


@cli.command("import")
@click.argument("name")
@as_json
def import_verb(name: str, as_json: bool) -> None:
    """Convert a model's upstream weights and put them into its plugin's package."""
    from zoo_core._authoring import embedding
    from zoo_core._loading import making

    shape = dict(making.made_of(embedding.import_weights(name)).shape)
    if as_json:
        click.echo(json.dumps({"imported": name, "shape": shape}, indent=1))
    else:
        click.echo(f"Imported; now measure it: zoo evaluate {name} --store")


@cli.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@as_json
def migrate(folder: Path, as_json: bool) -> None:
    """Bring the lock file and stored results of a plugin's package to this API level."""
    from zoo_core._authoring.migrating import migrate_package

    changed = [str(path) for path in migrate_package(folder)]
    if as_json:
        click.echo(json.dumps({"changed": changed}))
    else:
        click.echo("\n".join(changed) or "Nothing to change.")


@cli.command()
@click.argument("names", nargs=-1)
@click.option("--all", "every", is_flag=True, help="Every paper.")
@click.option("--quick", is_flag=True, help="Leave out the claims that are marked slow.")
@click.option("--claim", help="Only this claim.")
@click.option("--retrain", is_flag=True, help="Also run the protocol of the named models again.")
@click.option("--store", is_flag=True, help="Keep the findings with the plugin, for the cards.")
@click.option("--stored", is_flag=True, help="Run nothing: judge the stored findings again.")
@click.option("--plan", is_flag=True, help="Run nothing: tell how many runs would settle a claim.")
@as_json
def verify(
    names: tuple[str, ...],
    every: bool,
    quick: bool,
    claim: str | None,
    retrain: bool,
    store: bool,
    stored: bool,
    plan: bool,
    as_json: bool,
) -> None:
    """Check the claims of papers, and the numbers on models' cards."""
    from zoo_core._authoring import protocols
    from zoo_core._measuring import verification
    from zoo_core._measuring.judging import NOT_MEASURED
    from zoo_core._registry import listing

    if (retrain and (stored or plan)) or (plan and (store or stored)):
        raise BadInput("--stored runs nothing, and --plan runs and keeps nothing; ask for one.")
    chosen = _chosen(names, every, listing.list_papers)
    if plan:
        lines = [verification.plan(name, quick=quick, claim=claim) for name in chosen]
        _print([line.as_json() for several in lines for line in several], as_json)
        return
    checks = []
    for name in chosen:
        _, claims = verification.claims_of(name, quick=quick, claim=claim)
        minutes = sum(one.minutes for one in claims)
        if minutes >= 1 and not stored:
            click.echo(f"zoo: {name}: {len(claims)} claims, about {minutes:g} minutes.", err=True)
        for check in verification.verify(
            name, quick=quick, claim=claim, store=store, stored=stored
        ):
            checks.append(_tell(check, as_json))
        if retrain and name not in listing.list_papers():
            for check in protocols.verify_retrained(name):
                checks.append(_tell(check, as_json))
    if as_json:
        click.echo(json.dumps([check.as_json() for check in checks], indent=1))
    click.echo(verification.summary(checks), err=True)
    verdicts = {check.verdict for check in checks}
    sys.exit(1 if "fails" in verdicts else 3 if verdicts & {"skipped", NOT_MEASURED} else 0)


def _tell(check: Any, as_json: bool) -> Any:
    """Print a check as soon as it is known: some take minutes."""
    if not as_json:
        colour = {"holds": "green", "fails": "red"}.get(check.verdict, "yellow")
        click.secho(f"{check.verdict:<16}", fg=colour, nl=False)
        click.echo(f"{check.name}: {check.statement}")
        click.echo(f"{'':16}expected {check.expected}")
        click.echo(f"{'':16}measured {check.measured}  [{check.seconds:.0f} s]")
    return check


@cli.command()
@click.argument("names", nargs=-1)
@click.option("--check", is_flag=True, help="Write nothing; fail when a card is out of step.")
@click.option(
    "--folder",
    default="model_cards",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
)
@as_json
def cards(names: tuple[str, ...], check: bool, folder: Path, as_json: bool) -> None:
    """Write the models' cards from specs and stored results, or check that they are in step."""
    from zoo_core._publishing import cards as pages
    from zoo_core._registry import listing

    stale = pages.write_all(names or listing.list_models(), folder, check=check, prune=not names)
    if as_json:
        click.echo(json.dumps({"stale" if check else "written": stale}))
    elif not stale:
        click.echo("All cards are in step.")
    elif not check:
        click.echo(f"Written: {', '.join(stale)}.")
    if check and stale:
        click.echo(f"zoo: out of step: {', '.join(stale)}; run `zoo cards`.", err=True)
        sys.exit(1)


@cli.command()
@click.argument("names", nargs=-1)
@click.option("--all", "every", is_flag=True, help="Every model that has weights.")
@click.option("--namespace", help="User or organization (default: ZOO_NAMESPACE, settings, you).")
@click.option("--private/--public", default=None, help="Who may see it (default: as it is).")
@click.option(
    "--gated", type=click.Choice(["auto", "manual", "no"]), help="Whether readers must ask first."
)
@click.option("--message", help="The commit's message.")
@click.option("--dry-run", is_flag=True, help="Only show what would be done.")
@as_json
def publish(
    names: tuple[str, ...], every: bool, gated: str | None, as_json: bool, **arguments: Any
) -> None:
    """Publish models on the Hugging Face Hub: weights, config, card and results in one commit."""
    from zoo_core._publishing import publishing
    from zoo_core._registry import listing

    chosen = _chosen(names, every, listing.list_models)
    access: Any = False if gated == "no" else gated
    done = []
    for one in publishing.one_by_one(chosen, gated=access, **arguments):
        done.append(one.as_json())
        if not as_json:
            would = "would be " if arguments["dry_run"] and one.action != "unchanged" else ""
            at = f" at {one.revision[:12]}" if one.revision else ""
            click.echo(f"{one.name}: {would}{one.action}{at}  {one.url}")
            for sign, paths in (("+", one.changed), ("-", one.deleted)):
                for path in paths:
                    click.echo(f"  {sign} {path}")
    if as_json:
        click.echo(json.dumps(done, indent=1))


@cli.command()
@click.argument("names", nargs=-1)
@click.option("--all", "every", is_flag=True, help="Every model that has weights.")
@as_json
def download(names: tuple[str, ...], every: bool, as_json: bool) -> None:
    """Fetch models' weights into the cache, for a machine that will be offline."""
    from zoo_core._loading import cache as hub_cache
    from zoo_core._registry import listing

    rows = []
    for name in _chosen(names, every, listing.list_models):
        path = hub_cache.download(name)
        place = "package" if hub_cache.is_embedded(name) else "cache"
        rows.append({"model": name, "in": place, "size": path.stat().st_size, "path": str(path)})
    _print(rows, as_json)


@cli.group()
def cache() -> None:
    """What the Hugging Face cache has of the zoo: list, verify, clean."""


cache.command_class = Verb


@cache.command("list")
@as_json
def cache_list(as_json: bool) -> None:
    """List the cached revisions, and what interrupted downloads left."""
    from zoo_core._loading import cache as hub_cache

    _print([entry.as_json() for entry in hub_cache.entries()], as_json)


@cache.command("verify")
@click.argument("names", nargs=-1)
@click.option("--repair", is_flag=True, help="Download damaged files again.")
@as_json
def cache_verify(names: tuple[str, ...], repair: bool, as_json: bool) -> None:
    """Hash every cached file of the zoo, or those of NAMES."""
    from zoo_core._loading import cache as hub_cache

    checks = [check.as_json() for check in hub_cache.verify(names, repair=repair)]
    _print(checks, as_json)
    if any(check["verdict"] == "damaged" for check in checks):
        click.echo("zoo: damaged; repair with `zoo cache verify --repair`.", err=True)
        sys.exit(1)


@cache.command("clean")
@click.option("--all", "every", is_flag=True, help="Everything of the zoo, pinned revisions too.")
@click.option("--dry-run", is_flag=True, help="Only show what would be deleted.")
@as_json
def cache_clean(every: bool, dry_run: bool, as_json: bool) -> None:
    """Delete what interrupted downloads left, and revisions that no plugin names any more."""
    from zoo_core._loading import cache as hub_cache

    _print([entry.as_json() for entry in hub_cache.clean(every=every, dry_run=dry_run)], as_json)


@cli.command()
@click.argument("names", nargs=-1)
@click.option("--all", "every", is_flag=True, help="Every paper that has pictures.")
@click.option("--picture", help="Only this picture.")
@as_json
def draw(names: tuple[str, ...], every: bool, picture: str | None, as_json: bool) -> None:
    """Draw the pictures of papers that their models' cards show."""
    from zoo_core._publishing import pictures
    from zoo_core._registry.registry import registry

    drawn = []
    for name in _chosen(names, every, lambda: [p.name for p in registry().papers if p.pictures]):
        for path in pictures.draw(name, only=picture):
            drawn.append(str(path))
            if not as_json:
                click.echo(path)
    if as_json:
        click.echo(json.dumps({"drawn": drawn}))


@cli.command()
@click.option("--verbose", "-v", is_flag=True, help="Also versions, errors and cache places.")
@as_json
def plugins(verbose: bool, as_json: bool) -> None:
    """List the installed plugins, what each brings, and why one could not be loaded."""
    from zoo_core._shell import environment

    rows = environment.plugin_rows(verbose)
    facts = environment.facts() if verbose else {}
    if as_json:
        click.echo(json.dumps({"plugins": rows, **facts}, indent=1, default=str))
        return
    _print([{k: v for k, v in row.items() if k != "trace"} for row in rows], False)
    for row in rows:
        if row.get("trace"):
            click.echo(f"\n{row['trace']}", err=True)
    for key, value in facts.items():
        click.echo(f"{key}: {_cell(value)}")


@cli.command()
@click.argument("names", nargs=-1, required=True)
@click.option("--dry-run", is_flag=True, help="Only print the command.")
@as_json
def install(names: tuple[str, ...], dry_run: bool, as_json: bool) -> None:
    """Install the plugins that bring the named papers, models or datasets (with pip)."""
    from zoo_core._shell import environment

    command = environment.install_command(names)
    if as_json:
        click.echo(json.dumps({"command": command}))
    else:
        click.echo(" ".join(command))
    if not dry_run:
        environment.run_install(command)


class KindOption(click.Option):
    """``--kind``, whose help tells which kinds are installed (read when help is asked for)."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return the option and its help."""
        from zoo_core._registry.registry import registry

        there = ", ".join(folder.name for folder in registry().kinds)
        self.help = f"What it is an example of: {there}."
        return super().get_help_record(ctx)


@cli.command()
@click.argument("name")
@click.option("--kind", cls=KindOption, default="estimator", show_default=True)
@click.option(
    "--folder",
    default=".",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where to write the folder NAME (default: here).",
)
@as_json
def new(name: str, kind: str, folder: Path, as_json: bool) -> None:
    """Write a new plugin, NAME, that installs and passes its own tests."""
    from zoo_core._authoring.scaffold import create_plugin

    path = create_plugin(name, folder, kind)
    if as_json:
        click.echo(json.dumps({"folder": str(path)}))
    else:
        click.echo(f"Written to {path}; its README.md says how to go on.")


@cli.command()
@click.argument("name", required=False)
@as_json
def demo(name: str | None, as_json: bool) -> None:
    """Load a model, predict, and measure it beside its card's number where data can be had."""
    from zoo_core._shell.demo import steps

    told = []
    for step, text in steps(name):
        told.append({"step": step, "text": text})
        if not as_json:
            click.secho(f"{step:<10}", bold=True, nl=False)
            click.echo(text)
    if as_json:
        click.echo(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()
