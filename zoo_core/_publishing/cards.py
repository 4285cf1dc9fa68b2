"""Model cards: Markdown pages for the Hub, made from specs and stored results, never typed."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, PackageLoader, StrictUndefined

from zoo_core._disk import whole_file
from zoo_core._loading.models import bases_of
from zoo_core._publishing import pictures, shown
from zoo_core._registry import origin
from zoo_core._registry.registry import Registry, registry
from zoo_core._registry.results import Result, stored
from zoo_core._registry.specs import Dataset, Model, Paper
from zoo_core.errors import BadInput, WeightsError

# The same text, and many times faster where yaml was built with its C library.
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
TEMPLATE = "card.md.j2"
RESULTS_FOLDER = ".eval_results"
KEPT = (
    "<!-- What is written by hand from here is kept when the card is published again. -->",
    "<!-- The hand-written part ends here. -->",
)
_OURS = "\nlibrary_name: zoo\n"
_HUB_LICENSES = frozenset(
    """afl-3.0 agpl-3.0 apache-2.0 bsd-2-clause bsd-3-clause bsl-1.0 cc-by-3.0 cc-by-4.0
    cc-by-nc-3.0 cc-by-nc-4.0 cc-by-nc-nd-4.0 cc-by-nc-sa-3.0 cc-by-nc-sa-4.0 cc-by-nd-4.0
    cc-by-sa-3.0 cc-by-sa-4.0 cc0-1.0 cdla-permissive-1.0 cdla-permissive-2.0 cdla-sharing-1.0
    ecl-2.0 epl-2.0 eupl-1.2 gpl-2.0 gpl-3.0 isc lgpl-2.1 lgpl-3.0 mit mpl-2.0 odbl odc-by ofl-1.1
    pddl unlicense zlib""".split()
)


def render(name: str, *, repo: str | None = None, kept: str = "") -> str:
    """Return a model's card: a YAML header that the Hub reads, and the page.

    `repo` is the repository that the card is for (default: where the model is published), `kept`
    its hand-written part. Raises `UnknownName`, and `WeightsError` for a model that has no weights
    yet.
    """
    known = registry()
    spec = known.model(name)
    lock = known.lock(spec)
    if lock is None:
        raise WeightsError(
            f"{name} has no weights yet, so no card; run `zoo train {name} --embed`."
        )
    rows = stored(name)
    paper = known.paper_of(spec)
    architecture = known.architecture(spec.architecture)
    class_module, _, class_name = architecture.cls.partition(":")
    template = environment().get_template(TEMPLATE)
    page: str = template.render(
        header=_header(known, spec, paper, rows),
        spec=spec,
        paper=paper,
        architecture=architecture,
        dataset=known.dataset(spec.dataset),
        install=origin.told(known.owner(spec).distribution, known.owner(spec)),
        class_module=class_module,
        class_name=class_name,
        halves=[one for one in architecture.dtypes if one in ("float16", "bfloat16")],
        lock=lock,
        repo=repo or (lock.get("repo") if lock.get("revision") else None),
        kept=f"{KEPT[0]}{kept or chr(10)}{KEPT[1]}",
        pictures={path: one.caption for path, (one, _) in pictures.of_card(spec).items()},
        checkpoint=[
            {**shown.row(known, row), "published": shown.published(known, spec, row.metric)}
            for row in rows
            if row.kind == "checkpoint"
        ],
        protocol=shown.protocol(known, spec, [row for row in rows if row.kind == "retrained"]),
        claims=shown.claims(paper, spec.name),
        amendments=[
            (claim, one)
            for claim in paper.claims
            if spec.name in claim.models
            for one in claim.amendments
        ],
        versions=next((row.versions for row in rows), {}),
        shape={**architecture.shape, **spec.shape},
        recipe={**architecture.recipe, **spec.recipe},
        base=[base.told for base in bases_of(spec.name)],
    )
    return page


def hand_written(page: str, place: str = "the repository") -> str:
    """Return what stands between a card's marked lines, to the letter; "" where there are none.

    `place` is what has the page, for people.

    Raises `BadInput` when one of the two lines is missing, or when the page was not made here and
    has more than a header, so that nothing written is lost.
    """
    header_of_others = re.compile(r"\s*(---\n.*?\n---\s*)?", re.DOTALL)
    if _OURS not in page and not header_of_others.fullmatch(page):
        raise BadInput(
            f"{place[0].upper()}{place[1:]} has a README.md that was not made by the zoo; put what "
            f"is to be kept of it between two lines, {KEPT[0]} and {KEPT[1]}, below a header with "
            "`library_name: zoo`, or delete it."
        )
    start, end = (page.count(mark) for mark in KEPT)
    first, _, rest = page.partition(KEPT[0])
    found, _, _ = rest.partition(KEPT[1])
    if (start, end) not in ((0, 0), (1, 1)) or KEPT[1] in first:
        raise BadInput(
            f"The card of {place} has lost one of the two lines that mark its hand-written part; "
            f"restore them ({KEPT[0]} and {KEPT[1]}), or remove both."
        )
    return found


def eval_results(name: str) -> dict[str, str]:
    """Return the files of a model's results that pages and leaderboards of the Hub read, by path.

    One file for each dataset; each number with its command, split, number of runs and spread.
    """
    from huggingface_hub import EvalResultEntry, eval_result_entries_to_yaml

    known = registry()
    files: dict[str, list[EvalResultEntry]] = {}
    for row in stored(name):
        if row.method != name:
            continue
        metric = known.metric(row.metric)
        options = shown.row(known, row)["options"]
        options = f" ({options})" if options else ""
        runs = f"mean of {len(row.values)} runs" if len(row.values) > 1 else "this checkpoint"
        entry = EvalResultEntry(
            dataset_id=row.dataset,
            task_id=f"{row.split}-{row.metric}",
            value=round(row.value, 6),
            date=row.date or None,
            notes=f"{metric.title} {row.shown(metric)}, {runs}{options}: `{row.command}`",
        )
        files.setdefault(f"{RESULTS_FOLDER}/{row.dataset}.yaml", []).append(entry)
    return {
        path: yaml.safe_dump(eval_result_entries_to_yaml(entries), sort_keys=False, width=100)
        for path, entries in files.items()
    }


def write_all(
    names: Sequence[str], folder: Path, *, check: bool = False, prune: bool = False
) -> list[str]:
    """Write the cards, and their pictures, that differ from what is in `folder`.

    Returns the names of the models and pictures. With `check` nothing is written. With `prune`,
    what belongs to no listed model counts as differing and is removed (cards and pictures only:
    other pages in the folder are left alone).
    """
    known = registry()
    files: dict[str, bytes] = {f"{name}.md": render(name).encode() for name in names}
    for name in names:
        for path, (_, drawn) in pictures.of_card(known.model(name)).items():
            files[path] = drawn.read_bytes()
    stale = []
    for path, content in files.items():
        file = folder / path
        if file.exists() and file.read_bytes() == content:
            continue
        stale.append(path.removesuffix(".md"))
        if not check:
            with whole_file(file) as part:
                part.write_bytes(content)
    for file in sorted([*folder.glob("*.md"), *folder.glob(f"{pictures.FOLDER}/*.svg")]):
        path = file.relative_to(folder).as_posix()
        ours = file.suffix == ".svg" or _OURS in file.read_text(encoding="utf-8")
        if prune and path not in files and ours:
            stale.append(path.removesuffix(".md"))
            if not check:
                file.unlink()
    return stale


@functools.cache
def environment() -> Environment:
    """Return the templates of cards, with their filters."""
    # Markdown for people and the Hub: nothing is HTML, so nothing is escaped as HTML.
    made = Environment(
        loader=PackageLoader("zoo_core._publishing"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["cell"] = lambda text: " ".join(str(text).split()).replace("|", "\\|")
    made.filters["linked"] = _linked
    made.filters["settings"] = lambda values: (
        ", ".join(f"`{key}={value}`" for key, value in values.items()) or "none"
    )
    made.filters["counts"] = lambda values: ", ".join(
        f"{value:,} {key}" if isinstance(value, int) else f"{key} {value}"
        for key, value in values.items()
    )
    return made


def _linked(dataset: Dataset) -> str:
    """Return a dataset's title, linked to its source where that is an address."""
    if dataset.source.startswith(("https://", "http://")):
        return f"[{dataset.title}]({dataset.source})"
    return f"{dataset.title} ({dataset.source})"


