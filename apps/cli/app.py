"""All commands with their options and helps. `main` loads this where it is needed: it is not light."""

from __future__ import annotations

from typing import Annotated

import typer

from apps.cli.check import check
from apps.cli.compile import compile_
from apps.cli.demo import demo
from apps.cli.diff import diff
from apps.cli.doc import doc
from apps.cli.explain import explain
from apps.cli.export import export
from apps.cli.fmt import fmt
from apps.cli.graph import graph
from apps.cli.knowledge import knowledge
from apps.cli.lint import lint
from apps.cli.new import new
from apps.cli.note import note
from apps.cli.prices import prices
from apps.cli.procurement import procurement
from apps.cli.repl import repl
from apps.cli.rules import rules
from apps.cli.template import template
from apps.cli.test import run_cases

app = typer.Typer(
    name="hegui",
    help="合规：医保基金结算前的政策审核 / policy checks for Chinese basic medical insurance",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command(name="check")(check)
app.command(name="explain")(explain)
app.command(name="rules")(rules)
app.command(name="test")(run_cases)
app.command(name="diff")(diff)
app.command(name="fmt")(fmt)
app.command(name="lint")(lint)
app.command(name="compile")(compile_)
app.command(name="new")(new)
app.command(name="doc")(doc)
app.command(name="graph")(graph)
app.command(name="repl")(repl)
app.command(name="note")(note)
app.command(name="procurement")(procurement)
app.command(name="template")(template)
app.command(name="demo")(demo)
app.add_typer(knowledge)
app.add_typer(prices)
app.add_typer(export)


def _version(wanted: bool) -> None:
    if wanted:
        from apps.render.answer import tool_version

        print(f"hegui {tool_version()}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="版本 / version")
    ] = False,
) -> None:
    """Take the options that stand before the command."""
