"""The verb export: a model as a program that runs without the zoo."""

from __future__ import annotations

from pathlib import Path

import click

from zoo_core._registry.specs import FORMATS
from zoo_core._shell import completing
from zoo_core._shell.group import cli
from zoo_core._shell.options import as_json, in_dtype
from zoo_core._shell.printing import print_json, shown


@cli.command(examples=["zoo export {model} model.pt2", "zoo export {model} model.onnx"])
@click.argument("name", shell_complete=completing.offer(completing.exported, path="dir"))
@click.argument("out", type=click.Path(path_type=Path))
@click.option(
    "--format",
    type=click.Choice(FORMATS),
    help="What is written, where the suffix of OUT does not say it.",
)
@click.option("--force", is_flag=True, help="Overwrite the file.")
@in_dtype
@as_json
def export(
    name: str, out: Path, format: str | None, force: bool, dtype: str | None, as_json: bool
) -> None:
    """Write a model to OUT as a program that runs without the zoo: torch.export's, or ONNX.

    It is checked against the model on inputs of several sizes before it is written. What belongs to
    it (names and shapes of inputs, preprocessing, classes) is within the file as zoo.json.
    """
    from zoo_core._publishing import exporting

    told = exporting.export(name, out, format=format, dtype=dtype, force=force)
    if as_json:
        print_json({"exported": str(out), **told})
        return
    for kind in ("inputs", "outputs"):
        for one in told[kind]:
            shape = ", ".join(map(str, one["shape"]))
            click.echo(shown(f"{kind[:-1]:<8}{one['name']}  {one['dtype']} ({shape})"))
    click.echo(f"zoo: written to {out}.", err=True)
