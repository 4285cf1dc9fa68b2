"""The card of a folder that `zoo train` wrote: a README.md from its configuration and its results.

Nothing in it tells where files lay on the machine that it was made on: it can be published as it
is. What is written by hand between its marked lines is kept, and so is the licence in its header.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from zoo_core._disk import whole_file
from zoo_core._loading.models import bases_of
from zoo_core._measuring import folders, opening
from zoo_core._measuring.folders import RunFolder
from zoo_core._publishing.cards import KEPT, environment, hand_written
from zoo_core._registry import origin
from zoo_core._registry.registry import registry
from zoo_core._registry.results import Result
from zoo_core.errors import BadInput

FILE = "README.md"
NO_LICENCE = "unknown"
_TEMPLATE = "run.md.j2"
_LICENCE = ("license", "license_name", "license_link")
_PATH = re.compile(r"(?<![\w./:~])(?:~|[A-Za-z]:)?/(?:[^/\s'\",=]+/)*([^/\s'\",=]+)")
_NO_FACTS = {"kind": "", "sizes": {}, "splits": {}, "sha256": "", "fingerprint": ""}
_LONGEST = 60
"""Of a setting that is shown: a list of a thousand names tells nobody anything."""


def render(
    folder: RunFolder,
    *,
    repo: str | None = None,
    kept: str = "",
    licence: Mapping[str, Any] | None = None,
) -> str:
    """Return the card of a folder.

    `repo` is the repository that it is for (None: the folder alone), `kept` its hand-written part,
    `licence` what its header has of one (see `licence_of`).
    """
    known = registry()
    architecture = known.architecture(folder.config.architecture)
    paper = known.paper(architecture.paper)
    rows = folder.stored()
    own = folder.own_data
    class_module, _, class_name = architecture.cls.partition(":")
    licence = licence or licence_of("")
    owner = known.architectures.owners[architecture.name]
    text: str = (
        environment()
        .get_template(_TEMPLATE)
        .render(
            header=_header(folder, architecture, paper, rows, licence),
            folder=folder,
            where=repo or folder.place,
            repo=repo,
            architecture=architecture,
            class_name=class_name,
            class_module=class_module,
            paper=paper,
            install=origin.told(owner.distribution, owner),
            data=own,
            about={"seed": 0, "date": "", "versions": {}, **folder.about},
            told=public(folder.about.get("scores", {}).get("told", "")),
            facts={**_NO_FACTS, **folder.data().get(own, {})},
            registered=known.datasets.specs.get(own),
            splits=[_line(row) for row in rows if row.kind == "checkpoint"],
            compared=_tables(folder, [row for row in rows if row.kind == "retrained"]),
            shape=_settings(folder.config.shape),
            recipe=_settings(folder.recipe),
            options=_settings(public(folder.config.options)),
            command=public(folder.about.get("command", "")),
            base=[base.told for base in bases_of(folder.config.base)] if folder.config.base else [],
            kept=f"{KEPT[0]}{kept or chr(10)}{KEPT[1]}",
            licence=None if licence["license"] == NO_LICENCE else licence["license"],
        )
    )
    return text


def write(folder: RunFolder, *, check: bool = False) -> bool:
    """Write a folder's card where it differs; tell whether it did. With `check` write nothing.

    Raises `BadInput` for a page from elsewhere, and for one that has lost the marks of its
    hand-written part; the page is then left as it is.
    """
    path = folder.path / FILE
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    kept, licence = hand_written(before, folder.place), licence_of(before)
    after = render(folder, kept=kept, licence=licence)
    if after != before and not check:
        with whole_file(path) as part:
            part.write_text(after, encoding="utf-8")
    return after != before


def check_page(folder: Path) -> None:
    """Raise `BadInput` where a folder has a README.md that would be lost."""
    path = folder / FILE
    if path.exists():
        hand_written(path.read_text(encoding="utf-8", errors="replace"), str(folder))


def public(value: Any) -> Any:
    """Return a value with paths replaced by the names that they end in, wherever they stand."""
    if isinstance(value, Mapping):
        return {key: public(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [public(item) for item in value]
    return _PATH.sub(r"\1", value) if isinstance(value, str) else value


def public_config(folder: RunFolder) -> bytes:
    """Return config.json as it is published: without paths."""
    content = json.loads((folder.path / folders.CONFIG).read_bytes())
    section = public(content[folders.SECTION])
    if folder.config.dataset is not None:
        section["dataset"] = folder.own_data
    content[folders.SECTION] = section
    return (json.dumps(public(content), indent=1, ensure_ascii=False) + "\n").encode()


def public_results(folder: RunFolder) -> bytes:
    """Return results.json as it is published: without paths, and without where it is published."""
    content = json.loads(folder.file.read_bytes()) if folder.file.exists() else {}
    content.pop("published", None)
    for facts in content.get("data", {}).values():
        facts.pop("path", None)
    return (json.dumps(public(content), indent=1, ensure_ascii=False) + "\n").encode()


def licence_of(page: str) -> dict[str, Any]:
    """Return the licence in the header of a page: what a person chose stays."""
    found = re.match(r"---\n(.*?)\n---", page, re.DOTALL)
    try:
        header = yaml.safe_load(found[1]) if found else {}
    except yaml.YAMLError as error:
        raise BadInput(
            f"The header of the card is no YAML ({str(error).splitlines()[0]}); mend it."
        ) from error
    chosen = header if isinstance(header, dict) else {}
    return {"license": NO_LICENCE} | {key: chosen[key] for key in _LICENCE if key in chosen}


def _header(
    folder: RunFolder,
    architecture: Any,
    paper: Any,
    rows: Sequence[Result],
    licence: Mapping[str, Any],
) -> str:
    own = folder.own_data
    measured = [row for row in rows if row.kind == "checkpoint" and row.split == "test"]
    header: dict[str, Any] = {
        **licence,
        "library_name": "zoo",
        **({"pipeline_tag": architecture.pipeline_tag} if architecture.pipeline_tag else {}),
        "tags": list(dict.fromkeys(["zoo", paper.name, architecture.name, architecture.task])),
        **({"datasets": [own]} if opening.is_registered(own) else {}),
        "metrics": list(dict.fromkeys(row.metric for row in measured)),
    }
    if measured:
        metrics = [
            {
                "type": row.metric,
                "name": registry().metric(row.metric).title,
                "value": round(row.value, 6),
                "verified": False,
            }
            for row in measured
            if row.dataset == own
        ]
        data = {"type": own, "name": own, "split": "test"}
        result = {"task": {"type": architecture.task}, "dataset": data, "metrics": metrics}
        header["model-index"] = [{"name": folder.name, "results": [result]}]
    if paper.arxiv:
        header["tags"].append(f"arxiv:{paper.arxiv}")
    text: str = yaml.safe_dump(header, sort_keys=False, allow_unicode=True, width=100)
    return text.rstrip()


def _line(row: Result) -> dict[str, Any]:
    metric = registry().metric(row.metric)
    return {
        "method": row.method,
        "data": row.dataset,
        "split": row.split,
        "metric": metric.title,
        "shown": row.shown(metric),
        "ahead": row.ahead(metric),
        "runs": len(row.values),
        "command": public(row.command),
        "options": _settings(public(row.options)),
    }


def _tables(folder: RunFolder, rows: Sequence[Result]) -> list[dict[str, Any]]:
    """Return a table for each data and metric, the folder's own method first."""
    groups: dict[tuple[str, str], list[Result]] = {}
    for row in rows:
        groups.setdefault((row.dataset, row.metric), []).append(row)
    tables = []
    for several in groups.values():
        several.sort(key=lambda row: row.method != folder.name)
        lines = [_line(row) for row in several]
        tables.append({**lines[0], "rows": lines})
    return tables


def _settings(values: Mapping[str, Any]) -> dict[str, str]:
    """Return settings as they are shown, each cut where it is long."""
    shown = {}
    for key, value in values.items():
        text = str(value)
        shown[key] = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    return shown
