"""VisualSem itself, for who has it: the authors' files to triples and texts.

The layout is that of the public code: ``tuples.v2.json`` maps a tail to a list of its heads (s) and
relations (r), ``nodes.v2.json`` a node to its main sense (ms), its senses and its images, and
``gloss_files/nodes.glosses.json`` is a list of a header and of one node each, with glosses by
language.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from zoo_core import BadInput, notice

TUPLES, NODES = "tuples.v2.json", "nodes.v2.json"
GLOSSES = "gloss_files/nodes.glosses.json"
RELATIONS = (
    "is-a", "has-part", "related-to", "used-for", "used-by", "subject-of", "receives-action",
    "made-of", "has-property", "gloss-related", "synonym", "part-of", "located-at",
)  # fmt: skip
COUNTS = {"the paper's version": 101_244, "version 2": 89_896}
"""How many nodes are in each version of VisualSem that was given out."""
Triple = tuple[str, str, str]
WHERE = (
    "VisualSem is given out by its authors under BabelNet's non-commercial licence "
    "(https://github.com/iacercalixto/visualsem); wnvis stands in for it"
)


def is_visualsem(source: Any) -> bool:
    """Tell whether a source is a folder with one of VisualSem's files."""
    if not isinstance(source, str | Path):
        return False
    place = Path(source).expanduser()
    return any((place / name).is_file() for name in (TUPLES, NODES))


def read_visualsem(folder: str | Path, language: str = "en") -> tuple[list[Triple], list[Any]]:
    """Return VisualSem's triples, and a table of its nodes' ids, names and glosses.

    Of a node's glosses in a `language` the first counts. What differs from the published counts of
    nodes and relations is told. Raises `BadInput` for a folder that lacks a file, and for files of
    another form.
    """
    place = Path(folder).expanduser()
    for name in (TUPLES, NODES):
        if not (place / name).is_file():
            raise BadInput(f"{place} has no {name}. {WHERE}.")
    nodes = _json(place / NODES, dict)
    triples = list(_triples(_json(place / TUPLES, dict), place / TUPLES))
    strange = {end for head, _, tail in triples for end in (head, tail)} - set(nodes)
    if strange:
        raise BadInput(
            f"{place / TUPLES} names {len(strange)} nodes (such as {min(strange)!r}) that {NODES} "
            "has not; take both files of one version."
        )
    _check_counts(len(nodes), {relation for _, relation, _ in triples})
    glosses = _glosses(place, language)
    table = [["id", "name", "gloss"]]
    for node, held in nodes.items():
        sense = held.get("ms") if isinstance(held, Mapping) else None
        name = sense.replace("_", " ") if isinstance(sense, str) else node
        table.append([node, name, glosses.get(node, "")])
    return triples, table


def _json(path: Path, kind: type) -> Any:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadInput(f"{path} is no JSON that can be read ({error}).") from error
    if not isinstance(found, kind):
        raise BadInput(f"{path} holds a {type(found).__name__}; expected a {kind.__name__}.")
    return found


def _triples(tails: Mapping[str, Any], path: Path) -> Iterator[Triple]:
    for tail, entries in tails.items():
        for entry in entries if isinstance(entries, list) else [entries]:
            if not (isinstance(entry, Mapping) and {"s", "r"} <= set(entry)):
                raise BadInput(
                    f"{path}, {tail!r}: {entry!r:.60} has no head s and relation r; the file maps "
                    "a tail to a list of them."
                )
            yield str(entry["s"]), str(entry["r"]), tail


def _check_counts(nodes: int, relations: set[str]) -> None:
    strange = relations - set(RELATIONS)
    if strange:
        notice(f"VisualSem has no relation {min(strange)!r}; {len(strange)} are not its own.")
    if nodes not in COUNTS.values():
        told = ", ".join(f"{count:,} in {name}" for name, count in COUNTS.items())
        notice(f"This VisualSem has {nodes:,} nodes, and not all: there are {told}.")


def _glosses(place: Path, language: str) -> dict[str, str]:
    """Return the first gloss of each node in a language."""
    path = place / GLOSSES
    if not path.is_file():
        notice(f"{place} has no {GLOSSES}: names stand for glosses.")
        return {}
    header, *rows = _json(path, list) or [{}]
    known = header.get("available_languages", ()) if isinstance(header, Mapping) else ()
    if language not in known:
        raise BadInput(f"{path} has no glosses in {language!r}; it has {', '.join(known)}.")
    return {
        node: texts[language][0].strip()
        for row in rows
        for node, texts in row.items()
        if texts.get(language)
    }
