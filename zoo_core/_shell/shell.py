"""The shell: ``zoo VERB``, the same verbs as in Python, each with ``--json``.

Exit codes: 0 done, 1 a check failed, 2 wrong use, 3 something outside failed, 130 interrupted.
Tables and progress bars are for terminals; what is piped is tab-separated or JSON.
"""

from __future__ import annotations

import io
import os
import sys
import warnings
from collections.abc import Callable
from typing import Any

import click

from zoo_core._notices import Notice
from zoo_core._shell import output
from zoo_core._shell.group import cli
from zoo_core._shell.options import TRACEBACK
from zoo_core._shell.printing import say
from zoo_core.errors import ZooError

INTERRUPTED = 130


def main() -> None:
    """Run the shell; every error is one sentence on standard error, and an exit code."""
    if not output.fill_gaps():
        sys.exit(_fail("standard output is closed; give it somewhere to go, as >/dev/null.", 3))
    _print_anything()
    with output.watched() as printed, warnings.catch_warnings():
        warnings.simplefilter("always", Notice)
        warnings.showwarning = _showing(warnings.showwarning)
        code = _run()
        error = output.finish(printed)
        if error is not None and not isinstance(error, BrokenPipeError):
            from zoo_core._disk import cause  # late: listing needs it not

            code = _fail(f"standard output cannot be written ({cause(error)}).", 3)
    sys.exit(code if isinstance(code, int) else 0)


def _print_anything() -> None:
    """Let a terminal or pipe that has not every character show "?" for the others."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="replace")


def _showing(usual: Callable[..., None]) -> Callable[..., None]:
    """Return what shows warnings: each notice once, as a sentence, and others as they were."""
    said: set[str] = set()

    def show(message: Warning | str, category: type[Warning], *where: Any, **more: Any) -> None:
        if not issubclass(category, Notice):
            usual(message, category, *where, **more)
        elif str(message) not in said:
            said.add(str(message))
            say(str(message))

    return show


def _run() -> Any:
    try:
        return cli.main(prog_name="zoo", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (KeyboardInterrupt, click.Abort) as error:
        told = str(error.__cause__ or error)  # click makes an Abort of an interruption
        told = told or "interrupted; nothing half-written was left behind."
        return _fail(told, INTERRUPTED)
    except ZooError as error:
        return _fail(str(error), error.exit_code)
    except Exception as error:
        if output.failed() is not None:
            return 0  # told by `main`, whoever was printing
        told = f"{type(error).__name__}: {error}".rstrip(".")
        return _fail(
            f"unexpected {told}; this is a bug: run again with --traceback to see where.", 3
        )


def _fail(message: str, code: int) -> int:
    if os.environ.get(TRACEBACK):
        import traceback  # late: listing needs it not

        traceback.print_exc()
    say(message)
    return code
