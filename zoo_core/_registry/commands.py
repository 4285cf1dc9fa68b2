"""A verb that a plugin adds to the shell."""

from __future__ import annotations

import re
from dataclasses import dataclass

from zoo_core._registry.verbs import OWN
from zoo_core.errors import SpecError

LONGEST = 100


@dataclass(frozen=True, kw_only=True)
class Command:
    """A verb that a plugin adds to the shell: ``zoo NAME``.

    `command` names a `click.Command` (of `zoo_core.Verb`, or a group of `zoo_core.Verbs`), which is
    imported when the verb is asked for, and not before: help and completion need only `summary`,
    the sentence that stands beside `name`. A verb that cannot be imported is told of when it is
    asked for, and takes no other away.

    >>> zoo_core.Command(
    ...     name="graph", command="zoo_mine.verbs:graph", summary="Draw a graph of the papers."
    ... ).name
    'graph'
    """

    name: str
    command: str
    summary: str

    def __post_init__(self) -> None:
        _check(self, "name", "[a-z][a-z0-9]*(-[a-z0-9]+)*", "lower-case words joined by '-'")
        _check(self, "command", r"[A-Za-z_][\w.]*:[A-Za-z_]\w*", "'package.module:attribute'")
        _check(self, "summary", rf"[^\s].{{1,{LONGEST}}}\.", f"a sentence, at most {LONGEST} long")
        if not self.summary.isprintable():
            raise SpecError(f"Command {self.name!r}: its summary has characters that do not print.")
        if self.name in OWN:
            raise SpecError(
                f"Command {self.name!r}: zoo itself has a verb of that name; choose another."
            )


def _check(spec: Command, name: str, pattern: str, expected: str) -> None:
    value = getattr(spec, name)
    if not isinstance(value, str) or re.fullmatch(pattern, value) is None:
        raise SpecError(f"Command {spec.name!r}: {name}={value!r} is wrong; expected {expected}.")
