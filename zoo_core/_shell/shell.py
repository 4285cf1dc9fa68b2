"""The shell: ``zoo VERB``, the same verbs as in Python, each with ``--json``.

Exit codes: 0 done, 1 a check failed, 2 wrong use, 3 something outside failed, 130 interrupted.
Tables and progress bars are for terminals; what is piped is tab-separated or JSON.
"""

from __future__ import annotations

import os
import sys
import traceback
import warnings
from typing import Any

import click

from zoo_core._notices import Notice
from zoo_core._shell.group import cli
from zoo_core._shell.options import TRACEBACK
from zoo_core._shell.printing import short
from zoo_core._shell.verbs import cached, check, look, make, share, use
from zoo_core.errors import ZooError

VERBS = (look, use, make, check, share, cached)
"""Importing them is what registers them."""

INTERRUPTED = 130


def main() -> None:
    """Run the shell; every error is one sentence on standard error, and an exit code."""
    usual = warnings.showwarning

    def show(message: Warning | str, category: type[Warning], *where: Any, **more: Any) -> None:
        if issubclass(category, Notice):
            click.echo(f"zoo: {short(str(message))}", err=True)
        else:
            usual(message, category, *where, **more)

    warnings.showwarning = show
    try:
        code = cli.main(prog_name="zoo", standalone_mode=False)
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
    click.echo(f"zoo: {short(message)}", err=True)
    return code