def _header(known: Registry, spec: Model, paper: Paper, rows: Sequence[Result]) -> str:
    architecture = known.architecture(spec.architecture)
    dataset = known.dataset(spec.dataset)
    metrics = [
        {
            "type": row.metric,
            "name": known.metric(row.metric).title,
            "value": round(row.value, 6),
            "verified": False,
        }
        for row in rows
        if row.kind == "checkpoint"
    ]
    task = {"type": architecture.task}
    data = {"type": spec.dataset, "name": dataset.title, "split": "test"}
    header: dict[str, Any] = {
        **_license(spec.license),
        "library_name": "zoo",
        **({"pipeline_tag": architecture.pipeline_tag} if architecture.pipeline_tag else {}),
        "tags": list(dict.fromkeys(["zoo", paper.name, architecture.name, architecture.task])),
        "datasets": [spec.dataset],
        "metrics": list(spec.metrics),
        "model-index": [
            {"name": spec.name, "results": [{"task": task, "dataset": data, "metrics": metrics}]}
        ],
    }
    if paper.arxiv:
        header["tags"].append(f"arxiv:{paper.arxiv}")
    text: str = yaml.dump(header, Dumper=_DUMPER, sort_keys=False, allow_unicode=True, width=100)
    return text.rstrip()


def _license(spdx: str) -> dict[str, str]:
    """Return the header's licence: by the Hub's own name where it has one."""
    name = spdx.lower().removesuffix("-only").removesuffix("-or-later")
    name = {"odbl-1.0": "odbl", "odc-by-1.0": "odc-by", "pddl-1.0": "pddl"}.get(name, name)
    return (
        {"license": name} if name in _HUB_LICENSES else {"license": "other", "license_name": name}
    )
